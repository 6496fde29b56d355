"""A record of every request, every received answer, and every new document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.adapters import Done

if TYPE_CHECKING:
    from collections.abc import Iterable

    from erp_invoice_core.adapters import Outcome
    from erp_invoice_core.stores import Store
    from erp_invoice_core.testing.fake_erp.ledger import ErpDocument, Request

    from .process import Process


@attrs.frozen
class Heard:
    """A receipt that reached a process, with its invoice and its document."""

    entry_id: str
    erp_id: str
    process: Process | None

    @property
    def is_to_be_kept(self) -> bool:
        """True if the process that received it did not crash, so that it has to be stored."""
        process = self.process
        return process is None or not process.whole.is_doomed


@attrs.define
class Recorder:
    """
    The observations of a run.

    Attributes:
        peek: The store, to read the current entries.
        rivals: Pairs of an older and a younger document of two invoices with the same number.
        reused: Keys with a second content or after their document was deleted: invoice, sentence.
        heard: Receipts that reached a process.
    """

    peek: Store
    rivals: list[tuple[ErpDocument, ErpDocument]] = attrs.Factory(list)
    reused: list[tuple[str, str]] = attrs.Factory(list)
    heard: list[Heard] = attrs.Factory(list)
    _sent: dict[str, str] = attrs.Factory(dict)

    def makes(
        self, erp_document: ErpDocument, others: Iterable[ErpDocument], *, per_commitment: bool
    ) -> None:
        """Record a new document beside the others of its ERP."""
        for other in others:
            same = (other.vendor, other.number, other.role) == (
                erp_document.vendor,
                erp_document.number,
                erp_document.role,
            )
            here = not per_commitment or other.commitment == erp_document.commitment
            foreign = other.invoice_id not in {None, erp_document.invoice_id}
            if erp_document.number and other.exists and same and here and foreign:
                self.rivals.append((other, erp_document))

    def forget(self, keys: Iterable[str]) -> None:
        """Forget, after a restore, the calls that are not recorded in ``keys``."""
        known = set(keys)
        self._sent = {key: digest for key, digest in self._sent.items() if key in known}
        self.heard.clear()

    def asks(self, request: Request) -> None:
        """Record a request; its key must belong to this content, and must not be used up."""
        content = request.content
        if content is None:
            return
        entry_id = content.invoice_id or ""
        if self._sent.setdefault(request.key, content.digest) != content.digest:
            self.reused.append((entry_id, f"{request.key} was sent with two contents."))
        held = self.peek.entries([entry_id])[0].holdings
        if any(one.gone and one.key.text == request.key for one in held):
            self.reused.append((entry_id, f"{request.key} was sent again: its document is gone."))

    def record_answer(self, request: Request, answer: Outcome, process: Process | None) -> None:
        """Record an answer that reached the process."""
        if isinstance(answer, Done) and request.content is not None:
            entry_id = request.content.invoice_id or ""
            self.heard.append(Heard(entry_id, answer.receipt.erp_id, process))
