"""
Canonical forms of invoice numbers, and number slots.

The same number is typed in many ways, with other dashes or spaces. The canonical form finds equal
numbers, and the similarity key finds numbers that look alike. A number slot is the text that keeps
two entries from exporting one number of a vendor.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

import attrs

from ..values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator


#: Characters that look like a hyphen and that Unicode does not list among the dashes (Pd).
_DASHES = frozenset("\u02d7\u2043\u2212\u2796")
#: Visible characters that Unicode lists among the format characters (Cf).
_SHOWN = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
#: Invisible letters and marks: joiners, fillers, variation selectors.
_HIDDEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u180b\u180c\u180d\u180f").union(
    map(chr, range(0xFE00, 0xFE10)), map(chr, range(0xE0100, 0xE01F0))
)
#: The Unicode categories of letters, marks and digits.
_SIGNIFICANT = "LMN"
_SIGNS = re.compile("[^a-z0-9]+")
#: The length before each part of a slot.
_LENGTH = re.compile("([0-9]{1,9}):")
#: A length with more digits than it needs, or a part of a number that looks like one.
_PADDED = re.compile("0[0-9]+:")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class NumberUse(Value):
    """
    A use of an invoice number: the invoice that has it, and its commitment.

    Attributes:
        number: The invoice number as that invoice has it.
        commitment_id: ``None`` if it is not known.
        commitment_number: The commitment's number; ``None`` if it is not known.
    """

    invoice_id: str
    number: str
    commitment_id: str | None = None
    commitment_number: str | None = None


def _normalize_character(character: str) -> str:
    """Return the character as it is compared: a space, a hyphen, nothing, or itself."""
    category = unicodedata.category(character)
    if character.isspace() or category[0] == "Z":
        return " "
    if category == "Pd" or character in _DASHES:
        return "-"
    if (category in {"Cf", "Cc"} and character not in _SHOWN) or character in _HIDDEN:
        return ""
    return character


def _sort_marks(text: str) -> Iterator[str]:
    """Yield the characters of a decomposed text, the marks of each letter in Unicode's order."""
    marks: list[str] = []
    for character in text:
        if unicodedata.combining(character):
            marks.append(character)
            continue
        yield from sorted(marks, key=unicodedata.combining)
        marks.clear()
        yield character
    yield from sorted(marks, key=unicodedata.combining)


def _normalize(text: str, form: Literal["NFC", "NFKC"], apart: Literal["NFD", "NFKD"]) -> str:
    """
    Return the text in the Unicode normal form ``form``.

    ``apart`` is the decomposed variant of ``form``. The combining marks of each letter are sorted
    here, as Python needs quadratic time to sort them.
    """
    if text.isascii():
        return text
    decomposed = "".join(unicodedata.normalize(apart, character) for character in text)
    return unicodedata.normalize(form, "".join(_sort_marks(decomposed)))


def normalize_number(number: str) -> str:
    """
    Return the invoice number in the form in which numbers are compared; empty if it is blank.

    The form is composed (NFC). Every run of spaces is one U+0020; those at the ends are removed.
    Every dash is ``-``. Format and control characters are removed; every visible character stays.
    The number that is written to an ERP is the one that was given.
    """
    if number.isascii() and number.isprintable():
        return " ".join(number.split())
    text = "".join(map(_normalize_character, number))
    return " ".join(_normalize(text, "NFC", "NFD").split())


def compute_similarity_key(number: str) -> str:
    """
    Return a text that is the same for numbers that look alike; empty if the number is blank.

    Compatible characters (NFKC) and the two cases of a letter count as the same, and punctuation
    does not count.
    """
    folded = _normalize(normalize_number(number), "NFKC", "NFKD").casefold()
    if folded.isascii():
        return _SIGNS.sub("", folded) or folded
    text = _normalize(folded, "NFKC", "NFKD")
    letters = "".join(each for each in text if unicodedata.category(each)[0] in _SIGNIFICANT)
    return letters or text


def build_number_slot(
    connection: str, vendor: str, number: str, commitment: str | None = None
) -> str:
    """
    Return the text of the number slot, which only one entry can hold at a time.

    Args:
        connection: The connection's name.
        vendor: The vendor's id in the ERP.
        number: The invoice number in the ERP; the slot has its canonical form.
        commitment: The commitment's id, if the ERP requires unique numbers only per commitment.
    """
    parts = [connection, vendor, normalize_number(number)]
    if commitment is not None:
        parts.append(commitment)
    return "".join(f"{len(part)}:{part}" for part in parts)


def _split_slot(slot: str) -> list[str] | None:
    """Return the parts of a slot; ``None`` if the text is not a slot."""
    parts, place = [], 0
    while place < len(slot):
        stated = _LENGTH.match(slot, place)
        if stated is None:
            return None
        begin, place = stated.end(), stated.end() + int(stated[1])
        if place > len(slot):
            return None
        parts.append(slot[begin:place])
    return parts


def normalize_slot(slot: str) -> str:
    """
    Return the slot with its number in the canonical form; any other text unchanged.

    An entry of version 0.1 has a slot with the number as it was given.
    """
    if slot.isascii() and slot.isprintable() and " " not in slot and not _PADDED.search(slot):
        return slot  # its number is canonical in any case
    parts = _split_slot(slot)
    if parts is None or len(parts) not in {3, 4}:
        return slot
    return build_number_slot(*parts)
