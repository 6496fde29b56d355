"""The company whose invoices a database holds: one database, one company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..verdict import Denial, Source, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..documents import ExportDocument, QueueEntry


_FEW = 20


class StoredCompany:
    """The company of the entries that are committed, found once there is one."""

    def __init__(self, read: Callable[[int], Sequence[QueueEntry]]) -> None:
        """Keep what reads the first entries of the store."""
        self._read = read
        self._id: str | None = None

    def find(self) -> str | None:
        """Return the company's id, ``None`` while no entry holds a document."""
        if self._id is None:
            documents = (entry.document for entry in self._read(_FEW))
            self._id = next((each.company_id for each in documents if each is not None), None)
        return self._id


def check_company(document: ExportDocument | None, company_id: str | None) -> Verdict | None:
    """Return the refusal of a document of another company than the database's."""
    if document is None or company_id is None or document.company_id == company_id:
        return None
    facts = {"company": company_id, "other": document.company_id}
    message = (
        f"This database holds invoices of company {company_id}, and this one is of company"
        f" {document.company_id}. Keep one database per company."
    )
    return Verdict((Denial("company.other", message, Source.CONDITION, facts),))
