"""The arguments of the simulation command."""

from __future__ import annotations

import argparse
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from erp_invoice_core.stores import StoreError

from .mutant import find_bug
from .runs import Failure, Tally, replay, silence_logs, simulate_many, simulate_number
from .shrink import shrink
from .stores import KINDS, open_stores

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from .invariants import Violation
    from .run import RunResult
    from .stores import NewStore

_ABOUT = "Simulate the queue, its workers and a fake ERP, and check every invariant."


def _at_least(least: int) -> Callable[[str], int]:
    """Return a reader of whole numbers that are not below another."""

    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() else least - 1
        if number < least:
            msg = f"give a whole number, {least} or more, not {text!a}"
            raise argparse.ArgumentTypeError(msg)
        return number

    return read


def _places(text: str) -> tuple[int, ...]:
    """Read a list of decisions, as a failure prints it."""
    parts = [part for part in text.split(",") if part]
    if not all(part.isascii() and part.isdigit() for part in parts):
        msg = f"give whole numbers with commas between them, not {text!a}"
        raise argparse.ArgumentTypeError(msg)
    return tuple(map(int, parts))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    made = argparse.ArgumentParser(prog="python -m tests.simulation", description=_ABOUT)
    add = made.add_argument
    add("--runs", type=_at_least(0), default=10_000, help="number of runs")
    add("--seed", type=_at_least(0), default=1, help="seed of every choice")
    add("--first", type=_at_least(0), default=0, metavar="K", help="number of the first run")
    add("--run", type=_at_least(0), metavar="K", help="only this run")
    add(
        "--decisions",
        type=_places,
        metavar="3,0,1",
        help="only the run of these decisions",
    )
    add("--store", choices=KINDS, default="memory", help="store of the queue")
    add("--dsn", help="PostgreSQL database of --store postgres")
    add("--jobs", type=_at_least(1), default=1, help="number of processes")
    add("--seconds", type=float, help="start no run after this many seconds")
    add(
        "--mutant", metavar="NAME", help="apply this known bug and count the runs until it is found"
    )
    add("--table", action="store_true", help="print a table of counts")
    add("--progress", action="store_true", help="show a progress bar")
    return made


# === The command: ``python -m tests.simulation``.

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
    """Print the violations, and the shortest decisions that lead to them too."""
    _say(f"run {failure.number} of seed {seed} violated an invariant:")
    _show(failure.violations)
    codes = _codes(failure.violations)

    def breaks(decisions: Sequence[int]) -> bool:
        return bool(codes & _codes(replay(decisions, new).violations))

    if breaks(failure.decisions):
        text = ",".join(map(str, shrink(failure.decisions, breaks)))
        _say(f"  replay it, shrunk: --decisions {text or '0'}")
    else:
        _say("  a replay of its decisions has no violation: some choice is not one of them")


def _print_run(one: RunResult) -> int:
    tally = Tally()
    tally.add(0, one)
    _show(one.violations)
    _say(f"decisions {','.join(map(str, one.decisions))}")
    _say(f"seal {one.seal}")
    _say(tally.line)
    return 1 if one.violations else 0


@contextmanager
def _show_progress(runs: int, *, shown: bool) -> Iterator[Callable[[Tally], object]]:
    """Provide what moves the progress bar."""
    if not shown:
        yield lambda _tally: None
        return
    from rich.progress import Progress  # noqa: PLC0415 - only a long run needs it

    with Progress() as progress:
        task = progress.add_task("runs", total=runs)
        yield lambda tally: progress.update(
            task,
            completed=tally.runs,
            description=f"runs, {len(tally.failures)} with violations",
        )


def _simulate_many(options: argparse.Namespace) -> int:
    with _show_progress(options.runs, shown=options.progress) as step:
        tally = simulate_many(
            options.runs,
            options.seed,
            first=options.first,
            kind=options.store,
            dsn=options.dsn,
            jobs=options.jobs,
            seconds=options.seconds,
            step=step,
        )
    with open_stores(options.store, options.dsn) as new:
        for failure in tally.failures[:_SHOWN]:
            _show_failure(failure, options.seed, new)
    if options.table:
        for line in tally.table:
            _say(line)
    _say(tally.line)
    return 1 if tally.failures else 0


def _run_mutant(options: argparse.Namespace) -> int:
    from .known_bugs import KNOWN_BUGS  # noqa: PLC0415 - its modules import most of the package

    bug = KNOWN_BUGS.get(options.mutant)
    if bug is None:
        _say(f"There is no mutant {options.mutant!r}. The mutants are: {', '.join(KNOWN_BUGS)}.")
        return 2
    if options.run is not None or options.decisions is not None:
        with bug.applied():
            return _replay_run(options)
    caught = find_bug(bug, options.runs, options.seed)
    _say(f"{bug.name} ({', '.join(bug.sources)})")
    _say(f"  {bug.happened}")
    _say(f"  {bug.rebuilt}")
    if caught is None:
        _say(f"not found in {options.runs} runs")
        return 0
    _show(caught.violations)
    _say(f"  replay it: --decisions {','.join(map(str, caught.decisions))}")
    _say(f"found after {caught.runs} runs")
    return 1


def _replay_run(options: argparse.Namespace) -> int:
    with open_stores(options.store, options.dsn) as new:
        if options.decisions is None:
            return _print_run(simulate_number(options.seed, options.run, new))
        return _print_run(replay(options.decisions, new))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 on any violation, 2 for bad usage or a database out of reach."""
    words = parser()
    options = words.parse_args(arguments)
    if options.store == "postgres" and not options.dsn:
        words.error("name the database of --store postgres: --dsn URL")
    try:
        with silence_logs():
            return _run(options)
    except StoreError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _run(options: argparse.Namespace) -> int:
    if options.mutant is not None:
        return _run_mutant(options)
    if options.run is None and options.decisions is None:
        return _simulate_many(options)
    return _replay_run(options)
