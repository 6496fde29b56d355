"""Types of the fields of a case and of the values in it."""

from __future__ import annotations

import typing
from functools import cache
from typing import TYPE_CHECKING, Any

from .. import declaration, documents, verdict, vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Names(dict[str, Any]):
    """A namespace for annotations, with classes that a module imports only for type checking."""

    def __missing__(self, name: str) -> Any:  # noqa: ANN401 - a class
        for package in (declaration, documents, verdict, vocabulary):
            if hasattr(package, name):
                return getattr(package, name)
        raise KeyError(name)


@cache
def list_field_types(kind: type) -> Mapping[str, Any]:
    """
    Return the type of each field of a class by name.

    It also resolves types that the module of the class imports only for type checking.
    """
    return typing.get_type_hints(kind, localns=_Names())
