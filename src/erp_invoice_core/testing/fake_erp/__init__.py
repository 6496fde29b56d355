"""
A fake ERP as a process of its own: it outlives its callers and counts what it is told.

It says of itself that it is a fake; never for real invoices. It keeps to one row of the promise
table (:class:`Row`), may answer late, lose answers and drop requests within that row, and can be
asked afterwards what it heard and what it carried out.
"""

from .http_adapter import BOUNDLESS, KEYED, NUMBERED, PLUGINS, SETTLING, ErpOverHttp
from .http_server import Chances, Fate
from .process import ErpProcess, ErpReport, count_requests, fetch_report
from .promises import PROMISES, Enforces, Promise, Row

__all__ = [
    "BOUNDLESS",
    "KEYED",
    "NUMBERED",
    "PLUGINS",
    "PROMISES",
    "SETTLING",
    "Chances",
    "Enforces",
    "ErpOverHttp",
    "ErpProcess",
    "ErpReport",
    "Fate",
    "Promise",
    "Row",
    "count_requests",
    "fetch_report",
]
