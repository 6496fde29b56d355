"""One verb for all invoices at once: each item is answered as it would be alone, and truly."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from erp_invoice_core.vocabulary import Action, ExportStatus

from .host import APPROVER
from .violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from erp_invoice_core.queue import ExportQueue, Result

__all__ = ["retried_together"]


def retried_together(queue: ExportQueue, ids: Sequence[str]) -> tuple[bool, list[Violation]]:
    """
    Retry all invoices in one call, those that cannot be retried among them.

    Returns:
        Whether any can be retried at all, and which promises that broke.
    """
    alone = [queue.why_not([key], APPROVER, Action.RETRY)[0] for key in ids]
    if not any(one.verdict for one in alone):
        return False, []
    try:
        together = queue.retry(ids, APPROVER)
    except Exception:  # noqa: BLE001 - whatever it is, nothing was done for any of them
        return True, [Violation("batch.sunk", "", traceback.format_exc())]
    return True, list(_differences(alone, together))


def _differences(alone: list[Result], together: list[Result]) -> Iterator[Violation]:
    if [one.id for one in alone] != [one.id for one in together]:
        yield Violation("batch.order", "", "The answers do not stand in the order of the items.")
        return
    for one, other in zip(alone, together, strict=True):
        moved = other.entry.status is ExportStatus.ACCEPTED
        if one.verdict and not other.verdict:
            yield Violation("batch.sunk", one.id, "It is refused beside others, and not alone.")
        elif other.verdict and not (one.verdict and moved):
            yield Violation("batch.green", one.id, "It is reported as done, and is not.")
