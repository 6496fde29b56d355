"""People who work in the ERP: they edit, renumber, delete and type documents."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from erp_invoice_core.testing.fake_erp.ledger import ErpDocument
from erp_invoice_core.vocabulary import ExportStatus, Role

from .database_faults import Disk, Operator
from .decisions import menu
from .faults import Fault

if TYPE_CHECKING:
    from erp_invoice_core.testing.fake_erp.ledger import Ledger

    from .world import World

#: How often one of them acts, and what happens to the database.
_ACTS = menu((16, (0, None)), (12, (1, None)), (3, (2, None)), (4, (1, Operator)), (1, (1, Disk)))
_WAITS = menu((2, 30.0), (2, 120.0), (1, 4_000.0))
_DOES = menu(
    (1, Fault.TYPED_BY_HAND),
    (3, Fault.DELETED_THERE),
    (1, Fault.EDITED_THERE),
    (1, Fault.RENUMBERED_THERE),
)


class ErpUsers:
    """The users of the ERPs, who do not crash and do not know the queue."""

    def __init__(self, world: World) -> None:
        """Draw whether one of them acts, and what happens to the database."""
        self._world = world
        acts, happens = world.decisions.choose(_ACTS)
        if happens is not None:
            happens(world)
        if acts:
            world.scheduler.spawn("clerk", lambda: self._live(acts), crash=None)

    def _live(self, acts: int) -> None:
        world = self._world
        for _ in range(acts):
            world.scheduler.sleep(world.decisions.choose(_WAITS))
            if world.decisions.quiet:
                return
            does = world.decisions.choose(_DOES)
            ledger = world.networks[world.decisions.pick(list(world.networks))].ledger
            there = [
                erp_document for erp_document in ledger.documents.values() if erp_document.exists
            ]
            if does is Fault.TYPED_BY_HAND:
                self._type(ledger)
            elif there:
                self._change(world.decisions.pick(there), does)
            else:
                continue
            world.counts[does] += 1

    def _type(self, ledger: Ledger) -> None:
        """Type the bill of some invoice, with all of its fields."""
        world = self._world
        case = world.host.case(world.decisions.pick(world.host.ids))
        document = case.document
        assert document is not None
        ledger.add(
            ErpDocument(
                key=None,
                role=Role.BILL.value,
                vendor=document.vendor_origin_id,
                number=document.invoice_number,
                commitment=document.commitment_id,
                amount=str(document.due),
                day=document.billing_date.isoformat() if document.billing_date else None,
                visible_from=world.scheduler.now.timestamp(),
            )
        )

    def _change(self, erp_document: ErpDocument, does: Fault) -> None:
        if does is Fault.DELETED_THERE:
            erp_document.exists = False
        elif does is Fault.EDITED_THERE:
            erp_document.amount = str(Decimal(erp_document.amount) + 1)
        else:
            erp_document.number = f"{erp_document.number}-X"
            self._note(erp_document)

    def _note(self, erp_document: ErpDocument) -> None:
        """Note that a document in doubt was renumbered, which the promise table excludes."""
        entries = (
            self._world.peek.entries([erp_document.invoice_id]) if erp_document.invoice_id else ()
        )
        for entry in entries:
            if entry.status is not ExportStatus.SYNCED:
                self._world.renumbered.add(entry.id)
