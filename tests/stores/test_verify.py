"""The verification of the chains finds edits that were made with SQLite itself."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.stores import MemoryStore, SqliteStore, verify
from erp_invoice_core.testing.samples import (
    build_acceptance,
    build_denied_change,
    build_send,
    save_change,
)

if TYPE_CHECKING:
    from pathlib import Path

    from erp_invoice_core.stores import Store, Verification

EDITS = {
    "edited event": (
        "chain.broken",
        (
            "UPDATE erp_events SET body = CAST(replace(body, 'pm', 'xx') AS BLOB)"
            " WHERE entry_id = '1' AND seq = 2"
        ),
    ),
    "missing event": ("chain.broken", "DELETE FROM erp_events WHERE entry_id = '1' AND seq = 2"),
    "missing last event": (
        "chain.head",
        "DELETE FROM erp_events WHERE entry_id = '1' AND seq = 3",
    ),
    "all events missing": ("chain.head", "DELETE FROM erp_events WHERE entry_id = '1'"),
    "swapped events": (
        "chain.broken",
        (
            "UPDATE erp_events SET seq = -seq WHERE entry_id = '1' AND seq < 3;"
            "UPDATE erp_events SET seq = 3 + seq WHERE entry_id = '1' AND seq < 0"
        ),
    ),
    "swapped bodies": (
        "chain.broken",
        (
            "UPDATE erp_events AS one SET body ="
            " (SELECT body FROM erp_events WHERE entry_id = '1' AND seq = 3 - one.seq)"
            " WHERE entry_id = '1' AND seq < 3"
        ),
    ),
    "event of another entry": (
        "chain.broken",
        (
            "UPDATE erp_events SET body = (SELECT body FROM erp_events WHERE entry_id = '2')"
            " WHERE entry_id = '1' AND seq = 2"
        ),
    ),
    "deleted entry": ("chain.orphaned", "DELETE FROM erp_entries WHERE id = '1'"),
    "edited status column": (
        "chain.columns",
        "UPDATE erp_entries SET status = 'synced' WHERE id = '1'",
    ),
    "postponed for ever": (
        "chain.columns",
        "UPDATE erp_entries SET wake_at = NULL WHERE id = '1'",
    ),
    "edited status": (
        "chain.status",
        (
            "UPDATE erp_entries SET body = CAST(replace(body, 'accepted', 'synced') AS BLOB)"
            " WHERE id = '1'"
        ),
    ),
    "edited sender": (
        "chain.entry",
        (
            "UPDATE erp_entries SET body ="
            ' CAST(replace(body, \'"status":\', \'"sent_by":"x","status":\') AS BLOB)'
            " WHERE id = '1'"
        ),
    ),
    "unreadable entry": ("chain.unreadable", "UPDATE erp_entries SET body = x'7b' WHERE id = '1'"),
    "edited head": ("chain.head", "UPDATE erp_entries SET head = 'f00' WHERE id = '1'"),
    "forged event": (
        "chain.broken",
        "INSERT INTO erp_events (entry_id, seq, body, digest) VALUES ('1', 4, x'7b7d', 'f00')",
    ),
    "event of no version": (
        "chain.broken",
        "INSERT INTO erp_events (entry_id, seq, body, digest) VALUES ('1', 0, x'7b7d', 'f00')",
    ),
    "entry out of nothing": (
        "chain.head",
        (
            "INSERT INTO erp_entries SELECT company, '1a', status, connection, seq, wake_at,"
            " lease_until, head, document_sha256, body FROM erp_entries WHERE id = '1';"
            "DELETE FROM erp_entries WHERE id = '1';"
            "DELETE FROM erp_events WHERE entry_id = '1'"
        ),
    ),
}


def _fill(store: Store) -> Verification:
    save_change(store, "1")
    save_change(store, "1", build_denied_change)
    save_change(store, "1", build_acceptance)
    save_change(store, "2", build_send)
    return verify(store.chains())


def _edit(store: SqliteStore, statements: str) -> Verification:
    with closing(sqlite3.connect(store.path)) as db:
        db.executescript(statements)
    return verify(store.chains())


def _replace(store: SqliteStore, *steps: tuple[str, tuple[object, ...]]) -> Verification:
    with closing(sqlite3.connect(store.path)) as db:
        for statement, values in steps:
            db.execute(statement, values)
        db.commit()
    return verify(store.chains())


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_found(store: SqliteStore, name: str) -> None:
    """An edit of events or entries is found, in the entry where it was made, and nowhere else."""
    code, statements = EDITS[name]
    assert _fill(store).ok

    problems = _edit(store, statements).problems

    assert [code] == [problem.code for problem in problems]
    assert problems[0].entry_id in {"1", "1a"}
    assert problems[0].entry_id in problems[0].message


def test_a_well_forged_event_is_found_by_the_entry(store: SqliteStore) -> None:
    """A forged event with correct links still contradicts the entry's head."""
    _fill(store)
    chain = next(iter(store.chains()))
    body = chain.links[-1][0].replace(b'"seq":3', b'"seq":4')
    digest = hashlib.sha256(chain.head.encode() + b"\n" + body).hexdigest()

    forged = "INSERT INTO erp_events (entry_id, seq, body, digest) VALUES ('1', 4, ?, ?)"
    problems = _replace(store, (forged, (body, digest))).problems

    assert ["chain.head"] == [problem.code for problem in problems]


def test_a_rewritten_chain_is_found_by_the_seal(store: SqliteStore) -> None:
    """After a rewrite of an entry's events, digests and head the seal is another one."""
    before = _fill(store)
    chain = next(iter(store.chains()))
    body = chain.links[-1][0].replace(b'"actor":"pm"', b'"actor":"xx"')
    digest = hashlib.sha256(chain.links[-2][1].encode() + b"\n" + body).hexdigest()

    after = _replace(
        store,
        (
            "UPDATE erp_events SET body = ?, digest = ? WHERE entry_id = '1' AND seq = 3",
            (body, digest),
        ),
        ("UPDATE erp_entries SET head = ? WHERE id = '1'", (digest,)),
    )

    assert after.ok
    assert before.seal != after.seal


def test_a_vanished_entry_is_found_by_the_seal(store: SqliteStore) -> None:
    """An entry that is deleted with all its events changes the seal."""
    before = _fill(store)

    after = _edit(
        store, "DELETE FROM erp_entries WHERE id = '1'; DELETE FROM erp_events WHERE entry_id = '1'"
    )

    assert after.ok
    assert (2, 1) == (before.entries, after.entries)
    assert before.seal != after.seal


def test_the_seal_is_of_what_is_stored(tmp_path: Path, store: SqliteStore) -> None:
    """The same events give the same seal in every store; one more event changes it."""
    first, second, model = _fill(store), SqliteStore(tmp_path / "other.db"), MemoryStore()

    assert first.seal == _fill(second).seal
    assert first.seal == _fill(model).seal
    save_change(store, "2", build_denied_change)
    assert first.seal != verify(store.chains()).seal


def test_findings_say_how_much_was_checked(store: SqliteStore) -> None:
    """A verification returns the number of entries, events and problems."""
    _fill(store)

    found = _edit(store, "DELETE FROM erp_events WHERE seq = 1")

    assert (2, 2, False) == (found.entries, found.events, found.ok)
    assert ["1", "2"] == [problem.entry_id for problem in found.problems]


def test_checking_while_others_write_finds_nothing(store: SqliteStore) -> None:
    """Events that are written during a verification are not taken for a forgery."""
    _fill(store)
    checked = store.chains()
    first = next(iter(checked))
    save_change(store, "2", build_denied_change)

    assert verify([first, *checked]).ok
