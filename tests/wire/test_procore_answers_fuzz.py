"""No change of the answers makes reading fail, or load only a part of the files."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp_invoice_core.translation import find_template
from erp_invoice_core.wire.procore import (
    KINDS,
    Reading,
    Records,
    Source,
    read_commitment,
    read_cost_code,
    read_files,
    read_requisition,
)

ROOT = Path(__file__).parents[2]
FILES = {
    path.name: json.loads(path.read_text("utf-8"))
    for path in sorted((ROOT / "examples" / "procore-answers").iterdir())
}
FILES["cost-codes.json"] = [{"id": 81, "full_code": "05-120", "origin_id": "GL-1"}]
FILES["payments.json"] = [
    {"id": 9, "requisition_id": 5001, "amount": "5.00", "check_number": "1"},
    {"id": 8, "contract_id": 100, "invoice_number": "ACME-77", "amount": 1.5, "payment_number": 1},
]
FILES["shapes.json"] = {
    "data": [
        {
            **FILES["requisitions-page-2.json"][0],
            "id": "77",
            "number": 3,
            "previous_requisition_id": 5002,
            "g702": {"total_retainage": 1.5},
            "vendor": {"id": 7},
            "payment_summary": {"invoice_paid_in_full": False, "manual": {"amount": 0.0}},
            "tax_summary": [{"applied_amount": 0.5}],
            "items": [
                {"id": 1, "detail_line_item_id": 5, "cost_code_id": 82, "scheduled_value": "1.00"},
                {"id": 2, "change_order_package_id": 900, "scheduled_value": 2},
                {
                    "id": 3,
                    "change_order_package_id": 900,
                    "commitment_line_item_id": 1001,
                    "scheduled_value": "3.00",
                    "taxes": [{"tax_code_rate": 8.25}],
                },
            ],
        }
    ]
}

#: Written into the JSON text unchanged, as json.dumps would not write them.
RAW = ["NaN", "-Infinity", "1" * 5000, "1e5", "1.5", "-0.0", "1E400", "0.1e-9", "1." + "9" * 50]
STRANGE = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 7, 100, 900, 5000, 10**30, "", " ", "x", "-0.00"]),
    st.sampled_from(["1.005", "9" * 19, "\ud800", "\x00", "2026-02-30", "12%", "%", "synced"]),
    st.sampled_from([[], {}, [[]], [{}], [None], {"id": {}}, {"id": 100}, {"data": {}}]),
    st.sampled_from([{"data": []}, {"data": [{"id": 1}]}, [1, "a"], {"segment_items": [[]]}]),
    st.sampled_from([f"\x1a{raw}\x1a" for raw in RAW]),
    st.text(max_size=5),
)


def keys(value: object) -> set[str]:
    """Return the names of all fields."""
    if isinstance(value, dict):
        return set(value).union(*(keys(child) for child in value.values()))
    if isinstance(value, list):
        return set().union(*(keys(child) for child in value))
    return set()


REAL_KEYS = sorted(keys(FILES))
ANYTHING = st.recursive(
    STRANGE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(REAL_KEYS), inner, max_size=8),
    ),
    max_leaves=25,
)


def write_json(document: object) -> bytes:
    """Return the document as JSON, with raw numbers unchanged."""
    text = json.dumps(document)
    return text.replace('"\\u001a', "").replace('\\u001a"', "").encode()


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in the document."""
    found = [path] if path else []
    children: list[tuple[Any, object]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    for key, child in children:
        found += places(child, (*path, key))
    return found


PLACES = {name: places(content) for name, content in FILES.items()}


def assert_whole(reading: Reading) -> None:
    """Assert that there are problems or records, and that the records are read back."""
    if reading.problems:
        assert reading.company is None
        assert not (reading.projects)
        assert not (reading.vendors)
        assert not (reading.users)
        assert not (reading.cost_codes)
        assert not (reading.commitments)
        assert not (reading.requisitions)
        for problem in reading.problems:
            template = find_template(problem)
            assert template is not None
            assert template.fill(problem.facts) == problem.message
        return
    assert reading.company is not None
    for commitment in reading.commitments:
        assert commitment.value == read_commitment(json.loads(commitment.encode()))
    for requisition in reading.requisitions:
        assert requisition.value == read_requisition(json.loads(requisition.encode()))
    for code in reading.cost_codes:
        assert code.value == read_cost_code(json.loads(code.encode()))


def build_known() -> Records:
    """Return the records of the files, as loaded before, one requisition sent."""
    reading = read_files([Source(data=write_json(each), name=name) for name, each in FILES.items()])
    assert () == reading.problems
    assert reading.company
    return Records(
        company=reading.company.value,
        projects={each.id: each.value for each in reading.projects},
        vendors={each.id: each.value for each in reading.vendors},
        commitments={each.id: each.value for each in reading.commitments},
        requisitions={each.id: each.value for each in reading.requisitions},
        cost_codes={each.id: each.value for each in reading.cost_codes},
        sent={"5000"},
    )


KNOWN = build_known()


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_answers_bent_anywhere_load_whole_or_not_at_all(data: st.DataObject) -> None:
    """Some of the files, in any order, one to four values replaced, removed or doubled."""
    names = data.draw(st.lists(st.sampled_from(sorted(FILES)), min_size=1, unique=True))
    files = {name: copy.deepcopy(FILES[name]) for name in names}
    for _ in range(data.draw(st.integers(0, 4))):
        name = data.draw(st.sampled_from(names))
        path = data.draw(st.sampled_from(PLACES[name]))
        parent = files[name]
        try:
            for step in path[:-1]:
                parent = parent[step]
            old = parent[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change removed the value
        if not isinstance(parent, (dict, list)):
            continue
        match data.draw(st.sampled_from(["replace", "remove", "double"])):
            case "replace":
                parent[path[-1]] = copy.deepcopy(data.draw(STRANGE))
            case "double" if isinstance(parent, list):
                parent.append(copy.deepcopy(old))
            case _:
                del parent[path[-1]]
    sources = [Source(data=write_json(each), name=name) for name, each in files.items()]
    before = data.draw(st.sampled_from([KNOWN, Records()]))
    assert_whole(read_files(sources, known=before))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(ANYTHING, st.sampled_from([None, *KINDS])), min_size=1, max_size=4))
def test_any_structure_of_real_fields_loads_whole_or_not_at_all(
    contents: list[tuple[object, str | None]],
) -> None:
    """The files have any given kind, beside records that were loaded before."""
    sources = [
        Source(data=write_json(content), name=str(place), kind=kind)
        for place, (content, kind) in enumerate(contents)
    ]
    assert_whole(read_files(sources, known=KNOWN))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.sampled_from(KINDS), st.booleans())
def test_a_file_said_to_be_of_any_kind_loads_whole_or_not_at_all(
    name: str, kind: str, alone: bool
) -> None:
    """The wrong kind is refused, or none of its fields is read."""
    sources = [Source(data=write_json(FILES[name]), name=name, kind=kind)]
    assert_whole(read_files(sources, known=Records() if alone else KNOWN))
