"""What a person found over there, and what an entry knows once that is taken at its word."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from ..documents import Answer, Call, CallKind, QueueEntry, Receipt, Step
from ..values import Value
from ..vocabulary import Role
from .known import holding_of, with_holding, withdrawn

__all__ = ["Ruling", "apply"]


def _ids(ids: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(ids))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Ruling(Value):
    """
    What a person found over there.

    Attributes:
        synced: For the whole entry: ERP ids by role (``bill``, ``release``, ``credit``; an empty
            text for the only one).
        absent: For the whole entry: nothing is there.
        happened: For single steps: the ERP id by step.
        steps_absent: The single steps that did not happen.

    Raises:
        ValueError: It says nothing, or several things at once.
    """

    synced: Mapping[str, str] = attrs.field(factory=dict, converter=_ids, hash=False)
    absent: bool = False
    happened: Mapping[str, str] = attrs.field(factory=dict, converter=_ids, hash=False)
    steps_absent: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        said = [bool(self.synced), self.absent, bool(self.happened or self.steps_absent)]
        if sum(said) != 1:
            msg = "Say one of: the ERP ids, that nothing is there, or what came of each step."
            raise ValueError(msg)
        if set(self.happened) & set(self.steps_absent):
            msg = "A step cannot both have happened and not have happened."
            raise ValueError(msg)

    def settles_all(self, entry: QueueEntry) -> bool:
        """
        Whether it answers every call in doubt, and speaks of steps and calls that there are.

        A document that another try made, or that is known to be gone, answers no call of this one.
        """
        if self.absent:
            return True
        steps = {step.name: step for step in _steps(entry)}
        named = {_erp_id(self, entry, step) for step in steps.values()}
        if entry.in_doubt and named & _others(entry):
            return False
        if self.synced:
            stand = {holding.receipt.step for holding in entry.standing}
            return all(name in stand or _erp_id(self, entry, steps[name]) for name in steps)
        told = {*self.happened, *self.steps_absent}
        asked = {call.key.step for call in entry.in_doubt}
        return asked <= told <= {*steps, *asked}

    def rules_absent(self, entry: QueueEntry) -> bool:
        """Whether it says of anything that it did not happen: of a pending withdrawal too."""
        removal = any(call.kind is CallKind.WITHDRAW for call in entry.in_doubt)
        return self.absent or bool(self.steps_absent) or (bool(self.synced) and removal)

    def denied(self, entry: QueueEntry) -> tuple[Receipt, ...]:
        """
        Return the receipts of documents of which it says that they are not there.

        That a step did not happen is said of this try: a document of a former one stands beside it.
        """
        this_try = (entry.generation, entry.attempt)
        return tuple(
            held.receipt
            for held in entry.living
            if self.absent
            or (
                held.receipt.step in self.steps_absent
                and (held.key.generation, held.key.attempt) == this_try
            )
        )


def _others(entry: QueueEntry) -> set[str]:
    """Return the ERP ids of documents on record that do not stand for the acceptance."""
    return {held.receipt.erp_id for held in entry.holdings if held not in entry.standing}


def _steps(entry: QueueEntry) -> tuple[Step, ...]:
    return entry.plan or (Step("bill", "bill", Role.BILL),)


def _erp_id(ruling: Ruling, entry: QueueEntry, step: Step) -> str | None:
    """Return the ERP id that the ruling gives a step; one that makes nothing has its document's."""
    if step.name in ruling.happened or not ruling.synced:
        return ruling.happened.get(step.name)
    if step.role is not None:
        return ruling.synced.get(step.role.value, ruling.synced.get(""))
    held = [holding.receipt.erp_id for holding in entry.standing]
    return next(iter([*held, *ruling.synced.values()]))


def _said_of(ruling: Ruling, call: Call) -> Answer:
    if call.kind is CallKind.WITHDRAW:
        happened = ruling.absent or call.key.step in ruling.happened
    else:
        happened = not (ruling.absent or call.key.step in ruling.steps_absent)
    return Answer.RECEIPT if happened else Answer.ABSENT


def apply(ruling: Ruling, entry: QueueEntry) -> QueueEntry:
    """Return the entry as the ruling tells it: every call in doubt answered, receipts added."""
    removed = {receipt.erp_id for receipt in ruling.denied(entry)}
    removed |= {
        call.erp_id for call in entry.in_doubt if call.erp_id and call.key.step in ruling.happened
    }
    known = attrs.evolve(
        entry,
        calls=tuple(
            attrs.evolve(call, answer=call.answer or _said_of(ruling, call)) for call in entry.calls
        ),
        plan=_steps(entry),
    )
    for gone in removed:
        known = withdrawn(known, gone)
    for step in known.plan:
        erp_id = _erp_id(ruling, entry, step)
        if erp_id and erp_id not in _others(entry):
            receipt = Receipt(step=step.name, erp_id=erp_id, role=step.role)
            held = holding_of(known, known.key(step.name), receipt, entry.digest)
            known = with_holding(known, held)
    return known
