"""The verb ``people``: the loaded people and their permissions."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import click

from ...records.kinds import RecordKind
from ..context import open_context
from ..options import Options, Verb
from ..output import DONE, Answer
from ..text import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...documents import Actor
    from ...vocabulary import Level
    from ..text import Screen

_HEADINGS = ("Id", "Name", "Commitments", "ERP Integrations", "Privileges")
_UNREADABLE = "cannot be read: load this person again"


@click.command("people", cls=Verb)
@click.pass_obj
def people(options: Options) -> Answer:
    """
    List the loaded people, whose ids --as takes, and their permissions.

    Commitments has the level in each project, by the id of the project.
    """
    with open_context(options, read_only=True) as context:
        known: dict[str, Actor] = context.records.get_all(RecordKind.USER)
        ids = context.records.read_digests(RecordKind.USER)
    rows = [_build_row(id_, known.get(id_)) for id_ in sorted(ids)]

    def write(screen: Screen) -> None:
        screen.print_table([Column(name) for name in _HEADINGS], map(_build_cells, rows))
        screen.print_line(f"{len(rows)} {'person' if len(rows) == 1 else 'people'}")

    return Answer(status=DONE, document={"people": rows}, write=write)


def _build_row(id_: str, person: Actor | None) -> dict[str, Any]:
    """Return the JSON object of a person; every field but the id is null if it cannot be read."""
    if person is None:
        names = ("name", "commitments", "erp_integrations", "privileges")
        return {"id": id_, **dict.fromkeys(names)}
    levels = {project: _name(level) for project, level in sorted(person.commitments.items())}
    return {
        "id": id_,
        "name": person.name,
        "commitments": levels,
        "erp_integrations": _name(person.erp_integrations),
        "privileges": sorted(each.value for each in person.privileges),
    }


def _name(level: Level) -> str:
    return level.name.lower()


def _build_cells(row: Mapping[str, Any]) -> list[object]:
    if row["commitments"] is None:
        return [row["id"], _UNREADABLE, "", "", ""]
    projects = defaultdict(list)
    for project, level in row["commitments"].items():
        projects[level].append(project)
    levels = "; ".join(f"{_show(level)} in {', '.join(ids)}" for level, ids in projects.items())
    privileges = ", ".join(map(_show, row["privileges"]))
    return [row["id"], row["name"], levels, _show(row["erp_integrations"]), privileges]


def _show(word: str) -> str:
    return word.replace("_", " ")
