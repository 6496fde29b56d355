"""The status of an answer decides whether Tryton carried the request out."""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.adapters import Secret
from erp_invoice_core.adapters.tryton.client import TrytonClient, choose_trust, read_retry_after
from erp_invoice_core.adapters.tryton.errors import (
    AnswerLost,
    NotSent,
    Rejected,
    TrytonError,
    defer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY = "key-of-the-rest-interface"
SOON = timedelta(minutes=1)
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}


@attrs.define
class Answers:
    """The answers of a server, in their order, and the requests that it got."""

    left: list[tuple[int, Mapping[str, str], bytes]]
    requests: list[str] = attrs.Factory(list)


@contextmanager
def connect(*given: tuple[int, Mapping[str, str], bytes]) -> Iterator[tuple[TrytonClient, Answers]]:
    """Provide a client of a server that gives these answers."""
    answers = Answers(list(given))

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answers.requests.append(f"{self.command} {self.path.partition('?')[0]}")
            status, headers, body = answers.left.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - the names that the server calls

        def log_message(self, *_arguments: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield (
                TrytonClient(f"http://127.0.0.1:{server.server_port}/", "books", Secret(KEY), 10.0),
                answers,
            )
        finally:
            server.shutdown()


def create(client: TrytonClient) -> int | TrytonError:
    """Return the id of a created record, or the error."""
    try:
        return client.create("account.invoice", {}, datetime.now(UTC) + SOON)
    except TrytonError as error:
        return error


def test_a_success_has_an_id() -> None:
    """Only a success in JSON with an id proves that the record was created."""
    with connect((200, JSON, b'{"id": 7}')) as (client, answers):
        assert 7 == create(client)
    assert ["POST /books/rest/model/account.invoice"] == answers.requests


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "needs_person"),
    [
        (400, JSON, b'{"message": "No."}', Rejected, True),
        (409, JSON, b'{"message": "Similar."}', Rejected, True),
        (400, HTML, b"<p>Bad request", AnswerLost, False),
        (401, HTML, b"", NotSent, True),
        (403, HTML, b"", NotSent, True),
        (404, HTML, b"", Rejected, True),
        (413, HTML, b"", NotSent, True),
        (429, HTML, b"", NotSent, False),
        (500, HTML, b"<p>KeyError", AnswerLost, False),
        (502, HTML, b"", AnswerLost, False),
        (503, HTML, b"", AnswerLost, False),
        (200, HTML, b"<p>Log in", AnswerLost, False),
        (200, JSON, b'{"id": 7', AnswerLost, False),
        (200, JSON, b"[]", AnswerLost, False),
        (204, {}, b"", AnswerLost, False),
        (302, {"Location": "/"}, b"", AnswerLost, False),
    ],
)
def test_statuses(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    kind: type[TrytonError],
    needs_person: bool,
) -> None:
    """Each status means one thing, whatever the text says, and the request is sent once."""
    with connect((status, headers, body)) as (client, answers):
        error = create(client)

    assert type(error) is kind
    assert needs_person is defer(error).needs_person
    assert 1 == len(answers.requests)


def test_an_error_of_the_server_says_where_its_cause_is() -> None:
    """Its page is no sentence for people, and the log of the server has the cause."""
    with connect((503, HTML, b"<p>Down")) as (client, _answers):
        error = create(client)

    assert "Tryton answered 503 with text/html." in str(error)
    assert "the log of Tryton's server" in str(error)


def test_a_refused_connection_was_not_sent() -> None:
    """Without a connection nothing arrived."""
    with connect() as (client, _answers):
        pass
    error = create(client)

    assert isinstance(error, NotSent)
    assert "base_url" in str(error)


def test_an_address_without_protocol_needs_a_person() -> None:
    """A wrong address is a mistake in the settings, and nothing was sent."""
    error = create(TrytonClient("tryton.example", "books", Secret(KEY), 10.0))

    assert isinstance(error, NotSent)
    assert error.needs_person


def test_nothing_is_sent_after_the_deadline() -> None:
    """The deadline is compared right before sending."""
    with connect() as (client, answers), pytest.raises(NotSent):
        client.act("account.invoice", 7, "post", datetime.now(UTC) - SOON)
    assert [] == answers.requests


def _page(first: int, count: int, total: int) -> tuple[int, Mapping[str, str], bytes]:
    rows = ",".join(f'{{"id": {number}}}' for number in range(first, first + count))
    shown = {"Content-Range": f"records {first}-{first + count}/{total}"}
    return 200, {**JSON, **shown}, f"[{rows}]".encode()


def test_every_page_is_read() -> None:
    """A list goes on until its range says that it is whole."""
    with connect(_page(0, 100, 130), _page(100, 30, 130)) as (client, _answers):
        found = client.search("party.party", [], "id")

    assert list(range(130)) == [row["id"] for row in found]


@pytest.mark.parametrize(
    "answer",
    [
        (200, {**JSON, "Content-Range": "records 0-2/2"}, b'[{"id": 1}]'),
        (200, {**JSON, "Content-Range": "records 1-2/2"}, b'[{"id": 1}]'),
        (200, JSON, b"[]"),
        (200, {**JSON, "Content-Range": "records 0-0/0"}, b"{}"),
        (500, HTML, b""),
    ],
)
def test_a_list_that_was_cut_is_no_absence(answer: tuple[int, Mapping[str, str], bytes]) -> None:
    """Fewer records than the range names are a lost answer."""
    with connect(answer) as (client, _answers), pytest.raises(AnswerLost):
        client.search("party.party", [], "id")


def test_a_deletion_is_proved_by_no_content() -> None:
    """204 is the only proof of a deletion."""
    with connect((204, {}, b""), (200, JSON, b"{}"), (404, HTML, b"")) as (client, _answers):
        client.delete("account.invoice", 7)
        with pytest.raises(AnswerLost):
            client.delete("account.invoice", 7)
        with pytest.raises(Rejected):
            client.delete("account.invoice", 7)


def test_the_key_is_shown_nowhere() -> None:
    """The representation names the address."""
    with connect() as (client, _answers):
        assert KEY not in repr(client)
        assert "/books/rest/model/" in repr(client)


def test_retry_after() -> None:
    """Seconds, a date, or nothing that can be read; at most a day."""
    now = datetime.now(UTC)
    soon, late = read_retry_after("60"), read_retry_after("9" * 30)

    assert soon is not None
    assert timedelta(seconds=59) <= soon - now <= timedelta(seconds=70)
    assert late is not None
    assert late - now <= timedelta(days=1, seconds=10)
    assert datetime(2026, 11, 1, 12, tzinfo=UTC) == read_retry_after(
        "Sun, 01 Nov 2026 12:00:00 GMT"
    )
    assert None is read_retry_after("soon")
    assert None is read_retry_after(None)


def test_certificates_are_loaded_for_tls_alone() -> None:
    """To load them takes longer than a request; without TLS no certificate is trusted."""
    plain = choose_trust("HTTP://127.0.0.1:8000")

    assert isinstance(plain, ssl.SSLContext)
    assert ([], ssl.CERT_REQUIRED) == (plain.get_ca_certs(), plain.verify_mode)
    assert choose_trust("https://tryton.example") is True
    assert choose_trust("tryton.example") is True
