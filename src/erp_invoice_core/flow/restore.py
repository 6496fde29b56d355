"""
Checks before a creating call after a restore of the database.

A backup does not have what happened after it was made. An invoice that looks unsent, or accepted,
may be in the ERP under the very idempotency key that the next call would use. After a restore
nothing is therefore created without a check: the ERP is asked first, or the document that its
answer names is read back and compared. Where the ERP can do neither, a person states once for each
invoice that it is not in the ERP.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from ..documents import Key
from ..exchange import Contents, Deferred, Done, Gone, Unknown
from ..message_template import MessageTemplate, choose_template
from ..verdict import Source, Verdict
from .evidence import has_look_up, is_as_sent, list_keys
from .knowledge import find_end_of_requests

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import QueueEntry, Restore, Step
    from ..exchange import CannotTell, Found, Outcome
    from ..verdict import Denial


#: How many later tries, of this generation and of the next one, are asked for after a restore.
_LATER_TRIES = 3
_NEXT_GENERATION_TRIES = 2


_RESTORED = (
    MessageTemplate(
        "export.restored",
        "The database was restored from a backup ({restored_at}), and a worker can neither look up"
        " nor read invoice {number} of {vendor} in {erp}. Look in {erp}. If the invoice is there,"
        " resolve it here with the id of its document; otherwise retry the export.",
        source=Source.ERP,
    ),
    MessageTemplate(
        "export.restored",
        "The database was restored from a backup ({restored_at}), and a worker can neither look up"
        " nor read this invoice in {erp}. Look in {erp}. If the invoice is there, resolve it here"
        " with the id of its document; otherwise retry the export.",
        source=Source.ERP,
    ),
)
_REFUSED_SINCE = (
    MessageTemplate(
        "export.restored",
        "The database was restored from a backup ({restored_at}), and the refusal does not show"
        " whether {erp} already has invoice {number} of {vendor}. Look in {erp}. If the invoice is"
        " there, resolve it here with the id of its document; otherwise remove the other reasons"
        " for the refusal and retry the export.",
        source=Source.ERP,
        when={"after": "refusal"},
    ),
    MessageTemplate(
        "export.restored",
        "The database was restored from a backup ({restored_at}), and the refusal does not show"
        " whether {erp} already has this invoice. Look in {erp}. If the invoice is there, resolve"
        " it here with the id of its document; otherwise remove the other reasons for the refusal"
        " and retry the export.",
        source=Source.ERP,
        when={"after": "refusal"},
    ),
)
_RESTORED_DIFFERS = MessageTemplate(
    "export.restored_differs",
    "{erp} has document {erp_id} of this invoice from before the database was restored. Its number"
    " is {number} and its amount is {amount}, but the accepted amount is {accepted}. Correct or"
    " remove the document in {erp} and retry the export. If the document can stay as it is, resolve"
    " this invoice with the id of the document.",
    source=Source.ERP,
)


class RestoreCheck(Enum):
    """The check that is made before, or right after, a creating call."""

    NONE = "none"  #: Nothing: there was no restore, or a person has confirmed it.
    LOOK_UP = "look_up"  #: The ERP is asked for the document first.
    READ_BACK = (
        "read_back"  #: The ERP makes no second document: what it names is read and compared.
    )
    PERSON = "person"  #: A person looks in the ERP first.


def choose_restore_check(
    entry: QueueEntry,
    step: Step,
    erp: Declaration,
    *,
    restore: Restore | None,
    can_read: bool,
) -> RestoreCheck:
    """
    Return the check that the last restore demands of a step that has no receipt yet.

    Args:
        entry: The entry; ``restore_checked`` names the restore that a person confirmed.
        step: The step.
        erp: The declaration of its ERP.
        restore: The last restore of the database, if there was one.
        can_read: True if the adapter reads documents by their id.
    """
    if restore is None or step.role is None:
        return RestoreCheck.NONE
    terms = erp.terms_of(step.kind)
    if has_look_up(entry, step.kind, erp):
        return RestoreCheck.LOOK_UP
    if terms.enforces_key and can_read:
        return RestoreCheck.READ_BACK
    if entry.restore_checked == restore.number:
        return RestoreCheck.NONE
    return RestoreCheck.PERSON


def list_later_keys(entry: QueueEntry, step: str) -> tuple[Key, ...]:
    """
    Return the keys that attempts after the backup may have used for a step.

    After the backup the entry may have been retried, or unlinked and sent anew; the restored
    database does not know this.
    """
    first = entry.attempt + 1
    tries = [(entry.generation, attempt) for attempt in range(first, first + _LATER_TRIES)]
    anew = [(entry.generation + 1, attempt + 1) for attempt in range(_NEXT_GENERATION_TRIES)]
    return tuple(Key(entry.id, *used, step) for used in (*tries, *anew))


def find_restore_settle_time(step: Step, erp: Declaration, restore: Restore) -> datetime:
    """
    Return from when a look-up after the restore proves absence if it finds nothing (UTC).

    By then a request from before the restore was executed, and its document can be found, within
    the times that the ERP declares for both.
    """
    return find_end_of_requests(erp.terms_of(step.kind), restore)


def ask_after_restore(entry: QueueEntry, erp: Declaration, restore: Restore) -> Verdict:
    """Return the refusal that asks a person to look in the ERP before anything is created."""
    return Verdict((_deny(_RESTORED, entry, erp, restore),))


def ask_after_refusal(
    entry: QueueEntry, refusal: Verdict, erp: Declaration, restore: Restore
) -> Verdict:
    """
    Return the ERP's refusal, with a denial that asks a person to look for a former document.

    An ERP that enforces the key answers a write with the document that it already has. A refusal
    for another reason, such as a closed period, names no document: only a person can find out
    whether there is one.
    """
    question = _deny(_REFUSED_SINCE, entry, erp, restore, after="refusal")
    return Verdict((*refusal.denials, question))


def _deny(
    templates: Sequence[MessageTemplate],
    entry: QueueEntry,
    erp: Declaration,
    restore: Restore,
    **more: str,
) -> Denial:
    document = entry.document
    facts = {
        "erp": erp.name,
        "number": entry.number or "",
        "vendor": document.vendor_name if document else "",
        "restored_at": restore.at.isoformat(timespec="seconds"),
        **more,
    }
    template = choose_template(templates, facts) or templates[-1]
    return template.deny(facts)


def delay_after_restore(
    step: Step, erp: Declaration, restore: Restore, at: datetime
) -> Deferred | None:
    """
    Return the deferral of a step until a look-up can prove absence; ``None`` if it can now.

    ``at`` is the current time (UTC).
    """
    counts_from = find_restore_settle_time(step, erp, restore)
    if at >= counts_from:
        return None
    why = f"The database was restored. A worker asks {erp.name} once its answer is reliable."
    return Deferred(counts_from, why)


def key_before_restore(
    entry: QueueEntry, step: Step, found: Found, erp: Declaration, taken: Collection[str]
) -> Key | None:
    """
    Return the key of this entry under which a document was made before the restore.

    The call that made the document is not on record, but its key can be computed from the entry.
    ``None`` if the document has no such key, is not what was accepted, or may have another owner.

    Args:
        entry: The entry.
        step: The step whose document was looked up.
        found: The document.
        erp: The declaration of the ERP.
        taken: ERP ids of documents that are, or may be, another entry's or another generation's.
    """
    contents = found.contents
    keys = {key.text: key for key in list_keys(entry, step.name)}
    key = keys.get(contents.key) if contents.key else None
    if found.receipt.erp_id in taken:
        return None
    return key if _is_as_accepted(contents, entry, erp) else None


def _is_as_accepted(contents: Contents, entry: QueueEntry, erp: Declaration) -> bool:
    return contents.digest in {None, "", entry.digest} and is_as_sent(contents, entry, erp)


def differs_from_accepted(entry: QueueEntry, found: Found, erp: Declaration) -> Verdict:
    """
    Return the refusal of an export because the ERP has a document that differs.

    That document was made before the restore, under a key of this entry.
    """
    document = entry.document
    facts = {
        "erp": erp.name,
        "erp_id": found.receipt.erp_id,
        "number": found.contents.number or "-",
        "amount": "-" if found.contents.amount is None else str(found.contents.amount),
        "accepted": str(document.due) if document else "-",
    }
    return Verdict((_RESTORED_DIFFERS.deny(facts),))


def compare_outcome(
    entry: QueueEntry, outcome: Done, shown: Contents | Gone | CannotTell, erp: Declaration
) -> Outcome:
    """
    Return the outcome of a creating call after its document was read back.

    An ERP that enforces the key may have answered with a document from before the restore. The
    answer counts only if the document is what was accepted; otherwise the outcome is unknown.
    """
    erp_id = outcome.receipt.erp_id
    if isinstance(shown, Contents):
        if _is_as_accepted(shown, entry, erp):
            return outcome
        return Unknown(
            f"Document {erp_id} is from before the database was restored, and not "
            f"what was accepted: number {shown.number} over {shown.amount}."
        )
    why = "it is gone" if isinstance(shown, Gone) else shown.why
    return Unknown(f"Document {erp_id} could not be compared after a restore: {why}")
