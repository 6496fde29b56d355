"""AIA G702/G703 arithmetic of an invoice, and the amounts of its period."""

from .certificates import PreviousFrom, compute_line_8, list_notices
from .columns import AGREEMENT
from .destinations import BilledItem, Place, list_billed_items
from .export import build_export_document
from .period import Period, PeriodAmounts, compute_period
from .sheet import G702, G703Row, build_g702, build_g703, is_over_billed
from .stated_summary import LINE_8, find_differences, find_over_billed, find_over_released
from .tax import InvoiceTaxes, ItemTax, split_taxes

__all__ = [
    "AGREEMENT",
    "G702",
    "LINE_8",
    "BilledItem",
    "G703Row",
    "InvoiceTaxes",
    "ItemTax",
    "Period",
    "PeriodAmounts",
    "Place",
    "PreviousFrom",
    "build_export_document",
    "build_g702",
    "build_g703",
    "compute_line_8",
    "compute_period",
    "find_differences",
    "find_over_billed",
    "find_over_released",
    "is_over_billed",
    "list_billed_items",
    "list_notices",
    "split_taxes",
]
