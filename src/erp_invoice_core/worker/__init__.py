"""The shell of workers: claim, call the adapter, record."""

from .calling import Caller, TookTooLong
from .pace import Pace
from .threads import ThreadCaller
from .worker import Worker

__all__ = ["Caller", "Pace", "ThreadCaller", "TookTooLong", "Worker"]
