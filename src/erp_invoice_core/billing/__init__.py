"""AIA G702/G703 arithmetic of an invoice, and the amounts of its period."""

from .certificates import PreviousFrom, line_8, notices
from .columns import AGREEMENT
from .destinations import Billed, Place, billed
from .export import export_document
from .period import Amounts, Period, period
from .sheet import G702, G703Row, g702, g703, is_over_billed
from .stated_summary import LINE_8, differences, over_billed, over_released

__all__ = [
    "AGREEMENT",
    "G702",
    "LINE_8",
    "Amounts",
    "Billed",
    "G703Row",
    "Period",
    "Place",
    "PreviousFrom",
    "billed",
    "differences",
    "export_document",
    "g702",
    "g703",
    "is_over_billed",
    "line_8",
    "notices",
    "over_billed",
    "over_released",
    "period",
]
