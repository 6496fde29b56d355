"""The hash chain of an entry's events, and its verification."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import attrs

from ..canonical import InvalidData
from ..documents import QueueEntry, normalize_slot
from ..events import AuditEvent, EventsOutOfOrder, replay
from ..values import Value
from ..wire.converter import pack, unpack
from .blobs import read_document_digest, unpack_entry
from .derived_rows import find_derived_problems, find_orphaned_rows
from .finding_rows import Finding, build_finding

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


def _find_broken_link(chain: Chain) -> Finding | None:
    """Return a finding about the first broken link of the chain; ``None`` if every link holds."""
    key = chain.entry_id
    head = START
    for place, (body, digest) in enumerate(chain.links, 1):
        head = link(head, body)
        if head != digest:
            return build_finding(key, "chain.broken", event=place, entry=key)
    if not chain.is_stored:
        return build_finding(key, "chain.orphaned", entry=key)
    if head != chain.head:
        return build_finding(key, "chain.head", entry=key)
    return None


def _find_contradiction(
    chain: Chain, entry: QueueEntry, events: list[AuditEvent]
) -> Finding | None:
    """Return a finding about the first contradiction between events and entry, if any."""
    key = chain.entry_id
    if any(event.entry_id != key for event in events) or entry.id != key:
        return build_finding(key, "chain.foreign", entry=key)
    try:
        status = replay(events)
    except EventsOutOfOrder as error:
        facts = {"event": error.seq, "before": error.before}
        return build_finding(key, "chain.order", entry=key, **facts)
    if status is not entry.status:
        statuses = {"replayed": status.value, "status": entry.status.value}
        return build_finding(key, "chain.status", entry=key, **statuses)
    if not _is_last_recorded(chain, entry):
        return build_finding(key, "chain.entry", entry=key)
    if not chain.columns_agree:
        return build_finding(key, "chain.columns", entry=key)
    return None


def _is_last_recorded(chain: Chain, entry: QueueEntry) -> bool:
    """Return whether the stored entry is the one that its last event has recorded."""
    if not chain.links:
        return entry == QueueEntry(id=chain.entry_id)
    recorded = json.loads(chain.links[-1][0]).get(_ENTRY)
    return recorded == hashlib.sha256(chain.body).hexdigest() and entry.seq == len(chain.links)


def _has_its_document(chain: Chain) -> bool:
    """Return whether the export document that the entry names, if any, is stored unchanged."""
    sha = read_document_digest(chain.body)
    there = chain.document_json
    return sha is None or (there is not None and hashlib.sha256(there).hexdigest() == sha)


def _find_problems(chain: Chain) -> Iterator[Finding]:
    """Yield the problems of an entry's chain; if it has none, those of its derived rows."""
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
            yield build_finding(key, "chain.document", entry=key)
            return
        entry = unpack_entry(chain.body, chain.document_json)
    except InvalidData:
        yield build_finding(key, "chain.unreadable", entry=key)
        return
    contradiction = _find_contradiction(chain, entry, events)
    if contradiction is not None:
        yield contradiction
    elif chain.derived is not None:
        yield from find_derived_problems(chain.derived, entry, events)


def _find_shared_slot(chain: Chain, holders: dict[str, str]) -> Iterator[Finding]:
    """
    Yield a finding if another entry has the same number slot, as version 0.1 allowed.

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
    number = entry.document.invoice_number if entry.document else None
    facts = {"number": number} if number else {}
    yield build_finding(chain.entry_id, "slot.shared", other=other, entry=chain.entry_id, **facts)


def verify(chains: Iterable[Chain]) -> Verification:
    """
    Check every chain: digests, order of the events, and that they match the stored entry.

    Derived rows are recomputed and compared: number slots, owners of ERP documents, answers of
    commands and the order of the feed.
    """
    problems: list[Finding] = []
    holders: dict[str, str] = {}
    entries = events = 0
    seal = hashlib.sha256()
    for chain in chains:
        entries += bool(chain.is_stored or chain.links)
        events += len(chain.links)
        name = chain.entry_id.encode("utf-8", "surrogatepass")
        if chain.is_stored or chain.links:
            seal.update(f"{len(name)}:".encode() + name + f"={chain.head}\n".encode())
        problems += [*_find_problems(chain)] or [*_find_shared_slot(chain, holders)]
    return Verification(
        entries=entries, events=events, problems=tuple(problems), seal=seal.hexdigest()
    )
