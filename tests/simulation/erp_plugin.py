"""The adapter plugin of a fake ERP on a simulated network."""

from __future__ import annotations

from copy import copy
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from erp_invoice_core import adapters as erp

from .erp_ledger import ErpDocument, Request, receipt_of, refuse_with
from .erp_traits import ROLES, Traits, declared

if TYPE_CHECKING:
    from datetime import datetime

    from .network import Network


def _contents(erp_document: ErpDocument, *, with_key: bool) -> erp.Contents:
    return erp.Contents(
        vendor=erp_document.vendor,
        number=erp_document.number,
        amount=erp_document.amount,
        date=erp_document.day,
        key=erp_document.key if with_key else None,
        digest=erp_document.request.digest if erp_document.request and with_key else None,
    )


class SimulatedErp:
    """
    A plugin for simulated runs: a fake, never for real invoices.

    Attributes:
        network: The network to the fake of the current run.
    """

    network: Network

    def __init__(self, key: str) -> None:
        """Be an adapter of that key."""
        self._key = key

    @property
    def _traits(self) -> Traits:
        return self.network.ledger.traits

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the declaration of the simplest fake."""
        return declared(self._key, Traits(), less=False)

    @erp.hookimpl
    def erp_steps(self) -> tuple[erp.Step, ...]:
        """Return the steps."""
        return self._traits.plan.steps

    @erp.hookimpl
    def erp_connect(self) -> Network:
        """Return the network to the fake."""
        return self.network

    @erp.hookimpl
    def erp_write(
        self,
        session: Network,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        """Carry out a step."""
        on = next((held.erp_id for held in receipts if held.step == "create"), None)
        key = request.key(step).text
        sent = Request(step=step, key=key, export=request, on=on)
        return session.hand_over(sent, request.deadline)

    @erp.hookimpl
    def erp_find(
        self,
        session: Network,
        request: erp.ExportRequest,
        step: erp.Step,
        keys: tuple[str, ...],
    ) -> erp.Sighting:
        """Look up by key, or by vendor and number."""
        session.asked()

        def shown_at(erp_document: ErpDocument) -> datetime:
            return (
                erp_document.shown_at
                if step.kind in ROLES
                else erp_document.steps_shown_at[step.name]
            )

        by_key = self._traits.look_up is erp.LookUp.KEY
        documents = session.shown(session.ledger.shown(step, keys, request), shown_at)
        if len(documents) > 1:
            return erp.Several(f"There are {len(documents)} documents.")
        if not documents:
            return erp.Absent(session.now)
        found = receipt_of(step, documents[0])
        return erp.Found(found, _contents(documents[0], with_key=by_key))

    @erp.hookimpl
    def erp_read(self, session: Network, receipt: erp.Receipt) -> erp.Contents | erp.Gone:
        """Read a document by its id."""
        session.asked()
        erp_document = session.ledger.documents.get(receipt.erp_id)
        if erp_document is None or not erp_document.lives:
            return erp.Gone(session.now)
        return _contents(erp_document, with_key=self._traits.look_up is erp.LookUp.KEY)

    @erp.hookimpl
    def erp_withdraw(self, session: Network, receipt: erp.Receipt) -> erp.Outcome:
        """Remove a document, if this fake can."""
        if self._traits.withdraw is not erp.WithdrawForm.FULL:
            return refuse_with("stays", "Reverse the document in the fake by hand.")
        step = erp.Step(receipt.step, receipt.step)
        sent = Request(step=step, key=f"remove {receipt.erp_id}", on=receipt.erp_id, removes=True)
        return session.hand_over(sent, session.lease_until)


class LoadedAdapters(erp.Adapters):
    """Loaded adapters, which thousands of runs share."""

    def __init__(self, *there: erp.Adapter) -> None:
        """Take loaded adapters, each with a key of its own."""
        super().__init__()
        self._by_key = {adapter.key: adapter for adapter in there}

    def is_skipped(self, key: str) -> bool:
        """Return whether the adapter of that key is missing for now: it may come back."""
        return key not in self._by_key


@cache
def _base(key: str) -> tuple[SimulatedErp, erp.Adapter]:
    plugin = SimulatedErp(key)
    return plugin, erp.Adapter(plugin)


@lru_cache(maxsize=8192)
def _declared(key: str, traits: Traits, *, less: bool) -> erp.Declaration:
    return declared(key, traits, less=less)


def loaded(key: str, network: Network, *, less: bool = False) -> erp.Adapter:
    """
    Return the adapter of the fake behind that network.

    There is one plugin for each key, which only one run may use at a time: to load one for every
    run would take longer than the run.

    Args:
        key: Its key, and the name of its connection.
        network: The network to the fake.
        less: It declares less than the ERP does.
    """
    plugin, base = _base(key)
    plugin.network = network
    adapter = copy(base)
    adapter.declaration = _declared(key, network.ledger.traits, less=less)
    return adapter
