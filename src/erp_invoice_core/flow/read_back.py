"""
Read-back of the exported documents after the last step.

If the policy asks for it, the documents are read by their ids and compared with what was sent, by
the declared fidelity. The export is not synced while they differ: it fails with the differences,
and a person corrects the document and retries, withdraws it, or resolves the invoice with evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..exchange import CannotTell, Deferred, Gone
from ..message_template import MessageTemplate, choose_template
from ..verdict import ALLOWED, Source, Verdict
from .content_differences import find_content_differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..declaration import Declaration
    from ..documents import QueueEntry, Receipt, Step
    from ..exchange import Contents, ExportRequest
    from ..verdict import Denial
    from .content_differences import ContentDifference


_DIFFERS = (
    MessageTemplate(
        "erp.differs",
        'Document {erp_ids} in {erp} has {in_erp} as "{label}", where {expected} was expected.'
        " Correct the document in {erp} and retry the export. If the document can stay as it is,"
        " resolve this invoice with the id of the document.",
        source=Source.ERP,
    ),
    MessageTemplate(
        "erp.differs",
        'Document {erp_ids} in {erp} has no "{label}", where {expected} was expected. Correct the'
        " document in {erp} and retry the export. If the document can stay as it is, resolve this"
        " invoice with the id of the document.",
        source=Source.ERP,
    ),
    MessageTemplate(
        "erp.differs",
        'Document {erp_ids} in {erp} has {in_erp} as "{label}", where nothing was expected. Correct'
        " the document in {erp} and retry the export. If the document can stay as it is, resolve"
        " this invoice with the id of the document.",
        source=Source.ERP,
    ),
)
_NOT_THERE = MessageTemplate(
    "erp.not_there",
    "Document {erp_id} of this invoice was written and is not in {erp} any more. Look in {erp} for"
    " who removed the document, then resolve the invoice: state with evidence whether the document"
    " exists.",
    source=Source.ERP,
)


def list_read_back(
    entry: QueueEntry, plan: Sequence[Step], receipts: Iterable[Receipt] = ()
) -> tuple[Receipt, ...]:
    """
    Return the receipts of the documents to read, in the order of the plan.

    There are none before every step of the plan has a receipt.

    Args:
        entry: The entry.
        plan: The steps.
        receipts: Receipts that are not stored yet.
    """
    known = [holding.receipt for holding in entry.standing]
    by_step = {receipt.step: receipt for receipt in (*known, *receipts)}
    if any(step.name not in by_step for step in plan):
        return ()
    return tuple(by_step[step.name] for step in plan if step.role is not None)


def judge_read_back(
    shown: Sequence[tuple[Receipt, Contents | Gone | CannotTell]],
    request: ExportRequest,
    erp: Declaration,
) -> Verdict | Deferred:
    """
    Return the verdict on the documents of a complete export, which were read back.

    It is denied with each document that is gone, or else with each difference from what was sent.
    It is :class:`Deferred` if a document could not be read.

    Args:
        shown: The receipt of each document, and what the ERP answered.
        request: The export.
        erp: The declaration of the ERP.
    """
    contents: list[Contents] = []
    gone: list[Denial] = []
    for receipt, answer in shown:
        if isinstance(answer, CannotTell):
            why = f"Document {receipt.erp_id} could not be read back: {answer.why}"
            return Deferred(None, why)
        if isinstance(answer, Gone):
            gone.append(_NOT_THERE.deny({"erp": erp.name, "erp_id": receipt.erp_id}))
        else:
            contents.append(answer)
    if gone or not contents:
        return Verdict(tuple(gone)) if gone else ALLOWED
    ids = ", ".join(receipt.erp_id for receipt, _ in shown)
    return Verdict(_deny_each(find_content_differences(contents, request, erp), ids, erp))


def _deny_each(
    differences: Iterable[ContentDifference], erp_ids: str, erp: Declaration
) -> Iterator[Denial]:
    for row in differences:
        facts = {
            "erp": erp.name,
            "erp_ids": erp_ids,
            "field": row.field,
            "label": row.field.replace("_", " "),
            "declared": row.declared,
            "sent": row.sent,
            "expected": row.expected,
            "in_erp": row.in_erp,
        }
        template = choose_template(_DIFFERS, facts) or _DIFFERS[0]
        yield template.deny(facts)
