"""Invoice numbers are compared as a person reads them; all visible characters count."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core.documents import (
    build_number_slot,
    compute_similarity_key,
    normalize_number,
    normalize_slot,
)

_ANY_TEXT = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("ACME-77", "ACME-77"),
        (" ACME-77 ", "ACME-77"),
        ("ACME  77", "ACME 77"),
        ("ACME\t\r\n77", "ACME 77"),
        ("ACME\u00a077", "ACME 77"),  # no-break space
        ("ACME\u202f77", "ACME 77"),  # narrow no-break space
        ("ACME\u2009\u200777", "ACME 77"),  # thin space, figure space
        ("ACME\u300077", "ACME 77"),  # ideographic space
        ("ACME\u202877", "ACME 77"),  # line separator
        ("ACME\u201177", "ACME-77"),  # no-break hyphen
        ("ACME\u201077", "ACME-77"),  # hyphen
        ("ACME\u201377", "ACME-77"),  # en dash
        ("ACME\u201477", "ACME-77"),  # em dash
        ("ACME\u221277", "ACME-77"),  # minus sign
        ("ACME\uff0d77", "ACME-77"),  # fullwidth hyphen
        ("ACME-77\u200b", "ACME-77"),  # zero width space
        ("ACME\u200d-\u206077", "ACME-77"),  # joiners
        ("\ufeffACME-77", "ACME-77"),  # byte order mark
        ("AC\u00adME-77", "ACME-77"),  # soft hyphen
        ("\u202eACME-77\u202c\u200e", "ACME-77"),  # of bidirectional text
        ("ACME-77\ufe0f", "ACME-77"),  # variation selector
        ("ACME-77\x00", "ACME-77"),
        ("Cafe\u0301-1", "Caf\u00e9-1"),
        ("Cafe\u200b\u0301-1", "Caf\u00e9-1"),
        ("q\u0307\u0323", "q\u0323\u0307"),
        ("q\u034f\u0323", "q\u0323"),
        ("\u200b \ufeff\u00a0", ""),
        ("", ""),
    ],
)
def test_numbers_that_read_alike_are_one(number: str, expected: str) -> None:
    """Spaces, dashes, composition and invisible characters do not make another number."""
    assert expected == normalize_number(number)


@pytest.mark.parametrize(
    "number", ["acme-77", "ACME77", "ACME_77", "ACME/77", "77.", "\uff11", "\u0600\u0661", "\u2160"]
)
def test_what_is_shown_stays(number: str) -> None:
    """Case, punctuation, compatible forms and visible signs make another number."""
    assert number == normalize_number(number)


@given(_ANY_TEXT)
def test_the_canonical_form_is_its_own(number: str) -> None:
    """Any text has a canonical form, which is composed and its own canonical form."""
    canonical = normalize_number(number)

    assert canonical == normalize_number(canonical)
    assert unicodedata.normalize("NFC", canonical) == canonical


@given(
    st.text(
        st.characters(categories=("L", "M", "N")).filter(lambda one: normalize_number(one) != "")
    )
)
def test_letters_and_marks_are_composed_as_unicode_says(number: str) -> None:
    """A text without spaces and dashes is only composed."""
    assert unicodedata.normalize("NFC", number) == normalize_number(number)


@given(_ANY_TEXT)
def test_composed_or_not_is_one_number(number: str) -> None:
    """A decomposed number, and a composed one, are the same number."""
    for form in ("NFC", "NFD"):
        assert normalize_number(number) == normalize_number(unicodedata.normalize(form, number))


def test_many_marks_cost_no_more_than_they_are() -> None:
    """A hundred thousand marks out of order are sorted in one pass."""
    expected = "q" + "\u0323" * 50_000 + "\u0307" * 50_000

    assert expected == normalize_number("q" + "\u0307\u0323" * 50_000)


@pytest.mark.parametrize(
    "number", ["acme-77", "ACME77", "acme 77", "\uff21CME\u201177", "A.C.M.E. #77", "ACME/77"]
)
def test_numbers_that_are_easily_mistaken_are_alike(number: str) -> None:
    """Numbers that differ in case, compatible forms or punctuation only are alike."""
    assert "acme77" == compute_similarity_key(number)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("ACME-78", "acme78"),
        ("#-#", "#-#"),
        ("\u200b", ""),
        ("STRASSE", "strasse"),
        ("Stra\u00dfe", "strasse"),
    ],
)
def test_numbers_that_differ_are_not_alike(number: str, expected: str) -> None:
    """Letters and digits count; a number without any is compared by its signs."""
    assert expected == compute_similarity_key(number)


@given(_ANY_TEXT)
def test_one_number_is_alike(number: str) -> None:
    """Numbers with one canonical form are alike."""
    assert compute_similarity_key(number) == compute_similarity_key(normalize_number(number))


def test_a_slot_names_its_parts_with_their_lengths() -> None:
    """The number is in its canonical form; a commitment is named if the ERP separates them."""
    assert "3:erp6:V-ACME7:ACME-77" == build_number_slot("erp", "V-ACME", "ACME\u201177 ")
    assert "3:erp6:V-ACME1:15:C-100" == build_number_slot("erp", "V-ACME", "1", "C-100")


@pytest.mark.parametrize(
    ("slot", "expected"),
    [
        ("3:erp6:V-ACME8:ACME\u201177 ", "3:erp6:V-ACME7:ACME-77"),
        ("3:erp6:V-ACME8:ACME\u201177 5:C-100", "3:erp6:V-ACME7:ACME-775:C-100"),
        ("3:erp6:V-ACME7:ACME-77", "3:erp6:V-ACME7:ACME-77"),
        ("0:1:72: 1", "0:1:71:1"),
        ("03:erp6:V-ACME1:7", "3:erp6:V-ACME1:7"),
    ],
)
def test_a_slot_of_version_0_1_has_a_canonical_form(slot: str, expected: str) -> None:
    """Its number is compared like any other; connection, vendor and commitment are unchanged."""
    assert expected == normalize_slot(slot)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "number",
        "3:erp",
        "3:erp6:V-ACME99:x",
        "3:erp6:V-ACME99: x",
        "x:erp",
        ":",
        "\u0663:erp1:a1:b",
        "1:a1:b1:c1:d1:e",
        "1:a1:b1:c1:d1: ",
        "1" * 5000,
    ],
)
def test_any_other_text_is_no_slot(text: str) -> None:
    """It is unchanged."""
    assert text == normalize_slot(text)


@given(st.lists(_ANY_TEXT, min_size=3, max_size=4))
def test_a_slot_is_its_own_canonical_form(parts: list[str]) -> None:
    """A slot of any parts is unchanged."""
    slot = build_number_slot(*parts)

    assert slot == normalize_slot(slot)
