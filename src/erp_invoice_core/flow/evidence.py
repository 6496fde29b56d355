"""
Evidence: what a look-up proves about a call in doubt.

A document that the ERP shows counts as this entry's in two cases. In the first, it bears an
idempotency key of this entry and has the contents that were sent; under the key of an earlier
attempt it may have other contents. In the second, it bears no key, agrees in vendor, number,
amount, date and every other field that the ERP shows, its number can belong to no other invoice,
and the settle time of the call has passed. In both cases no other entry may own the document.

If the ERP shows no document, this proves that the call did not happen only after the settle time:
until then the request may still be executed, or its document may not be visible yet. Every other
answer proves nothing, and the call stays in doubt.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias, assert_never

import attrs

from ..declaration import LookUp, NumberScope
from ..documents import Answer, Step, map_document
from ..exchange import (
    Absent,
    CannotTell,
    Contents,
    Deferred,
    Done,
    Found,
    Gone,
    Several,
    Sighting,
    Unknown,
)
from .conclude import conclude
from .content_differences import build_sent_invoice, find_differences_of
from .knowledge import (
    add_holding,
    add_receipt,
    build_holding,
    find_settle_time,
    mark_gone,
    record_answer,
)
from .retry_policy import DEFAULT_RETRY_POLICY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ..declaration import Declaration
    from ..documents import Call, Key, QueueEntry, Receipt
    from ..events import Change
    from ..exchange import Outcome
    from .retry_policy import RetryPolicy

_PLURAL = frozenset({"attachments", "lines"})
#: The answer of a look-up: a sighting for a write, the document read by its id for a removal.
Shown: TypeAlias = "Sighting | Gone | Contents"


@attrs.frozen(kw_only=True)
class Observation:
    """
    The answer of the ERP about one call.

    Attributes:
        place: The index of the call in the entry's ``calls``.
        at: When the ERP was asked (UTC).
        shown: The answer of the ERP.
    """

    place: int
    at: datetime
    shown: Shown


# ── keys, digests, numbers ──────────────────────────────────────────────────────────────────────


def list_keys(entry: QueueEntry, step: str) -> tuple[Key, ...]:
    """Return every key of a step in this generation, the key of the first attempt first."""
    keys = (entry.build_key(step), *(call.key for call in entry.calls if call.key.step == step))
    current = {key for key in keys if key.generation == entry.generation}
    return tuple(sorted(current, key=lambda key: key.attempt))


def find_digest(entry: QueueEntry, key: Key) -> str:
    """Return the digest of the document that was sent under a key of this entry."""
    return next((call.digest for call in entry.calls if call.key == key), entry.digest)


def find_step(entry: QueueEntry, call: Call) -> Step:
    """Return the planned step of a call; if the plan has no such step, one built from the call."""
    named = (step for step in entry.plan if step.name == call.key.step)
    return next(named, Step(call.key.step, call.step_kind))


def find_removed(entry: QueueEntry, call: Call) -> Receipt:
    """Return the receipt of the document that a call of a withdrawal was to remove."""
    receipts = (holding.receipt for holding in entry.holdings)
    return next(receipt for receipt in receipts if receipt.erp_id == call.erp_id)


def has_number(entry: QueueEntry, erp: Declaration) -> bool:
    """Return whether the ERP gets an invoice number of this entry that is not blank."""
    return erp.truncate_number(entry.number) is not None


def has_look_up(entry: QueueEntry, step_kind: str, erp: Declaration) -> bool:
    """Return whether the ERP can be asked for the document that a step of this kind makes."""
    look_up = erp.terms_of(step_kind).look_up
    return look_up is LookUp.KEY or (look_up is LookUp.NUMBER and has_number(entry, erp))


def _has_unique_number(entry: QueueEntry, erp: Declaration) -> bool:
    """True if the number alone identifies the document: not blank, not cut, unique per vendor."""
    number = entry.number
    is_whole = erp.truncate_number(number) == number
    return has_number(entry, erp) and is_whole and erp.number_scope is NumberScope.VENDOR


# ── comparing a document with what was sent ─────────────────────────────────────────────────────


def find_differences(
    contents: Contents, entry: QueueEntry, erp: Declaration
) -> dict[str, tuple[str, str]]:
    """
    Return the fields in which a document in the ERP differs from the sent document.

    A field is named as in :class:`~erp_invoice_core.adapters.Contents`. It has two values as text:
    the one in the ERP, and the one that the ERP makes of the sent value by its declaration. If the
    plan makes several documents, amounts and lines are not compared, as each document has only a
    part of them; and a later document, found under its key, may have a suffix to the number. State
    and attachments are not compared, as they may change until the last step is done.
    """
    document, acceptance = entry.document, entry.acceptance
    if document is None:
        return {}
    makers = [step.name for step in entry.plan if step.role]
    keys = {call.key.text: call.key for call in entry.calls}
    key = keys.get(contents.key or "")
    document = map_document(document, acceptance.mapped if acceptance else ())
    fields = acceptance.fields if acceptance else {}
    sent = build_sent_invoice(document, fields, erp, number=entry.number)
    rows = find_differences_of(
        [contents],
        sent,
        erp,
        is_part=len(makers) > 1,
        is_later=key is not None and key.step in makers[1:],
        is_complete=False,
    )
    return {row.name: (row.in_erp, row.expected) for row in rows}


def is_as_sent(contents: Contents, entry: QueueEntry, erp: Declaration) -> bool:
    """Return whether a document in the ERP agrees with the sent one in every field it shows."""
    return entry.document is not None and not find_differences(contents, entry, erp)


def describe_find(found: Found, entry: QueueEntry, erp: Declaration) -> dict[str, str]:
    """
    Return the facts of a document that was found and does not count as this entry's.

    ``disagrees`` names the fields that differ; each has its values under ``<field>_in_erp`` and
    ``<field>_as_sent``. Without ``disagrees`` the document agrees, but it is or may be another
    entry's.
    """
    facts = {"erp_id": found.receipt.erp_id, "number": found.contents.number or ""}
    differences = find_differences(found.contents, entry, erp)
    if differences:
        facts["disagrees"] = ", ".join(differences)
    for name, (there, sent) in differences.items():
        facts |= {f"{name}_in_erp": there, f"{name}_as_sent": sent}
    return facts


# ── what counts ─────────────────────────────────────────────────────────────────────────────────


def _find_own_key(entry: QueueEntry, calls: Sequence[Call], text: str) -> Key | None:
    """
    Return the key of the entry that has the given text; ``None`` if there is no such key.

    Only keys of the generations of ``calls`` are searched.
    """
    generations = {call.key.generation for call in calls}
    keys = (call.key for call in entry.calls if call.key.generation in generations)
    return next((key for key in keys if key.text == text), None)


def find_matching_key(
    found: Found,
    entry: QueueEntry,
    calls: Sequence[Call],
    *,
    erp: Declaration,
    at: datetime,
    taken: Collection[str],
) -> Key | None:
    """
    Return the key of this entry under which a found document was made; ``None`` if it is not ours.

    A document under the key of an earlier attempt belongs to this entry whatever its contents are,
    because that attempt made it.

    Args:
        found: The document.
        entry: The entry.
        calls: The calls that may have made it.
        erp: The declaration of the ERP.
        at: When the ERP was asked (UTC).
        taken: ERP ids of documents that are, or may be, another entry's or another generation's.
    """
    if found.receipt.erp_id in taken:
        return None
    if found.contents.key is not None:
        key = _find_own_key(entry, calls, found.contents.key)
        current = (entry.generation, entry.attempt)
        is_former = key is not None and (key.generation, key.attempt) != current
        return key if is_former or is_as_sent(found.contents, entry, erp) else None
    if not is_as_sent(found.contents, entry, erp) or not _has_unique_number(entry, erp):
        return None
    for call in calls:
        moment = find_settle_time(call, erp)
        if moment is not None and at >= moment:
            return call.key
    return None


def _is_conclusive(call: Call, entry: QueueEntry, as_of: datetime, erp: Declaration) -> bool:
    """True if a look-up that found nothing at ``as_of`` proves that the call did not happen."""
    moment = find_settle_time(call, erp)
    is_settled = moment is not None and as_of >= moment
    return is_settled and has_look_up(entry, call.step_kind, erp)


def is_same_attempt(key: Key, call: Call) -> bool:
    """Return whether a key is of the generation and attempt of a call."""
    return (key.generation, key.attempt) == (call.key.generation, call.key.attempt)


def apply_sighting(
    entry: QueueEntry,
    place: int,
    sighting: Sighting,
    *,
    erp: Declaration,
    at: datetime,
    taken: Collection[str],
) -> QueueEntry:
    """
    Return the entry with what a sighting proves about a call; the same entry if it proves nothing.

    Args:
        entry: The entry; the call is in doubt.
        place: The index of the call in ``entry.calls``.
        sighting: The answer of the look-up.
        erp: The declaration of the ERP.
        at: When the ERP was asked (UTC).
        taken: ERP ids of documents that are, or may be, another entry's or another generation's.
    """
    call = entry.calls[place]
    match sighting:
        case Found(receipt):
            key = find_matching_key(sighting, entry, [call], erp=erp, at=at, taken=taken)
            if key is None:
                return entry
            # A later step acts on the document of an earlier one, and is found under its key.
            if is_same_attempt(key, call):
                return add_receipt(entry, place, receipt, erp)
            return add_holding(entry, build_holding(entry, key, receipt, find_digest(entry, key)))
        case Absent(as_of):
            is_absent = _is_conclusive(call, entry, min(as_of, at), erp)
            return record_answer(entry, place, Answer.ABSENT) if is_absent else entry
        case Several() | CannotTell():
            return entry
        case _:
            assert_never(sighting)


def apply_observation(
    entry: QueueEntry, observation: Observation, *, erp: Declaration, taken: Collection[str]
) -> QueueEntry:
    """
    Return the entry with what an observation proves about its call.

    If the call has an answer already, the entry is returned unchanged.
    """
    place, shown = observation.place, observation.shown
    call = entry.calls[place]
    if call.answer is not None:
        return entry
    if isinstance(shown, Gone):
        return mark_gone(record_answer(entry, place, Answer.RECEIPT), call.erp_id)
    if isinstance(shown, Contents):
        moment = find_settle_time(call, erp)
        is_settled = moment is not None and observation.at >= moment
        return record_answer(entry, place, Answer.ABSENT) if is_settled else entry
    return apply_sighting(entry, place, shown, erp=erp, at=observation.at, taken=taken)


# ── the end of a look-up ────────────────────────────────────────────────────────────────────────


def conclude_look_up(
    entry: QueueEntry,
    observations: Sequence[Observation],
    *,
    at: datetime,
    erp: Declaration,
    taken: Collection[str],
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
) -> Change:
    """
    Return the change that a look-up makes: what it proved, and the transition that follows.

    Args:
        entry: The entry.
        observations: The answers of the ERP, one for each call in doubt.
        at: Now (UTC).
        erp: The declaration of the ERP.
        taken: ERP ids of documents that are, or may be, another entry's or another generation's.
        retry_policy: When the next look-up is due.
    """
    known = entry
    for observation in observations:
        known = apply_observation(known, observation, erp=erp, taken=taken)
    facts = explain_look_up(entry, known, observations, erp)
    return conclude(entry, known, at=at, erp=erp, facts=facts, retry_policy=retry_policy)


def explain_look_up(
    entry: QueueEntry, known: QueueEntry, observations: Sequence[Observation], erp: Declaration
) -> dict[str, str]:
    """
    Return the facts that say why a look-up did not settle a call; empty if there are none.

    ``why`` has the reasons. A document that was found and does not count adds the facts of
    :func:`describe_find`.
    """
    facts: dict[str, str] = {}
    shown = [observation.shown for observation in observations]
    whys = [one.why for one in shown if isinstance(one, CannotTell | Several)]
    held = {holding.receipt.erp_id for holding in known.holdings}
    for one in shown:
        if isinstance(one, Found) and one.receipt.erp_id not in held:
            facts = describe_find(one, entry, erp)
            whys += _explain_find(facts)
    return {**facts, "why": " ".join(dict.fromkeys(whys))} if whys else facts


_AGREES = (
    "Document {erp_id} was found. It agrees, but may be of another invoice, or it is too early to"
    " be sure."
)
_DIFFERS = "Document {erp_id} was found with another {name}: {in_erp} instead of {as_sent}."
_DIFFERS_IN_SEVERAL = (
    "Document {erp_id} was found with other {name}: {in_erp} instead of {as_sent}."
)


def _explain_find(facts: Mapping[str, str]) -> Iterator[str]:
    """Yield why a document that was found does not count: a sentence for each difference."""
    if "disagrees" not in facts:
        yield _AGREES.format(erp_id=facts["erp_id"])
        return
    for name in facts["disagrees"].split(", "):
        yield (_DIFFERS_IN_SEVERAL if name in _PLURAL else _DIFFERS).format(
            erp_id=facts["erp_id"],
            name=name,
            in_erp=facts[f"{name}_in_erp"] or "none",
            as_sent=facts[f"{name}_as_sent"] or "none",
        )


def conclude_read_back(
    call: Call,
    receipt: Receipt,
    shown: Gone | Contents | CannotTell,
    *,
    asked_at: datetime,
    at: datetime,
    erp: Declaration,
) -> Outcome:
    """
    Return the outcome of a removal in doubt, after its document was read by its id.

    The removal is done if the document is gone. If the ERP still has the document after the settle
    time of the call, the removal is deferred, so that it is tried again. Otherwise its outcome
    stays unknown.

    Args:
        call: The removal.
        receipt: The receipt of the document to remove.
        shown: The answer of the ERP about this document.
        asked_at: When the ERP was asked (UTC).
        at: Now (UTC).
        erp: The declaration of the ERP.
    """
    if isinstance(shown, Gone):
        return Done(receipt)
    moment = find_settle_time(call, erp)
    if isinstance(shown, Contents) and moment is not None and asked_at >= moment:
        return Deferred(at, "The document is still in the ERP. A worker tries again to remove it.")
    return Unknown("The document could not be read back conclusively.")
