"""
A fake transaction pooler: one client, and any server connection for each transaction.

It stands for PgBouncer with ``pool_mode = transaction``, and behaves like it in three points: it
reports a process id of its own, lends a server connection for one transaction at a time, and
resets nothing in between.
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager, suppress
from itertools import cycle
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["fake_pooler"]

_SERVERS = 3
_HEADER = 5


class _Stream:
    """A socket from which whole messages of the protocol are read."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self.end.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def startup(self) -> bytes:
        """Return a message without a type, as a client sends first."""
        (size,) = struct.unpack("!i", head := self._exactly(4))
        return head + self._exactly(size - 4)

    def message(self) -> bytes:
        """Return the next message."""
        head = self._exactly(_HEADER)
        (size,) = struct.unpack("!i", head[1:])
        return head + self._exactly(size - 4)


def _pass_until_ready(server: _Stream, client: _Stream | None) -> bytes:
    """Pass messages on until the server is ready; return the state of its transaction."""
    while True:
        message = server.message()
        if client is not None:
            client.end.sendall(message)
        if message[:1] == b"Z":
            return message[_HEADER:]


def _log_in(dsn: dict[str, str], startup: bytes) -> tuple[_Stream, list[bytes]]:
    """Return a connection to the server, and the messages before it was ready."""
    end = socket.socket(socket.AF_UNIX)
    end.connect(f"{dsn['host']}/.s.PGSQL.{dsn.get('port', '5432')}")
    end.sendall(startup)
    stream = _Stream(end)
    said: list[bytes] = []
    while True:
        message = stream.message()
        if message[:1] == b"Z":
            return stream, said
        said.append(message)


def _serve(client: _Stream, dsn: dict[str, str]) -> None:
    startup = client.startup()
    while startup[4:8] in {struct.pack("!i", 80877103), struct.pack("!i", 80877104)}:
        client.end.sendall(b"N")  # no encryption
        startup = client.startup()
    made = [_log_in(dsn, startup) for _ in range(_SERVERS)]
    for message in made[0][1]:
        own = b"K" + struct.pack("!iii", 12, 4_242_424, 1)  # a process id of the pooler's
        client.end.sendall(own if message[:1] == b"K" else message)
    client.end.sendall(b"Z" + struct.pack("!i", 5) + b"I")
    servers = cycle([stream for stream, _ in made])
    server, state = next(servers), b"I"
    try:
        while True:
            message = client.message()
            if message[:1] == b"X":
                return
            if state == b"I":
                server = next(servers)
                state = b"?"
            server.end.sendall(message)
            if message[:1] in {b"S", b"Q"}:  # the client has sent its requests: the server answers
                state = _pass_until_ready(server, client)
    finally:
        for stream, _ in made:
            stream.end.close()


@contextmanager
def fake_pooler(dsn: str) -> Iterator[str]:
    """Give the URL of a pooler before the server that the URL names."""
    named = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    with psycopg.connect(dsn) as direct:
        named["host"] = direct.info.host
        named["port"] = str(direct.info.port)
    door = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                end, _ = door.accept()
                threading.Thread(target=answer, args=(end,), daemon=True).start()

    def answer(end: socket.socket) -> None:
        with end, suppress(EOFError, OSError):
            _serve(_Stream(end), named)

    threading.Thread(target=accept, daemon=True).start()
    port = door.getsockname()[1]
    named.pop("port")
    settings = {**named, "host": "127.0.0.1", "port": str(port)}
    try:
        yield psycopg.conninfo.make_conninfo("", **settings)
    finally:
        door.close()
