"""What stands in a ledger: its opened accounts, and the transactions that are ours."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ...money import ZERO
from .block import PAYABLE
from .names import original
from .text import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Booked", "Damaged", "Scan", "scan"]

#: A line to Beancount: strings may span several, and hide a semicolon.
_LINE = re.compile(r'((?:[^"\n;]++|"(?:[^"\\]++|\\.)*+")*+)(?:;[^\n]*+)?(?:\n|\Z)', re.DOTALL)
#: Lines that Beancount passes over (titles and drawers of an outline).
_IGNORED = re.compile(r"[*:#][^\n]*+(?:\n|\Z)")
_KEYWORD = re.compile(r"(?:option|plugin|include|pushtag|poptag|pushmeta|popmeta)\b")
_DATED = re.compile(r"([0-9]{4,})[-/]([0-9]+)[-/]([0-9]+)\s+(\S+)")
_FLAG = re.compile(r"txn|[*!&#?%PSTCURM]")
_OPEN = re.compile(r"\S+\s+open\s+(\S+)")
_KEY_LINK = re.compile(r"\^key/(\S+)")
_META = re.compile(r'\s+([a-z][A-Za-z0-9_-]+):\s*("(?:[^"\\]|\\.)*")\s*\Z', re.DOTALL)
_POSTING = re.compile(
    r"\s+(?:[*!&#?%PSTCURM]\s+)?([A-Z][^\s:]*(?::[^\s:]+)+)\s*(.*?)\s*\Z", re.DOTALL
)
_AMOUNT = re.compile(r"([-+]?\s*[0-9][0-9,]*(?:\.[0-9]*)?)\s+([A-Z]\S*)")


class Damaged(Exception):
    """The ledger cannot be read; the text says where, and what to do."""


@attrs.frozen(kw_only=True)
class Booked:
    """
    A transaction of ours as it stands in the ledger, edited by hand or not.

    Attributes:
        linked: The key as its link tells it.
        amount: Credited to accounts payable; ``None`` where that cannot be told.
        currency: Of all its postings; ``None`` where it has none, or several.
    """

    line: int
    date: date | None
    linked: str | None
    key: str | None
    erp_id: str | None
    vendor: str | None
    number: str | None
    digest: str | None
    amount: Decimal | None
    currency: str | None


@attrs.define
class Scan:
    """All that was read: accounts in the order in which they opened, our transactions by name."""

    opened: dict[str, None] = attrs.Factory(dict)
    lines: int = 0
    _by_name: dict[str, list[Booked]] = attrs.Factory(dict)

    def add(self, booked: Booked) -> None:
        """Remember a transaction under its key, its id and its link."""
        for name in {booked.key, booked.linked, booked.erp_id} - {None}:
            self._by_name.setdefault(str(name), []).append(booked)

    def named(self, *names: str) -> list[Booked]:
        """Return the transactions that carry any of these keys or ids, in the file's order."""
        found = {each.line: each for name in names for each in self._by_name.get(name, ())}
        return [found[line] for line in sorted(found)]


def _lines(text: str, first: int) -> Iterator[tuple[int, str]]:
    """Yield each line's number and its text without comment; a string may hold newlines."""
    place, number = 0, first
    while place < len(text):
        match = _IGNORED.match(text, place)
        ignored = match is not None
        match = match or _LINE.match(text, place)
        if match is None:
            msg = f"The ledger cannot be read at line {number}: a quote is open. Repair it by hand."
            raise Damaged(msg)
        if not ignored and match[1].strip():
            yield number, match[1]
        number += match[0].count("\n")
        place = match.end()


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _credited(lines: list[str]) -> tuple[Decimal | None, str | None]:
    """Return what accounts payable is credited, and the one currency of all postings."""
    total, clear = ZERO, True
    currencies = set()
    for line in lines:
        posting = _POSTING.match(line)
        if posting is None or _META.match(line):
            continue
        amount = _AMOUNT.fullmatch(posting[2])
        if amount is None:
            clear = False
            continue
        currencies.add(amount[2])
        if posting[1].startswith(PAYABLE):
            total -= Decimal(re.sub(r"[\s,]", "", amount[1]))
    if not clear or len(currencies) > 1:
        return None, None
    return total, next(iter(currencies), None)


def _booked(number: int, header: str, lines: list[str]) -> Booked | None:
    """Return the transaction if it is ours: if it carries a key, or an id, or the key's link."""
    named: dict[str, str] = {}
    for line in lines:
        if meta := _META.match(line):
            named.setdefault(meta[1], value_of(meta[2]))
    linked = _KEY_LINK.search(header)
    if linked is None and "key" not in named and "erp_id" not in named:
        return None
    dated = _DATED.match(header)
    amount, currency = _credited(lines)
    return Booked(
        line=number,
        date=_day(dated) if dated else None,
        linked=original(linked[1]) if linked else None,
        key=named.get("key"),
        erp_id=named.get("erp_id"),
        vendor=named.get("vendor"),
        number=named.get("invoice_number") or None,
        digest=named.get("digest"),
        amount=amount,
        currency=currency,
    )


def _entries(text: str, first: int) -> Iterator[tuple[int, str, list[str]]]:
    """Yield each directive: the number of its line, that line, and the indented lines under it."""
    head: tuple[int, str, list[str]] | None = None
    for number, line in _lines(text, first):
        if line[0] in " \t":
            if head is None:
                msg = f"The ledger cannot be read at line {number}: it belongs to no entry."
                raise Damaged(msg)
            head[2].append(line)
            continue
        if head:
            yield head
        if not (_DATED.match(line) or _KEYWORD.match(line)):
            msg = f"The ledger cannot be read at line {number}: it is no entry. Repair it by hand."
            raise Damaged(msg)
        head = (number, line, [])
    if head:
        yield head


def scan(text: str, into: Scan | None = None) -> Scan:
    """
    Return what stands in the text, added to what was read of the text before it.

    Raises:
        Damaged: It is no ledger, at the line that the text of the error names.
    """
    seen = into or Scan()
    for number, head, lines in _entries(text, seen.lines + 1):
        dated = _DATED.match(head)
        if dated and dated[4] == "open" and (opened := _OPEN.match(head)):
            seen.opened[opened[1]] = None
        elif dated and _FLAG.fullmatch(dated[4]) and (booked := _booked(number, head, lines)):
            seen.add(booked)
    seen.lines += text.count("\n")
    return seen
