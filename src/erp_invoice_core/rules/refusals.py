"""The remedies of denials that no row of the tables gives: a worker's, a ruling's, the queue's."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ..values import evolved
from ..verdict import Verdict
from .remedies import CORRECT_BY_HAND, REJECT, Alternatives, all_of, fill, one_of
from .remedy_rows import (
    DELETE_OTHER_THERE,
    LOOK_AGAIN,
    LOOK_IN_ERP,
    NAME_ERP_ID,
    NAME_INVOICE,
    REMOVE_FOUND,
    RENUMBER,
    RESEND,
    RETRY,
    RULE,
    UNLINK_OTHER,
    WITHDRAW,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .case import Case

__all__ = ["REFUSALS", "with_remedies"]

_CONSENT_AGAIN = (*all_of(LOOK_AGAIN, RETRY), *one_of(REJECT))

#: By the code of the denial.
REFUSALS: Mapping[str, Alternatives] = MappingProxyType(
    {
        "invoice.unknown": one_of(NAME_INVOICE),
        "export.erp_id_taken": one_of(NAME_ERP_ID),
        "export.changed": _CONSENT_AGAIN,
        "export.declaration_changed": _CONSENT_AGAIN,
        "export.new_loss": _CONSENT_AGAIN,
        "export.invoice_missing": one_of(REJECT),
        "export.ruled_absent": one_of(RETRY, REJECT),
        "export.draft_left": (*all_of(WITHDRAW, RETRY), *all_of(WITHDRAW, REJECT)),
        "export.number_taken": (
            *all_of(REJECT, RENUMBER, RESEND),
            *all_of(DELETE_OTHER_THERE, UNLINK_OTHER, RETRY),
        ),
        # What is there already is removed, or found to be this invoice's: it is not booked again.
        "export.restored": (*all_of(LOOK_IN_ERP, RETRY), *one_of(RULE)),
        "export.restored_differs": (*all_of(CORRECT_BY_HAND, RETRY), *one_of(RULE)),
        "erp.already_there": (*all_of(REMOVE_FOUND, RETRY), *one_of(REJECT)),
    }
)


def with_remedies(verdict: Verdict, case: Case) -> Verdict:
    """Return the verdict with the remedies of its denials that have none, for this policy."""
    denials = tuple(
        evolved(denial, remedies=fill(REFUSALS[denial.code], case, denial.facts))
        if denial.code in REFUSALS and not denial.remedies
        else denial
        for denial in verdict.denials
    )
    return Verdict(denials, verdict.notices)
