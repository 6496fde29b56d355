"""The unique rows of a change: its number slot and its ERP documents."""

from __future__ import annotations

from typing import Never

import attrs
import pytest

from erp_invoice_core.documents import Holding, QueueEntry
from erp_invoice_core.stores.unique_rows import find_owners_between
from erp_invoice_core.testing.samples import build_bill

_KEY = QueueEntry(id="5000").build_key("bill")


def test_new_receipts_reserve_their_documents() -> None:
    """A receipt that the former entry had, or an equal one, reserves nothing again."""
    before = QueueEntry(id="5000", holdings=(build_bill("B-1", _KEY),))
    after = attrs.evolve(before, holdings=(build_bill("B-1", _KEY), build_bill("B-2", _KEY)))

    assert {"B-2": ("5000", 1)} == find_owners_between(before, after)


def test_receipts_that_stay_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are mostly the same objects; comparing all with all is quadratic (benchmark 4l)."""
    holdings = tuple(build_bill(f"B-{number}", _KEY) for number in range(5))
    before = QueueEntry(id="5000", holdings=holdings)
    after = attrs.evolve(before, lookups=1)

    def compare(_holding: Holding, _other: object) -> Never:
        pytest.fail("Two receipts were compared.")

    monkeypatch.setattr(Holding, "__eq__", compare)

    assert {} == find_owners_between(before, after)
