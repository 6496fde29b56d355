"""The host's model."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = ["Base", "Bill"]


class Base(DeclarativeBase):
    """The tables of the host."""


class Bill(Base):
    """A subcontractor's bill; the amount is in whole cents."""

    __tablename__ = "bills"

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    status: Mapped[str]
    cents: Mapped[int]
    sent_by: Mapped[str | None]
