"""What was read or written last is held, up to so many bytes."""

from __future__ import annotations

from erp_invoice_core.stores.cache import Recent


def test_what_was_put_in_is_held() -> None:
    """A value is found by its key, and nothing is found by another."""
    recent: Recent[str, str] = Recent(10)
    recent.put("a", "A", 4)

    assert recent.get("a") == "A"
    assert recent.get("b") is None


def test_the_first_is_forgotten_where_there_is_no_room() -> None:
    """Values go in the order in which they came, until the new one has room."""
    recent: Recent[str, str] = Recent(10)
    for key in "abc":
        recent.put(key, key.upper(), 4)

    assert [recent.get(key) for key in "abc"] == [None, "B", "C"]


def test_a_value_that_comes_again_is_counted_once() -> None:
    """What is put in a second time takes the place of the first."""
    recent: Recent[str, str] = Recent(10)
    recent.put("a", "A", 4)
    recent.put("b", "B", 4)
    recent.put("a", "other", 6)

    assert [recent.get(key) for key in "ab"] == ["other", "B"]


def test_what_is_larger_than_all_is_not_held() -> None:
    """A value without room throws out none of those that have it, and its former one goes."""
    recent: Recent[str, str] = Recent(10)
    recent.put("a", "A", 4)
    recent.put("b", "B", 4)
    recent.put("a", "too large", 11)

    assert [recent.get(key) for key in "ab"] == [None, "B"]
