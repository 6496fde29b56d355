"""Rows of entries and events, independent of the database."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs

from erp_invoice_core import ExportStatus, QueueEntry
from erp_invoice_core.documents import Lease
from erp_invoice_core.stores.blobs import pack_entry
from erp_invoice_core.stores.rows import build_chain, build_columns, build_entry, to_bytes

NOON = datetime(2026, 10, 31, 12, tzinfo=UTC)
MICROS = 1_793_448_000_000_000
DUE = QueueEntry(id="5000", connection="paper", status=ExportStatus.ACCEPTED, seq=2, due_at=NOON)


def _row(entry: QueueEntry, *columns: object) -> tuple[object, ...]:
    return (0, 0, pack_entry(entry).body, "head", *columns, None, None)


def test_a_body_is_bytes_whatever_a_driver_makes_of_it() -> None:
    """A person who edits a row by hand may leave a text in place of bytes."""
    assert [b"{}"] * 3 == [to_bytes(b"{}"), to_bytes(memoryview(b"{}")), to_bytes("{}")]


def test_an_entry_is_read_from_its_row() -> None:
    """The body of an entry without a document is complete."""
    assert build_entry(memoryview(pack_entry(DUE).body), None) == DUE


def test_columns_say_when_a_worker_looks_next() -> None:
    """Moments are microseconds since 1970; a leased entry has the end of its lease."""
    held = attrs.evolve(
        DUE,
        status=ExportStatus.EXPORTING,
        due_at=None,
        lease=Lease(holder="w", fencing=1, until=NOON),
    )

    assert ("accepted", "paper", 2, MICROS, None) == build_columns(DUE)
    assert ("exporting", "paper", 2, MICROS, MICROS) == build_columns(held)
    assert ("not_sent", None, 0, None, None) == build_columns(QueueEntry(id="5000"))


def test_a_chain_is_an_entry_and_its_events() -> None:
    """Its columns agree with its body."""
    events = [(1, 1, b"one", "first", *[None] * 7), (1, 2, b"two", "head", *[None] * 7)]
    chain = build_chain("5000", [_row(DUE, "accepted", "paper", 2, MICROS, None), *events])

    assert ("5000", "head", True) == (chain.entry_id, chain.head, chain.columns_agree)
    assert ((b"one", "first"), (b"two", "head")) == chain.links
    assert pack_entry(DUE).body == chain.body


def test_columns_that_were_edited_do_not_agree() -> None:
    """Edited columns, and those of an entry that cannot be read, do not agree."""
    edited = _row(DUE, "accepted", "paper", 2, MICROS + 1, None)
    broken = (0, 0, b"{", "head", "accepted", "paper", 2, MICROS, None, None, None)

    assert [False, False] == [build_chain("5000", [row]).columns_agree for row in (edited, broken)]


def test_events_without_their_entry_are_a_chain_too() -> None:
    """If the entry was deleted by hand, its events still form a chain."""
    chain = build_chain("5000", [(1, 1, b"one", "first", *[None] * 7)])

    assert (b"", "", ((b"one", "first"),)) == (chain.body, chain.head, chain.links)
