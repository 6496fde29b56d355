"""The strategies of the public module for tests."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from erp_invoice_core.billing import build_g702, is_over_billed
from erp_invoice_core.rules import decide
from erp_invoice_core.testing import strategies
from erp_invoice_core.vocabulary import Action, Feature, Support

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erp_invoice_core.documents import Invoice
    from erp_invoice_core.testing.strategies import ChangedCase, Dossier

FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
FIND = settings(
    max_examples=20_000,  # what must be found is found by luck: after 500 at the latest, as seen
    deadline=None,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("action", Action)
@FEW
@given(data=st.data())
def test_lawful_cases_are_lawful(action: Action, data: st.DataObject) -> None:
    """Of every action, a lawful case is allowed."""
    case = data.draw(strategies.allowed_cases(action))

    assert () == decide(action, case).denials


@pytest.mark.parametrize("action", Action)
def test_bent_cases_are_denied_for_what_was_bent(action: Action) -> None:
    """Of every action, some bent case is denied."""
    bent = find(
        strategies.changed_cases(action),
        lambda it: not decide(action, it.case),
        settings=FIND,
    )

    assert decide(action, bent.allowed)


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        ("vendor_synced", "vendor.not_synced"),
        ("number_is_unique", "invoice.number_taken"),
        ("invoice_status", "invoice.not_sendable"),
        ("holds", "hold.lien_waiver"),
        ("actor", "permission.send"),
        ("export_status", "status.send"),
        ("version_seen", "entry.changed"),
        ("document", "document.missing"),
        ("previous_agrees", "billing.previous_differs"),
    ],
)
def test_a_bent_fact_has_its_own_reason(fact: str, code: str) -> None:
    """A case bent in one fact alone is denied with the reason of that fact alone."""

    def is_it(bent: ChangedCase) -> bool:
        return [code] == [denial.code for denial in decide(Action.SEND, bent.case).denials]

    bent = find(strategies.changed_cases(Action.SEND, [fact]), is_it, settings=FIND)

    assert fact == bent.fact


@FEW
@given(strategies.invoice_sequences(least=2, most=3))
def test_invoices_follow_on_each_other(sequence: Sequence[Invoice]) -> None:
    """Each invoice's previous certificates are what the one before certified."""
    for before, after in pairwise(sequence):
        certified = build_g702(before).total_earned_less_retainage

        assert before.id == after.previous_id
        assert certified == build_g702(after).less_previous_certificates_for_payment


@FEW
@given(strategies.invoice_sequences())
def test_sequences_never_over_bill(sequence: Sequence[Invoice]) -> None:
    """No item of a sequence is billed beyond its scheduled value."""
    assert [] == [item for invoice in sequence for item in invoice.items if is_over_billed(item)]


@FEW
@given(strategies.allowed_dossiers())
def test_lawful_dossiers_have_nothing_against_them(dossier: Dossier) -> None:
    """A lawful dossier's facts say sendable, synced, agreeing and not held."""
    case = dossier.case

    assert case.commitment_synced
    assert case.vendor_synced
    assert case.job_synced
    assert case.cost_codes_synced
    assert case.previous_agrees
    assert () == case.holds


@pytest.mark.parametrize("name", strategies.DOSSIER_CHANGES)
def test_bent_dossiers_differ_from_lawful_ones(name: str) -> None:
    """A dossier bent in a fact has a case in which that fact speaks against it."""
    dossier = find(strategies.changed_dossiers([name]), lambda _: True, settings=FIND)
    case = dossier.case

    spoken = {
        "invoice status": case.invoice_status is dossier.invoice.status,
        "commitment not synced": case.commitment_synced is False,
        "vendor not synced": case.vendor_synced is False,
        "job not synced": case.job_synced is False,
        "cost code not synced": None in [line.cost_code for line in dossier.commitment.lines],
    }
    assert spoken.get(name, bool(case.holds))


@pytest.mark.parametrize("support", [Support.IMPOSSIBLE, Support.MISSING, Support.UNDECLARED])
def test_declarations_range_over_all_support(support: Support) -> None:
    """Integrations that lack a feature in each of the three ways are generated."""
    found = find(
        strategies.declarations(),
        lambda it: it.support(Feature.RETAINAGE) is support,
        settings=FIND,
    )

    assert support is found.support(Feature.RETAINAGE)


@pytest.mark.parametrize(
    "strategy",
    [
        strategies.actors(),
        strategies.calls(),
        strategies.commitments(),
        strategies.declarations(),
        strategies.entries(),
        strategies.events(),
        strategies.holdings(),
        strategies.invoices(),
        strategies.items(),
        strategies.receipts(),
    ],
    ids=lambda strategy: str(strategy)[:12],
)
@FEW
@given(data=st.data())
def test_values_can_be_drawn(strategy: st.SearchStrategy[object], data: st.DataObject) -> None:
    """Every type has a strategy whose values pass their own checks."""
    first = data.draw(strategy)

    assert first == first  # noqa: PLR0124 - equality must hold, whatever was drawn


@FEW
@given(strategies.amounts("KWD"), strategies.amounts("JPY"))
def test_amounts_have_the_digits_of_their_currency(dinars: Decimal, yen: Decimal) -> None:
    """Dinars have three digits after the point, yen none."""
    assert dinars == dinars.quantize(Decimal("0.001"))
    assert yen == yen.to_integral_value()
