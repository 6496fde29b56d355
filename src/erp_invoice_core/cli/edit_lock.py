"""
The edit lock: which changes of a loaded invoice are stored.

After an invoice is sent, a load may change its attachments, and fields that are not exported, such
as payments. Other changes are refused, and the stored values stay.
"""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, Any

import attrs

from ..documents import Actor, Invoice
from ..queue import Result
from ..values import Value
from ..vocabulary import Action, ExportStatus, Level
from ..wire.procore import LoadedRecord
from .database import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..documents import Attachment
    from .context import CommandContext
    from .database import DatabaseConnection


#: Fields that change after an invoice is sent. They are never exported, and the lock of the queue
#: does not prevent changes of them. A due date is only proposed to the approver.
OBSERVED = (
    "invoice_type",
    "invoicing_method",
    "erp_status",
    "payment_date",
    "paid_in_full",
    "paid",
    "payments",
    "deleted_at",
    "due_date",
)
#: The totals that an invoice states of its own amounts; they change with the amounts.
_STATED = ("stated",)
_STATED_OF_ITEMS = ("stated_total", "stated_percent")
_DEFAULTS = {field.name: field.default for field in attrs.fields(Invoice)}


_UNSENT = {ExportStatus.NOT_SENT, ExportStatus.RETRIEVED, ExportStatus.REJECTED}


@attrs.frozen
class LockedIds(Container[str]):
    """The set of ids of locked invoices; each id is looked up when it is tested."""

    store: Store

    def __contains__(self, identity: object) -> bool:
        """Return whether the invoice is sent or synced, and therefore locked."""
        entries = self.store.entries([str(identity)])
        return any(entry.version and entry.status not in _UNSENT for entry in entries)


@attrs.frozen(eq=False, repr=False)
class LockResult(Value):
    """The invoices to store, and the refused changes."""

    kept: tuple[LoadedRecord[Invoice], ...]
    refused: tuple[Result, ...]

    @property
    def refused_ids(self) -> frozenset[str]:
        """The ids of the invoices with a refused change."""
        return frozenset(each.id for each in self.refused)


def apply_lock(
    context: CommandContext,
    db: DatabaseConnection,
    given: Sequence[LoadedRecord[Invoice]],
    stored: Mapping[str, Invoice],
) -> LockResult:
    """
    Return the invoices of a file with the values to store, and the refused changes.

    A locked invoice keeps its values, except attachments and the fields of :data:`OBSERVED`; the
    denials give the reasons. The entries of changed invoices are locked in the transaction of the
    connection, because another process could otherwise send one at the same time.
    """
    entries = context.store.entries([each.id for each in given])
    ours = {entry.id for entry in entries if entry.version}
    wanted = {each.id: _merge_known(each.value, stored.get(each.id), ours) for each in given}
    old = {id_: stored[id_] for id_ in wanted if id_ in stored and stored[id_] != wanted[id_]}
    make_edit = [
        id_ for id_ in old if _select_editable_part(old[id_]) != _select_editable_part(wanted[id_])
    ]
    attached = [id_ for id_ in old if old[id_].attachments != wanted[id_].attachments]
    context.queue.guard(list(old), on=db)
    loader = _make_loader(old.values())
    locked = _select_denied(context.queue.why_not(make_edit, loader, Action.EDIT))
    sealed = _select_denied(context.queue.why_not(attached, loader, Action.EDIT_ATTACHMENTS))
    for id_ in locked:
        observed = _merge_observed(old[id_], wanted[id_])
        wanted[id_] = attrs.evolve(observed, attachments=wanted[id_].attachments)
    for id_ in sealed:
        wanted[id_] = attrs.evolve(wanted[id_], attachments=old[id_].attachments)
    kept = tuple(_to_loaded(each, wanted[each.id]) for each in given)
    refused = {**sealed, **locked}
    return LockResult(kept, tuple(refused[each.id] for each in given if each.id in refused))


def _merge_known(invoice: Invoice, old: Invoice | None, ours: frozenset[str] | set[str]) -> Invoice:
    """
    Return the invoice of the file, completed from the stored one.

    It gets the stored payments that the file lacks, and the stored digest of each attachment that
    has no digest in the file. If the invoice has an entry (*ours* has the ids of such invoices), it
    keeps its stored ERP id.
    """
    if old is None:
        return invoice
    origin = old.origin_id if invoice.id in ours else invoice.origin_id
    known = {(file.id, file.filename): file.digest for file in old.attachments}
    payments = {each.id: each for each in (*old.payments, *invoice.payments)}
    attachments = tuple(
        file if file.digest else attrs.evolve(file, digest=known.get((file.id, file.filename)))
        for file in invoice.attachments
    )
    return attrs.evolve(
        invoice, origin_id=origin, attachments=attachments, payments=tuple(payments.values())
    )


def _select_editable_part(invoice: Invoice) -> Invoice:
    """
    Return the part of an invoice that the lock protects, to compare it for edits.

    Attachments, observed fields, stated totals and statuses of items are reset to their defaults.
    """
    nothing: tuple[Attachment, ...] = ()
    unsaid: dict[str, Any] = dict.fromkeys(("status", *_STATED_OF_ITEMS))
    items = tuple(attrs.evolve(item, **unsaid) for item in invoice.items)
    usual: dict[str, Any] = {name: _DEFAULTS[name] for name in (*OBSERVED, *_STATED)}
    return attrs.evolve(invoice, attachments=nothing, items=items, **usual)


def _merge_observed(old: Invoice, new: Invoice) -> Invoice:
    """Return the old invoice with the :data:`OBSERVED` fields and item statuses of the new one."""
    statuses = {item.id: item.status for item in new.items}
    items = tuple(
        attrs.evolve(item, status=statuses.get(item.id, item.status)) for item in old.items
    )
    return attrs.evolve(old, items=items, **{name: getattr(new, name) for name in OBSERVED})


def _make_loader(invoices: Iterable[Invoice]) -> Actor:
    """Return an actor with all permissions, so that only the lock can refuse."""
    projects = dict.fromkeys((invoice.project_id for invoice in invoices), Level.ADMIN)
    return Actor(id="load", name="Load", commitments=projects)


def _select_denied(results: Iterable[Result]) -> dict[str, Result]:
    return {each.id: each for each in results if not each.verdict}


def _to_loaded(given: LoadedRecord[Invoice], wanted: Invoice) -> LoadedRecord[Invoice]:
    if wanted == given.value:
        return given
    return attrs.evolve(given, value=wanted)
