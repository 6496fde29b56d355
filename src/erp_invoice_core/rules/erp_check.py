"""
Reasons of the adapter's check at the acceptance.

The check is a fact of the case: the queue asks the adapter before the decision, and a case without
the answer is decided without it. The adapter is not asked while the invoice itself has to be
corrected: the answer would be about another document, and mostly repeat the reasons of the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..values import evolve
from ..verdict import Source
from .conditions.condition import CONSENTING

if TYPE_CHECKING:
    from ..verdict import Denial, Verdict
    from ..vocabulary import Action

#: The denials that are removed without another document: by a field, by a number, by the host.
_OF_CONSENT: Final = ("field.", "number.", "hold.", "invoice.number_taken")


def can_ask_erp(verdict: Verdict) -> bool:
    """
    Return whether the adapter is asked about an invoice on which the rules give this verdict.

    It is, if every denial can be removed by an export field, by an invoice number for the ERP or by
    the end of a payment hold.
    """
    return all(denial.code.startswith(_OF_CONSENT) for denial in verdict.denials)


def list_denials(action: Action, verdict: Verdict) -> tuple[Denial, ...]:
    """Return the denials of the check, which count when a person consents to the export."""
    if action not in CONSENTING:
        return ()
    return tuple(evolve(denial, {"source": Source.ADAPTER}) for denial in verdict.denials)
