"""AIA G702/G703 arithmetic of an invoice, and the amounts of its period."""

from .certificates import PreviousFrom, compute_line_8, list_notices
from .columns import AGREEMENT
from .destinations import BilledItem, Place, list_billed_items
from .export import build_export_document
from .period import Amounts, Period, period
from .sheet import G702, G703Row, g702, g703, is_over_billed
from .stated_summary import LINE_8, find_differences, find_over_billed, find_over_released

__all__ = [
    "AGREEMENT",
    "G702",
    "LINE_8",
    "Amounts",
    "BilledItem",
    "G703Row",
    "Period",
    "Place",
    "PreviousFrom",
    "build_export_document",
    "compute_line_8",
    "find_differences",
    "find_over_billed",
    "find_over_released",
    "g702",
    "g703",
    "is_over_billed",
    "list_billed_items",
    "list_notices",
    "period",
]
