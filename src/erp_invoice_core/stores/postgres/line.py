"""A thread's own connection to the server, safe to forget and safe to inherit by a fork."""

from __future__ import annotations

import os
from typing import Any

import psycopg

__all__ = ["Line"]


class Line(psycopg.Connection[Any]):
    """An open connection, closed when it is let go, but never by a process that inherited it."""

    def __init__(self, *given: Any, **more: Any) -> None:  # noqa: ANN401 - psycopg's own
        self.pid = os.getpid()
        #: What each transaction of our own begins with, where a session keeps no settings.
        self.each: tuple[tuple[str, tuple[object, ...]], ...] = ()
        super().__init__(*given, **more)

    @property
    def is_usable(self) -> bool:
        """Whether it was opened by this process, and has not broken since."""
        return self.pid == os.getpid() and not self.closed

    def let_go(self) -> None:
        """Close it, or, in a forked process, only let it be."""
        if self.pid == os.getpid():
            self.close()

    def __del__(self, *_: Any) -> None:  # noqa: ANN401 - psycopg's own, to warn with
        if hasattr(self, "pgconn"):
            self.let_go()
