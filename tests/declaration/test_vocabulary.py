"""The enumerations of a declaration are closed, and written in lower case."""

from __future__ import annotations

from enum import Enum

import pytest

from erp_invoice_core.declaration import vocabulary

KINDS = [
    kind for kind in vars(vocabulary).values() if isinstance(kind, type) and issubclass(kind, Enum)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
def test_words_are_written_as_they_are_called(kind: type[Enum]) -> None:
    """The value is the name in lower case."""
    assert [member.name.lower() for member in kind] == [member.value for member in kind]


def test_field_validators_are_seven() -> None:
    """They are the seven that the domain has."""
    assert 7 == len(vocabulary.Validator)
