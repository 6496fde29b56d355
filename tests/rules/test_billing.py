"""The amounts of an invoice speak in their sentences: both of those that disagree."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.documents import Difference, ItemExcess
from erp_invoice_core.rules import Policy, Reaction, decide
from erp_invoice_core.vocabulary import Action
from tests.spec.allowed_cases import build_allowed_case

LINE_8 = Difference(
    name="current_payment_due", computed=Decimal("18900.00"), stated=Decimal("18850.00")
)
OVER_BILLED = (
    ItemExcess(item_id="1", amount=Decimal(1200), limit=Decimal(1000)),
    ItemExcess(item_id="2", amount=Decimal("10.5"), limit=Decimal(10)),
)
OVER_RELEASED = (ItemExcess(item_id="1", amount=Decimal(60), limit=Decimal(50)),)


def _list_denials(**bend: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any fact
    case = attrs.evolve(build_allowed_case(Action.SEND), **bend)
    return [(denial.code, denial.message) for denial in decide(Action.SEND, case).denials]


def _list_notices(action: Action, **bend: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any fact
    case = attrs.evolve(build_allowed_case(action), **bend)
    return [(notice.code, notice.message) for notice in decide(action, case).notices]


@pytest.mark.parametrize(
    ("bend", "expected"),
    [
        (
            {},
            (
                "The amount due for this period is 18950.00 USD by the items of the invoice, but"
                " the total earned less the amounts certified before is 18950.00 USD (line 8 of the"
                " G702). Correct the billed amounts, or allow the difference in the policy."
            ),
        ),
        (
            {"line_8": Decimal("18849.5"), "gross": Decimal(21100)},
            (
                "The amount due for this period is 19050.00 USD by the items of the invoice, but"
                " the total earned less the amounts certified before is 18849.50 USD (line 8 of the"
                " G702). Correct the billed amounts, or allow the difference in the policy."
            ),
        ),
        (
            {"line_8": None, "currency": None},
            (
                "The amount due for this period is 18950 by the items of the invoice, but the total"
                " earned less the amounts certified before is ? (line 8 of the G702). Correct the"
                " billed amounts, or allow the difference in the policy."
            ),
        ),
    ],
)
def test_certificates_that_differ_are_reported_with_both_amounts(
    bend: dict[str, Any], expected: str
) -> None:
    """The message has the amounts due by the items and by the previous certificates."""
    said = [
        each
        for each in _list_denials(previous_agrees=False, **bend)
        if each[0].startswith("billing")
    ]

    assert [("billing.previous_differs", expected)] == said


def test_line_8_that_differs_denies_with_both_amounts() -> None:
    """Another line 8 in the summary than the items give denies, and both amounts are facts."""
    case = attrs.evolve(build_allowed_case(Action.SEND), line_8_difference=LINE_8)
    (denial,) = decide(Action.SEND, case).denials

    assert denial.code == "billing.summary_differs"
    assert denial.message == (
        'The items of the invoice come to 18900.00 USD for "current payment due" (line 8 of the'
        " G702), but the summary of the invoice says 18850.00 USD. Correct the items or the"
        " summary."
    )
    assert {
        "field": "current_payment_due",
        "label": "current payment due",
        "computed": "18900.00 USD",
        "stated": "18850.00 USD",
    } == denial.facts


def test_company_may_let_line_8_differ() -> None:
    """By policy another line 8 is a notice alone, which the sender and the approver are shown."""
    policy = Policy(summary_difference=Reaction.NOTICE)
    bend: dict[str, Any] = {"policy": policy, "line_8_difference": LINE_8, "differences": (LINE_8,)}
    expected = [
        (
            "billing.summary_differs",
            (
                "The columns of the invoice come to 18900.00 USD for current payment due;"
                " its summary says 18850.00 USD. Compare the two."
            ),
        )
    ]

    assert [] == _list_denials(**bend)
    assert expected == _list_notices(Action.SEND, **bend)
    assert expected == _list_notices(Action.ACCEPT, **bend)


def test_each_figure_that_differs_is_a_notice_with_both() -> None:
    """The approver sees every difference: of the summary, of an item, of a percentage."""
    differences = (
        Difference(name="percent_complete", computed=Decimal("38.18"), stated=Decimal(40)),
        Difference(
            name="total_completed_and_stored_to_date",
            computed=Decimal(21000),
            stated=Decimal(20000),
            item_id="3",
            code="billing.total_differs",
        ),
        Difference(
            name="work_completed_this_period",
            computed=Decimal(100),
            stated=Decimal(90),
            item_id="4",
            code="billing.unit_differs",
        ),
        Difference(
            name="original_contract_sum",
            computed=Decimal(100),
            stated=Decimal(90),
            code="billing.contract_sum_differs",
        ),
    )
    expected = [
        (
            "billing.summary_differs",
            (
                "The columns of the invoice come to 38.18 % for percent complete;"
                " its summary says 40 %. Compare the two."
            ),
        ),
        (
            "billing.total_differs",
            (
                "The columns of item 3 come to 21000.00 USD for total completed and stored to"
                " date; the item itself says 20000.00 USD. Compare the two."
            ),
        ),
        (
            "billing.unit_differs",
            (
                "The work completed this period of item 4 is 90.00 USD; its quantity times its"
                " price is 100.00 USD. The amount 90.00 USD is exported. Compare the two."
            ),
        ),
        (
            "billing.contract_sum_differs",
            (
                "The scheduled values of the contract items add up to 100.00 USD, and the lines of"
                " the commitment to 90.00 USD. Compare the two sums."
            ),
        ),
    ]

    assert expected == _list_notices(Action.ACCEPT, differences=differences)


def test_over_billed_items_are_named() -> None:
    """Each item that is billed beyond its scheduled value is named with both amounts."""
    items = "#1 1200.00 USD > 1000.00 USD, #2 10.50 USD > 10.00 USD"
    denial = (
        "invoice.over_billed",
        (
            "Items are billed beyond their scheduled value, which the company does not allow"
            f" (billed > scheduled): {items}. Bill less, or have the scheduled value raised by a"
            " change order."
        ),
    )
    notice = (
        "invoice.over_billed",
        (
            f"Items are billed beyond their scheduled value (billed > scheduled): {items}. Check"
            " the amounts."
        ),
    )
    bend: dict[str, Any] = {"over_billed": True, "over_billed_items": OVER_BILLED}

    assert [denial] == _list_denials(policy=Policy(over_billing=False), **bend)
    assert [notice] == _list_notices(Action.ACCEPT, **bend)


def test_over_billed_items_need_not_be_known() -> None:
    """A host may say that an item is over-billed without naming it."""
    sentence = "An item is billed beyond its scheduled value. Check the amounts."
    expected = [("invoice.over_billed", sentence)]

    assert expected == _list_notices(Action.SEND, over_billed=True)


def test_retainage_released_beyond_what_is_held_is_reported_with_both_amounts() -> None:
    """More released than held is a notice with both amounts, and by policy a denial."""
    start = "Items release more retainage than is held (released > held): #1 60.00 USD > 50.00 USD."
    notice = ("invoice.over_released", f"{start} Check the amounts.")
    denial = ("invoice.over_released", f"{start} Release at most the amount that is held.")

    assert [] == _list_denials(over_released=OVER_RELEASED)
    assert [notice] == _list_notices(Action.SEND, over_released=OVER_RELEASED)
    assert [notice] == _list_notices(Action.ACCEPT, over_released=OVER_RELEASED)
    assert [denial] == _list_denials(
        over_released=OVER_RELEASED, policy=Policy(over_release="deny")
    )
