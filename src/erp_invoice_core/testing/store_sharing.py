"""What several share through a store: slots, ERP ids, commands, work that is due."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from ..stores import ErpIdTaken, SlotTaken
from ..vocabulary import Action, ExportStatus
from .store_samples import AT, accepted, bill, changed, claimed, denied, kept, sent
from .store_telling import StoreTellingContract

if TYPE_CHECKING:
    from ..documents import QueueEntry
    from ..events import Change
    from ..stores import Store

__all__ = ["StoreSharingContract"]

_HOUR = timedelta(hours=1)
_MICRO = timedelta(microseconds=1)


def _owning(entry: QueueEntry, *erp_ids: str) -> dict[str, Any]:
    return {"holdings": tuple(bill(erp_id, entry.key("bill")) for erp_id in erp_ids)}


def _booked(entry: QueueEntry, *, erp_ids: tuple[str, ...], to: str = "paper") -> Change:
    return changed(
        entry, Action.POST, status=ExportStatus.SYNCED, connection=to, **_owning(entry, *erp_ids)
    )


class StoreSharingContract(StoreTellingContract):
    """See :class:`~erp_invoice_core.testing.StoreContract`."""

    def test_slot_is_one_entrys(self, store: Store) -> None:
        """A slot that is taken is refused to another entry, which keeps nothing of its change."""
        kept(store, "1", partial(sent, slot="number"))
        with pytest.raises(SlotTaken):
            kept(store, "2", partial(sent, slot="number"))
        assert dict(store.slot_holders(["number", "other"])) == {"number": "1"}
        assert list(store.events("2")) == []

    def test_slot_is_kept_over_changes(self, store: Store) -> None:
        """An entry that changes otherwise keeps its slot."""
        kept(store, "1", partial(sent, slot="number"))
        kept(store, "1", denied)
        with store.people() as transaction:
            assert dict(transaction.slot_holders(["number"])) == {"number": "1"}

    def test_freed_slot_can_be_taken(self, store: Store) -> None:
        """A slot that its entry gave up, or exchanged, is another's to take."""
        kept(store, "1", partial(sent, slot="number"))
        kept(store, "1", partial(sent, slot="other"))
        kept(store, "2", partial(sent, slot="number"))
        kept(store, "1", partial(sent, slot=None))
        assert dict(store.slot_holders(["number", "other"])) == {"number": "2"}

    def test_refused_save_keeps_nothing(self, store: Store) -> None:
        """A save that is refused in the middle of a transaction leaves nothing of itself."""
        kept(store, "1", partial(_booked, erp_ids=("B-1",)))
        with store.people() as transaction:
            new = transaction.entries(["2"])["2"]
            with pytest.raises(ErpIdTaken):
                transaction.save(sent(new, slot="number", **_owning(new, "B-2", "B-1")))
            assert dict(transaction.slot_holders(["number"])) == {}
            assert dict(transaction.owners("paper", ["B-1", "B-2"])) == {"B-1": ("1", 1)}
            transaction.save(denied(new))
        assert [event.seq for event in store.events("2")] == [1]

    def test_erp_id_has_one_owner(self, store: Store) -> None:
        """An ERP id that an entry owns is refused to every other one on that connection."""
        kept(store, "1", partial(_booked, erp_ids=("B-1",)))
        with pytest.raises(ErpIdTaken):
            kept(store, "2", partial(_booked, erp_ids=("B-1",)))
        kept(store, "2", partial(_booked, erp_ids=("B-1",), to="elsewhere"))
        with store.people() as transaction:
            assert dict(transaction.owners("paper", ["B-1", "B-2"])) == {"B-1": ("1", 1)}
            assert dict(transaction.owners("elsewhere", ["B-1"])) == {"B-1": ("2", 1)}

    def test_erp_id_stays_with_its_generation(self, store: Store) -> None:
        """An ERP id that a former generation owned is refused to the next one."""
        first = kept(store, "1", partial(_booked, erp_ids=("B-1",)))
        kept(store, "1", partial(changed, action=Action.UNLINK, generation=2))
        with pytest.raises(ErpIdTaken):
            kept(
                store,
                "1",
                lambda entry: changed(
                    entry, holdings=(*first.holdings, bill("B-1", entry.key("bill")))
                ),
            )

    def test_own_erp_id_is_no_conflict(self, store: Store) -> None:
        """A second receipt of its own document is an entry's to keep."""
        first = kept(store, "1", partial(_booked, erp_ids=("B-1",)))
        gone = tuple(attrs.evolve(held, gone=True) for held in first.holdings)
        after = kept(store, "1", partial(changed, holdings=(*first.holdings, *gone)))
        assert (*first.holdings, *gone) == after.holdings

    def test_commands_are_remembered(self, store: Store) -> None:
        """A command that was carried out is remembered per entry, one that was refused is not."""
        kept(store, "1", partial(sent, command="c1"))
        kept(store, "2", partial(denied, command="c1"))
        with store.people() as transaction:
            answers = [transaction.answered("c1", key) for key in ("1", "2")]
            assert answers == [1, None]
            assert transaction.answered("c2", "1") is None

    def test_due_entries_come_longest_waiting_first(self, store: Store) -> None:
        """Entries are due from their moment on, the longest waiting first, then by id."""
        for key, due in (("3", -_HOUR), ("2", -_HOUR), ("1", -_MICRO), ("4", _MICRO)):
            kept(store, key, partial(accepted, due=due))
        kept(store, "5")
        with store.work() as transaction:
            waiting = [entry.id for entry in transaction.due(AT, ["paper"], 10)]
            first = [entry.id for entry in transaction.due(AT, ["paper"], 2)]
            later = [entry.id for entry in transaction.due(AT + _MICRO, ["paper"], 10)]
        assert waiting == ["2", "3", "1"]
        assert first == ["2", "3"]
        assert later == ["2", "3", "1", "4"]

    def test_due_entries_are_those_of_the_connections(self, store: Store) -> None:
        """A worker is given only what its connections can do."""
        kept(store, "1", partial(accepted, connection="paper"))
        kept(store, "2", partial(accepted, connection="other"))
        with store.work() as transaction:
            assert [entry.id for entry in transaction.due(AT, ["other", "none"], 10)] == ["2"]
            assert list(transaction.due(AT, [], 10)) == []

    def test_leased_entries_are_due_when_the_lease_ends(self, store: Store) -> None:
        """A claimed entry is due again once its lease has run out, not before."""
        kept(store, "1", accepted)
        after = kept(store, "1", partial(claimed, lease=_HOUR))
        with store.work() as transaction:
            assert list(transaction.due(AT + _HOUR - _MICRO, ["paper"], 10)) == []
            assert [after] == list(transaction.due(AT + _HOUR, ["paper"], 10))

    def test_lease_ends_with_the_first(self, store: Store) -> None:
        """When the first lease of a worker's connections runs out is told, to the microsecond."""
        assert store.lease_ends(["paper"]) is None
        for key, lease in (("1", 2 * _HOUR), ("2", _HOUR + _MICRO)):
            kept(store, key, accepted)
            kept(store, key, partial(claimed, lease=lease))
        assert store.lease_ends(["paper"]) == AT + _HOUR + _MICRO
        assert store.lease_ends(["other"]) is None

    def test_two_workers_never_claim_the_same(self, store: Store) -> None:
        """Of two transactions that claim one after the other, the second finds nothing due."""
        kept(store, "1", accepted)
        with store.work() as transaction:
            transaction.save(claimed(transaction.due(AT, ["paper"], 1)[0], _HOUR))
        with store.work() as transaction:
            assert list(transaction.due(AT, ["paper"], 1)) == []
