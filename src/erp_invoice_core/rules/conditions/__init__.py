"""What must be true besides: one row per condition, joined from one table per subject."""

from __future__ import annotations

from .billing import BILLING
from .condition import Condition
from .document import DOCUMENT
from .entry import ENTRY
from .fields import FIELDS
from .invoice import INVOICE
from .losses import losses
from .notices import NOTICES
from .prerequisites import PREREQUISITES
from .record import RECORD

__all__ = ["CONDITIONS", "NOTICES", "Condition", "losses"]

#: In the order in which reasons are given.
CONDITIONS: tuple[Condition, ...] = (
    *INVOICE,
    *DOCUMENT,
    *BILLING,
    *RECORD,
    *PREREQUISITES,
    *FIELDS,
    *ENTRY,
)
