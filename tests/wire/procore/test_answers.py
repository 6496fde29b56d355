"""Files as answers: what they hold, and what is said of one that cannot be taken."""

from __future__ import annotations

import json

from erp_invoice_core.wire.procore import Source, read_file

from .records import PEOPLE, PROJECT, VENDOR, load, problems


def test_the_content_of_a_file_is_not_shown() -> None:
    """A source shows its name, never what invoices hold."""
    shown = repr(Source(data=b"SALARIES", name="page.json"))
    assert "page.json" in shown
    assert "SALARIES" not in shown


def test_a_single_file_that_is_too_large_is_told_as_one() -> None:
    """The sentence about several files together would be wrong."""
    (problem,) = read_file(b"[1, 2, 3]", max_size=8).problems
    assert "file.too_large" == problem.code
    assert "Load less at once: the file is larger than 8 bytes." == problem.message


def test_a_document_may_have_a_field_of_the_name_data() -> None:
    """It is a field that is not read: the document is not a wrapped answer."""
    reading = read_file(json.dumps({**PEOPLE, "data": {"x": 1}, "projects": [PROJECT]}).encode())
    assert () == reading.problems
    assert ["10"] == [each.id for each in reading.projects]


def test_a_record_of_a_list_may_have_a_field_of_the_name_data() -> None:
    """What has an id is the record itself."""
    reading = load(vendors=[{**VENDOR, "data": {"x": 1}}])
    assert () == reading.problems
    assert ["7"] == [each.id for each in reading.vendors]


def test_why_a_kind_is_not_known_is_told() -> None:
    """Either several kinds fit or none does."""
    several, none = load(strange=[{"id": 1, "name": "x"}]), load(strange=[{"id": 1}])
    assert [("strange.json", "file.kind_ambiguous")] == problems(several)
    assert several.problems[0].message.startswith("This answer fits several kinds. ")
    assert [("strange.json", "file.kind_unknown")] == problems(none)
    assert none.problems[0].message.startswith("This answer fits no kind that is known. ")
