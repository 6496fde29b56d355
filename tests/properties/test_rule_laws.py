"""Laws of the rules: no answers for strangers, more rules never allow more, every row counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core.declaration import ExportField, Fidelity, FieldRule, Handling, Validator
from erp_invoice_core.documents import WORKER, Actor, Attachment, Difference
from erp_invoice_core.rules import (
    CONDITIONS,
    GRANTS,
    NEEDS,
    NOTICES,
    TRANSITIONS,
    Case,
    Condition,
    FeatureNeed,
    decide,
    index,
    list_targets,
)
from erp_invoice_core.rules.fact_types import ENTRY_FACTS
from erp_invoice_core.vocabulary import Action, ExportStatus, InvoiceStatus, Level, Privilege
from tests.spec.allowed_cases import DOCUMENT, EVERYTHING, LEDGERLY, build_allowed_case
from tests.spec.scenarios import bend_cases

STRANGERS = st.builds(
    Actor,
    id=st.sampled_from(["x", "everything"]),
    commitments=st.sampled_from([{}, {"11": Level.ADMIN}]),
    privileges=st.frozensets(st.sampled_from(Privilege)),
    rights=st.frozensets(st.sampled_from(["payroll"])),
)
STRICT = attrs.evolve(
    LEDGERLY,
    commitment_statuses=frozenset({"Approved"}),
    currencies=frozenset({"USD"}),
    field_rules=(
        FieldRule(field="commitment_title", validator=Validator.MAX_LENGTH, limit=4),
        FieldRule(field="commitment_number", validator=Validator.PRESENT, at_export=True),
    ),
    extra_fields=(ExportField(key="branch", label="Branch", required=True),),
    fidelity={"gross": Fidelity.ROUNDED, "commitment_title": Fidelity.REFUSED},
    zero=Handling.REFUSED,
)
WITH_FILES = attrs.evolve(
    DOCUMENT,
    attachments=(Attachment(id="1", filename="a.pdf", url="https://example.com/a.pdf"),),
)
LINE_8 = Difference(name="current_payment_due", computed=Decimal(2), stated=Decimal(1))
TRUTHS = st.sampled_from([True, False, None])
BENDS = st.fixed_dictionaries(
    {},
    optional={
        "actor": st.sampled_from([EVERYTHING, WORKER, None, Actor(id="x")]),
        "erp": st.sampled_from([LEDGERLY, STRICT, None]),
        "export_status": st.sampled_from([None, *ExportStatus]),
        "invoice_status": st.sampled_from([None, *InvoiceStatus]),
        "holds": st.sampled_from([(), None]),
        "version_seen": st.sampled_from([None, 1, 2]),
        "gross": st.sampled_from([None, Decimal(0), Decimal(-1), Decimal(21000)]),
        "retained": st.sampled_from([None, Decimal(0), Decimal(21000)]),
        "released": st.sampled_from([None, Decimal(0), Decimal(50)]),
        "currency": st.sampled_from([None, "EUR", "USD"]),
        "document": st.sampled_from([None, DOCUMENT, WITH_FILES]),
        "attachments": st.sampled_from([0, 2]),
        "has_content": st.booleans(),
        "fields": st.sampled_from([None, {}, {"commitment_title": "Steel"}]),
        "export_fields": st.sampled_from([None, {}, {"branch": "1"}]),
        "entry_id": st.sampled_from([None, "5000", "5001"]),
        "erp_status": st.sampled_from([None, "synced", "not_sent"]),
        "commitment_status": st.sampled_from([None, "Void", "Approved"]),
        "deleted_on": st.sampled_from([None, date(2026, 11, 1)]),
        "rejected_items": st.sampled_from([(), ("1",)]),
        "line_8_difference": st.sampled_from([None, LINE_8]),
        "differences": st.sampled_from([(), (LINE_8,)]),
        "billing_date": st.sampled_from([None, date(1, 1, 1), date(2026, 10, 31)]),
        "today": st.sampled_from([None, date(2026, 11, 26)]),
        **dict.fromkeys(
            (
                "is_latest",
                "taxed",
                "over_billed",
                "previous_is_known",
                "previous_agrees",
                "number_is_unique",
                "slot_is_free",
                "vendor_synced",
                "leased",
                "in_doubt",
                "left",
                "left_is_accepted",
                "acceptance_stands",
                "complete",
                "withdrawing",
                "settled",
                "is_due",
                "gone",
                "settles_all",
                "denies_receipt",
                "has_period",
                "is_paid",
            ),
            TRUTHS,
        ),
    },
)
CASES = st.builds(
    lambda action, bend: (action, attrs.evolve(build_allowed_case(action), **bend)),
    st.sampled_from(Action),
    BENDS,
)


def _ask_always(row: Condition) -> Condition:
    return attrs.evolve(row, usual=None, steady=False)


#: The rules, of which each row is evaluated each time.
ONE_BY_ONE = index(conditions=[*map(_ask_always, CONDITIONS)], notices=[*map(_ask_always, NOTICES)])
FACTS = [field.name for field in attrs.fields(Case) if field.type in {bool | None, "bool | None"}]


@given(st.sampled_from(Action), STRANGERS, BENDS)
def test_strangers_may_do_nothing_and_learn_nothing(
    action: Action, stranger: Actor, bend: dict[str, Any]
) -> None:
    """A person without any level gets the same single reason, for all facts."""
    case = attrs.evolve(build_allowed_case(action), **{**bend, "actor": stranger})
    bare = Case(actor=Actor(id="nobody"))

    assert decide(Action.SEND, bare) == decide(action, case)
    assert ["permission.none"] == [denial.code for denial in decide(action, case).denials]


@given(CASES, st.sampled_from(CONDITIONS))
def test_one_more_rule_never_allows_more(case: tuple[Action, Case], row: Condition) -> None:
    """A rulebook with one more row denies the same for the same reasons, or more."""
    fewer = index(conditions=[other for other in CONDITIONS if other is not row])
    before, after = decide(*case, fewer), decide(*case)

    assert set(before.denials) <= set(after.denials)


@given(CASES)
def test_order_of_facts_does_not_matter(case: tuple[Action, Case]) -> None:
    """Asking every row one by one gives the same as asking all at once."""
    assert decide(*case, ONE_BY_ONE) == decide(*case)


@given(CASES, BENDS)
def test_cases_of_the_same_host_facts_are_judged_alone(
    case: tuple[Action, Case], bend: dict[str, Any]
) -> None:
    """The result of a steady row for one entry holds for the same invoice at any moment."""
    action, first = case
    of_entry: Any = {name: value for name, value in bend.items() if name in ENTRY_FACTS}
    decide(action, first)

    assert decide(action, attrs.evolve(first, **of_entry)) == decide(
        action, first.with_entry(of_entry)
    )


@pytest.mark.parametrize("fact", FACTS)
def test_absent_fact_denies(fact: str) -> None:
    """If a value of a fact denies an action, the absent fact denies it too."""
    for action in Action:
        yes, no, absent = (
            decide(action, _with(build_allowed_case(action), fact, value)).allowed
            for value in (True, False, None)
        )
        assert not absent or (yes and no)


def _with(case: Case, fact: str, value: bool | None) -> Case:
    bend: dict[str, Any] = {fact: value}
    return attrs.evolve(case, **bend)


def _sole_objection(row: Condition | FeatureNeed) -> bool:
    if isinstance(row, Condition):
        without = index(conditions=[other for other in CONDITIONS if other is not row])
    else:
        without = index(needs=[other for other in NEEDS if other is not row])
    return any(
        not decide(action, case).allowed and decide(action, case, without).allowed
        for _, action, case, _ in bend_cases("Bent cases")
        if action in row.acts
    )


@pytest.mark.parametrize("row", [*NEEDS, *CONDITIONS])
def test_every_row_denies_a_case(row: Condition | FeatureNeed) -> None:
    """For every row there is a case in which it is the only denial."""
    assert _sole_objection(row)


@pytest.mark.parametrize("status", [one for one in ExportStatus if one is not ExportStatus.SYNCED])
def test_every_status_that_is_not_final_can_be_left(status: ExportStatus) -> None:
    """A person or the worker can move an entry on from every status but synced."""
    movers = [
        action
        for action in Action
        if any(target is not status for target in list_targets(action, status))
        and decide(action, attrs.evolve(build_allowed_case(action), export_status=status)).allowed
    ]

    assert movers


@pytest.mark.parametrize(
    "status", [ExportStatus.READY, ExportStatus.ACCEPTED, ExportStatus.FAILED, ExportStatus.UNKNOWN]
)
def test_people_can_move_on_where_the_adapter_is_gone(status: ExportStatus) -> None:
    """A person can move an entry whose adapter is gone for ever."""
    movers = [
        action
        for action in Action
        if not GRANTS[action].system
        and any(target is not status for target in list_targets(action, status))
        and decide(
            action, attrs.evolve(build_allowed_case(action), export_status=status, erp=None)
        ).allowed
    ]

    assert movers


def test_every_status_is_reachable() -> None:
    """From not sent, the transitions lead to every status."""
    reached = {ExportStatus.NOT_SENT}
    for _ in ExportStatus:
        reached |= {
            target
            for action in Action
            for source in reached
            for target in list_targets(action, source)
        }

    assert set(ExportStatus) == reached


def test_synced_leaves_only_by_unlink() -> None:
    """Only unlinking changes the status of a synced invoice."""
    leaving = {
        row.action
        for row in TRANSITIONS
        if ExportStatus.SYNCED in row.sources and row.targets not in {(), (ExportStatus.SYNCED,)}
    }

    assert {Action.UNLINK} == leaving


def test_exporting_comes_from_acceptance_alone() -> None:
    """Only an accepted invoice is ever exported."""
    into = {
        source
        for row in TRANSITIONS
        if ExportStatus.EXPORTING in row.targets
        for source in row.sources
    }

    assert {ExportStatus.ACCEPTED} == into
