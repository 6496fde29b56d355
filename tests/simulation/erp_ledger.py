"""The ledger of a simulated ERP: its documents, keys and numbers, and its requests."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.adapters import (
    Denial,
    Done,
    ExportRequest,
    LookUp,
    Receipt,
    Refused,
    Replay,
    Role,
    Source,
    Step,
    deny,
)

from .erp_traits import ROLES, Enforces

if TYPE_CHECKING:
    from collections.abc import Callable

    from .erp_traits import Traits


@attrs.define(kw_only=True, eq=False)
class ErpDocument:
    """
    A document in the fake.

    Attributes:
        request: The request that made it; ``None`` if a user of the ERP typed it.
        key: The text of the key that made it.
        keys: The text of the key of each later step that was carried out on it.
        shown_at: When a look-up finds it; ``steps_shown_at`` the same for each later step (UTC).
        lives: It was not deleted.
    """

    id: str
    request: ExportRequest | None
    key: str | None
    role: Role | None
    vendor: str | None
    number: str | None
    amount: Decimal
    day: date | None
    commitment: str
    shown_at: datetime
    keys: dict[str, str] = attrs.field(factory=dict)
    steps_shown_at: dict[str, datetime] = attrs.field(factory=dict)
    lives: bool = True

    @property
    def entry_id(self) -> str | None:
        """The invoice for which it was made."""
        return self.request.document.invoice_id if self.request else None

    @property
    def all_keys(self) -> tuple[str, ...]:
        """The texts of the keys of all its steps."""
        return (*((self.key,) if self.key else ()), *self.keys.values())

    @property
    def generation(self) -> int:
        """The generation for which it was made."""
        return self.request.generation if self.request else 0


@attrs.frozen(kw_only=True, eq=False)
class Request:
    """A request: a step under its key, or (``removes``) the removal of a document."""

    step: Step
    key: str
    export: ExportRequest | None = None
    on: str | None = None
    removes: bool = False


def refuse_with(code: str, message: str) -> Refused:
    """Return a refusal of the fake."""
    return Refused(deny(Denial(f"simulated.{code}", message, Source.ERP)))


def receipt_of(step: Step, erp_document: ErpDocument) -> Receipt:
    """Return the receipt of a step that made the document, or was carried out on it."""
    return Receipt(
        step=step.name,
        erp_id=erp_document.id,
        role=step.role,
        number=erp_document.number,
        state="posted" if "post" in erp_document.keys else "draft",
        digest=erp_document.request.digest if erp_document.request else "",
    )


# === The ledger.


class Ledger:
    """
    The documents of one fake ERP, the keys that it has seen, and the numbers in use.

    Attributes:
        documents: By id, those that are deleted among them.
        shows_at: Draws the moment from which a new document is found (UTC).
        forgets: Draws whether a key that should be enforced is forgotten now.
    """

    def __init__(
        self,
        name: str,
        traits: Traits,
        *,
        shows_at: Callable[[], datetime],
        forgets: Callable[[], bool],
        made: Callable[[ErpDocument], None],
    ) -> None:
        """Begin empty; ``made`` is called with every document that a request makes."""
        self.name = name
        self.traits = traits
        self.documents: dict[str, ErpDocument] = {}
        self._by_key: dict[str, ErpDocument] = {}
        self._refusals: dict[str, Refused] = {}
        self._numbers: set[tuple[str | None, ...]] = set()
        self._shows_at = shows_at
        self._forgets = forgets
        self._made = made

    def _number_of(self, erp_document: ErpDocument) -> tuple[str | None, ...]:
        scope = erp_document.commitment if self.traits.per_commitment else None
        return (
            erp_document.vendor,
            erp_document.number,
            scope,
            erp_document.role.value if erp_document.role else None,
        )

    def add(self, erp_document: ErpDocument) -> ErpDocument:
        """Add a document under its id and its number."""
        self.documents[erp_document.id] = erp_document
        self._numbers.add(self._number_of(erp_document))
        return erp_document

    def next_id(self) -> str:
        """Return the id of the next document."""
        return f"{self.name.upper()}-{len(self.documents) + 1}"

    def refuse(self, request: Request) -> Refused:
        """Refuse for a passing reason, and repeat the refusal if answers are repeated."""
        no = refuse_with("period_closed", "Open the accounting period, then try again.")
        return self._refusals.setdefault(request.key, no) if self._repeats_all else no

    @property
    def _repeats_all(self) -> bool:
        return self.traits.replay is Replay.EVERYTHING

    def carry_out(self, request: Request) -> Done | Refused:
        """Carry out a request by the rules of the fake."""
        if self._repeats_all and request.key in self._refusals:
            return self._refusals[request.key]
        if request.removes:
            return self._remove(request)
        if request.step.kind not in ROLES:
            return self._carry_on(request)
        seen = self._by_key.get(request.key) if self.traits.remembers_keys else None
        if seen is not None and not self._forgets():
            return self._again(request, seen)
        return self._create(request)

    def _again(self, request: Request, erp_document: ErpDocument) -> Done | Refused:
        assert request.export is not None
        assert erp_document.request is not None
        if erp_document.request.digest != request.export.digest:
            return refuse_with("key_reused", "This key belongs to another content.")
        if not erp_document.lives and self.traits.enforces is Enforces.KEY:
            return refuse_with("key_used", "This key was used up.")
        return Done(receipt_of(request.step, erp_document))

    def _create(self, request: Request) -> Done | Refused:
        export = request.export
        assert export is not None
        erp_document = ErpDocument(
            id=self.next_id(),
            request=export,
            key=request.key,
            role=ROLES[request.step.kind],
            vendor=export.document.vendor_origin_id,
            number=export.number,
            amount=export.document.due,
            day=export.accounting_date,
            commitment=export.document.commitment_id,
            shown_at=self._shows_at(),
        )
        if self.traits.enforces is Enforces.NUMBER:
            if not export.number:
                return refuse_with("number_missing", "Give the invoice a number.")
            if self._number_of(erp_document) in self._numbers and not self._forgets():
                return refuse_with("number_used", "This number was used up.")
        self._by_key[request.key] = self.add(erp_document)
        self._made(erp_document)
        return Done(receipt_of(request.step, erp_document))

    def _carry_on(self, request: Request) -> Done | Refused:
        erp_document = self.documents.get(request.on or "")
        if erp_document is None or not erp_document.lives:
            return refuse_with("no_draft", "The draft is not there; create it again.")
        if request.step.name not in erp_document.keys:
            erp_document.steps_shown_at[request.step.name] = self._shows_at()
        erp_document.keys[request.step.name] = request.key
        return Done(receipt_of(request.step, erp_document))

    def _remove(self, request: Request) -> Done | Refused:
        erp_document = self.documents.get(request.on or "")
        if erp_document is not None:
            erp_document.lives = False
        return Done(Receipt(step=request.step.name, erp_id=request.on or ""))

    def shown(self, step: Step, keys: tuple[str, ...], export: ExportRequest) -> list[ErpDocument]:
        """Return the documents that match a look-up for a step, shown already or not."""
        by_key = self.traits.look_up is LookUp.KEY
        found = []
        for erp_document in self.documents.values():
            makes = step.kind in ROLES
            under = erp_document.key if makes else erp_document.keys.get(step.name)
            if not erp_document.lives or (under is None and not makes):
                continue
            if under in keys if by_key else self._is_alike(erp_document, step, export):
                found.append(erp_document)
        return found

    def _is_alike(self, erp_document: ErpDocument, step: Step, export: ExportRequest) -> bool:
        same = (erp_document.vendor, erp_document.number) == (
            export.document.vendor_origin_id,
            export.number,
        )
        here = (
            not self.traits.per_commitment
            or erp_document.commitment == export.document.commitment_id
        )
        role = ROLES.get(step.kind, erp_document.role)
        return same and here and erp_document.role is role
