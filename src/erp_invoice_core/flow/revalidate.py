"""
Revalidation of an accepted entry right before its first write.

Between the acceptance and the export the invoice, the declaration of the ERP or the losses may have
changed. The acceptance covers what the approver saw, so that a difference stops the export, and the
approver decides again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..documents import WORKER
from ..rules import decide
from ..verdict import Denial, Source, Verdict
from ..vocabulary import Action
from .accept import digest_losses
from .case import add_entry_facts

if TYPE_CHECKING:
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import QueueEntry
    from ..rules import Case, Policy


def _deny(code: str, what: str, **facts: str) -> Denial:
    message = f"Look again, then retry or reject: {what} since it was accepted."
    return Denial(code, message, Source.CONDITION, facts)


def find_changes_since_acceptance(
    entry: QueueEntry, case: Case, erp: Declaration
) -> tuple[Denial, ...]:
    """Return a denial for each thing that is not as the approver accepted it."""
    acceptance = entry.acceptance
    if acceptance is None:
        return ()
    denials: list[Denial] = []
    if case.document is not None and case.document.digest != acceptance.digest:
        denials.append(_deny("export.changed", "what would be booked has changed"))
    is_superseded = acceptance.declaration in erp.supersedes
    if acceptance.declaration != erp.digest and not is_superseded:
        what = f"{erp.name} declares otherwise"
        denials.append(_deny("export.declaration_changed", what, erp=erp.name))
    accepted = {digest_losses(case, entry.document)}
    if is_superseded and entry.document is not None:
        # A former declaration may have taken no files: that they stay here is no new loss.
        accepted.add(digest_losses(case, attrs.evolve(entry.document, attachments=())))
    if acceptance.losses not in accepted:
        denials.append(_deny("export.new_loss", "other amounts would be lost"))
    return tuple(denials)


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
    Return whether an accepted entry may be written, from facts that the host was asked again.

    Args:
        entry: The claimed entry.
        case: The facts of its invoice; ``None`` if the host does not have the invoice any more.
        at: Now (UTC).
        policy: The company's settings.
        erp: The declaration of the ERP.
        has_content: True if the host supplies the content of attachments.
    """
    if case is None:
        missing = "Reject this export: its invoice is not there any more."
        return Verdict((Denial("export.invoice_missing", missing, Source.CONDITION),))
    whole = add_entry_facts(
        case,
        entry,
        at=at,
        actor=WORKER,
        policy=policy,
        erp=erp,
        export_fields=entry.acceptance.fields if entry.acceptance else {},
        has_content=has_content,
    )
    changes = find_changes_since_acceptance(entry, whole, erp)
    return decide(Action.START, whole) & Verdict(changes)
