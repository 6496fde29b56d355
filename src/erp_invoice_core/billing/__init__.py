"""AIA G702/G703 arithmetic of an invoice, and the amounts of its period: pure functions."""

from .certificates import PreviousFrom, notices
from .columns import AGREEMENT
from .export import export_document
from .period import Amounts, Period, period
from .places import Billed, Place, billed
from .sheet import G702, G703Row, g702, g703, is_over_billed

__all__ = [
    "AGREEMENT",
    "G702",
    "Amounts",
    "Billed",
    "G703Row",
    "Period",
    "Place",
    "PreviousFrom",
    "billed",
    "export_document",
    "g702",
    "g703",
    "is_over_billed",
    "notices",
    "period",
]
