"""The declared fidelity has every word that it needs, and none that contradicts another."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erp_invoice_core.declaration import (
    AttachmentForm,
    Declaration,
    ExportField,
    Fidelity,
    FieldRule,
    LookUp,
    RetainageForm,
    Rounding,
    RoundingMode,
    StepTerms,
    TaxForm,
    Validator,
)
from erp_invoice_core.declaration.contradictions import find_contradictions
from erp_invoice_core.vocabulary import Feature, Support

WHOLE = Rounding(digits=0, mode=RoundingMode.HALF_UP)
CUT = FieldRule(field="terms", validator=Validator.MAX_LENGTH, limit=4, truncates=True)
FOUND = {"bill": StepTerms(look_up=LookUp.NUMBER)}
KEPT, ROUNDED, TRUNCATED = Fidelity.KEPT, Fidelity.ROUNDED, Fidelity.TRUNCATED
DERIVED, DROPPED, REFUSED = Fidelity.DERIVED, Fidelity.DROPPED, Fidelity.REFUSED


def _find(**said: Any) -> tuple[str, ...]:  # noqa: ANN401 - its fields
    return find_contradictions(Declaration(key="erp", name="The ERP", **said))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"fidelity": {"retaiange": DROPPED}},
            (
                "Its fidelity names 'retaiange', which is not one of the fields. Did you mean"
                " retainage?"
            ),
        ),
        (
            {"fidelity": {"terms": ROUNDED}},
            (
                "It declares the fidelity of terms as rounded, and terms is not an amount or a"
                " quantity. Correct the fidelity."
            ),
        ),
        (
            {"fidelity": {"gross": TRUNCATED}},
            (
                "It declares the fidelity of gross as truncated, and gross is not a text. Correct the"
                " fidelity."
            ),
        ),
        (
            {"fidelity": {"gross": ROUNDED}},
            (
                "It declares the fidelity of gross as rounded, and rounding has no entry for gross. Add"
                " the digits that are kept and the mode."
            ),
        ),
        (
            {"rounding": {"gross": WHOLE}},
            (
                "It declares a rounding of gross, and the fidelity of gross as kept. Correct one of"
                " them."
            ),
        ),
        (
            {
                "fidelity": {"gross": ROUNDED},
                "rounding": {"gross": Rounding(digits=-1, mode=RoundingMode.UP)},
            },
            "Its rounding of gross is not a Rounding to 0 to 10 digits. Correct it.",
        ),
        (
            {"fidelity": {"gross": ROUNDED}, "rounding": {"gross": 2}},
            "Its rounding of gross is not a Rounding to 0 to 10 digits. Correct it.",
        ),
        (
            {"fidelity": {"terms": TRUNCATED}},
            (
                "It declares the fidelity of terms as truncated, and neither lengths nor a field rule"
                " that truncates has a length for terms. Add one."
            ),
        ),
        (
            {"fidelity": {"terms": KEPT}, "field_rules": (CUT,)},
            (
                "It declares the fidelity of terms as kept, and a field rule that truncates terms."
                " Correct one of them."
            ),
        ),
        (
            {"lengths": {"terms": 4}},
            "It declares a length of terms, and the fidelity of terms as kept. Correct one of them.",
        ),
        (
            {"fidelity": {"terms": TRUNCATED}, "lengths": {"terms": 0}},
            "Its length of terms is 0. Give a whole number above zero.",
        ),
        (
            {"fidelity": {"terms": TRUNCATED}, "lengths": {"terms": 5}, "field_rules": (CUT,)},
            (
                "Its length of terms is 5, and its field rule cuts terms to 4 characters. Correct one of"
                " them."
            ),
        ),
        (
            {"tolerances": {"due": Decimal(1)}},
            "It declares a tolerance of due, and the fidelity of due as kept. Correct one of them.",
        ),
        (
            {"fidelity": {"terms": DERIVED}, "tolerances": {"terms": Decimal(1)}},
            (
                "It declares a tolerance of terms, and terms is not an amount or a quantity. Remove the"
                " tolerance."
            ),
        ),
        (
            {"fidelity": {"due": DERIVED}, "tolerances": {"due": Decimal(-1)}},
            "Its tolerance of due is Decimal('-1'). Give a Decimal of zero or more.",
        ),
        (
            {"fidelity": {"due": DERIVED}, "tolerances": {"due": Decimal("NaN")}},
            "Its tolerance of due is Decimal('NaN'). Give a Decimal of zero or more.",
        ),
        (
            {"fidelity": {"due": DERIVED}, "tolerances": {"due": 1}},
            "Its tolerance of due is 1. Give a Decimal of zero or more.",
        ),
        (
            {
                "fidelity": {"stored_materials": DROPPED},
                "features": {Feature.STORED_MATERIALS: Support.IMPOSSIBLE},
            },
            (
                "It declares the feature stored_materials as impossible and the fidelity of"
                " stored_materials as dropped. Correct one of them."
            ),
        ),
        (
            {
                "fidelity": {"stored_materials": REFUSED},
                "features": {Feature.STORED_MATERIALS: Support.FULL},
            },
            (
                "It declares the feature stored_materials as full and the fidelity of stored_materials"
                " as refused. Correct one of them."
            ),
        ),
        (
            {"fidelity": {"retainage": DROPPED}, "retainage": RetainageForm.LINE},
            (
                "It declares the form of retainage as line and the fidelity of retainage as dropped."
                " Correct one of them."
            ),
        ),
        (
            {"fidelity": {"retainage": DERIVED}},
            (
                "It declares the form of retainage as none and the fidelity of retainage as derived."
                " Correct one of them."
            ),
        ),
        (
            {"fidelity": {"line_amount": DROPPED}, "retainage": RetainageForm.LINE},
            (
                "It declares the form of retainage as line and the fidelity of line_amount as"
                " dropped. Correct one of them."
            ),
        ),
        (
            {"fidelity": {"attachments": DROPPED}, "attachments": AttachmentForm.FILES},
            (
                "It declares the form of attachments as files and the fidelity of attachments as"
                " dropped. Correct one of them."
            ),
        ),
        (
            {"fidelity": {"attachments": KEPT}},
            (
                "It declares the form of attachments as none and the fidelity of attachments as kept."
                " Correct one of them."
            ),
        ),
        (
            {"fidelity": {"due": DROPPED}, "terms": FOUND},
            (
                "It declares a look-up of the steps of kind bill and the fidelity of due as dropped. A"
                " document is found by due: correct one of them."
            ),
        ),
        (
            {"fidelity": {"invoice_number": DERIVED}, "terms": FOUND},
            (
                "It declares a look-up of the steps of kind bill and the fidelity of invoice_number as"
                " derived. A document is found by invoice_number: correct one of them."
            ),
        ),
        (
            {"fidelity": {"tax": KEPT}},
            (
                "It declares the form of tax as impossible and the fidelity of tax as kept. Correct"
                " one of them."
            ),
        ),
        (
            {"fidelity": {"tax": DERIVED}, "tax": TaxForm.KEPT},
            (
                "It declares the form of tax as kept and the fidelity of tax as derived. Correct one"
                " of them."
            ),
        ),
        (
            {"fidelity": {"tax": DROPPED}, "tax": TaxForm.DERIVED},
            (
                "It declares the form of tax as derived and the fidelity of tax as dropped. Correct"
                " one of them."
            ),
        ),
        (
            {"fidelity": {"lines": DROPPED, "line_amount": KEPT}},
            (
                "It declares the fidelity of lines as dropped and the fidelity of line_amount as kept."
                " Correct one of them."
            ),
        ),
    ],
)
def test_a_contradiction_is_named(said: dict[str, Any], sentence: str) -> None:
    """The sentence has both words, and says what to correct."""
    assert (sentence,) == _find(**said)


@pytest.mark.parametrize(
    ("word", "value"), [("rounding", WHOLE), ("lengths", 4), ("tolerances", Decimal(1))]
)
def test_a_misspelt_field_is_named_once(word: str, value: object) -> None:
    """Each of the mappings has fields of the table."""
    found = _find(**{word: {"gros": value}})
    assert f"Its {word} names 'gros', which is not one of the fields. Did you mean gross?" in found


def test_a_name_like_no_field_lists_the_fields() -> None:
    """There is nothing to suggest."""
    (found,) = _find(fidelity={"xyz": DROPPED})
    assert "The fields are: accounting_date, amount_based, " in found


@pytest.mark.parametrize(
    "said",
    [
        {"fidelity": {"gross": ROUNDED}, "rounding": {"gross": WHOLE}},
        {"fidelity": {"terms": TRUNCATED}, "lengths": {"terms": 4}},
        {"fidelity": {"terms": TRUNCATED}, "lengths": {"terms": 4}, "field_rules": (CUT,)},
        {"field_rules": (CUT,)},
        {"fidelity": {"invoice_number": TRUNCATED}, "lengths": {"invoice_number": 9}},
        {"fidelity": {"due": DERIVED}, "tolerances": {"due": Decimal("0.01")}, "terms": FOUND},
        {"fidelity": {"due": DROPPED}},
        {"fidelity": {"currency": DROPPED}, "terms": FOUND},
        {"fidelity": {"attachments": DROPPED}},
        {"fidelity": {"tax": DROPPED}},
        {"fidelity": {"tax": KEPT, "line_tax": DROPPED}, "tax": TaxForm.KEPT},
        {
            "fidelity": {"tax": DERIVED},
            "tax": TaxForm.DERIVED,
            "tolerances": {"tax": Decimal("0.01"), "line_tax": Decimal("0.01")},
        },
        {"fidelity": {"attachments": DERIVED}, "attachments": AttachmentForm.FILES},
        {"fidelity": {"retainage": DERIVED}, "retainage": RetainageForm.NATIVE},
        {"fidelity": {"lines": DROPPED, "line_amount": DROPPED, "gross": KEPT}},
        {"fidelity": {"unit_based": DROPPED}, "features": {Feature.UNIT_BASED: Support.FULL}},
        {
            "fidelity": {"branch": DROPPED},
            "extra_fields": (ExportField(key="branch", label="Branch"),),
        },
    ],
)
def test_words_that_agree(said: dict[str, Any]) -> None:
    """Each word has what it needs; an extra field is a field too."""
    assert () == _find(**said)
