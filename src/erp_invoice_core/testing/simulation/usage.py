"""What may be said to the command of the simulation; anything else is told, and ends it with 2."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .shelves import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["parser"]

_ABOUT = "Tell histories of the queue, its workers and a fake ERP, and judge them."


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
    made = argparse.ArgumentParser(
        prog="python -m erp_invoice_core.testing.simulation", description=_ABOUT
    )
    add = made.add_argument
    add("--histories", type=_at_least(0), default=10_000, help="how many to tell")
    add("--seed", type=_at_least(0), default=1, help="where chance comes from")
    add("--first", type=_at_least(0), default=0, metavar="K", help="the number of the first one")
    add("--history", type=_at_least(0), metavar="K", help="tell this one alone")
    add(
        "--decisions",
        type=_places,
        metavar="3,0,1",
        help="tell the history of these decisions alone",
    )
    add("--store", choices=KINDS, default="memory", help="where the queue is kept")
    add("--dsn", help="the PostgreSQL server of --store postgres")
    add("--jobs", type=_at_least(1), default=1, help="in how many processes")
    add("--seconds", type=float, help="begin no history after so many seconds")
    add("--mutant", metavar="NAME", help="make this mistake, and say after how many it is noticed")
    add("--table", action="store_true", help="print how often everything happened")
    add("--progress", action="store_true", help="show a progress bar")
    return made
