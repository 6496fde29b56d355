"""Checks that the adapter reads from the ERP and not from memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ....adapters import Done, Found, LookUp
from ....exchange import Contents, NotSaid
from ...faults import Fault
from ..check import Check
from ..result import NotProved, require
from ..stages import list_stages
from .contents import require_like
from .faults import count_requests
from .injection import write_with

if TYPE_CHECKING:
    from ....documents import Receipt
    from ..stages import Stage
    from ..trial import Trial

#: The values that a reading and a look-up of one document show alike.
_COMPARED = tuple(field.name for field in attrs.fields(Contents) if field.name != "key")


def check_read_as_found(trial: Trial) -> None:
    """A look-up and a reading in a new session agree: values from memory may hide a wrong bill."""
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    receipts = trial.export()
    other = trial.reconnect()
    for step in trial.list_looked_up():
        sighting = trial.find_after_writing(step)
        receipt = next((each for each in receipts if each.step == step.name), None)
        if not isinstance(sighting, Found) or receipt is None or receipt.role is None:
            continue
        shown = other.read_existing(receipt)
        for name in _COMPARED:
            found, read = getattr(sighting.contents, name), getattr(shown, name)
            require(
                isinstance(found, NotSaid) or isinstance(read, NotSaid) or found == read,
                f"A look-up and a reading of document {receipt.erp_id} show the same {name}.",
                f"{found} found, {read} read",
                f"{name} of Contents in erp_find and erp_read: read it from the answer of the ERP",
            )
        trial.rows.note(f"terms.{step.kind}")


def check_after_loss(trial: Trial) -> None:
    """After a lost answer a bill is read from the ERP: the adapter's memory lacks its amounts."""
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    for stage in list_stages(trial):
        terms = trial.adapter.declaration.terms_of(stage.kind)
        if terms.look_up is not LookUp.NONE and count_requests(stage) == 1:
            _read_after_loss(stage)
            trial.rows.note(stage.row)
    if not trial.rows.tried:
        msg = "No step of one request can be looked up."
        raise NotProved(msg)


def _read_after_loss(stage: Stage) -> None:
    trial, step, receipts = stage.reach()
    write_with(trial, step, Fault.LOST_AFTER, receipts)
    sighting = trial.find_after_writing(step)
    if not isinstance(sighting, Found):
        return  # the check of lost answers is about it
    all_receipts: list[Receipt] = [*receipts, sighting.receipt]
    for later in trial.steps[stage.place + 1 :]:
        outcome = trial.carry_out(later, all_receipts)
        if not isinstance(outcome, Done):
            return
        all_receipts.append(outcome.receipt)
    other = trial.reconnect()
    bills = [each for each in all_receipts if each.role is not None]
    require_like(trial, tuple(other.read_existing(each) for each in bills))


_INVOICES = ("features.invoices: full",)

# fmt: off
CHECKS = (
    Check(
        name="read.as_found", run=check_read_as_found, words=_INVOICES,
        lie="A reading shows what the adapter sent, and not what the ERP has.",
    ),
    Check(
        name="read.after_loss", run=check_after_loss, has_faults=True, words=_INVOICES,
        lie="The adapter reads from its own notes of what it wrote, which lack a lost answer.",
    ),
)
# fmt: on
