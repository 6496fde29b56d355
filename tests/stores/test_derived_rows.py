"""Edits by hand of rows for number slots, owners, commands and the change feed are found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

import attrs
import psycopg
import pytest

from erp_invoice_core.stores import MemoryStore, PostgresStore, SqliteStore, verify
from erp_invoice_core.testing.samples import build_change, build_denied_change, save_change
from erp_invoice_core.verdict import Denial, Source
from erp_invoice_core.vocabulary import Action, ExportStatus
from tests.fixtures.databases.restore import VERSIONS, restore_postgres, restore_sqlite

if TYPE_CHECKING:
    from pathlib import Path

    from erp_invoice_core.stores import Finding

_SLOT: Final = "9:beancount6:V-ACME9:ACME-50126:C-5012"
_BILL: Final = "5012-eaac99591bb7"
#: An edit of rows, and which entry the verification names, with which code and text.
EDITS: Final = {
    "slot missing": (
        "DELETE FROM erp_number_slots WHERE entry_id = '5012'",
        [("5012", "rows.slot", f"holds number slot '{_SLOT}', but the row for it in table")],
    ),
    "slot of another entry": (
        "UPDATE erp_number_slots SET entry_id = '5005' WHERE entry_id = '5012'",
        [
            ("5005", "rows.slot", f"slot '{_SLOT}' names entry 5005, which does not hold it"),
            ("5012", "rows.slot", f"holds number slot '{_SLOT}', but the row for it in table"),
        ],
    ),
    "slot surplus": (
        "INSERT INTO erp_number_slots (slot, entry_id) VALUES ('1:a1:b1:c', '5002')",
        [("5002", "rows.slot", "slot '1:a1:b1:c' names entry 5002, which does not hold it")],
    ),
    "slot without entry": (
        "INSERT INTO erp_number_slots (slot, entry_id) VALUES ('1:a1:b1:c', '7777')",
        [("7777", "rows.slot", "slot '1:a1:b1:c' names entry 7777, which is not stored")],
    ),
    "owner missing": (
        "DELETE FROM erp_document_owners WHERE entry_id = '5012'",
        [("5012", "rows.owner", f"'{_BILL}' of generation 1 belongs to entry 5012, but its")],
    ),
    "owner missing after an unlink": (
        "DELETE FROM erp_document_owners WHERE entry_id = '5013'",
        [("5013", "rows.owner", "of generation 1 belongs to entry 5013, but its row in table")],
    ),
    "owner of another generation": (
        "UPDATE erp_document_owners SET generation = 2 WHERE entry_id = '5012'",
        [
            ("5012", "rows.owner", f"'{_BILL}' of generation 1 belongs to entry 5012, but its"),
            ("5012", "rows.owner", "generation 2, names entry 5012, which has no receipt for the"),
        ],
    ),
    "owner on another connection": (
        "UPDATE erp_document_owners SET connection = 'books' WHERE entry_id = '5012'",
        [("5012", "rows.owner", "its row in table erp_document_owners says 'books'")],
    ),
    "owner of another entry": (
        "UPDATE erp_document_owners SET entry_id = '5004' WHERE entry_id = '5012'",
        [
            ("5004", "rows.owner", "names entry 5004, which has no receipt for the document"),
            ("5012", "rows.owner", f"'{_BILL}' of generation 1 belongs to entry 5012, but its"),
        ],
    ),
    "owner without entry": (
        (
            "INSERT INTO erp_document_owners (connection, erp_id, entry_id, generation)"
            " VALUES ('beancount', 'B-1', '7777', 1)"
        ),
        [("7777", "rows.owner", "'B-1' of connection 'beancount' names entry 7777, which is not")],
    ),
    "command missing": (
        "DELETE FROM erp_commands WHERE entry_id = '5002'",
        [("5002", "rows.command", "but the row for it in table erp_commands is missing")],
    ),
    "command with another event": (
        "UPDATE erp_commands SET seq = 7 WHERE entry_id = '5002'",
        [("5002", "rows.command", "the row for it in table erp_commands names event 7")],
    ),
    "command surplus": (
        "INSERT INTO erp_commands (command, entry_id, seq) VALUES ('accept:x', '5002', 1)",
        [("5002", "rows.command", "command 'accept:x' names event 1 of entry 5002, which")],
    ),
    "command without entry": (
        "INSERT INTO erp_commands (command, entry_id, seq) VALUES ('accept:x', '7777', 1)",
        [("7777", "rows.command", "command 'accept:x' names entry 7777, which is not stored")],
    ),
}
#: The same for the change feed, whose positions each store keeps in its own way.
_SWAPPED: Final = "Event 1 of entry 5004 has place 900 in the change feed, but the later event 2"
SQLITE_EDITS: Final = EDITS | {
    "feed out of order": (
        "UPDATE erp_events SET place = 900 WHERE entry_id = '5004' AND seq = 1",
        [("5004", "rows.feed", _SWAPPED)],
    ),
    "owner of no generation": (
        "UPDATE erp_document_owners SET generation = 'x' WHERE entry_id = '5012'",
        [
            ("5012", "rows.owner", f"'{_BILL}' of generation 1 belongs to entry 5012, but its"),
            ("5012", "rows.owner", "generation -1, names entry 5012, which has no receipt for"),
        ],
    ),
}
POSTGRES_EDITS: Final = {
    **{name: EDITS[name] for name in ("slot surplus", "owner without entry", "command missing")},
    "feed out of order": (
        "UPDATE erp_events SET place = 1000 - 100 * seq WHERE entry_id = '5004'",
        [("5004", "rows.feed", f"{_SWAPPED} has place 800")],
    ),
    "place missing": (
        "UPDATE erp_events SET place = 1 WHERE entry_id = '5004' AND seq = 2",
        [("5004", "rows.feed", "no place in the change feed, but the later event 2 has place 1")],
    ),
}


def _assert_found(wanted: list[tuple[str, str, str]], problems: tuple[Finding, ...]) -> None:
    assert [one[:2] for one in wanted] == [(each.entry_id, each.code) for each in problems]
    for (_, _, words), problem in zip(wanted, problems, strict=True):
        assert words in problem.message


@pytest.mark.parametrize("name", SQLITE_EDITS)
def test_an_edited_row_is_found_in_sqlite(tmp_path: Path, name: str) -> None:
    """The verification names the entry and the difference, and finds nothing else."""
    restore_sqlite(VERSIONS[0], tmp_path / "erp.db")
    store = SqliteStore(tmp_path / "erp.db")
    statement, wanted = SQLITE_EDITS[name]
    assert () == verify(store.chains()).problems

    with closing(sqlite3.connect(store.path)) as db, db:
        assert db.execute(statement).rowcount == 1

    _assert_found(wanted, verify(store.chains()).problems)


@pytest.mark.parametrize("name", POSTGRES_EDITS)
def test_an_edited_row_is_found_in_postgres(dsn: str, name: str) -> None:
    """The same on a server."""
    restore_postgres(VERSIONS[0], dsn)
    statement, wanted = POSTGRES_EDITS[name]
    with closing(PostgresStore(dsn)) as store:
        assert () == verify(store.chains()).problems

        with psycopg.connect(dsn) as db:
            assert db.execute(statement.encode()).rowcount > 0

        _assert_found(wanted, verify(store.chains()).problems)


def test_rows_in_memory_are_compared_too() -> None:
    """The store in memory finds the same as the other stores."""
    store = MemoryStore()
    save_change(store, "1", lambda entry: build_change(entry, slot="9:ACME-5000", command="send:1"))
    save_change(store, "1", build_denied_change)
    assert verify(store.chains()).ok

    store._tables.slots["9:ACME-5000"] = "2"

    assert ["1"] == [each.entry_id for each in verify(store.chains()).problems]


def test_a_resolution_without_refusal_has_answered() -> None:
    """An event with the reasons of a person refuses nothing: its command has its answer."""
    store = MemoryStore()
    save_change(store, "1", lambda entry: build_change(entry, status=ExportStatus.FAILED))
    reason = Denial("export.ruled_absent", "Retry or reject this export.", Source.PERSON)
    save_change(
        store,
        "1",
        lambda entry: attrs.evolve(
            build_change(entry, Action.RULE, command="rule:1"),
            after=attrs.evolve(entry, seq=entry.seq + 1),
            denials=(reason,),
        ),
    )

    assert () == verify(store.chains()).problems
