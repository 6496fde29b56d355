"""
Notices for the sender and the approver.

A notice is a condition that does not stop the action: it shows what a person should check.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from ...declaration import NumberScope, TaxForm
from ...documents.difference import DIFFERENCES
from ...message_template import MessageKind, MessageTemplate, choose_template
from ...verdict import Source
from ...vocabulary import Action
from ..accounting_date import find_billing_date, parse_day
from ..policy import Reaction
from .accounting_date import is_in_a_period, is_of_invoice, list_accounting_date, list_dates
from .attachments import (
    LINKED,
    NOT_EXPORTED,
    UNSENT,
    find_linked,
    find_not_exported,
    find_unsent,
    has_no_attachments,
)
from .billing import list_over_billed, list_over_released
from .condition import (
    ABSENT,
    CONSENTING,
    SUBMITTING,
    Condition,
    Reason,
    find_erp_name,
    join_values,
)
from .losses import LOSSES, find_losses
from .numbers import (
    find_elsewhere,
    find_similar,
    has_other_number,
    is_shared_apart,
    is_shared_together,
    list_similar,
)
from .prerequisites import list_taxes
from .record import find_erp_status, is_free

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from ..case import Case


#: The notice about an invoice for which there is no G702.
SIMPLIFIED = MessageTemplate(
    "billing.simplified",
    "This is a simplified invoice, for which there is no G702. Check its items, which are exported.",
    kind=MessageKind.NOTICE,
)
_ALIKE = MessageTemplate(
    "invoice.number_alike",
    "The invoice number {number} is similar to the number of {other}. Check that this is not the same"
    " invoice.",
    kind=MessageKind.NOTICE,
)
#: The difference that an ERP denies if it keeps the tax of each line.
_TAX_DIFFERS = "tax.differs"
_TRUNCATES = attrgetter("truncates")
_SHOWN = SUBMITTING | {Action.ACCEPT}
#: Notices about the document are also shown for a retry, which renews the consent.
_ON_DOCUMENT = SUBMITTING | CONSENTING


def _list_earlier(case: Case) -> Mapping[str, str]:
    return {"numbers": join_values(case.earlier_unsynced)}


def _find_undeclared(case: Case) -> list[str]:
    """Return the export fields that were given and that the ERP integration does not declare."""
    if case.erp is None or not case.export_fields:
        return []
    return sorted(set(case.export_fields) - {field.key for field in case.erp.extra_fields})


def _list_undeclared(case: Case) -> Mapping[str, str]:
    return {**find_erp_name(case), "fields": join_values(_find_undeclared(case))}


def _find_unread_payments(case: Case) -> Mapping[str, str]:
    return {"why": case.payments_unread or ""}


def _find_unread_periods(case: Case) -> Mapping[str, str]:
    return {**find_erp_name(case), "why": case.periods_unread or ""}


def _find_unchecked(case: Case) -> Mapping[str, str]:
    name, why = case.connection or ABSENT, case.erp_unchecked or ""
    return {**find_erp_name(case), "connection": name, "why": why}


def _find_due_date(case: Case) -> date | None:
    """Return the due date with which the invoice is exported, if the ERP asks for one."""
    erp = case.erp
    if erp is None or not any(field.key == "due_date" for field in erp.extra_fields):
        return None
    fields = case.proposed if case.export_fields is None else case.export_fields
    return parse_day((fields or {}).get("due_date", "").strip())


def _is_due_later(case: Case) -> bool:
    due, billed = _find_due_date(case), find_billing_date(case)
    return due is None or billed is None or due >= billed


def _list_due_dates(case: Case) -> Mapping[str, str]:
    return {"due_date": str(_find_due_date(case)), "date": str(find_billing_date(case))}


def _loses_nothing(case: Case) -> bool:
    erp = case.erp
    if erp is None or not (
        erp.fidelity
        or erp.tax is TaxForm.DERIVED
        or (erp.field_rules and any(map(_TRUNCATES, erp.field_rules)))
    ):
        return True
    return not find_losses(case)


def _build_difference_row(templates: tuple[MessageTemplate, ...]) -> Condition:
    """
    Return the notice that shows the invoice's differences with the code of ``templates``.

    It shows no difference of tax if the ERP keeps tax, because a denial has the same figures.
    """
    code = templates[0].code

    def find(case: Case) -> Iterable[Reason]:
        findings: list[Reason] = []
        if code == _TAX_DIFFERS and case.erp is not None and case.erp.tax is TaxForm.KEPT:
            return findings  # the denial has the same figures
        for found in case.differences:
            if found.code == code:
                facts = found.build_facts(case.currency)
                template = choose_template(templates, facts) or templates[0]
                findings.append((code, template, facts, ()))
        return findings

    return Condition(
        code=code,
        acts=_ON_DOCUMENT,
        steady=True,
        is_met=lambda case: not find(case),
        each=find,
        templates=templates,
        usual=("differences", ()),
    )


# fmt: off
NOTICES: tuple[Condition, ...] = (
    Condition(
        code="loss.<field>", acts=_SHOWN, steady=True, is_met=_loses_nothing, each=find_losses, source=Source.FEATURE,
        templates=LOSSES,
    ),
    Condition(
        code="attachments.not_exported", acts=_SHOWN, steady=True, source=Source.FEATURE, each=find_not_exported,
        usual=("attachments", 0), is_met=lambda case: not any(find_not_exported(case)), templates=(NOT_EXPORTED,),
    ),
    Condition(
        code="attachments.linked", acts=_SHOWN, steady=True, source=Source.FEATURE, each=find_linked,
        is_met=lambda case: has_no_attachments(case) or not any(find_linked(case)), templates=(LINKED,),
    ),
    Condition(
        code="attachments.not_sent", acts=_SHOWN, steady=True, source=Source.FEATURE, each=find_unsent,
        is_met=lambda case: has_no_attachments(case) or not any(find_unsent(case)), templates=(UNSENT,),
    ),
    Condition(
        code="export.field_unknown", acts=CONSENTING, steady=True, facts=_list_undeclared, source=Source.FEATURE,
        is_met=lambda case: not _find_undeclared(case),
        sentence="{erp} declares no export field of these names and may ignore them: {fields}. To correct a"
        " field of the invoice, edit the invoice.",
    ),
    Condition(
        code="export.due_before_date", acts=_ON_DOCUMENT, steady=True, facts=_list_due_dates, is_met=_is_due_later,
        sentence="The due date {due_date} is before the date {date} of the invoice. Check both.",
    ),
    Condition(
        code="export.other_date", acts=CONSENTING, facts=list_dates, usual=("accounting_periods", None),
        is_met=is_of_invoice, source=Source.FEATURE,
        sentence="The date {date} of this invoice lies in the period {period}, which is closed in"
        " {erp}, so that its accounting date is {accounting_date}. Check the accounting date, or"
        " give another one.",
    ),
    Condition(
        code="export.date_in_no_period", acts=CONSENTING, facts=list_accounting_date,
        usual=("accounting_periods", None), is_met=is_in_a_period,
        sentence="The accounting date {accounting_date} lies in no accounting period that {erp}"
        " has. Check this date, or give another accounting date.",
    ),
    Condition(
        code="export.periods_unread", acts=CONSENTING, facts=_find_unread_periods,
        usual=("periods_unread", None), is_met=lambda case: not case.periods_unread,
        sentence="Check in {erp} that the accounting date of this invoice lies in an open period, because the"
        " periods could not be read: {why}",
    ),
    Condition(
        code="export.unchecked", acts=CONSENTING, facts=_find_unchecked, usual=("erp_unchecked", None),
        is_met=lambda case: not case.erp_unchecked,
        sentence="This invoice could not be checked in {erp} (connection {connection}), so that {erp} may still"
        " refuse its export. Look at the result of the export. The reason is: {why}",
    ),
    Condition(
        code="tax.present", acts=_SHOWN, steady=True, facts=list_taxes, usual=("taxed", False),
        is_met=lambda case: case.taxed is not True
        or case.erp is None
        or case.erp.tax is TaxForm.IMPOSSIBLE,
        sentence="This invoice carries tax ({taxes}). Check how {erp} books it.",
        fallback="This invoice carries tax, and its amount is not known. Check how {erp} books it.",
    ),
    Condition(
        code="invoice.earlier_unsynced", acts=_SHOWN, steady=True, facts=_list_earlier, usual=("earlier_unsynced", ()),
        is_met=lambda case: not case.earlier_unsynced,
        sentence="These earlier invoices of the commitment are not in the ERP yet: {numbers}. Check whether"
        " they have to be sent first.",
    ),
    Condition(
        code="invoice.number_shared", acts=_SHOWN, steady=True, facts=find_elsewhere, usual=("number_uses", ()),
        is_met=lambda case: not is_shared_apart(case),
        sentence="The vendor uses the invoice number {number} more than once, also for {other}. Check that"
        " this is not the same invoice.",
    ),
    Condition(
        code="invoice.number_shared", acts=_SHOWN, facts=find_elsewhere, usual=("number_uses", ()),
        is_met=lambda case: not is_shared_together(case),
        when={"scope": NumberScope.VENDOR.value},
        sentence="{erp} takes the invoice number {number} only once for each vendor, and it is also"
        " the number of {other}. Change the number of one of these invoices.",
    ),
    Condition(
        code="invoice.number_alike", acts=_SHOWN, steady=True, facts=find_similar, usual=("similar_numbers", ()),
        is_met=lambda case: has_other_number(case) or not list_similar(case), templates=(_ALIKE,),
    ),
    Condition(
        code="invoice.number_alike", acts=frozenset({Action.ACCEPT}), steady=True, facts=find_similar,
        usual=("erp_number", None),
        is_met=lambda case: not has_other_number(case) or not list_similar(case), templates=(_ALIKE,),
    ),
    Condition(
        code="invoice.over_billed", acts=_SHOWN, steady=True, facts=list_over_billed, usual=("over_billed", False),
        is_met=lambda case: case.over_billed is not True or not case.policy.over_billing,
        sentence="Items are billed beyond their scheduled value (billed > scheduled): {items}. Check the"
        " amounts.",
        fallback="An item is billed beyond its scheduled value. Check the amounts.",
    ),
    Condition(
        code="invoice.no_period", acts=_SHOWN, steady=True, usual=("has_period", True),
        is_met=lambda case: case.has_period is not False,
        sentence="This invoice has no billing period. Check whether it needs one.",
    ),
    Condition(
        code="invoice.over_released", acts=_ON_DOCUMENT, steady=True, facts=list_over_released,
        usual=("over_released", ()),
        is_met=lambda case: not case.over_released or case.policy.over_release is Reaction.DENY,
        sentence="Items release more retainage than is held (released > held): {items}. Check the amounts.",
    ),
    *map(_build_difference_row, DIFFERENCES.values()),
    Condition(
        code="billing.simplified", acts=_ON_DOCUMENT, steady=True, usual=("is_simplified", False),
        is_met=lambda case: case.is_simplified is not True,
        templates=(SIMPLIFIED,),
    ),
    Condition(
        code="export.payments_unread", acts=frozenset({Action.UNLINK}), facts=_find_unread_payments,
        usual=("payments_unread", None), is_met=lambda case: not case.payments_unread,
        sentence="Check in the ERP that this invoice has no payments, because they could not be read: {why}",
    ),
    Condition(
        code="invoice.in_another_integration", acts=CONSENTING, steady=True, is_met=is_free, facts=find_erp_status,
        usual=("erp_status", None),
        sentence='The ERP status of this invoice is "{erp_status}". If this export queue did not'
        " export it, another integration may have. Check in the ERP whether the invoice is there.",
    ),
)
# fmt: on
