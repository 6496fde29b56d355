"""
The state table: from which export status each action leads where.

Every change of an entry's status is a row of :data:`TRANSITIONS`. ``flow.change`` looks it up, and
raises :class:`UndefinedTransition` for a change that has no row.

People send (``SEND``, ``RESEND``), take back (``RETRIEVE``), accept, reject and retry an invoice.
``WITHDRAW`` removes leftover documents from the ERP. ``UNLINK`` parts a synced invoice from its
deleted document. ``RULE`` resolves an entry: a person says with evidence what happened in the ERP.

A worker takes an entry with ``CLAIM``. It records each call before it makes it (``START``) and its
answer afterwards (``RECORD``). ``RECORD`` stores knowledge and never changes the status; it is
lawful from every status. ``RELEASE`` gives the entry back, also when its lease ran out. ``DEFER``
gives it back because the ERP asked for a later try. ``POST`` ends the export once every step has
its receipt. ``REFUSE`` ends it with the reasons of the ERP or of a check.

A call is *in doubt* once it was started and neither its answer nor proof of its absence is known.
``LOSE`` then makes the entry *unknown*: nothing is written while a look-up may still find a
document. ``RESUME`` goes back to *accepted* when the look-up has proved what happened.

*Late evidence* is a receipt or a find that arrives after the lease was lost. It is never dropped.
``RECORD`` stores it if it changes nothing. ``SIGHT`` makes the entry *unknown* if it proves a
document that the entry does not know.

*Synced* is the only final status; ``UNLINK`` alone leads out of it. ``RECONCILE`` records how a
synced invoice differs from its documents in the ERP, and how they are paid. The actions of
:data:`INVOICE_ACTIONS` concern the invoice itself: the table says when they are lawful, but the
queue records no change for them.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import attrs

from ..message_template import MessageTemplate
from ..values import Value
from ..verdict import Denial, Source
from ..vocabulary import Action, ExportStatus
from .alternatives import find_alternative
from .remedies import fill

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .case import Case


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Transition(Value):
    """
    A row of the state table: an action, its source statuses and its target statuses.

    Attributes:
        sources: The statuses from which it is lawful.
        targets: The statuses to which it may lead; empty if it does not change the status.
    """

    action: Action
    sources: frozenset[ExportStatus]
    targets: tuple[ExportStatus, ...] = ()


def _row(action: Action, sources: str, targets: str = "") -> Transition:
    return Transition(
        action=action,
        sources=frozenset(map(ExportStatus, sources.split())),
        targets=tuple(map(ExportStatus, targets.split())),
    )


_ANY = " ".join(status.value for status in ExportStatus)
_OPEN = "not_sent retrieved rejected"

#: The state table; an action may have several rows.
# fmt: off
TRANSITIONS: tuple[Transition, ...] = (
    #    action                   from                              to
    _row(Action.SEND,             "not_sent retrieved",             "ready"),
    _row(Action.RESEND,           "rejected",                       "ready"),
    _row(Action.RETRIEVE,         "ready",                          "retrieved"),
    _row(Action.ACCEPT,           "ready",                          "accepted"),
    _row(Action.REJECT,           "ready accepted failed",          "rejected"),
    _row(Action.RETRY,            "failed",                         "accepted"),
    _row(Action.WITHDRAW,         "failed accepted",                "failed"),
    _row(Action.RULE,             "unknown failed accepted",        "synced accepted failed"),
    _row(Action.UNLINK,           "synced",                         "not_sent"),
    _row(Action.CLAIM,            "accepted",                       "exporting"),
    _row(Action.CLAIM,            "unknown failed"),                # for a look-up, a withdrawal
    _row(Action.START,            "exporting failed"),              # a withdrawal is a call, too
    _row(Action.RECORD,           _ANY),                            # late evidence comes at any time
    _row(Action.RELEASE,          "exporting",                      "accepted"),
    _row(Action.DEFER,            "exporting",                      "accepted"),
    _row(Action.LOSE,             "exporting",                      "unknown"),
    _row(Action.RESUME,           "unknown",                        "accepted"),
    _row(Action.POST,             "exporting unknown",              "synced"),
    _row(Action.REFUSE,           "exporting unknown",              "failed"),
    _row(Action.SIGHT,            _ANY.replace("synced", ""),       "unknown"),
    _row(Action.IMPORT,           "not_sent",                       "synced"),
    _row(Action.RECONCILE,        "synced"),
    _row(Action.EDIT,             _OPEN),
    _row(Action.EDIT_ATTACHMENTS, _ANY),
    _row(Action.CHANGE_STATUS,    _OPEN),
    _row(Action.SUBMIT,           _OPEN),
    _row(Action.REVIEW,           _OPEN),
    _row(Action.DELETE,           _OPEN),
)
# fmt: on


#: Actions on the invoice itself; the queue decides on them and changes no entry.
INVOICE_ACTIONS = frozenset(
    {
        Action.EDIT,
        Action.EDIT_ATTACHMENTS,
        Action.CHANGE_STATUS,
        Action.SUBMIT,
        Action.REVIEW,
        Action.DELETE,
    }
)


class UndefinedTransition(ValueError):
    """The state table has no row for this change of an entry."""


_TARGETS = {
    (row.action, source): row.targets or (source,)
    for row in TRANSITIONS
    if row.action not in INVOICE_ACTIONS
    for source in row.sources
}


def find_next_status(
    action: Action, source: ExportStatus, target: ExportStatus | None = None
) -> ExportStatus:
    """
    Return the status to which the action leads; ``target`` chooses where there are several.

    Raises:
        UndefinedTransition: The table has no such row, or several targets and none is chosen.
    """
    targets = _TARGETS.get((action, source), ())
    if target is None and len(targets) == 1:
        return targets[0]
    if target is None or target not in targets:
        to = f" to {target.value}" if target else ""
        known = ", ".join(status.value for status in targets) or "none"
        msg = f"No transition {action.value} from {source.value}{to}: its targets are {known}."
        raise UndefinedTransition(msg)
    return target


def list_sources(
    action: Action, transitions: Iterable[Transition] = TRANSITIONS
) -> frozenset[ExportStatus]:
    """Return the statuses from which the action is lawful."""
    rows = (row.sources for row in transitions if row.action is action)
    return frozenset[ExportStatus]().union(*rows)


def list_targets(
    action: Action, source: ExportStatus, transitions: Iterable[Transition] = TRANSITIONS
) -> tuple[ExportStatus, ...]:
    """Return the possible statuses after the action; empty if it is not lawful from this one."""
    for row in transitions:
        if row.action is action and source in row.sources:
            return row.targets or (source,)
    return ()


def denials(action: Action, case: Case) -> tuple[Denial, ...]:
    """Return a denial with the status of the invoice and the alternatives to the action."""
    status = case.export_status
    code = f"status.{action.value}"
    facts = {"action": action.value}
    if status is None:
        return (Denial(code, _UNKNOWN.text, Source.STATUS, facts),)
    facts["status"] = status.value
    is_accepted = status is not ExportStatus.FAILED or case.acceptance_stands is True
    if not is_accepted:
        facts["acceptance"] = "none"
    alternative = find_alternative(action, status, is_accepted=is_accepted)
    remedies = fill(alternative.remedies, case, facts)
    return (Denial(code, alternative.sentence, Source.STATUS, facts, remedies),)


_UNKNOWN = MessageTemplate(
    "status.<action>",
    "The export status of this invoice is not known. Have the host application supply it.",
    source=Source.STATUS,
)


def list_templates() -> tuple[MessageTemplate, ...]:
    """Return the templates of the denials: for each action and status, and for an absent status."""
    found = [_UNKNOWN]
    for action, status, is_accepted in product(Action, ExportStatus, (True, False)):
        when = {"status": status.value}
        if not is_accepted:
            when["acceptance"] = "none"
        if is_accepted or status is ExportStatus.FAILED:
            text = find_alternative(action, status, is_accepted=is_accepted).sentence
            code = f"status.{action.value}"
            found.append(MessageTemplate(code, text, source=Source.STATUS, when=when))
    return tuple(found)
