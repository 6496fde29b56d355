"""Bugs about documents: their keys and ids, leftovers, and the accepted content."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.documents import QueueEntry
from erp_invoice_core.flow import add_entry_facts, add_holding, unlink
from erp_invoice_core.flow.change import choose_attempt
from erp_invoice_core.rules import decide
from erp_invoice_core.stores.memory import MemoryPeople
from erp_invoice_core.testing.fake_erp.ledger import Ledger
from erp_invoice_core.verdict import ALLOWED
from erp_invoice_core.vocabulary import Action
from erp_invoice_core.worker.job import Job

from ..mutant import Mutant, apply_all, replace_attribute, replace_everywhere

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.documents import Holding
    from erp_invoice_core.events import Change
    from erp_invoice_core.rules import Case
    from erp_invoice_core.testing.fake_erp.ledger import ErpDocument
    from erp_invoice_core.verdict import Verdict


_evidence = import_module("erp_invoice_core.flow.evidence")
_revalidate = import_module("erp_invoice_core.flow.revalidate")
_send = import_module("erp_invoice_core.flow.send")


def _keep_generation(former: Callable[..., Change]) -> Callable[..., Change]:
    """Return an unlinking after which the same keys are used."""

    def unlink_only(entry: QueueEntry, *given: object, **more: object) -> Change:
        change = former(entry, *given, **more)
        if not change.verdict:
            return change
        after = attrs.evolve(change.after, generation=entry.generation, attempt=entry.attempt)
        return attrs.evolve(change, after=after)

    return unlink_only


def _hide_leftover(former: Callable[..., Case]) -> Callable[..., Case]:
    """Return a case without leftover documents in the ERP."""

    def add_facts(case: Case, entry: QueueEntry, **given: object) -> Case:
        return former(case, entry, **{**given, "left": False})

    return add_facts


def _list_of_generation(entry: QueueEntry) -> tuple[Holding, ...]:
    """Return the documents of every acceptance as if they were of the current one."""
    if entry.acceptance is None:
        return ()
    return tuple(held for held in entry.living if held.key.generation == entry.generation)


def _has_the_number(_ledger: Ledger, document: ErpDocument, content: ErpDocument) -> bool:
    """Return whether a document has the number of that request, of any commitment."""
    return document.number == content.number and content.role in {None, document.role}


def _allow_edits(former: Callable[..., Verdict]) -> Callable[..., Verdict]:
    """Return a verdict that allows every edit at any time."""

    def decide_edit(action: Action, case: Case) -> Verdict:
        return ALLOWED if action is Action.EDIT else former(action, case)

    return decide_edit


BUGS = (
    Mutant(
        name="key-after-deletion",
        sources=("LanternOps/breeze#4624",),
        happened="A payment was deleted in QuickBooks and pushed again under its request id; the "
        "old answer came back, and nothing was booked.",
        rebuilt="After an unlinking the same keys are used as before.",
        applied=lambda: apply_all(
            replace_everywhere(unlink, _keep_generation(unlink)),
            replace_attribute(_send, "choose_attempt", lambda entry: entry.attempt),
        ),
    ),
    Mutant(
        name="key-for-other-content",
        sources=("nensii21/devlink#1200",),
        happened="A key was used for another request; the answer to the first one was replayed, "
        "and the second never ran.",
        rebuilt="A new try has the key of the former one.",
        applied=lambda: replace_everywhere(choose_attempt, lambda entry: entry.attempt),
    ),
    Mutant(
        name="draft-left",
        sources=("Auxx-Ai/auxx-ai#2261",),
        happened="Voiding a bill left its draft in the ledger, where it could still be approved.",
        rebuilt="A draft left by a refused posting bars nothing, and is posted with what is sent "
        "next.",
        applied=lambda: apply_all(
            replace_everywhere(add_entry_facts, _hide_leftover(add_entry_facts)),
            replace_attribute(QueueEntry, "standing", property(_list_of_generation)),
        ),
    ),
    Mutant(
        name="another-ones-bill",
        sources=("OCA/l10n-spain#4862",),
        happened="A bill was looked up by its number alone, so that another vendor's bill with "
        "that number could be taken for it.",
        rebuilt="An adapter looks up by the number alone, and a document with that number is "
        "adopted from any owner.",
        applied=lambda: apply_all(
            replace_attribute(Ledger, "_is_alike", _has_the_number),
            replace_attribute(_evidence, "_has_unique_number", lambda *_: True),
            replace_attribute(Job, "list_taken", lambda *_: set()),
            replace_attribute(MemoryPeople, "_reserve_erp_ids", lambda *_: None),
        ),
    ),
    Mutant(
        name="ids-not-kept",
        sources=("Nine-Minds/alga-psa#2343",),
        happened="The ids that Xero had given were not sent back with the next export, which met "
        "its own draft and was rejected.",
        rebuilt="The ids of documents are not kept.",
        applied=lambda: replace_everywhere(add_holding, lambda entry, _holding: entry),
    ),
    Mutant(
        name="edited-meanwhile",
        sources=("OCA/purchase-workflow#2178",),
        happened="After a manager had approved a request, products could be added without a "
        "new approval.",
        rebuilt="An invoice may be edited at any time, and the booked content is not compared.",
        applied=lambda: apply_all(
            replace_everywhere(decide, _allow_edits(decide)),
            replace_attribute(_revalidate, "find_changes_since_acceptance", lambda *_: ()),
        ),
    ),
)
