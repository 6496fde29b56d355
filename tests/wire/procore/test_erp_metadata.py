"""The ERP metadata document, read into a declaration; what it cannot express is reported."""

from __future__ import annotations

import copy
import json
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erp_invoice_core.adapters import (
    Declaration,
    ErpMetadata,
    ExportField,
    Feature,
    FieldRule,
    Support,
    UnlinkForm,
    Validator,
    read_erp_metadata,
)
from erp_invoice_core.wire.procore.erp_metadata import MAX_METADATA_SIZE, MOST_REPORTED

ON = {"enabled": True}


def _max_length(length: object, **more: object) -> dict[str, Any]:
    return {"max_length": {"enabled": True, "length": length, **more}}


#: A document in the form of Procore's guide for developers, with values of ours.
_DOCUMENT: dict[str, Any] = {
    "settings": {
        "labels": {"name": "Acme Books", "id_name": "Acme ID", "short_name": "Acme"},
        "configurations": {"settings": {"cost_codes_segment_delimiter": "-"}},
        "entities": {
            "vendors": {"enabled": True, "configs": {"export": ON}, "tab": ON},
            "commitments": {
                "enabled": True,
                "configs": {
                    "export": ON,
                    "unlink": ON,
                    "export_subcontracts": ON,
                    "export_purchase_orders": {"enabled": False},
                },
                "rules": {
                    "save": {
                        "fields": {
                            "title": {"validation": _max_length(30)},
                            "number": {"validation": _max_length(12)},
                        }
                    },
                    "export": {"fields": {"code": {"validation": _max_length(12)}}},
                },
            },
            "commitment_items": {
                "enabled": True,
                "rules": {"save": {"fields": {"uom": {"validation": _max_length(6)}}}},
            },
            "commitment_change_orders": {"enabled": True, "configs": {"export": ON}},
            "requisitions": {
                "enabled": True,
                "configs": {
                    "export": {
                        "enabled": True,
                        "custom_fields": [
                            {
                                "key": "accounting_date",
                                "label": "Accounting Date",
                                "type": "date",
                                "rules": {
                                    "validation": {
                                        "present": {"enabled": True, "message": "Choose one"}
                                    }
                                },
                            },
                            {
                                "key": "description",
                                "label": "Description",
                                "type": "string",
                                "rules": {
                                    "validation": _max_length(
                                        30, message="At most %{length} characters."
                                    )
                                },
                            },
                        ],
                    },
                    "unlink": ON,
                    "sync_payments": ON,
                },
                "tab": {"enabled": False},
                "rules": {
                    "export": {
                        "warning_message": {"enabled": True, "message": "Careful."},
                        "fields": {
                            "invoice_number": {
                                "enabled": True,
                                "validation": {"present": {"enabled": True, "message": ""}},
                            },
                            "billing_date": {
                                "enabled": False,
                                "validation": {"present": ON},
                            },
                            "origin_code": {
                                "enabled": True,
                                "validation": {"present": ON, **_max_length(15)},
                            },
                            "requisition_end": {
                                "validation": {"present": ON, "disallow_division": ON}
                            },
                        },
                    },
                    "save": {
                        "fields": {
                            "invoice_number": {
                                "validation": {
                                    **_max_length(15),
                                    "numeric": {"enabled": False, "message": "A number"},
                                }
                            }
                        }
                    },
                },
            },
        },
    }
}


def _build_document() -> dict[str, Any]:
    """Return the document, which a test then changes."""
    document: dict[str, Any] = json.loads(json.dumps(_DOCUMENT))  # it shares no object
    return document


def _read(document: object, **given: Any) -> ErpMetadata:  # noqa: ANN401 - of the reader
    return read_erp_metadata(json.dumps(document).encode(), key="acme", **given)


def _rule(field: str, validator: Validator, limit: int | None = None, **more: Any) -> FieldRule:  # noqa: ANN401 - of the rule
    return FieldRule(field=field, validator=validator, limit=limit, **more)


def test_declaration_of_a_document() -> None:
    """Each part for which a declaration has a place is there."""
    found = _read(_build_document())

    assert () == found.problems
    assert (
        Declaration(
            key="acme",
            name="Acme Books",
            features={
                Feature.INVOICES: Support.FULL,
                Feature.SUBCONTRACTS: Support.FULL,
                Feature.PURCHASE_ORDERS: Support.MISSING,
                Feature.CHANGE_ORDERS: Support.FULL,
                Feature.UNLINK: Support.FULL,
            },
            unlink=UnlinkForm.DELETE_FIRST,
            field_rules=(
                _rule(
                    "description",
                    Validator.MAX_LENGTH,
                    30,
                    at_export=True,
                    message="At most %{length} characters.",
                ),
                _rule("invoice_number", Validator.MAX_LENGTH, 15),
                _rule("invoice_number", Validator.PRESENT, at_export=True),
                _rule("period_end", Validator.PRESENT, at_export=True),
                _rule("erp_invoice_number", Validator.MAX_LENGTH, 15, at_export=True),
                _rule("commitment_number", Validator.MAX_LENGTH, 12),
                _rule("commitment_title", Validator.MAX_LENGTH, 30),
            ),
            extra_fields=(
                ExportField(
                    key="accounting_date", label="Accounting Date", required=True, is_date=True
                ),
                ExportField(key="description", label="Description"),
                ExportField(key="erp_invoice_number", label="Acme ID", required=True),
            ),
        )
        == found.declaration
    )


def test_parts_without_a_place_are_reported() -> None:
    """Each part that a declaration cannot express is named, once, with its path."""
    found = _read(_build_document())
    requisitions = "settings.entities.requisitions"

    assert {"metadata.not_expressed"} == {each.code for each in found.not_expressed}
    assert sorted(
        [
            "settings.labels.short_name",
            "settings.configurations",
            "settings.entities.vendors",
            "settings.entities.commitment_items",
            "settings.entities.commitments.configs.unlink",
            "settings.entities.commitments.rules.export.fields.code",
            f"{requisitions}.configs.sync_payments",
            f"{requisitions}.configs.export.custom_fields[0].rules.validation.present.message",
            f"{requisitions}.rules.export.warning_message",
            f"{requisitions}.rules.export.fields.requisition_end.validation.disallow_division",
            f"{requisitions}.tab",
        ]
    ) == sorted(each.path for each in found.not_expressed)


def _change(path: str, value: object) -> dict[str, Any]:
    """Return the document with another value in one place; ``None`` removes it."""
    document = _build_document()
    *way, last = path.split(".")
    place: Any = document
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    name = int(last) if last.isdigit() else last
    if value is None:
        del place[name]
    else:
        place[name] = value
    return document


_REQUISITIONS = "settings.entities.requisitions"
_LENGTH = f"{_REQUISITIONS}.rules.save.fields.invoice_number.validation.max_length.length"
_EXTRA = f"{_REQUISITIONS}.configs.export.custom_fields"


@pytest.mark.parametrize(
    ("path", "value", "code", "reported"),
    [
        ("settings", None, "value.missing", "settings"),
        ("settings", [], "value.type", "settings"),
        ("settings.labels", None, "value.missing", "settings.labels"),
        ("settings.labels.name", None, "value.missing", "settings.labels.name"),
        ("settings.labels.name", " ", "value.blank", "settings.labels.name"),
        ("settings.labels.name", 7, "value.type", "settings.labels.name"),
        ("settings.labels.name", "N" * 256, "text.too_long", "settings.labels.name"),
        ("settings.labels.name", "a\x00b", "text.nul", "settings.labels.name"),
        ("settings.entities", None, "value.missing", "settings.entities"),
        ("settings.entities.requisitions", "all", "value.type", _REQUISITIONS),
        (f"{_REQUISITIONS}.enabled", "yes", "value.type", f"{_REQUISITIONS}.enabled"),
        (f"{_REQUISITIONS}.configs.export", True, "value.type", f"{_REQUISITIONS}.configs.export"),
        (_LENGTH, None, "value.missing", _LENGTH),
        (_LENGTH, "long", "number.malformed", _LENGTH),
        (_LENGTH, 0, "number.range", _LENGTH),
        (_LENGTH, 100_001, "number.range", _LENGTH),
        (_LENGTH, 1.5, "number.range", _LENGTH),
        (f"{_EXTRA}.0.key", " ", "value.blank", f"{_EXTRA}[0].key"),
        (f"{_EXTRA}.0.key", "a\nb", "id.malformed", f"{_EXTRA}[0].key"),
        (f"{_EXTRA}.0.label", None, "value.missing", f"{_EXTRA}[0].label"),
        (f"{_EXTRA}.0.type", "number", "value.unknown", f"{_EXTRA}[0].type"),
        (f"{_EXTRA}.1.key", "accounting_date", "id.duplicate", f"{_EXTRA}[1].key"),
        (f"{_EXTRA}.0", "date", "value.type", f"{_EXTRA}[0]"),
        (_EXTRA, {"key": "a"}, "value.type", _EXTRA),
    ],
)
def test_wrong_values_are_problems(path: str, value: object, code: str, reported: str) -> None:
    """A value that is not valid is a problem with its path, and there is no declaration."""
    found = _read(_change(path, value))

    assert found.declaration is None
    assert [(reported, code)] == [(each.path, each.code) for each in found.problems]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.not_json"),
        (b"{", "file.not_json"),
        (b"[]", "value.type"),
        (b"null", "value.type"),
        (b"\xff", "file.not_utf8"),
        (b'{"a":' + b"[" * 100_000, "file.too_deep"),
        (b" " * (MAX_METADATA_SIZE + 1), "file.too_large"),
        (b'{"settings": {}, "settings": {}}', "key.duplicate"),
    ],
)
def test_files_that_are_no_document(data: bytes, code: str) -> None:
    """A file that is not a document of this kind is one problem."""
    found = read_erp_metadata(data, key="acme")

    assert found.declaration is None
    assert code == found.problems[0].code


def test_key_is_checked_first() -> None:
    """A malformed key is an error of the program, whatever the document is."""
    with pytest.raises(ValueError, match="An adapter key must be"):
        read_erp_metadata(b"", key="Acme!")


@pytest.mark.parametrize(
    ("enabled", "exported", "support"),
    [
        (True, True, Support.FULL),
        (True, False, Support.MISSING),
        (False, True, Support.MISSING),
        (None, True, Support.UNDECLARED),
        (True, None, Support.UNDECLARED),
        (None, False, Support.MISSING),
    ],
)
def test_invoices_need_both_switches(
    enabled: bool | None, exported: bool | None, support: Support
) -> None:
    """The entity and its export must be enabled; a missing switch is unknown."""
    document = _change(f"{_REQUISITIONS}.enabled", enabled)
    switch = document["settings"]["entities"]["requisitions"]["configs"]["export"]
    if exported is None:
        del switch["enabled"]
    else:
        switch["enabled"] = exported
    declaration = _read(document).declaration

    assert declaration is not None
    assert support is declaration.support(Feature.INVOICES)


def test_commitments_that_are_not_exported() -> None:
    """Without export of commitments it is not known of which kinds invoices are taken."""
    found = _read(_change("settings.entities.commitments.enabled", False))

    assert found.declaration is not None
    assert Support.UNDECLARED is found.declaration.support(Feature.SUBCONTRACTS)
    paths = {each.path for each in found.not_expressed}
    assert {
        "settings.entities.commitments.enabled",
        "settings.entities.commitments.configs.export.enabled",
        "settings.entities.commitments.configs.export_subcontracts",
        "settings.entities.commitments.configs.export_purchase_orders",
    } <= paths


def test_unlink_that_is_not_possible() -> None:
    """An unlink that is disabled is missing in the integration."""
    found = _read(_change(f"{_REQUISITIONS}.configs.unlink", {"enabled": False}))

    assert found.declaration is not None
    assert (Support.MISSING, UnlinkForm.IMPOSSIBLE) == (
        found.declaration.support(Feature.UNLINK),
        found.declaration.unlink,
    )


def test_smallest_document() -> None:
    """Only the name and the entities are required; everything else is cautious."""
    found = _read({"settings": {"labels": {"name": "Acme"}, "entities": {}}})

    assert ErpMetadata(declaration=Declaration(key="acme", name="Acme")) == found


def test_label_of_the_id() -> None:
    """The label of the id is reported if no field has it, and that of an extra field is kept."""
    without = _change(f"{_REQUISITIONS}.rules.export.fields.origin_code", None)
    assert "settings.labels.id_name" in {each.path for each in _read(without).not_expressed}

    own = _change(f"{_EXTRA}.1.key", "erp_invoice_number")
    found = _read(own)
    assert found.declaration is not None
    (extra,) = (each for each in found.declaration.extra_fields if each.key == "erp_invoice_number")
    assert ("Description", True) == (extra.label, extra.required)
    assert "settings.labels.id_name" in {each.path for each in found.not_expressed}


def test_reports_are_bounded() -> None:
    """At most 1,000 parts are reported, and how many more there are; their names are short."""
    document = _build_document()
    document |= {f"x{number}\n{'y' * 99}": number for number in range(2_000)}
    found = _read(document)

    assert MOST_REPORTED + 1 == len(found.not_expressed)
    sentence = (
        "A declaration cannot express 1011 more parts of the metadata, which are not listed here."
        " Look for them in the metadata document."
    )
    assert ("", "metadata.cut", sentence) == attrs.astuple(found.not_expressed[-1])[:3]
    assert all(len(each.path) < 200 for each in found.not_expressed)
    assert not any("\n" in each.path for each in found.not_expressed)


def test_too_many_extra_fields() -> None:
    """More than 100 extra fields are refused."""
    fields = [{"key": f"f{place}", "label": "F", "type": "string"} for place in range(101)]
    found = _read(_change(_EXTRA, fields))

    assert ["metadata.too_many"] == [each.code for each in found.problems]


def _find_place(document: Any, path: str) -> tuple[Any, str | int]:  # noqa: ANN401 - any JSON
    way = path.replace("[", ".").replace("]", "").split(".")
    *names, last = (int(name) if name.isdigit() else name for name in way)
    for name in names:
        document = document[name]
    return document, last


# fmt: off
_NAMES = st.sampled_from([
    "settings", "labels", "entities", "configurations", "requisitions", "commitments", "vendors",
    "commitment_change_orders", "enabled", "configs", "export", "import", "unlink", "tab", "rules",
    "save", "fields", "validation", "present", "numeric", "max_length", "format", "message", "length",
    "key", "label", "type", "name", "id_name", "custom_fields", "invoice_number", "origin_code",
    "number", "title", "other",
])
# fmt: on
_LEAVES = st.sampled_from([True, False, 15, "Acme", "date", "", None])
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.dictionaries(_NAMES, inner, max_size=4) | st.lists(inner, max_size=2),
    max_leaves=12,
)


def _list_paths(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        found = [(*way, name) for name in value]
        return found + [path for name in value for path in _list_paths(value[name], (*way, name))]
    if isinstance(value, list):
        return [path for n, each in enumerate(value) for path in _list_paths(each, (*way, n))]
    return []


@st.composite
def _documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the document with some parts replaced, added or removed."""
    document = _build_document()
    for _ in range(draw(st.integers(0, 4))):
        way = draw(st.sampled_from(_list_paths(document) or [("settings",)]))
        place: Any = document
        for name in way[:-1]:
            place = place[name]
        match draw(st.sampled_from(["replace", "add", "remove"])):
            case "replace":
                place[way[-1]] = copy.deepcopy(draw(_VALUES))
            case "add" if isinstance(place, dict):
                place[draw(_NAMES)] = copy.deepcopy(draw(_VALUES))
            case _:
                place.pop(way[-1], None) if isinstance(place, dict) else place.pop(way[-1])
    return document


@settings(max_examples=300)
@given(document=_documents() | _VALUES)
def test_what_is_reported_has_no_effect(document: Any) -> None:  # noqa: ANN401 - any JSON
    """Without the reported parts the declaration is the same, and nothing is left to report."""
    found = _read(document)
    if found.declaration is None:
        assert found.problems
        return
    rest = copy.deepcopy(document)
    for each in found.not_expressed:
        place, last = _find_place(rest, each.path)
        place.pop(last, None)
    again = _read(rest)
    assert (found.declaration, (), ()) == (again.declaration, again.problems, again.not_expressed)


@settings(max_examples=300)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    """No input raises an exception."""
    found = read_erp_metadata(data, key="acme")
    assert (found.declaration is None) == bool(found.problems)
