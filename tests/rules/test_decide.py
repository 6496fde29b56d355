"""One function asks all tables, and gives every reason."""

from __future__ import annotations

import sys
import tracemalloc
from datetime import date

import attrs
import pytest

from erp_invoice_core.documents import Actor
from erp_invoice_core.rules import CONDITIONS, RULEBOOK, Case, decide, index, list_sources
from erp_invoice_core.rules.case import STEADY_FACTS
from erp_invoice_core.rules.conditions.condition import ENTRY_VERBS
from erp_invoice_core.values import evolve
from erp_invoice_core.verdict import ALLOWED
from erp_invoice_core.vocabulary import Action, ExportStatus, InvoiceStatus, Level
from tests.spec.allowed_cases import build_allowed_case


@pytest.mark.parametrize("action", Action)
def test_lawful_cases_share_one_answer(action: Action) -> None:
    """An allowed case without notices makes no new verdict."""
    assert decide(action, build_allowed_case(action)) is ALLOWED


def test_all_reasons_are_given_in_order() -> None:
    """A draft that waits at the approver's, sent by a reader, hears of all three tables."""
    case = attrs.evolve(
        build_allowed_case(Action.SEND),
        actor=Actor(id="x", commitments={"10": Level.READ_ONLY}),
        export_status=ExportStatus.READY,
        invoice_status=InvoiceStatus.DRAFT,
    )

    assert ["permission.send", "status.send", "invoice.not_sendable"] == [
        denial.code for denial in decide(Action.SEND, case).denials
    ]


_BY_PERSON = sorted(ENTRY_VERBS, key=lambda action: action.value)


def _build_without_erp(action: Action, status: ExportStatus) -> Case:
    """Return the case of an entry without a loaded integration, of which nothing is in the ERP."""
    return attrs.evolve(
        build_allowed_case(action),
        erp=None,
        export_status=status,
        left=False,
        acceptance_stands=False,
        evidence="Read there." if action is Action.RULE else None,
        gone=None,
    )


@pytest.mark.parametrize(
    ("action", "status"),
    [
        (action, status)
        for action in _BY_PERSON
        for status in ExportStatus
        if status not in list_sources(action)
        and status in {ExportStatus.NOT_SENT, ExportStatus.READY, ExportStatus.REJECTED}
    ],
)
def test_status_that_allows_no_such_action_is_the_only_reason(
    action: Action, status: ExportStatus
) -> None:
    """No connection, evidence or consent is asked for where they would not help."""
    denials = decide(action, _build_without_erp(action, status)).denials

    assert [f"status.{action.value}"] == [
        denial.code for denial in denials if denial.code != "export.nothing_left"
    ]


def test_connection_is_asked_for_where_the_status_allows_the_action() -> None:
    """Without a connection nothing is sent."""
    case = attrs.evolve(build_allowed_case(Action.SEND), erp=None)

    assert ["feature.invoices.undeclared"] == [
        denial.code for denial in decide(Action.SEND, case).denials
    ]


@pytest.mark.parametrize(
    ("status", "reasons"),
    [
        (ExportStatus.NOT_SENT, ["status.retry"]),
        (ExportStatus.READY, ["status.retry"]),
        (ExportStatus.RETRIEVED, ["status.retry"]),
        (ExportStatus.REJECTED, ["status.retry"]),
        (ExportStatus.FAILED, ["export.not_accepted"]),
        (ExportStatus.SYNCED, ["status.retry"]),
    ],
)
def test_remedies_of_a_retry_do_not_contradict(status: ExportStatus, reasons: list[str]) -> None:
    """An invoice that waits for acceptance is accepted; only a failed export is rejected."""
    case = attrs.evolve(
        build_allowed_case(Action.RETRY), export_status=status, acceptance_stands=False
    )

    assert reasons == [denial.code for denial in decide(Action.RETRY, case).denials]


def test_empty_case_reveals_nothing() -> None:
    """Without an actor there is one reason and no notice."""
    verdict = decide(Action.SEND, Case())

    assert ["permission.none"] == [denial.code for denial in verdict.denials]
    assert () == verdict.notices


@pytest.mark.parametrize("number_is_unique", [True, 1])
def test_truth_of_a_query_counts_alike_in_every_company(number_is_unique: bool) -> None:
    """A host's 1 for true counts whether or not another fact is out of the usual."""
    case = attrs.evolve(build_allowed_case(Action.SEND), number_is_unique=number_is_unique)

    assert decide(Action.SEND, case).allowed
    assert ["vendor.not_synced"] == [
        denial.code
        for denial in decide(Action.SEND, attrs.evolve(case, vendor_synced=False)).denials
    ]


def test_unusual_facts_may_be_lawful() -> None:
    """A fact out of the usual denies nothing by itself."""
    case = attrs.evolve(build_allowed_case(Action.SEND), previous_agrees=False)
    policy = attrs.evolve(case.policy, previous_may_differ=True)

    assert decide(Action.SEND, attrs.evolve(case, policy=policy)) is ALLOWED


@pytest.mark.parametrize("action", Action)
def test_allowed_decision_makes_no_objects(action: Action) -> None:
    """An allowed decision leaves nothing behind, and has a tuple of facts at most in between."""
    case = build_allowed_case(action)
    for _ in range(20):
        decide(action, case)
    tracer = sys.gettrace()
    sys.settrace(None)  # that of coverage makes objects, too
    tracemalloc.start()
    try:
        decide(action, case)
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        verdict = decide(action, case)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        sys.settrace(tracer)

    assert verdict is ALLOWED
    # The measurement itself takes 48 bytes, and the largest tuple of facts 184.
    assert before + 48 >= after
    assert before + 48 + 184 >= peak


def test_steady_rows_are_evaluated_once_for_their_facts() -> None:
    """Cases of the same host's facts share the result; on another day it is found anew."""
    looked: list[Case] = []

    def look(case: Case) -> bool:
        looked.append(case)
        return len(looked) < 3

    row = attrs.evolve(CONDITIONS[0], acts=frozenset({Action.SEND}), is_met=look, steady=True)
    rulebook = index(conditions=[row], notices=())
    case = build_allowed_case(Action.SEND)
    for version in range(3):
        assert decide(Action.SEND, case.with_entry({"version": version}), rulebook).allowed
    assert 1 == len(looked)

    assert decide(Action.SEND, attrs.evolve(case), rulebook).allowed
    tomorrow = case.with_entry({"today": date(2026, 11, 27)})
    assert not decide(Action.SEND, tomorrow, rulebook).allowed
    assert not decide(Action.SEND, tomorrow, rulebook).allowed
    assert 3 == len(looked)


def test_steady_rows_are_not_evaluated_again_for_equal_facts() -> None:
    """The day of the next action is another object, and the same day."""
    looked: list[Case] = []

    def look(case: Case) -> bool:
        looked.append(case)
        return True

    row = attrs.evolve(CONDITIONS[0], acts=frozenset({Action.SEND}), is_met=look, steady=True)
    rulebook = index(conditions=[row], notices=())
    case = build_allowed_case(Action.SEND).with_entry({"today": date(2026, 11, 26)})

    for _ in range(3):
        same = case.with_entry({"today": date(2026, 11, 26)})
        assert decide(Action.SEND, same, rulebook).allowed

    assert 1 == len(looked)


def test_decisions_of_another_thread_keep_their_own_results() -> None:
    """While a row is evaluated, the same facts of the host are asked about for another day."""
    others: list[Case] = []

    def look(case: Case) -> bool:
        if others:
            decide(Action.SEND, others.pop(), rulebook)
        return case.today == date(2026, 11, 26)

    row = attrs.evolve(CONDITIONS[0], acts=frozenset({Action.SEND}), is_met=look, steady=True)
    rulebook = index(conditions=[row], notices=())
    case = build_allowed_case(Action.SEND)
    today, tomorrow = (case.with_entry({"today": date(2026, 11, day)}) for day in (26, 27))
    others.append(tomorrow)

    assert decide(Action.SEND, today, rulebook).allowed
    assert not decide(Action.SEND, tomorrow, rulebook).allowed
    assert decide(Action.SEND, today, rulebook).allowed


@pytest.mark.parametrize("name", STEADY_FACTS)
def test_each_steady_fact_is_compared(name: str) -> None:
    """The results for the facts of one case are not those for another."""
    case = build_allowed_case(Action.SEND)
    decide(Action.SEND, case)

    results = case.known.results
    assert results is not None
    assert results.has_facts_of(case)
    assert not results.has_facts_of(evolve(case, {name: object()}))


def test_case_keeps_what_is_found_of_few_tables() -> None:
    """Many rulebooks over one case do not fill the memory."""
    case = build_allowed_case(Action.SEND)
    for _ in range(100):
        assert decide(Action.SEND, case, index()).allowed

    assert len(case.known.results or ()) < 100


def test_other_tables_can_be_indexed() -> None:
    """A rulebook of fewer conditions denies less, and ours stays as it is."""
    case = attrs.evolve(build_allowed_case(Action.SEND), vendor_synced=False)

    assert decide(Action.SEND, case, index(conditions=())).allowed
    assert not decide(Action.SEND, case).allowed


def test_rulebook_has_a_page_per_action() -> None:
    """No action is without its page."""
    assert set(Action) == set(RULEBOOK)


def test_known_results_are_no_part_of_a_printed_case() -> None:
    """Cases of equal facts look alike, whatever was decided about one of them."""
    asked, fresh = build_allowed_case(Action.SEND), build_allowed_case(Action.SEND)
    decide(Action.SEND, asked)

    assert repr(fresh.known) == repr(asked.known) == "Known()"
