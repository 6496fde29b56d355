"""Workers: claim due entries, call the adapters, record the answers."""

from ..adapters.pace import Pace
from .callers import Caller, ThreadCaller, TookTooLong
from .worker import Worker

__all__ = ["Caller", "Pace", "ThreadCaller", "TookTooLong", "Worker"]
