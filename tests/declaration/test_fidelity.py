"""The table of fields, and what an ERP keeps of amounts and texts by its declared fidelity."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.declaration import Declaration, Fidelity, Rounding, RoundingMode
from erp_invoice_core.declaration.contradictions import FIELDS
from erp_invoice_core.declaration.fidelity import (
    IDENTIFYING,
    LINE_FIELDS,
    UNITS,
    Unit,
    keep_amounts,
    keep_number,
    keep_text,
    leaves_out_stored_materials,
    list_compared_fields,
)
from erp_invoice_core.exchange import Contents, ContentsLine
from erp_invoice_core.testing import sample_document

DOCUMENT = sample_document()
HALF_UP = RoundingMode.HALF_UP


def _declare(**said: Any) -> Declaration:  # noqa: ANN401 - its fields
    return Declaration(key="erp", name="The ERP", **said)


def test_table_names_fields_of_the_contents() -> None:
    """Each compared field and each field of lines is an attribute of the contents."""
    shown = {field.contents for field in list_compared_fields()}
    # The taxes by code and the due date are compared if both sides have them, without a fidelity.
    beside = {"key", "digest", "paid", "state", "taxes", "due_date"}
    assert shown == {field.name for field in attrs.fields(Contents)} - beside
    columns = {field.contents for field in LINE_FIELDS.values()}
    assert columns == {field.name for field in attrs.fields(ContentsLine)}
    assert set(UNITS) >= FIELDS | IDENTIFYING


def test_table_reads_the_document() -> None:
    """Each field is what an export document has of it."""
    values = [field.read(DOCUMENT) for field in list_compared_fields()]
    assert [
        "V-ACME",
        "ACME-77",
        Decimal("20025.45"),
        DOCUMENT.billing_date,
        "USD",
        Decimal("22250.50"),
        Decimal("2225.05"),
        Decimal(0),
        Decimal(0),
        DOCUMENT.lines,
        (),
    ] == values
    line = attrs.evolve(
        DOCUMENT.lines[0], cost_code_origin_id=None, tax_code="GST", tax=Decimal("1050.00")
    )
    assert ["05-120", Decimal("21000.00"), None, "Frames", "GST", Decimal("1050.00")] == (
        [field.read(line) for field in LINE_FIELDS.values()]
    )
    mapped = attrs.evolve(line, tax_code_origin_id="G5")
    assert "G5" == LINE_FIELDS["line_tax_code"].read(mapped)
    assert {Unit.USE} == {UNITS[name] for name in ("unit_based", "change_orders")}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("half_up", "0.13"), ("half_even", "0.12"), ("up", "0.13"), ("down", "0.12")],
)
def test_rounding(mode: str, expected: str) -> None:
    """The mode decides about a half; zero digits round to whole units."""
    assert Decimal(expected) == Rounding(digits=2, mode=RoundingMode(mode)).apply(Decimal("0.125"))
    assert Decimal(1) == Rounding(digits=0, mode=HALF_UP).apply(Decimal("0.5"))


def test_rounding_needs_its_mode() -> None:
    """An ERP rounds in one direction, and the declaration has to say in which."""
    with pytest.raises(TypeError):
        Rounding(digits=2)
    with pytest.raises(TypeError):
        Rounding(digits=2, mode="half_up")  # type: ignore[arg-type]  # on purpose


def test_texts_that_are_kept() -> None:
    """A text is kept, cut or dropped."""
    words = {"terms": Fidelity.TRUNCATED, "description": Fidelity.DROPPED}
    erp = _declare(fidelity=words, lengths={"terms": 3})

    assert ("Net", "", "Pier", "") == (
        keep_text(erp, "terms", "Net 30"),
        keep_text(erp, "description", "Steel"),
        keep_text(erp, "project_name", "Pier"),
        keep_text(erp, "project_name", None),
    )


def test_numbers_that_are_kept() -> None:
    """A number is kept, rounded or dropped; without a rounding it stays as it is."""
    words = {"gross": Fidelity.ROUNDED, "retainage": Fidelity.DROPPED, "due": Fidelity.ROUNDED}
    erp = _declare(fidelity=words, rounding={"gross": Rounding(digits=0, mode=HALF_UP)})
    amount = Decimal("1.5")

    assert [Decimal(2), Decimal(0), amount, amount] == (
        [keep_number(erp, name, amount) for name in ("gross", "retainage", "due", "released")]
    )


@pytest.mark.parametrize(
    ("said", "gross", "due"),
    [
        ({}, "22250.50", "20025.45"),
        ({"retainage": Fidelity.DROPPED}, "22250.50", "20025.45"),
        ({"retainage": Fidelity.DROPPED, "due": Fidelity.DERIVED}, "22250.50", "22250.50"),
        ({"gross": Fidelity.ROUNDED}, "22251", "20025.45"),
        ({"due": Fidelity.ROUNDED}, "22250.50", "20025"),
        ({"due": Fidelity.DROPPED}, "22250.50", "20025.45"),
        ({"line_amount": Fidelity.ROUNDED, "gross": Fidelity.DERIVED}, "22251", "20025.45"),
        ({"stored_materials": Fidelity.DROPPED}, "22250.50", "20025.45"),
        (
            {"stored_materials": Fidelity.DROPPED, "gross": Fidelity.DERIVED},
            "21250.50",
            "20025.45",
        ),
    ],
)
def test_amounts_that_are_kept(said: dict[str, Fidelity], gross: str, due: str) -> None:
    """An amount that the ERP computes itself is that of the amounts that it keeps."""
    whole = Rounding(digits=0, mode=HALF_UP)
    rounded = [name for name, word in said.items() if word is Fidelity.ROUNDED]
    erp = _declare(fidelity=said, rounding=dict.fromkeys(rounded, whole))

    kept = keep_amounts(DOCUMENT, erp)

    assert (Decimal(gross), Decimal(due)) == (kept.gross, kept.due)


def test_stored_materials_are_left_out_of_a_computed_gross_amount_alone() -> None:
    """Else they are a part of the amounts."""
    dropped = {"stored_materials": Fidelity.DROPPED}

    assert not leaves_out_stored_materials(_declare(fidelity=dropped))
    assert leaves_out_stored_materials(_declare(fidelity={**dropped, "gross": Fidelity.DERIVED}))
