"""Facts about invoice numbers that other invoices have too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import NumberScope
from ...documents.invoice_number import compute_similarity_key, normalize_number
from .condition import ABSENT, UNKNOWN, find_erp_name, join_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...documents import NumberUse
    from ..case import Case


#: The number of invoices that a sentence names; the facts name all of them.
_NAMED = 5


def _format_use(use: NumberUse) -> str:
    """Return an invoice as messages show it: its id, its number, and its commitment if known."""
    known = (use.number, use.commitment_number or use.commitment_id)
    return f"{use.invoice_id} ({join_values(filter(None, known))})"


def _build_facts(case: Case, uses: Iterable[NumberUse]) -> dict[str, str]:
    """Return the facts of a number and of the other invoices that have it."""
    found = tuple(uses)
    named = join_values(map(_format_use, found), _NAMED)
    facts = {"number": case.erp_number or case.invoice_number or ABSENT, "other": named}
    if found:
        facts["invoices"] = ", ".join(use.invoice_id for use in found)
        facts["numbers"] = ", ".join(use.number for use in found)
        facts["commitments"] = ", ".join(
            dict.fromkeys(use.commitment_id or UNKNOWN for use in found)
        )
    return facts


def has_other_number(case: Case) -> bool:
    """Return whether the invoice has another number in the ERP than its own."""
    own = normalize_number(case.invoice_number or "")
    return case.erp_number is not None and normalize_number(case.erp_number) != own


def find_in_commitment(case: Case) -> Mapping[str, str]:
    """Return facts about the other invoices of the commitment that have the same number."""
    commitment = case.document.commitment_id if case.document else None
    here = (use for use in case.number_uses if commitment in {None, use.commitment_id})
    return _build_facts(case, here)


def find_in_erp(case: Case) -> Mapping[str, str]:
    """Return facts about the invoice whose entry holds the number slot."""
    holder = () if case.slot_holder is None else (case.slot_holder,)
    return {**find_erp_name(case), **_build_facts(case, holder)}


def _find_elsewhere(case: Case) -> tuple[NumberUse, ...]:
    # The uses that are known are those of the invoice's own number.
    if case.document is None or has_other_number(case):
        return ()
    here = case.document.commitment_id
    return tuple(use for use in case.number_uses if use.commitment_id != here)


def find_elsewhere(case: Case) -> Mapping[str, str]:
    """Return facts about the vendor's invoices on other commitments with the same number."""
    scope = case.erp.number_scope.value if case.erp else UNKNOWN
    return {**find_erp_name(case), "scope": scope, **_build_facts(case, _find_elsewhere(case))}


def list_similar(case: Case) -> tuple[NumberUse, ...]:
    """
    Return the vendor's known invoices with a number that looks like the number for the ERP.

    If the approver gives another number for the ERP, it is compared with the numbers of two groups
    of invoices: those with a number equal or similar to the invoice's own, and those that the host
    found for the given number.
    """
    if case.erp_number is None or not has_other_number(case):
        return case.similar_numbers
    own, key = normalize_number(case.erp_number), compute_similarity_key(case.erp_number)
    alike = {
        use.invoice_id: use
        for use in (*case.number_uses, *case.similar_numbers, *case.erp_number_uses)
        if compute_similarity_key(use.number) == key
        and normalize_number(use.number) != own
        and use.invoice_id != case.invoice_id
    }
    return tuple(alike.values())


def find_similar(case: Case) -> Mapping[str, str]:
    """Return facts about the vendor's invoices whose numbers look like the number for the ERP."""
    return _build_facts(case, list_similar(case))


def is_shared_apart(case: Case) -> bool:
    """
    Return whether another commitment has an invoice with this number, and the ERP allows that.

    The ERP allows it if it takes a number once for each commitment. An ERP that is not known counts
    as one that allows it.
    """
    apart = case.erp is None or case.erp.number_scope is NumberScope.COMMITMENT
    return apart and bool(_find_elsewhere(case))


def is_shared_together(case: Case) -> bool:
    """
    Return whether another commitment has an invoice with this number, which the ERP takes once.

    Such an ERP takes a number once for a vendor. If an entry holds the number already, the result
    is False, because another condition denies that.
    """
    together = case.erp is not None and case.erp.number_scope is NumberScope.VENDOR
    return together and case.slot_is_free is True and bool(_find_elsewhere(case))
