"""The moments and the invoices of a world: only such as make a difference."""

from __future__ import annotations

from datetime import timedelta

import attrs

from erp_invoice_core.documents import ExportDocument
from erp_invoice_core.vocabulary import ExportStatus

from ..flow.samples import DOCUMENT, after
from .moves_terms import SETTLE_SECONDS

__all__ = [
    "DEAD",
    "DOCUMENTS",
    "FINAL",
    "IDS",
    "LEASE",
    "LIVE",
    "LONG_AGO",
    "NOW",
    "OPEN",
    "OVER",
    "SETTLED",
]

NOW = after(0)
LEASE = timedelta(seconds=60)
#: The only moments that there are: a lease that lives, one that is over, one of which requests are
#: dead but what they wrote may be unseen yet, and one that is settled.
LIVE, OVER = NOW + LEASE, NOW - timedelta(seconds=1)
DEAD, SETTLED = NOW - timedelta(seconds=1.5 * SETTLE_SECONDS), NOW - timedelta(days=9)
#: When a look-up asked of which the answer is used only now.
LONG_AGO = NOW - timedelta(days=90)

FINAL = frozenset({ExportStatus.SYNCED})
OPEN = frozenset({ExportStatus.NOT_SENT, ExportStatus.RETRIEVED, ExportStatus.REJECTED})

#: The invoices: of two commitments, with one vendor and one number.
IDS = ("5000", "5001")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class _Document(ExportDocument):
    """A document whose digest is told, not computed: it is asked for a hundred thousand times."""

    @property
    def digest(self) -> str:
        """The digest of this content."""
        return f"{self.invoice_id} {self.number}"


def _document(side: int, content: int) -> ExportDocument:
    given = attrs.asdict(DOCUMENT, recurse=False)
    ours = {"invoice_id": IDS[side], "commitment_id": f"10{side}"}
    theirs = {"commitment_number": f"SC-{side}", "commitment_origin_id": f"C-10{side}"}
    return _Document(**{**given, **ours, **theirs, "number": content})


#: By invoice and content.
DOCUMENTS = {(side, content): _document(side, content) for side in (0, 1) for content in (1, 2)}
