"""The export queue: people's verbs, which load, decide and save."""

from .attachments import Attachments
from .connections import ErpConnections
from .queue import ExportQueue
from .types import Facts, Numbers, Result, read_system_clock

__all__ = [
    "Attachments",
    "ErpConnections",
    "ExportQueue",
    "Facts",
    "Numbers",
    "Result",
    "read_system_clock",
]
