"""When: from which export status each action leads where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..values import Value
from ..verdict import Denial, Source
from ..vocabulary import Action, ExportStatus
from .instead import NOW, in_words, instead
from .remedies import fill

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .case import Case

__all__ = ["TRANSITIONS", "Transition", "denials", "sources_of", "targets_of"]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Transition(Value):
    """
    From which statuses an action leads where.

    Attributes:
        sources: The statuses from which it is lawful.
        targets: The statuses to which it may lead; none: it moves nothing.
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

#: Every move of design 4, and the acts that move nothing; an action may have several rows.
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
    _row(Action.RECORD,           _ANY),                            # testimony comes at any time
    _row(Action.RELEASE,          "exporting",                      "accepted"),
    _row(Action.DEFER,            "exporting",                      "accepted"),
    _row(Action.LOSE,             "exporting",                      "unknown"),
    _row(Action.RESUME,           "unknown",                        "accepted"),
    _row(Action.POST,             "exporting unknown",              "synced"),
    _row(Action.REFUSE,           "exporting unknown",              "failed"),
    _row(Action.SIGHT,            _ANY.replace("synced", ""),       "unknown"),
    _row(Action.IMPORT,           "not_sent",                       "synced"),
    _row(Action.EDIT,             _OPEN),
    _row(Action.EDIT_ATTACHMENTS, _ANY),
    _row(Action.CHANGE_STATUS,    _OPEN),
    _row(Action.SUBMIT,           _OPEN),
    _row(Action.REVIEW,           _OPEN),
    _row(Action.DELETE,           _OPEN),
)
# fmt: on


def sources_of(
    action: Action, transitions: Iterable[Transition] = TRANSITIONS
) -> frozenset[ExportStatus]:
    """Return the statuses from which the action is lawful."""
    rows = (row.sources for row in transitions if row.action is action)
    return frozenset[ExportStatus]().union(*rows)


def targets_of(
    action: Action, source: ExportStatus, transitions: Iterable[Transition] = TRANSITIONS
) -> tuple[ExportStatus, ...]:
    """Return where the action may lead from a status: to itself where it moves nothing, else ()."""
    for row in transitions:
        if row.action is action and source in row.sources:
            return row.targets or (source,)
    return ()


def denials(action: Action, case: Case) -> tuple[Denial, ...]:
    """Return why the action is not lawful now: where the invoice stands, and what to do instead."""
    status = case.export_status
    code = f"status.{action.value}"
    if status is None:
        why = "Look up first where this invoice stands on its way to the ERP."
        return (Denial(code, why, Source.STATUS, {"action": action.value}),)
    ways = instead(action, status, case)
    facts = {"action": action.value, "status": status.value}
    if status is ExportStatus.FAILED and case.acceptance_stands is not True:
        facts["acceptance"] = "none"
    why = f"{NOW[status]}: {in_words(ways) or 'leave it as it is'}."
    return (Denial(code, why, Source.STATUS, facts, fill(ways, case, facts)),)
