"""The entries that a transaction holds, as they stand: nobody else can move them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...documents import QueueEntry

__all__ = ["Held"]


@attrs.define
class Held:
    """Entries with the digest of their last event, and which commands have answered for them."""

    _entries: dict[str, tuple[QueueEntry, str]] = attrs.field(factory=dict, init=False)
    _answers: dict[str, dict[str, int | None]] = attrs.field(factory=dict, init=False)
    _journal: list[tuple[str, tuple[QueueEntry, str] | None]] = attrs.field(
        factory=list, init=False
    )

    def __contains__(self, entry_id: str) -> bool:
        return entry_id in self._entries

    @property
    def ids(self) -> Collection[str]:
        """The ids of the entries that are held."""
        return self._entries.keys()

    def entry(self, entry_id: str) -> QueueEntry:
        """Return the entry as it stands."""
        return self._entries[entry_id][0]

    def head(self, entry_id: str) -> str:
        """Return the digest of its last event."""
        return self._entries[entry_id][1]

    def put(self, entry: QueueEntry, head: str) -> QueueEntry:
        """Take note of how an entry stands now; return it."""
        self._journal.append((entry.id, self._entries.get(entry.id)))
        self._entries[entry.id] = entry, head
        return entry

    def drop(self, entry_id: str) -> None:
        """Take note that an entry is not there any more."""
        former = self._entries.pop(entry_id, None)
        if former is not None:
            self._journal.append((entry_id, former))

    def learn(self, command: str, ids: Collection[str], answers: Mapping[str, int]) -> None:
        """Take note of what a command has answered for these entries, and for no others."""
        known = self._answers.setdefault(command, {})
        known.update({entry_id: answers.get(entry_id) for entry_id in ids})

    def answer(self, command: str, entry_id: str, seq: int) -> None:
        """Take note of an answer of this transaction's own."""
        self._answers.setdefault(command, {})[entry_id] = seq

    def knows_answers(self, command: str, entry_id: str) -> bool:
        """Whether it is known what the command has answered for an entry that is held."""
        return entry_id in self._entries and entry_id in self._answers.get(command, {})

    def answered(self, command: str, entry_id: str) -> int | None:
        """Return the ``seq`` of the event with which the command has answered."""
        return self._answers[command].get(entry_id)

    @property
    def mark(self) -> int:
        """Where the journal stands."""
        return len(self._journal)

    def undo(self, mark: int) -> None:
        """Undo everything since that mark: what was locked since is no longer held."""
        self._answers.clear()
        while len(self._journal) > mark:
            entry_id, former = self._journal.pop()
            if former is None:
                self._entries.pop(entry_id, None)
            else:
                self._entries[entry_id] = former
