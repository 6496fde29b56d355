"""How the fake is called: connect, check the deadline, hand over, wait for the answer."""

from __future__ import annotations

import http.client
import json
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AnswerLost", "Line", "NotSent"]

_PATIENCE = 30.0


class NotSent(Exception):
    """Nothing of the request has left."""


class AnswerLost(Exception):
    """The request was handed over, perhaps in part, and there is no answer."""


@attrs.frozen
class Line:
    """A way to a fake that listens at a URL; a connection of its own for each request."""

    url: str

    def ask(
        self, kind: str, asked: Mapping[str, Any], *, until: datetime | None = None
    ) -> dict[str, Any]:
        """
        Return the answer to a request.

        Args:
            kind: Of request: ``create``, ``find``, …
            asked: Its fields.
            until: It is not handed over later than this (UTC).

        Raises:
            NotSent: There is no connection, or it was too late.
            AnswerLost: It was handed over, and there is no answer.
        """
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.netloc, timeout=_PATIENCE)
        try:
            self._connect(connection, until)
            sent = {**asked, "caller": os.getpid(), "sent_at": time.monotonic()}
            return self._answered(connection, kind, json.dumps(sent).encode())
        finally:
            connection.close()

    def _connect(self, connection: http.client.HTTPConnection, until: datetime | None) -> None:
        try:
            connection.connect()
        except OSError as error:
            raise NotSent(str(error)) from error
        if until is not None and datetime.now(UTC) > until:
            msg = "It was too late."
            raise NotSent(msg)

    def _answered(
        self, connection: http.client.HTTPConnection, kind: str, body: bytes
    ) -> dict[str, Any]:
        try:
            connection.request("POST", f"/{kind}", body)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise AnswerLost(str(error)) from error
        return answer
