"""
The contents of an invoice in the ledger, read from its entry.

The postings have the amounts by account, and the metadata has the lines of the invoice. The lines
are used if their sum for each cost code is that of the postings. If it is not, a person has changed
a posting, and each posting becomes a line.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from ...declaration import LandingState
from ...exchange import NOT_SAID, Contents, ContentsAttachment, ContentsLine
from ...money import ZERO
from ..text import is_storable
from .escape import is_altered, unescape_component

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...exchange import NotSaid
    from .parser import Booked

_LINE = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) (-|-?[0-9]+(?:\.[0-9]+)?) (\S+) (.*)\Z", re.DOTALL)
_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
#: A longer text is not compared.
_LONGEST = 1000


def _say_text(text: str) -> str | NotSaid:
    """
    Return a text, or :data:`NOT_SAID` if it must not be compared with that of the invoice.

    This is the case for a text that is long, that cannot be stored, or that may have visible
    characters in place of control characters.
    """
    is_sure = len(text) <= _LONGEST and is_storable(text) and not is_altered(text)
    return text if is_sure else NOT_SAID


def _sum_by_code(rows: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for code, amount in rows:
        sums[code] = sums.get(code, ZERO) + amount
    return {code: amount for code, amount in sums.items() if amount}


def _build_lines(booked: Booked) -> tuple[ContentsLine, ...] | NotSaid:
    """
    Return the lines of the invoice, or a line for each posting if a person has changed one.

    Return :data:`NOT_SAID` if the amounts are not clear, or if the entry has no lines in its
    metadata, as versions 0.1 to 0.4 of this package wrote it.
    """
    if not booked.lines or booked.retainage is None:
        return NOT_SAID
    matches = [_LINE.match(text) for text in booked.lines]
    parts = [match for match in matches if match is not None]
    written = _sum_by_code((match[3], Decimal(match[1])) for match in parts)
    if len(parts) < len(matches) or written != _sum_by_code(booked.expenses):
        return tuple(
            ContentsLine(cost_code=unescape_component(code), amount=amount)
            for code, amount in booked.expenses
        )
    return tuple(
        ContentsLine(
            cost_code=unescape_component(match[3]),
            amount=Decimal(match[1]),
            quantity=None if match[2] == "-" else Decimal(match[2]),
            description=_say_text(match[4]),
        )
        for match in parts
    )


def _split_retainage(booked: Booked) -> tuple[Decimal | NotSaid, Decimal | NotSaid]:
    """
    Return (retainage held, retainage released); both :data:`NOT_SAID` if they are not clear.

    The posting has only the difference of the two. The metadata has both, and is used if it agrees
    with the posting. Otherwise a credit counts as held, and a debit as released.
    """
    if not booked.lines or booked.retainage is None:
        return NOT_SAID, NOT_SAID
    retained, released = (
        Decimal(text) if _AMOUNT.fullmatch(text) else ZERO for text in booked.held
    )
    if retained - released == booked.retainage:
        return retained, released
    return max(booked.retainage, ZERO), max(-booked.retainage, ZERO)


def _build_attachments(booked: Booked, files: Sequence[Booked]) -> tuple[ContentsAttachment, ...]:
    linked = (
        ContentsAttachment(name=_say_text(text.rpartition(" ")[0]), digest=None)
        for text in booked.links
    )
    return (
        *(
            ContentsAttachment(name=_say_text(file.filename or ""), digest=file.sha256)
            for file in files
        ),
        *linked,
    )


def build_contents(booked: Booked, files: Sequence[Booked]) -> Contents:
    """
    Return the contents of a document in the ERP, as its entry in the ledger shows them.

    Args:
        booked: The entry: the transaction of a bill, or the ``document`` directive of a file.
        files: The ``document`` directives that the same export attempt has written.
    """
    is_file = booked.sha256 is not None
    is_clear = booked.amount is not None and not is_file
    gross = sum((amount for _, amount in booked.expenses), ZERO)
    retained, released = _split_retainage(booked)
    return Contents(
        vendor=booked.vendor,
        number=booked.number,
        amount=booked.amount,
        date=booked.date,
        key=booked.key,
        digest=booked.digest,
        currency=NOT_SAID if booked.currency is None else booked.currency,
        gross=gross if is_clear else NOT_SAID,
        retained=retained,
        released=released,
        state=LandingState.POSTED,
        lines=_build_lines(booked),
        attachments=NOT_SAID if is_file else _build_attachments(booked, files),
    )
