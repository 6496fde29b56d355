"""The shell of people's verbs: load, decide, act, save."""

from .attachments import Attachments
from .connections import Lines
from .queue import ExportQueue
from .types import Facts, Result, now

__all__ = ["Attachments", "ExportQueue", "Facts", "Lines", "Result", "now"]
