"""The transaction for people's actions on the store's own connection to PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...documents import QueueEntry
from ..audit_chain import START
from ..errors import EntryChanged
from .transaction import PostgresPeople
from .unit_of_work import CREATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pipeline import OwnPipeline


class PostgresOwnPeople(PostgresPeople):
    """
    A transaction for people's actions on the store's connection, which the caller can repeat.

    While every entry in it is expected to be new (:meth:`expect_new`), it reads and locks nothing,
    and one statement creates all of them at the end, in one round trip (line 4f). A query, or an
    entry that is not changed, locks the entries first.
    """

    def __init__(self, pipeline: OwnPipeline, company: str) -> None:
        """Store the pipeline of the transaction, and the company, encoded by ``to_column``."""
        super().__init__(pipeline, company)
        self._own = pipeline
        self._new: set[str] = set()

    def expect_new(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return new entries without a query, if nothing was executed before."""
        # An answer that is lost is not sent again, so a broken connection is replaced before.
        if self._own.is_begun or self._identity_map.ids or not self._own.is_alive():
            return self.entries(ids)
        self._new.update(ids)
        return {
            entry_id: self._identity_map.put(QueueEntry(id=entry_id), START) for entry_id in ids
        }

    def _flush(self) -> None:
        """Lock the expected entries, and pass the pending writes on, before another statement."""
        if self._new:
            with self._pending_writes.held_back():
                self._lock_new()
        super()._flush()

    def _lock_new(self) -> None:
        """
        Create and lock the expected entries, which are then like any other locked entries.

        Raises:
            EntryChanged: One of them has an event.
        """
        new, self._new = sorted(self._new), set()
        known = [(self._identity_map.entry(key), self._identity_map.head(key)) for key in new]
        for entry_id in new:
            self._identity_map.drop(entry_id)
        self.lock(new)
        for entry, head in known:
            if self._identity_map.entry(entry.id).seq:
                msg = f"Invoice {entry.id} is not new as expected. Run the transaction again."
                raise EntryChanged(msg)
            self._identity_map.put(entry, head)

    def find_answer(self, command: str, entry_id: str) -> int | None:
        """Return the ``seq`` of the event that the command caused; ``None`` for a new command."""
        if entry_id in self._new and not self._identity_map.has_answers(command, entry_id):
            return None  # a new entry has no event
        return super().find_answer(command, entry_id)

    def finish(self) -> None:
        """Create the new entries, or pass the pending writes to the pipeline."""
        if self._new and self._new == self._pending_writes.ids:
            self._new.clear()
            self._own.execute_alone(CREATE, *self._pending_writes.build_creation())
        else:
            super().finish()
