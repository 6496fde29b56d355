"""
Remedy templates, filled in with the facts of a case.

A remedy names what removes a denial, and who can do it. Who can do it depends on the policy of the
company. The tables therefore have templates, which are filled in for each denial.
"""

from __future__ import annotations

from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..message_template import MessageKind, MessageTemplate, list_places
from ..values import Value
from ..verdict import Remedy
from ..vocabulary import Action, ExportStatus, Level, Tool
from .grants import GRANTS, SEPARATED, AtLeast, Grant, Holds, Need

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..vocabulary import Privilege
    from .case import Case


_NO_FACTS: Mapping[str, str] = MappingProxyType({})
_NOBODY: frozenset[Privilege] = frozenset()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RemedyTemplate(Value):
    """
    A row of the table of remedies; a case and a denial fill in the person and the values.

    Attributes:
        code: The code of the remedy.
        message: The thing to do; ``{name}`` is a fact of the denial.
        fallback: The message if one of these facts is absent or empty.
        action: The action of this library that does it.
        fact: The fact of the case that it changes.
        who: The role that can do it; if the message names facts, ``{name}`` is one. Empty for the
            persons to whom the policy grants the action.
        by_admin: True if the action also needs an administrator of the project.
        books: True if a person thereby enters the invoice in the ERP by hand, so that the library
            must not export it too.
        names: The facts that the message names; derived.
    """

    code: str
    message: str
    fallback: str = ""
    action: Action | None = None
    fact: str | None = None
    who: str = ""
    by_admin: bool = False
    books: bool = False
    names: tuple[str, ...] = attrs.field(init=False, eq=False, repr=False)

    @names.default
    def _list_names(self) -> tuple[str, ...]:
        return list_places(self.message)


#: Templates that are all needed, in their order, and alternatives of such.
Together: TypeAlias = "tuple[RemedyTemplate, ...]"
Alternatives: TypeAlias = "tuple[Together, ...]"


def one_of(*templates: RemedyTemplate) -> Alternatives:
    """Return alternatives, of which each template is enough by itself."""
    return tuple((template,) for template in templates)


def all_of(*templates: RemedyTemplate) -> Alternatives:
    """Return one alternative, of which all templates are needed in their order."""
    return (templates,)


#: The permissions of an action that the sender may not do.
NOT_THE_SENDER = MessageTemplate(
    "who.not_sender", "{permissions}, but not the sender", kind=MessageKind.WHO
)
WORKER = "Worker"
ACCOUNTING = "Accounting"
_COMMITMENTS_ADMIN = AtLeast(Tool.COMMITMENTS, Level.ADMIN)


def _replace_by_admin(needs: Iterable[Need]) -> list[Need]:
    others = (
        need for need in needs if not isinstance(need, AtLeast) or need.tool is not Tool.COMMITMENTS
    )
    return [_COMMITMENTS_ADMIN, *others]


@lru_cache(maxsize=256)
def _list_permissions(grant: Grant, asked: frozenset[Privilege], by_admin: bool) -> str:  # noqa: FBT001 - a key of the cache
    if grant.system:
        return WORKER
    needs = _replace_by_admin(grant.needs) if by_admin else list(grant.needs)
    privileges = map(Holds, sorted(asked, key=lambda privilege: privilege.value))
    needs += [need for need in privileges if need not in needs]
    return ", ".join(need.label for need in needs)


@cache
def _list_by_default(action: Action, by_admin: bool) -> str:  # noqa: FBT001 - a key of the cache
    return _list_permissions(GRANTS[action], frozenset(), by_admin)


def describe_who(action: Action, case: Case, *, by_admin: bool = False) -> str:
    """Return as text the permissions that the policy requires for the action."""
    policy, erp = case.policy, case.erp
    grant = policy.grants.get(action)
    asked = erp.privileges if erp is not None and (grant or GRANTS[action]).asks_erp else _NOBODY
    if grant is None and not asked:
        words = _list_by_default(action, by_admin)
    else:
        words = _list_permissions(grant or GRANTS[action], asked, by_admin)
    if policy.separation_of_duties and action in SEPARATED:
        return NOT_THE_SENDER.fill({"permissions": words})
    return words


@lru_cache(maxsize=1024)
def _build_plain(
    code: str, action: Action | None, fact: str | None, who: str, message: str
) -> Remedy:
    return Remedy(code, action, fact, who, message)


def fill_one(template: RemedyTemplate, case: Case, facts: Mapping[str, str]) -> Remedy:
    """Return the remedy of a template, filled in with a case and the facts of a denial."""
    action, who, names = template.action, template.who, template.names
    if not who and action is not None:
        who = describe_who(action, case, by_admin=template.by_admin)
    message = template.message
    if template.fallback and not all(map(facts.get, names)):
        message, names = template.fallback, ()
    if not names:
        return _build_plain(template.code, action, template.fact, who, message)
    named = {name: facts[name] for name in names}
    return Remedy(
        template.code,
        action,
        template.fact,
        who.format_map(facts) if "{" in who else who,
        message.format_map(named),
        named,
    )


def _prevent_double_booking(together: Together, case: Case) -> Together:
    """
    Return the templates, changed so that no invoice is booked twice if a person follows them.

    An invoice that is pending for the ERP is locked. It must be rejected before a person changes it
    or enters it by hand. An invoice that may be in the ERP is corrected there and not entered
    again.
    """
    is_locked = case.export_status in _PENDING and REJECT not in together
    if is_locked and any(one.action in _CHANGES for one in together):
        return (REJECT, *together)
    if not any(template.books for template in together):
        return together
    if case.left or case.in_doubt or case.export_status in _PERHAPS_IN_ERP:
        return tuple(CORRECT_BY_HAND if one.books else one for one in together)
    if case.export_status in _PENDING:
        return (REJECT, *together)
    return together


_PERHAPS_IN_ERP = frozenset({ExportStatus.UNKNOWN, ExportStatus.SYNCED})
_CHANGES = frozenset({Action.EDIT, Action.CHANGE_STATUS, Action.SUBMIT, Action.REVIEW})
_PENDING = frozenset(map(ExportStatus, ("ready", "accepted", "exporting", "failed")))

REJECT = RemedyTemplate(
    code="action.reject",
    message="Reject the invoice with a reason.",
    action=Action.REJECT,
    fact="export_status",
)
CORRECT_BY_HAND = RemedyTemplate(
    code="erp.correct",
    message="Correct the document of this invoice in the ERP by hand.",
    who=ACCOUNTING,
)


def fill(
    alternatives: Alternatives, case: Case, facts: Mapping[str, str] = _NO_FACTS
) -> tuple[tuple[Remedy, ...], ...]:
    """
    Return the remedies of templates, filled in with a case and the facts of a denial.

    Each inner tuple is one alternative, of which all remedies are needed, in their order.
    """
    return tuple(
        tuple(
            fill_one(template, case, facts) for template in _prevent_double_booking(together, case)
        )
        for together in alternatives
    )
