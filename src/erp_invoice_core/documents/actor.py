"""Actors: persons with their permissions, and the system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs

from ..values import Value
from ..vocabulary import Level, Privilege, Tool
from .field_types import find_type_problems
from .problem import find_blanks, make_problem, refuse_if_any

_RESERVED = "system:"
_ERP_INTEGRATIONS, _NONE = Tool.ERP_INTEGRATIONS, Level.NONE  # faster than a member of an enum


def _check_level(level: Level) -> Level:
    if not isinstance(level, Level):
        msg = f"{level!r} is not a Level. Give one, as Level.STANDARD."
        raise ValueError(msg)  # noqa: TRY004 - every invalid field of an actor is a ValueError
    return level


def _check_collection(name: str, given: object, kind: type) -> None:
    if not isinstance(given, kind):
        what = "mapping" if kind is Mapping else "collection"
        msg = f"{name} is of the type {type(given).__name__}. Give a {what}."
        raise ValueError(msg)  # noqa: TRY004 - every invalid field of an actor is a ValueError


def _freeze_levels(levels: Mapping[str, Level]) -> Mapping[str, Level]:
    _check_collection("commitments", levels, Mapping)
    return MappingProxyType({project: _check_level(level) for project, level in levels.items()})


def _freeze_privileges(privileges: Iterable[Privilege]) -> frozenset[Privilege]:
    _check_collection("privileges", privileges, Iterable)
    found = frozenset(privileges)
    if not all(isinstance(each, Privilege) for each in found):
        msg = (
            f"{privileges!r} is not a collection of privileges. Give members of Privilege, as"
            " {Privilege.CAN_EXPORT}."
        )
        raise ValueError(msg)
    return found


def _freeze_rights(rights: Iterable[str]) -> frozenset[str]:
    if isinstance(rights, str):
        msg = f"The text {rights!r} is not a collection of rights. Give one, as {{{rights!r}}}."
        raise ValueError(msg)  # noqa: TRY004 - every invalid field of an actor is a ValueError
    _check_collection("rights", rights, Iterable)
    return frozenset(rights)


def _freeze_project_rights(rights: Mapping[str, Iterable[str]]) -> Mapping[str, frozenset[str]]:
    _check_collection("project_rights", rights, Mapping)
    return MappingProxyType({project: _freeze_rights(names) for project, names in rights.items()})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Actor(Value):
    """
    A person with their permissions in the company's directory, or the system.

    Attributes:
        commitments: Level on the Commitments tool, by project id.
        erp_integrations: Level on the company's ERP Integrations tool.
        rights: The host's own named rights for the whole company.
        project_rights: The host's own named rights for a project, by project id.
        is_system: True for the worker and the policy, which are not persons.

    Raises:
        ValueError: A field is not of its type, the id is blank or reserved for the system, a level
            is not a ``Level``, a privilege is not a ``Privilege``, or rights are given as one text.
    """

    id: str
    name: str = ""
    commitments: Mapping[str, Level] = attrs.field(
        factory=dict, converter=_freeze_levels, hash=False
    )
    erp_integrations: Level = attrs.field(default=Level.NONE, converter=_check_level)
    privileges: frozenset[Privilege] = attrs.field(
        default=frozenset(), converter=_freeze_privileges
    )
    rights: frozenset[str] = attrs.field(default=frozenset(), converter=_freeze_rights)
    project_rights: Mapping[str, frozenset[str]] = attrs.field(
        factory=dict, converter=_freeze_project_rights, hash=False
    )
    is_system: bool = False

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self))
        problems = find_blanks(self, ("id",))
        if self.id.startswith(_RESERVED) is not self.is_system:
            names = {"id": repr(self.id), "prefix": repr(_RESERVED)}
            problems.append(make_problem("id", "person.reserved", **names))
        refuse_if_any(problems)

    def find_level(self, tool: Tool, project_id: str | None) -> Level:
        """Return the level on Commitments in that project, or on ERP Integrations."""
        if tool is _ERP_INTEGRATIONS:
            return self.erp_integrations
        return self.commitments.get(project_id, _NONE) if project_id else _NONE


#: The worker that exports.
WORKER = Actor(id="system:worker", name="Worker", is_system=True)
#: The company's policy, which accepts an invoice by itself if direct export is on.
POLICY = Actor(id="system:policy", name="Direct export", is_system=True)
