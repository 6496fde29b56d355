"""``why_not`` answers for a page of invoices with every reason, and records nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import Action, Actor, ExportStatus, InvoiceStatus, MemoryStore, SqliteStore
from erp_invoice_core.documents import QueueEntry
from erp_invoice_core.stores import UnreadableEntry
from tests.worker.harness import APPROVER, SENDER, WorkerHarness, build_case, build_document

if TYPE_CHECKING:
    from pathlib import Path


def test_every_reason_for_every_invoice() -> None:
    """Each invoice gets its verdict, in order, with all its reasons at once."""
    harness = WorkerHarness()
    harness.add_invoices("5000", "5001", "5002")
    bent = attrs.evolve(
        harness.host.cases["5001"], invoice_status=InvoiceStatus.DRAFT, number_is_unique=False
    )
    harness.host.cases["5001"] = bent
    harness.send("5002")

    results = harness.queue.why_not(["5002", "5001", "none", "5000"], SENDER, connection="erp")

    assert [
        ("5002", ["status.send"]),
        ("5001", ["invoice.not_sendable", "invoice.number_taken"]),
        ("none", ["invoice.unknown"]),
        ("5000", []),
    ] == [(one.id, [denial.code for denial in one.verdict.denials]) for one in results]


def test_nothing_is_recorded_and_no_erp_is_asked() -> None:
    """A query for a button asks neither the ERP nor the audit log."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    harness.queue.why_not(["5000"], APPROVER, connection="erp")

    assert ([], []) == (list(harness.queue.history("5000")), harness.seen)
    assert {} == dict(harness.count_requests())


@pytest.mark.parametrize("count", [1, 10, 200])
def test_a_page_costs_two_queries(tmp_path: Path, count: int) -> None:
    """For any number of invoices the store is read twice, and the host is asked once."""
    store = SqliteStore(tmp_path / "erp.db")
    harness = WorkerHarness(store=store)
    ids = [str(5000 + number) for number in range(count)]
    harness.add_invoices(*ids)
    harness.send(*ids[::2])
    harness.host.requests = 0
    statements: list[str] = []
    store._connection().set_trace_callback(statements.append)

    results = harness.queue.why_not(ids, SENDER, connection="erp")

    assert count == len(results)
    assert 2 == len(statements), statements
    assert {"SELECT"} == {statement.split()[0] for statement in statements}
    assert 1 == harness.host.requests


@pytest.mark.parametrize("count", [10, 100])
def test_a_number_that_is_taken_there(count: int) -> None:
    """An invoice whose number another one holds in the ERP gets the reason before it is sent."""
    harness = WorkerHarness()
    harness.accept("5000")
    harness.worker.run_once()
    ids = [str(6000 + number) for number in range(count)]
    twins = [attrs.evolve(build_document(id_), invoice_number="ACME-5000") for id_ in ids]
    harness.host.add(*twins)

    results = harness.queue.why_not(ids, SENDER, connection="erp")

    assert [["invoice.number_taken"]] * count == [
        [denial.code for denial in one.verdict.denials] for one in results
    ]


@pytest.mark.parametrize("action", [Action.REJECT, Action.RULE, Action.WITHDRAW, Action.UNLINK])
def test_what_is_prompted_for_counts_as_given(action: Action) -> None:
    """Before the action a missing reason, version or evidence denies nothing."""
    harness = WorkerHarness()
    harness.send("5000")
    (result,) = harness.queue.why_not(["5000"], APPROVER, action)
    codes = {denial.code for denial in result.verdict.denials}
    assert set() == codes & {"reason.required", "evidence.required", "entry.changed"}


def test_a_list_page_needs_no_document() -> None:
    """A host without an export document at hand can still ask for its buttons."""
    harness = WorkerHarness()
    harness.host.cases["5000"] = attrs.evolve(build_case(build_document()), document=None)
    (result,) = harness.queue.why_not(["5000"], SENDER, connection="erp")
    assert result.verdict.allowed
    (act,) = harness.queue.send(["5000"], SENDER, connection="erp")
    assert ["document.missing"] == [denial.code for denial in act.verdict.denials]


def test_an_answer_before_is_the_answer_at_the_act() -> None:
    """An allowed action then succeeds, and a denied one is denied for the same reasons."""
    harness = WorkerHarness()
    harness.add_invoices("5000", "5001")
    harness.host.cases["5001"] = attrs.evolve(
        harness.host.cases["5001"], vendor_synced=None, gross=None
    )
    before = harness.queue.why_not(["5000", "5001"], SENDER, connection="erp")
    after = harness.queue.send(["5000", "5001"], SENDER, connection="erp")
    assert [one.verdict for one in before] == [one.verdict for one in after]


def test_receipt_is_not_taken_to_be_denied_before_the_resolution() -> None:
    """A person who may resolve as absent is asked for the receipt at the action only."""
    harness = WorkerHarness()
    harness.send("5000")
    (result,) = harness.queue.why_not(["5000"], APPROVER, Action.RULE, rules_absent=True)

    codes = [denial.code for denial in result.verdict.denials]
    assert "export.document_stands" not in codes


def _build_damaged() -> WorkerHarness:
    harness = WorkerHarness()
    harness.add_invoices("5000", "5001")
    assert isinstance(harness.store, MemoryStore)
    harness.store._tables.entries["5000"] = UnreadableEntry(
        id="5000", status=ExportStatus.UNKNOWN, why="Its row was damaged."
    )
    return harness


def test_entry_that_cannot_be_read_is_denied_alone() -> None:
    """Before the action and at it the reason is given, and the other invoice is sent."""
    harness = _build_damaged()

    before = harness.queue.why_not(["5000", "5001"], SENDER, connection="erp")
    done = harness.queue.send(["5000", "5001"], SENDER, connection="erp")

    for results in (before, done):
        assert [["entry.unreadable"], []] == [
            [denial.code for denial in one.verdict.denials] for one in results
        ]
    (denial,) = done[0].verdict.denials
    assert {"id": "5000", "why": "Its row was damaged."} == dict(denial.facts)


def test_stranger_learns_nothing_of_an_entry_that_cannot_be_read() -> None:
    """The answer is the one for every other invoice."""
    (result,) = _build_damaged().queue.why_not(["5000"], Actor(id="guest"), connection="erp")

    assert ["permission.none"] == [denial.code for denial in result.verdict.denials]
    assert QueueEntry(id="5000") == result.entry
