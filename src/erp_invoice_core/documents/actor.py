"""A person, with what the company lets them do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs

from ..values import Value
from ..vocabulary import Level, Privilege, Tool
from .problem import Problem, blank_problems, refuse_if_any

_RESERVED = "system:"


def _level(level: Level) -> Level:
    if not isinstance(level, Level):
        msg = f"Give a Level, as in Level.STANDARD: {level!r} is none."
        raise ValueError(msg)  # noqa: TRY004 - what an actor cannot be is a ValueError
    return level


def _levels(levels: Mapping[str, Level]) -> Mapping[str, Level]:
    return MappingProxyType({project: _level(level) for project, level in levels.items()})


def _privileges(privileges: Iterable[Privilege]) -> frozenset[Privilege]:
    found = frozenset(privileges)
    if not all(isinstance(each, Privilege) for each in found):
        msg = (
            "Give privileges as a collection of members of Privilege, as in "
            f"{{Privilege.CAN_EXPORT}}: {privileges!r} is none."
        )
        raise ValueError(msg)
    return found


def _rights(rights: Iterable[str]) -> frozenset[str]:
    if isinstance(rights, str):
        msg = f"Give rights as a collection of names, as in {{{rights!r}}}: one text is not one."
        raise ValueError(msg)  # noqa: TRY004 - what an actor cannot be is a ValueError
    return frozenset(rights)


def _rights_by_project(rights: Mapping[str, Iterable[str]]) -> Mapping[str, frozenset[str]]:
    return MappingProxyType({project: _rights(names) for project, names in rights.items()})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Actor(Value):
    """
    Somebody who acts, as the company's directory tells it.

    Attributes:
        commitments: Level on the Commitments tool, by project id.
        erp_integrations: Level on the company's ERP Integrations tool.
        rights: A host's own named rights, held for the company.
        project_rights: Those that are held in a project, by project id.
        is_system: No person: the worker, or the policy itself.

    Raises:
        ValueError: The id is blank, or is one of the system's; a level is no ``Level``, a
            privilege no ``Privilege``; or rights are given as one text.
    """

    id: str
    name: str = ""
    commitments: Mapping[str, Level] = attrs.field(factory=dict, converter=_levels, hash=False)
    erp_integrations: Level = attrs.field(default=Level.NONE, converter=_level)
    privileges: frozenset[Privilege] = attrs.field(default=frozenset(), converter=_privileges)
    rights: frozenset[str] = attrs.field(default=frozenset(), converter=_rights)
    project_rights: Mapping[str, frozenset[str]] = attrs.field(
        factory=dict, converter=_rights_by_project, hash=False
    )
    is_system: bool = False

    def __attrs_post_init__(self) -> None:
        problems = blank_problems(self, ("id",))
        if self.id.startswith(_RESERVED) is not self.is_system:
            sentence = (
                f"Give a person an id that does not begin with {_RESERVED!r}: it is reserved."
            )
            problems.append(Problem("id", "person.reserved", sentence))
        refuse_if_any(problems)

    def level(self, tool: Tool, project_id: str | None) -> Level:
        """Return the level: on Commitments in that project, on ERP Integrations anywhere."""
        if tool is Tool.ERP_INTEGRATIONS:
            return self.erp_integrations
        return self.commitments.get(project_id, Level.NONE) if project_id else Level.NONE


#: The system as it exports.
WORKER = Actor(id="system:worker", name="Worker", is_system=True)
#: The company's policy, which accepts by itself where direct export is on.
POLICY = Actor(id="system:policy", name="Direct export", is_system=True)
