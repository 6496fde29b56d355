"""What many histories told, added up: faults, rows of the promise table, violations."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from .erp_traits import Row
from .faults import CRASHES, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .check import Violation
    from .run import Told

__all__ = ["Failure", "Tally"]


@attrs.frozen(kw_only=True)
class Failure:
    """A history that broke a promise: its number, what it broke, and how to tell it again."""

    number: int
    violations: tuple[Violation, ...]
    decisions: tuple[int, ...]


@attrs.define
class Tally:
    """
    The sum of many histories.

    Attributes:
        faults: How often each kind of fault happened.
        rows: How many histories were about each row of the promise table.
        excused: What the promise table leaves out, by its reason.
        unknowns: How often an export became unknown; ``resolved``: and did not stay so.
    """

    histories: int = 0
    faults: Counter[Fault] = attrs.Factory(Counter)
    rows: Counter[Row] = attrs.Factory(Counter)
    excused: Counter[str] = attrs.Factory(Counter)
    unknowns: int = 0
    resolved: int = 0
    failures: list[Failure] = attrs.Factory(list)

    def add(self, number: int, told: Told) -> None:
        """Add one history."""
        self.histories += 1
        self.faults.update(told.counts)
        self.rows.update(told.rows)
        self.excused.update(told.excused)
        self.unknowns += told.unknowns
        self.resolved += told.resolved
        if told.violations:
            failure = Failure(number=number, violations=told.violations, decisions=told.decisions)
            self.failures.append(failure)

    def merge(self, other: Tally) -> None:
        """Add what another process counted."""
        self.histories += other.histories
        self.faults.update(other.faults)
        self.rows.update(other.rows)
        self.excused.update(other.excused)
        self.unknowns += other.unknowns
        self.resolved += other.resolved
        self.failures.extend(other.failures)

    @property
    def line(self) -> str:
        """All of it in one line."""
        crashes = sum(self.faults[fault] for fault in CRASHES)
        violations = sum(len(failure.violations) for failure in self.failures)
        return (
            f"{self.histories} runs, {self.faults.total()} faults of which {crashes} crashes, "
            f"{self.resolved} unknowns resolved, violations {violations}"
        )

    @property
    def table(self) -> Sequence[str]:
        """How often each kind of fault happened, each row was hit, and what was excused."""
        return (
            *(f"{self.faults[fault]:>9}  {fault.value}" for fault in Fault),
            *(f"{self.rows[row]:>9}  row of the promise table: {row.value}" for row in Row),
            *(f"{times:>9}  excused: {why}" for why, times in sorted(self.excused.items())),
        )
