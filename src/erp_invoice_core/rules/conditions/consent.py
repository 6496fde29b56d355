"""Conditions on the approver's consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...vocabulary import Action
from ..erp_number import takes_number
from ..remedies import REJECT, all_of, one_of
from ..remedy_rows import ALLOW_RENUMBER, KEEP_FIELDS, LEAVE_NUMBER_OUT, RESEND, WITHDRAW
from .condition import ABSENT, CONSENTING, Condition, find_erp_name, join_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..case import Case


def _list_changes(case: Case) -> Mapping[str, str]:
    return {"changes": join_values(case.changes or ())}


def _list_fields(case: Case) -> Mapping[str, str]:
    return {"fields": join_values(sorted(case.export_fields or {})) or ABSENT}


def _find_number(case: Case) -> Mapping[str, str]:
    return {**find_erp_name(case), "number": case.erp_number or ABSENT}


# fmt: off
CONSENT: tuple[Condition, ...] = (
    Condition(
        code="export.changed_since_sent", acts=frozenset({Action.ACCEPT}), facts=_list_changes,
        is_met=lambda case: case.changes == (), usual=("changes", ()),
        sentence="These fields of the invoice have changed since it was sent: {changes}. Reject the"
        " invoice, and have it sent again.",
        unknown_if=("changes",),
        unknown="It is not known whether the invoice has changed since it was sent. Have the host"
        " application supply this fact.",
        remedies=all_of(REJECT, RESEND),
    ),
    Condition(
        code="export.fields_changed", acts=frozenset({Action.RETRY}), facts=_list_fields,
        is_met=lambda case: case.left is False or case.fields_changed is False,
        usual=("fields_changed", False),
        sentence="A document of this invoice is in the ERP already, and the export fields that are"
        " given now ({fields}) differ from the accepted ones. Retry the export with the accepted"
        " export fields, or withdraw the document first.",
        unknown_if=("left", "fields_changed"),
        unknown="It is not known whether a document of this invoice is in the ERP, and whether the"
        " export fields that are given now ({fields}) differ from the accepted ones. Have the host"
        " application supply these facts.",
        remedies=one_of(KEEP_FIELDS, WITHDRAW),
    ),
    Condition(
        code="number.not_allowed", acts=CONSENTING, facts=_find_number,
        is_met=lambda case: case.erp_number is None or case.policy.renumber,
        sentence="The policy of the company allows no other invoice number in {erp}, and the number"
        " {number} is given. Leave this number out, or allow other numbers in the policy.",
        remedies=one_of(LEAVE_NUMBER_OUT, ALLOW_RENUMBER),
    ),
    Condition(
        code="number.unsupported", acts=CONSENTING, facts=_find_number,
        is_met=lambda case: case.erp_number is None or takes_number(case.erp),
        sentence="{erp} takes an invoice only with its own number, and the number {number} is"
        " given. Leave this number out.",
        remedies=one_of(LEAVE_NUMBER_OUT),
    ),
)
# fmt: on
