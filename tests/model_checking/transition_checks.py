"""Checks of a single change: its transition, and whether a write may begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.documents import Answer, CallKind
from erp_invoice_core.rules import list_targets
from erp_invoice_core.vocabulary import Action

if TYPE_CHECKING:
    from erp_invoice_core.documents import Call, QueueEntry
    from erp_invoice_core.events import Change

    from .configurations import Terms


class Violation(AssertionError):
    """A property does not hold; the text names it, and the moves that lead there."""


def unlawful(change: Change, terms: Terms) -> str | None:
    """Return what is wrong with a change, whatever the world around it."""
    before, after = change.before.status, change.after.status
    if change.verdict and after not in list_targets(change.action, before):
        return f"{change.action} leads from {before} to {after}"
    if change.action is Action.START and change.after.calls[-1].kind is CallKind.WRITE:
        return _find_unproved(change.before, change.after.calls[-1], terms)
    return None


def _find_unproved(entry: QueueEntry, call: Call, terms: Terms) -> str | None:
    """Return what is wrong with a write that begins: consent, or evidence about former ones."""
    if not entry.acceptance_stands:
        return "P5: a write that no person accepted"
    for former in entry.calls:
        if former.key.step != call.key.step or former.key.generation != call.key.generation:
            continue
        repeats = former.key == call.key and terms.one_per_key
        if former.answer is None and not repeats:
            return "P1: a second write while the first is in doubt"
        lives = any(held.key == former.key for held in entry.living)
        if former.answer is Answer.RECEIPT and lives:
            return "P1: a second write while what the first made lives"
    return None
