"""Workers: claim due entries, call the adapters, record the answers."""

from ..adapters.limits import Limits
from .callers import Caller, ThreadCaller, TookTooLong
from .worker import Worker

__all__ = ["Caller", "Limits", "ThreadCaller", "TookTooLong", "Worker"]
