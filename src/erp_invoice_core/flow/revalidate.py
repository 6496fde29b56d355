"""
Revalidation of an accepted entry right before its first write.

Between the acceptance and the export the invoice, the declaration of the ERP or the losses may have
changed. The acceptance covers only what the approver saw. A difference therefore stops the export,
and the approver decides again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..declaration import AttachmentForm
from ..documents import WORKER, is_digest_of
from ..message_template import MessageTemplate
from ..rules import decide
from ..verdict import Verdict
from ..vocabulary import Action
from .accept import digest_losses, list_former_losses
from .case import add_entry_facts
from .former_losses import digest_former_losses

if TYPE_CHECKING:
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Acceptance, ExportDocument, QueueEntry
    from ..rules import Case, Policy
    from ..verdict import Denial


_CHANGED = MessageTemplate(
    "export.changed",
    "The part of this invoice that is exported has changed since it was accepted. Look at the"
    " invoice again, then retry the export or reject the invoice.",
)
_DECLARATION_CHANGED = MessageTemplate(
    "export.declaration_changed",
    "The integration of {erp} declares other abilities or limits than when this invoice was"
    " accepted. Look at the invoice again, then retry the export or reject the invoice.",
)
_NEW_LOSS = MessageTemplate(
    "export.new_loss",
    "The ERP would now change or drop other values of this invoice than the approver saw when"
    " accepting it. Look at the invoice again, then retry the export or reject the invoice.",
)
INVOICE_MISSING = MessageTemplate(
    "export.invoice_missing",
    "The host application does not have this invoice any more. Reject its export.",
)


def find_changes_since_acceptance(
    entry: QueueEntry, case: Case, erp: Declaration
) -> tuple[Denial, ...]:
    """Return a denial for each thing that is not as the approver accepted it."""
    acceptance = entry.acceptance
    if acceptance is None:
        return ()
    denials: list[Denial] = []
    if case.document is not None and not is_digest_of(acceptance.digest, case.document):
        denials.append(_CHANGED.deny())
    is_superseded = acceptance.declaration in erp.supersedes
    if not is_superseded and not is_digest_of(acceptance.declaration, erp):
        denials.append(_DECLARATION_CHANGED.deny({"erp": erp.name}))
    views = [(case, entry.document)]
    if is_superseded and entry.document is not None:
        # A former declaration may have taken no files: that they stay here is no new loss.
        without_files = attrs.evolve(erp, attachments=AttachmentForm.NONE)
        views.append((attrs.evolve(case, erp=without_files), entry.document))
        # Versions 0.1 to 0.4 listed no loss of attachments then.
        views.append((case, attrs.evolve(entry.document, attachments=())))
    if not any(_has_accepted(acceptance, view, document) for view, document in views):
        denials.append(_NEW_LOSS.deny())
    return tuple(denials)


def _has_accepted(acceptance: Acceptance, case: Case, document: ExportDocument | None) -> bool:
    """Return whether the losses of the document are still those that the approver accepted."""
    if acceptance.losses == digest_losses(case, document):
        return True
    return acceptance.losses in digest_former_losses(list_former_losses(case, document))


def revalidate(
    entry: QueueEntry,
    case: Case | None,
    *,
    at: datetime,
    policy: Policy,
    erp: Declaration,
    has_content: bool,
) -> Verdict:
    """
    Return whether an accepted entry may be written, by facts that the host has supplied again.

    Args:
        entry: The claimed entry.
        case: The facts of its invoice; ``None`` if the host does not have the invoice any more.
        at: Now (UTC).
        policy: The company's settings.
        erp: The declaration of the ERP.
        has_content: True if the host supplies the content of attachments.
    """
    if case is None:
        return Verdict((INVOICE_MISSING.deny(),))
    whole = add_entry_facts(
        case,
        entry,
        at=at,
        actor=WORKER,
        policy=policy,
        erp=erp,
        export_fields=entry.acceptance.fields if entry.acceptance else {},
        mapped=entry.acceptance.mapped if entry.acceptance else (),
        erp_number=entry.acceptance.number if entry.acceptance else None,
        has_content=has_content,
    )
    verdict = decide(Action.START, whole)
    changes = find_changes_since_acceptance(entry, whole, erp)
    return verdict & Verdict(changes) if changes else verdict
