"""Facts about an ERP, each with its source and confidence."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from typing import TypeAlias

    from ...adapters import ExportField, FieldRule


#: The value of a fact: a word, a truth value, words, a field rule or an extra field.
FactValue: TypeAlias = "Enum | bool | frozenset[str] | FieldRule | ExportField | None"


class Confidence(Enum):
    """How well a fact is known."""

    HIGH = "high"  #: Read in a page or an API document of Procore.
    MEDIUM = (
        "medium"  #: Known through a digest of such pages, or from a document of another vendor.
    )


@attrs.frozen(kw_only=True)
class Fact:
    """
    One fact about an ERP.

    Attributes:
        profile: The key of the profile.
        field: The field of the declaration, such as ``features.retainage``, ``zero``,
            ``field_rules.invoice_number``; empty if a declaration has no field for the fact.
        value: The value of that field; ``None`` if ``field`` is empty.
        source: The page or document that states it, by publisher and title.
        note: A sentence about the fact, or about how its value was chosen.
    """

    profile: str
    field: str
    value: FactValue
    source: str
    confidence: Confidence
    note: str = ""
