"""What one transaction has read and is about to write."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING

import attrs

from ..rows import as_column, columns_of
from .sql import NO_NUMBER, NOTHING_SQL, number, of_column

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ...documents import QueueEntry
    from .pipeline import Talk


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
        """Return whether it is known what the command has answered for an entry that is held."""
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


class Pending:
    """
    Changes that wait to be said together, and the items of several that they belong to.

    An item has a savepoint only if something was asked while it was open; one whose changes still
    wait here is undone by forgetting them.
    """

    def __init__(self, talk: Talk, held: Held) -> None:
        self._talk = talk
        self._held = held
        self._waiting: list[Saving | str] = []
        self._said = 0
        self._items = 0

    def add(self, saving: Saving) -> None:
        """Let a change wait."""
        self._waiting.append(saving)

    def hand_over(self) -> None:
        """Give everything to the talk, which says it with its next question."""
        if not self._waiting:
            return
        for kind, group in groupby(self._waiting, key=type):
            if kind is Saving:
                savings = [one for one in group if isinstance(one, Saving)]
                self._talk.later(SAVE, *values_of(savings))
            else:
                for statement in group:
                    self._talk.later(str(statement))
        self._waiting = []
        self._said += 1

    @contextmanager
    def item(self) -> Iterator[None]:
        """Undo what is done inside, and nothing else, if it ends with an error."""
        self._items += 1
        name = f"erp_item_{self._items}"
        mark, place, said = self._held.mark, len(self._waiting), self._said
        self._waiting.append(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self._held.undo(mark)
            if said == self._said:
                del self._waiting[place:]
            else:
                self._waiting = []
                if not self._talk.dropped(f"SAVEPOINT {name}"):
                    self._waiting = [f"ROLLBACK TO {name}", f"RELEASE {name}"]
            raise
        if said == self._said:
            del self._waiting[place]
        else:
            self._waiting.append(f"RELEASE {name}")


# The last change of an entry is how it stands; the events tell them all, in their order.
SAVE = f"""
    WITH moved AS (
        UPDATE erp_entries AS entry SET status = n.status, seq = n.seq, head = n.head,
            connection = nullif(n.connection, {NOTHING_SQL}),
            wake_at = nullif(n.wake_at, {NO_NUMBER}),
            lease_until = nullif(n.lease_until, {NO_NUMBER}),
            body = n.body, paper = CASE n.paper WHEN '' THEN entry.paper ELSE n.paper END
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
            %s::text[], %s::bytea[], %s::bytea[])
            AS n (id, status, connection, seq, wake_at, lease_until, head, body, paper)
        WHERE entry.id = n.id
    ), told AS (
        INSERT INTO erp_events (entry_id, seq, body, digest)
        SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bytea[], %s::text[])
    )
    INSERT INTO erp_commands (command, entry_id, seq)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[])
    ON CONFLICT (command, entry_id) DO UPDATE SET seq = excluded.seq
"""  # noqa: S608 - only constants of ours are put in


@attrs.frozen(kw_only=True)
class Saving:
    """
    An entry after a change, and the event that tells it.

    Attributes:
        head: The digest of the event.
        paper: The entry's document, where it is another than before; else empty.
        command: What the change answers, where it is remembered; else empty.
    """

    entry: QueueEntry
    body: bytes
    event: bytes
    head: str
    paper: bytes = b""
    command: str = ""


def values_of(savings: Sequence[Saving]) -> tuple[object, ...]:
    """Return the values of :data:`SAVE`, column by column."""
    last = {saving.entry.id: saving for saving in savings}
    papers = {saving.entry.id: saving.paper for saving in savings if saving.paper}
    columns = [columns_of(saving.entry) for saving in last.values()]
    answers = [saving for saving in savings if saving.command]
    return (
        [as_column(key) for key in last],
        [status for status, *_ in columns],
        [of_column(connection) for _, connection, *_ in columns],
        [seq for _, _, seq, *_ in columns],
        [number(wake) for *_, wake, _ in columns],
        [number(lease) for *_, lease in columns],
        [saving.head for saving in last.values()],
        [saving.body for saving in last.values()],
        [papers.get(key, b"") for key in last],
        [as_column(saving.entry.id) for saving in savings],
        [saving.entry.seq for saving in savings],
        [saving.event for saving in savings],
        [saving.head for saving in savings],
        [as_column(saving.command) for saving in answers],
        [as_column(saving.entry.id) for saving in answers],
        [saving.entry.seq for saving in answers],
    )
