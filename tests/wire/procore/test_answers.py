"""Files with answers: their kinds, and the problems of files that cannot be read."""

from __future__ import annotations

import json

import pytest

from erp_invoice_core.wire.procore import Reading, Source, read_file, read_files

from .records import PEOPLE, PROJECT, VENDOR, contract, load, problems


def test_the_content_of_a_file_is_not_shown() -> None:
    """The repr of a source has its name, never the content of invoices."""
    shown = repr(Source(data=b"SALARIES", name="page.json"))
    assert "page.json" in shown
    assert "SALARIES" not in shown


def test_a_single_file_that_is_too_large_is_reported_alone() -> None:
    """The message for several files together would be wrong."""
    (problem,) = read_file(b"[1, 2, 3]", max_size=8).problems
    assert "file.too_large" == problem.code
    assert "The file is larger than 8 bytes. Load less at a time." == problem.message


def test_a_document_may_have_a_field_of_the_name_data() -> None:
    """The field ``data`` is ignored: the document is not a wrapped answer."""
    reading = read_file(json.dumps({**PEOPLE, "data": {"x": 1}, "projects": [PROJECT]}).encode())
    assert () == reading.problems
    assert ["10"] == [each.id for each in reading.projects]


def test_a_record_of_a_list_may_have_a_field_of_the_name_data() -> None:
    """An object with an id is the record itself, in a list and alone."""
    vendor = {**VENDOR, "data": {"x": 1, "name": "Data"}}
    for content in ([vendor], vendor):
        reading = load(vendors=content)
        assert () == reading.problems
        assert [("7", "Acme Steel")] == [(each.id, each.value.name) for each in reading.vendors]


def test_an_unknown_kind_has_its_reason() -> None:
    """Either several kinds fit, which are named, or none does."""
    several = load(strange=[{"id": 1, "name": "x"}])
    assert [("strange.json", "file.kind_ambiguous")] == problems(several)
    expected = (
        "The records of this file fit several kinds. Load it as KIND=FILE, where KIND is one of"
        " these: vendors, projects."
    )
    assert expected == several.problems[0].message
    for content in ([{"id": 1}], [{"name": "x"}], [{"data": 7}]):
        none = load(strange=content)
        assert [("strange.json", "file.kind_unknown")] == problems(none)
        assert none.problems[0].message.startswith("The records of this file fit no known kind. ")


def read_as(kind: str, content: object) -> Reading:
    """Return the reading of a file with a given kind."""
    return read_files(
        [
            Source(data=json.dumps(PEOPLE).encode(), name="people.json"),
            Source(data=json.dumps(content).encode(), name="said.json", kind=kind),
        ]
    )


def test_a_kind_that_is_said_decides_what_is_wrapped() -> None:
    """A document is never wrapped; an answer is, whatever other fields it has."""
    document = read_as("document", {"projects": [PROJECT], "data": {"x": 1}})
    assert ["10"] == [each.id for each in document.projects]
    vendors = read_as("vendors", {"data": [VENDOR], "vendors": []})
    assert ["7"] == [each.id for each in vendors.vendors]


def test_a_record_without_id_is_reported_at_its_path() -> None:
    """It does not count as a wrapped record."""
    assert [("said.json: [0].id", "value.missing")] == problems(read_as("vendors", [{"name": "x"}]))


def test_a_duplicate_field_of_a_contract_is_reported() -> None:
    """The answer itself has no type: it is added without hiding the duplicate."""
    plain = json.dumps({key: value for key, value in contract().items() if key != "type"})
    data = plain.replace('"number": "SC-1"', '"number": "SC-1", "number": "SC-2"').encode()
    contents = [Source(data=json.dumps(each).encode()) for each in (PEOPLE, PROJECT, VENDOR)]
    named = Source(data=data, name="contract.json", kind="work_order_contracts")
    reading = read_files([*contents, named])
    assert [("contract.json: number", "key.duplicate")] == problems(reading)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_json_is_refused_in_fields_that_are_not_read(constant: str) -> None:
    """The path is the name of the file if there are several, else there is no path."""
    data = json.dumps(PEOPLE)[:-1] + f', "x": [{constant}]}}'
    alone = [Source(data=data.encode(), name="people.json")]
    assert [("", "file.not_json")] == problems(read_files(alone))
    beside = Source(data=json.dumps([PROJECT]).encode(), name="projects.json")
    assert [("people.json", "file.not_json")] == problems(read_files([*alone, beside]))
    assert [] == problems(
        read_files([Source(data=data.replace(constant, f'"{constant}"').encode())])
    )


def test_a_single_file_is_not_named() -> None:
    """The same if it cannot be read."""
    assert [("", "file.not_json")] == problems(read_files([Source(data=b"{", name="a.json")]))
