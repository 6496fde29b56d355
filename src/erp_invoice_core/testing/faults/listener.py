"""A port of 127.0.0.1 that can be closed and opened again."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOPBACK: Final = "127.0.0.1"
_MOST_CONNECTIONS: Final = 64
_TIME_LIMIT: Final = 10.0


def _bind(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((_LOOPBACK, port))
    return bound


class Listener:
    """
    A port, and a thread per connection; at most 64 connections are served at a time.

    While the port is closed, the socket stays bound and does not listen: a client is refused, and
    no other program gets the port.

    Args:
        serve: Serves a connection in a thread of its own, and returns when it has ended.
    """

    def __init__(self, serve: Callable[[socket.socket, object], None]) -> None:
        self._serve = serve
        self._socket = _bind(0)
        self.address: tuple[str, int] = self._socket.getsockname()
        self._changed = threading.Condition()
        self._clients: set[socket.socket] = set()
        self._accepting: threading.Thread | None = None
        self._is_closing = False

    def open(self) -> None:
        """Listen, if the port is closed."""
        if self._accepting is None:
            self._is_closing = False
            self._socket.listen(_MOST_CONNECTIONS)
            self._accepting = threading.Thread(target=self._accept, daemon=True)
            self._accepting.start()

    def close(self) -> None:
        """Refuse connections from now on, and end the open ones."""
        if self._accepting is None:
            return
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        # A connection of our own wakes the thread on every system.
        with socket.create_connection(self.address, _TIME_LIMIT):
            self._accepting.join(_TIME_LIMIT)
        self._accepting = None
        self._socket.close()
        self._socket = _bind(self.address[1])
        with self._changed:
            for client in self._clients:
                _shut_down(client)

    def end(self) -> None:
        """Close the port, and return once every connection has ended."""
        self.close()
        self._socket.close()
        with self._changed:
            self._changed.wait_for(lambda: not self._clients, _TIME_LIMIT)

    def _accept(self) -> None:
        while True:
            client, address = self._socket.accept()
            with self._changed:
                self._changed.wait_for(
                    lambda: self._is_closing or len(self._clients) < _MOST_CONNECTIONS
                )
                if self._is_closing:
                    client.close()
                    return
                self._clients.add(client)
            threading.Thread(target=self._handle, args=(client, address), daemon=True).start()

    def _handle(self, client: socket.socket, address: object) -> None:
        try:
            self._serve(client, address)
        finally:
            with self._changed:
                self._clients.discard(client)
                self._changed.notify_all()
            client.close()


def _shut_down(client: socket.socket) -> None:
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        client.close()
