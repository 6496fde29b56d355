"""A worker's view of a world: the entry, the ERP, document owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.declaration import LookUp
from erp_invoice_core.documents import Receipt
from erp_invoice_core.exchange import Absent, CannotTell, Contents, Found, Gone, Several
from erp_invoice_core.flow import build_request

from .normalization import IDS, NOW
from .state import Doc, World
from .uniqueness import find_taken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from erp_invoice_core.declaration import Declaration
    from erp_invoice_core.documents import QueueEntry, Step
    from erp_invoice_core.exchange import ExportRequest, Sighting

    from .model import Stage


@attrs.define
class WorkerView:
    """A worker's view of one entry of a world."""

    stage: Stage
    world: World
    side: int

    @property
    def entry(self) -> QueueEntry:
        """The entry as stored now."""
        return self.world.entry(self.side)

    @property
    def erp(self) -> Declaration:
        """The declaration of the ERP."""
        return self.stage.erp

    def request(self, deadline: datetime) -> ExportRequest:
        """Return what is asked."""
        return build_request(self.entry, self.erp, deadline)

    def find_taken(self, found: Sequence[Found]) -> set[str]:
        """Return the ERP ids of those that are, or may be, of others."""
        entries = [one.page.entry for one in self.world.sides]
        return find_taken(entries, self.world.entry(self.side), self.erp, found)

    def find(self, request: ExportRequest, step: Step, keys: Sequence[str]) -> Sighting:
        """Look honestly, by key or by number; what was written of late may not show yet."""
        look_up = self.stage.terms.look_up
        if look_up is LookUp.NONE:
            return CannotTell("There is no look-up.")
        found = [doc for doc in self._list_shown(step) if self._key(doc, step) in keys]
        if look_up is LookUp.NUMBER:
            found = list(self._list_shown(step))
            if len(found) > 1:
                return Several("More than one document has that number.")
        if not found:
            return Absent(NOW)
        doc = found[0]
        key = self._key(doc, step) if look_up is LookUp.KEY else None
        receipt = Receipt(step=step.name, erp_id=doc.id, role=step.role)
        return Found(receipt, self._contents(doc, request, key))

    def _list_shown(self, step: Step) -> Iterator[Doc]:
        """Yield the documents of which a look-up shows that the step was carried out."""
        for doc in self.world.docs:
            unseen = {name for name, _ in doc.unseen}
            is_made_so = step.role is None or step.name == doc.step
            if is_made_so and step.name in doc.done and not unseen & {step.name, doc.step}:
                yield doc

    def _key(self, doc: Doc, step: Step) -> str:
        return f"{IDS[doc.side]}/{doc.generation}/{doc.attempt}/{step.name}"

    def _contents(self, doc: Doc, request: ExportRequest, key: str | None) -> Contents:
        document = request.document
        same = not doc.edited and doc.content[-1] == document.digest[-1]
        return Contents(
            vendor=document.vendor_origin_id,
            number=request.number,
            amount=document.due if same else None,
            date=document.billing_date,
            key=key,
        )

    def read(self, receipt: Receipt) -> Contents | Gone:
        """Read honestly."""
        if self.world.doc(receipt.erp_id) is None:
            return Gone(NOW)
        return Contents(vendor=None, number=None, amount=None, date=None)
