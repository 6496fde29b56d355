"""Databases of former versions can be opened, listed, exported, looked up and verified."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
import pytest

from erp_invoice_core.canonical import compute_digest, is_current
from erp_invoice_core.documents import compute_former_digest
from erp_invoice_core.stores import PostgresStore, SqliteStore
from tests.cli.commands.test_demo import BIN
from tests.fixtures.databases.restore import (
    VERSIONS,
    restore_ledger,
    restore_postgres,
    restore_sqlite,
)
from tests.postgres import fresh_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.documents import QueueEntry
    from tests.cli.command_run import Erp

BEFORE: Final = {
    "5001": "not_sent",
    "5002": "ready",
    "5003": "retrieved",
    "5004": "rejected",
    "5005": "accepted",
    "5006": "accepted",
    "5007": "exporting",
    "5008": "exporting",
    "5009": "failed",
    "5010": "unknown",
    "5011": "unknown",
    "5012": "synced",
    "5013": "not_sent",
    "5014": "synced",
}
#: Accepted entries are exported, entries in doubt looked up; the others wait for a person.
AFTER: Final = BEFORE | dict.fromkeys(["5005", "5006", "5007", "5008", "5010", "5011"], "synced")
STORES: Final = ("sqlite", "postgres")
NEWER: Final = (
    "--db: A newer version of erp_invoice_core wrote this database. Upgrade erp_invoice_core.\n"
)


@pytest.fixture(params=[(version, store) for version in VERSIONS for store in STORES], ids="-".join)
def former(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The ``--db`` of a former version's database, with its ledger in the working folder."""
    version, store = request.param
    restore_ledger(version, Path("erp.beancount"))
    if store == "sqlite":
        restore_sqlite(version, Path("erp.db"))
        yield "erp.db"
        return
    monkeypatch.setenv("ERP_BEANCOUNT_PATH", "erp.beancount")
    with fresh_schema() as url:
        restore_postgres(version, url)
        yield url


def _statuses(erp: Erp, db: str) -> dict[str, str]:
    entries = erp("list", "--db", db, "--json").document["entries"]
    return {each["id"]: each["status"] for each in entries}


def test_a_former_database_is_whole_and_listed(erp: Erp, former: str) -> None:
    """Every status is read as it was written, and ``verify`` finds nothing."""
    assert BEFORE == _statuses(erp, former)
    found = erp("verify", "--db", former, "--json")
    assert (0, True, []) == (found.status, found.document["ok"], found.document["problems"])


def test_a_former_database_is_worked_off(erp: Erp, former: str) -> None:
    """Accepted entries are exported once, entries in doubt are looked up, and all is whole."""
    worked = erp("work", "--until-idle", "--db", former)

    assert AFTER == _statuses(erp, former), worked.out + worked.err
    assert 0 == erp("verify", "--db", former).status
    ledger = Path("erp.beancount").read_text(encoding="utf-8")
    booked = [line for line in ledger.splitlines() if line.startswith("  requisition_id:")]
    expected = ["5005", "5006", "5007", "5008", "5010", "5011", "5012"]
    assert [f'  requisition_id: "{id_}"' for id_ in expected] == sorted(booked)
    checked = subprocess.run(
        [BIN / "bean-check", "erp.beancount"], capture_output=True, check=False
    )
    assert (0, b"") == (checked.returncode, checked.stderr)


def _read(db: str) -> dict[str, QueueEntry]:
    with (
        SqliteStore(db) if db.endswith(".db") else PostgresStore(db) as store,
        store.work() as found,
    ):
        return found.entries(list(BEFORE))


def _find_digests(entry: QueueEntry) -> set[str]:
    """Return every digest of its document that an entry has."""
    assert entry.document is not None
    accepted = [entry.acceptance.digest] if entry.acceptance else []
    receipts = [holding.receipt.digest for holding in entry.holdings if holding.receipt.digest]
    calls = [call.digest for call in entry.calls]
    return {entry.digest, entry.document.digest, *accepted, *receipts, *calls}


def test_an_entry_keeps_the_digest_that_was_accepted(
    erp: Erp, former: str, request: pytest.FixtureRequest
) -> None:
    """Accepted entries and those in doubt are exported under the digest of their version."""
    is_of_format_1 = any(version in request.node.name for version in ("0.1.0", "0.2.0", "0.3.0"))
    compute = compute_former_digest if is_of_format_1 else compute_digest
    waiting = [id_ for id_ in BEFORE if BEFORE[id_] != AFTER[id_]]
    before = {id_: entry for id_, entry in _read(former).items() if entry.document is not None}
    expected = {
        id_: {compute(entry.document)} if entry.digest else set() for id_, entry in before.items()
    }
    assert set(waiting) < set(expected)
    assert expected == {id_: _find_digests(entry) for id_, entry in before.items()}

    erp("work", "--until-idle", "--db", former)

    after = _read(former)
    for id_ in waiting:
        assert AFTER[id_] == after[id_].status.value
        assert expected[id_] == _find_digests(after[id_])
        documents = [entries[id_].document for entries in (before, after)]
        assert documents[0] == documents[1]
        assert 1 == len({document.stored_json for document in documents if document})
        assert f'digest: "{after[id_].digest}"' in Path("erp.beancount").read_text("utf-8")


def test_people_go_on_in_a_former_database(erp: Erp, former: str) -> None:
    """A person can act on the waiting entries, and a repeated command id has its first answer."""
    before = _read(former)
    done = [
        erp("accept", "5002", "--as", "all", "--db", former),
        erp("send", "5003", "--as", "all", "--db", former),
        erp("resend", "5004", "--as", "all", "--db", former),
        erp("retry", "5009", "--as", "all", "--db", former),
        erp("send", "5013", "--as", "all", "--db", former),
        erp("send", "5001", "--as", "all", "--db", former),
    ]

    assert [0] * 6 == [run.status for run in done], [run.out + run.err for run in done]
    moved = {"5002": "accepted", "5009": "accepted"}
    ready = dict.fromkeys(["5001", "5003", "5004", "5013"], "ready")
    assert BEFORE | moved | ready == _statuses(erp, former)
    entries = _read(former)
    for id_ in moved | ready:
        entry = entries[id_]
        assert is_current(entry.digest), entry
        assert entry.acceptance is None or entry.acceptance.digest == entry.digest
        # The calls of former tries keep the digest under which they were made.
        assert {call.digest for call in entry.calls} == {call.digest for call in before[id_].calls}
    assert 0 == erp("verify", "--db", former).status


def test_a_newer_sqlite_database_is_refused(erp: Erp) -> None:
    """A later version wrote it: the message says to upgrade, and nothing is changed."""
    restore_sqlite(VERSIONS[-1], Path("erp.db"))
    with closing(sqlite3.connect("erp.db")) as db, db:
        db.execute("INSERT INTO erp_schema (version) VALUES (99)")
    before = Path("erp.db").read_bytes()

    for words in (["list"], ["verify"], ["work"], ["send", "5001", "--as", "all"]):
        run = erp(*words)
        assert (2, NEWER) == (run.status, run.err)
    assert before == Path("erp.db").read_bytes()


def test_a_newer_postgres_database_is_refused(erp: Erp) -> None:
    """The same on a server."""
    with fresh_schema() as url:
        restore_postgres(VERSIONS[-1], url)
        with psycopg.connect(url) as db:
            db.execute("INSERT INTO erp_schema (version) VALUES (99)")
        for words in (["list"], ["verify"], ["work"], ["send", "5001", "--as", "all"]):
            run = erp(*words, "--db", url)
            assert (2, NEWER) == (run.status, run.err)
