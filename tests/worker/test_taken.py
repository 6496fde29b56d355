"""A document is of whoever owns it; without a key, perhaps of whoever holds its number."""

from __future__ import annotations

from typing import Any, cast

import attrs
import pytest

from erp_invoice_core import QueueEntry
from erp_invoice_core import adapters as erp
from erp_invoice_core.worker.job import list_taken
from tests.worker.office import document
from tests.worker.scripted import contents, declaration

ERP = declaration()
ENTRY = QueueEntry(id="5000", connection="erp", document=document(), digest=document().digest)


@attrs.frozen
class Held:
    """What a store knows: who owns document B-1, and who holds every number."""

    owner: tuple[str, int] | None
    holder: str | None

    def owners(self, _connection: str, _erp_ids: object) -> dict[str, tuple[str, int]]:
        """Return whose document it is."""
        return {} if self.owner is None else {"B-1": self.owner}

    def slot_holders(self, slots: list[str]) -> dict[str, str]:
        """Return who holds each number."""
        return {} if self.holder is None else dict.fromkeys(slots, self.holder)


@pytest.mark.parametrize(
    ("owner", "holder", "key", "taken"),
    [
        (None, None, None, set()),
        (("5000", 1), "5000", None, set()),
        (("5001", 1), None, "5000/1/1/bill", {"B-1"}),
        (("5000", 0), None, "5000/1/1/bill", {"B-1"}),
        (None, "5001", None, {"B-1"}),
        (None, "5001", "5000/1/1/bill", set()),
    ],
)
def test_whose_a_document_may_be(
    owner: tuple[str, int] | None, holder: str | None, key: str | None, taken: set[str]
) -> None:
    """Of another entry or generation; without a key, of whoever holds the number."""
    receipt = erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL)
    found = erp.Found(receipt, contents(key=key))

    store = cast("Any", Held(owner, holder))
    assert taken == list_taken(store, ENTRY, ERP, [found])
