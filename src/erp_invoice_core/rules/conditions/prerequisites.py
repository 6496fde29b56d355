"""Conditions on the commitment, vendor, job, cost codes and holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import Prerequisite, TaxForm
from ...documents import MappingKind, index_ids
from ...message_template import MessageTemplate, choose_template
from ...vocabulary import Action, Blocks
from ..remedies import one_of
from ..remedy_rows import (
    ADD_MAPPING,
    BOOK_BY_HAND,
    CORRECT_TAX,
    GIVE_TAX_CODES,
    INSTALL,
    LINK_VENDOR,
    MAP_COST_CODES,
    MAP_TAX_CODES,
    NAME_CONNECTION,
    RELEASE_HOLD,
    REMOVE_TAX,
    SET_COMMITMENT_STATUS,
    SUPPLY_HOLDS,
    SYNC_CHANGE_ORDERS,
    SYNC_COMMITMENT,
    SYNC_PROJECT,
)
from .condition import (
    ABSENT,
    CONSENTING,
    EXPORTING,
    SENDING,
    SUBMITTING,
    UNKNOWN,
    Condition,
    FindReasons,
    Predicate,
    Reason,
    find_erp_name,
    join_values,
    word,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..case import Case


def _needs(case: Case, prerequisite: Prerequisite) -> bool:
    return case.erp is not None and prerequisite in case.erp.prerequisites


def _is_mapped(case: Case, kind: MappingKind) -> bool:
    """Return whether the connection maps the invoice's record of a kind, such as its vendor."""
    return bool(index_ids(case.mapped or (), kind))


def _are_cost_codes_mapped(case: Case) -> bool:
    """
    Return whether the connection maps every cost code that has no id in the ERP.

    It is False if the case names no such code.
    """
    known = index_ids(case.mapped or (), MappingKind.COST_CODE)
    return bool(case.unsynced_cost_codes) and known.keys() >= set(case.unsynced_cost_codes)


def _find_unmapped(case: Case) -> Mapping[str, str]:
    return {**find_erp_name(case), "codes": join_values(case.unmapped)}


def _list_cost_codes(case: Case) -> Mapping[str, str]:
    codes, items = join_values(case.unsynced_cost_codes), join_values(case.unmapped_items)
    return {**find_erp_name(case), "cost_codes": codes, "items": items}


def _list_change_orders(case: Case) -> Mapping[str, str]:
    return {**find_erp_name(case), "change_orders": join_values(case.unsynced_change_orders)}


def _takes_commitment(case: Case) -> bool:
    taken = case.erp.commitment_statuses if case.erp else None
    return taken is None or case.commitment_status in taken


def _list_statuses(case: Case) -> Mapping[str, str]:
    taken = case.erp.commitment_statuses if case.erp else None
    statuses = join_values(sorted(taken or ())) or ABSENT
    return {
        **find_erp_name(case),
        "status": case.commitment_status or UNKNOWN,
        "statuses": statuses,
    }


def _takes_currency(case: Case) -> bool:
    taken = case.erp.currencies if case.erp else None
    return taken is None or case.currency in taken


def _find_currency(case: Case) -> Mapping[str, str]:
    return {**find_erp_name(case), "currency": case.currency or ""}


def list_taxes(case: Case) -> Mapping[str, str]:
    """Return the taxes of the invoice, as facts for sentences."""
    return {**find_erp_name(case), "taxes": "; ".join(case.taxes)}


def _takes_tax(case: Case) -> bool:
    return case.taxed is False or case.erp is None or case.erp.tax is not TaxForm.IMPOSSIBLE


def _has_tax_code(case: Case) -> bool:
    """
    Return False if the ERP keeps tax by its code, and it is known that no taxed line has one.

    It is True if the tax codes are not known.
    """
    is_kept = case.erp is not None and case.erp.tax is TaxForm.KEPT
    return case.taxed is not True or not is_kept or case.tax_codes != ()


def _list_tax_differences(case: Case) -> Iterable[Reason]:
    if case.erp is None or case.erp.tax is not TaxForm.KEPT:
        return
    for found in case.differences:
        if found.code == _TAX_DIFFERS.code:
            facts = {**find_erp_name(case), **found.build_facts(case.currency)}
            template = choose_template(_TAX_DIFFERENCES, facts) or _TAX_DIFFERS
            yield template.code, template, facts, one_of(CORRECT_TAX)


def _list_unmapped_taxes(case: Case) -> list[str]:
    """Return the tax codes of the lines that the connection does not map, if the ERP takes tax."""
    if case.erp is None or case.erp.tax is TaxForm.IMPOSSIBLE or not case.tax_codes:
        return []
    known = index_ids(case.mapped or (), MappingKind.TAX_CODE)
    return [code for code in case.tax_codes if not known.get(code, "").strip()]


def _find_unmapped_taxes(case: Case) -> Mapping[str, str]:
    return {**find_erp_name(case), "tax_codes": join_values(_list_unmapped_taxes(case))}


_TAX_DIFFERS = MessageTemplate(
    "tax.differs",
    "{erp} books the tax of each line. By the tax rates of the lines, tax {field} is {computed},"
    " but the invoice states {stated} in all. Correct the rates or the stated total.",
)
_TAX_DIFFERENCES = (
    _TAX_DIFFERS,
    MessageTemplate(
        "tax.differs",
        "{erp} books the tax of each line. By the tax rates of the lines, tax {field} is"
        " {computed}, but the tax summary of the invoice has no total of this tax. Add the total.",
    ),
    MessageTemplate(
        "tax.differs",
        "{erp} books the tax of each line. The invoice states {stated} in all for tax {field}, but"
        " the tax of each single line cannot be computed from its tax rate and its amounts. Correct"
        " both on each line.",
    ),
)


#: The sentence of a hold is the host's, and a value to us.
_HOLD = MessageTemplate("hold.<code>", "{message}")


def _build_hold_row(blocks: Blocks) -> tuple[Predicate, FindReasons]:
    def is_met(case: Case) -> bool:
        return all(hold.blocks is not blocks for hold in case.holds or ())

    def find(case: Case) -> Iterable[Reason]:
        for hold in case.holds or ():
            if hold.blocks is blocks:
                facts = {
                    "hold": hold.code,
                    "blocks": hold.blocks.value,
                    "message": hold.message,
                    "released_by": hold.released_by,
                }
                yield f"hold.{word(hold.code)}", _HOLD, facts, one_of(RELEASE_HOLD)

    return is_met, find


_SEND_HOLDS, _FIND_SEND_HOLDS = _build_hold_row(Blocks.SEND)
_ACCEPT_HOLDS, _FIND_ACCEPT_HOLDS = _build_hold_row(Blocks.ACCEPT)
_EXPORT_HOLDS, _FIND_EXPORT_HOLDS = _build_hold_row(Blocks.EXPORT)
_NO_HOLDS = ("holds", ())

# fmt: off
_COST_CODES = (
    MessageTemplate(
        "cost_code.not_synced",
        "It is not known whether {erp} knows the cost codes of the billed lines. Have the host"
        " application supply this fact.",
        when={"unknown": "cost_codes_synced"},
    ),
    MessageTemplate(
        "cost_code.not_synced",
        "{erp} does not know these cost codes: {cost_codes} (items {items}). Map each of them to a cost"
        " code of {erp}.",
    ),
    MessageTemplate(
        "cost_code.not_synced",
        "{erp} does not know these cost codes: {cost_codes}. Map each of them to a cost code of {erp}.",
    ),
    MessageTemplate(
        "cost_code.not_synced",
        "{erp} does not know some cost codes of the billed lines. Map each of them to a cost code of"
        " {erp}.",
    ),
)

PREREQUISITES: tuple[Condition, ...] = (
    Condition(
        code="integration.profile", acts=SENDING, steady=True, facts=find_erp_name,
        is_met=lambda case: case.erp is None or not case.erp.is_profile,
        sentence="{erp} is only a profile, which describes an ERP and has no adapter that can write"
        " to it. Name a connection whose adapter writes.",
        remedies=one_of(NAME_CONNECTION, INSTALL),
    ),
    Condition(
        code="commitment.not_synced", acts=SENDING, steady=True, facts=find_erp_name,
        is_met=lambda case: case.commitment_synced is True
        or not _needs(case, Prerequisite.COMMITMENT),
        usual=("commitment_synced", True),
        sentence="The commitment is not synced with {erp}. Send it to the ERP tool first.",
        unknown_if=("commitment_synced",),
        unknown="It is not known whether the commitment is synced with {erp}. Have the host"
        " application supply this fact.",
        remedies=one_of(SYNC_COMMITMENT),
    ),
    Condition(
        code="vendor.not_synced", acts=SENDING, steady=True, facts=find_erp_name,
        is_met=lambda case: case.vendor_synced is True
        or not _needs(case, Prerequisite.VENDOR)
        or _is_mapped(case, MappingKind.VENDOR),
        usual=("vendor_synced", True),
        sentence="The contract company is not linked to a vendor in {erp}. Link it first.",
        unknown_if=("vendor_synced",),
        unknown="It is not known whether the contract company is linked to a vendor in {erp}. Have"
        " the host application supply this fact.",
        remedies=one_of(LINK_VENDOR),
    ),
    Condition(
        code="job.not_synced", acts=SENDING, steady=True, facts=find_erp_name,
        is_met=lambda case: case.job_synced is True
        or not _needs(case, Prerequisite.JOB)
        or _is_mapped(case, MappingKind.JOB),
        usual=("job_synced", True),
        sentence="The project is not synced with a job in {erp}. Sync it first.",
        unknown_if=("job_synced",),
        unknown="It is not known whether the project is synced with a job in {erp}. Have the host"
        " application supply this fact.",
        remedies=one_of(SYNC_PROJECT),
    ),
    Condition(
        code="cost_code.not_synced", acts=SENDING, steady=True, facts=_list_cost_codes,
        is_met=lambda case: case.cost_codes_synced is True
        or not _needs(case, Prerequisite.COST_CODES)
        or _are_cost_codes_mapped(case),
        usual=("cost_codes_synced", True),
        templates=_COST_CODES, unknown_if=("cost_codes_synced",),
        remedies=one_of(MAP_COST_CODES),
    ),
    Condition(
        code="change_order.not_synced", acts=SENDING, steady=True, facts=_list_change_orders,
        is_met=lambda case: case.change_orders_synced is True
        or not _needs(case, Prerequisite.CHANGE_ORDERS),
        usual=("change_orders_synced", True),
        sentence="These change orders are not synced with {erp}: {change_orders}. Send them to the ERP"
        " tool first.",
        fallback="Some change orders of the billed lines are not synced with {erp}. Send them to the"
        " ERP tool first.",
        unknown_if=("change_orders_synced",),
        unknown="It is not known whether the change orders of the billed lines are synced with"
        " {erp}. Have the host application supply this fact.",
        remedies=one_of(SYNC_CHANGE_ORDERS),
    ),
    Condition(
        code="commitment.status", acts=SENDING, steady=True, is_met=_takes_commitment, facts=_list_statuses,
        sentence='The status of the commitment is "{status}", and {erp} takes only these: {statuses}. Set the'
        " commitment to one of them.",
        unknown_if=("commitment_status",),
        unknown="The status of the commitment is not known, and {erp} takes only these: {statuses}."
        " Have the host application supply this fact.",
        remedies=one_of(SET_COMMITMENT_STATUS),
    ),
    Condition(
        code="currency.unsupported", acts=SENDING, steady=True, is_met=_takes_currency, facts=_find_currency,
        sentence="{erp} does not take invoices in {currency}. Enter this invoice in the ERP by hand.",
        unknown_if=("currency",),
        unknown="{erp} takes invoices in some currencies only, and the currency of this one is not"
        " known. Have the host application supply this fact.",
        remedies=one_of(BOOK_BY_HAND),
    ),
    Condition(
        code="tax.unsupported", acts=SENDING, steady=True, is_met=_takes_tax, facts=list_taxes,
        usual=("taxed", False),
        sentence="{erp} takes no invoice with tax, and this one carries tax ({taxes}). Remove the"
        " tax, or enter the invoice in the ERP by hand.",
        fallback="{erp} takes no invoice with tax, and this one carries tax. Remove the tax, or"
        " enter the invoice in the ERP by hand.",
        unknown_if=("taxed",),
        unknown="{erp} takes no invoice with tax, and it is not known whether this one carries tax."
        " Have the host application supply this fact.",
        remedies=one_of(BOOK_BY_HAND, REMOVE_TAX),
    ),
    Condition(
        code="tax.no_code", acts=SENDING, steady=True, is_met=_has_tax_code, facts=list_taxes,
        usual=("taxed", False),
        sentence="{erp} books tax by its code, and this invoice carries tax ({taxes}) without a tax code on"
        " any billed line. Give these lines their tax codes, and load the invoice again.",
        fallback="{erp} books tax by its code, and this invoice carries tax without a tax code on any"
        " billed line. Give these lines their tax codes, and load the invoice again.",
        remedies=one_of(GIVE_TAX_CODES),
    ),
    Condition(
        code="tax.differs", acts=SENDING, steady=True, each=_list_tax_differences,
        is_met=lambda case: not any(_list_tax_differences(case)),
        usual=("taxed", False), templates=_TAX_DIFFERENCES, remedies=one_of(CORRECT_TAX),
    ),
    Condition(
        code="tax.not_mapped", acts=CONSENTING, facts=_find_unmapped_taxes,
        is_met=lambda case: not _list_unmapped_taxes(case), usual=("taxed", False),
        sentence="The connection maps these tax codes to no tax code of {erp}: {tax_codes}. Add them to the"
        " mapping of the connection, then try again.",
        unknown_if=("mapped",),
        unknown="It is not known to which tax codes of {erp} the connection maps the tax codes of"
        " this invoice: {tax_codes}. Have the host application supply the mapping.",
        remedies=one_of(MAP_TAX_CODES),
    ),
    Condition(
        code="mapping.missing", acts=CONSENTING, facts=_find_unmapped,
        is_met=lambda case: not case.unmapped,
        sentence="These codes have no id in {erp}, and the connection maps them to none: {codes}."
        " Add them to the mapping of the connection, then try again.",
        remedies=one_of(ADD_MAPPING),
    ),
    Condition(
        code="hold.unknown", acts=SUBMITTING | EXPORTING, steady=True, usual=_NO_HOLDS,
        is_met=lambda case: case.holds is not None,
        sentence="It is not known whether a hold is placed on this invoice. Have the host"
        " application supply the holds of this invoice.",
        remedies=one_of(SUPPLY_HOLDS),
    ),
    Condition(
        code="hold.<code>", acts=SUBMITTING | EXPORTING, steady=True, usual=_NO_HOLDS,
        is_met=_SEND_HOLDS, each=_FIND_SEND_HOLDS, templates=(_HOLD,),
    ),
    Condition(
        code="hold.<code>", acts=EXPORTING, steady=True, usual=_NO_HOLDS,
        is_met=_ACCEPT_HOLDS, each=_FIND_ACCEPT_HOLDS, templates=(_HOLD,),
    ),
    Condition(
        code="hold.<code>", acts=frozenset({Action.START}), steady=True, usual=_NO_HOLDS,
        is_met=_EXPORT_HOLDS, each=_FIND_EXPORT_HOLDS, templates=(_HOLD,),
    ),
)
# fmt: on
