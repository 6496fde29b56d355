"""What a store keeps: entries, events, the feed, the chains; whole transactions or nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from ..documents import QueueEntry
from ..stores import StaleEntry
from ..vocabulary import ExportStatus
from .store_samples import changed, kept, sent
from .strategies import entries as any_entries

if TYPE_CHECKING:
    from pathlib import Path

    from ..events import Change
    from ..stores import PeopleTransaction, Store

__all__ = ["StoreKeepingContract"]


class _Stop(Exception):
    """Raised by a test, to see what is undone."""


class StoreKeepingContract(ABC):
    """See :class:`~erp_invoice_core.testing.StoreContract`."""

    @abstractmethod
    def make_store(self, folder: Path) -> Store:
        """Return an empty store of your own; *folder* is a directory of this test alone."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        """An empty store."""
        return self.make_store(tmp_path)

    def test_entry_and_event_are_kept(self, store: Store) -> None:
        """What was saved is read again, by the next transaction and without one."""
        after = kept(store, "5000")
        with store.people() as transaction:
            again = transaction.entries(["5000"])["5000"]
        assert after == again
        assert [after] == list(store.entries(["5000"]))
        events = store.events("5000")
        assert [(event.seq, event.actor, event.before, event.after) for event in events] == [
            (1, "pm", ExportStatus.NOT_SENT, ExportStatus.READY)
        ]

    def test_any_entry_is_kept(self, store: Store) -> None:
        """Every field of every entry comes back as it was."""

        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        @given(any_entries())
        def check(entry: QueueEntry) -> None:
            now = store.entries(["5000"])[0]
            after = kept(store, "5000", lambda _: changed(now, **_fields(entry)))
            assert [after] == list(store.entries(["5000"]))

        check()

    def test_missing_entries_are_new(self, store: Store) -> None:
        """An entry that nobody has stored is a new one, and asking does not store it."""
        assert [QueueEntry(id="5000")] == list(store.entries(["5000"]))
        assert list(store.entries()) == []

    def test_locked_entries_are_made(self, store: Store) -> None:
        """Locking makes the entries that are missing and changes none that are there."""
        after = kept(store, "5000")
        with store.people() as transaction:
            transaction.lock(["5000", "5001"])
        assert [after, QueueEntry(id="5001")] == list(store.entries())
        assert len(store.feed()) == 1

    def test_discarded_entries_are_gone(self, store: Store) -> None:
        """Discarding removes what locking alone has made, and nothing that has an event."""
        after = kept(store, "5000")
        with store.people() as transaction:
            transaction.lock(["5002"])
        with store.people() as transaction:
            transaction.entries(["5000", "5001", "5002"])
            transaction.discard(["5000", "5001", "5002"])
        assert [after] == list(store.entries())
        again = kept(store, "5001")
        assert [after, again] == list(store.entries())

    def test_discarding_is_undone_with_its_item(self, store: Store) -> None:
        """An entry that was discarded inside an item that failed is there as before."""
        with store.people() as transaction:
            transaction.entries(["5000"])
            with suppress(_Stop), transaction.item():
                transaction.discard(["5000"])
                raise _Stop
            transaction.save(sent(transaction.entries(["5000"])["5000"]))
        assert [entry.id for entry in store.entries()] == ["5000"]

    def test_stale_entry_is_refused(self, store: Store) -> None:
        """A change of an entry that has moved since is refused, and keeps nothing."""
        old = QueueEntry(id="5000")
        after = kept(store, "5000")
        with pytest.raises(StaleEntry), store.people() as transaction:
            transaction.save(sent(old))
        assert [after] == list(store.entries(["5000"]))
        assert len(store.events("5000")) == 1

    def test_error_undoes_the_transaction(self, store: Store) -> None:
        """An error in a transaction undoes all of it: entries, events, slots and commands."""

        def broken_off() -> None:
            with store.people() as transaction:
                transaction.lock(["5001"])
                new = transaction.entries(["5000"])["5000"]
                transaction.save(sent(new, slot="a slot", command="c1"))
                raise _Stop

        with pytest.raises(_Stop):
            broken_off()
        assert list(store.entries()) == []
        assert list(store.feed()) == []
        assert dict(store.slot_holders(["a slot"])) == {}
        with store.people() as transaction:
            assert transaction.answered("c1", "5000") is None

    def test_item_undoes_itself_alone(self, store: Store) -> None:
        """An error in one item of several undoes that item; the others are kept."""
        with store.people() as transaction:
            entries = transaction.entries(["1", "2", "3"])
            with transaction.item():
                transaction.save(sent(entries["1"], slot="one"))
            with pytest.raises(_Stop):
                _fail(transaction, sent(entries["2"], slot="two"))
            with transaction.item():
                transaction.save(sent(entries["3"], slot="three"))
        statuses = {entry.id: entry.status for entry in store.entries()}
        ready = ExportStatus.READY
        assert {"1": ready, "2": ExportStatus.NOT_SENT, "3": ready} == statuses
        assert dict(store.slot_holders(["one", "two", "three"])) == {"one": "1", "three": "3"}
        assert [stored.event.entry_id for stored in store.feed()] == ["1", "3"]

    def test_items_nest(self, store: Store) -> None:
        """An inner item that fails is undone without the outer one."""
        with store.people() as transaction, transaction.item():
            entries = transaction.entries(["1", "2"])
            with pytest.raises(_Stop):
                _fail(transaction, sent(entries["1"]))
            transaction.save(sent(entries["2"]))
        assert [stored.event.entry_id for stored in store.feed()] == ["2"]


def _fail(transaction: PeopleTransaction, change: Change) -> None:
    """Save the change in an item that then fails."""
    with transaction.item():
        transaction.save(change)
        raise _Stop


def _fields(entry: QueueEntry) -> dict[str, Any]:
    """Return what an entry says, but for its id and the numbers that a change counts."""
    names = ("status", "connection", "generation", "attempt", "document", "digest", "sent_by")
    more = ("acceptance", "plan", "calls", "lease", "fencing", "due_at", "withdrawing", "refusal")
    return {name: getattr(entry, name) for name in (*names, *more)}
