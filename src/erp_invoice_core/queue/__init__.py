"""The shell of people's verbs: load, decide, act, save."""

from .attachments import Attachments
from .ports import Facts, Result, now
from .queue import ExportQueue
from .sessions import Lines

__all__ = ["Attachments", "ExportQueue", "Facts", "Lines", "Result", "now"]
