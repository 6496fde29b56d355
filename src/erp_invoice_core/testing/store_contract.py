"""The contract of a queue store: a test suite to subclass."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import HealthCheck, assume, given, settings

from ..documents import QueueEntry
from ..events import replay
from ..stores import EntryChanged, ErpIdTaken, SlotTaken, StaleEntry, verify
from ..vocabulary import Action, ExportStatus
from .samples import (
    AT,
    build_acceptance,
    build_bill,
    build_change,
    build_claim,
    build_denied_change,
    build_send,
    save_change,
)
from .strategies import entries as any_entries

if TYPE_CHECKING:
    from pathlib import Path

    from ..events import Change
    from ..stores import PeopleTransaction, Store

# Ids that a database might fold, cut, reorder or refuse.
_IDS = (
    "1",
    "01",
    "1 ",
    "a",
    "A",
    "\u00e5",
    "a\u030a",
    "\U0001f9fe",
    "%",
    "_",
    "'\"",
    "\\",
    "a\x00b",
    "\udcff",
)
_MANY = 1200
_HOUR = timedelta(hours=1)
_MICRO = timedelta(microseconds=1)
#: More than the largest integer of a database.
_HUGE = 2**63


class _Stop(Exception):
    """An error in a transaction, which undoes it."""


def _fail(transaction: PeopleTransaction, change: Change) -> None:
    """Save the change in a savepoint, and raise, so that the savepoint is undone."""
    with transaction.savepoint():
        transaction.save(change)
        raise _Stop


def _claim_expected(store: Store, *entries: QueueEntry) -> None:
    with store.work() as transaction:
        for entry in entries:
            transaction.save(build_claim(transaction.expect(entry), _HOUR))


def _collect_fields(entry: QueueEntry) -> dict[str, Any]:
    """Return the fields of an entry that a test copies to another entry, by name."""
    names = {field.name for field in attrs.fields(QueueEntry)} - {"id", "version", "seq"}
    return {name: getattr(entry, name) for name in names}


def _has_one_generation_each(entry: QueueEntry) -> bool:
    """Return whether no document of the entry belongs to two generations; stores refuse that."""
    documents = [each for each in entry.holdings if each.receipt.role is not None]
    owners = {(each.receipt.erp_id, each.key.generation) for each in documents}
    return len(owners) == len({erp_id for erp_id, _ in owners})


def _build_owning(entry: QueueEntry, *erp_ids: str) -> dict[str, Any]:
    return {"holdings": tuple(build_bill(erp_id, entry.build_key("bill")) for erp_id in erp_ids)}


def _build_booked(
    entry: QueueEntry, *, erp_ids: tuple[str, ...], to: str = "paper", slot: str | None = None
) -> Change:
    return build_change(
        entry,
        Action.POST,
        status=ExportStatus.SYNCED,
        connection=to,
        slot=slot,
        **_build_owning(entry, *erp_ids),
    )


class StoreContract(ABC):
    """
    The tests of a store; subclass it, and make an empty store for each test.

    .. code-block:: python

        class TestMyStore(StoreContract):
            def make_store(self, folder: Path) -> Store:
                return MyStore(folder / "queue.db")
    """

    @abstractmethod
    def make_store(self, folder: Path) -> Store:
        """Return an empty store of your own; *folder* is a directory of this test alone."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        """An empty store."""
        return self.make_store(tmp_path)

    def test_entry_and_event_are_kept(self, store: Store) -> None:
        """Saved changes are read by the next transaction, and by queries outside of one."""
        after = save_change(store, "5000")
        with store.people() as transaction:
            again = transaction.entries(["5000"])["5000"]
        assert after == again
        assert [after] == list(store.entries(["5000"]))
        events = store.events("5000")
        assert [(event.seq, event.actor, event.before, event.after) for event in events] == [
            (1, "pm", ExportStatus.NOT_SENT, ExportStatus.READY)
        ]

    def test_any_entry_is_kept(self, store: Store) -> None:
        """An entry with any content is read back as it was saved."""

        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        @given(any_entries())
        def check(entry: QueueEntry) -> None:
            assume(_has_one_generation_each(entry))
            now = store.entries(["5000"])[0]
            fields = _collect_fields(entry)
            if entry.holdings:  # a document of a connection is of one generation for ever
                fields["connection"] = f"{now.seq} {entry.connection}"
            after = save_change(store, "5000", lambda _: build_change(now, **fields))
            assert [after] == list(store.entries(["5000"]))

        check()

    def test_missing_entries_are_new(self, store: Store) -> None:
        """An entry that is not stored reads as a new one, and reading does not store it."""
        assert [QueueEntry(id="5000")] == list(store.entries(["5000"]))
        assert list(store.entries()) == []

    def test_locked_entries_are_made(self, store: Store) -> None:
        """Locking makes the entries that are missing and changes none that are there."""
        after = save_change(store, "5000")
        with store.people() as transaction:
            transaction.lock(["5000", "5001"])
        assert [after, QueueEntry(id="5001")] == list(store.entries())
        assert len(store.feed()) == 1

    def test_discarded_entries_are_gone(self, store: Store) -> None:
        """Discarding removes entries that only locking has made, and none that has an event."""
        after = save_change(store, "5000")
        with store.people() as transaction:
            transaction.lock(["5002"])
        with store.people() as transaction:
            transaction.entries(["5000", "5001", "5002"])
            transaction.discard(["5000", "5001", "5002"])
        assert [after] == list(store.entries())
        again = save_change(store, "5001")
        assert [after, again] == list(store.entries())

    def test_discarding_is_undone_with_its_item(self, store: Store) -> None:
        """An entry discarded in a savepoint is there as before if the savepoint is undone."""
        with store.people() as transaction:
            transaction.entries(["5000"])
            with suppress(_Stop), transaction.savepoint():
                transaction.discard(["5000"])
                raise _Stop
            transaction.save(build_send(transaction.entries(["5000"])["5000"]))
        assert [entry.id for entry in store.entries()] == ["5000"]

    def test_stale_entry_is_refused(self, store: Store) -> None:
        """A change made from an entry that has changed since is refused, and stores nothing."""
        old = QueueEntry(id="5000")
        after = save_change(store, "5000")
        with pytest.raises(StaleEntry), store.people() as transaction:
            transaction.save(build_send(old))
        assert [after] == list(store.entries(["5000"]))
        assert len(store.events("5000")) == 1

    def test_error_undoes_the_transaction(self, store: Store) -> None:
        """An error in a transaction undoes all of it: entries, events, slots and commands."""

        def broken_off() -> None:
            with store.people() as transaction:
                transaction.lock(["5001"])
                new = transaction.entries(["5000"])["5000"]
                transaction.save(build_send(new, slot="a slot", command="c1"))
                raise _Stop

        with pytest.raises(_Stop):
            broken_off()
        assert list(store.entries()) == []
        assert list(store.feed()) == []
        assert dict(store.find_slot_holders(["a slot"])) == {}
        with store.people() as transaction:
            assert transaction.find_answer("c1", "5000") is None

    def test_item_undoes_itself_alone(self, store: Store) -> None:
        """An error in one of several savepoints undoes that one and keeps the others."""
        with store.people() as transaction:
            entries = transaction.entries(["1", "2", "3"])
            with transaction.savepoint():
                transaction.save(build_send(entries["1"], slot="one"))
            with pytest.raises(_Stop):
                _fail(transaction, build_send(entries["2"], slot="two"))
            with transaction.savepoint():
                transaction.save(build_send(entries["3"], slot="three"))
        statuses = {entry.id: entry.status for entry in store.entries()}
        ready = ExportStatus.READY
        assert {"1": ready, "2": ExportStatus.NOT_SENT, "3": ready} == statuses
        assert dict(store.find_slot_holders(["one", "two", "three"])) == {"one": "1", "three": "3"}
        assert [stored.event.entry_id for stored in store.feed()] == ["1", "3"]

    def test_items_nest(self, store: Store) -> None:
        """An error in an inner savepoint undoes its changes and keeps those of the outer one."""
        with store.people() as transaction, transaction.savepoint():
            entries = transaction.entries(["1", "2"])
            with pytest.raises(_Stop):
                _fail(transaction, build_send(entries["1"]))
            transaction.save(build_send(entries["2"]))
        assert [stored.event.entry_id for stored in store.feed()] == ["2"]

    def test_any_id_is_kept_apart(self, store: Store) -> None:
        """Ids that differ in any character are different ids."""
        for key in dict.fromkeys(_IDS):
            save_change(store, key)
        with store.people() as transaction:
            found = transaction.entries(_IDS)
        assert {key: key for key in _IDS} == {key: entry.id for key, entry in found.items()}
        assert list(_IDS) == [entry.id for entry in store.entries(_IDS)]
        assert set(_IDS) == {entry.id for entry in store.entries()}
        assert [1] * len(_IDS) == [len(store.events(key)) for key in _IDS]

    def test_pages_of_many_entries(self, store: Store) -> None:
        """Many entries are read in pages that miss none and repeat none."""
        ids = [f"{number:05}" for number in range(_MANY)]
        with store.people() as transaction:
            assert len(transaction.entries(ids)) == _MANY
        pages: list[list[str]] = []
        after: str | None = None
        while page := store.entries(after=after, limit=500):
            pages.append([entry.id for entry in page])
            after = page[-1].id
        assert [len(page) for page in pages] == [500, 500, 200]
        assert ids == [key for page in pages for key in page]

    def test_feed_tells_all_in_order(self, store: Store) -> None:
        """The change feed has every event once, in order, and can be read from any place on."""
        for key in ("1", "2", "1"):
            save_change(store, key, build_denied_change)
        stored = list(store.feed())
        assert [(one.event.entry_id, one.event.seq) for one in stored] == [
            ("1", 1),
            ("2", 1),
            ("1", 2),
        ]
        assert sorted({one.place for one in stored}) == [one.place for one in stored]
        assert stored[1:] == list(store.feed(stored[0].place))
        assert stored[:2] == list(store.feed(limit=2))
        assert list(store.feed(stored[-1].place)) == []

    def test_feed_skips_nothing_while_others_write(self, store: Store) -> None:
        """A reader of the feed gets every event once while several threads write."""

        def write(key: str) -> None:
            for _ in range(15):
                save_change(store, key, build_denied_change)

        writers = [threading.Thread(target=write, args=(key,)) for key in ("1", "2", "3")]
        for writer in writers:
            writer.start()
        seen: list[tuple[str, int]] = []
        place, over = 0, False
        while not over:
            over = not any(writer.is_alive() for writer in writers)
            while page := store.feed(place, 10):
                seen += [(one.event.entry_id, one.event.seq) for one in page]
                place = page[-1].place
        expected = {(key, seq) for key in ("1", "2", "3") for seq in range(1, 16)}
        assert (45, expected) == (len(seen), set(seen))

    def test_chains_verify(self, store: Store) -> None:
        """Events are chained per entry, and lead to the entry's status."""
        save_change(store, "1")
        save_change(store, "1", build_denied_change)
        save_change(store, "2", partial(build_send, slot="two"))
        with store.people() as transaction:
            transaction.lock(["3"])
        chains = list(store.chains())
        assert [(chain.entry_id, len(chain.links)) for chain in chains] == [
            ("1", 2),
            ("2", 1),
            ("3", 0),
        ]
        verification = verify(chains)
        assert (verification.problems, verification.entries, verification.events) == ((), 3, 3)
        assert ExportStatus.READY is replay(store.events("1"))

    def test_slot_is_one_entrys(self, store: Store) -> None:
        """A taken slot is refused to another entry, whose change is not stored."""
        save_change(store, "1", partial(build_send, slot="number"))
        with pytest.raises(SlotTaken):
            save_change(store, "2", partial(build_send, slot="number"))
        assert dict(store.find_slot_holders(["number", "other"])) == {"number": "1"}
        assert list(store.events("2")) == []

    def test_slot_is_kept_over_changes(self, store: Store) -> None:
        """An entry keeps its number slot in a change that is not about the slot."""
        save_change(store, "1", partial(build_send, slot="number"))
        save_change(store, "1", build_denied_change)
        with store.people() as transaction:
            assert dict(transaction.find_slot_holders(["number"])) == {"number": "1"}

    def test_expected_slot_is_compared(self, store: Store) -> None:
        """If a slot expected to be free is held, the holder is returned, or nothing is stored."""
        save_change(store, "1", partial(build_send, slot="number"))
        with store.people() as transaction:
            assert not transaction.expect_free(["other"])
            transaction.save(build_denied_change(transaction.entries(["2"])["2"]))
        holders: dict[str, str] = {}
        try:
            with store.people() as transaction:
                holders = dict(transaction.expect_free(["number"]))
                transaction.save(build_denied_change(transaction.entries(["3"])["3"]))
        except EntryChanged:
            assert list(store.events("3")) == []
        else:
            assert holders == {"number": "1"}
        assert len(store.events("2")) == 1

    def test_entry_expected_to_be_new_is_compared(self, store: Store) -> None:
        """If an entry expected to be new has events, it is returned, or nothing is stored."""
        with store.people() as transaction:
            for entry in transaction.expect_new(["1", "2"]).values():
                transaction.save(build_denied_change(entry))
        found = None
        try:
            with store.people() as transaction:
                found = transaction.expect_new(["2", "3"])
                for entry in found.values():
                    transaction.save(build_denied_change(entry))
        except EntryChanged:
            assert [len(store.events(each)) for each in ("2", "3")] == [1, 0]
        else:
            assert found["2"].seq == 1
        assert len(store.events("1")) == 1

    def test_freed_slot_can_be_taken(self, store: Store) -> None:
        """A slot that its entry gave up, or replaced by another slot, is free for other entries."""
        save_change(store, "1", partial(build_send, slot="number"))
        save_change(store, "1", partial(build_send, slot="other"))
        save_change(store, "2", partial(build_send, slot="number"))
        save_change(store, "1", partial(build_send, slot=None))
        assert dict(store.find_slot_holders(["number", "other"])) == {"number": "2"}

    def test_refused_save_keeps_nothing(self, store: Store) -> None:
        """A save that is refused in the middle of a transaction stores nothing."""
        save_change(store, "1", partial(_build_booked, erp_ids=("B-1",)))
        with store.people() as transaction:
            new = transaction.entries(["2"])["2"]
            with pytest.raises(ErpIdTaken):
                transaction.save(build_send(new, slot="number", **_build_owning(new, "B-2", "B-1")))
            assert dict(transaction.find_slot_holders(["number"])) == {}
            assert dict(transaction.find_owners("paper", ["B-1", "B-2"])) == {"B-1": ("1", 1)}
            transaction.save(build_denied_change(new))
        assert [event.seq for event in store.events("2")] == [1]

    def test_taken_erp_id_is_refused_before_a_taken_slot(self, store: Store) -> None:
        """A change with a taken ERP id and a taken slot is refused because of the id."""
        save_change(store, "1", partial(_build_booked, erp_ids=("B-1",), slot="number"))
        with pytest.raises(ErpIdTaken):
            save_change(store, "2", partial(_build_booked, erp_ids=("B-1",), slot="number"))

    def test_erp_id_has_one_owner(self, store: Store) -> None:
        """An ERP id that an entry owns is refused to every other one on that connection."""
        save_change(store, "1", partial(_build_booked, erp_ids=("B-1",)))
        with pytest.raises(ErpIdTaken):
            save_change(store, "2", partial(_build_booked, erp_ids=("B-1",)))
        save_change(store, "2", partial(_build_booked, erp_ids=("B-1",), to="elsewhere"))
        with store.people() as transaction:
            assert dict(transaction.find_owners("paper", ["B-1", "B-2"])) == {"B-1": ("1", 1)}
            assert dict(transaction.find_owners("elsewhere", ["B-1"])) == {"B-1": ("2", 1)}

    def test_erp_id_stays_with_its_generation(self, store: Store) -> None:
        """An ERP id that a former generation owned is refused to the next one."""
        first = save_change(store, "1", partial(_build_booked, erp_ids=("B-1",)))
        save_change(store, "1", partial(build_change, action=Action.UNLINK, generation=2))
        with pytest.raises(ErpIdTaken):
            save_change(
                store,
                "1",
                lambda entry: build_change(
                    entry, holdings=(*first.holdings, build_bill("B-1", entry.build_key("bill")))
                ),
            )

    def test_own_erp_id_is_no_conflict(self, store: Store) -> None:
        """An entry may store a second receipt of its own document."""
        first = save_change(store, "1", partial(_build_booked, erp_ids=("B-1",)))
        gone = tuple(attrs.evolve(held, gone=True) for held in first.holdings)
        after = save_change(store, "1", partial(build_change, holdings=(*first.holdings, *gone)))
        assert (*first.holdings, *gone) == after.holdings

    def test_commands_are_remembered(self, store: Store) -> None:
        """A command is remembered for each entry that it changed, not for one that denied it."""
        save_change(store, "1", partial(build_send, command="c1"))
        save_change(store, "2", partial(build_denied_change, command="c1"))
        with store.people() as transaction:
            answers = [transaction.find_answer("c1", key) for key in ("1", "2")]
            assert answers == [1, None]
            assert transaction.find_answer("c2", "1") is None

    def test_due_entries_come_longest_waiting_first(self, store: Store) -> None:
        """Entries are found from the time they are due; the longest waiting first, then by id."""
        for key, due in (("3", -_HOUR), ("2", -_HOUR), ("1", -_MICRO), ("4", _MICRO)):
            save_change(store, key, partial(build_acceptance, due=due))
        save_change(store, "5")
        with store.work() as transaction:
            waiting = [entry.id for entry in transaction.find_due_entries(AT, ["paper"], 10)]
            first = [entry.id for entry in transaction.find_due_entries(AT, ["paper"], 2)]
            later = [entry.id for entry in transaction.find_due_entries(AT + _MICRO, ["paper"], 10)]
        assert waiting == ["2", "3", "1"]
        assert first == ["2", "3"]
        assert later == ["2", "3", "1", "4"]

    def test_due_entries_are_those_of_the_connections(self, store: Store) -> None:
        """A worker gets only entries of its connections."""
        save_change(store, "1", partial(build_acceptance, connection="paper"))
        save_change(store, "2", partial(build_acceptance, connection="other"))
        with store.work() as transaction:
            assert [
                entry.id for entry in transaction.find_due_entries(AT, ["other", "none"], 10)
            ] == ["2"]
            assert list(transaction.find_due_entries(AT, [], 10)) == []

    def test_leased_entries_are_due_when_the_lease_ends(self, store: Store) -> None:
        """A claimed entry is due again once its lease has run out, not before."""
        save_change(store, "1", build_acceptance)
        after = save_change(store, "1", partial(build_claim, lease=_HOUR))
        with store.work() as transaction:
            assert list(transaction.find_due_entries(AT + _HOUR - _MICRO, ["paper"], 10)) == []
            assert [after] == list(transaction.find_due_entries(AT + _HOUR, ["paper"], 10))

    def test_due_entries_are_found_without_a_transaction(self, store: Store) -> None:
        """
        Outside of a transaction, the store returns the due entries of the given connections.

        It also returns the entries of other connections whose lease has ended.
        """
        for key, due in (("3", -_HOUR), ("2", -_HOUR), ("1", -_MICRO), ("4", _MICRO)):
            save_change(store, key, partial(build_acceptance, due=due))
        save_change(store, "5", partial(build_acceptance, connection="other"))
        held = save_change(store, "2", partial(build_claim, lease=_HOUR))
        found = store.find_due_entries(AT, ["paper"], 10)
        assert [entry.id for entry in found] == ["3", "1"]
        assert [entry.id for entry in store.find_due_entries(AT, ["paper"], 1)] == ["3"]
        assert list(store.find_due_entries(AT, ["none"], 10)) == []
        assert held in store.find_due_entries(AT + _HOUR, ["none"], 10)

    def test_several_changes_of_an_entry_are_one_unit(self, store: Store) -> None:
        """A worker's transaction reads its own changes, without those of an undone savepoint."""
        save_change(store, "1", build_acceptance)
        with store.work() as transaction:
            claimed = build_claim(transaction.entries(["1"])["1"], _HOUR)
            transaction.save(claimed)
            assert list(transaction.find_due_entries(AT, ["paper"], 10)) == []
            with suppress(_Stop):
                _fail(transaction, build_denied_change(claimed.after))
            assert claimed.after == transaction.entries(["1"])["1"]
            transaction.save(build_denied_change(claimed.after))
        assert [event.seq for event in store.events("1")] == [1, 2, 3]
        assert [entry.seq for entry in store.entries()] == [3]
        assert verify(store.chains()).ok

    def test_events_are_read_page_by_page(self, store: Store) -> None:
        """A page of events begins after a sequence number and has at most *limit* events."""
        save_change(store, "1")
        for _ in range(4):
            save_change(store, "1", build_denied_change)
        save_change(store, "2")

        def read(**page: int) -> list[int]:
            return [event.seq for event in store.events("1", **page)]

        assert read() == [1, 2, 3, 4, 5]
        assert read(limit=2) == [1, 2]
        assert read(after=2, limit=2) == [3, 4]
        assert read(after=4, limit=2) == [5]
        assert read(after=3) == [4, 5]
        assert read(after=5, limit=2) == []

    def test_pages_with_huge_bounds(self, store: Store) -> None:
        """A huge limit returns all rows, and a limit of 0 or a huge position returns none."""
        for key in ("1", "2"):
            save_change(store, key)

        for limit in (_HUGE - 1, _HUGE, 10 * _HUGE):
            assert [entry.id for entry in store.entries(limit=limit)] == ["1", "2"]
            assert [event.seq for event in store.events("1", limit=limit)] == [1]
            assert [one.event.entry_id for one in store.feed(0, limit)] == ["1", "2"]
            assert list(store.events("1", after=limit, limit=1)) == []
            assert list(store.feed(limit, 1)) == []
        assert list(store.entries(limit=0)) == []
        assert list(store.events("1", limit=0)) == []
        assert list(store.feed(0, 0)) == []

    @pytest.mark.parametrize(
        ("wrong", "expected"),
        [(-1, ValueError), (-_HUGE - 1, ValueError), (1.5, TypeError), (True, TypeError)],
    )
    def test_wrong_bounds_of_a_page_are_refused(
        self,
        store: Store,
        wrong: Any,  # noqa: ANN401 - wrong types are what is tried
        expected: type[Exception],
    ) -> None:
        """A limit or position that is negative or not a whole number is an error of the caller."""
        save_change(store, "1")

        with pytest.raises(expected, match="limit must be "):
            store.entries(limit=wrong)
        with pytest.raises(expected, match="limit must be "):
            store.events("1", limit=wrong)
        with pytest.raises(expected, match="limit must be "):
            store.feed(0, wrong)
        with pytest.raises(expected, match="after must be "):
            store.events("1", after=wrong)
        with pytest.raises(expected, match="after must be "):
            store.feed(wrong, 1)

    def test_an_expected_entry_is_changed(self, store: Store) -> None:
        """A worker can change an entry that is still as it saw it; the events are in order."""
        save_change(store, "1", build_acceptance)
        (seen,) = store.find_due_entries(AT, ["paper"], 1)
        with store.work() as transaction:
            claimed = build_claim(transaction.expect(seen), _HOUR)
            transaction.save(claimed)
            transaction.save(build_denied_change(claimed.after))
        with store.work() as transaction:
            after = build_denied_change(claimed.after).after
            transaction.save(build_denied_change(transaction.expect(after)))
        assert store.entries(["1"])[0].seq == seen.seq + 3
        assert verify(store.chains()).ok

    def test_an_expected_entry_that_has_changed_is_not_overwritten(self, store: Store) -> None:
        """If an expected entry has changed, a transaction stores nothing; the next can read it."""
        save_change(store, "1", build_acceptance)
        save_change(store, "2", build_acceptance)
        seen, other = store.find_due_entries(AT, ["paper"], 2)
        stored = save_change(store, "1", build_denied_change)
        with pytest.raises(EntryChanged):
            _claim_expected(store, other, seen)
        assert store.entries(["1", "2"]) == [stored, other]
        with store.work() as transaction:
            assert transaction.entries(["1"])["1"] == stored

    def test_an_expected_entry_with_a_slot_that_is_taken(self, store: Store) -> None:
        """A worker's change is refused at every try while another entry holds its number slot."""
        save_change(store, "1", partial(build_send, slot="number"))
        save_change(store, "2", build_acceptance)
        (seen,) = store.find_due_entries(AT, ["paper"], 1)
        with pytest.raises(SlotTaken), store.work() as transaction:
            transaction.save(build_change(transaction.expect(seen), slot="number"))
        with pytest.raises(SlotTaken), store.work() as transaction:
            transaction.save(build_change(transaction.expect(seen), slot="number"))
        assert store.entries(["2"]) == [seen]

    def test_an_expected_entry_with_a_document_of_another(self, store: Store) -> None:
        """A worker's change is refused at every try if another entry owns an ERP id in it."""
        save_change(store, "1", partial(_build_booked, erp_ids=("B-1",)))
        save_change(store, "2", build_acceptance)
        (seen,) = store.find_due_entries(AT, ["paper"], 1)
        with pytest.raises(ErpIdTaken), store.work() as transaction:
            transaction.save(_build_booked(transaction.expect(seen), erp_ids=("B-2", "B-1")))
        with pytest.raises(ErpIdTaken), store.work() as transaction:
            transaction.save(_build_booked(transaction.expect(seen), erp_ids=("B-2", "B-1")))
        assert store.entries(["2"]) == [seen]
        with store.work() as transaction:
            transaction.save(_build_booked(transaction.expect(seen), erp_ids=("B-2",)))
        assert verify(store.chains()).ok

    def test_lease_ends_with_the_first(self, store: Store) -> None:
        """The store returns the exact moment at which the first lease on the connections ends."""
        assert store.find_lease_end(["paper"]) is None
        for key, lease in (("1", 2 * _HOUR), ("2", _HOUR + _MICRO)):
            save_change(store, key, build_acceptance)
            save_change(store, key, partial(build_claim, lease=lease))
        assert store.find_lease_end(["paper"]) == AT + _HOUR + _MICRO
        assert store.find_lease_end(["other"]) is None

    def test_two_workers_never_claim_the_same(self, store: Store) -> None:
        """Of two transactions that claim one after the other, the second finds nothing due."""
        save_change(store, "1", build_acceptance)
        with store.work() as transaction:
            transaction.save(build_claim(transaction.find_due_entries(AT, ["paper"], 1)[0], _HOUR))
        with store.work() as transaction:
            assert list(transaction.find_due_entries(AT, ["paper"], 1)) == []
