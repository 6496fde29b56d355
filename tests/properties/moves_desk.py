"""What a worker's own code needs of a job, over a world: an entry, an ERP to ask, commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from erp_invoice_core.documents import QueueEntry, Receipt, Step
from erp_invoice_core.exchange import Absent, CannotTell, Contents, Found, Gone
from erp_invoice_core.flow import request_of

from .moves_world import LEASE, NOW, Terms, World, declared_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from erp_invoice_core.declaration import Declaration
    from erp_invoice_core.events import Change
    from erp_invoice_core.exchange import ExportRequest, Sighting

__all__ = ["Desk"]


@attrs.define
class Desk:
    """What a worker's own code needs of a job, over a world."""

    world: World
    terms: Terms
    plan: tuple[Step, ...]
    changes: list[Change] = attrs.Factory(list)
    session: None = None
    lease: ClassVar[timedelta] = LEASE

    @property
    def entry(self) -> QueueEntry:
        """The entry, as it stands."""
        return self.changes[-1].after if self.changes else self.world.entry

    @property
    def erp(self) -> Declaration:
        """What the ERP declares."""
        return declared_by(self.terms)

    @property
    def adapter(self) -> Desk:
        """It is its own adapter."""
        return self

    def now(self) -> datetime:
        """Return the one moment that there is."""
        return NOW

    def request(self, deadline: datetime) -> ExportRequest:
        """Return what is asked."""
        return request_of(self.entry, self.erp, deadline)

    def reconnect(self) -> None:
        """Do nothing: there is no line to lose."""

    def taken(self, _ids: object) -> set[str]:
        """Return nothing: there is one entry."""
        return set()

    def commit(self, make: Callable[[QueueEntry], Change]) -> None:
        """Keep the change."""
        self.changes.append(make(self.entry))

    def find(
        self, _session: None, request: ExportRequest, step: Step, keys: Sequence[str]
    ) -> Sighting:
        """Look honestly: by key, a posting by the key of its draft."""
        if not self.terms.finds:
            return CannotTell("There is no look-up.")
        for doc in self.world.docs:
            name = step.name
            key = f"{request.document.invoice_id}/{doc.generation}/{doc.attempt}/{name}"
            if key in keys and (name == doc.step or doc.posted):
                receipt = Receipt(step=step.name, erp_id=doc.id, role=step.role)
                document = self.world.entry.document
                same = document is not None and doc.content == document.digest
                contents = Contents(
                    vendor="V-ACME",
                    number="ACME-77",
                    amount=document.due if same and document else None,
                    date=document.billing_date if document else None,
                    key=key,
                )
                return Found(receipt, contents)
        return Absent(NOW)

    def read(self, _session: None, receipt: Receipt) -> Contents | Gone:
        """Read honestly."""
        doc = self.world.doc(receipt.erp_id)
        if doc is None:
            return Gone(NOW)
        return Contents(vendor=None, number=None, amount=None, date=None)
