"""The accounting date of an invoice, and the open day that is proposed in its place."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from erp_invoice_core.declaration import Declaration, ExportField
from erp_invoice_core.documents import AccountingPeriod
from erp_invoice_core.rules import Case, decide
from erp_invoice_core.rules.accounting_date import (
    find_accounting_date,
    parse_day,
    propose_accounting_date,
)
from erp_invoice_core.rules.proposed_fields import complete_fields
from erp_invoice_core.vocabulary import Action, ExportStatus
from tests.spec.allowed_cases import build_allowed_case

FIELD = ExportField(key="accounting_date", label="Accounting date", is_date=True)
DATED = Declaration(key="erp", name="The ERP", extra_fields=(FIELD,))
REQUIRED = attrs.evolve(DATED, extra_fields=(attrs.evolve(FIELD, required=True),))
UNDATED = Declaration(key="erp", name="The ERP")
SEPTEMBER = AccountingPeriod(
    name="2026-09", first_day=date(2026, 9, 1), last_day=date(2026, 9, 30), is_open=False
)
NOVEMBER = AccountingPeriod(
    name="2026-11", first_day=date(2026, 11, 1), last_day=date(2026, 11, 30), is_open=True
)
PERIODS = (NOVEMBER, SEPTEMBER)
BILLED = Case(billing_date=date(2026, 9, 15))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-31", date(2026, 10, 31)),
        ("2026-02-30", None),
        ("20261031", None),
        ("2026-10-31\n", None),
        ("", None),
    ],
)
def test_day_is_read_in_one_form(text: str, day: date | None) -> None:
    """Another form could mean another day."""
    assert day == parse_day(text)


def test_given_date_takes_precedence() -> None:
    """A date that is not one is no other date; a blank one is that of the invoice."""
    for text, day in (
        (" 2026-11-05 ", date(2026, 11, 5)),
        ("tomorrow", None),
        (" ", date(2026, 9, 15)),
    ):
        case = attrs.evolve(BILLED, export_fields={"accounting_date": text})
        assert day == find_accounting_date(case)
    assert date(2026, 9, 15) == find_accounting_date(BILLED)
    allowed = build_allowed_case(Action.ACCEPT)
    assert allowed.document is not None
    assert allowed.document.billing_date == find_accounting_date(allowed)


@pytest.mark.parametrize(
    ("case", "erp", "periods", "proposed"),
    [
        (BILLED, DATED, PERIODS, date(2026, 11, 1)),
        (BILLED, REQUIRED, PERIODS, date(2026, 11, 1)),
        (BILLED, UNDATED, PERIODS, None),
        (BILLED, None, PERIODS, None),
        (BILLED, DATED, (SEPTEMBER,), None),
        (BILLED, DATED, (), None),
        (Case(), DATED, PERIODS, None),
        (Case(billing_date=date(2026, 11, 7)), DATED, PERIODS, None),
        (Case(billing_date=date(2026, 11, 7)), REQUIRED, PERIODS, date(2026, 11, 7)),
        (Case(billing_date=date(2026, 10, 7)), REQUIRED, PERIODS, None),
        (attrs.evolve(BILLED, proposed={"accounting_date": "2026-11-09"}), DATED, PERIODS, None),
        (
            Case(proposed={"accounting_date": "2026-09-09"}),
            DATED,
            PERIODS,
            date(2026, 11, 1),
        ),
    ],
)
def test_next_open_day_is_proposed(
    case: Case,
    erp: Declaration | None,
    periods: tuple[AccountingPeriod, ...],
    proposed: date | None,
) -> None:
    """In place of a closed date; a required field gets the date of the invoice if it is open."""
    assert proposed == propose_accounting_date(case, erp, periods)


def test_proposal_is_taken_unless_another_is_given() -> None:
    """A blank field takes it away, and so the date of the invoice counts."""
    assert {"accounting_date": "2026-11-01"} == complete_fields(BILLED, DATED, {}, PERIODS)
    given = {"accounting_date": "2026-11-09"}
    assert given == complete_fields(BILLED, DATED, given, PERIODS)
    assert {} == complete_fields(BILLED, DATED, {"accounting_date": ""}, PERIODS)
    assert {} == complete_fields(BILLED, DATED, {}, None)


def _decide(action: Action, text: str, *periods: AccountingPeriod, **facts: object) -> Case:
    """Return an allowed case with an accounting date and periods."""
    case = build_allowed_case(action)
    return attrs.evolve(
        case,
        erp=attrs.evolve(case.erp, extra_fields=(FIELD,)) if case.erp else None,
        export_fields={"accounting_date": text} if text else {},
        accounting_periods=periods,
        **facts,  # type: ignore[arg-type]  # facts of a case
    )


def test_closed_date_names_date_period_and_nearest_open_date() -> None:
    """The remedies are another date, and to open the period."""
    (denial,) = decide(Action.ACCEPT, _decide(Action.ACCEPT, "2026-09-15", *PERIODS)).denials
    assert (
        "The accounting date 2026-09-15 lies in the period 2026-09, which is closed in Ledgerly. Give"
        " a date in an open period. The nearest open date is 2026-11-01." == denial.message
    )
    assert ["field.give", "erp.open_period"] == [one.code for (one,) in denial.remedies]
    (denial,) = decide(Action.RETRY, _decide(Action.RETRY, "2026-09-15", *PERIODS)).denials
    assert ["field.give_again", "erp.open_period"] == [one.code for (one,) in denial.remedies]


def test_closed_date_without_an_open_period_names_none() -> None:
    """Then only the period can be opened."""
    (denial,) = decide(Action.ACCEPT, _decide(Action.ACCEPT, "2026-09-15", SEPTEMBER)).denials
    assert (
        "The accounting date 2026-09-15 lies in the period 2026-09, which is closed in Ledgerly,"
        " and no period is open. Open an accounting period in Ledgerly." == denial.message
    )
    assert ["erp.open_period"] == [one.code for (one,) in denial.remedies]


def test_retry_of_a_begun_export_keeps_its_date() -> None:
    """Its document has the date already, and the fields cannot change."""
    begun = _decide(
        Action.RETRY,
        "2026-09-15",
        *PERIODS,
        left=True,
        fields_changed=False,
        export_status=ExportStatus.FAILED,
    )
    codes = [denial.code for denial in decide(Action.RETRY, begun).denials]
    assert "field.accounting_date.closed" not in codes


def test_date_in_place_of_a_closed_one_is_shown() -> None:
    """The approver sees which date is taken, and why."""
    october = attrs.evolve(
        SEPTEMBER, name="2026-10", first_day=date(2026, 10, 1), last_day=date(2026, 10, 31)
    )
    case = _decide(Action.ACCEPT, "2026-11-01", october, NOVEMBER)
    assert case.document is not None
    case = attrs.evolve(case, document=attrs.evolve(case.document, billing_date=date(2026, 10, 15)))
    (notice,) = (
        each for each in decide(Action.ACCEPT, case).notices if each.code == "export.other_date"
    )
    assert (
        "The date 2026-10-15 of this invoice lies in the period 2026-10, which is closed in"
        " Ledgerly, so that its accounting date is 2026-11-01. Check the accounting date, or give"
        " another one." == notice.message
    )
    unchanged = (
        attrs.evolve(case, export_fields={}),
        attrs.evolve(case, export_fields={"accounting_date": "2026-10-20"}),
        attrs.evolve(case, accounting_periods=(NOVEMBER,)),
    )
    for other in unchanged:
        notices = decide(Action.ACCEPT, other).notices
        assert "export.other_date" not in [each.code for each in notices]


def test_date_in_no_period_is_shown() -> None:
    """The ERP may refuse it; a date without known periods is not questioned."""
    october = attrs.evolve(
        SEPTEMBER, name="2026-10", first_day=date(2026, 10, 1), last_day=date(2026, 10, 31)
    )
    case = _decide(Action.ACCEPT, "2028-01-31", october, NOVEMBER)
    shown = {each.code: each.message for each in decide(Action.ACCEPT, case).notices}
    assert (
        "The accounting date 2028-01-31 lies in no accounting period that Ledgerly has. Check this"
        " date, or give another accounting date." == shown["export.date_in_no_period"]
    )
    for other in (
        attrs.evolve(case, accounting_periods=()),
        attrs.evolve(case, export_fields={"accounting_date": "2026-11-01"}),
    ):
        codes = [each.code for each in decide(Action.ACCEPT, other).notices]
        assert "export.date_in_no_period" not in codes
