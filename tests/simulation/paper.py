"""A document in a fake ERP, and a request on its way there."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from erp_invoice_core.adapters import (
    Denial,
    ExportRequest,
    Receipt,
    Refused,
    Role,
    Source,
    Step,
    deny,
)

__all__ = ["Paper", "Request", "receipt_of", "said_no"]


@attrs.define(kw_only=True, eq=False)
class Paper:
    """
    A document in the fake.

    Attributes:
        request: What it was made for; ``None``: somebody typed it by hand.
        key: The text of the key that made it.
        keys: The text of the key of each later step that was carried out on it.
        shown_at: When it is found; ``steps_shown_at`` the same of each later step (UTC).
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
        """The texts of all keys under which something was made of it."""
        return (*((self.key,) if self.key else ()), *self.keys.values())

    @property
    def generation(self) -> int:
        """The generation for which it was made."""
        return self.request.generation if self.request else 0


@attrs.frozen(kw_only=True, eq=False)
class Request:
    """A request on its way: a step under its key, or (``removes``) the removal of a document."""

    step: Step
    key: str
    export: ExportRequest | None = None
    on: str | None = None
    removes: bool = False


def said_no(code: str, message: str) -> Refused:
    """Return the fake's definite no."""
    return Refused(deny(Denial(f"simulated.{code}", message, Source.ERP)))


def receipt_of(step: Step, paper: Paper) -> Receipt:
    """Return the receipt of a step that made the document, or was carried out on it."""
    return Receipt(
        step=step.name,
        erp_id=paper.id,
        role=step.role,
        number=paper.number,
        state="posted" if "post" in paper.keys else "draft",
        digest=paper.request.digest if paper.request else "",
    )
