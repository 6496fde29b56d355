"""The conversion of entries and events to database rows and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from ..canonical import InvalidData
from ..events import AuditEvent
from ..vocabulary import ExportStatus
from ..wire.converter import unpack
from .blobs import unpack_entry
from .errors import EntryChanged
from .protocol import Chain, DerivedRows
from .unreadable_rows import set_aside, set_aside_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..documents import QueueEntry


_NO_ROWS = DerivedRows()


def to_bytes(value: Any) -> bytes:  # noqa: ANN401 - bytes in any type of a driver
    """
    Return a stored body as bytes; an edit by hand may have stored a text.

    Raises:
        InvalidData: It is neither bytes nor text.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    msg = f"Expected bytes, found {type(value).__name__}."
    raise InvalidData(msg)


def build_entry(body: object, document_json: object) -> QueueEntry:
    """
    Return the entry of a body and its document.

    Raises:
        InvalidData: The body is not an entry's, or its document is missing.
    """
    return unpack_entry(to_bytes(body), None if document_json is None else to_bytes(document_json))


def read_entry(entry_id: str, body: object, document_json: object, seq: object) -> QueueEntry:
    """
    Return the entry of a row, or an unreadable entry if the row cannot be read.

    Args:
        entry_id: The id of the row.
        body: The entry's bytes.
        document_json: Its document's bytes, if there are any.
        seq: The number of its last event, from the row's column.
    """
    try:
        entry = build_entry(body, document_json)
    except InvalidData as error:
        return set_aside(entry_id, str(error), body, document_json)
    if entry.id != entry_id:
        return set_aside(entry_id, f"It contains entry {entry.id} instead.", body)
    if entry.seq != seq:
        return set_aside(entry_id, f"Its column seq is {seq}, its body has {entry.seq}.", body, seq)
    return entry


def require_unchanged(entry: QueueEntry, stored: QueueEntry) -> QueueEntry:
    """
    Return the stored entry, after a check that ``entry`` is not outdated.

    Raises:
        EntryChanged: The last event of the stored entry is not that of ``entry``.
    """
    if stored.seq != entry.seq:
        msg = f"Invoice {entry.id} has changed since it was read. Read it again."
        raise EntryChanged(msg)
    return stored


def read_event(entry_id: str, body: object) -> AuditEvent | None:
    """Return the event of a row, or log an error and return ``None``."""
    try:
        return unpack(to_bytes(body), AuditEvent)
    except InvalidData as error:
        set_aside_event(entry_id, str(error), body)
        return None


def read_events(
    entry_id: str,
    query: Callable[[int, int | None], Sequence[tuple[object, ...]]],
    after: int,
    limit: int | None,
) -> list[AuditEvent]:
    """
    Return a page of an entry's events, without those that cannot be read.

    Args:
        entry_id: The entry.
        query: Called with a ``seq`` and a limit; returns ``seq`` and body of the events after it.
        after: The ``seq`` after which the page begins.
        limit: The most events to return; ``None`` for all.
    """
    events: list[AuditEvent] = []
    while limit is None or len(events) < limit:
        wanted = None if limit is None else limit - len(events)
        found = query(after, wanted)
        read = [read_event(entry_id, body) for _, body in found]
        events += [event for event in read if event is not None]
        last = to_int(found[-1][0]) if found else after
        if wanted is None or len(found) < wanted or last <= after:
            break
        after = last
    return events


def build_columns(entry: QueueEntry) -> tuple[str, str | None, int, int | None, int | None]:
    """
    Return the values of an entry's columns: status, connection, ``seq``, wake time, lease end.

    The two times are microseconds since 1970 (UTC); ``None`` if the entry is not due or not leased.
    """
    wake, lease = find_wake_time(entry), entry.lease.until if entry.lease else None
    return (
        entry.status.value,
        None if entry.connection is None else to_column(entry.connection),
        entry.seq,
        None if wake is None else to_micros(wake),
        None if lease is None else to_micros(lease),
    )


def to_int(value: object) -> int:
    """Return the whole number of a column, or -1 for another value, as after an edit by hand."""
    return value if isinstance(value, int) else -1


def build_chain(
    entry_id: str, stored: Sequence[Sequence[object]], derived: DerivedRows | None = None
) -> Chain:
    """
    Return an entry with its events, for verification.

    Args:
        entry_id: Its id.
        stored: The row of the entry, if it is stored, and then those of its events. Each row has 0
            for the entry or 1 for an event, ``seq`` (0 for the entry), body, digest, the five
            columns of the entry, its document, and the event's place in the feed.
        derived: The derived rows, without the places.
    """
    events = [row for row in stored if row[0]]
    links = tuple((_to_raw_bytes(row[2]), str(row[3])) for row in events)
    places = tuple(None if row[10] is None else to_int(row[10]) for row in events)
    derived = attrs.evolve(derived or _NO_ROWS, places=places)
    if not stored or stored[0][0]:
        return Chain(
            entry_id=entry_id, body=b"", is_stored=False, head="", links=links, derived=derived
        )
    row = stored[0]
    body, document_json = _to_raw_bytes(row[2]), None if row[9] is None else _to_raw_bytes(row[9])
    return Chain(
        entry_id=entry_id,
        body=body,
        document_json=document_json,
        head=str(row[3]),
        links=links,
        columns_agree=_agrees_with_columns(body, document_json, tuple(row[4:9]))
        and _is_in_order(events),
        derived=derived,
    )


def _to_raw_bytes(value: object) -> bytes:
    """Return a stored body as bytes, or empty bytes for a value of another type."""
    try:
        return to_bytes(value)
    except InvalidData:
        return b""


def _is_in_order(events: Sequence[Sequence[object]]) -> bool:
    """Return whether the ``seq`` columns of the events are 1, 2, 3 and so on."""
    return [row[1] for row in events] == list(range(1, len(events) + 1))


def _agrees_with_columns(
    body: bytes, document_json: bytes | None, columns: tuple[object, ...]
) -> bool:
    """Return whether the columns of a row agree with its entry."""
    try:
        return build_columns(unpack_entry(body, document_json)) == columns
    except InvalidData:
        return False


# No database stores a lone surrogate, and some do not store NUL. Escaped text has a backslash, and
# other text has none, so that two texts never have the same column.
_UNSAFE = re.compile("[\\\\\x00\ud800-\udfff]")


def to_column(text: str) -> str:
    """Return a text as a column stores it: escaped if it has a NUL, backslash or surrogate."""
    return text.encode("unicode_escape").decode() if _UNSAFE.search(text) else text


def from_column(text: str) -> str:
    """Return the text that :func:`to_column` has encoded for a column."""
    return text.encode().decode("unicode_escape") if "\\" in text else text


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Return the time as whole microseconds since 1970 (UTC)."""
    return (moment - _EPOCH) // _MICRO


def from_micros(count: int) -> datetime:
    """Return the time (UTC) that is *count* microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=count)


def find_wake_time(entry: QueueEntry) -> datetime | None:
    """Return from when a worker may take an entry, after any lease (UTC); ``None`` for never."""
    lease = entry.lease
    if entry.status is ExportStatus.EXPORTING:
        return lease.until if lease else None
    if entry.due_at is None or lease is None:
        return entry.due_at
    return max(entry.due_at, lease.until)
