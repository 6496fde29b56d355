"""
The HTTP client of Tryton's REST interface.

Its exceptions say whether a request that failed may have been carried out. The HTTP status decides
this, never the text of an answer, whose language is that of the key's user. A request is sent once,
over a connection of its own, and the client repeats nothing.
"""

from __future__ import annotations

import base64
import email.utils
import re
import ssl
import time
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx2

from .errors import AnswerLost, NotSent, Rejected
from .tagged_json import decode_json, encode_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..settings import Secret

#: A record as Tryton shows it.
Row = dict[str, Any]
_CONNECT: Final = 5.0
_LEAST: Final = 0.05
_PAGE: Final = 100
_LONGEST_WAIT: Final = timedelta(days=1)
_RANGE: Final = re.compile(r"records (\d+)-(\d+)/(\d+|\*)")
#: The server did not carry the request out, and a person has to repair the connection.
_FOR_A_PERSON: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    }
)
#: Tryton's own errors: a value or a state that it does not take, a warning, a locked record.
_OF_TRYTON: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.LOCKED,
    }
)


class TrytonClient:
    """
    The HTTP client of one session, for use in one thread.

    Args:
        base_url: The address of the server.
        database: The name of the database.
        key: The key of the REST interface.
        patience: The time limit of all requests of one hook call together, in seconds.
    """

    def __init__(self, base_url: str, database: str, key: Secret, patience: float) -> None:
        # The connection is closed after each answer, so that no request is sent on one that the
        # server has closed: whether it arrived would not be known.
        self._http = httpx2.Client(
            base_url=f"{base_url.rstrip('/')}/{quote(database, safe='')}/rest/model/",
            headers={
                "Authorization": f"Bearer {key.reveal()}",
                "Accept": "application/json",
                "Content-Type": "application/json",
                "Connection": "close",
            },
            verify=choose_trust(base_url),
        )
        self._patience = patience
        self._ends = 0.0
        self.begin_call()

    def __repr__(self) -> str:
        """Show the address and no key."""
        return f"TrytonClient({self._http.base_url})"

    def begin_call(self) -> None:
        """Start the time limit that the requests of one hook call share."""
        self._ends = time.monotonic() + self._patience

    def set_company(self, company: int) -> None:
        """Set the company for which all later requests are made."""
        context = base64.urlsafe_b64encode(encode_json({"company": company})).decode("ascii")
        self._http.headers["X-Tryton-Context"] = context

    # ── questions ───────────────────────────────────────────────────────────────────────────────

    def search(self, model: str, domain: Sequence[object], *fields: str) -> list[Row]:
        """
        Return all records of a model that match a domain, which is a filter of Tryton.

        The list comes in pages. The range of each answer is compared with its records, so that a
        list that was cut counts as a lost answer and never as absence.
        """
        found: list[Row] = []
        parts = [
            ("d", base64.urlsafe_b64encode(encode_json([*domain])).decode("ascii")),
            ("o", base64.urlsafe_b64encode(b'[["id", "ASC"]]').decode("ascii")),
            *(("f", field) for field in fields),
        ]
        while True:
            wanted = f"records={len(found)}-{len(found) + _PAGE}"
            answer = self._send("GET", model, params=parts, headers={"Range": wanted})
            rows = self._read(answer)
            bounds = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if not isinstance(rows, list) or bounds is None:
                msg = f"Tryton did not answer with a list of {model} and its range."
                raise AnswerLost(msg)
            if (int(bounds[1]), int(bounds[2])) != (len(found), len(found) + len(rows)):
                msg = f"Tryton's list of {model} is cut off."
                raise AnswerLost(msg)
            found += rows
            if len(rows) < _PAGE or bounds[3] == str(len(found)):
                return found

    # ── writes ──────────────────────────────────────────────────────────────────────────────────

    def create(self, model: str, values: Mapping[str, object], deadline: datetime) -> int:
        """
        Create a record and return its id.

        Nothing is sent after ``deadline`` (UTC): then the client raises :class:`NotSent`.
        """
        row = self._write("POST", model, deadline, values)
        if not isinstance(row, dict) or type(row.get("id")) is not int:
            msg = f"Tryton did not answer with the id of the new {model}."
            raise AnswerLost(msg)
        return int(row["id"])

    def act(self, model: str, record: int, action: str, deadline: datetime) -> None:
        """
        Carry out an action on a record, such as ``post`` on a bill.

        Nothing is sent after ``deadline`` (UTC): then the client raises :class:`NotSent`.
        """
        self._write("POST", f"{model}/{record}/{action}", deadline, {})

    def delete(self, model: str, record: int) -> None:
        """Delete a record."""
        answer = self._send("DELETE", f"{model}/{record}")
        if answer.status_code != HTTPStatus.NO_CONTENT:
            self._read(answer)
            msg = f"Tryton answered a deletion with {answer.status_code}."
            raise AnswerLost(msg)

    def _write(
        self, method: str, path: str, deadline: datetime, values: Mapping[str, object]
    ) -> object:
        body = encode_json(values)
        # Checked right before sending, as the questions before may have taken too long.
        if datetime.now(UTC) > deadline:
            msg = "The deadline of the call has passed. Nothing was sent."
            raise NotSent(msg)
        # A short answer is asked for, as Tryton may mark a longer one as compressed that is not.
        return self._read(self._send(method, path, params=[("f", "id")], content=body))

    # ── answers ─────────────────────────────────────────────────────────────────────────────────

    def _send(self, method: str, path: str, **parts: Any) -> httpx2.Response:  # noqa: ANN401 - those of httpx
        """Send a request and return the answer, whatever its status."""
        left = max(self._ends - time.monotonic(), _LEAST)
        timeout = httpx2.Timeout(left, connect=min(left, _CONNECT))
        try:
            return self._http.request(method, path, timeout=timeout, **parts)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            msg = (
                f"Tryton cannot be reached ({type(error).__name__}). Check that its server runs at"
                " the base_url of the connection."
            )
            raise NotSent(msg) from None
        except httpx2.UnsupportedProtocol:
            msg = (
                "base_url is not an address. Write it with its protocol, as https://tryton.example."
            )
            raise NotSent(msg, needs_person=True) from None
        except httpx2.HTTPError as error:
            msg = f"Tryton's answer was lost ({type(error).__name__})."
            raise AnswerLost(msg) from None

    def _read(self, answer: httpx2.Response) -> object:
        """
        Return the body of a successful answer in JSON, and raise for any other answer.

        Only a success in JSON proves that the request was carried out.
        """
        status = answer.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            msg = "Tryton takes no more requests for now."
            raise NotSent(msg, until=read_retry_after(answer.headers.get("Retry-After")))
        if status in _FOR_A_PERSON:
            raise NotSent(_describe_refusal(status), needs_person=True)
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        try:
            body = decode_json(answer.content) if is_json else None
        except ValueError:
            msg = "Tryton's answer is cut off."
            raise AnswerLost(msg) from None
        # Tryton's own errors are JSON, but for a record or a database that is not there.
        if status in _OF_TRYTON and (is_json or status == HTTPStatus.NOT_FOUND):
            said = body.get("message") if isinstance(body, dict) else None
            raise Rejected(str(said or _describe_refusal(status)), status)
        if not answer.is_success or not is_json:
            kind = answer.headers.get("Content-Type", "no content")
            msg = (
                f"Tryton answered {status} with {kind}. Look for the cause in the log of Tryton's"
                " server and in that of a proxy before it, and check the base_url of the connection."
            )
            raise AnswerLost(msg)
        return body


def choose_trust(base_url: str) -> ssl.SSLContext | bool:
    """
    Return the certificates that the client trusts: the usual ones for an https address.

    To load these takes 40 ms. Without TLS they are not needed, and none is trusted.
    """
    is_plain = base_url.lower().startswith("http://")
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else True


def _describe_refusal(status: int) -> str:
    if status == HTTPStatus.UNAUTHORIZED:
        return "Tryton does not take the key (401). Give the connection a valid key."
    if status == HTTPStatus.FORBIDDEN:
        return "The key may not do this in Tryton (403). Give its user the access."
    if status == HTTPStatus.NOT_FOUND:
        return "Tryton has no such address (404). Check base_url and database of the connection."
    return f"The server did not take the request ({status}). Check its address and its limits."


def read_retry_after(text: str | None) -> datetime | None:
    """
    Return the time (UTC) of a Retry-After header in seconds or as a date; at most a day from now.

    ``None`` if there is no header, or if it cannot be read.
    """
    if not text:
        return None
    now = datetime.now(UTC)
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), _LONGEST_WAIT)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return min(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now + _LONGEST_WAIT)
