"""Strategies for lawful cases with one fact bent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

from ...documents import Difference
from ...rules import Case, Policy
from ...vocabulary import Action, ExportStatus, Feature, InvoiceStatus, Support
from .cases import lawful_cases
from .documents import actors, holds
from .words import amounts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = ["ChangedCase", "bent_cases"]


@attrs.frozen(kw_only=True)
class ChangedCase:
    """A lawful case, the fact that was bent, and the case that it then is."""

    fact: str
    lawful: Case
    case: Case


_VALUES: Mapping[str, SearchStrategy[Any]] = {
    "actor": st.none() | actors(),
    "policy": st.sampled_from(
        [
            Policy(separation_of_duties=True),
            Policy(over_billing=False),
            Policy(attachments_after_sync=False),
            Policy(over_release="deny"),
            Policy(free_erp_statuses=()),
            Policy(refused_commitment_statuses={"Approved", "Complete"}),
            Policy(earliest_billing_date=date(2026, 11, 1), billing_date_years=0),
        ]
    ),
    "invoice_status": st.none() | st.sampled_from(InvoiceStatus),
    "export_status": st.none() | st.sampled_from(ExportStatus),
    "document": st.none(),
    "uses": st.none(),
    "gross": st.none() | amounts(),
    "retained": st.none() | amounts(),
    "released": st.none() | amounts(),
    "holds": st.none() | st.lists(holds(), min_size=1, max_size=2).map(tuple),
    "fields": st.none(),
    "erp_status": st.sampled_from(["synced", "exporting", "Failed"]),
    "deleted_on": st.just(date(2026, 11, 1)),
    "commitment_deleted_on": st.just(date(2026, 11, 1)),
    "commitment_status": st.sampled_from([None, "Void", "Terminated"]),
    "rejected_items": st.sampled_from([("1",), ("1 (Frames)", "2")]),
    "line_8_difference": st.builds(
        Difference,
        name=st.just("current_payment_due"),
        computed=amounts(),
        stated=st.just(Decimal(1)),
    ),
    "billing_date": st.sampled_from([None, date(1, 1, 1), date(1999, 12, 31), date(2028, 11, 27)]),
    "today": st.just(None),
    "version_seen": st.integers(10, 19),
    "sent_by": st.just("everything"),
    "reason": st.sampled_from([None, "  "]),
    "evidence": st.sampled_from([None, "  "]),
}
_SHORTFALLS = st.tuples(
    st.sampled_from(Feature),
    st.sampled_from([Support.IMPOSSIBLE, Support.MISSING, Support.UNDECLARED]),
)


def _draw_other(draw: DrawFn, lawful: Case, fact: str) -> object:
    """Draw another value of the fact."""
    if fact in _VALUES:
        return draw(_VALUES[fact])
    if fact == "erp" and lawful.erp is not None:
        feature, support = draw(_SHORTFALLS)
        lacking = attrs.evolve(lawful.erp, features={**lawful.erp.features, feature: support})
        return draw(st.sampled_from([lacking, None]))
    return draw(st.sampled_from([not getattr(lawful, fact), None]))


def _list_facts(lawful: Case) -> list[str]:
    truths = (
        field.name for field in attrs.fields(Case) if isinstance(getattr(lawful, field.name), bool)
    )
    return sorted({*_VALUES, "erp", *truths})


@st.composite
def bent_cases(draw: DrawFn, action: Action, facts: Sequence[str] | None = None) -> ChangedCase:
    """
    Cases of :func:`lawful_cases` with one fact bent: absent, or another value.

    Not every fact matters to every action.

    Args:
        draw: Given by Hypothesis.
        action: What somebody wants to do.
        facts: Which facts may be bent; all by default.
    """
    lawful = draw(lawful_cases(action))
    fact = draw(st.sampled_from(list(facts or _list_facts(lawful))))
    bends: dict[str, Any] = {fact: _draw_other(draw, lawful, fact)}
    return ChangedCase(fact=fact, lawful=lawful, case=attrs.evolve(lawful, **bends))
