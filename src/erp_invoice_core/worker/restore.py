"""What the worker asks of the ERP before it creates anything after a restore of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..exchange import Contents, Deferred, Done, Gone, Unknown
from ..flow import RestoreCheck, ask_after_restore, look_up_counts_from, restore_check
from ..verdict import Denial, Source, Verdict
from .answering import defer, refuse
from .evidence import agrees, has_number, keys_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..documents import Key, Step
    from ..exchange import ExportRequest, Found, Outcome
    from .job import Job

__all__ = ["check_of", "compare_with_erp", "is_confirmed", "key_before_restore", "refuse_other"]


def check_of(job: Job, step: Step) -> RestoreCheck:
    """Return what the last restore demands of a step."""
    return restore_check(
        job.entry,
        step,
        job.erp,
        restore=job.means.restore(),
        has_number=has_number(job.entry, job.erp),
        can_read=job.plugin.has_read,
    )


def is_confirmed(job: Job, step: Step) -> bool:
    """
    Return whether the step may be looked up, or written, now.

    Where an answer of the ERP does not count yet the export is put off, and then refused where a
    person has to look.
    """
    restore, check = job.means.restore(), check_of(job, step)
    if restore is None:
        return True
    if check in {RestoreCheck.PERSON, RestoreCheck.LOOK_UP}:
        counts_from = look_up_counts_from(step, job.erp, restore)
        if job.now() < counts_from:
            why = f"The database was restored: {job.erp.name} is asked once its answer counts."
            defer(job, Deferred(counts_from, why))
            return False
    if check is RestoreCheck.PERSON:
        refuse(job, ask_after_restore(job.entry, job.erp, restore), restore=restore)
        return False
    return True


def key_before_restore(job: Job, found: Found, step: Step, taken: Collection[str]) -> Key | None:
    """
    Return the key of ours under which a document was made before the restore, if it is as accepted.

    The call that made it is not on record; its key is, as keys follow from the entry.
    """
    contents = found.contents
    keys = {key.text: key for key in keys_of(job.entry, step.name)}
    key = keys.get(contents.key) if contents.key else None
    if job.means.restore() is None or key is None or found.receipt.erp_id in taken:
        return None
    same = contents.digest in {None, "", job.entry.digest}
    return key if same and agrees(contents, job.entry, job.erp) else None


def refuse_other(job: Job, found: Found) -> None:
    """Refuse the export: the ERP has a document of this invoice that is not what was accepted."""
    document = job.entry.document
    facts = {
        "erp": job.erp.name,
        "erp_id": found.receipt.erp_id,
        "number": found.contents.number or "",
        "amount": str(found.contents.amount),
        "accepted": str(document.due) if document else "",
    }
    message = (
        "{erp} has document {erp_id} of this invoice from before the database was restored: number "
        "{number} over {amount}, where {accepted} was accepted. Correct or remove it there, then "
        "retry; or resolve this with its id."
    ).format_map(facts)
    refuse(job, Verdict((Denial("export.restored_differs", message, Source.ERP, facts),)))


def compare_with_erp(job: Job, request: ExportRequest, step: Step, outcome: Outcome) -> Outcome:
    """
    Return the outcome of a creating call, believed only if the document is what was accepted.

    An ERP that makes no second document may have answered with the one from before the restore.
    """
    if not isinstance(outcome, Done) or check_of(job, step) is not RestoreCheck.READ_BACK:
        return outcome
    seen = job.adapter.read(job.session, outcome.receipt)
    if isinstance(seen, Contents):
        if seen.digest in {None, "", request.digest} and agrees(seen, job.entry, job.erp):
            return outcome
        has = f"number {seen.number} over {seen.amount}"
        return Unknown(
            f"Document {outcome.receipt.erp_id} is from before the database was restored, and not "
            f"what was accepted: {has}."
        )
    why = "it is gone" if isinstance(seen, Gone) else seen.why
    return Unknown(
        f"Document {outcome.receipt.erp_id} could not be compared after a restore: {why}"
    )
