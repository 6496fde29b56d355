"""
Checks of the sequence of a commitment's requisitions.

Each requisition names the previous one. Line 6 of the previous requisition is line 7 (previous
certificates) of the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from ...documents import Invoice
    from .fields import Scope


_FIELD = "previous_requisition_id"


def check_sequence(
    read: Mapping[str, tuple[Scope, Invoice]],
    known: Mapping[str, Invoice],
    sent: Container[str] = frozenset(),
) -> None:
    """
    Report a previous requisition of another commitment, and cycles of previous requisitions.

    A previous requisition that is neither in the files nor loaded before is not reported, as line 7
    is then derived. For a requisition that was sent or is synced, the reports are warnings.
    """

    def find(identity: str | None) -> Invoice | None:
        if identity is None:
            return None
        return read[identity][1] if identity in read else known.get(identity)

    circular = _find_circular(read, find)
    for scope, invoice in read.values():
        previous = find(invoice.previous_id)
        is_elsewhere = previous is not None and previous.commitment_id != invoice.commitment_id
        elsewhere = previous if is_elsewhere else None
        if elsewhere is None and invoice.id not in circular:
            continue
        is_sent = invoice.origin_id is not None or invoice.id in sent
        report = scope.warn if is_sent else scope.report_problem
        if elsewhere is not None:
            facts = {"previous": ascii(elsewhere.id), "other": ascii(elsewhere.commitment_id)}
            own = ascii(invoice.commitment_id)
            report(_FIELD, "reference.other_commitment", **facts, commitment=own)
        if invoice.id in circular:
            report(_FIELD, "reference.cycle")


def _find_circular(
    read: Mapping[str, object], find: Callable[[str | None], Invoice | None]
) -> frozenset[str]:
    """Return the ids of requisitions whose chain of previous ones leads back to themselves."""
    done: set[str] = set()
    circular: set[str] = set()
    for start in read:
        path: dict[str, int] = {}
        here = find(start)
        while here and here.id not in done and here.id not in path:
            path[here.id] = len(path)
            here = find(here.previous_id)
        if here and here.id in path:
            circular |= set(list(path)[path[here.id] :])
        done |= set(path)
    return frozenset(circular)
