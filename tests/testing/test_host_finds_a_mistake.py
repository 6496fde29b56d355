"""A host's test suite finds a mistake in the host's own ``facts`` with the strategies."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from erp_invoice_core.declaration.declaration import Declaration
from erp_invoice_core.documents import Actor
from erp_invoice_core.rules import Case, decide
from erp_invoice_core.testing.strategies import Dossier, dossiers
from erp_invoice_core.vocabulary import Action, ExportStatus, Feature, InvoiceStatus, Level, Support

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from erp_invoice_core.documents import Hold

FIND = settings(
    max_examples=20_000,
    phases=[Phase.generate],
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
ERP = Declaration(key="theirs", name="Theirs", features=dict.fromkeys(Feature, Support.FULL))
SENDER = Actor(id="pm", commitments={})


@attrs.frozen(kw_only=True)
class Application:
    """An application for payment as the host's own table has it."""

    id: str
    state: str
    vendor_ref: str
    contract_ref: str
    job_ref: str
    unlinked_codes: tuple[str, ...]
    stops: tuple[Hold, ...]
    facts: Case


#: The host's names for the statuses of an invoice.
STATES = {
    "DRF": InvoiceStatus.DRAFT,
    "REV": InvoiceStatus.UNDER_REVIEW,
    "RET": InvoiceStatus.REVISE_AND_RESUBMIT,
    "APP": InvoiceStatus.APPROVED,
    "NOT": InvoiceStatus.APPROVED_AS_NOTED,
    "OWN": InvoiceStatus.PENDING_OWNER_APPROVAL,
}
_WORDS = {status: word for word, status in STATES.items()}


def store(dossier: Dossier) -> Application:
    """Put an invoice and its documents into the host's table."""
    case = dossier.case
    return Application(
        id=dossier.invoice.id,
        state=_WORDS[dossier.invoice.status],
        vendor_ref=dossier.vendor.origin_id or "",
        contract_ref=dossier.commitment.origin_id or "",
        job_ref=dossier.project.origin_id or "",
        unlinked_codes=case.unsynced_cost_codes,
        stops=(*dossier.invoice.holds, *dossier.commitment.holds, *dossier.vendor.holds),
        facts=case,
    )


class Host:
    """The host's ``facts``: its own rows, translated to the library's types."""

    states: Mapping[str, InvoiceStatus] = STATES

    def __call__(self, rows: Iterable[Application]) -> dict[str, Case]:
        """Return the facts of the rows."""
        return {row.id: self.case(row) for row in rows}

    def case(self, row: Application) -> Case:
        """Return the facts of one row, with amounts and document unchanged."""
        return attrs.evolve(
            row.facts,
            invoice_status=self.states[row.state],
            vendor_synced=row.vendor_ref.strip() != "",
            commitment_synced=row.contract_ref.strip() != "",
            job_synced=row.job_ref.strip() != "",
            cost_codes_synced=not row.unlinked_codes,
            holds=self.holds(row),
        )

    def holds(self, row: Application) -> tuple[Hold, ...]:
        """Return the payment holds of the row."""
        return row.stops


class ForgetsHolds(Host):
    """A host that forgets payment holds."""

    def holds(self, row: Application) -> tuple[Hold, ...]:
        """Return nothing."""
        return ()


class MapsTheWrongStatus(Host):
    """A host that takes *returned* for approved."""

    states = {**STATES, "RET": InvoiceStatus.APPROVED}  # noqa: RUF012 - as declared above


class TrustsEveryVendor(Host):
    """A host that takes every vendor for synced."""

    def case(self, row: Application) -> Case:
        """Say linked."""
        return attrs.evolve(super().case(row), vendor_synced=True)


class LooksAtTheFirstCode(Host):
    """A host that requires all cost codes to be missing, instead of one."""

    def case(self, row: Application) -> Case:
        """Return true, unless several are not synced."""
        return attrs.evolve(super().case(row), cost_codes_synced=len(row.unlinked_codes) < 2)


def codes(case: Case) -> list[str]:
    """Return why a permitted person cannot send the invoice."""
    sender = attrs.evolve(SENDER, commitments={case.project_id or "": Level.ADMIN})
    asked = attrs.evolve(
        case,
        actor=sender,
        erp=ERP,
        export_status=ExportStatus.NOT_SENT,
        version=0,
        slot_is_free=True,
        in_doubt=False,
        left=False,
    )
    return [denial.code for denial in decide(Action.SEND, asked).denials]


def is_mistaken(host: Host) -> Callable[[Dossier], bool]:
    """Return whether the host's facts lead to another answer than the documents do."""

    def differs(dossier: Dossier) -> bool:
        case = host([store(dossier)])[dossier.invoice.id]
        return codes(case) != codes(dossier.case)

    return differs


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(dossiers())
def test_the_host_supplies_the_facts(dossier: Dossier) -> None:
    """The host's facts lead to the same reasons as the documents that they come from."""
    assert not is_mistaken(Host())(dossier)


@pytest.mark.parametrize(
    ("host", "bent"),
    [
        (ForgetsHolds(), {"hold on the invoice", "hold on the commitment", "hold on the vendor"}),
        (MapsTheWrongStatus(), {"invoice status"}),
        (TrustsEveryVendor(), {"vendor not synced"}),
        (LooksAtTheFirstCode(), {"cost code not synced"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_planted_mistake_is_found(host: Host, bent: set[str]) -> None:
    """The strategies find an invoice for which a wrong fact of the host matters."""
    # Chance finds each mistake within 40 examples with this seed, within 300 with others.
    dossier = find(dossiers(), is_mistaken(host), settings=FIND, random=Random(3))

    assert dossier.changed_fact in bent


def test_nothing_is_found_where_there_is_no_mistake() -> None:
    """The strategies find nothing in a host without a mistake."""
    with pytest.raises(NoSuchExample):
        find(dossiers(), is_mistaken(Host()), settings=settings(FIND, max_examples=40))
