"""
The fake ERP: in the test process, or in its own process over HTTP.

It is for tests, and never for real invoices. The process of the fake over HTTP outlives the workers
that call it, so that a test can kill them. This fake behaves as one row of the promise table says
(:class:`Row`). Within its promises it may answer late, lose answers and drop requests; it reports
its requests and its bills. Both fakes can have quirks of real ERPs (:data:`QUIRKS`), which their
adapters declare.
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
