"""
Next step of an export, and the look-up before it.

The ERP may already have the document of a step. The document is therefore looked up before the step
is written, if the ERP does not enforce the idempotency key, if an earlier call was found not to
have happened, or if the database was restored. If the document that is found is this entry's, it
becomes the receipt of the step; otherwise the export stops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import attrs

from ..declaration import LookUp
from ..exchange import Absent, CannotTell, Deferred, Found, Several
from ..message_template import MessageTemplate, choose_template
from ..values import Value
from ..verdict import Source, Verdict
from ..vocabulary import ExportStatus
from .evidence import describe_find, find_digest, find_matching_key, has_look_up, list_keys
from .restore import (
    RestoreCheck,
    ask_after_restore,
    choose_restore_check,
    delay_after_restore,
    differs_from_accepted,
    key_before_restore,
    list_later_keys,
)
from .watch import find_watched_in_generation

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Call, Key, QueueEntry, Receipt, Restore, Step
    from ..exchange import ExportRequest, Sighting

_SEVERAL_FOREIGN = MessageTemplate(
    "erp.already_there",
    "The ERP already has several documents with the number of this invoice. Find out who entered them,"
    " and remove them if they are not needed.",
    source=Source.ERP,
)
_FOREIGN = MessageTemplate(
    "erp.already_there",
    "The ERP already has document {erp_id} with the number {number}. Find out who entered it, and"
    " remove it if it is not needed.",
    source=Source.ERP,
)
_FOREIGN_WITHOUT_NUMBER = MessageTemplate(
    "erp.already_there",
    "The ERP already has document {erp_id} with the number of this invoice. Find out who entered it,"
    " and remove it if it is not needed.",
    source=Source.ERP,
)
_OF_ANOTHER = MessageTemplate(
    "erp.other_found",
    "The integration of {erp} looked for this invoice by its number and found document {erp_id}, which"
    " has another number or vendor and is that of another invoice. Leave this document as it is, and"
    " report the look-up to the vendor of the integration.",
    source=Source.ERP,
)
#: The fields by which a document is looked up if the ERP knows no key.
_LOOKED_UP_BY = ("number", "vendor")
_NUMBER_TAKEN = MessageTemplate(
    "export.number_taken",
    "Invoice {other} has the number {number} in the ERP (connection {connection}). Export this invoice"
    " under another number, or withdraw or unlink the other one.",
    source=Source.ERP,
)

#: Of a restore: these come before a call, not after it.
_BEFORE = frozenset({RestoreCheck.LOOK_UP, RestoreCheck.PERSON})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Adoption(Value):
    """
    A document in the ERP that is this entry's, although no successful call is on record.

    Attributes:
        key: The key under which it was made.
        digest: The digest of what was sent under that key.
        receipt: Its receipt.
        plan: The steps to store with it; ``None`` if the stored plan stays.
    """

    key: Key
    digest: str
    receipt: Receipt
    plan: tuple[Step, ...] | None


def is_untouched(entry: QueueEntry) -> bool:
    """True if no document is in the ERP and no call in doubt, so that the export may be stopped."""
    return not entry.living and not entry.in_doubt


def find_next_step(entry: QueueEntry, plan: Sequence[Step]) -> Step | None:
    """Return the first step of the plan that has no receipt."""
    done = {holding.receipt.step for holding in entry.standing}
    return next((step for step in plan if step.name not in done), None)


def find_following_step(entry: QueueEntry, plan: Sequence[Step]) -> Step | None:
    """
    Return the next step if its start may be committed together with the last answer.

    ``None`` if the export is not under way, a call is in doubt, no step is left, or the content of
    an attachment has to be fetched first.
    """
    if entry.status is not ExportStatus.EXPORTING or entry.in_doubt:
        return None
    step = find_next_step(entry, plan)
    # The content of an attachment is fetched before its step starts, and in no transaction.
    return None if step is None or step.attachment is not None else step


def find_youngest_document(entry: QueueEntry) -> Receipt:
    """Return the receipt of the newest existing document, which a withdrawal removes first."""
    documents = [holding.receipt for holding in entry.living if holding.receipt.role]
    return documents[-1] if documents else entry.living[-1].receipt


def list_absent_calls(entry: QueueEntry, step: Step) -> list[Call]:
    """Return the calls of a step in this generation that were found not to have happened."""
    return [call for call in find_watched_in_generation(entry) if call.key.step == step.name]


def has_to_look_up(entry: QueueEntry, step: Step, erp: Declaration) -> bool:
    """Return whether the ERP is asked for this step's document before the first write."""
    if not has_look_up(entry, step.kind, erp):
        return False
    is_unprotected = step.role is not None and not erp.terms_of(step.kind).enforces_key
    return is_unprotected or bool(list_absent_calls(entry, step))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class BeforeWrite(Value):
    """
    The values that decide what to do before one step of a claimed entry is written.

    Attributes:
        entry: The entry.
        step: The step that is to be written.
        erp: The declaration of the ERP.
        restore: The last restore of the database, if there was one.
        can_read: True if the adapter reads documents by their id.
    """

    entry: QueueEntry
    step: Step
    erp: Declaration
    restore: Restore | None
    can_read: bool

    @property
    def check(self) -> RestoreCheck:
        """The check that the last restore requires before the step."""
        return choose_restore_check(
            self.entry, self.step, self.erp, restore=self.restore, can_read=self.can_read
        )

    @property
    def has_demand(self) -> bool:
        """Return whether the last restore demands a look-up or a person before the step."""
        return self.check in _BEFORE

    @property
    def asks_erp(self) -> bool:
        """Return whether the ERP is asked for the step's document before the step is written."""
        by_restore = self.check is RestoreCheck.LOOK_UP
        return by_restore or has_to_look_up(self.entry, self.step, self.erp)

    @property
    def asks_first(self) -> bool:
        """Return whether the ERP, or a person, is asked about the step before it is written."""
        return self.check in _BEFORE or has_to_look_up(self.entry, self.step, self.erp)

    def list_keys(self) -> list[str]:
        """
        Return the texts of the idempotency keys for which the look-up asks.

        After a restore they include the keys of attempts that the database may have lost.
        """
        keys = [key.text for key in list_keys(self.entry, self.step.name)]
        if self.check is RestoreCheck.LOOK_UP:
            keys += (key.text for key in list_later_keys(self.entry, self.step.name))
        return keys

    def find_obstacle(self, at: datetime) -> Deferred | Verdict | None:
        """
        Return why the last restore holds up the step at this moment; ``None`` if it does not.

        The step waits until a look-up can prove absence, or the export is refused until a person
        has looked in the ERP.
        """
        if self.restore is None or not self.has_demand:
            return None
        if delay := delay_after_restore(self.step, self.erp, self.restore, at):
            return delay
        if self.check is RestoreCheck.PERSON:
            return ask_after_restore(self.entry, self.erp, self.restore)
        return None

    def learn(
        self,
        sighting: Sighting,
        *,
        asked_at: datetime,
        taken: Collection[str],
        plan: Sequence[Step],
    ) -> Adoption | Deferred | Verdict | None:
        """
        Return what to do after a look-up before the write: adopt the document, wait, or refuse.

        It is ``None`` if the step may be written.

        Args:
            sighting: The answer of the look-up.
            asked_at: When the ERP was asked (UTC).
            taken: ERP ids that belong, or may belong, to another entry or generation.
            plan: The steps of the export.
        """
        match sighting:
            case Absent():
                return None
            case Found():
                return self._judge_find(sighting, asked_at=asked_at, taken=taken, plan=plan)
            case Several():
                return Verdict((_SEVERAL_FOREIGN.deny(),))
            case CannotTell(why):
                return Deferred(None, why)
            case _:
                assert_never(sighting)

    def _judge_find(
        self, found: Found, *, asked_at: datetime, taken: Collection[str], plan: Sequence[Step]
    ) -> Adoption | Verdict:
        """Return the adoption of a found document, or a refusal if it is not this entry's."""
        entry, step, erp = self.entry, self.step, self.erp
        absent = list_absent_calls(entry, step)
        key = find_matching_key(found, entry, absent, erp=erp, at=asked_at, taken=taken)
        frozen: tuple[Step, ...] | None = None
        if key is None and self.restore is not None:
            key, frozen = key_before_restore(entry, step, found, erp, taken), tuple(plan)
        if key is not None:
            digest = find_digest(entry, key)
            return Adoption(key=key, digest=digest, receipt=found.receipt, plan=frozen)
        if self.check is RestoreCheck.LOOK_UP and found.contents.key in self.list_keys():
            return differs_from_accepted(entry, found, erp)
        if erp.terms_of(step.kind).look_up is LookUp.NUMBER:
            return _refuse_found_by_number(found, entry, erp)
        return _refuse_foreign(found, entry, erp)


def _refuse_found_by_number(found: Found, entry: QueueEntry, erp: Declaration) -> Verdict:
    """
    Return the refusal of an export because a look-up by number found a document.

    It is another refusal if the document has another number or vendor, because then the look-up of
    the ERP integration is wrong.
    """
    facts = describe_find(found, entry, erp)
    if not any(facts.get(f"{field}_in_erp") for field in _LOOKED_UP_BY):
        return _refuse_foreign(found, entry, erp)
    return Verdict((_OF_ANOTHER.deny({**facts, "erp": erp.name}),))


def _refuse_foreign(found: Found, entry: QueueEntry, erp: Declaration) -> Verdict:
    """Return the refusal of an export because the ERP has another document with its number."""
    facts = describe_find(found, entry, erp)
    template = (
        choose_template((_FOREIGN, _FOREIGN_WITHOUT_NUMBER), facts) or _FOREIGN_WITHOUT_NUMBER
    )
    return Verdict((template.deny(facts),))


def refuse_taken_number(entry: QueueEntry, holder: str | None) -> Verdict:
    """
    Return the refusal of an export because another entry holds its number slot.

    ``holder`` is the invoice of that entry, if it is known.
    """
    facts = {
        "number": entry.number or "-",
        "other": holder or "?",
        "connection": entry.connection or "-",
    }
    return Verdict((_NUMBER_TAKEN.deny(facts),))


def can_prefetch(entry: QueueEntry) -> bool:
    """
    Return whether an entry can be exported without a look-up before.

    It can if it has no document in the ERP, no call in doubt, and no write in this generation that
    was found not to have happened.
    """
    return is_untouched(entry) and not find_watched_in_generation(entry)


def can_start_unasked(
    entry: QueueEntry,
    request: ExportRequest,
    plan: Sequence[Step],
    *,
    erp: Declaration,
    restore: Restore | None,
    can_read: bool,
) -> bool:
    """
    Return whether the first step may be started in the transaction that claims the entry.

    It may not if the ERP or a person has to be asked first, or a file has to be fetched. The ERP
    must have a look-up: without one, only a person could settle a crash right after the start.
    """
    if not plan or request.files:
        return False
    steps = [
        BeforeWrite(entry=entry, step=step, erp=erp, restore=restore, can_read=can_read)
        for step in plan
    ]
    return not any(step.asks_first for step in steps) and has_look_up(entry, plan[0].kind, erp)
