"""The G702 and G703 of real applications are exact to the cent, whatever gives line 7."""

from __future__ import annotations

import json
from decimal import Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.billing import (
    PreviousFrom,
    build_g702,
    build_g703,
    is_over_billed,
    list_notices,
)
from erp_invoice_core.documents import Invoice, InvoiceItem
from erp_invoice_core.vocabulary import AccountingMethod, InvoiceStatus, ItemType
from erp_invoice_core.wire.procore import read_file

if TYPE_CHECKING:
    from erp_invoice_core.billing import G702

FIXTURES = Path(__file__).parent.parent / "fixtures"
REAL = (FIXTURES / "real_invoices.json").read_bytes()
EXPECTED: dict[str, dict[str, str]] = json.loads(REAL)["expected"]


def item(scheduled: str = "1000.00", **columns: Any) -> InvoiceItem:  # noqa: ANN401 - any column
    """Return a contract item; amounts are written as text."""
    kind = columns.pop("item_type", ItemType.CONTRACT_ITEM)
    texts: dict[str, Any] = {
        name: Decimal(v) if isinstance(v, str) else v for name, v in columns.items()
    }
    identity = f"i{scheduled}"
    return InvoiceItem(
        id=identity, item_type=kind, line_item_id="1", scheduled_value=Decimal(scheduled), **texts
    )


def invoice(*items: InvoiceItem, number: int = 2, **fields: Any) -> Invoice:  # noqa: ANN401 - any field
    """Return an approved invoice in dollars."""
    return Invoice(
        id=f"r{number}",
        number=number,
        project_id="10",
        commitment_id="100",
        currency="USD",
        status=InvoiceStatus.APPROVED,
        items=items,
        **fields,
    )


def lines(sheet: G702) -> dict[str, str]:
    """Return the nine lines as text with two digits."""
    amounts = {name: getattr(sheet, name) for name in EXPECTED["6000"]}
    return {name: f"{amount:.2f}" for name, amount in amounts.items()}


@pytest.mark.parametrize("identity", sorted(EXPECTED))
def test_a_real_application_comes_out_to_the_cent(identity: str) -> None:
    """Each published application has the G702 that was published with it."""
    by_id = {loaded.id: loaded.value for loaded in read_file(REAL).requisitions}
    assert EXPECTED[identity] == lines(build_g702(by_id[identity]))
    assert () == list_notices(by_id[identity])


def test_the_example_of_the_input_format_comes_out_as_written_there() -> None:
    """The first invoice of Pier 9 has 18,900 due and is 38.18 percent complete."""
    reading = read_file((FIXTURES / "harbor_point.json").read_bytes())
    sheet = build_g702(reading.requisitions[0].value)
    assert {
        "original_contract_sum": "50000.00",
        "net_change_by_change_orders": "5000.00",
        "contract_sum_to_date": "55000.00",
        "total_completed_and_stored_to_date": "21000.00",
        "completed_work_retainage_amount": "2000.00",
        "stored_materials_retainage_amount": "100.00",
        "total_retainage": "2100.00",
        "total_earned_less_retainage": "18900.00",
        "less_previous_certificates_for_payment": "0.00",
        "current_payment_due": "18900.00",
        "balance_to_finish_including_retainage": "36100.00",
    } == lines(sheet)
    assert Decimal("38.18") == sheet.percent_complete
    assert PreviousFrom.FIRST is sheet.previous_from


def golden(**fields: Any) -> Invoice:  # noqa: ANN401 - any field
    """Return the golden sample of the domain: an over-billed line, and change orders by units."""
    return invoice(
        item(
            "50000.00",
            work_previous="51000.00",
            stored="500.00",
            stored_previous="500.00",
            work_retainage_previous="5100.00",
            stored_retainage_held="100.00",
            stored_retainage_new=Decimal(0),
        ),
        item(
            "1500.00",
            item_type=ItemType.CHANGE_ORDER_ITEM,
            accounting_method=AccountingMethod.UNIT,
            scheduled_quantity="15",
            scheduled_unit_price="100",
            work_previous="1000.00",
            quantity_previous="10",
            work_retainage_previous="100.00",
        ),
        item(
            "3500.00",
            item_type=ItemType.WHOLE_CHANGE_ORDER_ITEM,
            work_previous="500.00",
        ),
        **fields,
    )


def test_the_golden_sample_comes_out_to_the_cent() -> None:
    """The nine lines and the percentages of the domain's sample."""
    sheet = build_g702(golden())
    assert {
        "original_contract_sum": "50000.00",
        "net_change_by_change_orders": "5000.00",
        "contract_sum_to_date": "55000.00",
        "total_completed_and_stored_to_date": "53000.00",
        "completed_work_retainage_amount": "5200.00",
        "stored_materials_retainage_amount": "100.00",
        "total_retainage": "5300.00",
        "total_earned_less_retainage": "47700.00",
        "less_previous_certificates_for_payment": "47700.00",
        "current_payment_due": "0.00",
        "balance_to_finish_including_retainage": "7300.00",
    } == lines(sheet)
    assert Decimal("96.36") == sheet.percent_complete


def test_the_continuation_sheet_has_columns_c_to_i() -> None:
    """The over-billed line of the golden sample is 103 percent complete, the units 66.67."""
    first, second, _ = build_g703(golden())
    assert Decimal(51500) == first.total
    assert Decimal("103.00") == first.percent
    assert Decimal(-1500) == first.balance
    assert Decimal(5200) == first.retainage
    assert Decimal("66.67") == second.percent


def test_a_percentage_of_a_zero_schedule_is_none() -> None:
    """A percentage of zero is not defined."""
    sheet = invoice(item("0.00", work_this_period="5.00"))
    assert build_g703(sheet)[0].percent is None
    assert build_g702(sheet).percent_complete is None


def test_line_7_is_line_6_of_the_previous_invoice_where_it_is_known() -> None:
    """The previous invoice counts before the own columns."""
    previous = invoice(item(work_this_period="100.00", work_retainage_retained="10.00"), number=1)
    current = invoice(item(work_previous="100.00", work_this_period="50.00"))
    sheet = build_g702(current, previous)
    assert Decimal(90) == sheet.less_previous_certificates_for_payment
    assert Decimal(60) == sheet.current_payment_due
    assert PreviousFrom.INVOICE is sheet.previous_from


def test_line_7_of_the_first_invoice_is_zero() -> None:
    """Earlier work in its columns does not count."""
    sheet = build_g702(invoice(item(work_previous="100.00"), number=1))
    assert Decimal(0) == sheet.less_previous_certificates_for_payment


def test_line_7_is_derived_for_a_first_invoice_that_names_a_previous_one() -> None:
    """The number 1 alone does not make it the first."""
    sheet = build_g702(invoice(item(work_previous="100.00"), number=1, previous_id="x"))
    assert PreviousFrom.DERIVED is sheet.previous_from
    assert Decimal(100) == sheet.less_previous_certificates_for_payment


@pytest.mark.parametrize(
    ("columns", "line_7"),
    [
        # D is 300, of which 100 moved into it from the 400 that were stored: 200 + 400
        ({"work_previous": "300", "materials_moved": "100", "stored_previous": "400",
          "stored_retainage_new": "0"}, "600.00"),
        # the stated previous total counts before the columns
        ({"work_previous": "300", "total_previous": "250"}, "250.00"),
        # 30 held on work, of which 5 moved into it; 40 held now + 5 moved - 2 new + 1 released
        ({"work_previous": "300", "stored_previous": "400", "work_retainage_previous": "30",
          "stored_retainage_held": "40", "stored_retainage_moved": "5", "stored_retainage_new": "2",
          "stored_retainage_released": "1"}, "631.00"),
        # nothing was stored before: nothing was held on it, whatever is held now
        ({"work_previous": "300", "stored": "90", "stored_retainage_held": "9"}, "300.00"),
        # the held amount on new materials is unknown
        ({"work_previous": "300", "stored_previous": "400", "stored": "400"}, None),
    ],
)  # fmt: skip
def test_line_7_is_derived_from_the_own_columns(
    columns: dict[str, str], line_7: str | None
) -> None:
    """Previous total less previous retainage; unknown if new materials are not separate."""
    sheet = build_g702(invoice(item(**columns)))
    if line_7 is None:
        assert sheet.less_previous_certificates_for_payment is None
        assert sheet.current_payment_due is None
        assert PreviousFrom.UNKNOWN is sheet.previous_from
    else:
        assert Decimal(line_7) == sheet.less_previous_certificates_for_payment


def test_unknown_certificates_have_a_notice() -> None:
    """Earlier materials without the new amount: the previous certificates are unknown."""
    unknown = invoice(item(stored_previous="400", stored="400"))
    assert ["billing.previous_unknown"] == [notice.code for notice in list_notices(unknown)]
    previous = invoice(item(stored="400"), number=1)
    assert ["billing.previous_unknown"] == [
        notice.code for notice in list_notices(unknown, previous)
    ]


def test_certificates_that_differ_by_a_cent_have_a_notice() -> None:
    """100.00 is due by the columns; 100.01 by the previous certificate, 100.005 would do."""
    current = invoice(item(work_previous="50.00", work_this_period="100.00"))
    previous = invoice(item(work_this_period="49.99"), number=1)
    (notice,) = list_notices(current, previous)
    assert "billing.previous_differs" == notice.code
    assert {"due": "100.00", "line_8": "100.01"} == dict(notice.facts)
    assert () == list_notices(current, invoice(item(work_this_period="50.00"), number=1))


@pytest.mark.parametrize(
    ("scheduled", "done", "expected"),
    [
        ("100.00", "100.00", False),
        ("100.00", "100.01", True),
        ("0.00", "0.01", True),
        ("0.00", "-5.00", False),
        ("-100.00", "-100.00", False),
        ("-100.00", "-100.01", True),
        ("-100.00", "0.01", True),
    ],
)
def test_an_item_is_over_billed_beyond_its_schedule(
    scheduled: str, done: str, expected: bool
) -> None:
    """Beyond it in its own direction, or against the direction of a deduction."""
    assert expected == is_over_billed(item(scheduled, work_this_period=done))


def test_sums_are_exact_whatever_context_the_host_has_set() -> None:
    """Eighteen digits and a cent stay exact although the host computes with three digits."""
    sheet = invoice(item("999999999999999999.00"), item("0.01"))
    with localcontext() as context:
        context.prec = 3
        assert Decimal("999999999999999999.01") == build_g702(sheet).original_contract_sum
        assert Decimal("999999999999999999.00") == build_g703(sheet)[0].balance


def test_what_was_retained_and_released_before_and_now_is_held() -> None:
    """Of 700 done and 60 stored, 50 + 20 - 15 are held on work, and 6 on materials."""
    one = item(
        work_previous="500",
        work_this_period="200",
        stored="60",
        work_retainage_previous="50",
        work_retainage_retained="20",
        work_retainage_released="15",
        stored_retainage_held="6",
    )

    (row,), sheet = build_g703(invoice(one)), build_g702(invoice(one))

    assert (Decimal(760), Decimal(240), Decimal(61)) == (row.total, row.balance, row.retainage)
    assert (Decimal(55), Decimal(6), Decimal(699)) == (
        sheet.completed_work_retainage_amount,
        sheet.stored_materials_retainage_amount,
        sheet.total_earned_less_retainage,
    )


def test_line_7_takes_away_what_the_previous_invoice_held() -> None:
    """Of 700 done before, 50 + 20 - 15 were held: 645 were certified."""
    before = item(
        work_previous="500",
        work_this_period="200",
        work_retainage_previous="50",
        work_retainage_retained="20",
        work_retainage_released="15",
    )
    sheet = build_g702(invoice(item(work_previous="700")), invoice(before, number=1))

    assert Decimal(645) == sheet.less_previous_certificates_for_payment
