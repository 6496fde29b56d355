"""The command: ``python -m tests.simulation``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from erp_invoice_core.stores import StoreError

from .mutant import noticed
from .runs import retold, silence, tell, told
from .shrink import shrunk
from .stores import shelf
from .tally import Failure, Tally
from .usage import parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from .check import Violation
    from .run import Told
    from .stores import NewStore

__all__ = ["main"]

_SHOWN = 5


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _codes(violations: Sequence[Violation]) -> set[str]:
    return {violation.code for violation in violations}


def _show(violations: Sequence[Violation]) -> None:
    for violation in violations:
        of = f" (invoice {violation.entry_id})" if violation.entry_id else ""
        _say(f"  {violation.code}{of}: {violation.sentence}")


def _show_failure(failure: Failure, seed: int, new: NewStore) -> None:
    """Print what was broken, and the shortest decisions that break it too."""
    _say(f"run {failure.number} of seed {seed} violated an invariant:")
    _show(failure.violations)
    codes = _codes(failure.violations)

    def breaks(decisions: Sequence[int]) -> bool:
        return bool(codes & _codes(retold(decisions, new).violations))

    if breaks(failure.decisions):
        text = ",".join(map(str, shrunk(failure.decisions, breaks)))
        _say(f"  replay it, shrunk: --decisions {text or '0'}")
    else:
        _say("  a replay of its decisions has no violation: some choice is not one of them")


def _one(one: Told) -> int:
    tally = Tally()
    tally.add(0, one)
    _show(one.violations)
    _say(f"decisions {','.join(map(str, one.decisions))}")
    _say(f"seal {one.seal}")
    _say(tally.line)
    return 1 if one.violations else 0


@contextmanager
def _bar(histories: int, *, shown: bool) -> Iterator[Callable[[Tally], object]]:
    """Provide what moves the progress bar."""
    if not shown:
        yield lambda _tally: None
        return
    from rich.progress import Progress  # noqa: PLC0415 - only a long run needs it

    with Progress() as progress:
        task = progress.add_task("runs", total=histories)
        yield lambda tally: progress.update(
            task,
            completed=tally.histories,
            description=f"runs, {len(tally.failures)} with violations",
        )


def _many(said: argparse.Namespace) -> int:
    with _bar(said.runs, shown=said.progress) as step:
        tally = tell(
            said.runs,
            said.seed,
            first=said.first,
            kind=said.store,
            dsn=said.dsn,
            jobs=said.jobs,
            seconds=said.seconds,
            step=step,
        )
    with shelf(said.store, said.dsn) as new:
        for failure in tally.failures[:_SHOWN]:
            _show_failure(failure, said.seed, new)
    if said.table:
        for line in tally.table:
            _say(line)
    _say(tally.line)
    return 1 if tally.failures else 0


def _mutant(said: argparse.Namespace) -> int:
    from .known_bugs import KNOWN_BUGS  # noqa: PLC0415 - its modules import most of the package

    bug = KNOWN_BUGS.get(said.mutant)
    if bug is None:
        _say(f"There is no mutant {said.mutant!r}. The mutants are: {', '.join(KNOWN_BUGS)}.")
        return 2
    if said.run is not None or said.decisions is not None:
        with bug.applied():
            return _retold(said)
    caught = noticed(bug, said.runs, said.seed)
    _say(f"{bug.name} ({', '.join(bug.sources)})")
    _say(f"  {bug.happened}")
    _say(f"  {bug.rebuilt}")
    if caught is None:
        _say(f"not found in {said.runs} runs")
        return 0
    _show(caught.violations)
    _say(f"  replay it: --decisions {','.join(map(str, caught.decisions))}")
    _say(f"found after {caught.histories} runs")
    return 1


def _retold(said: argparse.Namespace) -> int:
    with shelf(said.store, said.dsn) as new:
        if said.decisions is None:
            return _one(told(said.seed, said.run, new))
        return _one(retold(said.decisions, new))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 on any violation, 2 for bad usage or a database out of reach."""
    silence()
    words = parser()
    said = words.parse_args(arguments)
    if said.store == "postgres" and not said.dsn:
        words.error("name the database of --store postgres: --dsn URL")
    try:
        return _answered(said)
    except StoreError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _answered(said: argparse.Namespace) -> int:
    if said.mutant is not None:
        return _mutant(said)
    if said.run is None and said.decisions is None:
        return _many(said)
    return _retold(said)
