"""The loaded records in a database are stored, compared and read back, with facts in bulk."""

from __future__ import annotations

import copy
import json
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import psycopg
import pytest

from erp_invoice_core.records.facts import build_cases
from erp_invoice_core.records.kinds import RecordKind
from erp_invoice_core.records.lazy_records import open_records
from erp_invoice_core.records.table import RecordTable, open_rows
from erp_invoice_core.stores import PostgresStore, SqliteStore, StoreFault
from erp_invoice_core.stores.record_rows import RecordRows
from erp_invoice_core.stores.rows import to_column
from erp_invoice_core.wire.procore import Reading, Records, read_file
from tests.postgres import fresh_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = json.loads((Path(__file__).parent.parent / "fixtures" / "harbor_point.json").read_text())


def sequence(count: int) -> dict[str, Any]:
    """Return the example with a number of invoices in sequence on its commitment."""
    document: dict[str, Any] = copy.deepcopy(EXAMPLE)
    (first,) = document["requisitions"]
    document["requisitions"] = [
        {
            **first,
            "id": str(5000 + place),
            "number": place + 1,
            "previous_requisition_id": str(4999 + place) if place else None,
            "invoice_number": f"ACME-{place}",
        }
        for place in range(count)
    ]
    return document


def build_reading(document: dict[str, Any], known: Records | None = None) -> Reading:
    """Return the reading of a document without problems."""
    found = read_file(json.dumps(document).encode(), known=known or Records())
    assert () == found.problems
    return found


@pytest.fixture(params=["sqlite", "postgres"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RecordTable]:
    """Return the table of an empty database of each kind, which also has the queue's tables."""
    with ExitStack() as stack:
        db: sqlite3.Connection | psycopg.Connection[Any]
        if request.param == "sqlite":
            SqliteStore(tmp_path / "erp.db").close()
            db = stack.enter_context(closing(sqlite3.connect(tmp_path / "erp.db")))
        else:
            url = stack.enter_context(fresh_schema())
            PostgresStore(url).close()
            db = stack.enter_context(closing(psycopg.connect(url)))
        made = RecordTable(db)
        made.create()
        db.commit()
        yield made


def mark_synced(table: RecordTable, *ids: str) -> None:
    """Store the rows of synced entries, as far as facts read them."""
    for id_ in ids:
        table.rows.count(
            "INSERT INTO erp_entries (id, status, seq, head, body) VALUES (?, 'synced', 1, '', '')",
            to_column(id_),
        )


def test_creating_twice_changes_nothing(table: RecordTable) -> None:
    """The tables are created if they are missing."""
    table.put_all(build_reading(EXAMPLE))
    table.create()
    assert table.read_company() is not None


def test_everything_reads_back_as_it_was_loaded(table: RecordTable) -> None:
    """Each document by its kind and id, and the company."""
    loaded = build_reading(EXAMPLE)
    table.put_all(loaded)
    assert loaded.company
    assert loaded.company.value == table.read_company()
    assert loaded.projects[0].value == table.get(RecordKind.PROJECT, "10")
    assert loaded.vendors[0].value == table.get(RecordKind.VENDOR, "7")
    assert {u.id: u.value for u in loaded.users} == table.get_all(RecordKind.USER)
    assert loaded.commitments[0].value == table.get(RecordKind.COMMITMENT, "100")
    assert loaded.requisitions[0].value == table.get(RecordKind.REQUISITION, "5000")
    assert table.get(RecordKind.REQUISITION, "100") is None


def test_loading_twice_changes_nothing(table: RecordTable) -> None:
    """The first load counts new and changed records by kind; the second counts none."""
    assert ["5000"] == table.put_all(build_reading(EXAMPLE))[RecordKind.REQUISITION]
    assert {kind: [] for kind in RecordKind} == table.put_all(build_reading(EXAMPLE))


def test_a_changed_document_takes_the_place_of_the_old_one(table: RecordTable) -> None:
    """Only the changed document is counted."""
    table.put_all(build_reading(EXAMPLE))
    changed = copy.deepcopy(EXAMPLE)
    changed["requisitions"][0]["status"] = "draft"
    expected: dict[RecordKind, list[str]] = {kind: [] for kind in RecordKind}
    expected[RecordKind.REQUISITION] = ["5000"]
    assert expected == table.put_all(build_reading(changed))
    assert "draft" == table.get(RecordKind.REQUISITION, "5000").status.value


def test_a_locked_requisition_is_kept_as_it_is(table: RecordTable) -> None:
    """The other records are loaded."""
    table.put_all(build_reading(EXAMPLE))
    changed = copy.deepcopy(EXAMPLE)
    changed["requisitions"][0]["status"] = "draft"
    changed["vendors"][0]["name"] = "Acme Steel & Sons"
    stored = table.put_all(build_reading(changed), keep={"5000"})
    assert ([], ["7"]) == (stored[RecordKind.REQUISITION], stored[RecordKind.VENDOR])
    assert "approved" == table.get(RecordKind.REQUISITION, "5000").status.value


def test_a_database_holds_one_company(table: RecordTable) -> None:
    """Another company's document is refused, a new name of the same is stored."""
    table.put_all(build_reading(EXAMPLE))
    other = {**EXAMPLE, "company": {**EXAMPLE["company"], "id": "2"}}
    with pytest.raises(StoreFault, match="'1'"):
        table.put_all(build_reading(other))
    renamed = {**EXAMPLE, "company": {**EXAMPLE["company"], "name": "Harbor Point"}}
    table.put_all(build_reading(renamed))
    company = table.read_company()
    assert company
    assert "Harbor Point" == company.name


def test_nothing_is_committed(table: RecordTable) -> None:
    """Every row belongs to the caller's transaction."""
    db = table.db
    assert isinstance(db, sqlite3.Connection | psycopg.Connection)
    db.commit()
    table.put_all(build_reading(EXAMPLE))
    db.rollback()
    assert table.read_company() is None
    assert {} == table.get_all(RecordKind.REQUISITION)


def test_a_later_document_may_refer_to_stored_records(table: RecordTable) -> None:
    """The records are read on demand: a file of one requisition loads."""
    table.put_all(build_reading(EXAMPLE))
    later = {**sequence(2), "projects": [], "vendors": [], "commitments": []}
    later["requisitions"] = later["requisitions"][1:]
    table.put_all(build_reading(later, open_records(table.db)))
    assert ["5000", "5001"] == list(open_records(table.db).requisitions)
    assert 2 == len(open_records(table.db).requisitions)
    assert "404" not in open_records(table.db).projects


def test_facts_know_the_previous_invoice_and_the_siblings(table: RecordTable) -> None:
    """The previous invoice gives line 7, and the other invoices decide which is the latest."""
    table.put_all(build_reading(sequence(3)))
    mark_synced(table, "5001")
    cases = build_cases(table.db, ["5002", "5000", "404"])
    assert {"5000", "5002"} == set(cases)
    assert (False, True) == (cases["5000"].is_latest, cases["5002"].is_latest)
    assert ("1",) == cases["5002"].earlier_unsynced
    # line 7 of the third is 18,900.00; its own columns have no earlier work
    assert (True, True) == (cases["5000"].previous_agrees, cases["5000"].previous_is_known)
    assert cases["5002"].previous_agrees is False
    assert cases["5002"].document
    assert "1" == cases["5002"].document.company_id


def test_facts_of_nothing_are_none(table: RecordTable) -> None:
    """Neither an empty database nor an unknown id has facts."""
    assert {} == build_cases(table.db, ["5000"])
    table.put_all(build_reading(EXAMPLE))
    assert {} == build_cases(table.db, ["404"])
    assert ["5000"] == list(build_cases(table.db, ["5000"]))


@pytest.mark.parametrize("escaped", ["5\\\\0", "5\N{LATIN SMALL LETTER E WITH ACUTE}\\\\"])
def test_an_id_that_the_queue_escapes_is_found(table: RecordTable, escaped: str) -> None:
    """The sibling is synced, although its id differs in the two tables."""
    document = sequence(2)
    document["requisitions"][0]["id"] = escaped
    document["requisitions"][1]["previous_requisition_id"] = escaped
    table.put_all(build_reading(document))
    assert ("1",) == build_cases(table.db, ["5001"])["5001"].earlier_unsynced
    mark_synced(table, escaped)
    assert () == build_cases(table.db, ["5001"])["5001"].earlier_unsynced


def test_two_invoices_of_one_number_are_not_the_latest(table: RecordTable) -> None:
    """Each of them finds the other one."""
    document = sequence(2)
    document["requisitions"][1]["number"] = 1
    document["requisitions"][1]["previous_requisition_id"] = None
    table.put_all(build_reading(document))
    cases = build_cases(table.db, ["5000", "5001"])
    assert [False, False] == [each.is_latest for each in cases.values()]


@pytest.mark.parametrize("table", ["sqlite"], indirect=True)
def test_facts_cost_the_same_queries_for_one_invoice_and_for_many(table: RecordTable) -> None:
    """Six for an invoice whose previous one must be read, and for any number of invoices."""
    assert isinstance(table.db, sqlite3.Connection)
    table.put_all(build_reading(sequence(40)))
    costs = []
    for ids in (["5039"], [str(5001 + place) for place in range(39)]):
        statements: list[str] = []
        table.db.set_trace_callback(statements.append)
        cases = build_cases(table.db, ids)
        table.db.set_trace_callback(None)
        assert len(ids) == len(cases)
        costs.append(len(statements))
    assert [6, 6] == costs


def test_a_changed_attachment_digest_is_kept(table: RecordTable) -> None:
    """The digest of a file's content is stored with its attachment."""
    loaded = build_reading(EXAMPLE)
    invoice = loaded.requisitions[0].value
    file = attrs.evolve(invoice.attachments[0], digest="ab" * 32)
    document = copy.deepcopy(EXAMPLE)
    document["requisitions"][0]["attachments"][0]["sha256"] = "ab" * 32
    table.put_all(build_reading(document))
    assert (file,) == table.get(RecordKind.REQUISITION, "5000").attachments


def test_an_id_that_no_database_takes_is_not_there(table: RecordTable) -> None:
    """A text with half a character, or with NUL, is the id of no record, and is no error."""
    table.put_all(build_reading(EXAMPLE))
    odd = ["5000\udcff", "5000\x00", "5000\N{RECEIPT}"]
    assert [None] * 3 == [table.get(RecordKind.REQUISITION, each) for each in odd]


def _two_commitments(number: str) -> dict[str, Any]:
    """Return the example with a second commitment of its vendor, billed under that number."""
    document: dict[str, Any] = copy.deepcopy(EXAMPLE)
    commitment = copy.deepcopy(document["commitments"][0])
    invoice = copy.deepcopy(document["requisitions"][0])
    commitment |= {"id": "101", "number": "SC-002", "origin_id": "C-101"}
    invoice |= {"id": "6000", "commitment_id": "101", "invoice_number": number}
    document["commitments"].append(commitment)
    document["requisitions"].append(invoice)
    return document


def _numbers(table: RecordTable, of: str) -> list[tuple[str, str, str | None]]:
    case = build_cases(table.db, [of])[of]
    return [
        (use.invoice_id, use.number, use.commitment_number)
        for use in (*case.number_uses, *case.similar_numbers)
    ]


def _build_own(table: RecordTable) -> str:
    number: str = table.get(RecordKind.REQUISITION, "5000").invoice_number
    return number


@pytest.mark.parametrize("bent", [" {}\u200b", "#{}", "\u2060{}"])
def test_a_number_is_found_on_another_commitment_of_the_vendor(
    table: RecordTable, bent: str
) -> None:
    """The same number, and one that is easily mistaken for it, in all equal spellings."""
    number = bent.format(EXAMPLE["requisitions"][0]["invoice_number"])
    table.put_all(build_reading(_two_commitments(number)))

    assert [("6000", number, "SC-002")] == _numbers(table, "5000")
    assert [("5000", _build_own(table), "SC-001")] == _numbers(table, "6000")


def test_other_numbers_and_other_vendors_are_not_found(table: RecordTable) -> None:
    """A number belongs to a vendor; if the commitment gets another vendor, so does its number."""
    own = EXAMPLE["requisitions"][0]["invoice_number"]
    document = _two_commitments(f"{own}0")
    table.put_all(build_reading(document))
    assert [] == _numbers(table, "5000")

    document["requisitions"][1]["invoice_number"] = own
    table.put_all(build_reading(document))
    assert [("6000", own, "SC-002")] == _numbers(table, "5000")

    document["vendors"].append({"id": "8", "name": "Other Steel", "origin_id": "V-8"})
    document["commitments"][1]["vendor_id"] = "8"
    table.put_all(build_reading(document))
    assert [] == _numbers(table, "5000")


def test_numbers_that_are_longer_than_an_index_takes(table: RecordTable) -> None:
    """They are found by a digest."""
    number = "A" * 5000
    document = _two_commitments(number)
    document["requisitions"][0]["invoice_number"] = f"{number} "
    table.put_all(build_reading(document))

    assert [("6000", number, "SC-002")] == _numbers(table, "5000")


_OLDER = """
    CREATE TABLE erp_documents (kind TEXT NOT NULL, id TEXT NOT NULL, commitment_id TEXT,
        body TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (kind, id))
"""
_BACK = "INSERT INTO erp_documents SELECT kind, id, commitment_id, body, digest FROM erp_records"


def _restore_older_tables(table: RecordTable) -> Any:  # noqa: ANN401 - a connection of either database
    """Bring the records into the tables of version 0.1, and return the connection."""
    assert not isinstance(table.db, RecordRows)
    for statement in (_OLDER, _BACK, "DROP TABLE erp_records"):
        table.db.execute(statement)
    return table.db


def test_records_of_older_versions_are_moved(table: RecordTable) -> None:
    """Their rows are as before, and their invoices are found by commitment and by number."""
    own = EXAMPLE["requisitions"][0]["invoice_number"]
    table.put_all(build_reading(_two_commitments(own)))
    rows = "SELECT * FROM erp_records ORDER BY kind, id"
    assert not isinstance(table.db, RecordRows)
    before = table.db.execute(rows).fetchall()
    _restore_older_tables(table)
    table.db.execute("CREATE TABLE erp_invoice_numbers (id TEXT PRIMARY KEY)")

    for _ in range(2):
        RecordTable(table.db).create()

    assert before == table.db.execute(rows).fetchall()
    assert [("6000", own, "SC-002")] == _numbers(table, "5000")
    assert {kind: [] for kind in RecordKind} == table.put_all(build_reading(_two_commitments(own)))
    rows_of = open_rows(table.db)
    assert [False] * 2 == [
        rows_of.has_table(f"erp_{each}") for each in ("documents", "invoice_numbers")
    ]


def test_an_invoice_that_cannot_be_read_is_summarized_once_it_is_loaded_again(
    table: RecordTable,
) -> None:
    """Older tables are moved with such an invoice, and the others are found."""
    own = EXAMPLE["requisitions"][0]["invoice_number"]
    table.put_all(build_reading(_two_commitments(own)))
    _restore_older_tables(table).execute(
        "UPDATE erp_documents SET body = 'lost' WHERE kind = 'requisition' AND id = '6000'"
    )
    RecordTable(table.db).create()

    assert [] == _numbers(table, "5000")
    changed = table.put_all(build_reading(_two_commitments(own)))
    assert ["6000"] == changed[RecordKind.REQUISITION]
    assert [("6000", own, "SC-002")] == _numbers(table, "5000")
