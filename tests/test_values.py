"""Frozen values are compared, hashed, shown and copied by class and fields."""

from __future__ import annotations

import attrs
import pytest

from erp_invoice_core.values import Value, begin, copy_to_draft, derived, evolve, finish


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


class _Slot(Value):
    __slots__ = ("_total",)


@attrs.frozen(eq=False, repr=False)
class Sum(_Slot):
    """A value with a derived one."""

    parts: tuple[int, ...]
    name: str = ""

    @derived
    def total(self) -> int:
        """The sum."""
        ASKED.append(self.parts)
        return sum(self.parts)


ASKED: list[tuple[int, ...]] = []


def test_copy_has_the_changed_fields_and_is_frozen() -> None:
    """The value stays as it is, and its copy is of the same class."""
    value = Sum((1, 2), name="a")
    copy = evolve(value, {"parts": (3,)})

    assert Sum((3,), name="a") == copy
    assert Sum((1, 2), name="a") == value
    assert Sum is type(copy)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        copy.name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        evolve(value, {"absent": 1})


def test_derived_value_is_computed_once_for_a_value() -> None:
    """It is kept, and a copy has its own."""
    ASKED.clear()
    value = Sum((1, 2))

    assert (3, 3) == (value.total, value.total)
    assert 7 == evolve(value, {"parts": (3, 4)}).total
    assert [(1, 2), (3, 4)] == ASKED
    assert "The sum." == Sum.total.__doc__


def test_draft_is_set_field_by_field_and_then_frozen() -> None:
    """A finished draft is equal to a constructed value."""
    draft = begin(Point)
    draft.x, draft.y = 1, 2
    copy = copy_to_draft(Point(1, 2))
    copy.y = 3

    assert Point(1, 2) == finish(Point, draft)
    assert Point(1, 3) == finish(Point, copy)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        draft.x = 2
