"""The adapter plugin of a fake ERP on a simulated network."""

from __future__ import annotations

from copy import copy
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.fake_erp.ledger import (
    Refusal,
    Request,
    build_content,
    build_refusal,
)

from .erp_traits import Traits, declare
from .network import PREFIX

if TYPE_CHECKING:
    from erp_invoice_core.testing.fake_erp.ledger import ErpDocument

    from .network import Network


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
        return self.network.traits

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the declaration of the simplest fake."""
        return declare(self._key, Traits(), less=False)

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
        content = build_content(request, step)
        sent = Request(step=step, key=content.key or "", on=on, content=content)
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
        session.simulate_request()
        documents = session.look_up(step, keys, build_content(request, step))
        if len(documents) > 1:
            return erp.Several(f"There are {len(documents)} documents.")
        if not documents:
            return erp.Absent(session.now)
        return erp.Found(documents[0].build_receipt(step), self._build_contents(documents[0]))

    @erp.hookimpl
    def erp_read(self, session: Network, receipt: erp.Receipt) -> erp.Contents | erp.Gone:
        """Read a document by its id."""
        session.simulate_request()
        erp_document = session.ledger.find(receipt.erp_id)
        return self._build_contents(erp_document) if erp_document else erp.Gone(session.now)

    def _build_contents(self, erp_document: ErpDocument) -> erp.Contents:
        return erp_document.build_contents(with_key=self._traits.look_up is erp.LookUp.KEY)

    @erp.hookimpl
    def erp_withdraw(self, session: Network, receipt: erp.Receipt) -> erp.Outcome:
        """Remove a document, if this fake can."""
        if self._traits.withdraw is not erp.WithdrawForm.FULL:
            return build_refusal(PREFIX, Refusal.STAYS)
        step = erp.Step(receipt.step, receipt.step)
        sent = Request(step=step, key=f"remove {receipt.erp_id}", on=receipt.erp_id, removes=True)
        outcome = session.hand_over(sent, session.lease_until)
        if isinstance(outcome, erp.Done):
            return erp.Done(erp.Receipt(step=step.name, erp_id=receipt.erp_id))
        return outcome


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
def _declare(key: str, traits: Traits, *, less: bool) -> erp.Declaration:
    return declare(key, traits, less=less)


def load_adapter(key: str, network: Network, *, less: bool = False) -> erp.Adapter:
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
    adapter.declaration = _declare(key, network.traits, less=less)
    return adapter
