"""
What a restored database demands before a creating call.

A backup does not have what happened after it was made. An invoice that looks unsent, or accepted,
may be in the ERP under the very key that is about to be used. So after a restore nothing is created
on trust: the ERP is asked first, or the document that it names is read back and compared, or, where
the ERP can do neither, a person says once for each invoice that it is not there.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from ..declaration import LookUp
from ..documents import Key
from ..verdict import Denial, Source, Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import QueueEntry, Restore, Step

__all__ = [
    "RestoreCheck",
    "ask_after_restore",
    "later_keys",
    "look_up_counts_from",
    "restore_check",
]

#: How many later tries, of this generation and of the next one, are asked for after a restore.
_LATER_TRIES = 3
_NEXT_GENERATION_TRIES = 2


class RestoreCheck(Enum):
    """What has to come before, or right after, a creating call."""

    NONE = "none"  #: Nothing: there was no restore, or a person has confirmed it.
    LOOK_UP = "look_up"  #: The ERP is asked for the document first.
    READ_BACK = (
        "read_back"  #: The ERP makes no second document: what it names is read and compared.
    )
    PERSON = "person"  #: A person looks in the ERP first.


def restore_check(
    entry: QueueEntry,
    step: Step,
    erp: Declaration,
    *,
    restore: Restore | None,
    has_number: bool,
    can_read: bool,
) -> RestoreCheck:
    """
    Return what the last restore demands of a step that has no receipt yet.

    Args:
        entry: The entry; ``restore_checked`` names the restore that a person confirmed.
        step: The step.
        erp: What its ERP declares.
        restore: The last restore of the database, if there was one.
        has_number: Whether the document has a number by which it can be found.
        can_read: Whether the adapter reads documents by their id.
    """
    if restore is None or step.role is None:
        return RestoreCheck.NONE
    terms = erp.terms_of(step.kind)
    if terms.look_up is LookUp.KEY or (terms.look_up is LookUp.NUMBER and has_number):
        return RestoreCheck.LOOK_UP
    if terms.enforces_key and can_read:
        return RestoreCheck.READ_BACK
    if entry.restore_checked == restore.number:
        return RestoreCheck.NONE
    return RestoreCheck.PERSON


def later_keys(entry: QueueEntry, step: str) -> tuple[Key, ...]:
    """
    Return the keys of a step that tries after the backup may have used.

    The entry may have been retried, or unlinked and sent anew, before the restore took it back.
    """
    first = entry.attempt + 1
    tries = [(entry.generation, attempt) for attempt in range(first, first + _LATER_TRIES)]
    anew = [(entry.generation + 1, attempt + 1) for attempt in range(_NEXT_GENERATION_TRIES)]
    return tuple(Key(entry.id, *used, step) for used in (*tries, *anew))


def look_up_counts_from(step: Step, erp: Declaration, restore: Restore) -> datetime:
    """
    Return from when a look-up after the restore may find nothing and be believed (UTC).

    A request that was under way before the restore is executed by then, and what it made can be
    found, as far as the ERP declares it.
    """
    terms = erp.terms_of(step.kind)
    settled = restore.at + terms.visible_after
    return settled if terms.settles_within is None else settled + terms.settles_within


def ask_after_restore(entry: QueueEntry, erp: Declaration, restore: Restore) -> Verdict:
    """Return the refusal that asks a person to look in the ERP before anything is created."""
    document = entry.document
    facts = {
        "erp": erp.name,
        "number": (document.invoice_number if document else None) or "without a number",
        "vendor": document.vendor_name if document else "",
        "restored_at": restore.at.isoformat(timespec="seconds"),
    }
    message = (
        "The database was restored ({restored_at}), and {erp} can neither be asked for invoice "
        "{number} of {vendor} nor read: look there. If it has the invoice, resolve this with its "
        "id; if it has not, retry."
    ).format_map(facts)
    return Verdict((Denial("export.restored", message, Source.ERP, facts),))
