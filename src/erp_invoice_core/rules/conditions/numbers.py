"""Facts about invoice numbers that other invoices have too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import NumberScope
from .condition import erp_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...documents import NumberUse
    from ..case import Case


#: The number of invoices that a sentence names; the facts name all of them.
_NAMED = 5


def _named(uses: Iterable[NumberUse]) -> str:
    """Return the invoices as text for a sentence."""
    names = [
        f"invoice {use.invoice_id} ({use.number})"
        + (
            f" of commitment {use.commitment_number or use.commitment_id}"
            if use.commitment_id
            else ""
        )
        for use in uses
    ]
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _facts(case: Case, uses: Iterable[NumberUse], unknown: str = "") -> dict[str, str]:
    """Return the facts of a number and of the other invoices that have it."""
    found = tuple(uses)
    facts = {"number": case.invoice_number or "none", "other": _named(found) or unknown}
    if found:
        facts["invoices"] = ", ".join(use.invoice_id for use in found)
        facts["numbers"] = ", ".join(use.number for use in found)
        facts["commitments"] = ", ".join(
            dict.fromkeys(use.commitment_id or "unknown" for use in found)
        )
    return facts


def number_in_commitment(case: Case) -> Mapping[str, str]:
    """Return the other invoices of the commitment that have the number."""
    commitment = case.document.commitment_id if case.document else None
    here = (use for use in case.number_uses if commitment in {None, use.commitment_id})
    return _facts(case, here, "another invoice of the commitment")


def number_in_erp(case: Case) -> Mapping[str, str]:
    """Return the invoice that holds the number slot in the ERP."""
    holder = () if case.slot_holder is None else (case.slot_holder,)
    return {**erp_name(case), **_facts(case, holder, "another invoice")}


def _elsewhere(case: Case) -> tuple[NumberUse, ...]:
    if case.document is None:
        return ()
    here = case.document.commitment_id
    return tuple(use for use in case.number_uses if use.commitment_id != here)


def numbers_elsewhere(case: Case) -> Mapping[str, str]:
    """Return the vendor's invoices on other commitments that have the number."""
    scope = case.erp.number_scope.value if case.erp else "unknown"
    return {**erp_name(case), "scope": scope, **_facts(case, _elsewhere(case))}


def similar_numbers(case: Case) -> Mapping[str, str]:
    """Return the invoices that have a number that looks like this one."""
    return _facts(case, case.similar_numbers)


def is_shared_apart(case: Case) -> bool:
    """Return whether another commitment has the number and the ERP allows that."""
    apart = case.erp is None or case.erp.number_scope is NumberScope.COMMITMENT
    return apart and bool(_elsewhere(case))


def is_shared_together(case: Case) -> bool:
    """Return whether another commitment has the number and the ERP takes only the first."""
    together = case.erp is not None and case.erp.number_scope is NumberScope.VENDOR
    return together and case.slot_is_free is True and bool(_elsewhere(case))
