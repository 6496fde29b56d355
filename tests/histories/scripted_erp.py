"""A fake ERP with scripted answers: late, lost, refused, never sent, blind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import adapters as erp
from erp_invoice_core.verdict import ALLOWED

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

__all__ = [
    "ErpDocument",
    "ScriptedErp",
    "delay_request",
    "lose_answer",
    "lose_request",
    "refuse_request",
    "run_between",
    "send_nothing",
]


@attrs.define
class ErpDocument:
    """A document in the ERP."""

    erp_id: str
    key: str | None
    vendor: str | None
    number: str | None
    amount: Decimal
    date: date | None
    state: str


#: Carries out a request and returns the answer; if it is not called, the answer is lost.
Carry = Callable[[], erp.Outcome]
#: The script of one request: it gets the function that carries the request out.
Script = Callable[["ScriptedErp", Carry], erp.Outcome]


class AnswerLost(Exception):
    """No answer came."""


def lose_answer(_books: ScriptedErp, carry: Carry) -> erp.Outcome:
    """Carry out the request and lose the answer."""
    carry()
    raise AnswerLost


def lose_request(_books: ScriptedErp, _carry: Carry) -> erp.Outcome:
    """Lose the request, and with it any answer."""
    raise AnswerLost


def delay_request(books: ScriptedErp, carry: Carry) -> erp.Outcome:
    """Delay the request, without an answer, until :meth:`ScriptedErp.arrive`."""
    books.on_their_way.append(carry)
    raise AnswerLost


def refuse_request(_books: ScriptedErp, _carry: Carry) -> erp.Outcome:
    """Refuse the request."""
    no = erp.Denial("scripted.period_closed", "Open the period.", erp.Source.ERP)
    return erp.Refused(erp.deny(no))


def send_nothing(_books: ScriptedErp, _carry: Carry) -> erp.Outcome:
    """Send nothing, and answer so."""
    return erp.Deferred(None, "The line is busy.")


def run_between(interlude: Callable[[], None], *, before: bool = False) -> Script:
    """Run an interlude between the request and its answer; or before the request."""

    def run(_books: ScriptedErp, carry: Carry) -> erp.Outcome:
        if before:
            interlude()
            return carry()
        answer = carry()
        interlude()
        return answer

    return run


@attrs.define(eq=False)
class ScriptedErp:
    """
    A plug-in; its plan is one step (``bill``) or two (``create``, ``post``).

    Attributes:
        declared: Its declaration.
        clock: Returns the time (UTC).
        two_steps: True if it posts in a step of its own.
        keeps_keys: True if its documents have our key.
        scripts: The scripts of the next requests, by kind of step, or ``withdraw``.
        on_find: Answers in place of the look-up, one by one; ``None``: the true answer.
        sessions: How many were opened.
        is_down: True if no session can be opened.
        on_look: Called at a look-up.
        on_check: Called when the request is checked before the first write.
        writes: The keys of all requests to write, in order.
    """

    declared: erp.Declaration
    clock: Callable[[], datetime]
    two_steps: bool = False
    keeps_keys: bool = True
    documents: dict[str, ErpDocument] = attrs.Factory(dict)
    scripts: dict[str, list[Script]] = attrs.Factory(dict)
    on_find: list[erp.Sighting | None] = attrs.Factory(list)
    sessions: int = 0
    is_down: bool = False
    on_look: Callable[[], None] | None = None
    on_check: Callable[[], None] | None = None
    on_their_way: list[Carry] = attrs.Factory(list)
    writes: list[str] = attrs.Factory(list)
    made: int = 0

    def will(self, kind: str, *scripts: Script) -> None:
        """Script the next requests of a kind."""
        self.scripts.setdefault(kind, []).extend(scripts)

    def arrive(self) -> None:
        """Carry out every delayed request."""
        while self.on_their_way:
            self.on_their_way.pop(0)()

    def amounts(self) -> list[Decimal]:
        """Return the amounts of all existing documents."""
        return [document.amount for document in self.documents.values()]

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the declaration of the test."""
        return self.declared

    @erp.hookimpl
    def erp_steps(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:
        """Return one step, or two."""
        assert request.deadline > self.clock()
        if self.two_steps:
            return (erp.Step("create", "create", erp.Role.BILL), erp.Step("post", "post"))
        return (erp.Step("bill", "bill", erp.Role.BILL),)

    @erp.hookimpl
    def erp_connect(self, settings: Mapping[str, object]) -> ScriptedErp:
        """Use the ERP itself as the session."""
        assert not settings
        if self.is_down:
            raise ConnectionRefusedError
        self.sessions += 1
        return self

    @erp.hookimpl
    def erp_check(self, request: erp.ExportRequest) -> erp.Verdict:
        """Object to nothing."""
        assert request.attempt > 0
        if self.on_check is not None:
            self.on_check()
        return ALLOWED

    @erp.hookimpl
    def erp_write(
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        """Create a document, or post the created one."""
        key = request.key(step).text
        self.writes.append(key)

        def carry() -> erp.Outcome:
            document = self._post(receipts) if step.name == "post" else self._make(request, key)
            return erp.Done(self._receipt(step, document))

        return self._do(step.kind, carry)

    def _do(self, kind: str, carry: Carry) -> erp.Outcome:
        scripts = self.scripts.get(kind)
        return scripts.pop(0)(self, carry) if scripts else carry()

    def _make(self, request: erp.ExportRequest, key: str) -> ErpDocument:
        self.made += 1
        document = ErpDocument(
            erp_id=f"D-{self.made}",
            key=key if self.keeps_keys else None,
            vendor=request.document.vendor_origin_id,
            number=request.number,
            amount=request.document.due,
            date=request.accounting_date,
            state="draft" if self.two_steps else "posted",
        )
        self.documents[document.erp_id] = document
        return document

    def _post(self, receipts: tuple[erp.Receipt, ...]) -> ErpDocument:
        document = self.documents[receipts[0].erp_id]
        document.state = "posted"
        return document

    def _receipt(self, step: erp.Step, document: ErpDocument) -> erp.Receipt:
        return erp.Receipt(
            step=step.name,
            erp_id=document.erp_id,
            role=step.role,
            number=document.number,
            state=document.state,
        )

    @erp.hookimpl
    def erp_find(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        """Look by key, or, if no keys are kept, by vendor and number."""
        assert request.key(step).text in keys
        if self.on_look is not None:
            self.on_look()
        scripted = self.on_find.pop(0) if self.on_find else None
        if scripted is not None:
            return scripted
        found = [
            document
            for document in self.documents.values()
            if self._matches(document, request, keys)
        ]
        if step.name == "post":
            found = [document for document in self.documents.values() if document.state == "posted"]
        if len(found) > 1:
            return erp.Several("More than one document matches.")
        if not found:
            return erp.Absent(self.clock())
        return erp.Found(self._receipt(step, found[0]), self._contents(found[0], step, keys))

    def _matches(
        self, document: ErpDocument, request: erp.ExportRequest, keys: tuple[str, ...]
    ) -> bool:
        if self.keeps_keys:
            return document.key in keys
        return (document.vendor, document.number) == (
            request.document.vendor_origin_id,
            request.number,
        )

    def _contents(
        self, document: ErpDocument, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Contents:
        return erp.Contents(
            vendor=document.vendor,
            number=document.number,
            amount=document.amount,
            date=document.date,
            key=keys[-1] if step.name == "post" and self.keeps_keys else document.key,
        )

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:
        """Read a document by its id."""
        document = self.documents.get(receipt.erp_id)
        if document is None:
            return erp.Gone(self.clock())
        return self._contents(document, erp.Step("bill", "bill"), ())

    @erp.hookimpl
    def erp_withdraw(self, receipt: erp.Receipt) -> erp.Outcome:
        """Remove a document."""

        def carry() -> erp.Outcome:
            self.documents.pop(receipt.erp_id, None)
            return erp.Done(receipt)

        return self._do("withdraw", carry)
