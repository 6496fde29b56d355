"""A session with Tryton keeps records from a check to the bill that follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.adapters import Secret
from erp_invoice_core.adapters.tryton.records import Records
from erp_invoice_core.adapters.tryton.session import TrytonSession
from erp_invoice_core.adapters.tryton.terms import PaymentTerms
from erp_invoice_core.testing import sample_request

if TYPE_CHECKING:
    from erp_invoice_core.adapters import ExportRequest
    from erp_invoice_core.adapters.settings import SettingValue

RECORDS = Records(
    party=1,
    address=2,
    payable=3,
    currency=4,
    job=5,
    cost_codes={},
    expenses={},
    taxes={},
    terms=PaymentTerms(terms=None, day=None),
)


def connect() -> TrytonSession:
    """Return a session of a server that is never asked."""
    settings: dict[str, SettingValue] = {
        "base_url": "http://127.0.0.1:1",
        "database": "books",
        "key": Secret("of the test"),
    }
    return TrytonSession(settings, 1.0)


def test_the_records_of_a_check_are_taken_once_for_the_same_bill() -> None:
    """A later bill is created from records that are read anew."""
    session, request = connect(), sample_request()
    session.keep_records(request, RECORDS)

    assert RECORDS is session.take_records(attrs.evolve(request, deadline=request.deadline))
    assert session.take_records(request) is None


def test_the_records_of_another_bill_are_not_taken() -> None:
    """Not even later: the records of a check are those of the call that follows it."""
    session, request = connect(), sample_request()
    session.keep_records(request, RECORDS)

    assert session.take_records(attrs.evolve(request, accounting_date=None)) is None
    assert session.take_records(request) is None


@pytest.mark.parametrize(
    "changed",
    [
        attrs.evolve(sample_request(), fields={"terms": "30 days"}),
        attrs.evolve(
            sample_request(),
            document=attrs.evolve(sample_request().document, vendor_origin_id="V-OTHER"),
        ),
    ],
    ids=["other terms", "another vendor"],
)
def test_the_records_depend_on_everything_they_are_found_by(changed: ExportRequest) -> None:
    """The terms and the codes of the document decide which records they are."""
    session = connect()
    session.keep_records(sample_request(), RECORDS)

    assert session.take_records(changed) is None


def test_the_records_are_read_again_after_a_rejection() -> None:
    """A rejection may mean that a record has changed."""
    session, request = connect(), sample_request()
    session.keep_records(request, RECORDS)
    session.forget_books()

    assert session.take_records(request) is None
