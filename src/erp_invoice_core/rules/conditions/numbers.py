"""What the rows about invoice numbers say: the number, who else has it, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import NumberScope
from .condition import erp_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...documents import NumberUse
    from ..case import Case


#: As many invoices are named in a sentence; the facts name them all.
_NAMED = 5


def _named(uses: Iterable[NumberUse]) -> str:
    """Return the invoices as a sentence names them."""
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
    """Return the facts of a number and of the invoices that have it, too."""
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
    """Return who else of the commitment has the number."""
    commitment = case.document.commitment_id if case.document else None
    here = (use for use in case.number_uses if commitment in {None, use.commitment_id})
    return _facts(case, here, "another invoice of the commitment")


def number_in_erp(case: Case) -> Mapping[str, str]:
    """Return who holds the number in the ERP, or is on the way to it."""
    holder = () if case.slot_holder is None else (case.slot_holder,)
    return {**erp_name(case), **_facts(case, holder, "another invoice")}


def _elsewhere(case: Case) -> tuple[NumberUse, ...]:
    if case.document is None:
        return ()
    here = case.document.commitment_id
    return tuple(use for use in case.number_uses if use.commitment_id != here)


def numbers_elsewhere(case: Case) -> Mapping[str, str]:
    """Return who else of the vendor has the number, on other commitments."""
    scope = case.erp.number_scope.value if case.erp else "unknown"
    return {**erp_name(case), "scope": scope, **_facts(case, _elsewhere(case))}


def similar_numbers(case: Case) -> Mapping[str, str]:
    """Return who has a number that is easily taken for this one."""
    return _facts(case, case.similar_numbers)


def is_shared_apart(case: Case) -> bool:
    """Return whether another commitment has the number, and the ERP tells commitments apart."""
    apart = case.erp is None or case.erp.number_scope is NumberScope.COMMITMENT
    return apart and bool(_elsewhere(case))


def is_shared_together(case: Case) -> bool:
    """Return whether another commitment has the number, and the ERP takes the first of them."""
    together = case.erp is not None and case.erp.number_scope is NumberScope.VENDOR
    return together and case.slot_is_free is True and bool(_elsewhere(case))
