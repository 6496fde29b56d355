"""No content of a file makes reading fail, or load only a part of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp_invoice_core.translation import find_template
from erp_invoice_core.wire.procore import (
    Reading,
    read_actor,
    read_commitment,
    read_file,
    read_requisition,
    read_vendor,
)

EXAMPLE = (Path(__file__).parent.parent / "fixtures" / "harbor_point.json").read_bytes()
REAL = (Path(__file__).parent.parent / "fixtures" / "real_invoices.json").read_bytes()

#: Written into the JSON text unchanged, as json.dumps would not write them.
RAW = ["NaN", "Infinity", "-Infinity", "1" * 5000, "1e5", "1.5", "-0", "1E400", "0.1e-9"]

STRANGE = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 7, 10**30, "", " ", "x", "1e5", "NaN", "-0.00"]),
    st.sampled_from(["1.005", "0" * 30, "9" * 18, "9" * 19, "\ud800", "\x00", "٣", "2026-02-30"]),
    st.sampled_from([[], {}, [[]], [{}], [None], {"id": {}}, [1, "a"], {"a": [1]}]),
    st.sampled_from([f"\x1a{raw}\x1a" for raw in RAW]),
    st.text(max_size=5),
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


def assert_whole(reading: Reading) -> None:
    """Assert that there are problems or records, and that the records are read back."""
    records = [reading.projects, reading.vendors, reading.users]
    records += [reading.commitments, reading.requisitions]
    if reading.problems:
        assert reading.company is None
        assert not any(records)
        for problem in reading.problems:
            template = find_template(problem)
            assert template is not None
            assert template.fill(problem.facts) == problem.message
        return
    assert reading.company is not None
    for vendor in reading.vendors:
        assert vendor.value == read_vendor(vendor.dump(vendor.value))
    for user in reading.users:
        assert user.value == read_actor(user.dump(user.value))
    for commitment in reading.commitments:
        assert commitment.value == read_commitment(commitment.dump(commitment.value))
    for requisition in reading.requisitions:
        assert requisition.value == read_requisition(requisition.dump(requisition.value))
        assert read_requisition(json.loads(requisition.encode())) == requisition.value


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_a_document_bent_anywhere_loads_whole_or_not_at_all(data: st.DataObject) -> None:
    """One to three values of a valid document are replaced, removed or doubled."""
    document = copy.deepcopy(json.loads(EXAMPLE))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(document)))
        parent = document
        for step in path[:-1]:
            parent = parent[step]
        match data.draw(st.sampled_from(["replace", "remove", "double"])):
            case "replace":
                parent[path[-1]] = copy.deepcopy(data.draw(STRANGE))
            case "double" if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[path[-1]]))
            case _:
                del parent[path[-1]]
    assert_whole(read_file(write_json(document)))


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    """Random bytes give problems and no records."""
    assert read_file(data).problems


@settings(max_examples=200)
@given(st.integers(0, len(EXAMPLE) - 3))
def test_a_truncated_document_is_refused(length: int) -> None:
    """A document that ends early is not JSON, wherever it ends."""
    assert ["file.not_json"] == [problem.code for problem in read_file(EXAMPLE[:length]).problems]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(EXAMPLE) - 1), st.binary(min_size=1, max_size=3))
def test_a_document_with_overwritten_bytes_loads_whole_or_not_at_all(
    place: int, splice: bytes
) -> None:
    """Some bytes of a valid document are overwritten."""
    assert_whole(read_file(EXAMPLE[:place] + splice + EXAMPLE[place + len(splice) :]))


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"company":', b'[{"a":['])
def test_a_document_nested_too_deep_is_refused(opening: bytes) -> None:
    """A hundred thousand levels are one problem, whether or not they are closed."""
    assert ["file.too_deep"] == [p.code for p in read_file(opening * 100_000).problems]


def test_the_real_figures_load_whole() -> None:
    """A document of twelve requisitions is read back unchanged."""
    reading = read_file(REAL)
    assert_whole(reading)
    assert 12 == len(reading.requisitions)
