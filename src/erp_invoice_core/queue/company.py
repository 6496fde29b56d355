"""The one company whose invoices a database has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message_template import MessageTemplate
from ..verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..documents import ExportDocument, QueueEntry
    from ..stores import Store


_OTHER = MessageTemplate(
    "company.other",
    "This database has invoices of company {company}, and this invoice is of company {other}. Send"
    " the invoice from the database of its own company.",
)
#: The entries of the first page that is read, and of each further one.
_FEW, _MANY = 20, 500


class StoredCompany:
    """
    The company whose invoices the store has, read from its entries once and then kept.

    The first entry with an export document shows it; entries that were imported as synced have
    none.
    """

    def __init__(self, store: Store) -> None:
        """Keep the store."""
        self._store = store
        self._id: str | None = None

    def find(self) -> str | None:
        """Return the id of the company, or ``None`` if no entry has an export document."""
        if self._id is None:
            documents = (entry.document for entry in self._list_entries())
            self._id = next((each.company_id for each in documents if each is not None), None)
        return self._id

    def _list_entries(self) -> Iterator[QueueEntry]:
        after, limit = None, _FEW
        while True:
            page = self._store.entries(after=after, limit=limit)
            yield from page
            if len(page) < limit:
                return
            after, limit = page[-1].id, _MANY


def check_company(document: ExportDocument | None, company_id: str | None) -> Verdict | None:
    """Return the denial of a document if it is not of the database's company, or ``None``."""
    if document is None or company_id is None or document.company_id == company_id:
        return None
    facts = {"company": company_id, "other": document.company_id}
    return Verdict((_OTHER.deny(facts),))
