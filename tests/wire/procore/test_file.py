"""The files of one load together."""

from __future__ import annotations

import json

from erp_invoice_core.wire.procore import MAX_SIZE, Records, Source, read_files

from .records import PEOPLE, VENDOR, contract, item, line, load, loaded, problems, requisition


def test_a_file_may_have_64_mib() -> None:
    """A mebibyte is 1,048,576 bytes."""
    assert 67_108_864 == MAX_SIZE


def test_a_record_that_differs_names_a_file_without_name() -> None:
    """A host may give files no names."""
    contents = [PEOPLE, VENDOR, {**VENDOR, "name": "Acme"}]
    reading = read_files([Source(data=json.dumps(content).encode()) for content in contents])
    (problem,) = reading.problems
    assert "record.differs" == problem.code
    assert "Give one version of '7': name is not the same in the other file." == problem.message


class ByText(dict[str, object]):
    """Records by id, as a database has them: another key is a mistake of the caller."""

    def get(self, key: str, default: object = None) -> object:
        """Look up a text only."""
        assert isinstance(key, str)
        return super().get(key, default)


def test_a_requisition_without_commitment_looks_up_none() -> None:
    """Its absence is the problem."""
    before = loaded(contracts=[contract(line_items=[line()], change_order_packages=[])])
    known = Records(company=before.company, commitments=ByText(before.commitments))  # type: ignore[arg-type]  # of any value
    page = [requisition(item(), commitment_id=None)]
    assert [("page.json: [0].commitment_id", "value.missing")] == problems(load(known, page=page))


def test_a_requisition_may_have_a_field_of_the_name_data() -> None:
    """What has an id is the record itself, in a document too."""
    shown = contract(line_items=[line()], change_order_packages=[])
    page = requisition(item(), data={"x": 1})
    reading = load(document={"commitments": [shown], "requisitions": [page]})
    assert () == reading.problems
    assert ["5000"] == [each.id for each in reading.requisitions]
