"""The command: ``python -m erp_invoice_core.testing.simulation``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...stores import StoreError
from .mutants import noticed
from .shelves import shelf
from .shrinking import shrunk
from .tally import Failure, Tally
from .telling import retold, silence, tell, told
from .usage import parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from .checker import Violation
    from .history import Told
    from .shelves import NewStore

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
    _say(f"history {failure.number} of seed {seed} broke a promise:")
    _show(failure.violations)
    codes = _codes(failure.violations)

    def breaks(decisions: Sequence[int]) -> bool:
        return bool(codes & _codes(retold(decisions, new).violations))

    if breaks(failure.decisions):
        text = ",".join(map(str, shrunk(failure.decisions, breaks)))
        _say(f"  tell it again, shrunk: --decisions {text or '0'}")
    else:
        _say("  its decisions do not break it again: something is not drawn from them")


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
        task = progress.add_task("histories", total=histories)
        yield lambda tally: progress.update(
            task,
            completed=tally.histories,
            description=f"histories, {len(tally.failures)} broken",
        )


def _many(said: argparse.Namespace) -> int:
    with _bar(said.histories, shown=said.progress) as step:
        tally = tell(
            said.histories,
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
    from .museum import MUSEUM  # noqa: PLC0415 - its pieces are made when it is visited

    piece = MUSEUM.get(said.mutant)
    if piece is None:
        _say(f"There is no mutant {said.mutant!r}; there are: {', '.join(MUSEUM)}.")
        return 2
    if said.history is not None or said.decisions is not None:
        with piece.applied():
            return _retold(said)
    caught = noticed(piece, said.histories, said.seed)
    _say(f"{piece.name} ({', '.join(piece.sources)})")
    _say(f"  {piece.happened}")
    _say(f"  {piece.rebuilt}")
    if caught is None:
        _say(f"nothing noticed it in {said.histories} histories")
        return 0
    _show(caught.violations)
    _say(f"  tell it again: --decisions {','.join(map(str, caught.decisions))}")
    _say(f"noticed after {caught.histories} histories")
    return 1


def _retold(said: argparse.Namespace) -> int:
    with shelf(said.store, said.dsn) as new:
        if said.decisions is None:
            return _one(told(said.seed, said.history, new))
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
    if said.history is None and said.decisions is None:
        return _many(said)
    return _retold(said)
