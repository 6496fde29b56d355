"""A proxy of a PostgreSQL server that can lose the answer of a commit."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LossyProxy"]

_SIZE = 65536
#: The end of an answer: the server is ready, and has no transaction open.
_DONE = b"Z\0\0\0\5I"


class LossyProxy:
    """
    A socket before the server that passes all messages on.

    Attributes:
        loss: The loss of the next commit: ``"answer"``, it is stored and its answer is lost;
            ``"question"``, it does not reach the server; empty, none.
    """

    def __init__(self, dsn: str, folder: Path) -> None:
        settings = conninfo_to_dict(dsn)
        host, port = str(settings.get("host") or "localhost"), str(settings.get("port") or 5432)
        self._server = (host, port)
        settings.update(host=str(folder), port=port)
        query = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in settings.items())
        self.url = f"postgresql:///?{query}"
        self.loss = ""
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(folder / f".s.PGSQL.{port}"))
        self._door.listen()

    @contextlib.contextmanager
    def open(self) -> Iterator[LossyProxy]:
        """Accept connections until the end of the block."""
        doorkeeper = threading.Thread(target=self._welcome, daemon=True)
        doorkeeper.start()
        try:
            yield self
        finally:
            self._door.shutdown(socket.SHUT_RDWR)
            self._door.close()
            doorkeeper.join(5)

    def _welcome(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        lost = threading.Event()
        with client, self._connect() as server:
            back = threading.Thread(
                target=self._hand_back, args=(server, client, lost), daemon=True
            )
            back.start()
            with contextlib.suppress(OSError):
                while said := client.recv(_SIZE):
                    if self.loss and b"COMMIT\0" in said:
                        if self.loss == "question":
                            break
                        lost.set()
                    server.sendall(said)
            for end in (server, client):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join(5)

    def _connect(self) -> socket.socket:
        host, port = self._server
        if host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{port}")
            return server
        return socket.create_connection((host, int(port)))

    @staticmethod
    def _hand_back(server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while answer := server.recv(_SIZE):
                if not lost.is_set():
                    client.sendall(answer)
                elif answer.endswith(_DONE):
                    client.shutdown(socket.SHUT_RDWR)
                    return
