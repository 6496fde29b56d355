"""One machine and one store: a queue, its people, its workers, a clock, and a scripted ERP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core.adapters import Adapters
from erp_invoice_core.declaration import WithdrawForm
from erp_invoice_core.queue import ExportQueue
from erp_invoice_core.vocabulary import Action, ExportStatus, Feature, Support
from erp_invoice_core.worker import ThreadCaller, Worker

from ..flow.samples import DOCUMENT, FACTS, PERSON, build_declaration
from .scripted_erp import ErpDocument, ScriptedErp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from erp_invoice_core.documents import ExportDocument, QueueEntry
    from erp_invoice_core.flow import Resolution
    from erp_invoice_core.queue import Result
    from erp_invoice_core.rules import Case
    from erp_invoice_core.stores import Store
    from erp_invoice_core.worker import Caller

__all__ = ["OPEN", "Machine"]

OPEN = (Action.EDIT, Action.DELETE, Action.CHANGE_STATUS)
_START = datetime(2026, 11, 1, tzinfo=UTC)
_EVIDENCE = "Read on the screen of the ERP."


class Machine:
    """
    A queue with its surroundings, for one test; time passes only when the test asks for it.

    Attributes:
        seconds: Since the start.
        erp: The scripted ERP and its documents.
    """

    def __init__(self, store: Store, *, two_steps: bool = False, **terms: Any) -> None:  # noqa: ANN401 - terms as ``declared`` takes them
        self.store = store
        self.seconds = 0.0
        keeps_keys = terms.pop("keeps_keys", True)
        withdraws = terms.pop("withdraws", True)
        declaration = build_declaration(key="scripted", name="Scripted", **terms)
        if not withdraws:
            features = {**declaration.features, Feature.WITHDRAW: Support.IMPOSSIBLE}
            declaration = attrs.evolve(
                declaration, withdraw=WithdrawForm.IMPOSSIBLE, features=features
            )
        self.erp = ScriptedErp(
            declaration,
            self.now,
            two_steps=two_steps,
            keeps_keys=keeps_keys,
        )
        self.cases: dict[str, Case] = {}
        self.queue = self._queue(Adapters(self.erp))
        self.bill("A")

    def _queue(self, adapters: Adapters) -> ExportQueue:
        return ExportQueue(self.store, adapters, self._facts, clock=self.now)

    def now(self) -> datetime:
        """Return the moment (UTC)."""
        return _START + timedelta(seconds=self.seconds)

    def wait_until(self, seconds: float) -> None:
        """Set the clock to a number of seconds after the start."""
        assert seconds >= self.seconds
        self.seconds = seconds

    def _facts(self, ids: Sequence[str], /) -> Mapping[str, Case]:
        return {each: self.cases[each] for each in ids if each in self.cases}

    def bill(self, invoice: str, *, amount: str = "18000", **changes: Any) -> None:  # noqa: ANN401 - the document's own fields
        """Make, or change, an approved invoice with that amount due."""
        line = attrs.evolve(DOCUMENT.lines[0], gross=Decimal(amount), retained=Decimal(0))
        document = attrs.evolve(DOCUMENT, invoice_id=invoice, lines=(line,), **changes)
        self._keep(document)

    def _keep(self, document: ExportDocument) -> None:
        self.cases[document.invoice_id] = attrs.evolve(
            FACTS,
            invoice_id=document.invoice_id,
            invoice_number=document.invoice_number,
            document=document,
            gross=document.gross,
            retained=document.retained,
        )

    def uninstall(self) -> None:
        """Remove the adapter for ever."""
        self.queue = self._queue(Adapters())

    def entry(self, invoice: str = "A") -> QueueEntry:
        """Return the current entry."""
        return self.store.entries([invoice])[0]

    def stands(self) -> ExportStatus:
        """The status of invoice A."""
        return self.entry().status

    def may(self, action: Action, invoice: str = "A") -> bool:
        """Return whether a person with every permission may take the action now."""
        return self.queue.why_not([invoice], PERSON, action)[0].verdict.allowed

    @property
    def is_locked(self) -> bool:
        """Return whether edit, delete and change of status of invoice A are denied."""
        return not any(self.may(action) for action in OPEN)

    def work(
        self,
        name: str = "w1",
        limit: int | None = None,
        calls: Callable[[], Caller] = ThreadCaller,
    ) -> None:
        """Let a worker of that name do all due work."""
        Worker(self.queue, holder=name, calls=calls).run_once(limit)

    def _list_codes(self, results: Sequence[Result]) -> list[str]:
        return [denial.code for result in results for denial in result.verdict.denials]

    def send(self, invoice: str = "A") -> list[str]:
        """Send it; every verb returns the codes of its denials."""
        return self._list_codes(self.queue.send([invoice], PERSON, connection="scripted"))

    def accept(self, invoice: str = "A", expect: int | None = None) -> list[str]:
        """Accept it, as seen in that version."""
        return self._list_codes(self.queue.accept([invoice], PERSON, expect=expect))

    def send_and_accept(self, invoice: str = "A") -> None:
        """Send and accept it."""
        assert [] == self.send(invoice) + self.accept(invoice)

    def retrieve(self) -> list[str]:
        """Retrieve it."""
        return self._list_codes(self.queue.retrieve(["A"], PERSON))

    def reject(self) -> list[str]:
        """Reject it."""
        return self._list_codes(self.queue.reject(["A"], PERSON, reason="Wrong amount."))

    def edit(self, amount: str) -> list[str]:
        """Bill another amount, if the invoice is not locked."""
        why = self._list_codes(self.queue.why_not(["A"], PERSON, Action.EDIT))
        if not why:
            self.bill("A", amount=amount)
        return why

    def resend(self) -> list[str]:
        """Send it again."""
        return self._list_codes(self.queue.resend(["A"], PERSON))

    def retry(self) -> list[str]:
        """Retry it."""
        return self._list_codes(self.queue.retry(["A"], PERSON))

    def withdraw(self, evidence: str | None = None) -> list[str]:
        """Have the leftover withdrawn; with evidence: it was removed by hand."""
        return self._list_codes(self.queue.withdraw(["A"], PERSON, evidence=evidence))

    def rule(self, resolution: Resolution, expect: int | None = None) -> list[str]:
        """Resolve it, as seen in that version (else the current one)."""
        seen = self.entry().version if expect is None else expect
        return self._list_codes(
            self.queue.rule(["A"], PERSON, resolution=resolution, evidence=_EVIDENCE, expect=seen)
        )

    def unlink(self) -> list[str]:
        """Unlink it from its documents."""
        return self._list_codes(self.queue.unlink(["A"], PERSON))

    def type_by_hand(self, amount: str = "18000") -> None:
        """Enter the same bill in the ERP by hand, without our key."""
        document = self.cases["A"].document
        assert document is not None
        self.erp.documents["H-1"] = ErpDocument(
            erp_id="H-1",
            key=None,
            vendor=document.vendor_origin_id,
            number=document.invoice_number,
            amount=Decimal(amount),
            date=document.billing_date,
            state="posted",
        )
