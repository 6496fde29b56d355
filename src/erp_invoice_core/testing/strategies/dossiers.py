"""
Strategies for an invoice with its related documents, as in a host's own tables.

A host stores such a dossier in its tables, and compares the facts that it computes with those of
the library.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import attrs
from hypothesis import strategies as st

from ...documents import Commitment, Invoice, Project, Vendor
from ...rules import Case
from ...vocabulary import SENDABLE, InvoiceStatus
from .documents import commitments, holds, projects, vendors
from .invoices import invoice_sequences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy


@attrs.frozen(kw_only=True)
class Dossier:
    """
    An invoice with the records that it refers to.

    Attributes:
        invoice: The invoice to send.
        siblings: The commitment's invoices before it.
        changed_fact: The changed fact, a key of ``DOSSIER_CHANGES``; ``None``: no fact was changed.
    """

    invoice: Invoice
    commitment: Commitment
    vendor: Vendor
    project: Project
    company_id: str = "1"
    siblings: tuple[Invoice, ...] = ()
    changed_fact: str | None = None

    @property
    def case(self) -> Case:
        """The facts that the library computes from the documents; those of a host must be equal."""
        return Case.of(
            self.invoice,
            self.commitment,
            vendor=self.vendor,
            project=self.project,
            company_id=self.company_id,
            previous=self.siblings[-1] if self.siblings else None,
            siblings=self.siblings,
        )


@st.composite
def allowed_dossiers(draw: DrawFn) -> Dossier:
    """Invoices that can be sent to an ERP that takes everything: synced, sendable, no holds."""
    vendor = draw(vendors(synced=True))
    project = draw(projects(synced=True))
    commitment = attrs.evolve(
        draw(commitments(synced=True)), vendor_id=vendor.id, project_id=project.id
    )
    status = st.sampled_from(sorted(SENDABLE, key=lambda word: word.value))
    *earlier, invoice = draw(invoice_sequences(commitment, status=status))
    return Dossier(
        invoice=invoice,
        commitment=commitment,
        vendor=vendor,
        project=project,
        siblings=tuple(earlier),
    )


_Bend: TypeAlias = "Callable[[DrawFn, Dossier], Dossier]"


def _change_status(draw: DrawFn, it: Dossier) -> Dossier:
    others = [status for status in InvoiceStatus if status not in SENDABLE]
    status = draw(st.sampled_from(others))
    return attrs.evolve(it, invoice=attrs.evolve(it.invoice, status=status))


def _add_invoice_hold(draw: DrawFn, it: Dossier) -> Dossier:
    return attrs.evolve(it, invoice=attrs.evolve(it.invoice, holds=(draw(holds()),)))


def _add_commitment_hold(draw: DrawFn, it: Dossier) -> Dossier:
    return attrs.evolve(it, commitment=attrs.evolve(it.commitment, holds=(draw(holds()),)))


def _add_vendor_hold(draw: DrawFn, it: Dossier) -> Dossier:
    return attrs.evolve(it, vendor=attrs.evolve(it.vendor, holds=(draw(holds()),)))


def _unsync_commitment(_draw: DrawFn, it: Dossier) -> Dossier:
    return attrs.evolve(it, commitment=attrs.evolve(it.commitment, origin_id=None))


def _unsync_vendor(_draw: DrawFn, it: Dossier) -> Dossier:
    return attrs.evolve(it, vendor=attrs.evolve(it.vendor, origin_id=None))


def _unsync_job(_draw: DrawFn, it: Dossier) -> Dossier:
    return attrs.evolve(it, project=attrs.evolve(it.project, origin_id=None))


def _unsync_cost_code(draw: DrawFn, it: Dossier) -> Dossier:
    ids = {line.id for line in it.commitment.lines}
    billed = [
        item.line_item_id
        for item in it.invoice.items
        if item.line_item_id in ids and (item.work_this_period or item.materials_moved)
    ]
    unmapped = draw(st.sampled_from(billed or sorted(ids)))
    lines = tuple(
        attrs.evolve(line, cost_code=None) if line.id == unmapped else line
        for line in it.commitment.lines
    )
    return attrs.evolve(it, commitment=attrs.evolve(it.commitment, lines=lines))


#: The changes of a dossier, by the name of the changed fact.
DOSSIER_CHANGES: Mapping[str, _Bend] = MappingProxyType(
    {
        "invoice status": _change_status,
        "hold on the invoice": _add_invoice_hold,
        "hold on the commitment": _add_commitment_hold,
        "hold on the vendor": _add_vendor_hold,
        "commitment not synced": _unsync_commitment,
        "vendor not synced": _unsync_vendor,
        "job not synced": _unsync_job,
        "cost code not synced": _unsync_cost_code,
    }
)


@st.composite
def changed_dossiers(draw: DrawFn, names: Sequence[str] = tuple(DOSSIER_CHANGES)) -> Dossier:
    """Allowed dossiers in which one fact is changed, one of *names*; ``changed_fact`` names it."""
    name = draw(st.sampled_from(list(names)))
    dossier = draw(allowed_dossiers())
    return attrs.evolve(DOSSIER_CHANGES[name](draw, dossier), changed_fact=name)


def dossiers() -> SearchStrategy[Dossier]:
    """Allowed and changed dossiers, to test the facts of a host with."""
    return changed_dossiers() | changed_dossiers() | allowed_dossiers()
