"""
Faults of an ERP in tests: a proxy for HTTP, or wrapped calls.

The table :data:`FAULTS` defines each fault: its effect in the ERP, and the answer that the adapter
gets.
"""

from .fault import FAULTS, Effect, Fault, FaultRow, NotProved
from .json_list import shorten_longest_list
from .plan import (
    FaultPlan,
    FaultRequest,
    FaultTransport,
    Injection,
    LoggedRequest,
    is_any,
    is_read,
    is_write,
)
from .point import FaultPoint
from .proxy import FaultProxy

__all__ = [
    "FAULTS",
    "Effect",
    "Fault",
    "FaultPlan",
    "FaultPoint",
    "FaultProxy",
    "FaultRequest",
    "FaultRow",
    "FaultTransport",
    "Injection",
    "LoggedRequest",
    "NotProved",
    "is_any",
    "is_read",
    "is_write",
    "shorten_longest_list",
]
