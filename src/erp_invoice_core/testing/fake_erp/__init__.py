"""
The fake ERP: one ledger, in process or in a process of its own behind HTTP.

Its name says that it is a fake; it is never for real invoices. The process outlives its callers.
It keeps to one row of the promise table (:class:`Row`), may answer late, lose answers and drop
requests within that row, and reports its requests and its bills. Both fakes can have quirks of real
ERPs (:data:`QUIRKS`), which their adapters declare.
"""

from .http_adapter import BOUNDLESS, KEYED, NUMBERED, PLUGINS, SETTLING, ErpOverHttp
from .http_server import Chances, RequestFault
from .ledger import Enforces
from .process import ErpProcess, ErpReport, count_requests, fetch_report
from .promises import PROMISES, Promise, Row
from .quirk_set import QuirkSet
from .quirks import QUIRKS, Quirk

__all__ = [
    "BOUNDLESS",
    "KEYED",
    "NUMBERED",
    "PLUGINS",
    "PROMISES",
    "QUIRKS",
    "SETTLING",
    "Chances",
    "Enforces",
    "ErpOverHttp",
    "ErpProcess",
    "ErpReport",
    "Promise",
    "Quirk",
    "QuirkSet",
    "RequestFault",
    "Row",
    "count_requests",
    "fetch_report",
]
