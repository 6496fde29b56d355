"""The checks of prerequisites: records that need an id in the ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ....adapters import Done
from ....declaration import Prerequisite
from ....vocabulary import Feature
from ..check import Check
from ..result import NotProved, require
from ..trial import describe_outcome
from .amounts import leave_taken

if TYPE_CHECKING:
    from ....documents import ExportDocument
    from ..trial import Trial


def check_not_needed(trial: Trial) -> None:
    """An invoice may lack an ERP id that is not declared as needed, else it fails once accepted."""
    left = [each for each in Prerequisite if each not in trial.adapter.declaration.prerequisites]
    documents = {each: _build_without(trial, each) for each in left}
    tried = {each: document for each, document in documents.items() if document is not None}
    if not tried:
        msg = "No invoice of this adapter can be without one of these records."
        raise NotProved(msg)
    for prerequisite, document in tried.items():
        outcome = trial.renew(document).find_refusal()
        require(
            isinstance(outcome, Done),
            f"An invoice needs no id of its {prerequisite.value.replace('_', ' ')}.",
            describe_outcome(outcome),
            f"prerequisites ({prerequisite.value}) and erp_check",
        )
        trial.rows.note(f"prerequisites.{prerequisite.value}")


def check_needed(trial: Trial) -> None:
    """An ERP id is declared as needed only if the ERP needs it, else invoices wait, unpaid."""
    if trial.target.is_shared:
        msg = "Other people see the ERP, so that nothing is tried that it refuses (is_shared)."
        raise NotProved(msg)
    for prerequisite in trial.adapter.declaration.prerequisites:
        document, row = _build_without(trial, prerequisite), f"prerequisites.{prerequisite.value}"
        if document is None:
            trial.rows.leave(row, "No invoice of this adapter can be without such a record.")
        else:
            leave_taken(trial, document, row)
        trial.rows.note(row)


def _build_without(trial: Trial, prerequisite: Prerequisite) -> ExportDocument | None:
    """
    Return an invoice in which the record of the prerequisite, such as the job, has no ERP id.

    Return ``None`` for change orders if the adapter does not support them.
    """
    samples = trial.samples
    if prerequisite is Prerequisite.CHANGE_ORDERS:
        if Feature.CHANGE_ORDERS not in trial.adapter.declaration.supported:
            return None
        document = samples.build_using(Feature.CHANGE_ORDERS)
        return _change_lines(document, change_order_origin_id=None, line_origin_id=None)
    document = samples.build_plain()
    if prerequisite is Prerequisite.COST_CODES:
        return _change_lines(document, cost_code_origin_id=None)
    changes: dict[str, Any] = {_FIELDS[prerequisite]: None}
    return attrs.evolve(document, **changes)


def _change_lines(document: ExportDocument, **changes: Any) -> ExportDocument:  # noqa: ANN401 - the line's own fields
    lines = tuple(attrs.evolve(line, **changes) for line in document.lines)
    return attrs.evolve(document, lines=lines)


_FIELDS = {
    Prerequisite.COMMITMENT: "commitment_origin_id",
    Prerequisite.VENDOR: "vendor_origin_id",
    Prerequisite.JOB: "job_origin_id",
}

# fmt: off
CHECKS = (
    Check(
        name="prerequisite.not_needed", run=check_not_needed,
        words=("prerequisites.*: not_needed",),
        lie="A record must have an id in the ERP, and the declaration does not say so.",
    ),
    Check(
        name="prerequisite.needed", run=check_needed, words=("prerequisites.*: needed",),
        lie="Invoices are kept back for an id that the ERP does not need.",
    ),
)
# fmt: on
