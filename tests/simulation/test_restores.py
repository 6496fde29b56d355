"""Runs with a restore each violate no invariant that still holds then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.adapters import LookUp
from erp_invoice_core.flow import RestoreCheck, choose_restore_check
from erp_invoice_core.testing.fake_erp.ledger import Enforces

from . import erp_users
from .database_faults import Operator
from .decisions import Decisions, menu
from .erp_traits import Traits
from .faults import Fault
from .mutant import replace_everywhere
from .run import RunResult, simulate
from .runs import simulate_number
from .stores import open_stores

if TYPE_CHECKING:
    from .stores import Opener

_MOST = 150


@pytest.fixture(autouse=True)
def _always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore a backup in every run."""
    monkeypatch.setattr(erp_users, "_ACTS", menu((1, (1, Operator))))


def _trust(*_given: object, **_more: object) -> RestoreCheck:
    """Trust the restored database."""
    return RestoreCheck.NONE


def _simulate_blind(number: int, opener: Opener) -> RunResult:
    """Simulate a run with an ERP that has no look-up and enforces nothing."""
    traits = Traits(enforces=Enforces.NOTHING, look_up=LookUp.NONE)
    return simulate(Decisions(seed=number), opener, traits=traits)


def test_trust_in_a_restored_database_is_found() -> None:
    """A document is made twice if neither the ERP nor a person is asked."""
    found: set[str] = set()
    with replace_everywhere(choose_restore_check, _trust), open_stores("memory") as new:
        for number in range(_MOST):
            found |= {violation.code for violation in _simulate_blind(number, new()).violations}
            if "booked.twice" in found:
                break
    assert "booked.twice" in found


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_runs_with_a_restore_have_no_violation(kind: str) -> None:
    """Forty runs with a restore on each store violate no invariant."""
    restores = 0
    with open_stores(kind) as new:
        for number in range(40):
            one = simulate_number(4, number, new)
            assert () == one.violations
            restores += one.counts[Fault.RESTORED]
    assert restores > 10


def test_memory_and_sqlite_go_back_alike() -> None:
    """The same run with a restore leads to the same events."""
    with open_stores("memory") as memory, open_stores("sqlite") as sqlite:
        for number in range(12):
            assert simulate_number(9, number, memory) == simulate_number(9, number, sqlite)
