"""Checks of documents that were removed or never existed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ....adapters import Done, Found, Gone, Receipt
from ....declaration import Handling
from ..check import Check
from ..result import NotProved, require
from ..trial import describe_outcome

if TYPE_CHECKING:
    from ..trial import Trial

_AMOUNT = Decimal(1200)


def check_unknown_gone(trial: Trial) -> None:
    """A document that never existed reads as gone, else a deleted bill is never sent again."""
    step = next(step for step in trial.steps if step.role is not None)
    receipt = trial.export(until=step)[-1]
    trial.read_existing(receipt)
    never = Receipt(step=step.name, erp_id=_change_id(receipt.erp_id), role=step.role)
    shown = trial.read(never)
    require(
        isinstance(shown, Gone),
        f"There is no document {never.erp_id}.",
        f"contents {shown}",
        "erp_read",
    )


def _change_id(erp_id: str) -> str:
    """Return an id of the same form that no document has."""
    digits = "".join(
        str(9 - int(each)) if each.isascii() and each.isdigit() else each for each in erp_id
    )
    return f"{digits}99" if digits[-1:].isdigit() else f"{digits}-never"


def check_removed_gone(trial: Trial) -> None:
    """A document that the adapter removed is gone, else an invoice is corrected and paid twice."""
    step = next(step for step in trial.steps if step.role is not None)
    receipt = trial.export(until=step)[-1]
    _require_removed(trial, receipt)
    outcome = trial.adapter.withdraw(trial.session, receipt)
    require(
        isinstance(outcome, Done),
        "A document that is gone already counts as removed.",
        describe_outcome(outcome),
        "erp_withdraw",
    )
    if step in trial.list_looked_up():
        sighting = trial.find_after_writing(step)
        require(
            not isinstance(sighting, Found),
            f"Document {receipt.erp_id} was removed.",
            describe_outcome(sighting),
            "erp_withdraw and erp_find",
        )
    other = trial.renew(trial.samples.build_plain()).export(until=step)[-1]
    require(
        other.erp_id != receipt.erp_id,
        f"The id {receipt.erp_id} of a removed document is not used again.",
        f"the next document has the id {other.erp_id}",
        "erp_id in the receipt of erp_write",
    )


def _require_removed(trial: Trial, receipt: Receipt) -> None:
    outcome = trial.adapter.withdraw(trial.session, receipt)
    require(
        isinstance(outcome, Done),
        "The integration removes documents (withdraw=full).",
        describe_outcome(outcome),
        "withdraw and erp_withdraw",
    )
    shown = trial.read(receipt) if trial.adapter.has_read else None
    require(
        shown is None or isinstance(shown, Gone),
        f"Document {receipt.erp_id} was removed.",
        "it can still be read",
        "erp_withdraw and erp_read",
    )


def check_finished_removed(trial: Trial) -> None:
    """The removal of a finished bill is confirmed only if it is gone: one that stays is paid."""
    receipts = trial.export()
    for receipt in (each for each in receipts if each.role is not None):
        outcome = trial.adapter.withdraw(trial.session, receipt)
        if isinstance(outcome, Done) and trial.adapter.has_read:
            require(
                isinstance(trial.read(receipt), Gone),
                f"Document {receipt.erp_id} was removed after the last step.",
                "it can still be read",
                "erp_withdraw",
            )
        elif not isinstance(outcome, Done):
            msg = f"A document is not removed after the last step: {describe_outcome(outcome)}"
            raise NotProved(msg)


def check_every_stage_removed(trial: Trial) -> None:
    """After any step a removal is confirmed only if bill or credit is gone, else it may be paid."""
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    forms = [trial.renew_plain]
    if trial.adapter.declaration.negative is Handling.EXPORTED:
        forms.append(lambda: trial.renew(trial.samples.build_plain(-_AMOUNT)))
    for renew in forms:
        for place in range(len(renew().steps)):
            each = renew()
            step = each.steps[place]
            for receipt in (one for one in each.export(until=step) if one.role is not None):
                outcome = each.adapter.withdraw(each.session, receipt)
                require(
                    not isinstance(outcome, Done) or isinstance(each.read(receipt), Gone),
                    f"Document {receipt.erp_id} was removed after step {step.name}.",
                    "it can still be read",
                    "erp_withdraw",
                )


def check_others_stay(trial: Trial) -> None:
    """A removal keeps all other bills, also of the same number, else their vendors are not paid."""
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    step = next(step for step in trial.steps if step.role is not None)
    number = trial.request.document.invoice_number
    others = [trial.renew_plain()]
    if trial.target.other_vendor is not None:
        other = trial.target.other_vendor
        others.append(
            trial.renew(
                trial.samples.build_plain(
                    invoice_number=number, vendor_id=other, vendor_origin_id=other
                )
            )
        )
    stay = [each.export(until=step)[-1] for each in others]
    _require_removed(trial, trial.export(until=step)[-1])
    for receipt in stay:
        require(
            not isinstance(trial.read(receipt), Gone),
            f"Document {receipt.erp_id} is that of another invoice, and was not removed.",
            "it is gone",
            "erp_withdraw: remove the document of the receipt alone",
        )


def check_reversed_gone(trial: Trial) -> None:
    """A bill that a person reversed in the ERP is gone, else it is neither paid nor sent again."""
    _require_reversed_gone(trial)
    if trial.adapter.declaration.negative is Handling.EXPORTED:
        _require_reversed_gone(trial.renew(trial.samples.build_plain(-_AMOUNT)))


def _require_reversed_gone(trial: Trial) -> None:
    """Export the invoice and reverse its documents; end the check as refuted if one is shown."""
    bills = [each for each in trial.export() if each.role is not None]
    for bill in bills:
        trial.read_existing(bill)
        if not trial.target.reverse(bill):
            msg = "The contract cannot reverse a bill in the ERP (reverse of the contract)."
            raise NotProved(msg)
    for bill in bills:
        declared = f"Document {bill.erp_id} was reversed in the ERP."
        shown = trial.read(bill)
        require(isinstance(shown, Gone), declared, f"contents {shown}", "erp_read: return Gone")
    for step in trial.list_looked_up():
        sighting = trial.find_after_writing(step)
        require(
            not isinstance(sighting, Found),
            f"The documents of step {step.name} were reversed in the ERP.",
            describe_outcome(sighting),
            "erp_find: leave out what was reversed, voided or deleted",
        )


def check_edited_read(trial: Trial) -> None:
    """A bill that a person changed is not gone, else it is unlinked, sent again and paid twice."""
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    bill = next(each for each in trial.export() if each.role is not None)
    if not trial.target.edit(bill):
        msg = "The contract cannot change a bill in the ERP (edit of the contract)."
        raise NotProved(msg)
    require(
        not isinstance(trial.read(bill), Gone),
        f"Document {bill.erp_id} is there; its number was changed in the ERP.",
        "it is gone",
        "erp_read: read the document by its id, whatever its values are",
    )


# fmt: off
CHECKS = (
    Check(
        name="read.unknown_gone", run=check_unknown_gone,
        words=("unlink: delete_first", "features.unlink: full"),
        lie="A document that does not exist is read, or reading it is an error.",
    ),
    Check(
        name="removal.gone", run=check_removed_gone,
        words=("withdraw: full", "features.withdraw: full"),
        lie="A document that was removed still exists, or its id names the next document.",
    ),
    Check(
        name="removal.finished", run=check_finished_removed,
        words=("withdraw: full", "features.withdraw: full"),
        lie="The removal of a posted document is confirmed, and the document stays.",
    ),
    Check(
        name="removal.every_stage", run=check_every_stage_removed,
        words=("withdraw: full", "features.withdraw: full"),
        lie="The removal of a half-made document or a credit is confirmed, and it is still there.",
    ),
    Check(
        name="removal.others", run=check_others_stay,
        words=("withdraw: full", "features.withdraw: full"),
        lie="The removal of a document also removes the bills of other invoices.",
    ),
    Check(
        name="read.edited", run=check_edited_read, words=("features.invoices: full",),
        needs=("edit",),
        lie="A bill whose number a person changed in the ERP reads as gone.",
    ),
    Check(
        name="removal.reversed", run=check_reversed_gone, words=("features.invoices: full",),
        needs=("reverse",),
        lie="A bill that was reversed in the ERP still reads as booked.",
    ),
)
# fmt: on
