"""Statuses, payments and dates of the source system that speak against an invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.rules import Case, Policy, decide
from erp_invoice_core.vocabulary import Action
from tests.spec.allowed_cases import build_allowed_case

#: The sentence about a commitment that was deleted.
DELETED = "The commitment was deleted on 2026-10-01. Send no invoice of it, or restore it first."


def _list_denials(action: Action = Action.SEND, **bend: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any fact
    case = attrs.evolve(build_allowed_case(action), **bend)
    return [(denial.code, denial.message) for denial in decide(action, case).denials]


@pytest.mark.parametrize("action", [Action.SEND, Action.RESEND])
def test_status_of_another_integration_is_quoted(action: Action) -> None:
    """A status that another integration left denies sending and stands in the sentence."""
    expected = [
        (
            "invoice.in_another_integration",
            (
                'The ERP status of this invoice is "exporting", although this export queue did not'
                " export it. Another integration may have exported it. Check in the ERP whether the"
                " invoice is there."
            ),
        )
    ]

    assert expected == _list_denials(action, erp_status=" exporting ")


def test_status_of_another_integration_is_a_notice_later() -> None:
    """After the sending our own export may be the cause: the approver gets a notice."""
    case = attrs.evolve(build_allowed_case(Action.ACCEPT), erp_status="synced")
    (notice,) = decide(Action.ACCEPT, case).notices

    assert notice.code == "invoice.in_another_integration"
    assert {"erp_status": "synced"} == notice.facts
    assert '"synced"' in notice.message


@pytest.mark.parametrize(
    ("bend", "expected"),
    [
        (
            {"payment_date": date(2026, 11, 3), "amount_paid": Decimal(18900)},
            (
                "This invoice was paid on 2026-11-03 (18900.00 USD). Do not export it, as it would"
                " be booked a second time."
            ),
        ),
        (
            {"payment_date": date(2026, 11, 3), "amount_paid": Decimal(0)},
            (
                "This invoice was paid on 2026-11-03. Do not export it, as it would be booked a"
                " second time."
            ),
        ),
        (
            {"amount_paid": Decimal("0.01")},
            (
                "This invoice is paid (0.01 USD). Do not export it, as it would be booked a second"
                " time."
            ),
        ),
        ({}, "This invoice is paid. Do not export it, as it would be booked a second time."),
    ],
)
def test_payment_is_reported_as_far_as_it_is_known(bend: dict[str, Any], expected: str) -> None:
    """A paid invoice is denied, with the day and the amount where they are known."""
    assert [("invoice.paid", expected)] == _list_denials(is_paid=True, **bend)


def test_payment_that_is_not_known_denies() -> None:
    """A host that says it does not know whether an invoice is paid has to look it up."""
    sentence = (
        "It is not known whether this invoice is paid. Have the host application supply this fact,"
        " as a paid invoice must not be exported."
    )
    expected = [("invoice.paid", sentence)]

    assert expected == _list_denials(is_paid=None)


def test_rejected_items_are_named() -> None:
    """Each rejected item stands in the sentence."""
    expected = [
        (
            "invoice.item_rejected",
            (
                "These items of the invoice are rejected: 3 (Bracing), 4. Have them approved in the"
                " review of the invoice, or take them out of the invoice."
            ),
        )
    ]

    assert expected == _list_denials(rejected_items=("3 (Bracing)", "4"))


@pytest.mark.parametrize(
    ("bend", "sentence"),
    [
        (
            {"commitment_status": "Void"},
            (
                'The status of the commitment is "Void". Send no invoice of it, or correct the'
                " status first."
            ),
        ),
        (
            {"commitment_status": "Terminated"},
            (
                'The status of the commitment is "Terminated". Send no invoice of it, or correct'
                " the status first."
            ),
        ),
        ({"commitment_deleted_on": date(2026, 10, 1)}, DELETED),
        ({"commitment_deleted_on": date(2026, 10, 1), "commitment_status": "Void"}, DELETED),
    ],
)
def test_commitment_that_is_not_active_is_named_by_its_status(
    bend: dict[str, Any], sentence: str
) -> None:
    """The status of a commitment of which nothing may be sent stands in the sentence."""
    assert [("commitment.not_active", sentence)] == _list_denials(**bend)


@pytest.mark.parametrize(
    ("bend", "day", "bounds"),
    [
        ({"billing_date": date(1, 1, 1)}, "0001-01-01", "one from 2000-01-01 to 2028-11-26"),
        ({"billing_date": date(2028, 11, 27)}, "2028-11-27", "one from 2000-01-01 to 2028-11-26"),
        (
            {"billing_date": date(2028, 2, 29), "today": date(2024, 2, 29)},
            "2028-02-29",
            "one from 2000-01-01 to 2026-02-28",
        ),
        (
            {"billing_date": date(1999, 1, 1), "today": None},
            "1999-01-01",
            "2000-01-01 or a later date",
        ),
        (
            {"billing_date": date(1999, 1, 1), "today": date(9998, 1, 1)},
            "1999-01-01",
            "one from 2000-01-01 to 9999-01-01",
        ),
    ],
)
def test_billing_date_out_of_range_is_reported_with_the_range(
    bend: dict[str, Any], day: str, bounds: str
) -> None:
    """An implausible billing date stands in the sentence, with the first and the last day."""
    sentence = f"The billing date {day} is not plausible. Enter {bounds}."

    assert [("field.billing_date.range", sentence)] == _list_denials(**bend)


def test_case_without_record_says_nothing_against_it() -> None:
    """A host whose invoices come from no such system leaves the facts of the record out."""
    case = Case()

    assert (None, False, None, (), ()) == (
        case.erp_status,
        case.is_paid,
        case.deleted_on,
        case.rejected_items,
        case.differences,
    )


def test_one_text_is_no_collection_of_statuses() -> None:
    """A policy is not made of the letters of one status."""
    with pytest.raises(TypeError, match="collection of texts"):
        Policy(free_erp_statuses="idle")


def test_billing_dates_of_no_year_are_refused() -> None:
    """A policy that would take no billing date is refused."""
    with pytest.raises(ValueError, match=r"billing_date_years is -1\. Give 0 or more\."):
        Policy(billing_date_years=-1)
