"""What a look-up's sighting proves about one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ..declaration import LookUp, NumberScope
from ..documents import Answer
from ..exchange import Absent, CannotTell, Found, Several
from ..flow import answered, conclusive_from, holding_of, with_holding, with_receipt
from .difference import differences

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Call, Key, QueueEntry
    from ..exchange import Contents, Sighting

__all__ = ["agrees", "counted", "digest_under", "has_number", "keys_of", "proved"]


def keys_of(entry: QueueEntry, step: str) -> tuple[Key, ...]:
    """Return every key of a step in this generation, the first try's first."""
    keys = (entry.key(step), *(call.key for call in entry.calls if call.key.step == step))
    there = {key for key in keys if key.generation == entry.generation}
    return tuple(sorted(there, key=lambda key: key.attempt))


def digest_under(entry: QueueEntry, key: Key) -> str:
    """Return the digest of what was sent under a key of ours."""
    return next((call.digest for call in entry.calls if call.key == key), entry.digest)


def has_number(entry: QueueEntry, erp: Declaration) -> bool:
    """Whether the document has a number there at all: a blank one proves nothing."""
    document = entry.document
    return document is not None and erp.number_as_written(document.invoice_number) is not None


def _number_tells(entry: QueueEntry, erp: Declaration) -> bool:
    """Whether the number alone can point to this document: not blank, not cut, not shared."""
    number = entry.document.invoice_number if entry.document else None
    whole = erp.number_as_written(number) == number
    return has_number(entry, erp) and whole and erp.number_scope is NumberScope.VENDOR


def agrees(contents: Contents, entry: QueueEntry, erp: Declaration) -> bool:
    """Whether vendor, number as written, amount and date are those of the document as sent."""
    return entry.document is not None and not differences(contents, entry, erp)


def _owned(entry: QueueEntry, calls: Sequence[Call], text: str) -> Key | None:
    """Return our key of that text, among those of the generations of these calls."""
    generations = {call.key.generation for call in calls}
    keys = (call.key for call in entry.calls if call.key.generation in generations)
    return next((key for key in keys if key.text == text), None)


def counted(
    found: Found,
    entry: QueueEntry,
    calls: Sequence[Call],
    *,
    erp: Declaration,
    at: datetime,
    taken: Collection[str],
) -> Key | None:
    """
    Return under which of our keys a document that was found counts as ours, if it does.

    It must agree everywhere and be owned by nobody else. One under a key of a former try is ours
    whatever it holds: it is left there. One without a key counts only after the settle moment of
    one of the calls, and only where its number can point to it.

    Args:
        found: What was found.
        entry: The entry.
        calls: The calls that it could come from.
        erp: The declaration that says what counts.
        at: When it was asked for (UTC).
        taken: ERP ids that are, or may be, of other entries or former generations.
    """
    if found.receipt.erp_id in taken:
        return None
    if found.contents.key is not None:
        key = _owned(entry, calls, found.contents.key)
        standing = (entry.generation, entry.attempt)
        is_former = key is not None and (key.generation, key.attempt) != standing
        return key if is_former or agrees(found.contents, entry, erp) else None
    if not agrees(found.contents, entry, erp) or not _number_tells(entry, erp):
        return None
    for call in calls:
        moment = conclusive_from(call, erp)
        if moment is not None and at >= moment:
            return call.key
    return None


def proved(
    entry: QueueEntry,
    place: int,
    sighting: Sighting,
    *,
    erp: Declaration,
    at: datetime,
    taken: Collection[str],
) -> QueueEntry:
    """
    Return the entry with what the sighting proves of the call at that place; else unchanged.

    Args:
        entry: The entry, its call in doubt.
        place: The call's place.
        sighting: What the look-up saw.
        erp: The declaration that says what counts.
        at: When it was asked for (UTC).
        taken: ERP ids that are, or may be, of other entries or former generations.
    """
    call = entry.calls[place]
    match sighting:
        case Found(receipt):
            key = counted(sighting, entry, [call], erp=erp, at=at, taken=taken)
            if key is None:
                return entry
            # A later step acts on the document of an earlier one, and is found under its key.
            if (key.generation, key.attempt) == (call.key.generation, call.key.attempt):
                return with_receipt(entry, place, receipt, erp)
            return with_holding(entry, holding_of(entry, key, receipt, digest_under(entry, key)))
        case Absent(as_of):
            gone = _is_conclusive(call, entry, min(as_of, at), erp)
            return answered(entry, place, Answer.ABSENT) if gone else entry
        case Several() | CannotTell():
            return entry
        case _:
            assert_never(sighting)


def _is_conclusive(call: Call, entry: QueueEntry, as_of: datetime, erp: Declaration) -> bool:
    """Whether nothing there as of that moment means that the call will never have happened."""
    look_up = erp.terms_of(call.step_kind).look_up
    if look_up is LookUp.NONE or (look_up is LookUp.NUMBER and not has_number(entry, erp)):
        return False
    moment = conclusive_from(call, erp)
    return moment is not None and as_of >= moment
