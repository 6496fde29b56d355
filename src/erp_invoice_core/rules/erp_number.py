"""The invoice number that an approver gives for the ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..declaration import Declaration
    from .case import Case

#: The export field in which an ERP takes another invoice number.
ERP_NUMBER = "erp_invoice_number"


def takes_number(erp: Declaration | None) -> bool:
    """Return whether the ERP takes an invoice number from the approver; False without an ERP."""
    return erp is not None and any(field.key == ERP_NUMBER for field in erp.extra_fields)


def may_renumber(case: Case) -> bool:
    """Return whether the policy and the ERP let the approver give another invoice number."""
    return case.policy.renumber and takes_number(case.erp)
