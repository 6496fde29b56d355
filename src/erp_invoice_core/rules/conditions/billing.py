"""Conditions on the amounts: previous certificates, line 8, billed and released."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from .condition import SENDING, Condition, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from ...documents import ItemExcess
    from ..case import Case


_UNKNOWN = "an unknown amount"


def money(case: Case, amount: Decimal | None) -> str:
    """Return the amount as text, with its currency if that is known."""
    if amount is None:
        return _UNKNOWN
    if case.currency is None:
        return format(amount, "f")
    return f"{format_amount(amount, case.currency)} {case.currency}"


def due_of(case: Case) -> Decimal:
    """Return the amount due for the period; an amount that is not known counts as zero."""
    return (case.gross or ZERO) - (case.retained or ZERO) + (case.released or ZERO)


def _amounts_are_known(case: Case) -> bool:
    return (
        case.previous_is_known is True
        and case.gross is not None
        and case.retained is not None
        and case.released is not None
    )


def _certified(case: Case) -> Mapping[str, str]:
    return {"due": money(case, due_of(case)), "line_8": money(case, case.line_8)}


def _each(case: Case, items: Iterable[ItemExcess], amount: str, limit: str) -> str:
    return ", ".join(
        f"item {item.item_id} {amount} {money(case, item.amount)} of {money(case, item.limit)} {limit}"
        for item in items
    )


def over_billed(case: Case) -> Mapping[str, str]:
    """Return the items that are billed beyond their scheduled value, each with both amounts."""
    items = _each(case, case.over_billed_items, "bills", "scheduled")
    return {"items": items or "which is not known"}


def over_released(case: Case) -> Mapping[str, str]:
    """Return the items that release more than is held, each with both amounts."""
    return {"items": _each(case, case.over_released, "releases", "held")}


def _line_8(case: Case) -> Iterable[Finding]:
    return [
        ("billing.summary_differs", _LINE_8, found.build_facts(case.currency), _LINE_8_REMEDIES)
        for found in (case.line_8_difference,)
        if found is not None
    ]


_LINE_8 = (
    "The items give {computed} for line 8 ({label}), the summary of the invoice says {stated}."
    " Correct one of them."
)
_LINE_8_REMEDIES = one_of(CORRECT_BILLED, ALLOW_SUMMARY)


# fmt: off
BILLING: tuple[Condition, ...] = (
    Condition(
        code="billing.previous_unknown", acts=SENDING, is_met=_amounts_are_known,
        sentence="Tell what the previous invoice certified: the amounts of this period depend on it.",
        remedies=one_of(SUPPLY_PREVIOUS),
    ),
    Condition(
        code="billing.previous_differs", acts=SENDING, facts=_certified,
        is_met=lambda case: case.previous_agrees is True
        or case.previous_is_known is not True
        or case.policy.previous_may_differ,
        usual=("previous_agrees", True),
        sentence="By its items {due} is due for this period, by the previous certificates {line_8}"
        " (line 8). Correct one of them.",
        remedies=one_of(CORRECT_BILLED, ALLOW_DIFFERENCE),
    ),
    Condition(
        code="billing.summary_differs", acts=SENDING, each=_line_8, sentence=_LINE_8,
        is_met=lambda case: case.line_8_difference is None
        or case.policy.summary_difference is Reaction.NOTICE,
        usual=("line_8_difference", None),
        remedies=_LINE_8_REMEDIES,
    ),
    Condition(
        code="invoice.over_billed", acts=SENDING, facts=over_billed,
        is_met=lambda case: case.policy.over_billing or case.over_billed is False,
        usual=("over_billed", False),
        sentence="Billed beyond the scheduled value: {items}. The company does not allow it: bill"
        " less, or have the scheduled value raised.",
        remedies=one_of(CORRECT_BILLED, CHANGE_ORDER),
    ),
    Condition(
        code="invoice.over_released", acts=SENDING, facts=over_released,
        is_met=lambda case: not case.over_released
        or case.policy.over_release is Reaction.NOTICE,
        usual=("over_released", ()),
        sentence="More retainage is released than held: {items}. Release what is held at most.",
        remedies=one_of(CORRECT_RELEASED),
    ),
)
# fmt: on
