"""The values that were read or written last are kept, up to a number of bytes."""

from __future__ import annotations

from erp_invoice_core.stores.cache import Recent


def test_what_was_put_in_is_held() -> None:
    """A value is found by its key, and nothing is found by another key."""
    recent: Recent[str, str] = Recent(10)
    recent.put("a", "A", 4)

    assert recent.get("a") == "A"
    assert recent.get("b") is None


def test_the_oldest_values_are_removed_for_a_new_one() -> None:
    """The oldest values are removed until the new one fits."""
    recent: Recent[str, str] = Recent(10)
    for key in "abc":
        recent.put(key, key.upper(), 4)

    assert [recent.get(key) for key in "abc"] == [None, "B", "C"]


def test_a_value_that_comes_again_is_counted_once() -> None:
    """A value that is put a second time replaces the first."""
    recent: Recent[str, str] = Recent(10)
    recent.put("a", "A", 4)
    recent.put("b", "B", 4)
    recent.put("a", "other", 6)

    assert [recent.get(key) for key in "ab"] == ["other", "B"]


def test_a_value_above_the_limit_is_not_kept() -> None:
    """A value above the limit removes no other value, but it removes its former one."""
    recent: Recent[str, str] = Recent(10)
    recent.put("a", "A", 4)
    recent.put("b", "B", 4)
    recent.put("a", "too large", 11)

    assert [recent.get(key) for key in "ab"] == [None, "B"]
