"""The contracts of stores, tried with stores that break them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from erp_invoice_core.stores import CommitUnknown, MemoryStore, Store
from erp_invoice_core.testing import StoreContract, StoresAgree
from erp_invoice_core.testing.samples import save_change
from erp_invoice_core.testing.store_wrappers import Loss, LossyStore

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from erp_invoice_core.events import AuditEvent
    from erp_invoice_core.stores import Stored


class NoLeases(MemoryStore):
    """A store that forgets that entries are leased."""

    def find_lease_end(self, connections: Collection[str]) -> datetime | None:
        """Return no lease."""
        return None


class ShortFeed(MemoryStore):
    """A store whose feed never has the newest event."""

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """Leave the last one out."""
        return super().feed(after, limit)[:-1]


class OneEvent(MemoryStore):
    """A store that keeps only the first two events of an entry."""

    def events(
        self, entry_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[AuditEvent]:
        """Return two."""
        return super().events(entry_id, after=after, limit=limit)[:2]


class NoSlots(MemoryStore):
    """A store that returns every slot as free."""

    def find_slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return no holder."""
        return {}


@pytest.mark.parametrize("broken", [NoLeases, ShortFeed, OneEvent, NoSlots])
def test_a_store_that_disagrees_is_found(broken: type[MemoryStore]) -> None:
    """The machine finds a store that answers otherwise than the model."""

    class Agrees(StoresAgree):
        """The model beside the broken one."""

        makers = {"model": lambda _: MemoryStore(), "broken": lambda _: broken()}  # noqa: RUF012 - as declared

    found = settings(
        max_examples=2000,  # the search is random: so far it needed at most 32 examples
        phases=[Phase.generate],
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Agrees, settings=found)


class BrokenContract(StoreContract):
    """The contract, for stores that are given."""

    __test__ = False

    def make_store(self, folder: Path) -> Store:
        """Make no store: each test gets one."""
        raise NotImplementedError


def test_the_contract_finds_a_forgotten_lease() -> None:
    """A store that forgets leases does not pass the contract."""
    with pytest.raises(AssertionError):
        BrokenContract().test_lease_ends_with_the_first(NoLeases())


def test_the_contract_finds_a_feed_that_skips() -> None:
    """A store whose feed leaves something out does not pass the contract."""
    with pytest.raises(AssertionError):
        BrokenContract().test_feed_tells_all_in_order(ShortFeed())


@pytest.mark.parametrize(("loss", "events"), [(Loss.KEPT, 1), (Loss.DROPPED, 0)])
def test_a_lost_commit_is_kept_or_dropped(loss: Loss, events: int) -> None:
    """A commit whose answer is lost raises `CommitUnknown` once, stored or not."""
    store = LossyStore(MemoryStore())
    store.loss = loss

    with pytest.raises(CommitUnknown):
        save_change(store, "5000")

    assert events == len(store.events("5000"))
    assert events + 1 == save_change(store, "5000").seq
