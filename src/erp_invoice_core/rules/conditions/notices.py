"""Notices for the sender and the approver."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from ...declaration import AttachmentForm, TaxForm
from ...documents.difference import DIFFERENCES
from ...verdict import Source
from ...vocabulary import Action
from ..policy import Reaction
from .attachments import each_linked, each_unsent
from .billing import over_billed, over_released
from .condition import CONSENTING, SUBMITTING, Condition, Finding, erp_name
from .losses import each_loss
from .numbers import is_shared_apart, is_shared_together, numbers_elsewhere, similar_numbers
from .prerequisites import tax
from .record import erp_status, is_free

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..case import Case


_TRUNCATES = attrgetter("truncates")
_SHOWN = SUBMITTING | {Action.ACCEPT}
#: Notices about the document are also shown for a retry, which renews the consent.
_JUDGED = SUBMITTING | CONSENTING


def _earlier(case: Case) -> Mapping[str, str]:
    return {"numbers": ", ".join(case.earlier_unsynced)}


def _attachments(case: Case) -> Mapping[str, str]:
    return {**erp_name(case), "count": str(case.attachments)}


def _undeclared(case: Case) -> list[str]:
    """Return the export fields that were given and that the ERP integration does not declare."""
    if case.erp is None or not case.export_fields:
        return []
    return sorted(set(case.export_fields) - {field.key for field in case.erp.extra_fields})


def _undeclared_fields(case: Case) -> Mapping[str, str]:
    return {**erp_name(case), "fields": ", ".join(_undeclared(case))}


def _loses_nothing(case: Case) -> bool:
    erp = case.erp
    if erp is None or not (erp.fidelity or any(map(_TRUNCATES, erp.field_rules))):
        return True
    return not each_loss(case)


def _differs(code: str) -> Condition:
    """Return the row that shows the differences with a code."""

    def each(case: Case) -> Iterable[Finding]:
        return [
            (code, found.sentence, found.build_facts(case.currency), ())
            for found in case.differences
            if found.code == code
        ]

    return Condition(
        code=code,
        acts=_JUDGED,
        is_met=lambda case: not each(case),
        each=each,
        sentence=DIFFERENCES[code],
        usual=("differences", ()),
    )


# fmt: off
NOTICES: tuple[Condition, ...] = (
    Condition(
        code="loss.<field>", acts=_SHOWN, is_met=_loses_nothing, each=each_loss, source=Source.FEATURE,
    ),
    Condition(
        code="attachments.not_exported", acts=_SHOWN, facts=_attachments, usual=("attachments", 0),
        source=Source.FEATURE,
        is_met=lambda case: case.attachments == 0
        or case.erp is None
        or case.erp.attachments is not AttachmentForm.NONE,
        sentence="The attachments stay here: {erp} takes none ({count}).",
    ),
    Condition(
        code="attachments.linked", acts=_SHOWN, source=Source.FEATURE, each=each_linked,
        is_met=lambda case: not any(each_linked(case)),
    ),
    Condition(
        code="attachments.not_sent", acts=_SHOWN, source=Source.FEATURE, each=each_unsent,
        is_met=lambda case: not any(each_unsent(case)),
    ),
    Condition(
        code="export.field_unknown", acts=CONSENTING, facts=_undeclared_fields, source=Source.FEATURE,
        is_met=lambda case: not _undeclared(case),
        sentence="{erp} declares no such export field, and need not read it: {fields}. A field of the"
        " invoice itself is corrected in the invoice.",
    ),
    Condition(
        code="tax.present", acts=_SHOWN, facts=tax, usual=("taxed", False),
        is_met=lambda case: case.taxed is not True
        or case.erp is None
        or case.erp.tax is TaxForm.IMPOSSIBLE,
        sentence="This invoice carries tax ({taxes}): check what {erp} makes of it.",
    ),
    Condition(
        code="invoice.earlier_unsynced", acts=_SHOWN, facts=_earlier, usual=("earlier_unsynced", ()),
        is_met=lambda case: not case.earlier_unsynced,
        sentence="Earlier invoices of this commitment are not in the ERP yet: {numbers}.",
    ),
    Condition(
        code="invoice.number_shared", acts=_SHOWN, facts=numbers_elsewhere, usual=("number_uses", ()),
        is_met=lambda case: not is_shared_apart(case),
        sentence="The vendor has the invoice number {number} more than once: it is also that of {other}.",
    ),
    Condition(
        code="invoice.number_shared", acts=_SHOWN, facts=numbers_elsewhere, usual=("number_uses", ()),
        is_met=lambda case: not is_shared_together(case),
        sentence="The first to be sent gets the number {number} in {erp}: it is also that of {other}.",
    ),
    Condition(
        code="invoice.number_alike", acts=_SHOWN, facts=similar_numbers, usual=("similar_numbers", ()),
        is_met=lambda case: not case.similar_numbers,
        sentence="The invoice number {number} is easily taken for that of {other}: check that it is not"
        " the same bill.",
    ),
    Condition(
        code="invoice.over_billed", acts=_SHOWN, facts=over_billed, usual=("over_billed", False),
        is_met=lambda case: case.over_billed is not True or not case.policy.over_billing,
        sentence="Billed beyond the scheduled value: {items}.",
    ),
    Condition(
        code="invoice.no_period", acts=_SHOWN, usual=("has_period", True),
        is_met=lambda case: case.has_period is not False,
        sentence="This invoice has no billing period.",
    ),
    Condition(
        code="invoice.over_released", acts=_JUDGED, facts=over_released, usual=("over_released", ()),
        is_met=lambda case: not case.over_released or case.policy.over_release is Reaction.DENY,
        sentence="More retainage is released than held: {items}.",
    ),
    *map(_differs, DIFFERENCES),
    Condition(
        code="billing.simplified", acts=_JUDGED, usual=("is_simplified", False),
        is_met=lambda case: case.is_simplified is not True,
        sentence="This is a simplified invoice: there is no G702 for it, its items are exported.",
    ),
    Condition(
        code="invoice.in_another_integration", acts=CONSENTING, is_met=is_free, facts=erp_status,
        usual=("erp_status", None),
        sentence='The ERP status of this invoice is "{erp_status}": if our own export is not the'
        " cause, another integration may have exported it.",
    ),
)
# fmt: on
