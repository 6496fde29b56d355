"""A row that cannot be read concerns its invoice alone."""

from __future__ import annotations

import pytest

from erp_invoice_core.stores import StoreFault
from erp_invoice_core.stores.unreadable_rows import set_aside

from . import erp_users
from .database_faults import Disk
from .decisions import menu
from .faults import Fault
from .mutant import replace_everywhere
from .runs import simulate_number
from .stores import open_stores

_MOST = 100


@pytest.fixture
def _damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Damage a row in every run."""
    monkeypatch.setattr(erp_users, "_ACTS", menu((1, (1, Disk))))


def _find_codes(kind: str) -> set[str]:
    """Simulate runs until one violates an invariant, and return the codes."""
    with open_stores(kind) as new:
        for number in range(_MOST):
            if violations := simulate_number(1, number, new).violations:
                return {violation.code for violation in violations}
    return set()


def _raise_at_row(entry_id: str, *_stored: object) -> None:
    """Stop at the row, like a store that reads all rows or none."""
    msg = f"Entry {entry_id} cannot be read."
    raise StoreFault(msg)


@pytest.mark.usefixtures("_damaged")
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_runs_with_a_damaged_row_have_no_violation(kind: str) -> None:
    """The other invoices go on; once its bytes are back, this one does too."""
    damaged = 0
    with open_stores(kind) as new:
        for number in range(40):
            one = simulate_number(4, number, new)
            assert () == one.violations
            damaged += one.counts[Fault.UNREADABLE]
    assert damaged > 15


@pytest.mark.usefixtures("_damaged")
def test_memory_and_sqlite_set_a_row_aside_alike() -> None:
    """The same run with a damaged row leads to the same events in memory and SQLite."""
    with open_stores("memory") as memory, open_stores("sqlite") as sqlite:
        for number in range(12):
            assert simulate_number(9, number, memory) == simulate_number(9, number, sqlite)


@pytest.mark.usefixtures("_damaged")
def test_a_row_that_stops_all_is_found() -> None:
    """The checks find a store that stops at the row instead of setting it aside."""
    with replace_everywhere(set_aside, _raise_at_row):
        assert "error.unforeseen" in _find_codes("sqlite")
