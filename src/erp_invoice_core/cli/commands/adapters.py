"""The verb ``adapters``: the installed adapters and their declarations."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ...adapters import Adapters
from ...rules.features import find_support
from ...vocabulary import Feature
from ..connections import add_profile, read_connections
from ..database import choose_database
from ..options import Options, Verb
from ..output import DONE, Answer, build_bad_input, reserve_output
from ..published_report import describe_report, read_published_report
from ..text import Column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...adapters import Connections
    from ...declaration import Declaration
    from ..text import Screen


#: The most seconds that a check may wait for the ERP.
LONGEST_PATIENCE: Final = 3600
#: The promises, by whether the ERP enforces keys and whether a settle time is declared.
_NEVER = "never twice"
_AS_DECLARED = (
    "never twice as long as the ERP keeps to its declaration, no request leaves a process that was"
    " paused past its lease, and no person renumbers the document in the ERP while it is in doubt"
)
_BY_US = "never twice by us; in doubt a person decides"
_NOTHING_SENT = "none, as it is a profile, and nothing can be sent to it"


@click.command("adapters", cls=Verb)
@click.argument("act", metavar="[new|check]", required=False)
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--matrix",
    is_flag=True,
    help="Show a table of features by ERP: the installed adapters, and the profiles.",
)
@click.option("--http", is_flag=True, help="new: the ERP is reached over HTTP.")
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="new: the folder of the package. Default: NAME.",
)
@click.option(
    "--sandbox",
    is_flag=True,
    help="check: the ERP is a sandbox, into which test invoices may be written.",
)
@click.option(
    "--shared",
    is_flag=True,
    help="check: other people use the ERP too; nothing is tried that could disturb them.",
)
@click.option(
    "--sample",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="check: a JSON file with fields of the test invoices: ids of records in the ERP, as "
    "vendor_origin_id.",
)
@click.option(
    "--report",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="check: write conformance.json and conformance.md into this folder.",
)
@click.option(
    "--patience",
    metavar="SECONDS",
    type=click.IntRange(1, LONGEST_PATIENCE),
    help="check: the longest time that a check waits for the ERP, to prove settles_within and "
    f"time_limit; from 1 to {LONGEST_PATIENCE:,}. Default: 5.",
)
@click.pass_obj
def adapters(options: Options, /, act: str | None, name: str | None, **given: Any) -> Answer:  # noqa: ANN401 - its own options
    """
    Show what each installed adapter supports, writes and promises.

    "adapters new NAME" writes the package of a new adapter. "adapters check NAME" makes the checks
    of the adapter contract against the ERP of connection NAME, a sandbox.
    """
    if act is None:
        return _show(options, matrix=given["matrix"])
    if act not in {"new", "check"} or name is None:
        raise build_bad_input(
            "[new|check]",
            "usage.invalid",
            "Write adapters, adapters new NAME, or adapters check NAME.",
        )
    if act == "new":
        from .adapter_project import write_adapter  # noqa: PLC0415 - the list needs no templates

        return write_adapter(name, given["folder"], http=given["http"])
    from .adapter_check import check_adapter  # noqa: PLC0415 - the list needs no checks

    return check_adapter(
        options,
        name,
        sandbox=given["sandbox"],
        shared=given["shared"],
        sample=given["sample"],
        report=given["report"],
        patience=given["patience"],
    )


def _show(options: Options, *, matrix: bool) -> Answer:
    """Show the installed adapters, or a matrix of features."""
    with reserve_output():
        installed = Adapters.installed()
        add_profile(installed, options.to)
    problems = _list_problems(installed)
    if matrix:
        return _answer_matrix(installed, problems)
    beside = choose_database(options).beside
    _, bound = read_connections(options.settings, installed, beside, os.environ)
    described = [
        {
            **describe_declaration(each.declaration),
            "connections": _list_names(bound, each.key),
            "conformance": read_published_report(each),
        }
        for each in installed
    ]

    def write(screen: Screen) -> None:
        for each in described:
            _print_adapter(screen, each)
        _print_problems(screen, problems)

    document = {"adapters": described, "problems": problems}
    return Answer(status=DONE, document=document, write=write)


def _answer_matrix(installed: Adapters, problems: list[dict[str, str]]) -> Answer:
    from .adapter_matrix import build_matrix, print_matrix  # noqa: PLC0415 - it loads every profile

    rows = build_matrix(installed)

    def write(screen: Screen) -> None:
        print_matrix(screen, rows)
        _print_problems(screen, problems)

    return Answer(status=DONE, document={"matrix": rows, "problems": problems}, write=write)


def _list_problems(installed: Adapters) -> list[dict[str, Any]]:
    return [
        {"path": each.name, "code": "adapter.skipped", "message": each.message, "facts": {}}
        for each in installed.problems
    ]


def _print_problems(screen: Screen, problems: Iterable[dict[str, Any]]) -> None:
    for problem in problems:
        screen.print_line(f"{problem['path']} was skipped: {problem['message']}", style="yellow")


def _list_names(bound: Connections, key: str) -> list[str]:
    return [each.name for each in bound if each.adapter == key]


def describe_promise(declaration: Declaration) -> str:
    """
    Return a phrase that says how reliably the ERP prevents a second booking of an export.

    The phrase is that of the step with the weakest declared terms.
    """
    terms = declaration.terms.values()
    if declaration.is_profile:
        return _NOTHING_SENT
    if not terms or any(not each.enforces_key and each.settles_within is None for each in terms):
        return _BY_US
    return _NEVER if all(each.enforces_key for each in terms) else _AS_DECLARED


def describe_declaration(declaration: Declaration) -> dict[str, Any]:
    """Return what a declaration says, as the JSON object of its adapter."""
    return {
        "key": declaration.key,
        "name": declaration.name,
        "is_profile": declaration.is_profile,
        "contract": declaration.contract,
        "promise": describe_promise(declaration),
        "features": {each.value: find_support(declaration, each).value for each in Feature},
        "prerequisites": sorted(each.value for each in declaration.prerequisites),
        "zero": declaration.zero.value,
        "negative": declaration.negative.value,
        "release_only": declaration.release_only.value,
        "number_scope": declaration.number_scope.value,
        "retainage": declaration.retainage.value,
        "tax": declaration.tax.value,
        "attachments": declaration.attachments.value,
        "withdraw": declaration.withdraw.value,
        "unlink": declaration.unlink.value,
        "landing": declaration.landing.value,
        "currencies": sorted(declaration.currencies) if declaration.currencies else None,
        "fidelity": {field: kept.value for field, kept in declaration.fidelity.items()},
        "rounding": {
            field: {"digits": how.digits, "mode": how.mode.value}
            for field, how in declaration.rounding.items()
        },
        "lengths": dict(declaration.lengths),
        "tolerances": {field: f"{most:f}" for field, most in declaration.tolerances.items()},
        "extra_fields": [
            {"key": each.key, "label": each.label, "required": each.required}
            for each in declaration.extra_fields
        ],
        "settings": [
            {"name": each.name, "kind": each.kind.value, "required": each.required}
            for each in declaration.settings
        ],
        "steps": {
            kind: {
                "look_up": terms.look_up.value,
                "replay": terms.replay.value,
                "enforces_key": terms.enforces_key,
                "settles_within_seconds": None
                if terms.settles_within is None
                else terms.settles_within.total_seconds(),
            }
            for kind, terms in declaration.terms.items()
        },
    }


def _print_adapter(screen: Screen, each: dict[str, Any]) -> None:
    screen.print_title(f"{each['name']} ({each['key']}, contract {each['contract']})")
    screen.print_line(f"Promise: {each['promise']}.")
    screen.print_line(f"Conformance: {describe_report(each['conformance'])}.")
    screen.print_line(f"Connections: {', '.join(each['connections']) or 'none'}")
    features = [(name.replace("_", " "), said) for name, said in each["features"].items()]
    screen.print_table((Column("Feature"), Column("Support")), features)
    screen.print_line()
    plain = (
        "zero", "negative", "release_only", "number_scope", "retainage", "tax", "attachments",
        "withdraw", "unlink", "landing",
    )  # fmt: skip
    said = [(name.replace("_", " "), str(each[name]).replace("_", " ")) for name in plain]
    needs = ", ".join(each["prerequisites"]).replace("_", " ")
    losses = ", ".join(f"{field} {kept}" for field, kept in each["fidelity"].items())
    rows = [*said, ("must be synced before", needs), ("not kept", losses)]
    screen.print_table((Column("Declared"), Column("As")), rows)
    screen.print_line()
