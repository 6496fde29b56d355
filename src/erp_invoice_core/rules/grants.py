"""Permissions that each action needs: one row per action."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..documents.field_types import refuse_wrong_types
from ..values import Value
from ..vocabulary import Action, Level, Privilege, Tool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..documents import Actor


_TOOLS = {Tool.COMMITMENTS: "Commitments", Tool.ERP_INTEGRATIONS: "ERP Integrations"}
_PRIVILEGES = {
    Privilege.CAN_PUSH_TO_ACCOUNTING: "Can Push to Accounting",
    Privilege.CAN_EXPORT: "Can Export",
}


@attrs.frozen(eq=False, repr=False)
class AtLeast(Value):
    """A required level on a tool; on the tool Commitments, the level in the invoice's project."""

    tool: Tool
    level: Level

    def __attrs_post_init__(self) -> None:
        refuse_wrong_types(self)

    def is_held_by(self, actor: Actor, project_id: str | None) -> bool:
        """Return whether the person has that level or a higher one."""
        return self.level <= actor.find_level(self.tool, project_id)

    @property
    def label(self) -> str:
        """The permission as messages show it: ``Commitments (Admin)``."""
        level = self.level.name.replace("_", " ").capitalize()
        return f"{_TOOLS[self.tool]} ({level})"


@attrs.frozen(eq=False, repr=False)
class Right(Value):
    """
    A required right that the host has named, in the invoice's project or in the company.

    With ``for_company`` it is one of :attr:`Actor.rights`, and otherwise one of the project in
    :attr:`Actor.project_rights`; neither includes the other.
    """

    name: str
    for_company: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        refuse_wrong_types(self)

    def is_held_by(self, actor: Actor, project_id: str | None) -> bool:
        """Return whether the person has that right."""
        if self.for_company:
            return self.name in actor.rights
        return project_id is not None and self.name in actor.project_rights.get(project_id, ())

    @property
    def label(self) -> str:
        """The name of the right, as messages show it."""
        return f"{self.name} (company)" if self.for_company else self.name


@attrs.frozen(eq=False, repr=False)
class Holds(Value):
    """A required privilege of the company's directory, such as *Can Push to Accounting*."""

    privilege: Privilege

    def __attrs_post_init__(self) -> None:
        refuse_wrong_types(self)

    def is_held_by(self, actor: Actor, _project_id: str | None) -> bool:
        """Return whether the person has that privilege."""
        return self.privilege in actor.privileges

    @property
    def label(self) -> str:
        """The permission as messages show it: ``Can Push to Accounting``."""
        return _PRIVILEGES[self.privilege]


#: A permission that a person must have: a level on a tool, a right of the host or a privilege.
Need: TypeAlias = AtLeast | Right | Holds


@attrs.frozen(eq=False, repr=False)
class Grant(Value):
    """
    The permissions that one action needs; a person who has all of them may do it.

    Attributes:
        needs: The permissions, all of which a person must have.
        asks_erp: True if the privileges in the ERP's declaration are needed too.
        system: True if only the worker and the policy do it, and no person.
        shows_level: True if one of the needs is a level above none, so that a person who meets the
            needs has access to the invoice; derived.
    """

    needs: tuple[Need, ...] = ()
    asks_erp: bool = attrs.field(default=False, kw_only=True)
    system: bool = attrs.field(default=False, kw_only=True)
    shows_level: bool = attrs.field(init=False, eq=False, repr=False)

    @shows_level.default
    def _has_level(self) -> bool:
        levels = (need.level for need in self.needs if isinstance(need, AtLeast))
        return any(level > Level.NONE for level in levels)

    def __attrs_post_init__(self) -> None:
        refuse_wrong_types(self)


_STANDARD = AtLeast(Tool.COMMITMENTS, Level.STANDARD)
_ADMIN = AtLeast(Tool.COMMITMENTS, Level.ADMIN)
_ERP_READER = AtLeast(Tool.ERP_INTEGRATIONS, Level.READ_ONLY)
_ERP_STANDARD = AtLeast(Tool.ERP_INTEGRATIONS, Level.STANDARD)
_ERP_ADMIN = AtLeast(Tool.ERP_INTEGRATIONS, Level.ADMIN)
_PUSH = Holds(Privilege.CAN_PUSH_TO_ACCOUNTING)
_SYSTEM = Grant(system=True)

#: The permissions of Procore's ERP Integrations tool, the default of every policy.
# fmt: off
GRANTS: Mapping[Action, Grant] = MappingProxyType({
    # action                  needs
    Action.SEND:              Grant((_ADMIN,)),
    Action.RESEND:            Grant((_ADMIN,)),
    Action.RETRIEVE:          Grant((_ADMIN,)),
    Action.ACCEPT:            Grant((_ERP_STANDARD, _PUSH), asks_erp=True),
    Action.REJECT:            Grant((_ERP_STANDARD, _PUSH), asks_erp=True),
    Action.RETRY:             Grant((_ERP_STANDARD, _PUSH), asks_erp=True),
    Action.WITHDRAW:          Grant((_ERP_STANDARD, _PUSH), asks_erp=True),
    Action.RULE:              Grant((_ERP_ADMIN, _PUSH)),
    Action.UNLINK:            Grant((_ADMIN, _ERP_STANDARD, _PUSH)),
    Action.RECONCILE:         Grant((_ERP_READER,)),
    Action.CLAIM:             _SYSTEM,
    Action.START:             _SYSTEM,
    Action.RECORD:            _SYSTEM,
    Action.RELEASE:           _SYSTEM,
    Action.DEFER:             _SYSTEM,
    Action.LOSE:              _SYSTEM,
    Action.RESUME:            _SYSTEM,
    Action.POST:              _SYSTEM,
    Action.REFUSE:            _SYSTEM,
    Action.SIGHT:             _SYSTEM,
    Action.IMPORT:            _SYSTEM,
    Action.EDIT:              Grant((_STANDARD,)),
    Action.EDIT_ATTACHMENTS:  Grant((_STANDARD,)),
    Action.CHANGE_STATUS:     Grant((_ADMIN,)),
    Action.SUBMIT:            Grant((_STANDARD,)),
    Action.REVIEW:            Grant((_ADMIN,)),
    Action.DELETE:            Grant((_STANDARD,)),
})
# fmt: on

#: The actions that the sender of an invoice may not do if duties are separated.
SEPARATED = frozenset({Action.ACCEPT, Action.RETRY, Action.RULE})
