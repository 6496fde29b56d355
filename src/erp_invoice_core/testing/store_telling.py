"""What a store tells: entries by their ids and in pages, the feed of events, the chains."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from ..events import replay
from ..stores import verify
from ..vocabulary import ExportStatus
from .store_keeping import StoreKeepingContract
from .store_samples import denied, kept, sent

if TYPE_CHECKING:
    from ..stores import Store

__all__ = ["StoreTellingContract"]

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


class StoreTellingContract(StoreKeepingContract):
    """See :class:`~erp_invoice_core.testing.StoreContract`."""

    def test_any_id_is_kept_apart(self, store: Store) -> None:
        """Ids are told apart by each of their characters, whatever these are."""
        for key in dict.fromkeys(_IDS):
            kept(store, key)
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
        """The feed tells every event once, in the order of its places, from any place on."""
        for key in ("1", "2", "1"):
            kept(store, key, denied)
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
        """Somebody who follows the feed while several threads write sees every event once."""

        def write(key: str) -> None:
            for _ in range(15):
                kept(store, key, denied)

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
        kept(store, "1")
        kept(store, "1", denied)
        kept(store, "2", partial(sent, slot="two"))
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
