"""Frozen values are compared, hashed and shown by class and fields."""

from __future__ import annotations

import attrs

from erp_invoice_core.values import Value


@attrs.frozen(eq=False, repr=False)
class Point(Value):
    """A value of two fields."""

    x: int
    y: int


@attrs.frozen(eq=False, repr=False)
class Pair(Value):
    """Another class with the same fields."""

    x: int
    y: int


@attrs.frozen(eq=False, repr=False)
class Empty(Value):
    """A value without fields."""


@attrs.frozen(eq=False, repr=False)
class Partly(Value):
    """Fields that are left out of equality, of the hash, of what is shown."""

    shown: int
    beside: int = attrs.field(default=0, eq=False)
    listed: list[int] = attrs.field(factory=list, hash=False)
    secret: str = attrs.field(default="", repr=False)


def test_equal_fields_make_equal_values() -> None:
    """Equal fields give equal values."""
    assert Point(1, 2) == Point(1, 2)
    assert Point(1, 2) != Point(2, 1)
    assert hash(Point(1, 2)) == hash(Point(1, 2))


def test_values_of_different_classes_are_never_equal() -> None:
    """A value is not equal to anything else either."""
    assert Point(1, 2) != Pair(1, 2)
    assert Point(1, 2) != (1, 2)
    assert 2 == len({Point(1, 2), Pair(1, 2)})


def test_values_without_fields_are_all_equal() -> None:
    """They have no field in which they could differ."""
    assert Empty() == Empty()
    assert 1 == len({Empty(), Empty()})
    assert "Empty()" == repr(Empty())


def test_fields_are_left_out_as_they_say() -> None:
    """``eq=False`` of equality and hash, ``hash=False`` of the hash, ``repr=False`` of repr."""
    assert Partly(1, 2) == Partly(1, 3)
    assert hash(Partly(1, 2)) == hash(Partly(1, 3))
    assert Partly(1, listed=[1]) != Partly(1, listed=[2])
    assert hash(Partly(1, listed=[1])) == hash(Partly(1, listed=[2]))
    assert "Partly(shown=1, beside=0, listed=[])" == repr(Partly(1, secret="pst"))
