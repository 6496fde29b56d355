"""
The invoices of a vendor whose numbers look like a typed one.

An approver may type another invoice number for the ERP; these invoices are then shown as notices.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..adapters.containment import Raised, call_contained, format_traceback, read_class_name
from ..documents import NumberUse
from ..stores import StoreError

if TYPE_CHECKING:
    from ..adapters.redaction import Redaction
    from ..rules import Case
    from .types import Numbers

_LOG = logging.getLogger(__name__)


def find_number_uses(
    numbers: Numbers | None, case: Case | None, number: str | None, redaction: Redaction
) -> tuple[NumberUse, ...]:
    """
    Return the invoices that the host finds for a typed number; none if it cannot be asked.

    An exception of the host, or an answer of another type, is logged and denies nothing, because
    the numbers are only shown.

    Raises:
        StoreError: The callable used a store that is busy or unavailable.
    """
    if numbers is None or number is None or case is None or case.document is None:
        return ()
    vendor_id = case.document.vendor_id
    found = call_contained(lambda: tuple(numbers(vendor_id, number)))
    if isinstance(found, Raised):
        if isinstance(found.error, StoreError):
            raise found.error
        why, text = read_class_name(found.error), format_traceback(found.error, redaction)
        _LOG.error("The host's numbers of a vendor raised %s.\n%s", why, text)
        return ()
    if not all(isinstance(use, NumberUse) for use in found):
        _LOG.error("The host's numbers of a vendor are not all of type NumberUse.")
        return ()
    return found
