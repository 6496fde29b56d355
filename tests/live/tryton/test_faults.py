"""Lost answers, slow and killed servers, racing workers: each invoice is in Tryton once."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import ExportStatus, SqliteStore
from erp_invoice_core.adapters import CannotTell, Deferred, Unknown
from erp_invoice_core.adapters.tryton import writes
from erp_invoice_core.adapters.tryton.bill import build_bill
from erp_invoice_core.testing import sample_request
from erp_invoice_core.testing.faults import Fault, FaultProxy
from tests.live.tryton.company import LiveCompany, build_document
from tests.long_runs import keep_rows
from tests.worker.harness import APPROVER, EVERYTHING, SENDER, check_allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from erp_invoice_core.adapters import ExportDocument
    from erp_invoice_core.testing.faults.plan import FaultRequest
    from examples.tryton.server import TrytonServer

#: Waits in seconds between the request that posts and the end of the server.
MOMENTS = (0.0, 0.02, 0.08, 0.2, 0.5, 1.0)


@pytest.fixture
def proxy(server: TrytonServer) -> Iterator[FaultProxy]:
    """A proxy before the server, which provokes faults."""
    with FaultProxy(server.url) as running:
        yield running


@pytest.fixture
def behind(server: TrytonServer, proxy: FaultProxy) -> LiveCompany:
    """A company whose requests pass the proxy."""
    return LiveCompany(server, url=proxy.url)


def is_creation(request: FaultRequest) -> bool:
    """Return whether a request creates a bill."""
    return request.method == "POST" and request.path.endswith("/account.invoice")


def is_posting(request: FaultRequest) -> bool:
    """Return whether a request posts a bill."""
    return request.method == "POST" and request.path.endswith("/post")


def require_one(company: LiveCompany, invoice: ExportDocument) -> None:
    """Assert that the invoice is one posted bill with one move, and synced."""
    number = str(invoice.invoice_number)
    assert [("V-ACME", "posted")] == company.ledger.list_bills(number)
    assert 1 == company.ledger.count_moves(number)
    assert ExportStatus.SYNCED is company.get_entry(invoice).status


@pytest.mark.parametrize(
    "fault",
    keep_rows([Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.BAD_GATEWAY], [Fault.LOST_AFTER]),
)
@pytest.mark.parametrize("step", [is_creation, is_posting], ids=["creation", "posting"])
def test_a_lost_answer_is_resolved_by_look_up(
    behind: LiveCompany,
    proxy: FaultProxy,
    step: Callable[[FaultRequest], bool],
    fault: Fault,
) -> None:
    """The invoice is one posted bill in the end, if the request was carried out and if not."""
    invoice = build_document("100.00")
    proxy.faults.inject(fault, on=step)
    behind.export(invoice)

    require_one(behind, invoice)


def test_four_racing_workers_make_one_bill_each(server: TrytonServer, tmp_path: Path) -> None:
    """Workers that claim the same invoices at once never make a bill twice."""
    company = LiveCompany(server, store=SqliteStore(tmp_path / "erp.db"))
    invoices = [build_document(f"{amount}.00") for amount in (100, 200, 300)]
    company.accept(*invoices)
    workers = [company.build_worker(f"worker-{number}") for number in range(4)]
    threads = [threading.Thread(target=worker.run_until_idle) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    company.work(*invoices)  # bills that Tryton posts at once may lock each other out

    for invoice in invoices:
        require_one(company, invoice)


@pytest.mark.parametrize("moment", keep_rows(MOMENTS, MOMENTS[3:4]))
def test_a_server_killed_while_it_posts(
    behind: LiveCompany, proxy: FaultProxy, server: TrytonServer, moment: float
) -> None:
    """After a restart the bill is a draft or posted, never half, and is exported to the end."""
    invoice = build_document("100.00", "200.00")
    behind.accept(invoice)

    def kill() -> None:
        server.kill()
        server.start()

    def choose(request: FaultRequest) -> bool:
        if is_posting(request) and not killers:
            killers.append(threading.Timer(moment, kill))
            killers[0].start()
        return False

    killers: list[threading.Timer] = []
    proxy.faults.inject(Fault.LOST_BEFORE, on=choose)
    behind.work(invoice)
    killers[0].join()

    require_one(behind, invoice)


@pytest.mark.soak
def test_a_server_slower_than_the_time_limit(server: TrytonServer, proxy: FaultProxy) -> None:
    """A server that stops while it creates a bill leaves the call in doubt, until a look-up."""
    company = LiveCompany(server, url=proxy.url, time_limit=timedelta(seconds=4))
    invoice = build_document("100.00")
    stopped = threading.Event()

    def stop(request: FaultRequest) -> bool:
        if is_creation(request) and not stopped.is_set():
            server.signal(signal.SIGSTOP)
            stopped.set()
        return False

    session, request = company.connect(), sample_request(invoice)
    (step, *_) = company.plan(session, request)
    company.adapter.check(session, request)
    proxy.faults.inject(Fault.LOST_BEFORE, on=stop)
    try:
        outcome = company.adapter.write(session, request, step)
        while_stopped = company.adapter.find(session, request, step, ())
    finally:
        server.signal(signal.SIGCONT)
    patient = LiveCompany(server)
    patient.host.add(invoice)
    check_allowed(patient.queue.send([invoice.invoice_id], SENDER, connection="tryton"))
    (accepted,) = patient.queue.accept([invoice.invoice_id], APPROVER)
    if accepted.verdict:  # the request of the stopped server was not carried out yet
        patient.work(invoice)

    assert {"tryton.number_taken"} >= {denial.code for denial in accepted.verdict.denials}
    assert stopped.is_set()
    assert isinstance(outcome, Unknown)
    assert isinstance(while_stopped, CannotTell)
    assert len(patient.ledger.list_bills(str(invoice.invoice_number))) == 1


def test_a_revoked_key_needs_a_person(company: LiveCompany) -> None:
    """Nothing is written under a key that was cancelled, and the invoice is not refused."""
    invoice = build_document("100.00")
    session, request = company.connect(), sample_request(invoice)
    (step, *_) = company.plan(session, request)
    company.ledger.change("UPDATE res_user_application SET state = 'cancelled'")
    try:
        outcome = company.adapter.write(session, request, step)
        sighting = company.adapter.find(session, request, step, ())
        company.accept(invoice)
        company.build_worker().run_once()
    finally:
        company.ledger.change("UPDATE res_user_application SET state = 'validated'")
    entry = company.get_entry(invoice)

    assert isinstance(outcome, Deferred)
    assert outcome.needs_person
    assert isinstance(sighting, CannotTell)
    assert company.server.key not in f"{outcome} {sighting} {entry} {session.value}"
    assert [] == company.ledger.list_bills(str(invoice.invoice_number))
    assert ExportStatus.ACCEPTED is entry.status


def test_a_draft_whose_period_closes_meanwhile_is_withdrawn(
    behind: LiveCompany, proxy: FaultProxy
) -> None:
    """The draft is removed on request, and the invoice is exported again as one bill."""
    invoice = build_document("100.00")
    ids, number = [invoice.invoice_id], str(invoice.invoice_number)
    change = "UPDATE account_period SET state = ? WHERE start_date = '2026-10-01'"

    def close(request: FaultRequest) -> bool:
        if is_posting(request):
            behind.ledger.change(change, "closed")
        return False

    proxy.faults.inject(Fault.LOST_BEFORE, on=close)
    try:
        failed = behind.export(invoice)
    finally:
        proxy.faults.clear()
        behind.ledger.change(change, "open")
    codes, left = behind.list_codes(invoice), behind.ledger.list_bills(number)
    check_allowed(behind.queue.withdraw(ids, EVERYTHING))
    behind.build_worker().run_until_idle()
    removed = behind.ledger.list_bills(number)
    check_allowed(behind.queue.retry(ids, APPROVER))
    behind.work(invoice)

    assert ([ExportStatus.FAILED], ["tryton.period_closed"]) == (failed, codes)
    assert ([("V-ACME", "draft")], []) == (left, removed)
    require_one(behind, invoice)


@pytest.mark.soak
def test_a_field_that_tryton_does_not_have_is_not_tried_for_ever(
    company: LiveCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tryton's own error of the server leaves no bill, and ends with a person."""

    def add_field(*given: Any) -> dict[str, Any]:  # noqa: ANN401 - those of the function
        return {**build_bill(*given), "field_of_another_version": "1"}

    invoice = build_document("100.00")
    monkeypatch.setattr(writes, "build_bill", add_field)
    company.retry_policy = attrs.evolve(company.retry_policy, lost_claims=2)
    company.export(invoice)

    assert ExportStatus.FAILED is company.get_entry(invoice).status
    assert [] == company.ledger.list_bills(str(invoice.invoice_number))


@pytest.mark.soak
def test_an_error_of_the_server_is_not_tried_for_ever(
    behind: LiveCompany, proxy: FaultProxy
) -> None:
    """An error that comes each time, as that of an unknown field, ends with a person."""
    invoice = build_document("100.00")
    behind.retry_policy = attrs.evolve(behind.retry_policy, lost_claims=2)
    proxy.faults.inject(Fault.ERROR_BEFORE, on=is_creation, times=None)
    behind.export(invoice)
    tries = [each for each in proxy.faults.requests if each.fault is Fault.ERROR_BEFORE]

    assert ExportStatus.FAILED is behind.get_entry(invoice).status
    assert 2 == len(tries)
    assert [] == behind.ledger.list_bills(str(invoice.invoice_number))
