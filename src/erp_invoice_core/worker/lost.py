"""The lease is another's by now."""

from __future__ import annotations

__all__ = ["Lost"]


class Lost(Exception):
    """The lease is another's by now: nothing more may be written."""
