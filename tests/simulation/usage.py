"""The arguments of the simulation command."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .stores import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["parser"]

_ABOUT = "Simulate the queue, its workers and a fake ERP, and check every invariant."


def _at_least(least: int) -> Callable[[str], int]:
    """Return what reads a whole number that is not below another."""

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
    """Return the parser of the command's words."""
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
