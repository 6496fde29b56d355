"""
The due date and the payment terms of a bill in Tryton.

Tryton computes the days on which a bill is due from its payment terms and the date from which the
terms run. Without terms this date is the due date. To keep a given due date, the bill gets it as
this date; with terms of n days, the bill gets the day n days before it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs

from . import reasons

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ...exchange import ExportRequest
    from ...verdict import Denial
    from .books import Books
    from .client import Row, TrytonClient

#: The key of the export field of the terms.
TERMS: Final = "terms"
_FIELDS: Final = [
    "lines.type",
    "lines.relativedeltas.days",
    "lines.relativedeltas.weeks",
    "lines.relativedeltas.months",
    "lines.relativedeltas.day",
    "lines.relativedeltas.month",
    "lines.relativedeltas.weekday",
]
#: The parts of a time that do not count days.
_OTHER_PARTS: Final = ("months", "day", "month", "weekday")


@attrs.frozen(kw_only=True)
class PaymentTerms:
    """
    When a bill is due.

    Attributes:
        terms: The id of the payment terms; ``None``: no terms.
        day: The day from which the terms run or, without terms, the due date; ``None``: the date of
            the invoice.
    """

    terms: int | None
    day: date | None

    def build_values(self) -> Mapping[str, Any]:
        """Return the terms and their date as values of Tryton's bill."""
        return {"payment_term": self.terms, "payment_term_date": self.day}


def find_terms(
    client: TrytonClient, books: Books, request: ExportRequest, of_party: int | None
) -> PaymentTerms | Denial:
    """
    Return when a bill is due, or a denial if Tryton cannot express its due date and terms.

    Args:
        client: The client.
        books: The books, with the names of payment terms in Tryton.
        request: The export, with its due date and terms.
        of_party: The id of the vendor's own terms in Tryton, which an invoice without a due date
            and terms gets.
    """
    words, due = request.fields.get(TERMS, "").strip(), request.due_date
    if not words:
        return PaymentTerms(terms=None if due else of_party, day=due)
    name = books.payment_terms.get(words, words)
    found = client.search("account.invoice.payment_term", [["name", "=", name]], *_FIELDS)
    if len(found) != 1:
        reason = reasons.TERMS_AMBIGUOUS if found else reasons.TERMS_UNKNOWN
        return reason.deny({"terms": words, "name": name})
    (terms,) = found
    if due is None:
        return PaymentTerms(terms=terms["id"], day=None)
    days = count_days(terms)
    if days is None:
        return reasons.TERMS_AND_DUE_DATE.deny({"terms": words, "date": due.isoformat()})
    return PaymentTerms(terms=terms["id"], day=due - timedelta(days=days))


def count_days(terms: Row) -> int | None:
    """Return the days until all of a bill is due; ``None`` if terms are not a number of days."""
    lines = terms["lines"]
    if len(lines) != 1 or lines[0]["type"] != "remainder":
        return None
    deltas = lines[0]["relativedeltas"]
    if any(delta[part] for delta in deltas for part in _OTHER_PARTS):
        return None
    return sum(int(delta["days"]) + 7 * int(delta["weeks"]) for delta in deltas)
