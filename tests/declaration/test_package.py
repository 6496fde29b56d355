"""The rows of a declaration are loaded when they are first used."""

from __future__ import annotations

import pytest

from erp_invoice_core import declaration


@pytest.mark.parametrize("name", declaration.__all__)
def test_every_name_is_there(name: str) -> None:
    """Every listed name can be imported."""
    assert name == getattr(declaration, name).__name__


def test_other_names_are_not_there() -> None:
    """A misspelt name raises AttributeError."""
    with pytest.raises(AttributeError, match="no attribute 'Declartion'"):
        _ = declaration.Declartion
