"""
Fast reader of the items and lines of stored records.

A stored record has thousands of fields, and nearly all of them are as its ``dump`` function wrote
them. This reader takes each value with the reader of its field, without paths, warnings and counts,
and reads an amount that occurs several times only once. It returns ``None`` for anything that a
``dump`` function does not write, and then the reader of files reads the record and finds what is
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ...documents import InvalidDocument
from .values import WrongValue, read_amount, read_decimal, read_rate

if TYPE_CHECKING:
    from .fields import Field


T = TypeVar("T")
#: Reads a plain value, given the currency of the record.
PartReader: TypeAlias = Callable[[Any, str], Any]
#: The attribute and the reader of each field that a ``dump`` function may write, by name. Without
#: an attribute, the reader returns several values by attribute.
FieldTable: TypeAlias = Mapping[str, tuple[str, PartReader]]

_NUMBERS = frozenset({read_amount, read_decimal, read_rate})
#: The errors of a reader or a constructor for a value that no ``dump`` function wrote.
_UNUSUAL = (AttributeError, InvalidDocument, KeyError, TypeError, WrongValue)


@lru_cache(maxsize=4096)
def _read_number(read: PartReader, text: str, currency: str) -> object:
    return read(text, currency)


def read_once(read: PartReader, text: object, currency: str) -> Any:  # noqa: ANN401 - as the reader says
    """
    Return the value that a reader makes of a text; the values of numbers are cached.

    Raises:
        TypeError: It is not a text, or it is blank.
    """
    if type(text) is not str or not text:
        msg = "A dump function writes texts that are not blank."
        raise TypeError(msg)
    if read in _NUMBERS:
        return _read_number(read, text, currency)
    return read(text, currency)


def build_table(*fields: Field, **others: tuple[str, PartReader]) -> FieldTable:
    """
    Return the table of the fields that a ``dump`` function may write.

    ``fields`` are the fields whose plain value is a text. ``others`` has (attribute, reader) of the
    other fields, by the name of the field.
    """

    def build_reader(field: Field) -> PartReader:
        return lambda value, currency: read_once(field.read, value, currency)

    return {each.name: (each.attribute, build_reader(each)) for each in fields} | others


def read_object(plain: Mapping[str, Any], table: FieldTable, currency: str) -> dict[str, Any]:
    """
    Return the values of a stored object by attribute.

    Raises:
        KeyError: It has a field that is not in the table.
    """
    found = {}
    for name, value in plain.items():
        attribute, read = table[name]
        if attribute:
            found[attribute] = read(value, currency)
        else:
            found.update(read(value, currency))
    return found


def read_stored(
    objects: object, kind: Callable[..., T], table: FieldTable, currency: str
) -> tuple[T, ...] | None:
    """
    Return the values of stored objects, or ``None`` if a ``dump`` function did not write one.

    Args:
        objects: The plain array.
        kind: The class of the values.
        table: The fields that the objects may have.
        currency: The currency of their amounts.
    """
    if not isinstance(objects, list):
        return None
    try:
        return tuple([kind(**read_object(plain, table, currency)) for plain in objects])
    except _UNUSUAL:
        return None
