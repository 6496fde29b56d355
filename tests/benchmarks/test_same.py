"""The hand-written loop over SQLite stores what the store stores."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from benchmarks.same_sqlite import ReadingSqlite, SameSqlite

if TYPE_CHECKING:
    from pathlib import Path

ACTIONS = ["send", "accept", "claim", "start", "record"]


@pytest.mark.parametrize("kind", [SameSqlite, ReadingSqlite])
def test_each_job_leaves_a_chain_of_five_events(tmp_path: Path, kind: type[SameSqlite]) -> None:
    """The events are chained, the last has the digest of the body, and slot and owner are kept."""
    store = kind(str(tmp_path))
    store.load(0, 3, lines=2)
    store.send(0, 3, batch=2)
    store.accept(0, 3, batch=2)
    store.export(3)
    store.close()
    with closing(sqlite3.connect(tmp_path / "same.db")) as db:
        rows = db.execute("SELECT body, digest FROM events WHERE entry_id = '1'").fetchall()
        (body, head, sha) = db.execute(
            "SELECT body, head, sha FROM entries WHERE id = '1' AND status = 'synced'"
        ).fetchone()
        (document,) = db.execute("SELECT body FROM contents WHERE sha = ?", (sha,)).fetchone()
        counts = [
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - two names
            for table in ("slots", "owners")
        ]
    former = ""
    for event, digest in rows:
        former = hashlib.sha256(former.encode() + b"\n" + event).hexdigest()
        assert digest == former
    assert [json.loads(event)["action"] for event, _ in rows] == ACTIONS
    assert head == former
    assert json.loads(rows[-1][0])["entry_sha256"] == hashlib.sha256(body).hexdigest()
    assert sha == hashlib.sha256(document).hexdigest()
    assert counts == [3, 3]


def test_a_stale_claim_is_not_recorded(tmp_path: Path) -> None:
    """An entry that moved after the claim keeps its state."""
    store = SameSqlite(str(tmp_path))
    store.load(0, 1, lines=1)
    store.send(0, 1, batch=1)
    store.accept(0, 1, batch=1)
    claimed = store._claim()
    store._run("UPDATE entries SET seq = seq + 1")
    with pytest.raises(ValueError, match="5"):
        store._record(claimed)
    store.close()
