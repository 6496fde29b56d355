"""Check of a person's permissions for an action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message_template import MessageTemplate
from ..verdict import Source
from ..vocabulary import Action, Tool
from .case import Case
from .grants import GRANTS, SEPARATED, Grant, Holds, Need
from .remedies import fill, fill_one, one_of
from .remedy_rows import ANOTHER_PERSON, GIVE_ACCESS, GIVE_NEED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..documents import Actor
    from ..verdict import Denial
    from .policy import Policy


_COMMITMENTS = Tool.COMMITMENTS  # faster than a member of an enum

# fmt: off
_TEXTS = {
    Action.SEND:
        "You need these permissions to send invoices: {needs}. Ask an administrator for them.",
    Action.RESEND:
        "You need these permissions to re-send invoices: {needs}. Ask an administrator for them.",
    Action.RETRIEVE:
        "You need these permissions to retrieve invoices: {needs}. Ask an administrator for them.",
    Action.ACCEPT:
        "You need these permissions to accept invoices for export: {needs}. Ask an administrator for"
        " them.",
    Action.REJECT:
        "You need these permissions to reject invoices: {needs}. Ask an administrator for them.",
    Action.RETRY:
        "You need these permissions to retry failed exports: {needs}. Ask an administrator for them.",
    Action.WITHDRAW:
        "You need these permissions to withdraw documents from the ERP: {needs}. Ask an administrator"
        " for them.",
    Action.RULE:
        "You need these permissions to resolve what happened in the ERP: {needs}. Ask an administrator"
        " for them.",
    Action.UNLINK:
        "You need these permissions to unlink synced invoices: {needs}. Ask an administrator for them.",
    Action.RECONCILE:
        "You need these permissions to reconcile synced invoices: {needs}. Ask an administrator for"
        " them.",
    Action.EDIT:
        "You need these permissions to edit invoices: {needs}. Ask an administrator for them.",
    Action.EDIT_ATTACHMENTS:
        "You need these permissions to change the attachments of invoices: {needs}. Ask an"
        " administrator for them.",
    Action.CHANGE_STATUS:
        "You need these permissions to change the status of invoices: {needs}. Ask an administrator for"
        " them.",
    Action.SUBMIT:
        "You need these permissions to submit invoices: {needs}. Ask an administrator for them.",
    Action.REVIEW:
        "You need these permissions to review invoices: {needs}. Ask an administrator for them.",
    Action.DELETE:
        "You need these permissions to delete invoices: {needs}. Ask an administrator for them.",
}
# fmt: on
LACKING: Mapping[Action, MessageTemplate] = {
    action: MessageTemplate(f"permission.{action.value}", text, source=Source.PERMISSION)
    for action, text in _TEXTS.items()
}
_FOR_PEOPLE = "Only people do this action ({action}). Leave it to a person."
_FOR_WORKER = "Only the worker does this action ({action}). Leave it to the worker."
RESERVED: Mapping[Action, MessageTemplate] = {
    action: MessageTemplate(
        f"permission.{action.value}",
        _FOR_WORKER if grant.system else _FOR_PEOPLE,
        source=Source.PERMISSION,
    )
    for action, grant in GRANTS.items()
}
_SENDER = MessageTemplate(
    "permission.separation_of_duties",
    "The person who sent an invoice does not accept it, retry its export or resolve it. Ask another"
    " person.",
    source=Source.PERMISSION,
)
_NO_ACCESS = MessageTemplate(
    "permission.none",
    "You have no access. Ask the administrator of your company for it.",
    source=Source.PERMISSION,
)

#: The only denial for a person without any level, as it reveals nothing.
STRANGER = _NO_ACCESS.deny(remedies=fill(one_of(GIVE_ACCESS), Case()))


def is_stranger(case: Case) -> bool:
    """
    Return whether the actor is absent, or has no access to the invoice.

    A person has access with a level on the ERP tool, with a level on Commitments in the invoice's
    project, or with a right of the host that a row of the policy needs.
    """
    actor = case.actor
    if actor is None:
        return True
    if actor.erp_integrations or actor.is_system:
        return False
    if actor.find_level(_COMMITMENTS, case.project_id):
        return False
    held = actor.project_rights.get(case.project_id or "", frozenset())
    policy = case.policy
    return held.isdisjoint(policy.rights) and actor.rights.isdisjoint(policy.company_rights)


def has_no_level(actor: Actor, policy: Policy) -> bool:
    """
    Return whether the actor has no access to any invoice of the company.

    A person has access with a level in any project or in the company, or with a right of the host
    that a row of the policy needs.
    """
    if actor.erp_integrations or actor.is_system or any(actor.commitments.values()):
        return False
    held = frozenset[str]().union(*actor.project_rights.values())
    return held.isdisjoint(policy.rights) and actor.rights.isdisjoint(policy.company_rights)


def find_missing(grant: Grant, case: Case) -> tuple[Need, ...]:
    """Return the needs that the person does not meet, those of the ERP's privileges included."""
    actor = case.actor
    if actor is None:
        return grant.needs
    project_id = case.project_id
    lacking: tuple[Need, ...] = ()
    for need in grant.needs:
        if not need.is_held_by(actor, project_id):
            lacking += (need,)
    if grant.asks_erp and case.erp is not None and not case.erp.privileges <= actor.privileges:
        asked = sorted(case.erp.privileges - actor.privileges, key=lambda held: held.value)
        lacking += tuple(need for need in map(Holds, asked) if need not in lacking)
    return lacking


def denials(action: Action, grant: Grant, case: Case) -> tuple[Denial, ...]:
    """Return the denials for the person; one denial lists all needs that are not met."""
    if grant.system or (case.actor is not None and case.actor.is_system):
        return () if _is_for_system(action, grant, case) else _deny_reserved(action)
    found: tuple[Denial, ...] = ()
    lacking = find_missing(grant, case)
    if lacking:
        found = (_deny_lacking(action, lacking, case),)
    if case.policy.separation_of_duties and action in SEPARATED and not _is_another(case):
        found += (_deny_sender(action, case),)
    return found


def _is_for_system(action: Action, grant: Grant, case: Case) -> bool:
    """
    Return whether the actor is the system, and the action is one that the system does.

    It does its own actions, and for a policy with direct export the acceptance.
    """
    if case.actor is None or not case.actor.is_system:
        return False
    return grant.system or (action is Action.ACCEPT and case.policy.direct_export)


def _deny_reserved(action: Action) -> tuple[Denial, ...]:
    return (RESERVED[action].deny({"action": action.value}),)


def _is_another(case: Case) -> bool:
    actor, sender = case.actor, case.sent_by
    return actor is not None and sender is not None and actor.id != sender


def _deny_lacking(action: Action, lacking: tuple[Need, ...], case: Case) -> Denial:
    labels = [need.label for need in lacking]
    facts = {"action": action.value, "missing": "; ".join(labels), "needs": ", ".join(labels)}
    remedies = tuple(fill_one(GIVE_NEED, case, {"need": label}) for label in labels)
    return LACKING[action].deny(facts, (remedies,))


def _deny_sender(action: Action, case: Case) -> Denial:
    return _SENDER.deny(remedies=fill(one_of(ANOTHER_PERSON[action]), case))
