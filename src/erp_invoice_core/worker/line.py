"""A lane's line to one ERP: its caller, and the session that lives in the caller's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import attrs

from ..adapters import Session
from ..exchange import Deferred
from .calling import nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..adapters import Adapter, Connection
    from .calling import Caller

__all__ = ["Line"]

_T = TypeVar("_T")


@attrs.define
class Line:
    """
    One call at a time goes over it; a line of its own for each lane and connection.

    Attributes:
        calls: Makes a caller.
    """

    calls: Callable[[], Caller]
    _caller: Caller | None = None
    _session: Session | None = None
    _adapter: Adapter | None = None

    def call(
        self,
        act: Callable[[], _T],
        *,
        seconds: float,
        every: float,
        beat: Callable[[], None],
        late: Callable[[_T], None],
        meanwhile: Callable[[], None] = nothing,
    ) -> _T:
        """
        Make a call.

        Raises:
            TookTooLong: It was left behind, and the session with it.
        """
        if self._caller is None:
            self._caller = self.calls()
        try:
            return self._caller.call(
                act, seconds=seconds, every=every, beat=beat, late=late, meanwhile=meanwhile
            )
        except BaseException:  # nobody knows what its thread is at
            self.close()
            raise

    def has_session(self, adapter: Adapter) -> bool:
        """Whether a session of that adapter is open."""
        return self._session is not None and self._adapter is adapter

    def session(
        self,
        adapter: Adapter,
        connection: Connection,
        call: Callable[[Callable[[], Session | Deferred]], Session | Deferred],
    ) -> Session | Deferred:
        """Return the session, opened by that way of calling if need be; or why there is none."""
        if self._session is None or self._adapter is not adapter:
            opened = call(lambda: adapter.connect(connection))
            if isinstance(opened, Deferred):
                return opened
            self._session, self._adapter = opened, adapter
        return self._session

    def drop(self) -> None:
        """Forget the session: the next call connects anew."""
        self._session = None

    def close(self) -> None:
        """Let caller and session go; one that is still at a call is not waited for."""
        if self._caller is not None:
            self._caller.close()
        self._caller = self._session = None
