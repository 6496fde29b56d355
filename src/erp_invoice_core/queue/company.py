"""The one company whose invoices a database has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message_template import MessageTemplate
from ..verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..documents import ExportDocument, QueueEntry


_OTHER = MessageTemplate(
    "company.other",
    "This database has invoices of company {company}, and this one is of company {other}. Send it from"
    " a database of its own company.",
)
_FEW = 20


class StoredCompany:
    """The company of the invoices in the store, read from it until an entry has a document."""

    def __init__(self, read: Callable[[int], Sequence[QueueEntry]]) -> None:
        """Store the function that reads the first entries, at most a given number."""
        self._read = read
        self._id: str | None = None

    def find(self) -> str | None:
        """Return the company's id, or ``None`` if no entry has a document."""
        if self._id is None:
            documents = (entry.document for entry in self._read(_FEW))
            self._id = next((each.company_id for each in documents if each is not None), None)
        return self._id


def check_company(document: ExportDocument | None, company_id: str | None) -> Verdict | None:
    """Return the denial of a document of another company than the database's, or ``None``."""
    if document is None or company_id is None or document.company_id == company_id:
        return None
    facts = {"company": company_id, "other": document.company_id}
    return Verdict((_OTHER.deny(facts),))
