"""Checks of what a document in the ERP holds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from ....declaration import AttachmentForm, Fidelity, LandingState
from ....declaration.fidelity import LINE_FIELDS, list_compared_fields
from ....exchange import NOT_SAID, NotSaid
from ....flow.content_differences import find_content_differences
from ....vocabulary import Feature
from ...samples import sample_attachments
from ..check import Check
from ..documents import LONG_TEXT, UNUSUAL_TEXT
from ..result import NotProved, refute, require
from ..stages import list_forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ....documents import Receipt
    from ....exchange import Contents, ContentsLine
    from ..trial import Trial


#: The fields of which a document may have one too many.
_ROWS = frozenset({"attachments", "lines"})


def require_as_sent(trial: Trial) -> tuple[Contents, ...]:
    """
    Export the invoice, and end the check as refuted unless it reads back as declared.

    Return the contents of its documents. Without ``erp_read`` the check ends as not proved.
    """
    if not trial.adapter.has_read:
        trial.export()
        msg = "The invoice is exported, and the adapter reads no documents (erp_read)."
        raise NotProved(msg)
    documents = tuple(trial.read_all().values())
    require_like(trial, documents)
    return documents


def require_like(trial: Trial, documents: tuple[Contents, ...]) -> None:
    """End the check as refuted if a document differs from the invoice in an undeclared way."""
    declaration = trial.adapter.declaration
    for each in find_content_differences(documents, trial.request, declaration):
        if each.field in _ROWS and not each.sent and not each.expected:
            refute(
                f"{each.field} is {each.declared}: the ERP has what was sent, and each only once.",
                f"one more than was sent: {each.in_erp}",
                f"erp_write (is a request sent twice?) and {each.name} of erp_read",
            )
        sent = each.sent or "nothing"
        line = "landing" if each.field == "state" else f"fidelity[{each.field!r}]"
        refute(
            f"{each.field} is {each.declared}: {sent} was sent, {each.expected or 'nothing'} expected.",
            f"{each.in_erp or 'nothing'} in the ERP",
            f"{line}, erp_write and {each.name} of erp_read",
        )


def require_booked(trial: Trial, receipts: Iterable[Receipt]) -> tuple[Contents, ...]:
    """
    Read the documents of an exported invoice, and return their contents.

    End the check as refuted if a document differs from the invoice in an undeclared way.
    """
    bills = [receipt for receipt in receipts if receipt.role is not None]
    documents = tuple(trial.read_existing(each) for each in bills)
    require_like(trial, documents)
    return documents


def shows_files(documents: Sequence[Contents]) -> bool:
    """Return whether the documents show a file at all, and each file with name and digest."""
    files = [
        file
        for each in documents
        if not isinstance(each.attachments, NotSaid)
        for file in each.attachments
    ]
    return bool(files) and not any(
        isinstance(value, NotSaid) for file in files for value in (file.name, file.digest)
    )


def check_contents(trial: Trial) -> None:
    """The bill in the ERP has the vendor, number, amount and date sent: it is paid by these."""
    require_as_sent(trial)


def check_lines(trial: Trial) -> None:
    """Each line keeps its cost code, amount, quantity and text, from which job costs are summed."""
    samples, first = trial.samples, trial.samples.base.lines[0]
    codes = [line.cost_code_origin_id or line.cost_code for line in samples.base.lines]
    lines = [
        samples.build_plain_line(Decimal(amount), description=f"{first.description} {place}")
        for place, amount in enumerate(("1200", "840", "36"))
    ]
    lines[1] = attrs.evolve(lines[1], cost_code=codes[-1], cost_code_origin_id=codes[-1])
    supported = trial.adapter.declaration.supported
    if Feature.UNIT_BASED in supported:
        lines.append(samples.build_unit_line(Decimal(600), description="Hours"))
        lines.append(samples.build_fraction_line(description="Part of an hour"))
    if Feature.AMOUNT_BASED in supported:
        lines.append(samples.build_large_line(description="Steel"))
    numbered = [attrs.evolve(line, item_id=str(place)) for place, line in enumerate(lines, 1)]
    documents = require_as_sent(trial.renew(samples.build(numbered)))
    word = trial.adapter.declaration.find_fidelity(_DESCRIPTION)
    shown = [line for each in documents for line in _list_lines(each)]
    require(
        not shown
        or word in _LOST
        or not all(isinstance(line.description, NotSaid) for line in shown),
        f"{_DESCRIPTION} is {word.value}.",
        "the lines in the ERP, without any description",
        f"fidelity[{_DESCRIPTION!r}] and lines of erp_read: declare it as dropped, or show it",
    )
    require_shown_lines(documents)


def require_shown_lines(documents: Sequence[Contents]) -> None:
    """End the check as not proved unless some document shows its lines with their amounts."""
    lines = [line for each in documents for line in _list_lines(each)]
    if not any(not isinstance(line.amount, NotSaid) for line in lines):
        msg = (
            "erp_read does not show the lines of a document with their amounts (lines of Contents)."
        )
        raise NotProved(msg)


def _list_lines(contents: Contents) -> tuple[ContentsLine, ...]:
    return () if isinstance(contents.lines, NotSaid) else contents.lines


_DESCRIPTION = "line_description"
_CHANGED = frozenset({Fidelity.DERIVED, Fidelity.ROUNDED, Fidelity.TRUNCATED})
_LOST = frozenset({Fidelity.DROPPED, Fidelity.DERIVED, Fidelity.REFUSED})


def check_fidelity(trial: Trial) -> None:
    """Long texts and odd cents change only as declared: the approver accepted no other loss."""
    samples, supported = trial.samples, trial.adapter.declaration.supported
    amount = Decimal("1234.52") if samples.unit < 1 else Decimal(1232)
    line = samples.build_plain_line(amount, description=LONG_TEXT)
    if Feature.RETAINAGE in supported:
        line = attrs.evolve(line, retained=(amount / 8).quantize(samples.unit))
    lines = [line]
    if Feature.UNIT_BASED in supported:
        lines.append(attrs.evolve(samples.build_unit_line(amount), item_id="2"))
    changes = {"commitment_title": LONG_TEXT, "job_name": LONG_TEXT}
    each = trial.renew(samples.build(lines, **changes), **_build_files(trial))
    documents = require_as_sent(each)
    for name, shows in list_shown(documents).items():
        row = f"fidelity.{name}"
        if shows:
            trial.rows.note(row)
        else:
            trial.rows.leave(row, f"erp_read does not show {name}.")
    leave_derived(each, documents)
    for name in trial.adapter.declaration.fidelity.keys() - list_shown(documents).keys():
        trial.rows.leave(f"fidelity.{name}", f"No contents of a document show {name}.")


def _build_files(trial: Trial) -> dict[str, Any]:
    """Return sample attachments as a field of a request; empty unless the adapter sends files."""
    is_sent = trial.adapter.declaration.attachments is AttachmentForm.FILES
    return {"attachments": sample_attachments()} if is_sent else {}


def list_shown(documents: tuple[Contents, ...]) -> dict[str, bool]:
    """Return for the name of each field whether every document shows the field."""
    shown = {
        field.name: all(getattr(each, field.contents) is not NOT_SAID for each in documents)
        for field in list_compared_fields()
    }
    lines = [line for each in documents for line in _list_lines(each)]
    for name, column in LINE_FIELDS.items():
        said = [getattr(line, column.contents) is not NOT_SAID for line in lines]
        shown[name] = bool(said) and all(said)
    shown["attachments"] = shows_files(documents)
    return shown


def leave_derived(trial: Trial, documents: tuple[Contents, ...]) -> None:
    """Record a field as not proved if it arrived as it was sent despite a declared change."""
    declaration = trial.adapter.declaration
    derived = {name for name, how in declaration.fidelity.items() if how in _CHANGED}
    kept = attrs.evolve(
        declaration,
        fidelity=_without(declaration.fidelity, derived),
        tolerances={},
        rounding={},
        lengths={},
    )
    differing = {each.field for each in find_content_differences(documents, trial.request, kept)}
    for name in derived - differing:
        if name in list_shown(documents):
            trial.rows.leave(f"fidelity.{name}", f"{name} is as it was sent; declare it as kept.")


def _without(fidelity: Mapping[str, Fidelity], names: set[str]) -> dict[str, Fidelity]:
    return {name: how for name, how in fidelity.items() if name not in names}


def check_unusual_text(trial: Trial) -> None:
    """Foreign letters, quotation marks and markup do not break a bill, which would stay unpaid."""
    document = trial.request.document
    line = trial.samples.build_plain_line(document.gross, description=UNUSUAL_TEXT)
    each = trial.samples.build([line], commitment_title=UNUSUAL_TEXT, job_name=UNUSUAL_TEXT)
    require_as_sent(trial.renew(each))


def check_landing(trial: Trial) -> None:
    """After the last step the bill has the declared state: a forgotten draft is never paid."""
    receipts = trial.export()
    bill = next(receipt for receipt in receipts if receipt.role is not None)
    shown = trial.read_existing(bill) if trial.adapter.has_read else None
    said = getattr(shown, "state", None)
    states = [receipt.state for receipt in receipts if receipt.state]
    state = said.value if isinstance(said, LandingState) else (states[-1] if states else None)
    if state is None:
        msg = "Neither erp_read nor a receipt says the state of the bill."
        raise NotProved(msg)
    declared = trial.adapter.declaration.landing.value
    require(
        state == declared,
        f"A new bill is {declared} once the last step is done.",
        f"it is {state}",
        "landing, erp_steps and the state of receipts",
    )


def check_half_made(trial: Trial) -> None:
    """A bill reads as finished only after its last step, else it may never be posted and paid."""
    for renew in list_forms(trial):
        _require_told_apart(renew())


def _require_told_apart(trial: Trial) -> None:
    """End the check as refuted if the bill reads as finished before the last step."""
    *before, last = trial.steps
    is_shown = last.role is None and last.attachment is None
    if not before or not is_shown:
        return
    receipts = trial.export(until=before[-1])
    bill = next((receipt for receipt in receipts if receipt.role is not None), None)
    if bill is None:
        return
    half = trial.read_existing(bill)
    if isinstance(half.state, NotSaid) or half.state is None:
        msg = "erp_read does not show the state of a document."
        raise NotProved(msg)
    declared = trial.adapter.declaration.landing
    require(
        half.state is not declared or declared is LandingState.DRAFT,
        f"A bill is {declared.value} once step {last.name} is carried out.",
        f"it reads as {half.state.value} before",
        "state of erp_read: read it from the answer of the ERP, or leave it out",
    )


# fmt: off
CHECKS = (
    Check(
        name="contents.as_sent", run=check_contents, words=("features.invoices: full",),
        lie="The bill has another vendor, number, amount or date than was sent.",
    ),
    Check(
        name="contents.lines", run=check_lines, words=("features.invoices: full",),
        lie="Lines are summed, or lose their cost code, quantity or description.",
    ),
    Check(
        name="contents.fidelity", run=check_fidelity,
        words=(
            "fidelity.*: kept", "fidelity.*: rounded", "fidelity.*: truncated", "fidelity.*: derived",
            "fidelity.*: dropped",
        ),
        lie="A value is cut, rounded or dropped otherwise than declared.",
    ),
    Check(
        name="contents.landing", run=check_landing, words=("landing: *",),
        lie="The bill is never posted, or is posted although the declaration says that it waits.",
    ),
    Check(
        name="contents.half_made", run=check_half_made, words=("landing: *",),
        lie="A bill that is not posted yet reads as a posted one.",
    ),
    Check(
        name="contents.unusual_text", run=check_unusual_text, words=("features.invoices: full",),
        lie="A quotation mark or a letter of another script breaks the bill.",
    ),
)
# fmt: on
