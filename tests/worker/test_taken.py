"""A document belongs to its owner; without a key, possibly to the holder of its number."""

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
    """The answers of a store: the owner of document B-1, and the holder of every number."""

    owner: tuple[str, int] | None
    holder: str | None

    def owners(self, _connection: str, _erp_ids: object) -> dict[str, tuple[str, int]]:
        """Return the owner of the document."""
        return {} if self.owner is None else {"B-1": self.owner}

    def slot_holders(self, slots: list[str]) -> dict[str, str]:
        """Return the holder of each number."""
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
def test_a_document_may_belong_to_another(
    owner: tuple[str, int] | None, holder: str | None, key: str | None, taken: set[str]
) -> None:
    """Another entry or generation owns it; without a key, the holder of the number may."""
    receipt = erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL)
    found = erp.Found(receipt, contents(key=key))

    store = cast("Any", Held(owner, holder))
    assert taken == list_taken(store, ENTRY, ERP, [found])
