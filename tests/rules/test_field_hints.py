"""The types of the facts of a case, also of those that are imported when used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.declaration import Declaration
from erp_invoice_core.documents import Actor
from erp_invoice_core.rules import Case
from erp_invoice_core.rules.field_hints import list_field_types
from erp_invoice_core.vocabulary import ExportStatus

if TYPE_CHECKING:
    from decimal import Context


def test_every_fact_has_a_type() -> None:
    """Names that a module imports only for type checking are found in their packages."""
    list_field_types.cache_clear()  # another test may have asked before
    types = list_field_types(Case)

    assert {field.name for field in attrs.fields(Case)} <= set(types)
    assert (Actor | None, Declaration | None) == (types["actor"], types["erp"])
    assert ExportStatus | None == types["export_status"]
    assert list_field_types(Case) is types


@attrs.frozen
class Stranger:
    """A class with a type of another package."""

    context: Context


def test_unknown_name_is_an_error() -> None:
    """A name of no known package is not taken for any type."""
    with pytest.raises(NameError, match="Context"):
        list_field_types(Stranger)
