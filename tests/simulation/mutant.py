"""Known-bug mutants: bugs of other projects in our code, and the search for them."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import attrs

from .runs import simulate_number
from .stores import open_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from .invariants import Violation

_OURS = ("erp_invoice_core.", "tests.simulation.")
#: A test that replaces a function may call the original.
_TESTS = "tests.simulation.test_"


@attrs.frozen(kw_only=True)
class Mutant:
    """
    A bug of another project, rebuilt in our own code.

    Attributes:
        name: One word, or several with hyphens.
        sources: Repository and number of each public report.
        happened: The original failure, in a sentence.
        rebuilt: The behaviour of our code with the bug, in a sentence.
        applied: A context in which our code has the bug.
    """

    name: str
    sources: tuple[str, ...]
    happened: str
    rebuilt: str
    applied: Callable[[], AbstractContextManager[object]]


@attrs.frozen(kw_only=True)
class Found:
    """
    A mutant that was found.

    Attributes:
        runs: Number of runs until it was found, that one included.
        violations: The violated invariants.
        decisions: The decisions that replay the run.
    """

    runs: int
    violations: tuple[Violation, ...]
    decisions: tuple[int, ...]


@contextmanager
def replace_attribute(owner: object, name: str, by: object) -> Iterator[None]:
    """Replace an attribute of a class or a module for a while."""
    former = vars(owner)[name]
    setattr(owner, name, by)
    try:
        yield
    finally:
        setattr(owner, name, former)


@contextmanager
def replace_everywhere(former: object, by: object) -> Iterator[None]:
    """Replace a function of ours for a while, in every module of ours that has imported it."""
    with ExitStack() as stack:
        for module_name, module in list(sys.modules.items()):
            if not module_name.startswith(_OURS) or module_name.startswith(_TESTS):
                continue
            for name, value in list(vars(module).items()):
                if value is former:
                    stack.enter_context(replace_attribute(module, name, by))
        yield


@contextmanager
def apply_all(*contexts: AbstractContextManager[object]) -> Iterator[None]:
    """Be in several contexts at once."""
    with ExitStack() as stack:
        for context in contexts:
            stack.enter_context(context)
        yield


def find_bug(mutant: Mutant, limit: int = 1_000, seed: int = 1) -> Found | None:
    """
    Simulate runs until one violates an invariant; ``None`` if no run does.

    Args:
        mutant: The bug.
        limit: The largest number of runs.
        seed: The seed of the runs.
    """
    with mutant.applied(), open_stores("memory") as new:
        for number in range(limit):
            one = simulate_number(seed, number, new)
            if one.violations:
                return Found(runs=number + 1, violations=one.violations, decisions=one.decisions)
    return None
