"""A database is for one company: an invoice of a second one is refused."""

from __future__ import annotations

from typing import Any

import attrs

from erp_invoice_core import ExportStatus, MemoryStore
from tests.worker.harness import APPROVER, SENDER, Office, case, document, ok


def _have(office: Office, id_: str, company: str) -> None:
    office.host.cases[id_] = case(attrs.evolve(document(id_), company_id=company))


def test_an_invoice_of_a_second_company_is_refused() -> None:
    """The reason names both companies, and nothing is sent."""
    office = Office()
    office.send("5000")
    _have(office, "5001", "2")

    (result,) = office.queue.send(["5001"], SENDER, connection="erp")

    (denial,) = result.verdict.denials
    assert ("company.other", {"company": "1", "other": "2"}) == (denial.code, dict(denial.facts))
    assert (
        "This database holds invoices of company 1, and this one is of company 2."
        " Keep one database per company." == denial.message
    )
    assert ExportStatus.NOT_SENT is office.status("5001")
    office.check()


def test_the_first_invoice_of_a_batch_says_which_company() -> None:
    """Of two companies in one batch the second is refused; its other invoices are sent."""
    office = Office()
    for id_, company in (("5000", "1"), ("5001", "2"), ("5002", "1")):
        _have(office, id_, company)

    results = office.queue.send(["5000", "5001", "5002"], SENDER, connection="erp")

    assert [True, False, True] == [each.verdict.allowed for each in results]


def test_another_queue_knows_the_company_of_the_database() -> None:
    """It is the company of the entries in the database, whichever queue sent them."""
    office = Office()
    office.send("5000")
    other = Office(store=office.store)
    _have(other, "5001", "2")

    (result,) = other.queue.send(["5001"], SENDER, connection="erp")

    assert ["company.other"] == [each.code for each in result.verdict.denials]


def test_a_resent_invoice_stays_with_its_company() -> None:
    """A document of another company is refused when it is sent again, too."""
    office = Office()
    office.send("5000")
    ok(office.queue.reject(["5000"], APPROVER, reason="No."))
    _have(office, "5000", "2")

    (result,) = office.queue.resend(["5000"], SENDER)

    assert ["company.other"] == [each.code for each in result.verdict.denials]


def test_a_refused_sending_sets_no_company() -> None:
    """A first sending that is refused leaves the database without a company."""
    office = Office()
    _have(office, "5000", "1")
    office.host.cases["5000"] = attrs.evolve(office.host.cases["5000"], vendor_synced=False)
    office.host.cases["5000"] = attrs.evolve(office.host.cases["5000"], invoice_status=None)
    assert not office.queue.send(["5000"], SENDER, connection="erp")[0].verdict
    _have(office, "5001", "2")

    ok(office.queue.send(["5001"], SENDER, connection="erp"))


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

    Office(store=store).send("5000")

    assert [20] == store.limits
