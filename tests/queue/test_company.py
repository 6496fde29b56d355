"""A database is for one company: an invoice of a second one is refused."""

from __future__ import annotations

from typing import Any

import attrs

from erp_invoice_core import ExportStatus, MemoryStore
from tests.worker.harness import (
    APPROVER,
    SENDER,
    WorkerHarness,
    build_case,
    build_document,
    check_allowed,
)


def _have(harness: WorkerHarness, id_: str, company: str) -> None:
    harness.host.cases[id_] = build_case(attrs.evolve(build_document(id_), company_id=company))


def test_an_invoice_of_a_second_company_is_refused() -> None:
    """The reason names both companies, and nothing is sent."""
    harness = WorkerHarness()
    harness.send("5000")
    _have(harness, "5001", "2")

    (result,) = harness.queue.send(["5001"], SENDER, connection="erp")

    (denial,) = result.verdict.denials
    assert ("company.other", {"company": "1", "other": "2"}) == (denial.code, dict(denial.facts))
    assert (
        "This database has invoices of company 1, and this invoice is of company 2. Send the"
        " invoice from the database of its own company." == denial.message
    )
    assert ExportStatus.NOT_SENT is harness.get_status("5001")
    harness.check_audit_log()


def test_the_first_invoice_of_a_batch_says_which_company() -> None:
    """Of two companies in one batch the second is refused; its other invoices are sent."""
    harness = WorkerHarness()
    for id_, company in (("5000", "1"), ("5001", "2"), ("5002", "1")):
        _have(harness, id_, company)

    results = harness.queue.send(["5000", "5001", "5002"], SENDER, connection="erp")

    assert [True, False, True] == [each.verdict.allowed for each in results]


def test_another_queue_knows_the_company_of_the_database() -> None:
    """It is the company of the entries in the database, whichever queue sent them."""
    harness = WorkerHarness()
    harness.send("5000")
    other = WorkerHarness(store=harness.store)
    _have(other, "5001", "2")

    (result,) = other.queue.send(["5001"], SENDER, connection="erp")

    assert ["company.other"] == [each.code for each in result.verdict.denials]


def test_a_resent_invoice_stays_with_its_company() -> None:
    """A document of another company is refused when it is sent again, too."""
    harness = WorkerHarness()
    harness.send("5000")
    check_allowed(harness.queue.reject(["5000"], APPROVER, reason="No."))
    _have(harness, "5000", "2")

    (result,) = harness.queue.resend(["5000"], SENDER)

    assert ["company.other"] == [each.code for each in result.verdict.denials]


def test_a_refused_sending_sets_no_company() -> None:
    """A first sending that is refused leaves the database without a company."""
    harness = WorkerHarness()
    _have(harness, "5000", "1")
    harness.host.cases["5000"] = attrs.evolve(harness.host.cases["5000"], vendor_synced=False)
    harness.host.cases["5000"] = attrs.evolve(harness.host.cases["5000"], invoice_status=None)
    assert not harness.queue.send(["5000"], SENDER, connection="erp")[0].verdict
    _have(harness, "5001", "2")

    check_allowed(harness.queue.send(["5001"], SENDER, connection="erp"))


class _Counted(MemoryStore):
    """A store that records the largest number of entries in a query."""

    limits: list[object]

    def entries(self, *args: Any, **given: Any) -> Any:  # noqa: ANN401 - as a store takes it
        if not args:
            self.limits.append(given.get("limit"))
        return super().entries(*args, **given)


def test_the_company_is_found_in_the_first_entries() -> None:
    """Twenty entries of a million are read to find the company."""
    store = _Counted()
    store.limits = []

    WorkerHarness(store=store).send("5000")

    assert [20] == store.limits


def test_the_company_is_found_behind_imported_entries() -> None:
    """Entries that were imported as synced have no export document, however many they are."""
    store = _Counted()
    store.limits = []
    harness = WorkerHarness(store=store)
    imported = {str(number): f"B-{number}" for number in range(1000, 1700)}
    assert all(each.verdict for each in harness.queue.import_synced(imported, connection="erp"))
    harness.send("5000")

    other = WorkerHarness(store=store).queue.company.find()

    assert build_document().company_id == other
    assert [20, 500, 500] == store.limits[-3:]
