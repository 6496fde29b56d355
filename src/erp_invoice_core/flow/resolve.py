"""Resolution: a person says with evidence what happened in the ERP."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from ..documents import Answer, Call, CallKind, QueueEntry, Receipt, Step
from ..message_template import MessageTemplate
from ..rules import decide
from ..rules.remedy_rows import with_remedies
from ..values import Value
from ..verdict import Source, Verdict
from ..vocabulary import Action, ExportStatus, Role
from .change import apply_transition, choose_attempt, record_denial
from .knowledge import add_holding, build_holding, is_complete, is_left_accepted, mark_gone
from .number_slot import find_slot

if TYPE_CHECKING:
    from datetime import datetime

    from ..documents import Actor
    from ..events import Change
    from ..rules import Case
    from ..verdict import Denial


_LEFT = MessageTemplate(
    "export.draft_left",
    "The ERP has documents of this invoice, as a person stated: {erp_id}. Withdraw them, then retry or"
    " reject the export.",
    source=Source.PERSON,
)
_ABSENT = MessageTemplate(
    "export.ruled_absent",
    "The ERP has no document of this invoice, as a person stated. Retry or reject the export.",
    source=Source.PERSON,
)


def _copy_ids(ids: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(ids))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Resolution(Value):
    """
    The state of the documents in the ERP, as a person found it.

    Attributes:
        synced: For the whole entry: the ERP ids of its documents by role (``bill``, ``release``,
            ``credit``; an empty text if there is only one document).
        absent: For the whole entry: no document exists.
        happened: For single steps: the ERP id of the document by the name of the step.
        steps_absent: The single steps that did not happen.

    Raises:
        ValueError: Not exactly one is given of ``synced``, ``absent``, and ``happened`` with
            ``steps_absent``, or a step is in both of the last two.
    """

    synced: Mapping[str, str] = attrs.field(factory=dict, converter=_copy_ids, hash=False)
    absent: bool = False
    happened: Mapping[str, str] = attrs.field(factory=dict, converter=_copy_ids, hash=False)
    steps_absent: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        given = [bool(self.synced), self.absent, bool(self.happened or self.steps_absent)]
        if sum(given) != 1:
            msg = "Give one of: `synced`, `absent`, or `happened` and `steps_absent`."
            raise ValueError(msg)
        if set(self.happened) & set(self.steps_absent):
            msg = "A step cannot both have happened and not have happened."
            raise ValueError(msg)

    def settles_all(self, entry: QueueEntry) -> bool:
        """
        Return whether the resolution answers every call in doubt and names only steps of the entry.

        One with ``synced`` must give each step an ERP id, unless the step has a receipt. A document
        of another attempt, or one that is known to be gone, answers no call in doubt.
        """
        if self.absent:
            return True
        steps = {step.name: step for step in _list_steps(entry)}
        named = {_find_erp_id(self, entry, step) for step in steps.values()}
        if entry.in_doubt and named & _find_other_ids(entry):
            return False
        if self.synced:
            stand = {holding.receipt.step for holding in entry.standing}
            return all(name in stand or _find_erp_id(self, entry, steps[name]) for name in steps)
        answered = {*self.happened, *self.steps_absent}
        in_doubt = {call.key.step for call in entry.in_doubt}
        return in_doubt <= answered <= {*steps, *in_doubt}

    def rules_absent(self, entry: QueueEntry) -> bool:
        """True if the resolution states that a step, or a withdrawal in doubt, did not happen."""
        removal = any(call.kind is CallKind.WITHDRAW for call in entry.in_doubt)
        return self.absent or bool(self.steps_absent) or (bool(self.synced) and removal)

    def list_denied_receipts(self, entry: QueueEntry) -> tuple[Receipt, ...]:
        """
        Return the receipts of documents that the resolution states to be absent from the ERP.

        A step in ``steps_absent`` is a step of the current attempt; documents of former attempts
        are left out.
        """
        current = (entry.generation, entry.attempt)
        return tuple(
            held.receipt
            for held in entry.living
            if self.absent
            or (
                held.receipt.step in self.steps_absent
                and (held.key.generation, held.key.attempt) == current
            )
        )


def _find_other_ids(entry: QueueEntry) -> set[str]:
    """
    Return the ERP ids of the entry's documents that are no answer to a call in doubt.

    These are documents of former attempts, documents that are gone, and documents with another
    digest than the accepted one.
    """
    return {held.receipt.erp_id for held in entry.holdings if held not in entry.standing}


def _list_steps(entry: QueueEntry) -> tuple[Step, ...]:
    return entry.plan or (Step("bill", "bill", Role.BILL),)


def _find_erp_id(resolution: Resolution, entry: QueueEntry, step: Step) -> str | None:
    """
    Return the ERP id that the resolution gives a step; ``None`` if it gives no id.

    If the resolution is for the whole entry, a step that creates no document has the id of the
    document on which it was carried out.
    """
    if step.name in resolution.happened or not resolution.synced:
        return resolution.happened.get(step.name)
    if step.role is not None:
        return resolution.synced.get(step.role.value, resolution.synced.get(""))
    held = [holding.receipt.erp_id for holding in entry.standing]
    return next(iter([*held, *resolution.synced.values()]))


def _choose_answer(resolution: Resolution, call: Call) -> Answer:
    if call.kind is CallKind.WITHDRAW:
        happened = resolution.absent or call.key.step in resolution.happened
    else:
        happened = not (resolution.absent or call.key.step in resolution.steps_absent)
    return Answer.RECEIPT if happened else Answer.ABSENT


def apply_resolution(resolution: Resolution, entry: QueueEntry) -> QueueEntry:
    """Return the entry with the resolution applied: calls in doubt answered, receipts added."""
    removed = {receipt.erp_id for receipt in resolution.list_denied_receipts(entry)}
    removed |= {
        call.erp_id
        for call in entry.in_doubt
        if call.erp_id and call.key.step in resolution.happened
    }
    known = attrs.evolve(
        entry,
        calls=tuple(
            attrs.evolve(call, answer=call.answer or _choose_answer(resolution, call))
            for call in entry.calls
        ),
        plan=_list_steps(entry),
    )
    for gone in removed:
        known = mark_gone(known, gone)
    for step in known.plan:
        erp_id = _find_erp_id(resolution, entry, step)
        if erp_id and erp_id not in _find_other_ids(entry):
            receipt = Receipt(step=step.name, erp_id=erp_id, role=step.role)
            held = build_holding(known, known.build_key(step.name), receipt, entry.digest)
            known = add_holding(known, held)
    return known


def _choose_status(known: QueueEntry) -> ExportStatus:
    if not known.acceptance_stands or not is_left_accepted(known):
        return ExportStatus.FAILED
    if is_complete(known):
        return ExportStatus.SYNCED
    return ExportStatus.ACCEPTED if known.standing else ExportStatus.FAILED


def _deny(known: QueueEntry) -> tuple[Denial, ...]:
    if known.living:
        ids = ", ".join(sorted({holding.receipt.erp_id for holding in known.living}))
        return (_LEFT.deny({"erp_id": ids}),)
    return (_ABSENT.deny(),)


def _choose_slot(entry: QueueEntry, case: Case, to: ExportStatus) -> str | None:
    """
    Return the number slot that the entry holds after the resolution.

    An entry that has a slot keeps it. An entry without one that becomes synced takes the slot of
    its number, if no other entry holds that slot.
    """
    if entry.slot is None and to is ExportStatus.SYNCED and case.erp and case.slot_is_free:
        return find_slot(entry, case.erp)
    return entry.slot


def resolve(
    entry: QueueEntry,
    case: Case,
    resolution: Resolution,
    *,
    at: datetime,
    actor: Actor,
    evidence: str | None,
    command: str | None = None,
) -> Change:
    """Resolve an entry with the evidence of a person; it becomes synced, accepted or failed."""
    verdict = decide(Action.RULE, case)
    facts = {"evidence": evidence or ""}
    if not verdict:
        return record_denial(
            Action.RULE, entry, verdict, at=at, actor=actor.id, facts=facts, command=command
        )
    known = apply_resolution(resolution, entry)
    to = _choose_status(known)
    failed = to is ExportStatus.FAILED
    anew = not known.living
    denials = with_remedies(Verdict(_deny(known)), case).denials if failed else ()
    return apply_transition(
        Action.RULE,
        entry,
        at=at,
        actor=actor.id,
        to=to,
        verdict=verdict,
        denials=denials,
        facts=facts,
        command=command,
        calls=known.calls,
        holdings=known.holdings,
        plan=() if anew else known.plan,
        attempt=choose_attempt(known) if anew else known.attempt,
        slot=_choose_slot(entry, case, to),
        lease=None,
        due_at=at if to is ExportStatus.ACCEPTED else None,
        lookups=0,
        refusal=denials,
    )
