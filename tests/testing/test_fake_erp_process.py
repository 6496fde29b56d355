"""The fake ERP in a process of its own keeps to each row of the promise table."""

from __future__ import annotations

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import Adapter, Connection
from erp_invoice_core.testing import AdapterContract, sample_document, sample_request
from erp_invoice_core.testing.fake_erp import (
    BOUNDLESS,
    KEYED,
    NUMBERED,
    PLUGINS,
    SETTLING,
    Chances,
    ErpProcess,
    RequestFault,
    Row,
    count_requests,
)
from erp_invoice_core.testing.fake_erp.http_adapter import AnswerLost, ErpUrl, NotSent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from erp_invoice_core.testing.contract.trial import Target

IDS = itertools.count(1)
KEY = "5000/1/1/create"
BILL: dict[str, Any] = {
    "vendor": "V-ACME",
    "number": "ACME-1",
    "amount": "20.00",
    "day": None,
    "digest": "d",
}


class Contract(AdapterContract):
    """The contract of adapters, against a process per class."""

    row: ClassVar[Row]
    fake: ClassVar[ErpProcess]

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def running(cls) -> Iterator[None]:
        """Return a running fake."""
        with ErpProcess(cls.row) as cls.fake:
            yield

    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        """Return its URL."""
        del tmp_path
        return {"base_url": self.fake.url}

    def document(self) -> erp.ExportDocument:
        """Return a document that the fake has not seen: it forgets nothing."""
        id_ = str(next(IDS))
        return attrs.evolve(sample_document(), invoice_id=id_, invoice_number=f"ACME-{id_}")


class TestKeyed(Contract):
    """It enforces keys."""

    row, plugin = Row.KEYED, KEYED


class _OfSameClient(Contract):
    """Its client is that of the keyed one, so that its time-out is not waited for again."""

    def target(self) -> Target:
        """Wait less than the time limit of a call."""
        return attrs.evolve(super().target(), patience=timedelta(seconds=4))


class TestNumbered(_OfSameClient):
    """It enforces numbers."""

    row, plugin = Row.NUMBERED, NUMBERED


class TestSettling(_OfSameClient):
    """It enforces nothing, and settles."""

    row, plugin = Row.SETTLING, SETTLING


class TestBoundless(_OfSameClient):
    """It enforces nothing, and there is no bound."""

    row, plugin = Row.BOUNDLESS, BOUNDLESS


def create(fake: ErpProcess, *, key: str = KEY, **given: object) -> dict[str, Any]:
    """Create a bill and return the answer."""
    content = {**BILL, **given, "key": key}
    return ErpUrl(fake.url).ask("create", {"key": key, "content": content})


def create_again(row: Row, *, number: str, key: str) -> list[str]:
    """Create a bill, remove it, and create it again; return the existing bills."""
    with ErpProcess(row) as fake:
        first = create(fake)["bill"]["id"]
        create(fake, number=number, key=key)
        ErpUrl(fake.url).ask("withdraw", {"id": first})
        create(fake, number=number, key=key)
        return [bill.state for bill in fake.report().bills]


@pytest.mark.parametrize(
    ("row", "number", "key", "expected"),
    [
        (Row.KEYED, "ACME-1", KEY, ["removed"]),
        (Row.KEYED, "ACME-1", "other", ["removed", "draft"]),
        (Row.NUMBERED, "ACME-1", "other", ["removed"]),
        (Row.NUMBERED, "ACME-2", KEY, ["removed", "draft"]),
        (Row.SETTLING, "ACME-1", KEY, ["removed", "draft", "draft"]),
        (Row.BOUNDLESS, "ACME-1", KEY, ["removed", "draft", "draft"]),
    ],
)
def test_what_a_row_enforces(row: Row, number: str, key: str, expected: list[str]) -> None:
    """A key, or a number, makes one bill, also after its deletion; else each request makes one."""
    assert expected == create_again(row, number=number, key=key)


def test_a_request_that_is_too_old_is_dead() -> None:
    """If a settle time is declared, a request that is held for longer is never carried out."""
    with ErpProcess(Row.SETTLING) as fake:
        fake.plan("create", RequestFault.HOLD)
        promise = SETTLING.promise
        assert promise.settles is not None
        with pytest.raises(AnswerLost):
            hold_request(fake, promise.settles + 0.1)
        assert () == fake.report().bills
        assert ["dead"] == [each.fault for each in fake.report().requests]


def test_a_request_without_a_bound_is_carried_out_late() -> None:
    """If no settle time is declared, a request that is held for long is carried out."""
    with ErpProcess(Row.BOUNDLESS) as fake:
        fake.plan("create", RequestFault.HOLD)
        assert "BILL-1" == hold_request(fake, 0.6)["bill"]["id"]


def hold_request(fake: ErpProcess, seconds: float) -> dict[str, Any]:
    """Create a bill that is held, and release it after that number of seconds."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(create, fake)
        time.sleep(seconds)
        assert not fake.report().is_quiet
        fake.release()
        return answer.result()


def test_a_bill_is_found_once_it_is_visible() -> None:
    """A look-up finds a bill after the time that is declared, and not before."""
    with ErpProcess(Row.SETTLING) as fake:
        key, early = looked_early(fake)
        time.sleep(SETTLING.promise.visible)
        assert ([], 1) == (early, len(find_bills(fake, key)))


def looked_early(fake: ErpProcess) -> tuple[str, list[Any]]:
    """Create a bill and look it up before it is visible; return its key, and what was found."""
    for key in map(str, range(50)):
        begun, bills = time.monotonic(), []
        with suppress(AnswerLost):
            create(fake, key=key)
            bills = find_bills(fake, key)
        if time.monotonic() - begun < SETTLING.promise.visible:
            return key, bills
    pytest.fail("This machine was never quick enough to look in time.")


def find_bills(fake: ErpProcess, key: str) -> list[Any]:
    """Return the bills that a look-up by key finds."""
    bills: list[Any] = ErpUrl(fake.url).ask("find", {"step": "create", "keys": [key]})["bills"]
    return bills


@pytest.mark.parametrize(
    ("fault", "bills"),
    [(RequestFault.LOST, 1), (RequestFault.DROPPED, 0), (RequestFault.PROMPT, 1)],
)
def test_faults(fault: RequestFault, bills: int) -> None:
    """An answer that is lost leaves a bill, a request that is dropped leaves none."""
    with ErpProcess(Row.KEYED) as fake:
        fake.plan("create", fault)
        if fault is RequestFault.PROMPT:
            create(fake)
        else:
            with pytest.raises(AnswerLost):
                create(fake)
        assert bills == len(fake.report().bills)
        assert 1 == fake.report().count("create") == count_requests(fake.url)


def test_bill_is_paid_and_voided_by_hand() -> None:
    """A bill is paid in the fake, the payment is read and voided, and a void bill is gone."""
    with ErpProcess(Row.KEYED) as fake:
        create(fake)
        (bill,) = fake.report().bills
        adapter = Adapter(PLUGINS[Row.KEYED])
        session = adapter.connect(Connection("erp", adapter.key, {"base_url": fake.url}))
        assert isinstance(session, erp.Session)
        receipt = erp.Receipt(step="create", erp_id=bill.id, role=erp.Role.BILL)
        assert () == adapter.payments(session, receipt)
        paid = fake.pay(bill.id, Decimal("20.00"), date(2026, 11, 20), reference="CHK-1")
        payment = erp.ErpPayment(
            amount=Decimal("20.00"),
            date=date(2026, 11, 20),
            reference="CHK-1",
            method="check",
            erp_id=paid,
        )
        assert (payment,) == adapter.payments(session, receipt)
        assert erp.PaymentState.PAID is adapter.read(session, receipt).paid  # type: ignore[union-attr] # it was just booked
        fake.void_payment(bill.id, paid)
        assert () == adapter.payments(session, receipt)
        fake.void(bill.id)
        assert isinstance(adapter.read(session, receipt), erp.Gone)
        assert () == adapter.payments(session, erp.Receipt(step="create", erp_id="NONE"))


def test_chance_is_seeded() -> None:
    """The same seed leads to the same faults for the same requests."""

    def faults(seed: int) -> list[str]:
        with ErpProcess(Row.KEYED, seed=seed, chances=Chances(lost=0.3, dropped=0.3)) as fake:
            for place in range(20):
                try:
                    create(fake, key=str(place))
                except AnswerLost:
                    continue
            return [each.fault for each in fake.report().requests]

    first = faults(7)
    assert {"prompt", "lost", "dropped"} == set(first)
    assert first == faults(7)
    assert first != faults(8)


def test_nothing_is_sent_after_the_deadline_nor_without_a_caller() -> None:
    """After the deadline, or without a server, an adapter answers that nothing was sent."""
    request = sample_request()
    with ErpProcess(Row.KEYED) as fake:
        late = attrs.evolve(request, deadline=request.deadline - timedelta(days=36500))
        assert isinstance(write_first_step(fake.url, late), erp.Deferred)
        assert 0 == fake.report().count("create")
    with pytest.raises(NotSent):
        ErpUrl(fake.url).ask("unknown", {})
    assert isinstance(write_first_step(fake.url, request), erp.Deferred)


def write_first_step(url: str, request: erp.ExportRequest) -> erp.Outcome:
    """Carry out the first step with an adapter."""
    adapter = Adapter(PLUGINS[Row.KEYED])
    session = adapter.connect(Connection("erp", adapter.key, {"base_url": url}))
    assert isinstance(session, erp.Session)
    plan = adapter.steps(request)
    assert not isinstance(plan, erp.Deferred)
    return adapter.write(session, request, plan[0])


def test_it_says_that_it_is_a_fake() -> None:
    """Its name says that it is a fake."""
    names = {Adapter(plugin).name for plugin in PLUGINS.values()}
    assert len(Row) == len(names)
    assert all(name.startswith("Fake ERP") for name in names)
