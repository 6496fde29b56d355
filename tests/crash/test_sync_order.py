"""A kill does not test durability, because the disk's cache survives it: syncs are traced."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING

import attrs
import psycopg
import pytest

from erp_invoice_core.testing.fake_erp import ErpProcess, Row
from tests.crash.deployment import Deployment
from tests.crash.postgres_server import PostgresServer, start_postgres_server
from tests.crash.strace import (
    Act,
    Did,
    find_disorder,
    find_trace_obstacle,
    read,
    trace,
    trace_process,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INVOICES = 3
STEPS = 2
CALLS = INVOICES * STEPS
#: The problems of a store that never syncs.
NEVER = {
    *(
        f"{invoice}/1/1/{step} was not synced before it was needed"
        for invoice in ("5000", "5001", "5002")
        for step in ("create", "post")
    ),
    *(f"BILL-{bill} was not synced before it was needed" for bill in (1, 2, 3)),
    "the last receipt was not synced",
}


@pytest.fixture
def _strace() -> None:
    if why := find_trace_obstacle():
        pytest.skip(why)


def export_traced(store: str, folder: Path, *, is_sloppy: bool = False) -> list[Act]:
    """Have invoices exported by a traced process and return its system calls."""
    with ErpProcess(Row.KEYED) as fake:
        deployment = Deployment(store=store, url=fake.url, row=Row.KEYED, lease=60.0)
        asked = json.dumps({"deployment": attrs.asdict(deployment), "is_sloppy": is_sloppy})
        return trace([sys.executable, "-m", "tests.crash.sync_order", asked], folder / "log")


def count(acts: list[Act], did: Did) -> int:
    """Return how often something was done."""
    return Counter(act.did for act in acts)[did]


@pytest.mark.usefixtures("_strace")
def test_sqlite_syncs_before_the_erp_is_called(tmp_path: Path) -> None:
    """Before each call its start is written and synced, and after the last one its receipt."""
    found = export_traced(str(tmp_path / "erp.db"), tmp_path)
    print(f"strace, sqlite: {Counter(act.did.value for act in found)}")  # noqa: T201 - figures
    assert CALLS == count(found, Did.CALLED)
    assert [] == find_disorder(found)


@pytest.mark.usefixtures("_strace")
def test_a_store_that_does_not_sync_is_noticed(tmp_path: Path) -> None:
    """The same store with ``synchronous=OFF`` is caught at every call."""
    found = export_traced(str(tmp_path / "erp.db"), tmp_path, is_sloppy=True)
    assert CALLS == count(found, Did.CALLED)
    assert NEVER <= {*find_disorder(found)}


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """Start a server that syncs, which the shared one does not."""
    with start_postgres_server() as started:
        yield started


def export(server: PostgresServer, folder: Path) -> list[Act]:
    """Have invoices exported with a traced server; return its and the worker's system calls."""
    folder.mkdir()
    with trace_process(server.pid, folder / "server"):
        acts = export_traced(server.url, folder)
    return sorted([*acts, *read(folder / "server")])


@pytest.mark.usefixtures("_strace")
def test_postgres_syncs_before_the_erp_is_called(server: PostgresServer, tmp_path: Path) -> None:
    """The server syncs each start's commit before the call; a server that does not is noticed."""
    found = export(server, tmp_path / "synced")
    print(f"strace, postgres: {Counter(act.did.value for act in found)}")  # noqa: T201 - figures
    assert CALLS == count(found, Did.CALLED)
    assert [] == find_disorder(found)
    with psycopg.connect(server.url, autocommit=True) as db:
        db.execute(
            "TRUNCATE erp_entries, erp_events, erp_number_slots, erp_document_owners, erp_commands"
        )
        db.execute("ALTER SYSTEM SET fsync = off")
        db.execute("SELECT pg_reload_conf()")
    sloppy = export(server, tmp_path / "sloppy")
    assert CALLS == count(sloppy, Did.CALLED)
    assert NEVER <= {*find_disorder(sloppy)}


START = Act(1.0, Did.WROTE, "… 5000/1/1/post …")
RECEIPT = Act(1.0, Did.WROTE, "… BILL-1 …")
CALL = Act(3.0, Did.CALLED, r"{\"key\": \"5000/1/1/post\", \"id\": \"BILL-1\"}")
DONE = (Act(4.0, Did.WROTE, "posted"), Act(5.0, Did.SYNCED))


def test_what_is_out_of_order() -> None:
    """The check reports a start or a receipt that is missing, late or not synced."""
    start, bill = "5000/1/1/post", "BILL-1"
    synced, late = Act(2.0, Did.SYNCED), Act(3.5, Did.SYNCED)
    assert [] == find_disorder([START, RECEIPT, synced, CALL, *DONE])
    assert [
        f"{start} was not synced before it was needed",
        f"{bill} was not synced before it was needed",
    ] == find_disorder([START, RECEIPT, CALL, late, *DONE])
    assert [f"{start} was not written before it was needed"] == find_disorder(
        [RECEIPT, synced, CALL, attrs.evolve(START, at=3.2), *DONE]
    )
    assert [f"{bill} was not written before it was needed"] == find_disorder(
        [START, synced, CALL, *DONE]
    )
    assert ["the last receipt was not synced"] == find_disorder(
        [START, RECEIPT, synced, CALL, DONE[0]]
    )
