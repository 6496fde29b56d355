"""The host of a run: its invoices, their facts, and the company's policy."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from erp_invoice_core.rules import Case, Policy
from erp_invoice_core.testing.samples import one_line_document, sample_case

from .decisions import menu
from .faults import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from erp_invoice_core.documents import ExportDocument

    from .scheduler import Scheduler

#: The policies of a company, which may change during the run.
POLICIES = (Policy(), Policy(separation_of_duties=True), Policy(direct_export=True))
_IDS = ("1", "2", "3")
_ENTRIES = menu((4, 1), (5, 2), (2, 3))
_NUMBERS = menu((10, "apart"), (7, "one"), (1, "blank"))
#: Faults of a request for facts.
_FACTS = menu((194, None), (4, Fault.HOST_DOWN), (2, Fault.FACTS_ODD))
_ODD = menu((1, "none"), (1, "number"), (1, "keys"), (1, "other"))


def number_of(invoice_id: str, manner: str) -> str | None:
    """Return an invoice's number if numbers are given in that manner."""
    if manner == "blank":
        return None
    return "A-1" if manner == "one" and invoice_id != "3" else f"A-{invoice_id}"


@lru_cache(maxsize=256)
def _document(invoice_id: str, number: str | None, amount: int) -> ExportDocument:
    return one_line_document(
        invoice_id,
        Decimal(amount),
        commitment_id=f"10{invoice_id}",
        commitment_number=f"SC-{invoice_id}",
        commitment_origin_id=f"C-10{invoice_id}",
        invoice_number=number,
    )


@lru_cache(maxsize=256)
def _case(invoice_id: str, number: str | None, amount: int) -> Case:
    return sample_case(_document(invoice_id, number, amount))


class Host:
    """
    The data of the host; edits change only the amount of an invoice.

    Attributes:
        amounts: By invoice.
        policy: The current policy of the company.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        """Draw one to three invoices, whose numbers are different, the same, or blank."""
        self._scheduler = scheduler
        decisions = scheduler.decisions
        self.ids = _IDS[: decisions.choose(_ENTRIES)]
        self.manner = decisions.choose(_NUMBERS)
        scheduler.counts[Fault.SAME_NUMBER] += self.manner == "one" and len(self.ids) > 1
        scheduler.counts[Fault.BLANK_NUMBER] += self.manner == "blank"
        self.amounts = dict.fromkeys(self.ids, 100)
        self.policy = POLICIES[0]

    def case(self, invoice_id: str) -> Case:
        """Return the facts of an invoice as it is now."""
        return _case(invoice_id, number_of(invoice_id, self.manner), self.amounts[invoice_id])

    def facts(self, ids: Sequence[str], /) -> Mapping[str, Case]:
        """
        Return the invoices' facts: the queue's port.

        Raises:
            ConnectionError: The host's own database is down; people do not act then.
        """
        scheduler = self._scheduler
        fault = None if scheduler.is_held else scheduler.choose(_FACTS)
        answer = {key: self.case(key) for key in ids if key in self.amounts}
        if fault is None:
            return answer
        scheduler.counts[fault] += 1
        if fault is Fault.HOST_DOWN:
            raise ConnectionError("The host's own database is down.")
        odd: Mapping[str, Case] = self._answer_nonsense(answer)
        return odd

    def _answer_nonsense(self, answer: dict[str, Case]) -> Any:  # noqa: ANN401 - it is what no host may answer
        """Return nonsense instead of the facts."""
        match self._scheduler.choose(_ODD):
            case "none":
                return None
            case "number":
                return 1.5
            case "keys":
                return dict(enumerate(answer.values()))
            case _:
                other = self.ids[-1]
                return {key: self.case(other) if key != other else object() for key in answer}
