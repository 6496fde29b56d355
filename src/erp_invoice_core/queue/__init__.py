"""
The export queue: the methods by which people act on invoices.

Each method locks the entries, asks the host for the facts of the invoices, lets the rules decide,
and saves the new state and an event, all in one transaction.
"""

from .attachments import Attachments
from .connections import ErpConnections
from .queue import ExportQueue
from .types import Facts, Numbers, Result, choose_wall_clock

__all__ = [
    "Attachments",
    "ErpConnections",
    "ExportQueue",
    "Facts",
    "Numbers",
    "Result",
    "choose_wall_clock",
]
