"""What is worth knowing before an invoice is sent or accepted, and denies nothing."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from ...declaration import AttachmentForm, TaxForm
from ...verdict import Source
from ...vocabulary import Action
from .acts import SUBMITTING
from .attachments import each_linked, each_unsent
from .condition import Condition, erp_name
from .losses import each_loss

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..case import Case

__all__ = ["NOTICES"]

_TRUNCATES = attrgetter("truncates")
_SHOWN = SUBMITTING | {Action.ACCEPT}


def _earlier(case: Case) -> Mapping[str, str]:
    return {"numbers": ", ".join(case.earlier_unsynced)}


def _attachments(case: Case) -> Mapping[str, str]:
    return {**erp_name(case), "count": str(case.attachments)}


def _loses_nothing(case: Case) -> bool:
    erp = case.erp
    if erp is None or not (erp.fidelity or any(map(_TRUNCATES, erp.field_rules))):
        return True
    return not each_loss(case)


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
        code="tax.present", acts=_SHOWN, facts=erp_name, usual=("taxed", False),
        is_met=lambda case: case.taxed is not True
        or case.erp is None
        or case.erp.tax is TaxForm.IMPOSSIBLE,
        sentence="This invoice carries tax: check what {erp} makes of it.",
    ),
    Condition(
        code="invoice.earlier_unsynced", acts=_SHOWN, facts=_earlier, usual=("earlier_unsynced", ()),
        is_met=lambda case: not case.earlier_unsynced,
        sentence="Earlier invoices of this commitment are not in the ERP yet: {numbers}.",
    ),
    Condition(
        code="invoice.over_billed", acts=_SHOWN, usual=("over_billed", False),
        is_met=lambda case: case.over_billed is not True or not case.policy.over_billing,
        sentence="An item is billed beyond its scheduled value.",
    ),
    Condition(
        code="invoice.no_period", acts=_SHOWN, usual=("has_period", True),
        is_met=lambda case: case.has_period is not False,
        sentence="This invoice has no billing period.",
    ),
)
# fmt: on
