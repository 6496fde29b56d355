"""The parser of a ledger: accounts, invoice entries, payments, options and includes."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import attrs

from ...money import ZERO
from .entry import DOCUMENT, is_payable, is_retainage
from .escape import mark, parse_literal, unescape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


#: A line in Beancount's sense; a string in it may contain newlines and semicolons.
#: Possessive quantifiers match too much in Python 3.11.2, so that this repeats nothing ambiguous.
_LINE = re.compile(
    r'([^"\n;]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^"\n;]*)*)(?:;[^\n]*)?(?:\n|\Z)', re.DOTALL
)
#: Lines that Beancount ignores (titles and drawers of Org mode).
_IGNORED = re.compile(r"[*:#][^\n]*(?:\n|\Z)")
_KEYWORD = re.compile(r"(?:option|plugin|include|pushtag|poptag|pushmeta|popmeta)\b")
_DATED = re.compile(r"([0-9]{4,})[-/]([0-9]+)[-/]([0-9]+)\s+(\S+)")
_FLAG = re.compile(r"txn|[*!&#?%PSTCURM]")
_OPEN = re.compile(r"\S+\s+open\s+(\S+)\s*([^\"]*)")
_CLOSE = re.compile(r"\S+\s+close\s+(\S+)")
_BALANCE = re.compile(r"\S+\s+balance\s+(\S+)\s.*?([A-Z][A-Z0-9'._-]*)\s*\Z", re.DOTALL)
_CURRENCY = re.compile(r"[A-Z][A-Z0-9'._-]*")
_OPTION = re.compile(r'option\s+("(?:[^"\\]|\\.)*")\s+("(?:[^"\\]|\\.)*")', re.DOTALL)
_INCLUDE = re.compile(r'include\s+("(?:[^"\\]|\\.)*")', re.DOTALL)
_DUE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_INVOICE_LINK = re.compile(r"\^invoice/(\S+)")
_KEY_LINK = re.compile(r"\^key/(\S+)")
_META = re.compile(r'\s+([a-z][A-Za-z0-9_-]+):\s*("(?:[^"\\]|\\.)*")\s*\Z', re.DOTALL)
_POSTING = re.compile(
    r"\s+(?:[*!&#?%PSTCURM]\s+)?([A-Z][^\s:]*(?::[^\s:]+)+)\s*(.*?)\s*\Z", re.DOTALL
)
_AMOUNT = re.compile(r"([-+]?\s*[0-9][0-9,]*(?:\.[0-9]*)?)\s+([A-Z]\S*)")


class Damaged(Exception):
    """The ledger cannot be read; the text says at which line, and what to do."""


@attrs.frozen(kw_only=True)
class Booked:
    """
    An entry of this package in the ledger, possibly edited by hand.

    It is the transaction of a bill, or the ``document`` directive of a file.

    Attributes:
        linked: The idempotency key in the link ``^key/…`` of the entry.
        key: The idempotency key in the metadata.
        vendor: The id of the vendor in the ERP.
        number: The invoice number.
        digest: The digest of the exported document.
        amount: The amount credited to accounts payable; ``None`` if it is not clear.
        currency: The currency of all postings; ``None`` if there is no currency or several.
        retainage: The amount credited to retainage payable; ``None`` if it is not clear.
        expenses: The amounts of the other postings, each with the last part of its account.
        lines: The text of each line of the invoice, as it was written.
        held: The texts of the retainage held and released; empty if they were not written.
        links: The text of each linked attachment.
        filename: The name of the attached file; only for a ``document`` directive.
        file: The name of the included file that has this entry; empty for the ledger itself.
        sha256: The digest of the attached file; only for a ``document`` directive.
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
    file: str = ""
    sha256: str | None = None
    retainage: Decimal | None = None
    expenses: tuple[tuple[str, Decimal], ...] = ()
    lines: tuple[str, ...] = ()
    held: tuple[str, str] = ("", "")
    links: tuple[str, ...] = ()
    filename: str | None = None

    @property
    def place(self) -> str:
        """The line number, after the name of an included file: ``12`` or ``2025.beancount:12``."""
        return f"{self.file}:{self.line}" if self.file else str(self.line)


@attrs.frozen(kw_only=True)
class Settlement:
    """
    A payment: a transaction by a person or another program that names invoices.

    It debits or credits an account below accounts payable.

    Attributes:
        invoices: The names in its links ``^invoice/…``.
        amounts: The postings to payable accounts, each with account, amount and currency; the
            amount is ``None`` if it is not written.
        reference: The value of its metadata ``reference``.
        method: The value of its metadata ``method``.
    """

    place: Place
    invoices: frozenset[str]
    amounts: tuple[tuple[str, Decimal | None, str], ...]
    reference: str | None = None
    method: str | None = None


@attrs.frozen
class Place:
    """The line, the file (empty for the ledger itself) and the date of a directive."""

    line: int
    file: str
    date: date | None

    def __str__(self) -> str:
        return f"{self.file or 'ledger'}:{self.line}"


@attrs.frozen
class Opening:
    """A directive that opens an account, for the given currencies or, if it names none, for any."""

    place: Place
    currencies: frozenset[str] = frozenset()


@attrs.frozen
class Assertion:
    """A ``balance`` directive, which asserts the balance of an account on a day."""

    place: Place
    currency: str


@attrs.define
class Scan:
    """
    The contents of one file.

    Attributes:
        file: The name of an included file; empty for the ledger itself.
        opened: The first opening of each account, in the order of the file.
        closed: The first closing of each account.
        asserted: The balance assertions by account.
        options: The last value of each option.
        includes: The patterns of included files, with their lines.
    """

    file: str = ""
    opened: dict[str, Opening] = attrs.Factory(dict)
    closed: dict[str, Place] = attrs.Factory(dict)
    asserted: dict[str, list[Assertion]] = attrs.Factory(dict)
    options: dict[str, str] = attrs.Factory(dict)
    includes: list[tuple[str, int]] = attrs.Factory(list)
    lines: int = 0
    _by_name: dict[str, list[Booked]] = attrs.Factory(dict)
    _by_invoice: dict[str, list[Booked]] = attrs.Factory(dict)
    _settlements: dict[str, list[Settlement]] = attrs.Factory(dict)
    _files: dict[str, list[Booked]] = attrs.Factory(dict)

    def add(self, booked: Booked) -> None:
        """
        Store an entry so that it is found by its key, by its id and by the key in its link.

        A ``document`` directive is also found by its export attempt, and a transaction by its
        invoice number.
        """
        if booked.key is not None and booked.sha256 is not None:
            self._files.setdefault(cut_step(booked.key), []).append(booked)
        for name in {booked.key, booked.linked, booked.erp_id} - {None}:
            self._by_name.setdefault(str(name), []).append(booked)
        if booked.number is not None and booked.sha256 is None:
            self._by_invoice.setdefault(mark(booked.number), []).append(booked)

    def add_settlement(self, settlement: Settlement) -> None:
        """Store a payment under each invoice that it names."""
        for name in settlement.invoices:
            self._settlements.setdefault(name, []).append(settlement)

    def find_bills(self, number: str) -> list[Booked]:
        """Return the bills with an invoice number, of any vendor."""
        return self._by_invoice.get(mark(number), [])

    def find_settlements(self, number: str) -> list[Settlement]:
        """Return the payments, written by people or other programs, that name an invoice number."""
        return self._settlements.get(mark(number), [])

    def find_named(self, *names: str) -> list[Booked]:
        """Return the entries with any of these keys or ERP ids, in the order of the file."""
        found = {each.line: each for name in names for each in self._by_name.get(name, ())}
        return [found[line] for line in sorted(found)]

    def find_files(self, key: str) -> list[Booked]:
        """Return the ``document`` entries of the export attempt to which the key belongs."""
        return self._files.get(cut_step(key), [])

    def note(self, number: int, head: str) -> None:
        """
        Store an open, close, balance, option or include directive; ignore any other.

        Args:
            number: The number of the line of the directive.
            head: The text of the line.
        """
        dated = _DATED.match(head)
        if dated is None:
            self._note_keyword(number, head)
            return
        place = Place(number, self.file, _parse_day(dated))
        if dated[4] == "open" and (opened := _OPEN.match(head)):
            currencies = frozenset(_CURRENCY.findall(opened[2]))
            self.opened.setdefault(opened[1], Opening(place, currencies))
        elif dated[4] == "close" and (closed := _CLOSE.match(head)):
            self.closed.setdefault(closed[1], place)
        elif dated[4] == "balance" and (balance := _BALANCE.match(head)):
            assertion = Assertion(place, balance[2])
            self.asserted.setdefault(balance[1], []).append(assertion)

    def _note_keyword(self, number: int, head: str) -> None:
        if option := _OPTION.match(head):
            self.options[parse_literal(option[1])] = parse_literal(option[2])
        elif include := _INCLUDE.match(head):
            self.includes.append((parse_literal(include[1]), number))


def cut_step(key: str) -> str:
    """
    Return the part of an idempotency key that all steps of its export attempt have in common.

    It is ``5000/1/1/`` for the key ``5000/1/1/bill``.
    """
    for start in ("/attach ", "/bill"):
        if (place := key.rfind(start)) >= 0:
            return key[: place + 1]
    return key


def _split_lines(text: str, first: int) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each line, without comments."""
    place, number = 0, first
    while place < len(text):
        match = _IGNORED.match(text, place)
        ignored = match is not None
        match = match or _LINE.match(text, place)
        if match is None:
            msg = f"The ledger cannot be read at line {number}: a quote is not closed. Repair it by hand."
            raise Damaged(msg)
        if not ignored and match[1].strip():
            yield number, match[1]
        number += match[0].count("\n")
        place = match.end()


def _parse_day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


class _Postings(NamedTuple):
    """The amounts of a transaction; all ``None`` or empty if one of them is not clear."""

    amount: Decimal | None = None
    currency: str | None = None
    retainage: Decimal | None = None
    expenses: tuple[tuple[str, Decimal], ...] = ()


def _parse_postings(lines: list[str]) -> _Postings:
    """
    Return the amounts of the postings; all are ``None`` or empty if they are not clear.

    They are not clear if a posting has no amount, or if there are several currencies.
    """
    total, retainage, clear = ZERO, ZERO, True
    currencies: set[str] = set()
    expenses: list[tuple[str, Decimal]] = []
    for line in lines:
        posting = _POSTING.match(line)
        if posting is None or _META.match(line):
            continue
        amount = _AMOUNT.fullmatch(posting[2])
        if amount is None:
            clear = False
            continue
        currencies.add(amount[2])
        number = Decimal(re.sub(r"[\s,]", "", amount[1]))
        if is_payable(posting[1]):
            total -= number
        elif is_retainage(posting[1]):
            retainage -= number
        else:
            expenses.append((posting[1].rpartition(":")[2], number))
    if not clear or len(currencies) > 1:
        return _Postings()
    return _Postings(total, next(iter(currencies), None), retainage, tuple(expenses))


def _parse_transaction(number: int, header: str, lines: list[str]) -> Booked | None:
    """Return the entry if this package wrote it: if it has a key, an id or a link with a key."""
    named: dict[str, str] = {}
    for line in lines:
        if meta := _META.match(line):
            named.setdefault(meta[1], parse_literal(meta[2]))
    linked = _KEY_LINK.search(header)
    if linked is None and "key" not in named and "erp_id" not in named:
        return None
    dated = _DATED.match(header)
    postings = _parse_postings(lines)
    if dated and dated[4] == DOCUMENT:
        postings = _Postings(*_parse_amount(named))
    return Booked(
        line=number,
        date=_parse_day(dated) if dated else None,
        linked=unescape(linked[1]) if linked else None,
        key=named.get("key"),
        erp_id=named.get("erp_id"),
        vendor=named.get("vendor"),
        number=named.get("invoice_number") or None,
        digest=named.get("digest"),
        amount=postings.amount,
        currency=postings.currency,
        sha256=named.get("sha256"),
        retainage=postings.retainage,
        expenses=postings.expenses,
        lines=_list_numbered(named, "line"),
        held=(named.get("retained", ""), named.get("released", "")),
        links=_list_numbered(named, "attachment"),
        filename=named.get("attachment"),
    )


def _parse_settlement(place: Place, header: str, lines: list[str]) -> Settlement | None:
    """Return a payment that names invoices; ``None`` if it posts to no payable account."""
    invoices = frozenset(_INVOICE_LINK.findall(header))
    named = {
        meta[1]: parse_literal(meta[2]) for meta in map(_META.match, lines) if meta is not None
    }
    amounts: list[tuple[str, Decimal | None, str]] = []
    for line in lines:
        posting = _POSTING.match(line)
        if posting is None or _META.match(line) or not is_payable(posting[1]):
            continue
        amount = _AMOUNT.fullmatch(posting[2])
        number = Decimal(re.sub(r"[\s,]", "", amount[1])) if amount else None
        amounts.append((posting[1], number, amount[2] if amount else ""))
    if not amounts:
        return None
    return Settlement(
        place=place,
        invoices=invoices,
        amounts=tuple(amounts),
        reference=named.get("reference"),
        method=named.get("method"),
    )


def _list_numbered(named: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the metadata ``<name>_1``, ``<name>_2`` and so on, up to the first missing one."""
    found: list[str] = []
    while (text := named.get(f"{name}_{len(found) + 1}")) is not None:
        found.append(text)
    return tuple(found)


def _parse_amount(named: Mapping[str, str]) -> tuple[Decimal | None, str | None]:
    """Return amount due and currency from the metadata of a ``document`` directive."""
    text = named.get("amount", "")
    return (Decimal(text) if _DUE.fullmatch(text) else None), named.get("currency")


def _split_directives(text: str, first: int) -> Iterator[tuple[int, str, list[str]]]:
    """Yield the line number, the line and the indented lines of each directive."""
    head: tuple[int, str, list[str]] | None = None
    for number, line in _split_lines(text, first):
        if line[0] in " \t":
            if head is None:
                msg = (
                    f"The ledger cannot be read at line {number}: the indented line belongs to no"
                    " entry. Repair it by hand."
                )
                raise Damaged(msg)
            head[2].append(line)
            continue
        if head:
            yield head
        if not (_DATED.match(line) or _KEYWORD.match(line)):
            msg = f"The ledger cannot be read at line {number}: the line is not an entry. Repair it by hand."
            raise Damaged(msg)
        head = (number, line, [])
    if head:
        yield head


def scan(text: str, into: Scan | None = None) -> Scan:
    """
    Parse a text, and return its contents.

    ``into`` has the contents of the text that precedes this one. The new contents are added to it,
    and the line numbers continue.

    Raises:
        Damaged: A line of the text cannot be read.
    """
    seen = into or Scan()
    for number, head, lines in _split_directives(text, seen.lines + 1):
        dated = _DATED.match(head)
        is_ours = dated and (dated[4] == DOCUMENT or _FLAG.fullmatch(dated[4]))
        if not is_ours:
            seen.note(number, head)
        elif booked := _parse_transaction(number, head, lines):
            seen.add(attrs.evolve(booked, file=seen.file))
        elif dated and _INVOICE_LINK.search(head):
            place = Place(number, seen.file, _parse_day(dated))
            if settlement := _parse_settlement(place, head, lines):
                seen.add_settlement(settlement)
    seen.lines += text.count("\n")
    return seen
