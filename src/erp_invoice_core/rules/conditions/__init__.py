"""Conditions of actions, joined from one table per subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ...vocabulary import Action
from .accounting_date import ACCOUNTING_DATES
from .billing import BILLING
from .condition import SENDING, Condition
from .consent import CONSENT
from .document import DOCUMENT
from .entry import ENTRY
from .fields import FIELDS
from .former_losses import former_losses
from .invoice import INVOICE
from .losses import losses
from .notices import NOTICES
from .prerequisites import PREREQUISITES
from .record import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CONDITIONS", "NOTICES", "Condition", "former_losses", "losses"]


def _repeat_for_consent(row: Condition) -> Iterator[Condition]:
    """
    Yield the row, extended to ``ACCEPT`` and with a copy for ``RETRY``, if sending needs it.

    A condition that must be met at the sending and at the export must also be met when a person
    consents. ``RETRY`` checks it only if there is no leftover document: an export that has written
    a document is continued, and what it exports is not checked again.
    """
    if not row.acts >= SENDING or Action.RETRY in row.acts:
        yield row
        return
    yield attrs.evolve(row, acts=row.acts | {Action.ACCEPT})
    yield attrs.evolve(
        row,
        acts=frozenset({Action.RETRY}),
        steady=False,  # as it reads what is left
        is_met=lambda case: case.left is True or row.is_met(case),
    )


_TABLES = (
    INVOICE,
    DOCUMENT,
    BILLING,
    RECORD,
    PREREQUISITES,
    FIELDS,
    ACCOUNTING_DATES,
    CONSENT,
    ENTRY,
)

#: The conditions in the order in which reasons are listed.
CONDITIONS: tuple[Condition, ...] = tuple(
    again for table in _TABLES for row in table for again in _repeat_for_consent(row)
)
