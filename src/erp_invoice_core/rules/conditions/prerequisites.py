"""Conditions on the commitment, vendor, job, cost codes and holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import Prerequisite, TaxForm
from ...vocabulary import Action, Blocks
from ..remedies import one_of
from ..remedy_rows import (
    BOOK_BY_HAND,
    LINK_VENDOR,
    MAP_COST_CODES,
    RELEASE_HOLD,
    REMOVE_TAX,
    SET_COMMITMENT_STATUS,
    SUPPLY_HOLDS,
    SYNC_CHANGE_ORDERS,
    SYNC_COMMITMENT,
    SYNC_PROJECT,
)
from .condition import (
    EXPORTING,
    SENDING,
    SUBMITTING,
    Condition,
    Finding,
    Findings,
    Predicate,
    erp_name,
    word,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..case import Case


def _needs(case: Case, prerequisite: Prerequisite) -> bool:
    return case.erp is not None and prerequisite in case.erp.prerequisites


def _cost_codes(case: Case) -> Mapping[str, str]:
    codes = ", ".join(case.unsynced_cost_codes) or "those of the billed lines"
    items = ", ".join(case.unmapped_items)
    word = "item" if len(case.unmapped_items) == 1 else "items"
    where = f" ({word} {items})" if items else ""
    return {**erp_name(case), "cost_codes": codes, "items": items, "where": where}


def _change_orders(case: Case) -> Mapping[str, str]:
    orders = ", ".join(case.unsynced_change_orders) or "those of the billed lines"
    return {**erp_name(case), "change_orders": orders}


def _takes_commitment(case: Case) -> bool:
    taken = case.erp.commitment_statuses if case.erp else None
    return taken is None or case.commitment_status in taken


def _statuses(case: Case) -> Mapping[str, str]:
    taken = case.erp.commitment_statuses if case.erp else None
    status = case.commitment_status or "unknown"
    return {**erp_name(case), "status": status, "statuses": " or ".join(sorted(taken or ()))}


def _takes_currency(case: Case) -> bool:
    taken = case.erp.currencies if case.erp else None
    return taken is None or case.currency in taken


def _currency(case: Case) -> Mapping[str, str]:
    return {**erp_name(case), "currency": case.currency or "an unknown currency"}


def tax(case: Case) -> Mapping[str, str]:
    """Return the taxes of the invoice, as facts for sentences."""
    return {**erp_name(case), "taxes": "; ".join(case.taxes) or "the amount is not known"}


def _takes_tax(case: Case) -> bool:
    return case.taxed is False or case.erp is None or case.erp.tax is not TaxForm.IMPOSSIBLE


def _holds(blocks: Blocks) -> tuple[Predicate, Findings]:
    def is_met(case: Case) -> bool:
        return all(hold.blocks is not blocks for hold in case.holds or ())

    def each(case: Case) -> Iterable[Finding]:
        for hold in case.holds or ():
            if hold.blocks is blocks:
                facts = {
                    "hold": hold.code,
                    "blocks": hold.blocks.value,
                    "message": hold.message,
                    "released_by": hold.released_by,
                }
                yield f"hold.{word(hold.code)}", "{message}", facts, one_of(RELEASE_HOLD)

    return is_met, each


_SEND_HOLDS, _EACH_SEND_HOLD = _holds(Blocks.SEND)
_ACCEPT_HOLDS, _EACH_ACCEPT_HOLD = _holds(Blocks.ACCEPT)
_EXPORT_HOLDS, _EACH_EXPORT_HOLD = _holds(Blocks.EXPORT)
_NO_HOLDS = ("holds", ())

# fmt: off
PREREQUISITES: tuple[Condition, ...] = (
    Condition(
        code="commitment.not_synced", acts=SENDING, facts=erp_name,
        is_met=lambda case: case.commitment_synced is True
        or not _needs(case, Prerequisite.COMMITMENT),
        usual=("commitment_synced", True),
        sentence="Sync the commitment with {erp} first.",
        remedies=one_of(SYNC_COMMITMENT),
    ),
    Condition(
        code="vendor.not_synced", acts=SENDING, facts=erp_name,
        is_met=lambda case: case.vendor_synced is True or not _needs(case, Prerequisite.VENDOR),
        usual=("vendor_synced", True),
        sentence="Link the contract company to a vendor in {erp} first.",
        remedies=one_of(LINK_VENDOR),
    ),
    Condition(
        code="job.not_synced", acts=SENDING, facts=erp_name,
        is_met=lambda case: case.job_synced is True or not _needs(case, Prerequisite.JOB),
        usual=("job_synced", True),
        sentence="Sync the project with a job in {erp} first.",
        remedies=one_of(SYNC_PROJECT),
    ),
    Condition(
        code="cost_code.not_synced", acts=SENDING, facts=_cost_codes,
        is_met=lambda case: case.cost_codes_synced is True
        or not _needs(case, Prerequisite.COST_CODES),
        usual=("cost_codes_synced", True),
        sentence="{erp} does not know these cost codes: {cost_codes}{where}. Map each to one of {erp}.",
        remedies=one_of(MAP_COST_CODES),
    ),
    Condition(
        code="change_order.not_synced", acts=SENDING, facts=_change_orders,
        is_met=lambda case: case.change_orders_synced is True
        or not _needs(case, Prerequisite.CHANGE_ORDERS),
        usual=("change_orders_synced", True),
        sentence="Sync these change orders with {erp} first: {change_orders}.",
        remedies=one_of(SYNC_CHANGE_ORDERS),
    ),
    Condition(
        code="commitment.status", acts=SENDING, is_met=_takes_commitment, facts=_statuses,
        sentence="Set the commitment to {statuses} first: {erp} takes no others.",
        remedies=one_of(SET_COMMITMENT_STATUS),
    ),
    Condition(
        code="currency.unsupported", acts=SENDING, is_met=_takes_currency, facts=_currency,
        sentence="{erp} does not take {currency}: this invoice cannot be exported to it.",
        remedies=one_of(BOOK_BY_HAND),
    ),
    Condition(
        code="tax.unsupported", acts=SENDING, is_met=_takes_tax, facts=tax,
        usual=("taxed", False),
        sentence="Take the tax off this invoice ({taxes}), or leave it out of the export: {erp} takes"
        " none.",
        remedies=one_of(BOOK_BY_HAND, REMOVE_TAX),
    ),
    Condition(
        code="hold.unknown", acts=SUBMITTING | EXPORTING, usual=_NO_HOLDS,
        is_met=lambda case: case.holds is not None,
        sentence="Look up first whether anything holds this invoice back.",
        remedies=one_of(SUPPLY_HOLDS),
    ),
    Condition(
        code="hold.<code>", acts=SUBMITTING | EXPORTING, usual=_NO_HOLDS,
        is_met=_SEND_HOLDS, each=_EACH_SEND_HOLD,
    ),
    Condition(
        code="hold.<code>", acts=EXPORTING, usual=_NO_HOLDS,
        is_met=_ACCEPT_HOLDS, each=_EACH_ACCEPT_HOLD,
    ),
    Condition(
        code="hold.<code>", acts=frozenset({Action.START}), usual=_NO_HOLDS,
        is_met=_EXPORT_HOLDS, each=_EACH_EXPORT_HOLD,
    ),
)
# fmt: on
