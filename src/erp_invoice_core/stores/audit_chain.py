"""The hash chain of an entry's events, and its verification."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import attrs

from ..canonical import InvalidData
from ..documents import QueueEntry, normalize_slot
from ..events import AuditEvent, replay
from ..values import Value
from ..wire.converter import pack, unpack
from .blobs import read_document_digest, unpack_entry
from .derived_rows import find_derived_problems, find_orphaned_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .protocol import Chain


#: The digest before an entry's first event.
START = ""
_ENTRY = "entry_sha256"
#: A part of the stored bytes of each entry that holds a number slot.
_SLOT = b'"slot":'


def append_digest(event: AuditEvent, entry: bytes) -> bytes:
    """Return the bytes of an event to store, with the SHA-256 of the entry's bytes added."""
    digest = hashlib.sha256(entry).hexdigest()
    return pack(event)[:-1] + f',"{_ENTRY}":"{digest}"}}'.encode()


def link(head: str, body: bytes) -> str:
    """
    Return the digest that links an event to the one before it (SHA-256, hexadecimal).

    Args:
        head: The digest of the event before it; :data:`START` for the first event.
        body: The stored bytes of the event.
    """
    return hashlib.sha256(head.encode() + b"\n" + body).hexdigest()


@attrs.frozen(eq=False, repr=False)
class Finding(Value):
    """
    A problem in stored rows, such as an edited event; the library itself never causes one.

    Attributes:
        code: The kind of problem, such as ``chain.broken``.
        message: The problem and what to do, for a person.
    """

    entry_id: str
    code: str
    message: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Verification(Value):
    """
    The result of a check of all chains.

    Attributes:
        seal: A digest over all chains, to store elsewhere; it changes if any event is rewritten.
    """

    entries: int
    events: int
    problems: tuple[Finding, ...]
    seal: str

    @property
    def ok(self) -> bool:
        """Return whether the check found no problem."""
        return not self.problems


def _find_broken_link(chain: Chain) -> tuple[str, str] | None:
    """Return the first broken link of the chain, as code and sentence, or ``None``."""
    head = START
    for place, (body, digest) in enumerate(chain.links, 1):
        head = link(head, body)
        if head != digest:
            return (
                "chain.broken",
                f"Event {place} of {chain.entry_id} was edited, swapped or removed: restore it.",
            )
    if not chain.is_stored:
        return (
            "chain.orphaned",
            f"Entry {chain.entry_id} is missing, although its events are stored: restore it.",
        )
    if head != chain.head:
        return (
            "chain.head",
            f"The last events of {chain.entry_id} are missing or were added: restore them.",
        )
    return None


def _find_contradiction(
    chain: Chain, entry: QueueEntry, events: list[AuditEvent]
) -> tuple[str, str] | None:
    """Return the first contradiction of events and entry, as code and sentence, or ``None``."""
    key = chain.entry_id
    if any(event.entry_id != key for event in events) or entry.id != key:
        sentence = f"The rows of entry {key} include an event of another entry: restore them."
        return "chain.foreign", sentence
    try:
        status = replay(events)
    except ValueError as error:
        return "chain.order", f"The events of {key} are out of order. {error} Restore them."
    if status is not entry.status:
        sentence = (
            f"The events of {key} lead to {status.value}, but its status is "
            f"{entry.status.value}: restore the entry."
        )
        return "chain.status", sentence
    if not _is_last_recorded(chain, entry):
        return "chain.entry", f"Entry {key} was edited since its last event: restore it."
    if not chain.columns_agree:
        return "chain.columns", f"The columns of entry {key} differ from its body: restore it."
    return None


def _is_last_recorded(chain: Chain, entry: QueueEntry) -> bool:
    """Return whether the last event recorded the entry as it is stored now."""
    if not chain.links:
        return entry == QueueEntry(id=chain.entry_id)
    recorded = json.loads(chain.links[-1][0]).get(_ENTRY)
    return recorded == hashlib.sha256(chain.body).hexdigest() and entry.seq == len(chain.links)


def _has_its_document(chain: Chain) -> bool:
    """Return whether the export document that the entry names, if any, is stored unchanged."""
    sha = read_document_digest(chain.body)
    there = chain.document_json
    return sha is None or (there is not None and hashlib.sha256(there).hexdigest() == sha)


def _build_document_problem(key: str) -> tuple[str, str]:
    return "chain.document", f"The document of {key} was edited or removed: restore it."


def _find_problems(chain: Chain) -> Iterator[tuple[str, str]]:
    """
    Yield the problems of an entry's chain, each as code and sentence.

    If the chain has no problem, yield those of its derived rows.
    """
    key = chain.entry_id
    if not chain.is_stored and not chain.links:
        yield from find_orphaned_rows(chain.derived, key) if chain.derived else ()
        return
    broken = _find_broken_link(chain)
    if broken is not None:
        yield broken
        return
    try:
        events = [unpack(body, AuditEvent) for body, _ in chain.links]
        if not _has_its_document(chain):
            yield _build_document_problem(key)
            return
        entry = unpack_entry(chain.body, chain.document_json)
    except InvalidData:
        yield (
            "chain.unreadable",
            f"Entry {key}, or one of its events, cannot be read: restore it.",
        )
        return
    contradiction = _find_contradiction(chain, entry, events)
    if contradiction is not None:
        yield contradiction
    elif chain.derived is not None:
        yield from find_derived_problems(chain.derived, entry, events)


def _find_shared_slot(chain: Chain, holders: dict[str, str]) -> Iterator[tuple[str, str]]:
    """
    Yield code and sentence if another entry has the same number slot, as version 0.1 allowed.

    Args:
        chain: The chain of the entry.
        holders: The holder of each slot among the entries checked before; this entry is added to
            it.
    """
    if _SLOT not in chain.body:
        return
    entry = unpack_entry(chain.body, chain.document_json)
    if entry.slot is None:
        return
    other = holders.setdefault(normalize_slot(entry.slot), chain.entry_id)
    if other == chain.entry_id:
        return
    number = (entry.document.invoice_number if entry.document else None) or "none"
    sentence = (
        f"Invoices {other} and {chain.entry_id} hold one number in the ERP ({number}): "
        "check that it was not booked twice, and unlink or withdraw one of them."
    )
    yield "slot.shared", sentence


def verify(chains: Iterable[Chain]) -> Verification:
    """
    Check every chain: digests, heads, order, and that the events lead to the entry.

    Derived rows are recomputed and compared: number slots, owners of ERP documents, answers of
    commands and the order of the feed.
    """
    problems = []
    holders: dict[str, str] = {}
    entries = events = 0
    seal = hashlib.sha256()
    for chain in chains:
        entries += bool(chain.is_stored or chain.links)
        events += len(chain.links)
        name = chain.entry_id.encode("utf-8", "surrogatepass")
        if chain.is_stored or chain.links:
            seal.update(f"{len(name)}:".encode() + name + f"={chain.head}\n".encode())
        found = [*_find_problems(chain)] or [*_find_shared_slot(chain, holders)]
        problems += [Finding(chain.entry_id, *wrong) for wrong in found]
    return Verification(
        entries=entries, events=events, problems=tuple(problems), seal=seal.hexdigest()
    )
