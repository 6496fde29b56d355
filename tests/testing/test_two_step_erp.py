"""The fake of two steps is faithful about faults."""

from __future__ import annotations

import json
import multiprocessing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing import FakeLedger, TwoStepErp, sample_request
from erp_invoice_core.testing.fake_erp.ledger import ErpDocument

if TYPE_CHECKING:
    from pathlib import Path


@attrs.define
class Clock:
    """A clock that is set by hand."""

    now: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


@attrs.frozen
class ErpTrial:
    """The fake with a clock, a session and a request."""

    clock: Clock
    fake: TwoStepErp
    adapter: erp.Adapter
    session: erp.Session
    request: erp.ExportRequest

    def create(self) -> erp.Outcome:
        """Carry out the first step."""
        return self.adapter.write(self.session, self.request, self.steps()[0])

    def post(self, *receipts: erp.Receipt) -> erp.Outcome:
        """Carry out the second step."""
        return self.adapter.write(self.session, self.request, self.steps()[1], receipts)

    def find(self) -> erp.Sighting:
        """Look the first step up."""
        step = self.steps()[0]
        return self.adapter.find(self.session, self.request, step, [self.request.key(step).text])

    def steps(self) -> tuple[erp.Step, ...]:
        """Return the plan."""
        plan = self.adapter.steps(self.request)
        assert not isinstance(plan, erp.Deferred)
        return plan


@pytest.fixture
def harness() -> ErpTrial:
    """Return an empty fake, at noon."""
    clock = Clock()
    fake = TwoStepErp(clock=clock, visible_after=timedelta(minutes=1))
    adapter = erp.Adapter(fake)
    session = adapter.connect(erp.Connection("fake", fake.erp_declaration().key))
    assert isinstance(session, erp.Session)
    request = attrs.evolve(sample_request(), deadline=clock.now + timedelta(hours=1))
    return ErpTrial(clock, fake, adapter, session, request)


def receipt(outcome: erp.Outcome) -> erp.Receipt:
    """Return the receipt of a step that was done."""
    assert isinstance(outcome, erp.Done), outcome
    return outcome.receipt


def test_bill_is_drafted_then_posted(harness: ErpTrial) -> None:
    """Two steps leave one posted bill; each step has its receipt of the same document."""
    draft = receipt(harness.create())
    posted = receipt(harness.post(draft))
    assert (("draft", erp.Role.BILL), ("posted", None)) == (
        (draft.state, draft.role),
        (posted.state, posted.role),
    )
    assert draft.erp_id == posted.erp_id
    assert ["posted"] == [bill.state for bill in harness.fake.ledger.list_bills()]


def test_refused_post_leaves_the_draft_which_can_be_withdrawn(harness: ErpTrial) -> None:
    """A closed period refuses the posting; the draft stays until it is removed."""
    harness.fake.ledger.inject("post", "refuse")
    draft = receipt(harness.create())
    outcome = harness.post(draft)
    assert isinstance(outcome, erp.Refused)
    assert ["two_step_fake.period_closed"] == [d.code for d in outcome.verdict.denials]
    assert 1 == len(harness.fake.ledger.list_bills())
    assert erp.Done(draft) == harness.adapter.withdraw(harness.session, draft)
    assert [] == harness.fake.ledger.list_bills()
    assert isinstance(harness.adapter.read(harness.session, draft), erp.Gone)


def test_posted_bill_is_not_withdrawn(harness: ErpTrial) -> None:
    """A posted bill stays."""
    draft = receipt(harness.create())
    harness.post(draft)
    assert isinstance(harness.adapter.withdraw(harness.session, draft), erp.Refused)
    assert 1 == len(harness.fake.ledger.list_bills())


def test_lost_answer_is_unknown_and_the_bill_is_there(harness: ErpTrial) -> None:
    """An answer lost after the writing leaves a bill that is found once it is visible."""
    harness.fake.ledger.inject("create", "lose")
    assert isinstance(harness.create(), erp.Unknown)
    assert isinstance(harness.find(), erp.Absent)
    harness.clock.now += timedelta(minutes=1)
    sighting = harness.find()
    assert isinstance(sighting, erp.Found)
    assert "BILL-1" == sighting.receipt.erp_id


def test_late_request_is_carried_out_later(harness: ErpTrial) -> None:
    """A request without an answer may be carried out after its caller stopped waiting."""
    harness.fake.ledger.inject("create", "late", seconds=30)
    assert isinstance(harness.create(), erp.Unknown)
    assert [] == harness.fake.ledger.list_bills(harness.clock.now)
    harness.clock.now += timedelta(seconds=30)
    assert 1 == len(harness.fake.ledger.list_bills(harness.clock.now))


def test_unreachable_and_dropped_requests_write_nothing(harness: ErpTrial) -> None:
    """Refused connections are deferred, dropped requests unknown, and neither leaves a bill."""
    harness.fake.ledger.inject("create", "unreachable")
    harness.fake.ledger.inject("create", "drop")
    harness.fake.ledger.inject("find", "unreachable")
    assert isinstance(harness.create(), erp.Deferred)
    assert isinstance(harness.create(), erp.Unknown)
    assert isinstance(harness.find(), erp.CannotTell)
    assert [] == harness.fake.ledger.list_bills()
    assert (2, 1) == (
        harness.fake.ledger.count_requests("create"),
        harness.fake.ledger.count_requests("find"),
    )


def test_key_that_is_not_kept_makes_two(harness: ErpTrial) -> None:
    """Without enforced keys, two writes make two bills."""
    harness.create()
    harness.create()
    harness.clock.now += timedelta(minutes=1)
    assert 2 == len(harness.fake.ledger.list_bills())
    assert isinstance(harness.find(), erp.Several)


def test_key_that_is_kept_is_used_up_by_deletion() -> None:
    """Where the key is enforced, it makes no second bill, not even after the first is gone."""
    fake = TwoStepErp(enforces_key=True)
    adapter = erp.Adapter(fake)
    request = sample_request()
    session = adapter.connect(erp.Connection("fake", "two_step_fake"))
    assert isinstance(session, erp.Session)
    step = erp.Step("create", "create", erp.Role.BILL)
    draft = receipt(adapter.write(session, request, step))
    adapter.withdraw(session, draft)
    assert isinstance(adapter.write(session, request, step), erp.Refused)


def test_bill_is_paid_in_parts(harness: ErpTrial) -> None:
    """A bill is open, part paid and paid; a voided payment opens it again, and voiding is gone."""
    bill = receipt(harness.create())
    due, ledger = harness.request.document.due, harness.fake.ledger

    def find() -> tuple[str, list[str | erp.NotSaid | None]]:
        shown = harness.adapter.read(harness.session, bill)
        payments = harness.adapter.payments(harness.session, bill)
        assert isinstance(shown, erp.Contents)
        assert isinstance(shown.paid, erp.PaymentState)
        assert not isinstance(payments, erp.CannotTell)
        return shown.paid.value, [each.reference for each in payments]

    assert ("open", []) == find()
    first = ledger.pay(bill.erp_id, due - 1, date(2026, 11, 20), reference="CHK-1")
    assert ("part_paid", ["CHK-1"]) == find()
    ledger.pay(bill.erp_id, Decimal(1), date(2026, 11, 21))
    assert ("paid", ["CHK-1", None]) == find()
    ledger.void_payment(bill.erp_id, first)
    assert ("part_paid", [None]) == find()
    ledger.change(bill.erp_id, number="CHANGED")
    ledger.void(bill.erp_id)
    assert isinstance(harness.adapter.read(harness.session, bill), erp.Gone)
    assert 1 == len(harness.adapter.payments(harness.session, bill))  # type: ignore[arg-type] # it is a tuple


def test_post_without_its_draft_is_refused(harness: ErpTrial) -> None:
    """A deleted draft cannot be posted."""
    draft = receipt(harness.create())
    harness.adapter.withdraw(harness.session, draft)
    assert isinstance(harness.post(draft), erp.Refused)


def test_hanging_request_is_answered_in_the_end(harness: ErpTrial) -> None:
    """A call that hangs takes its time, then is done."""
    harness.fake.ledger.inject("create", "hang", seconds=0.05)
    start = datetime.now(UTC)
    receipt(harness.create())
    assert timedelta(seconds=0.05) <= datetime.now(UTC) - start


def _die(path: str) -> None:
    adapter = erp.Adapter(TwoStepErp())
    session = adapter.connect(erp.Connection("fake", "two_step_fake", {"path": path}))
    assert isinstance(session, erp.Session)
    adapter.write(session, sample_request(), erp.Step("create", "create", erp.Role.BILL))


@pytest.mark.parametrize(("do", "left"), [("die", 0), ("die_after", 1)])
def test_process_dies_and_the_books_stay(tmp_path: Path, do: str, left: int) -> None:
    """A process killed before or after the writing leaves books that another one reads."""
    path = tmp_path / "fake.json"
    FakeLedger(path).inject("create", do)
    process = multiprocessing.get_context("spawn").Process(target=_die, args=(str(path),))
    process.start()
    process.join(30)
    assert -9 == process.exitcode
    assert left == len(FakeLedger(path).list_bills())


def test_plan_of_faults_is_taken_in_from_a_file(tmp_path: Path) -> None:
    """A command's fake takes the faults laid beside it, once."""
    plan = tmp_path / "faults.json"
    plan.write_text(json.dumps([{"on": "create", "do": "refuse"}]))
    settings = {"path": str(tmp_path / "fake.json"), "faults": str(plan)}
    adapter = erp.Adapter(TwoStepErp())
    session = adapter.connect(erp.Connection("fake", "two_step_fake", settings))
    assert isinstance(session, erp.Session)
    step = erp.Step("create", "create", erp.Role.BILL)
    assert isinstance(adapter.write(session, sample_request(), step), erp.Refused)
    assert isinstance(adapter.write(session, sample_request(), step), erp.Done)
    assert not plan.exists()


def test_a_file_is_read_again_after_another_process_changed_it(tmp_path: Path) -> None:
    """Two ledgers of one file see each other's changes."""
    first, second = FakeLedger(tmp_path / "fake.json"), FakeLedger(tmp_path / "fake.json")
    with first.lock() as state:
        state.requests.append(("create", "A"))
    with second.lock() as state:
        state.requests.append(("create", "B"))

    with first.lock() as state:
        state.requests.append(("post", "A"))

    assert 3 == first.count_requests() == second.count_requests()
    assert 2 == FakeLedger(tmp_path / "fake.json").count_requests("create")


def test_listed_bills_do_not_change_later(tmp_path: Path) -> None:
    """A bill that was listed is a copy, in memory and in a file."""
    for ledger in (FakeLedger(), FakeLedger(tmp_path / "fake.json")):
        with ledger.lock() as state:
            state.bills["1"] = ErpDocument(
                key="K", vendor="V-ACME", number="7", amount="1.00", day=None
            )
        (listed,) = ledger.list_bills()

        ledger.void("1")

        assert listed.exists
        assert [] == ledger.list_bills()
