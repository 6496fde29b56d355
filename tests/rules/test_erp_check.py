"""The verdict of the adapter's check is a fact, and its denials are reasons against a consent."""

from __future__ import annotations

import attrs
import pytest

from erp_invoice_core import Action, Denial, Notice, Source, Verdict, decide
from erp_invoice_core.documents import Actor
from erp_invoice_core.rules import can_ask_erp
from tests.spec.allowed_cases import build_allowed_case

NO_VENDOR = Denial("ledgerly.no_vendor", "Create V-9.", Source.ERP, {"vendor": "V-9"})
CHECK = Verdict((NO_VENDOR,), (Notice("ledgerly.late", "It is late.", Source.ERP),))


@pytest.mark.parametrize("action", list(Action))
def test_denials_of_the_check_deny_a_consent(action: Action) -> None:
    """Each keeps its code, its message and its facts; no other action reads them."""
    case = build_allowed_case(action)
    plain = decide(action, case)
    checked = decide(action, attrs.evolve(case, erp_verdict=CHECK))

    found = [attrs.evolve(NO_VENDOR, source=Source.ADAPTER)]
    assert (found if action in {Action.ACCEPT, Action.RETRY} else []) == [
        denial for denial in checked.denials if denial not in plain.denials
    ]


def test_reasons_of_the_rules_come_first() -> None:
    """All reasons are given, in the order of their sources."""
    case = attrs.evolve(build_allowed_case(Action.ACCEPT), erp_verdict=CHECK, holds=None)

    codes = [denial.code for denial in decide(Action.ACCEPT, case).denials]

    assert ["hold.unknown", "ledgerly.no_vendor"] == codes


def test_stranger_learns_nothing_of_the_check() -> None:
    """The answer of the ERP would show that the invoice exists."""
    case = attrs.evolve(build_allowed_case(Action.ACCEPT), erp_verdict=CHECK, actor=Actor(id="x"))

    codes = [denial.code for denial in decide(Action.ACCEPT, case).denials]

    assert ["permission.none"] == codes


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("field.terms.present", True),
        ("number.not_allowed", True),
        ("hold.waiver", True),
        ("invoice.number_taken", True),
        ("invoice.zero", False),
        ("vendor.not_synced", False),
        ("permission.accept", False),
        ("status.accept", False),
        ("feature.retainage.impossible", False),
        ("entry.changed", False),
    ],
)
def test_erp_is_asked_about_an_invoice_that_needs_no_correction(
    code: str, *, expected: bool
) -> None:
    """A denial that another field or number removes leaves the question, any other one does not."""
    denial = Denial(code, "No.", Source.CONDITION)
    beside = Denial("hold.waiver", "A waiver is missing.", Source.CONDITION)

    assert expected is can_ask_erp(Verdict((denial, beside)))
    assert can_ask_erp(Verdict())
