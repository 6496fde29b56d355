"""Conditions on billed amounts: previous certificates, summary, schedule, held retainage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...message_template import MessageTemplate
from ...money import ZERO, format_amount
from ..policy import Reaction
from ..remedies import one_of
from ..remedy_rows import (
    ALLOW_DIFFERENCE,
    ALLOW_SUMMARY,
    CHANGE_ORDER,
    CORRECT_BILLED,
    CORRECT_RELEASED,
    SUPPLY_PREVIOUS,
)
from .condition import SENDING, UNKNOWN, Condition, Reason, join_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from ...documents import ItemExcess
    from ..case import Case


def format_money(case: Case, amount: Decimal | None) -> str:
    """Return the amount as text, with its currency if that is known."""
    if amount is None:
        return UNKNOWN
    if case.currency is None:
        return format(amount, "f")
    return f"{format_amount(amount, case.currency)} {case.currency}"


def compute_due(case: Case) -> Decimal:
    """Return the amount due for the period; an amount that is not known counts as zero."""
    return (case.gross or ZERO) - (case.retained or ZERO) + (case.released or ZERO)


def _has_known_amounts(case: Case) -> bool:
    return (
        case.previous_is_known is True
        and case.gross is not None
        and case.retained is not None
        and case.released is not None
    )


def _compare_certificates(case: Case) -> Mapping[str, str]:
    return {"due": format_money(case, compute_due(case)), "line_8": format_money(case, case.line_8)}


def _list_items(case: Case, items: Iterable[ItemExcess]) -> dict[str, str]:
    """Return the fact ``items``: each item and its limit, as ``#1 120.00 USD > 100.00 USD``."""
    texts = (
        f"#{item.item_id} {format_money(case, item.amount)} {'>' if item.amount > item.limit else '<'}"
        f" {format_money(case, item.limit)}"
        for item in items
    )
    return {"items": join_values(texts)}


def list_over_billed(case: Case) -> Mapping[str, str]:
    """Return the items that are billed beyond their scheduled value, each with both amounts."""
    return _list_items(case, case.over_billed_items)


def list_over_released(case: Case) -> Mapping[str, str]:
    """Return the items that release more than is held, each with both amounts."""
    return _list_items(case, case.over_released)


def _find_line_8(case: Case) -> Iterable[Reason]:
    return [
        (_LINE_8.code, _LINE_8, found.build_facts(case.currency), _LINE_8_REMEDIES)
        for found in (case.line_8_difference,)
        if found is not None
    ]


_LINE_8 = MessageTemplate(
    "billing.summary_differs",
    'The items of the invoice come to {computed} for "{label}" (line 8 of the G702), but the'
    " summary of the invoice says {stated}. Correct the items or the summary.",
)
_LINE_8_REMEDIES = one_of(CORRECT_BILLED, ALLOW_SUMMARY)


# fmt: off
BILLING: tuple[Condition, ...] = (
    Condition(
        code="billing.previous_unknown", acts=SENDING, steady=True, is_met=_has_known_amounts,
        sentence="The amounts of this period depend on those of the previous invoice, and these are not"
        " known. Load the previous invoice of the commitment, or state the retainage on the newly stored"
        " materials of this one.",
        remedies=one_of(SUPPLY_PREVIOUS),
    ),
    Condition(
        code="billing.previous_differs", acts=SENDING, steady=True, facts=_compare_certificates,
        is_met=lambda case: case.previous_agrees is True
        or case.previous_is_known is not True
        or case.policy.previous_may_differ,
        usual=("previous_agrees", True),
        sentence="The amount due for this period is {due} by the items of the invoice, but the"
        " total earned less the amounts certified before is {line_8} (line 8 of the G702). Correct"
        " the billed amounts, or allow the difference in the policy.",
        unknown_if=("previous_agrees",),
        unknown="It is not known whether the amount due for this period is the total earned less"
        " the amounts certified before. Have the host application supply this fact.",
        remedies=one_of(CORRECT_BILLED, ALLOW_DIFFERENCE),
    ),
    Condition(
        code="billing.summary_differs", acts=SENDING, steady=True, each=_find_line_8, templates=(_LINE_8,),
        is_met=lambda case: case.line_8_difference is None
        or case.policy.summary_difference is Reaction.NOTICE,
        usual=("line_8_difference", None),
        remedies=_LINE_8_REMEDIES,
    ),
    Condition(
        code="invoice.over_billed", acts=SENDING, steady=True, facts=list_over_billed,
        is_met=lambda case: case.policy.over_billing or case.over_billed is False,
        usual=("over_billed", False),
        sentence="Items are billed beyond their scheduled value, which the company does not allow"
        " (billed > scheduled): {items}. Bill less, or have the scheduled value raised by a change"
        " order.",
        fallback="An item is billed beyond its scheduled value, which the company does not allow."
        " Bill less, or have the scheduled value raised by a change order.",
        unknown_if=("over_billed",),
        unknown="It is not known whether an item is billed beyond its scheduled value, which the"
        " company does not allow. Have the host application supply this fact.",
        remedies=one_of(CORRECT_BILLED, CHANGE_ORDER),
    ),
    Condition(
        code="invoice.over_released", acts=SENDING, steady=True, facts=list_over_released,
        is_met=lambda case: not case.over_released
        or case.policy.over_release is Reaction.NOTICE,
        usual=("over_released", ()),
        sentence="Items release more retainage than is held (released > held): {items}. Release at"
        " most the amount that is held.",
        remedies=one_of(CORRECT_RELEASED),
    ),
)
# fmt: on
