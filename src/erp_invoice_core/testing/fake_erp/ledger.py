"""
The ledger of a fake ERP, which its transports share.

A :class:`Ledger` knows documents, and the rules by which an ERP makes them, repeats answers and
looks documents up. A transport (in process, HTTP, a simulated network) carries the requests,
injects the faults and owns the clock: the ledger calls it for each value that a clock or chance
decides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import attrs

from ...adapters import (
    NOT_SAID,
    Contents,
    ContentsAttachment,
    ContentsLine,
    Denial,
    Done,
    ErpPayment,
    LandingState,
    LookUp,
    NotSaid,
    PaymentState,
    Receipt,
    Refused,
    Replay,
    Role,
    Source,
    Step,
    deny,
    normalize_number,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ...adapters import ExportDocument, ExportLine, ExportRequest

_T = TypeVar("_T")
_R = TypeVar("_R")
#: The kinds of steps that make a document; the other kinds act on one.
MAKES: Final = frozenset({"create", "release"})


class Enforces(StrEnum):
    """The value that must be unique among the documents of the fake."""

    KEY = "key"
    NUMBER = "number"
    NOTHING = "nothing"


class Refusal(StrEnum):
    """The reasons for which the fake refuses a request."""

    KEY_REUSED = "key_reused"
    KEY_USED = "key_used"
    NUMBER_MISSING = "number_missing"
    NUMBER_USED = "number_used"
    NO_DRAFT = "no_draft"
    PERIOD_CLOSED = "period_closed"
    POSTED = "posted"
    STAYS = "stays"
    CURRENCY = "currency"
    NEGATIVE = "negative"
    NUMBER_TOO_LONG = "number_too_long"
    RELEASE_ONLY = "release_only"
    SIMILAR = "similar"
    ZERO = "zero"


_SENTENCES: Final = {
    Refusal.KEY_REUSED: "The fake knows this key with another content. Send a new key.",
    Refusal.KEY_USED: "The document of this key was removed. Send a new key.",
    Refusal.NUMBER_MISSING: "Give the invoice a number.",
    Refusal.NUMBER_USED: "Another document of the fake has this number. Give another number.",
    Refusal.NO_DRAFT: "The draft is not there; create it again.",
    Refusal.PERIOD_CLOSED: "Open the accounting period, then try again.",
    Refusal.POSTED: "The bill is posted; reverse it in the fake by hand.",
    Refusal.STAYS: "Reverse the document in the fake by hand.",
    Refusal.CURRENCY: "The fake books US dollars only. Bill the commitment in dollars.",
    Refusal.NEGATIVE: "The fake takes no amount below zero. Enter the credit by hand.",
    Refusal.NUMBER_TOO_LONG: "The invoice number is too long for the fake. Shorten it.",
    Refusal.RELEASE_ONLY: "The fake takes no bill of released retainage alone. Release it by hand.",
    Refusal.SIMILAR: "The fake has a similar bill of this vendor. Compare the two.",
    Refusal.ZERO: "The fake takes no bill without an amount. Bill an amount, or enter it by hand.",
}


@attrs.frozen(kw_only=True)
class Rules:
    """
    The rules by which a fake ERP treats keys, invoice numbers and look-ups.

    Attributes:
        compares_body: It refuses a known key with another content.
        per_commitment: Its invoice numbers are unique per commitment, else per vendor.
        frees_numbers: The number of a removed document can be used again.
    """

    enforces: Enforces = Enforces.NOTHING
    replay: Replay = Replay.NONE
    compares_body: bool = True
    per_commitment: bool = False
    look_up: LookUp = LookUp.KEY
    frees_numbers: bool = False

    @property
    def remembers_keys(self) -> bool:
        """Return whether the ERP recognizes a key that it has carried out before."""
        return self.enforces is Enforces.KEY or self.replay is not Replay.NONE


@attrs.define(kw_only=True)
class ErpDocument:
    """
    A document in the fake; a removed one stays in the ledger.

    Its fields are plain values of JSON.

    Attributes:
        key: The key that made it; ``None`` if a user of the ERP typed it.
        amount: A decimal number, the amount due; ``day`` is in ISO 8601.
        currency: ``None`` here and in the following fields means that the fake does not know the
            value.
        lines: Each line as a dictionary with the names of the fields of
            :class:`~erp_invoice_core.adapters.ContentsLine`; the lines of a document without tax
            have no tax and no tax code.
        attachments: Name and digest of each file.
        first_number: The number under which it was made, which stays in use if ``number`` changes.
        keys: The key of each later step that was carried out on it, by the kind of the step.
        payments: Each payment as a dictionary with the names of the fields of
            :class:`~erp_invoice_core.adapters.ErpPayment`; a payment that was voided is not in the
            list.
        stored: The stored materials of each line, a part of its amount.
        tax: The tax of all lines; ``None`` if no line has a tax code.
        visible_from: When a look-up finds it (seconds on the clock of its transport);
            ``steps_visible_from`` is the same for each later step.
    """

    id: str = ""
    key: str | None
    role: str | None = None
    vendor: str | None
    number: str | None
    commitment: str = ""
    amount: str
    day: str | None
    digest: str = ""
    currency: str | None = None
    gross: str | None = None
    retained: str | None = None
    released: str | None = None
    lines: list[dict[str, str | None]] | None = None
    attachments: list[dict[str, str | None]] | None = None
    first_number: str | None = attrs.Factory(lambda self: self.number, takes_self=True)
    keys: dict[str, str] = attrs.Factory(dict)
    visible_from: float = 0.0
    steps_visible_from: dict[str, float] = attrs.Factory(dict)
    exists: bool = True
    stored: list[str] | None = None
    is_on_hold: bool = False
    payments: list[dict[str, str | None]] = attrs.Factory(list)
    tax: str | None = None

    @property
    def invoice_id(self) -> str | None:
        """Return the id of the invoice it was made for; ``None`` if a user of the ERP typed it."""
        return self.key.split("/")[0] if self.key else None

    @property
    def generation(self) -> int:
        """Return the generation for which it was made; 0 if a user of the ERP typed it."""
        return int(self.key.split("/")[1]) if self.key else 0

    @property
    def attempt(self) -> int:
        """Return the attempt that made it; 0 if a user of the ERP typed it."""
        return int(self.key.split("/")[2]) if self.key else 0

    @property
    def is_posted(self) -> bool:
        """Return whether it was posted."""
        return "post" in self.keys

    @property
    def state(self) -> str:
        """Return ``draft``, ``on_hold``, ``posted`` or ``removed``."""
        return self._standing if self.exists else "removed"

    @property
    def _standing(self) -> str:
        unposted = "on_hold" if self.is_on_hold else "draft"
        return "posted" if self.is_posted else unposted

    @property
    def paid(self) -> PaymentState:
        """How far it is paid; a document without payments is open."""
        paid = sum((Decimal(each["amount"] or 0) for each in self.payments), Decimal(0))
        if not paid:
            return PaymentState.OPEN
        is_settled = abs(paid) >= abs(Decimal(self.amount))
        return PaymentState.PAID if is_settled else PaymentState.PART_PAID

    def pay(
        self, amount: Decimal, day: date, *, reference: str | None = None, method: str = "check"
    ) -> str:
        """Pay it, as an accountant does in the ERP; return the id of the payment."""
        number = max(
            (int((each["erp_id"] or "-0").split("-")[-1]) for each in self.payments), default=0
        )
        erp_id = f"PAY-{self.id}-{number + 1}"
        self.payments.append(
            {
                "erp_id": erp_id,
                "amount": str(amount),
                "date": day.isoformat(),
                "reference": reference,
                "method": method,
            }
        )
        return erp_id

    def void_payment(self, erp_id: str) -> None:
        """Void one of its payments."""
        self.payments = [each for each in self.payments if each["erp_id"] != erp_id]

    def build_payments(self) -> tuple[ErpPayment, ...]:
        """Return its payments."""
        return tuple(
            ErpPayment(
                amount=Decimal(each["amount"] or 0),
                date=date.fromisoformat(each["date"]) if each["date"] else None,
                reference=each["reference"],
                method=each["method"],
                erp_id=each["erp_id"],
            )
            for each in self.payments
        )

    def build_receipt(self, step: Step) -> Receipt:
        """Return the receipt of a step that made it, or was carried out on it."""
        return Receipt(
            step=step.name,
            erp_id=self.id,
            role=step.role,
            number=self.number,
            state=self._standing,
            digest=self.digest,
        )

    def build_contents(self, *, with_key: bool = True) -> Contents:
        """Return its contents; key and digest are shown only if *with_key* is true."""
        return Contents(
            vendor=self.vendor,
            number=self.number,
            amount=Decimal(self.amount),
            date=date.fromisoformat(self.day) if self.day else None,
            key=self.key if with_key else None,
            digest=self.digest or None if with_key else None,
            currency=_say(self.currency, str),
            gross=_say(self.gross, Decimal),
            retained=_say(self.retained, Decimal),
            released=_say(self.released, Decimal),
            state=LandingState(self._standing),
            lines=_say(self.lines, _build_lines),
            attachments=_say(self.attachments, _build_attachments),
            paid=self.paid,
            tax=_say(self.tax, Decimal),
        )


def _say(value: _T | None, read: Callable[[_T], _R]) -> _R | NotSaid:
    """Return the value as *read* converts it, or ``NOT_SAID`` if the fake does not know it."""
    return NOT_SAID if value is None else read(value)


def _build_lines(lines: list[dict[str, str | None]]) -> tuple[ContentsLine, ...]:
    return tuple(
        ContentsLine(
            cost_code=line["cost_code"],
            amount=Decimal(line["amount"] or 0),
            quantity=None if line["quantity"] is None else Decimal(line["quantity"]),
            description=line["description"],
            tax_code=line.get("tax_code", NOT_SAID),
            tax=Decimal(line["tax"] or 0) if "tax" in line else NOT_SAID,
        )
        for line in lines
    )


def _build_attachments(files: list[dict[str, str | None]]) -> tuple[ContentsAttachment, ...]:
    return tuple(ContentsAttachment(**file) for file in files)


@attrs.frozen(kw_only=True)
class Request:
    """
    A request to change the ledger.

    Attributes:
        step: The step that is carried out; of a removal, the step that made the document.
        on: The id of the document on which the request acts; ``None`` if it makes one.
        content: The document that the step makes; of a later step, only its attachments are used.
        removes: True if the request removes the document ``on``.
    """

    step: Step
    key: str
    on: str | None = None
    content: ErpDocument | None = None
    removes: bool = False


def build_content(request: ExportRequest, step: Step) -> ErpDocument:
    """Return the document that a step of an export makes in the fake, still without an id."""
    day = request.accounting_date
    document = request.document
    return ErpDocument(
        key=request.key(step).text,
        role=step.role.value if step.role else None,
        vendor=document.vendor_origin_id,
        number=request.number,
        commitment=document.commitment_id,
        amount=str(document.due),
        day=day.isoformat() if day else None,
        digest=request.digest,
        attachments=[
            {"name": each.filename, "digest": each.digest}
            for each in request.files
            if each.id == step.attachment
        ],
        # The bill beside a release has the amounts and the lines of both.
        **({} if step.role is Role.RELEASE else _build_amounts(document)),
    )


def _build_amounts(document: ExportDocument) -> dict[str, Any]:
    is_taxed = any(line.tax_code for line in document.lines)
    return {
        "tax": str(document.tax) if is_taxed else None,
        "currency": document.currency,
        "gross": str(document.gross),
        "retained": str(document.retained),
        "released": str(document.released),
        "lines": [
            {
                "cost_code": line.cost_code_origin_id,
                "amount": str(line.gross),
                "quantity": None if line.quantity is None else str(line.quantity),
                "description": line.description,
                **(_build_tax(line) if is_taxed else {}),
            }
            for line in document.lines
        ],
    }


def _build_tax(line: ExportLine) -> dict[str, str | None]:
    return {"tax_code": line.tax_code_origin_id or line.tax_code, "tax": str(line.tax)}


def build_refusal(adapter: str, refusal: Refusal) -> Refused:
    """Return a refusal as an outcome; its code begins with the adapter's key."""
    return Refused(deny(Denial(f"{adapter}.{refusal}", _SENTENCES[refusal], Source.ERP)))


def build_outcome(adapter: str, step: Step, answer: ErpDocument | Refusal) -> Done | Refused:
    """Return the outcome of a step from the ledger's answer: a document or a refusal."""
    if isinstance(answer, Refusal):
        return build_refusal(adapter, answer)
    return Done(answer.build_receipt(step))


class Behaviour(Protocol):
    """The quirks of an ERP: how it changes or refuses documents, beyond its rules."""

    @property
    def forgets_after(self) -> float | None:
        """Seconds after which a key is forgotten; ``None``: never."""

    def store(self, content: ErpDocument) -> ErpDocument | Refusal:
        """Return a new document as the ERP stores it, or why it refuses it."""

    def act(
        self, kind: str, document: ErpDocument, others: Iterable[ErpDocument]
    ) -> Refusal | None:
        """
        Apply the quirks to a step on a document: change it, or return why the step is refused.

        *kind* is the kind of the step, such as ``post``; *others* are all documents of the ledger.
        """

    def is_number_alike(self, there: str, asked: str) -> bool:
        """Return whether a look-up for a number finds a document with that number."""


def is_same_number(there: str | None, asked: str | None) -> bool:
    """Return whether two texts are the same invoice number; ``None`` counts as an empty text."""
    return normalize_number(there or "") == normalize_number(asked or "")


class _PlainBehaviour:
    """The behaviour of an ERP without quirks."""

    forgets_after: float | None = None

    def store(self, content: ErpDocument) -> ErpDocument | Refusal:
        """Return the document unchanged."""
        return content

    def act(
        self, _kind: str, _document: ErpDocument, _others: Iterable[ErpDocument]
    ) -> Refusal | None:
        """Refuse nothing."""
        return None

    def is_number_alike(self, there: str, asked: str) -> bool:
        """Return whether the two are the same number."""
        return is_same_number(there, asked)


_PLAIN: Final[Behaviour] = _PlainBehaviour()


def _ignore(_document: ErpDocument) -> None:
    """Ignore a new document."""


@attrs.define(kw_only=True)
class Ledger:
    """
    The documents of one ERP, and its rules.

    Attributes:
        documents: By id, removed ones too, oldest first.
        refusals: By key, the refusal that an ERP repeats for it, if it repeats every answer.
        prefix: The first part of the ids.
        choose_visible_from: Returns the moment from which a look-up finds a new document or step
            (seconds on the clock of the transport).
        can_forget: Returns whether the ERP now fails to recognize a key or a number that is in use.
        note: Called with every document that a request makes.
        behaviour: The quirks of the ERP, which change or refuse documents.
    """

    rules: Rules
    documents: dict[str, ErpDocument] = attrs.Factory(dict)
    refusals: dict[str, Refusal] = attrs.Factory(dict)
    prefix: str = "BILL"
    choose_visible_from: Callable[[], float]
    can_forget: Callable[[], bool] = bool
    note: Callable[[ErpDocument], object] = _ignore
    behaviour: Behaviour = _PLAIN

    def find(self, erp_id: str | None) -> ErpDocument | None:
        """Return the document of that id; ``None`` if there is none, or it was removed."""
        document = self.documents.get(erp_id or "")
        return document if document is not None and document.exists else None

    def add(self, content: ErpDocument, **fields: Any) -> ErpDocument:  # noqa: ANN401 - its fields
        """Add a document under the next id, and return it."""
        erp_id = f"{self.prefix}-{len(self.documents) + 1}"
        document = attrs.evolve(content, id=erp_id, **fields)
        self.documents[erp_id] = document
        return document

    def refuse(self, request: Request) -> Refusal:
        """
        Return the refusal of a request because its accounting period is closed.

        An ERP that repeats every answer gives the same refusal for the key from then on.
        """
        if self.rules.replay is Replay.EVERYTHING:
            return self.refusals.setdefault(request.key, Refusal.PERIOD_CLOSED)
        return Refusal.PERIOD_CLOSED

    def carry_out(self, request: Request) -> ErpDocument | Refusal:
        """Carry out a request by the rules; return its document, or the reason of a refusal."""
        if request.key in self.refusals:
            return self.refusals[request.key]
        if request.removes:
            return self._remove(request)
        if request.step.kind not in MAKES:
            return self._act(request)
        assert request.content is not None
        seen = self._find_by_key(request.key) if self.rules.remembers_keys else None
        if seen is not None and not self.can_forget() and not self._has_forgotten(seen):
            return self._repeat(request.content, seen)
        return self._create(request.content)

    def _find_by_key(self, key: str) -> ErpDocument | None:
        same = (document for document in reversed(self.documents.values()) if document.key == key)
        return next(same, None)

    def _has_forgotten(self, seen: ErpDocument) -> bool:
        """Return whether the key of a document is so old that the ERP does not recognize it."""
        limit = self.behaviour.forgets_after
        # Both moments are later than those of the requests, by the same time.
        return limit is not None and self.choose_visible_from() - seen.visible_from > limit

    def _repeat(self, content: ErpDocument, seen: ErpDocument) -> ErpDocument | Refusal:
        if self.rules.compares_body and seen.digest != content.digest:
            return Refusal.KEY_REUSED
        if not seen.exists and self.rules.enforces is Enforces.KEY:
            return Refusal.KEY_USED
        return seen

    def _create(self, content: ErpDocument) -> ErpDocument | Refusal:
        visible_from = self.choose_visible_from()
        stored = self.behaviour.store(content)
        if isinstance(stored, Refusal):
            return stored
        content = stored
        if self.rules.enforces is Enforces.NUMBER:
            if not content.number:
                return Refusal.NUMBER_MISSING
            numbers = {self._number(each) for each in self.documents.values() if self._holds(each)}
            if self._number(content) in numbers and not self.can_forget():
                return Refusal.NUMBER_USED
        document = self.add(content, visible_from=visible_from)
        self.note(document)
        return document

    def _holds(self, document: ErpDocument) -> bool:
        """Return whether the number of a document is still in use."""
        return document.exists or not self.rules.frees_numbers

    def _number(self, document: ErpDocument) -> tuple[str | None, ...]:
        scope = document.commitment if self.rules.per_commitment else None
        return (document.vendor, document.first_number, scope, document.role)

    def _act(self, request: Request) -> ErpDocument | Refusal:
        document = self.find(request.on)
        if document is None:
            return Refusal.NO_DRAFT
        kind = request.step.kind
        refusal = self.behaviour.act(kind, document, self.documents.values())
        if refusal is not None:
            return refusal
        if kind not in document.keys:
            document.steps_visible_from[kind] = self.choose_visible_from()
        is_new = request.key not in document.keys.values()
        if is_new and request.content and request.content.attachments:
            document.attachments = [*(document.attachments or ()), *request.content.attachments]
        document.keys[kind] = request.key
        return document

    def _remove(self, request: Request) -> ErpDocument | Refusal:
        document = self.documents.get(request.on or "")
        if document is None:
            return Refusal.NO_DRAFT
        document.exists = False
        return document

    def look_up(
        self, kind: str, keys: Collection[str], content: ErpDocument | None, *, until: float
    ) -> list[ErpDocument]:
        """
        Return the documents that a look-up for a step shows.

        Args:
            kind: The kind of the step.
            keys: The keys of the step, for an ERP that looks up by key.
            content: The content of the export, which an ERP that looks up by number needs.
            until: The moment, in seconds on the clock of the transport; documents and steps that
                become visible only later are left out.
        """
        found = []
        for document in self.documents.values():
            makes = kind in MAKES
            key = document.key if makes else document.keys.get(kind)
            if not document.exists or (key is None and not makes):
                continue
            by_key = self.rules.look_up is LookUp.KEY
            moment = document.visible_from if makes else document.steps_visible_from[kind]
            if (key in keys if by_key else self._is_alike(document, content)) and moment <= until:
                found.append(document)
        return found

    def _is_alike(self, document: ErpDocument, content: ErpDocument | None) -> bool:
        assert content is not None
        same = document.vendor == content.vendor and self.behaviour.is_number_alike(
            document.number or "", content.number or ""
        )
        here = not self.rules.per_commitment or document.commitment == content.commitment
        return same and here and content.role in {None, document.role}
