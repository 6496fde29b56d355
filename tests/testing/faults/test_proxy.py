"""The proxy forwards what meets no fault, and provokes each fault as the table defines it."""

from __future__ import annotations

import http.client
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.testing.faults import (
    FAULTS,
    Effect,
    Fault,
    FaultProxy,
    FaultRequest,
    Injection,
    is_any,
    is_read,
)

from .books import Books, Client, open_books, read_once, write_once

if TYPE_CHECKING:
    from collections.abc import Iterator

CERTIFICATE = Path(__file__).parent / "loopback.pem"
SECRET = "s3cret-token"


@pytest.fixture(scope="module")
def served() -> Iterator[Books]:
    """Return running books, for all tests."""
    with open_books() as books:
        yield books


@pytest.fixture
def books(served: Books) -> Books:
    """Return empty books."""
    served.bills.clear()
    served.heads.clear()
    return served


@pytest.fixture
def proxy(books: Books) -> Iterator[FaultProxy]:
    """Return a proxy before the books."""
    with FaultProxy(f"{books.url}/api") as proxy:
        yield proxy


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[Client]:
    """Return a client of the proxy."""
    client = Client(proxy.url)
    yield client
    client.connection.close()


def inject(proxy: FaultProxy, fault: Fault, **given: Any) -> Injection:  # noqa: ANN401 - as given
    """Inject a fault that a proxy can provoke."""
    injection = proxy.faults.inject(fault, **given)
    assert isinstance(injection, Injection)
    return injection


def test_request_and_answer_pass_unchanged(books: Books, client: Client) -> None:
    """Body and headers pass in both directions, except for the headers of the connection."""
    answer = client.ask(
        "POST", "/bills?draft=1", '{"a":1}', {"Authorization": SECRET, "X-Own": "é"}
    )

    method, path, headers = books.heads[0]
    assert ("POST", "/api/bills?draft=1") == (method, path)
    assert (SECRET, "é") == (headers["Authorization"], headers["X-Own"])
    assert books.url == f"http://{headers['Host']}"
    assert ['{"a":1}'] == books.bills
    assert (200, "yes") == (answer.status, answer.headers["X-Kept"])
    assert "X-Lost" not in answer.headers


def test_connection_is_kept_alive(client: Client) -> None:
    """Several requests use one connection of the adapter."""
    client.write()
    before = client.connection.sock
    client.read()
    assert before is not None
    assert before is client.connection.sock


def test_links_lead_to_the_proxy(books: Books, proxy: FaultProxy, client: Client) -> None:
    """Redirects and links in bodies lead to the proxy, and links that are sent to the ERP."""
    assert f"{proxy.url}/bills" == client.ask("GET", "/moved").headers["Location"]
    assert f"{proxy.url}/bills?page=2" == client.read().json["next"]
    client.write(f'{{"at": "{proxy.url}/x"}}')
    assert [f'{{"at": "{books.url}/api/x"}}'] == books.bills


@pytest.mark.parametrize(
    ("path", "size"),
    [("/file", 10_000_000), ("/long", 5_000_004), ("/stream", 6), ("/empty", 0)],
)
def test_bodies_are_streamed(client: Client, path: str, size: int) -> None:
    """Long, chunked, binary and empty bodies arrive whole, and the connection goes on."""
    assert size == len(client.ask("GET", path).body)
    assert b"" == client.ask("HEAD", path).body
    assert 200 == client.read().status


def test_chunked_request_is_forwarded(books: Books, client: Client) -> None:
    """A body of unknown length is forwarded in chunks."""
    client.ask("POST", "/bills", iter([b"a" * 70_000, b"b"]))
    assert ["a" * 70_000 + "b"] == books.bills


def test_http_1_0_is_answered_until_the_end(proxy: FaultProxy) -> None:
    """A client of HTTP/1.0 gets a body of unknown length until the connection ends."""
    with socket.create_connection(proxy_address(proxy)) as plain:
        plain.sendall(b"GET http://elsewhere/api/stream HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: plain.recv(1000), b""))
    assert answer.endswith(b"\r\n\r\nonetwo")


def proxy_address(proxy: FaultProxy) -> tuple[str, int]:
    """Return the address of the proxy."""
    host, _, port = proxy.url.removeprefix("http://").removesuffix("/api").partition(":")
    return host, int(port)


#: The status that the client gets, or the exception that it sees.
ANSWERS: dict[Fault, int | type[Exception]] = {
    Fault.LOST_BEFORE: http.client.RemoteDisconnected,
    Fault.LOST_AFTER: http.client.RemoteDisconnected,
    Fault.RESET_IN_BODY: ConnectionResetError,
    Fault.CLOSED_PORT: ConnectionRefusedError,
    Fault.ERROR_BEFORE: 500,
    Fault.ERROR_AFTER: 500,
    Fault.TOO_MANY: 429,
    Fault.TOO_MANY_RETRY_AFTER: 429,
    Fault.UNAUTHORIZED: 401,
    Fault.BAD_REQUEST: 400,
    Fault.UNPROCESSABLE: 422,
    Fault.CONFLICT: 409,
    Fault.PRECONDITION_FAILED: 412,
    Fault.NOT_FOUND: 404,
    Fault.NOT_FOUND_PAGE: 404,
    Fault.REQUEST_TIMEOUT: 408,
    Fault.HTML_PAGE: 200,
    Fault.BAD_GATEWAY: 502,
    Fault.UNAVAILABLE: 503,
    Fault.UNAVAILABLE_RETRY_AFTER: 503,
    Fault.ERROR_WITH_REASON: 500,
    Fault.OTHER_STATUS: 507,
    Fault.CUT_BODY: http.client.IncompleteRead,
    Fault.CUT_LIST: 200,
    Fault.LATE_WRITE: 504,
}
_LATE = {fault for fault, row in FAULTS.items() if row.effect is Effect.LATER}


@pytest.mark.parametrize("fault", ANSWERS)
def test_fault(books: Books, proxy: FaultProxy, client: Client, fault: Fault) -> None:
    """The client gets the answer of the fault, and the ERP carries out what the table says."""
    injection = inject(proxy, fault)
    expected = ANSWERS[fault]
    if isinstance(expected, int):
        assert expected == client.write().status
    else:
        with pytest.raises(expected):
            client.write()

    assert (FAULTS[fault].effect is Effect.ONCE) == (len(books.bills) == 1)
    proxy.faults.clear()
    assert (FAULTS[fault].effect is not Effect.NEVER) == (len(books.bills) == 1)
    if fault is not Fault.CLOSED_PORT:
        assert 1 == injection.hits
        (logged,) = proxy.faults.requests
        assert fault is logged.fault
        assert (FAULTS[fault].effect is not Effect.NEVER) == logged.is_forwarded
    client.connection.close()
    assert 200 == client.read().status


def test_every_fault_has_a_test() -> None:
    """Each fault of the table is tested above or below, over HTTP."""
    assert set(Fault) == set(FAULTS) == {*ANSWERS, Fault.SLOW, Fault.LATE_WRITE_SILENT}


def test_headers_of_a_rate_limit_and_a_wrong_token(proxy: FaultProxy, client: Client) -> None:
    """Retry-After is sent where the fault says so, with the seconds of the test."""
    inject(proxy, Fault.TOO_MANY)
    inject(proxy, Fault.TOO_MANY_RETRY_AFTER, seconds=7)
    inject(proxy, Fault.UNAUTHORIZED)
    heads = [client.write().headers for _ in range(3)]
    assert [None, "7", None] == [each.get("Retry-After") for each in heads]
    assert "Bearer" == heads[2]["WWW-Authenticate"]


def test_other_status_is_that_of_the_test(proxy: FaultProxy, client: Client) -> None:
    """A status without a fault of its own is answered as the test names it."""
    inject(proxy, Fault.OTHER_STATUS, status=520)
    inject(proxy, Fault.OTHER_STATUS)
    assert [520, 507] == [client.write().status for _ in range(2)]


def test_slow_answer_is_held_after_the_write(
    books: Books, proxy: FaultProxy, client: Client
) -> None:
    """A slow answer arrives once it is released, and its write was carried out before."""
    inject(proxy, Fault.SLOW)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.write)
        proxy.faults.wait_until_held()
        assert 1 == len(books.bills)
        assert not answer.done()
        proxy.faults.release()
        assert 200 == answer.result().status


def test_silent_late_write_is_carried_out_once_released(
    books: Books, proxy: FaultProxy, client: Client
) -> None:
    """The client gives up without an answer, and the write is carried out afterwards."""
    inject(proxy, Fault.LATE_WRITE_SILENT)
    client.connection.timeout = 0.05
    with pytest.raises(TimeoutError):
        client.write()
    client.connection.close()
    proxy.faults.wait_until_held()
    assert [] == books.bills
    proxy.faults.release()
    assert ["{}"] == books.bills
    assert (200, None) == (
        proxy.faults.requests[0].erp_status,
        proxy.faults.requests[0].status,
    )


def test_late_write_is_carried_out_after_its_time(
    books: Books, proxy: FaultProxy, client: Client
) -> None:
    """A late write that is not released is carried out after the seconds of the test."""
    inject(proxy, Fault.LATE_WRITE, seconds=0.0)
    client.ask("POST", "/bills", iter([b"{", b"}"]))
    proxy.faults.release()
    assert ["{}"] == books.bills


def test_list_is_shortened_and_keeps_its_hints(
    books: Books, proxy: FaultProxy, client: Client
) -> None:
    """The longest list loses its second half; the total and the link stay."""
    books.bills.extend(["1", "2", "3"])
    inject(proxy, Fault.CUT_LIST, on=is_read)
    page = client.read().json
    assert (["1"], 3) == (page["bills"], page["total"])
    assert page["next"].startswith(proxy.url)


def test_vendor_shortens_a_list(books: Books) -> None:
    """A function of the vendor shortens the list instead."""
    with FaultProxy(f"{books.url}/api", shorten=lambda _body: b"[]") as proxy:
        inject(proxy, Fault.CUT_LIST, on=is_read)
        assert [] == read_once(proxy.url).json


def test_answer_that_is_no_text_is_not_shortened(proxy: FaultProxy, client: Client) -> None:
    """An answer without a list passes unchanged."""
    inject(proxy, Fault.CUT_LIST, on=is_read)
    assert b"onetwo" == client.ask("GET", "/stream").body


def test_predicate_chooses_the_requests(books: Books, proxy: FaultProxy, client: Client) -> None:
    """A fault concerns the requests of its predicate, after a number of them, a number of times."""
    injection = inject(
        proxy, Fault.ERROR_BEFORE, on=lambda asked: b"bad" in asked.body, after=1, times=2
    )
    bodies = ("bad", "good", "bad", "bad", "bad")
    assert [200, 200, 500, 500, 200] == [client.write(each).status for each in bodies]
    assert (2, 3) == (injection.hits, len(books.bills))


def test_requests_of_many_threads_are_forwarded_once(books: Books, proxy: FaultProxy) -> None:
    """Requests at the same time are each forwarded once, and a fault meets as many as it may."""
    injection = inject(proxy, Fault.ERROR_BEFORE, times=3)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: write_once(proxy.url).status, range(24)))
    assert (3, 21) == (answers.count(500), answers.count(200))
    assert (3, 21, 24) == (injection.hits, len(books.bills), len(proxy.faults.requests))


def test_fault_stays_until_it_is_cleared(proxy: FaultProxy, client: Client) -> None:
    """A fault without a number of times concerns every request until it is cleared."""
    inject(proxy, Fault.TOO_MANY, on=is_any, times=None)
    assert [429, 429] == [client.read().status, client.write().status]
    proxy.faults.clear()
    assert 200 == client.read().status


def test_log_has_no_secret(proxy: FaultProxy, client: Client) -> None:
    """The log has method, path, time and status, and no header, query or body."""
    client.ask("POST", f"/bills?token={SECRET}", SECRET, {"Authorization": SECRET})
    (logged,) = proxy.faults.requests
    assert ("POST", "/api/bills", 200, 200) == (
        logged.method,
        logged.path,
        logged.erp_status,
        logged.status,
    )
    assert SECRET not in f"{logged} {proxy} {proxy.faults}"
    assert len(SECRET) == logged.size


def test_request_of_a_predicate_shows_no_secret(proxy: FaultProxy, client: Client) -> None:
    """A request that a predicate prints shows neither its query nor its body."""
    shown: list[FaultRequest] = []

    def is_chosen(asked: FaultRequest) -> bool:
        shown.append(asked)
        return True

    inject(proxy, Fault.TOO_MANY, on=is_chosen)
    client.ask("POST", f"/bills?token={SECRET}", SECRET)
    assert SECRET in shown[0].target
    assert SECRET not in repr(shown[0])


def test_erp_that_is_not_reached_is_a_bad_gateway() -> None:
    """Without an ERP the proxy answers 502, and its log has the reason."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with FaultProxy(f"http://127.0.0.1:{bound.getsockname()[1]}") as proxy:
            assert 502 == write_once(proxy.url).status
            assert "ConnectionRefusedError" == proxy.faults.requests[0].problem
            inject(proxy, Fault.ERROR_AFTER)
            assert 500 == write_once(proxy.url).status


def test_port_opens_again_under_its_number(proxy: FaultProxy, client: Client) -> None:
    """A closed port refuses every connection, ends the open ones, and opens again."""
    client.read()
    inject(proxy, Fault.CLOSED_PORT)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        client.read()
    with pytest.raises(ConnectionRefusedError):
        read_once(proxy.url)
    proxy.faults.clear()
    assert 200 == read_once(proxy.url).status


def test_method_that_is_not_known_is_refused(client: Client) -> None:
    """A method that the proxy does not forward is refused by name."""
    assert 501 == client.ask("CONNECT", "/bills").status


def test_broken_request_ends_the_connection(proxy: FaultProxy) -> None:
    """A request that breaks off, or has no valid length, is not forwarded."""
    for head in (b"Content-Length: 9", b"Content-Length: many"):
        with socket.create_connection(proxy_address(proxy)) as plain:
            plain.sendall(b"POST /api/bills HTTP/1.1\r\n" + head + b"\r\n\r\n{")
            plain.shutdown(socket.SHUT_WR)
            assert b"" == plain.recv(1000)
    assert () == proxy.faults.requests


@pytest.mark.parametrize("upstream", ["ftp://erp", "https://", "https://me:secret@erp"])
def test_upstream_must_be_an_http_url(upstream: str) -> None:
    """An upstream without a host, of another scheme or with a password is refused."""
    with pytest.raises(ValueError, match="An upstream must") as refused:
        FaultProxy(upstream)
    assert "secret" not in str(refused.value)


def test_certificate_of_the_erp_is_verified() -> None:
    """The proxy speaks TLS to an ERP, and sends nothing to one that it does not trust."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(CERTIFICATE)
    trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
    with open_books(server) as books:
        with FaultProxy(f"{books.url}/api") as proxy:
            assert 502 == write_once(proxy.url).status
            assert "SSLCertVerificationError" == proxy.faults.requests[0].problem
        assert [] == books.bills
        with FaultProxy(f"{books.url}/api", context=trusting) as proxy:
            assert proxy.url + "/bills?page=2" == write_once(proxy.url).json["next"]
        assert ["{}"] == books.bills
