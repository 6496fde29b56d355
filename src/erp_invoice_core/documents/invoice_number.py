"""Invoice numbers, compared as a person reads them: in one canonical form."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

import attrs

from ..values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator


#: What reads as a hyphen though Unicode does not list it among the dashes (Pd).
_DASHES = frozenset("\u02d7\u2043\u2212\u2796")
#: Characters that are shown though Unicode lists them among the format characters (Cf).
_SHOWN = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
#: Letters and marks that are never shown: joiners, fillers, the selectors of a variant.
_HIDDEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u180b\u180c\u180d\u180f").union(
    map(chr, range(0xFE00, 0xFE10)), map(chr, range(0xE0100, 0xE01F0))
)
#: Letters, marks and digits.
_TELLING = "LMN"
_SIGNS = re.compile("[^a-z0-9]+")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class NumberUse(Value):
    """
    An invoice number in use: which invoice has it, and of which commitment that is.

    Attributes:
        number: The invoice number as it was written there.
        commitment_id: ``None`` where it is not known.
        commitment_number: What people call the commitment, where it is known.
    """

    invoice_id: str
    number: str
    commitment_id: str | None = None
    commitment_number: str | None = None


def _seen(character: str) -> str:
    """Return the character as it is compared: space, hyphen, nothing, or itself."""
    category = unicodedata.category(character)
    if character.isspace() or category[0] == "Z":
        return " "
    if category == "Pd" or character in _DASHES:
        return "-"
    if (category in {"Cf", "Cc"} and character not in _SHOWN) or character in _HIDDEN:
        return ""
    return character


def _in_order(text: str) -> Iterator[str]:
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


def _normal(text: str, form: Literal["NFC", "NFKC"], apart: Literal["NFD", "NFKD"]) -> str:
    """Return the text in the form; marks are put into order here, since Python takes n² for it."""
    if text.isascii():
        return text
    taken_apart = "".join(unicodedata.normalize(apart, character) for character in text)
    return unicodedata.normalize(form, "".join(_in_order(taken_apart)))


def canonical_number(number: str) -> str:
    """
    Return the invoice number in the form in which numbers are compared; blank: the empty text.

    Composed (NFC); any space as U+0020, one in a row, none at the ends; any dash as ``-``; without
    format and control characters. Every character that is shown stays. What is written to an ERP
    is the number as it was given.
    """
    if number.isascii() and number.isprintable():
        return " ".join(number.split())
    seen = "".join(map(_seen, number))
    return " ".join(_normal(seen, "NFC", "NFD").split())


def alike_number(number: str) -> str:
    """
    Return what numbers have in common that are easily taken for each other; blank: the empty text.

    Compatible characters (NFKC), letters of either case, and whatever punctuation stands between
    count as the same.
    """
    folded = _normal(canonical_number(number), "NFKC", "NFKD").casefold()
    if folded.isascii():
        return _SIGNS.sub("", folded) or folded
    text = _normal(folded, "NFKC", "NFKD")
    told = "".join(each for each in text if unicodedata.category(each)[0] in _TELLING)
    return told or text


def number_slot(connection: str, vendor: str, number: str, commitment: str | None = None) -> str:
    """
    Return the number slot: what one entry holds at a time.

    Args:
        connection: The connection's name.
        vendor: Whose number it is, by the vendor's id in the ERP.
        number: As it is written there; compared in its canonical form.
        commitment: Where the ERP tells the numbers of commitments apart.
    """
    parts = [connection, vendor, canonical_number(number)]
    if commitment is not None:
        parts.append(commitment)
    return "".join(f"{len(part)}:{part}" for part in parts)


def _parts(slot: str) -> list[str] | None:
    """Return the parts of a slot, ``None`` where the text is no slot."""
    parts, rest = [], slot
    while rest:
        stated, colon, rest = rest.partition(":")
        if not colon or not re.fullmatch("[0-9]{1,9}", stated) or int(stated) > len(rest):
            return None
        parts.append(rest[: int(stated)])
        rest = rest[int(stated) :]
    return parts


def canonical_slot(slot: str) -> str:
    """
    Return the slot with its number in the canonical form; any other text unchanged.

    Entries of version 0.1 keep a slot with the number as it was written.
    """
    parts = _parts(slot)
    if parts is None or len(parts) not in {3, 4}:
        return slot
    return number_slot(*parts)
