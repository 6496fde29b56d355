"""Conditions on the approver's consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...vocabulary import Action
from ..remedies import REJECT, all_of, one_of
from ..remedy_rows import KEEP_FIELDS, RESEND, WITHDRAW
from .condition import Condition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..case import Case


def _changes(case: Case) -> Mapping[str, str]:
    return {"changes": ", ".join(case.changes or ()) or "unknown fields"}


def _fields(case: Case) -> Mapping[str, str]:
    return {"fields": ", ".join(sorted(case.export_fields or {})) or "none"}


# fmt: off
CONSENT: tuple[Condition, ...] = (
    Condition(
        code="export.changed_since_sent", acts=frozenset({Action.ACCEPT}), facts=_changes,
        is_met=lambda case: case.changes == (), usual=("changes", ()),
        sentence="The invoice has changed since it was sent: {changes}. Reject it, and have it sent"
        " again as it is now.",
        remedies=all_of(REJECT, RESEND),
    ),
    Condition(
        code="export.fields_changed", acts=frozenset({Action.RETRY}), facts=_fields,
        is_met=lambda case: case.left is False or case.fields_changed is False,
        usual=("fields_changed", False),
        sentence="A document of this export is left in the ERP, written with the export fields that"
        " were accepted. Retry with the same fields, or withdraw it first. Now given: {fields}.",
        remedies=one_of(KEEP_FIELDS, WITHDRAW),
    ),
)
# fmt: on
