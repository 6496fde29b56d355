"""Keys name writes, steps plan them, receipts record their answers."""

from __future__ import annotations

import pytest

from erp_invoice_core.documents import InvalidDocument, Key, Receipt, Step


def test_key_is_one_line_of_text() -> None:
    """Entry, generation, attempt and step, separated by slashes."""
    assert "5000/1/2/bill" == Key("5000", 1, 2, "bill").text


def test_different_keys_have_different_texts() -> None:
    """A slash or a percent sign in an id is escaped."""
    assert "a%2F1/1/1/s" == Key("a/1", 1, 1, "s").text
    assert "a%252F1/1/1/s" == Key("a%2F1", 1, 1, "s").text


def test_sent_text_is_the_text_of_the_key() -> None:
    """A stored text is used unchanged, and has no part in the comparison of keys."""
    sent = Key("acme:5", 1, 1, "bill", sent_as="5/1/1/bill")

    assert "5/1/1/bill" == sent.text
    assert Key("acme:5", 1, 1, "bill") == sent


@pytest.mark.parametrize(("name", "kind", "path"), [("", "k", "name"), ("n", " ", "kind")])
def test_step_needs_a_name_and_a_kind(name: str, kind: str, path: str) -> None:
    """A step with a blank name or kind is refused."""
    with pytest.raises(InvalidDocument) as raised:
        Step(name, kind)

    assert [path] == [problem.path for problem in raised.value.problems]


def test_receipt_needs_a_step_and_an_id() -> None:
    """A blank ERP id is refused; every problem is reported."""
    with pytest.raises(InvalidDocument) as raised:
        Receipt(step="", erp_id=" ")

    assert ["step", "erp_id"] == [problem.path for problem in raised.value.problems]
