"""The books of a fake ERP: its documents, the keys that it has seen, the numbers that are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.adapters import Done, LookUp, Receipt, Refused, Replay

from .erp_traits import ROLES, Enforces
from .paper import Paper, receipt_of, said_no

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from erp_invoice_core.adapters import ExportRequest, Step

    from .erp_traits import Traits
    from .paper import Request

__all__ = ["Books"]


class Books:
    """
    All that one fake ERP knows.

    Attributes:
        papers: By id, those that are deleted among them.
        shows_after: Draws how much later than written a document is found (seconds).
        forgets: Draws whether a key that should be enforced is forgotten this once.
    """

    def __init__(
        self,
        name: str,
        traits: Traits,
        *,
        shows_at: Callable[[], datetime],
        forgets: Callable[[], bool],
        made: Callable[[Paper], None],
    ) -> None:
        """Begin empty; ``made`` is told of every document that a request makes."""
        self.name = name
        self.traits = traits
        self.papers: dict[str, Paper] = {}
        self._by_key: dict[str, Paper] = {}
        self._refusals: dict[str, Refused] = {}
        self._numbers: set[tuple[str | None, ...]] = set()
        self._shows_at = shows_at
        self._forgets = forgets
        self._made = made

    def _number_of(self, paper: Paper) -> tuple[str | None, ...]:
        scope = paper.commitment if self.traits.per_commitment else None
        return (paper.vendor, paper.number, scope, paper.role.value if paper.role else None)

    def add(self, paper: Paper) -> Paper:
        """File a document under its id and its number."""
        self.papers[paper.id] = paper
        self._numbers.add(self._number_of(paper))
        return paper

    def next_id(self) -> str:
        """Return the id of the next document."""
        return f"{self.name.upper()}-{len(self.papers) + 1}"

    def refuse(self, request: Request) -> Refused:
        """Say no for a reason that passes, and keep to it where answers are repeated."""
        no = said_no("period_closed", "Open the accounting period, then try again.")
        return self._refusals.setdefault(request.key, no) if self._repeats_all else no

    @property
    def _repeats_all(self) -> bool:
        return self.traits.replay is Replay.EVERYTHING

    def carry_out(self, request: Request) -> Done | Refused:
        """Carry a request out, as the fake's own rules have it."""
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

    def _again(self, request: Request, paper: Paper) -> Done | Refused:
        assert request.export is not None
        assert paper.request is not None
        if paper.request.digest != request.export.digest:
            return said_no("key_reused", "This key belongs to another content.")
        if not paper.lives and self.traits.enforces is Enforces.KEY:
            return said_no("key_used", "This key was used up.")
        return Done(receipt_of(request.step, paper))

    def _create(self, request: Request) -> Done | Refused:
        export = request.export
        assert export is not None
        paper = Paper(
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
                return said_no("number_missing", "Give the invoice a number.")
            if self._number_of(paper) in self._numbers and not self._forgets():
                return said_no("number_used", "This number was used up.")
        self._by_key[request.key] = self.add(paper)
        self._made(paper)
        return Done(receipt_of(request.step, paper))

    def _carry_on(self, request: Request) -> Done | Refused:
        paper = self.papers.get(request.on or "")
        if paper is None or not paper.lives:
            return said_no("no_draft", "The draft is not there; create it again.")
        if request.step.name not in paper.keys:
            paper.steps_shown_at[request.step.name] = self._shows_at()
        paper.keys[request.step.name] = request.key
        return Done(receipt_of(request.step, paper))

    def _remove(self, request: Request) -> Done | Refused:
        paper = self.papers.get(request.on or "")
        if paper is not None:
            paper.lives = False
        return Done(Receipt(step=request.step.name, erp_id=request.on or ""))

    def shown(self, step: Step, keys: tuple[str, ...], export: ExportRequest) -> list[Paper]:
        """Return the documents that a look-up for a step finds, however late they are shown."""
        by_key = self.traits.look_up is LookUp.KEY
        found = []
        for paper in self.papers.values():
            makes = step.kind in ROLES
            under = paper.key if makes else paper.keys.get(step.name)
            if not paper.lives or (under is None and not makes):
                continue
            if under in keys if by_key else self._is_alike(paper, step, export):
                found.append(paper)
        return found

    def _is_alike(self, paper: Paper, step: Step, export: ExportRequest) -> bool:
        same = (paper.vendor, paper.number) == (export.document.vendor_origin_id, export.number)
        here = not self.traits.per_commitment or paper.commitment == export.document.commitment_id
        role = ROLES.get(step.kind, paper.role)
        return same and here and paper.role is role
