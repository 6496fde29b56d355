"""The ERP connections of a queue, with sessions per thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from ..adapters import Adapters, Connection, Connections, UnknownAdapter, UnknownConnection
from ..exchange import Deferred

if TYPE_CHECKING:
    from ..adapters import Adapter, Limits, Mappings, Session
    from ..adapters.redaction import Redaction
    from ..declaration import Declaration
    from ..flow import RetryPolicy


#: The most characters of an unknown name that a message shows.
_SHOWN: Final = 40


class ErpConnections:
    """The ERP connections of a queue by name, with a session of each per thread."""

    def __init__(self, adapters: Adapters | Connections) -> None:
        """
        Store the connections.

        If adapters are given instead, each gets a connection without settings, named by its key.
        """
        if isinstance(adapters, Adapters):
            bound = [Connection(adapter.key, adapter.key) for adapter in adapters]
            adapters = Connections(adapters, bound)
        self._connections = adapters
        self._local = threading.local()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the connections whose adapter is loaded."""
        there = (connection.name for connection in self._connections)
        return tuple(name for name in there if self.find_adapter(name) is not None)

    def can_ask_before_consent(self) -> bool:
        """Return whether a loaded adapter can check requests, or read accounting periods."""
        adapters = (self.find_adapter(name) for name in self.names)
        return any(each is not None and (each.has_check or each.has_periods) for each in adapters)

    @property
    def redaction(self) -> Redaction:
        """The redaction that removes the secrets of all connections from text."""
        return self._connections.redaction

    def find_adapter(self, name: str | None) -> Adapter | None:
        """Return the adapter behind a connection, or ``None`` if it is not loaded."""
        try:
            return self._connections.resolve(name)[0] if name else None
        except (UnknownConnection, UnknownAdapter):
            return None

    def describe_missing(self, name: str | None) -> dict[str, Any]:
        """
        Return the facts ``connection`` and ``connections`` if the connection has no loaded adapter.

        They are its name and the names of the usable connections, for the denial. Otherwise the
        result is empty.
        """
        if not isinstance(name, str) or self.find_adapter(name) is not None:
            return {}
        return {"connection": name[:_SHOWN], "connections": tuple(sorted(self.names))}

    def get_connection(self, name: str) -> Connection:
        """
        Return a connection.

        Raises:
            UnknownConnection: No connection has that name.
            UnknownAdapter: Its adapter is not loaded.
        """
        return self._connections.resolve(name)[1]

    def find_limits(self, name: str) -> Limits | None:
        """Return the limits of a connection, or ``None`` if the limits of the worker apply."""
        return self.get_connection(name).limits

    def find_retry_policy(self, name: str | None) -> RetryPolicy | None:
        """Return the retry policy of a connection, or ``None`` if that of the worker applies."""
        return self.get_connection(name).retry_policy if self.find_adapter(name) and name else None

    def find_mappings(self, name: str) -> Mappings | None:
        """Return the mappings of a connection, or ``None`` without mappings or a loaded adapter."""
        return self.get_connection(name).mappings if self.find_adapter(name) else None

    def find_declaration(self, name: str | None) -> Declaration | None:
        """Return the declaration of a connection's ERP, or ``None`` if no adapter is loaded."""
        adapter = self.find_adapter(name)
        return adapter.declaration if adapter else None

    def open_session(self, name: str) -> Session | Deferred:
        """
        Return this thread's session of a connection, opened at its first use.

        If it cannot be opened, return the adapter's :class:`Deferred`, which has the reason.
        """
        sessions: dict[str, Session] = self._local.__dict__.setdefault("sessions", {})
        if name not in sessions:
            adapter, connection = self._connections.resolve(name)
            session = adapter.connect(connection)
            if isinstance(session, Deferred):
                return session
            sessions[name] = session
        return sessions[name]

    def drop(self, name: str) -> None:
        """Drop this thread's session, so that the next call opens a new one."""
        self._local.__dict__.setdefault("sessions", {}).pop(name, None)
