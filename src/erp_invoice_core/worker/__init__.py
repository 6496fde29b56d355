"""Workers: claim due entries, call the adapters, record the answers."""

from ..adapters.callers import Caller, ThreadCaller, TookTooLong
from ..adapters.limits import Limits
from .worker import Worker

__all__ = ["Caller", "Limits", "ThreadCaller", "TookTooLong", "Worker"]
