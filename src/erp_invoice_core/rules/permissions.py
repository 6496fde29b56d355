"""Check of a person's permissions for an action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..verdict import Denial, Source
from ..vocabulary import Action, Tool
from .case import Case
from .grants import SEPARATED, Grant, Holds, Need
from .remedies import fill, fill_one, join_words, one_of
from .remedy_rows import ANOTHER_PERSON, GIVE_ACCESS, GIVE_NEED

if TYPE_CHECKING:
    from ..documents import Actor
    from .policy import Policy


_DEEDS = {
    Action.SEND: "send invoices",
    Action.RESEND: "re-send invoices",
    Action.RETRIEVE: "retrieve invoices",
    Action.ACCEPT: "accept invoices for export",
    Action.REJECT: "reject invoices",
    Action.RETRY: "retry failed exports",
    Action.WITHDRAW: "withdraw what was left in the ERP",
    Action.RULE: "rule on what happened in the ERP",
    Action.UNLINK: "unlink synced invoices",
    Action.EDIT: "edit invoices",
    Action.EDIT_ATTACHMENTS: "change the attachments of invoices",
    Action.CHANGE_STATUS: "change the status of invoices",
    Action.SUBMIT: "submit invoices",
    Action.REVIEW: "review invoices",
    Action.DELETE: "delete invoices",
}

#: The only denial for a person without any level, as it reveals nothing.
STRANGER = Denial(
    "permission.none",
    "Ask your company's administrator for access.",
    Source.PERMISSION,
    remedies=fill(one_of(GIVE_ACCESS), Case()),
)


def is_stranger(case: Case) -> bool:
    """Return whether the actor is absent, or has no level here and no right named by the host."""
    actor = case.actor
    if actor is None:
        return True
    if actor.erp_integrations or actor.is_system:
        return False
    if actor.find_level(Tool.COMMITMENTS, case.project_id):
        return False
    held = actor.project_rights.get(case.project_id or "", frozenset())
    policy = case.policy
    return held.isdisjoint(policy.rights) and actor.rights.isdisjoint(policy.company_rights)


def has_no_level(actor: Actor, policy: Policy) -> bool:
    """Return whether the actor has no level in any project or the company, and no named right."""
    if actor.erp_integrations or actor.is_system or any(actor.commitments.values()):
        return False
    held = frozenset[str]().union(*actor.project_rights.values())
    return held.isdisjoint(policy.rights) and actor.rights.isdisjoint(policy.company_rights)


def missing(grant: Grant, case: Case) -> tuple[Need, ...]:
    """Return the needs that the person does not meet, including those of the ERP."""
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
    if case.actor is not None and case.actor.is_system:
        if grant.system or (action is Action.ACCEPT and case.policy.direct_export):
            return ()
        return (_for_people_only(action),)
    if grant.system:
        return (_for_the_system_only(action),)
    found: tuple[Denial, ...] = ()
    lacking = missing(grant, case)
    if lacking:
        found = (_lacking(action, lacking, case),)
    if case.policy.separation_of_duties and action in SEPARATED and not _is_another(case):
        found += (_sender(action, case),)
    return found


def _is_another(case: Case) -> bool:
    actor, sender = case.actor, case.sent_by
    return actor is not None and sender is not None and actor.id != sender


def _lacking(action: Action, lacking: tuple[Need, ...], case: Case) -> Denial:
    words = tuple(need.words for need in lacking)
    facts = {"action": action.value, "missing": "; ".join(words), "needs": join_words(words)}
    return Denial(
        f"permission.{action.value}",
        f"Ask for {facts['needs']} to {_DEEDS[action]}.",
        Source.PERMISSION,
        facts,
        (tuple(fill_one(GIVE_NEED, case, {"need": word}) for word in words),),
    )


def _for_people_only(action: Action) -> Denial:
    return Denial(
        f"permission.{action.value}",
        "Leave this to a person: the system does not decide it.",
        Source.PERMISSION,
        {"action": action.value},
    )


def _for_the_system_only(action: Action) -> Denial:
    return Denial(
        f"permission.{action.value}",
        "Leave this to the system: it is done by the worker, not by people.",
        Source.PERMISSION,
        {"action": action.value},
    )


def _sender(action: Action, case: Case) -> Denial:
    return Denial(
        "permission.separation_of_duties",
        "Ask somebody else: whoever sent an invoice does not accept it, retry it or rule on it.",
        Source.PERMISSION,
        remedies=fill(one_of(ANOTHER_PERSON[action]), case),
    )
