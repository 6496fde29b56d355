"""Laws of a reconciliation: the ERP stays as it is, and a second run has nothing new to say."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from erp_invoice_core import Action
from tests.queue.test_reconcile import READER, READS, build_synced

if TYPE_CHECKING:
    from tests.worker.harness import WorkerHarness

IDS = ("5000", "5001", "5002")
Act: TypeAlias = tuple[str, int, int]
#: Acts of an accountant in the ERP: the kind, the bill, and an amount of money.
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "void_payment", "change", "void", "fail", "reconcile"]),
        st.integers(0, len(IDS) - 1),
        st.integers(-5, 5),
    ),
    max_size=8,
)


def _carry_out(harness: WorkerHarness, act: Act) -> None:
    kind, place, amount = act
    ledger = harness.fake.ledger
    with ledger.lock() as state:
        bill = list(state.bills.values())[place]
    if kind == "pay":
        ledger.pay(bill.id, Decimal(amount), date(2026, 11, 20))
    elif kind == "void_payment" and bill.payments:
        ledger.void_payment(bill.id, str(bill.payments[0]["erp_id"]))
    elif kind == "change":
        ledger.change(bill.id, amount=str(amount))
    elif kind == "void":
        ledger.void(bill.id)
    elif kind == "fail":
        ledger.inject("read", "refuse")
    elif kind == "reconcile":
        list(harness.queue.reconcile(None, READER))


def _count_events(harness: WorkerHarness) -> int:
    return sum(entry.seq for entry in harness.queue.entries())


@given(ACTS)
@settings(max_examples=25)
def test_reconciling_changes_nothing_in_the_erp(acts: list[Act]) -> None:
    """After any acts there the bills are the same, and only hooks that read were called."""
    harness = build_synced(*IDS)
    for act in acts:
        _carry_out(harness, act)
    with harness.fake.ledger.lock() as state:
        bills, asked = copy.deepcopy(state.bills), len(state.requests)
        state.faults.clear()

    rows = list(harness.queue.reconcile(None, READER))
    events = _count_events(harness)

    with harness.fake.ledger.lock() as state:
        assert bills == state.bills
        assert READS >= {kind for kind, _ in state.requests[asked:]}
    assert rows == list(harness.queue.reconcile(None, READER))
    assert events == _count_events(harness)
    harness.check_audit_log()
    for row in rows:
        last = harness.queue.history(row.id)[-1]
        if row.verdict.notices:
            assert (Action.RECONCILE, row.verdict.notices) == (last.action, last.notices)
