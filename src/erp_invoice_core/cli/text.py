"""Text for a person: wrapped, and fitted to the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

import attrs
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..flow import WaitFor
from ..values import Value
from .escape import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..documents import Restore
    from ..flow import Wait
    from ..verdict import Denial, Notice, Verdict


#: The width of an output that is not a terminal, in columns.
WIDTH = 80
#: A cell of at most this width is not wrapped to widen another column.
_WHOLE = 14


def group_thousands(amount: str) -> str:
    """Return a decimal string with thousands separators, as ``-1,234.50``."""
    sign, digits = ("-", amount[1:]) if amount.startswith("-") else ("", amount)
    whole, point, rest = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{rest}"


@attrs.frozen(eq=False, repr=False)
class Column(Value):
    """A column of a table: its heading, and whether it holds figures."""

    heading: str
    figures: bool = False


class _Console(Console):
    """A console that raises if the reader of the output is gone."""

    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 - it is called in an exception handler


class Screen:
    """
    Writes data for a person, with control characters escaped.

    It uses colours only if the stream is a terminal and ``NO_COLOR`` is not set.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to the stream, standard output by default."""
        out = sys.stdout if stream is None else stream
        terminal = out.isatty()
        self._console = _Console(
            file=out,
            force_terminal=terminal,
            width=None if terminal else WIDTH,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def print_line(self, text: object = "", *, style: str = "", indent: int = 0) -> None:
        """Write a line, wrapped at words and indented by ``indent`` columns."""
        width = max(self._console.width - indent, 1)
        margin = Text(" " * indent)
        for row in Text(escape(text), style=style).wrap(self._console, width, overflow="fold"):
            row.rstrip()
            self._console.print(margin + row, soft_wrap=True)

    def print_raw(self, text: str) -> None:
        """Write text for a program as it is: nothing is wrapped, and no line end is added."""
        self._console.file.write(text)

    def print_title(self, text: object) -> None:
        """Write a heading."""
        self.print_line(text, style="bold")

    def print_table(self, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
        """Write a table; ``None`` is an empty cell."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
        cells = [["" if cell is None else escape(cell) for cell in row] for row in rows]
        whole = _select_unbroken(columns, cells, self._console.width)
        for place, column in enumerate(columns):
            table.add_column(
                escape(column.heading),
                justify="right" if column.figures else "left",
                overflow="fold",
                no_wrap=place in whole,
            )
        for row in cells:
            table.add_row(*map(Text, row))
        self._console.print(table)


def _select_unbroken(
    columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int
) -> frozenset[int]:
    """Return the indexes of columns not to wrap: figures, then short words, as far as they fit."""
    room = width * 3 // 4
    kept = set()
    for place in sorted(range(len(columns)), key=lambda place: not columns[place].figures):
        longest = max((len(row[place]) for row in cells), default=0)
        longest = max(longest, len(columns[place].heading))
        if longest <= _WHOLE and longest + 2 <= room:
            kept.add(place)
            room -= longest + 2
    return frozenset(kept)


_FOR = {
    WaitFor.TIME: "a worker",
    WaitFor.LOOK_UP: "a look-up",
    WaitFor.PERSON: "a person",
    WaitFor.ADAPTER: "an adapter",
}


def print_denial(screen: Screen, reason: Denial) -> None:
    """Write the code and the sentence of a denial, then its remedies and who can apply them."""
    screen.print_line(f"{reason.code} ({reason.source.value})", style="red", indent=2)
    screen.print_line(reason.message, indent=4)
    for number, together in enumerate(reason.remedies):
        for place, remedy in enumerate(together):
            heading = "Then" if place else "Or" if number else "To do"
            screen.print_line(f"{heading}: {remedy.message}", indent=4)
            screen.print_line(f"Who: {remedy.who}", indent=4)


def print_notice(screen: Screen, note: Notice) -> None:
    """Write the code and the sentence of a notice."""
    screen.print_line(f"{note.code} (notice)", style="yellow", indent=2)
    screen.print_line(note.message, indent=4)


def print_wait(screen: Screen, wait: Wait, id_: str | None = None, *, indent: int = 0) -> None:
    """Write what an invoice waits for, why, and when a worker looks at it again."""
    name = "" if id_ is None else f"{id_}: "
    screen.print_line(f"{name}waits for {_FOR[wait.waits_for]} ({wait.code})", indent=indent)
    screen.print_line(wait.message, indent=indent + 4)
    if wait.until is not None:
        moment = wait.until.strftime("%Y-%m-%d %H:%M:%S")
        screen.print_line(f"Next: {moment} UTC", indent=indent + 4)


def print_answer(screen: Screen, heading: str, verdict: Verdict) -> None:
    """Write the result for one invoice, with all denials and notices."""
    screen.print_line(heading, style="bold green" if verdict.allowed else "bold red")
    _print_all(screen, verdict.denials, verdict.notices)


def _print_all(screen: Screen, denials: Iterable[Denial], notices: Iterable[Notice]) -> None:
    for reason in denials:
        print_denial(screen, reason)
    for note in notices:
        print_notice(screen, note)


def print_restore(screen: Screen, restore: Restore) -> None:
    """Write when the database was restored, and the consequence."""
    moment = restore.at.strftime("%Y-%m-%d %H:%M:%S")
    screen.print_line(
        f"Restored {moment} UTC (restore {restore.number}): {restore.why}", style="yellow"
    )
    screen.print_line(
        "Before the worker creates an invoice, it asks the ERP for it. If the ERP cannot be asked, a "
        "person has to look.",
        indent=4,
    )
