"""The shell of people's verbs: load, decide, act, save."""

from .ports import Facts, Result, now
from .queue import ExportQueue
from .sessions import Lines

__all__ = ["ExportQueue", "Facts", "Lines", "Result", "now"]
