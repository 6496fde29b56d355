"""The loaded documents in a database are stored, compared and read back, with facts in bulk."""

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
from erp_invoice_core.records.known import open_records
from erp_invoice_core.records.table import DocumentKind, DocumentTable
from erp_invoice_core.stores import StoreFault
from erp_invoice_core.stores.document_rows import DocumentRows
from erp_invoice_core.wire.procore import Reading, Records, read_file
from tests.postgres import fresh_schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

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
def table(request: pytest.FixtureRequest) -> Iterator[DocumentTable]:
    """Return the table of an empty database of each kind."""
    with ExitStack() as stack:
        connection: sqlite3.Connection | psycopg.Connection[Any]
        if request.param == "sqlite":
            connection = stack.enter_context(closing(sqlite3.connect(":memory:")))
        else:
            url = stack.enter_context(fresh_schema())
            connection = stack.enter_context(closing(psycopg.connect(url)))
        made = DocumentTable(connection)
        made.create()
        connection.commit()
        yield made


def test_creating_twice_changes_nothing(table: DocumentTable) -> None:
    """The tables are created if they are missing."""
    table.put_all(build_reading(EXAMPLE))
    table.create()
    assert table.read_company() is not None


def test_everything_reads_back_as_it_was_loaded(table: DocumentTable) -> None:
    """Each document by its kind and id, and the company."""
    loaded = build_reading(EXAMPLE)
    table.put_all(loaded)
    assert loaded.company
    assert loaded.company.value == table.read_company()
    assert loaded.projects[0].value == table.get(DocumentKind.PROJECT, "10")
    assert loaded.vendors[0].value == table.get(DocumentKind.VENDOR, "7")
    assert {u.id: u.value for u in loaded.users} == table.get_all(DocumentKind.USER)
    assert loaded.commitments[0].value == table.get(DocumentKind.COMMITMENT, "100")
    assert loaded.requisitions[0].value == table.get(DocumentKind.REQUISITION, "5000")
    assert table.get(DocumentKind.REQUISITION, "100") is None


def test_loading_twice_changes_nothing(table: DocumentTable) -> None:
    """The first load counts new and changed records by kind; the second counts none."""
    assert ["5000"] == table.put_all(build_reading(EXAMPLE))[DocumentKind.REQUISITION]
    assert {kind: [] for kind in DocumentKind} == table.put_all(build_reading(EXAMPLE))


def test_a_changed_document_takes_the_place_of_the_old_one(table: DocumentTable) -> None:
    """Only the changed document is counted."""
    table.put_all(build_reading(EXAMPLE))
    changed = copy.deepcopy(EXAMPLE)
    changed["requisitions"][0]["status"] = "draft"
    expected: dict[DocumentKind, list[str]] = {kind: [] for kind in DocumentKind}
    expected[DocumentKind.REQUISITION] = ["5000"]
    assert expected == table.put_all(build_reading(changed))
    assert "draft" == table.get(DocumentKind.REQUISITION, "5000").status.value


def test_a_locked_requisition_is_kept_as_it_is(table: DocumentTable) -> None:
    """The other records are loaded."""
    table.put_all(build_reading(EXAMPLE))
    changed = copy.deepcopy(EXAMPLE)
    changed["requisitions"][0]["status"] = "draft"
    changed["vendors"][0]["name"] = "Acme Steel & Sons"
    told = table.put_all(build_reading(changed), keep={"5000"})
    assert ([], ["7"]) == (told[DocumentKind.REQUISITION], told[DocumentKind.VENDOR])
    assert "approved" == table.get(DocumentKind.REQUISITION, "5000").status.value


def test_a_database_holds_one_company(table: DocumentTable) -> None:
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


def test_nothing_is_committed(table: DocumentTable) -> None:
    """Every row belongs to the caller's transaction."""
    connection = table.connection
    assert isinstance(connection, sqlite3.Connection | psycopg.Connection)
    connection.commit()
    table.put_all(build_reading(EXAMPLE))
    connection.rollback()
    assert table.read_company() is None
    assert {} == table.get_all(DocumentKind.REQUISITION)


def test_a_later_document_may_refer_to_stored_records(table: DocumentTable) -> None:
    """The records are read on demand: a file of one requisition loads."""
    table.put_all(build_reading(EXAMPLE))
    later = {**sequence(2), "projects": [], "vendors": [], "commitments": []}
    later["requisitions"] = later["requisitions"][1:]
    table.put_all(build_reading(later, open_records(table.connection)))
    assert ["5000", "5001"] == list(open_records(table.connection).requisitions)
    assert 2 == len(open_records(table.connection).requisitions)
    assert "404" not in open_records(table.connection).projects


def test_requisitions_are_found_by_commitment(table: DocumentTable) -> None:
    """All of a commitment's, and none of others."""
    table.put_all(build_reading(sequence(3)))
    assert ["5000", "5001", "5002"] == list(table.get_requisitions(["100", "404"]))
    assert {} == table.get_requisitions(["404"])


def test_facts_know_the_previous_invoice_and_the_siblings(table: DocumentTable) -> None:
    """The previous invoice gives line 7, and the other invoices decide which is the latest."""
    table.put_all(build_reading(sequence(3)))
    cases = build_cases(table.connection, ["5002", "5000", "404"], unsynced=lambda _ids: {"5000"})
    assert {"5000", "5002"} == set(cases)
    assert (False, True) == (cases["5000"].is_latest, cases["5002"].is_latest)
    assert ("1",) == cases["5002"].earlier_unsynced
    # line 7 of the third is 18,900.00; its own columns have no earlier work
    assert (True, True) == (cases["5000"].previous_agrees, cases["5000"].previous_is_known)
    assert cases["5002"].previous_agrees is False
    assert cases["5002"].document
    assert "1" == cases["5002"].document.company_id


def test_facts_of_nothing_are_none(table: DocumentTable) -> None:
    """Neither an empty database nor an unknown id has facts."""
    assert {} == build_cases(table.connection, ["5000"])
    table.put_all(build_reading(EXAMPLE))
    assert {} == build_cases(table.connection, ["404"])
    assert ["5000"] == list(build_cases(table.connection, ["5000"]))


@pytest.mark.parametrize("table", ["sqlite"], indirect=True)
def test_facts_cost_the_same_queries_for_one_invoice_and_for_many(table: DocumentTable) -> None:
    """Seven statements, and one query for the synced invoices."""
    assert isinstance(table.connection, sqlite3.Connection)
    table.put_all(build_reading(sequence(40)))
    asked: list[int] = []

    def unsynced(ids: Collection[str]) -> Collection[str]:
        asked.append(len(ids))
        return ids

    costs = []
    for count in (1, 40):
        statements: list[str] = []
        table.connection.set_trace_callback(statements.append)
        cases = build_cases(
            table.connection, [str(5000 + place) for place in range(count)], unsynced=unsynced
        )
        table.connection.set_trace_callback(None)
        assert count == len(cases)
        costs.append(len(statements))
    assert [7, 7] == costs
    assert [40, 40] == asked


def test_a_changed_attachment_digest_is_kept(table: DocumentTable) -> None:
    """The digest of a file's content is stored with its attachment."""
    loaded = build_reading(EXAMPLE)
    invoice = loaded.requisitions[0].value
    file = attrs.evolve(invoice.attachments[0], digest="ab" * 32)
    document = copy.deepcopy(EXAMPLE)
    document["requisitions"][0]["attachments"][0]["sha256"] = "ab" * 32
    table.put_all(build_reading(document))
    assert (file,) == table.get(DocumentKind.REQUISITION, "5000").attachments


def test_an_id_that_no_database_takes_is_not_there(table: DocumentTable) -> None:
    """A text with half a character, or with NUL, is the id of no record, and is no error."""
    table.put_all(build_reading(EXAMPLE))
    odd = ["5000\udcff", "5000\x00", "5000\N{RECEIPT}"]
    assert [None] * 3 == [table.get(DocumentKind.REQUISITION, each) for each in odd]


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


def _numbers(table: DocumentTable, of: str) -> list[tuple[str, str, str | None]]:
    case = build_cases(table.connection, [of])[of]
    return [
        (use.invoice_id, use.number, use.commitment_number)
        for use in (*case.number_uses, *case.similar_numbers)
    ]


def _own(table: DocumentTable) -> str:
    number: str = table.get(DocumentKind.REQUISITION, "5000").invoice_number
    return number


@pytest.mark.parametrize("bent", [" {}\u200b", "#{}", "\u2060{}"])
def test_a_number_is_found_on_another_commitment_of_the_vendor(
    table: DocumentTable, bent: str
) -> None:
    """The same number, and one that is easily mistaken for it, in all equal spellings."""
    number = bent.format(EXAMPLE["requisitions"][0]["invoice_number"])
    table.put_all(build_reading(_two_commitments(number)))

    assert [("6000", number, "SC-002")] == _numbers(table, "5000")
    assert [("5000", _own(table), "SC-001")] == _numbers(table, "6000")


def test_other_numbers_and_other_vendors_are_not_found(table: DocumentTable) -> None:
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


def test_numbers_that_are_longer_than_an_index_takes(table: DocumentTable) -> None:
    """They are found by a digest."""
    number = "A" * 5000
    document = _two_commitments(number)
    document["requisitions"][0]["invoice_number"] = f"{number} "
    table.put_all(build_reading(document))

    assert [("6000", number, "SC-002")] == _numbers(table, "5000")


def test_numbers_of_version_0_1_are_found(table: DocumentTable) -> None:
    """The table of numbers is added, and filled, when such a database is opened."""
    own = EXAMPLE["requisitions"][0]["invoice_number"]
    table.put_all(build_reading(_two_commitments(own)))
    assert not isinstance(table.connection, DocumentRows)
    table.connection.execute("DROP TABLE erp_invoice_numbers")
    table.connection.execute(
        "UPDATE erp_documents SET body = 'lost' WHERE kind = 'requisition' AND id = '5000'"
    )
    DocumentTable(table.connection).create()

    kept = table.connection.execute("SELECT id, number FROM erp_invoice_numbers").fetchall()
    assert [("6000", own)] == [tuple(row) for row in kept]
