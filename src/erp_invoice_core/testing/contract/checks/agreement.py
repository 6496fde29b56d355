"""
The check that a found document agrees with the invoice.

After a lost answer the queue looks the document up. The queue counts the step as done only if the
document that it finds agrees with the invoice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....adapters import Done, Found, LookUp
from ....flow.content_differences import build_sent_invoice, find_differences_of
from ..check import Check
from ..result import require
from ..stages import list_stages

if TYPE_CHECKING:
    from ....exchange import Contents
    from ....flow.content_differences import ContentDifference
    from ..trial import Trial


def list_unlike(
    trial: Trial, contents: Contents, *, is_later: bool = False
) -> tuple[ContentDifference, ...]:
    """
    Return the differences between the found contents and the invoice.

    The queue finds the same differences; if there is one, it does not count the step as done.

    Args:
        trial: The trial, with the invoice that was sent.
        contents: The contents of a document in the ERP.
        is_later: True if the plan makes another document before this one, so that its number may
            have a suffix.
    """
    request, declaration = trial.request, trial.adapter.declaration
    sent = build_sent_invoice(request.document, request.fields, declaration, number=request.number)
    is_part = len([step for step in trial.steps if step.role]) > 1
    return find_differences_of(
        [contents], sent, declaration, is_part=is_part, is_later=is_later, is_complete=False
    )


def check_agrees(trial: Trial) -> None:
    """After each step a look-up shows the invoice's values, else a lost answer needs a person."""
    for stage in list_stages(trial):
        each, step, receipts = stage.reach()
        if each.find_terms(step).look_up is LookUp.NONE:
            continue
        if not isinstance(each.carry_out(step, receipts), Done):
            each.rows.leave(stage.row, f"Step {step.name} is not carried out.")
            continue
        sighting = each.find_after_writing(step)
        is_later = step.role is not None and any(receipt.role for receipt in receipts)
        rows: tuple[ContentDifference, ...] = ()
        if isinstance(sighting, Found):
            rows = list_unlike(each, sighting.contents, is_later=is_later)
        names = ", ".join(dict.fromkeys(row.name for row in rows))
        require(
            not rows,
            f"After step {step.name} the queue compares amounts, lines, vendor, number and date.",
            f"other {names} than sent: {rows[0].in_erp or 'nothing'}" if rows else "",
            f"{names} of Contents in erp_find: leave out what a later step sends (NOT_SAID)",
        )
        each.rows.note(stage.row)


# fmt: off
CHECKS = (
    Check(
        name="look_up.agrees", run=check_agrees,
        words=("terms.*.look_up: key", "terms.*.look_up: number"),
        lie="A look-up shows a bill without its lines, so that a lost answer stays in doubt.",
    ),
)
# fmt: on
