"""
Profiles: what each refuses and loses, by hand from the published rules of its ERP.

The plain case is an invoice of a subcontract, billed by amount, over 1,000.00. Each row changes
facts of it, and names the reasons of the rules and the losses beside the refusal to send.
"""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core import Action, Adapters, Case, Feature, decide
from erp_invoice_core.adapters import (
    CannotTell,
    Receipt,
    Refused,
    Role,
    Session,
    Step,
    UnknownAdapter,
)
from erp_invoice_core.contrib.profiles import (
    PROFILES,
    ProfilePlugin,
    get_facts,
    is_profile,
    load_profile,
)
from erp_invoice_core.testing import sample_request
from erp_invoice_core.testing.strategies import allowed_cases
from tests.spec.allowed_cases import align_document, build_allowed_case

PROFILE = "integration.profile"
_BASE = frozenset({Feature.INVOICES, Feature.SUBCONTRACTS, Feature.AMOUNT_BASED})
_PO = frozenset({Feature.INVOICES, Feature.PURCHASE_ORDERS, Feature.AMOUNT_BASED})
_UNIT = frozenset({Feature.INVOICES, Feature.SUBCONTRACTS, Feature.UNIT_BASED})
_MORE = _BASE | {Feature.RETAINAGE}
_STORED = _BASE | {Feature.STORED_MATERIALS}
_RELEASE = _BASE | {Feature.RETAINAGE, Feature.RETAINAGE_RELEASE}
_CHANGES = _BASE | {Feature.CHANGE_ORDERS}

_PLAIN: dict[str, Any] = {
    "uses": _BASE,
    "gross": Decimal(1000),
    "retained": Decimal(0),
    "released": Decimal(0),
    "stored": Decimal(0),
    "commitment_status": "Approved",
    "fields": {
        "invoice_number": "ACME-77",
        "billing_date": "2026-10-31",
        "period_start": "2026-10-01",
        "period_end": "2026-10-31",
        "commitment_number": "SC-001",
        "commitment_title": "Structural steel",
        "vendor_name": "Acme Steel",
    },
}


def _add_fields(**texts: str | None) -> dict[str, Any]:
    return {"fields": {**_PLAIN["fields"], **texts}}


def _amounts(gross: str, retained: str = "0", released: str = "0") -> dict[str, Any]:
    return {"gross": Decimal(gross), "retained": Decimal(retained), "released": Decimal(released)}


def _build(key: str, changes: dict[str, Any], action: Action = Action.SEND) -> Case:
    case = attrs.evolve(build_allowed_case(action), **{**_PLAIN, **changes})
    return align_document(attrs.evolve(case, erp=load_profile(key)))


def _find_codes(key: str, changes: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Return the codes of the denials, without that of every profile, and those of the losses."""
    verdict = decide(Action.SEND, _build(key, changes))
    denied = {denial.code for denial in verdict.denials}
    assert PROFILE in denied
    losses = {notice.code for notice in verdict.notices if notice.code.startswith("loss.")}
    return denied - {PROFILE}, losses


_STORED_1000 = {"uses": _STORED, "stored": Decimal(250)}
_HELD = {"uses": _MORE, **_amounts("1000", "100")}
_RELEASING = {"uses": _RELEASE, **_amounts("1000", "100", "50")}
_RELEASE_ONLY = {"uses": _RELEASE, **_amounts("0", "0", "50")}
_ZERO = _amounts("0")
_NEGATIVE = _amounts("-10")
_NO_STORED = "feature.stored_materials.undeclared"

# fmt: off
#: Profile, changes of the plain case, reasons of the rules, losses.
ROWS: tuple[tuple[str, dict[str, Any], set[str], set[str]], ...] = (
    # Sage 300 CRE: the import has 15 characters for the number; commitment numbers have 12.
    ("profile_sage_300_cre", {}, set(), set()),
    ("profile_sage_300_cre", _add_fields(invoice_number="N" * 15), set(), set()),
    ("profile_sage_300_cre", _add_fields(invoice_number="N" * 16), {"field.invoice_number.max_length"}, set()),
    ("profile_sage_300_cre", _add_fields(commitment_number="N" * 13), {"field.commitment_number.max_length"}, set()),
    ("profile_sage_300_cre", {"uses": _PO}, set(), set()),
    ("profile_sage_300_cre", {"uses": _UNIT}, set(), set()),
    ("profile_sage_300_cre", _STORED_1000, set(), set()),
    ("profile_sage_300_cre", _RELEASING, set(), set()),
    ("profile_sage_300_cre", {"taxed": True, "taxes": ("10.00",)}, {"tax.unsupported"}, set()),
    ("profile_sage_300_cre", {"commitment_synced": False}, {"commitment.not_synced"}, set()),
    # Sage 100 Contractor: number and title of the commitment are cut; a release does not sync.
    ("profile_sage_100_contractor", {"uses": _UNIT}, set(), set()),
    ("profile_sage_100_contractor", {}, {"feature.amount_based.undeclared"}, set()),
    ("profile_sage_100_contractor", {"uses": _UNIT, **_add_fields(commitment_number="N" * 13)},
     set(), {"loss.commitment_number"}),
    ("profile_sage_100_contractor", {"uses": _UNIT, **_add_fields(invoice_number="N" * 40)}, set(), set()),
    ("profile_sage_100_contractor", {"uses": _UNIT | {Feature.RETAINAGE_RELEASE}, **_amounts("10", "0", "5")},
     {"feature.retainage_release.missing"}, set()),
    # Vista: zero is not exported, stored materials are ignored, the release is automatic.
    ("profile_vista", {}, set(), set()),
    ("profile_vista", _ZERO, {"invoice.zero"}, set()),
    ("profile_vista", _STORED_1000, set(), {"loss.stored_materials"}),
    ("profile_vista", _RELEASING, set(), {"loss.retainage_release"}),
    ("profile_vista", {"uses": _PO}, {"feature.purchase_orders.undeclared"}, set()),
    ("profile_vista", _add_fields(commitment_title="T" * 61), {"field.commitment_title.max_length"}, set()),
    # Spectrum: subcontractor invoices are not listed, purchase orders are not supported.
    ("profile_spectrum", {},
     {"feature.invoices.undeclared", "feature.subcontracts.undeclared", "feature.amount_based.undeclared"}, set()),
    ("profile_spectrum", {"uses": _PO},
     {"feature.invoices.undeclared", "feature.purchase_orders.missing", "feature.amount_based.undeclared"}, set()),
    # QuickBooks Desktop: retainage is a line; the number of a commitment is cut at 11.
    ("profile_quickbooks_desktop", {"uses": _PO}, set(), set()),
    ("profile_quickbooks_desktop", {"uses": _UNIT}, set(), set()),
    ("profile_quickbooks_desktop", _HELD, set(), set()),
    ("profile_quickbooks_desktop", _add_fields(commitment_number="N" * 12), set(), {"loss.commitment_number"}),
    ("profile_quickbooks_desktop", _add_fields(vendor_name="V" * 42), {"field.vendor_name.max_length"}, set()),
    # QuickBooks Online: commitments do not sync; negative is not exported; numbers have 21.
    ("profile_quickbooks_online", {"commitment_synced": False}, set(), set()),
    ("profile_quickbooks_online", _NEGATIVE, {"invoice.negative"}, set()),
    ("profile_quickbooks_online", _add_fields(invoice_number="N" * 21), set(), set()),
    ("profile_quickbooks_online", _add_fields(invoice_number="N" * 22), {"field.invoice_number.max_length"}, set()),
    ("profile_quickbooks_online", {"uses": _CHANGES}, {"feature.change_orders.undeclared"}, set()),
    # Sage Intacct: zero is not exported, stored materials are ignored.
    ("profile_intacct", _ZERO, {"invoice.zero"}, set()),
    ("profile_intacct", _STORED_1000, set(), {"loss.stored_materials"}),
    ("profile_intacct", _add_fields(commitment_title="T" * 36), {"field.commitment_title.max_length"}, set()),
    # NetSuite: the commitment is approved, and need not be synced.
    ("profile_netsuite", {"commitment_synced": False}, set(), set()),
    ("profile_netsuite", {"commitment_status": "Complete"}, {"commitment.status"}, set()),
    ("profile_netsuite", {"vendor_synced": False}, {"vendor.not_synced"}, set()),
    ("profile_netsuite", {"uses": _UNIT}, set(), {"loss.unit_based"}),
    ("profile_netsuite", _HELD, set(), set()),
    # Xero: negative is not exported; billing date and period are required; numbers have 255.
    ("profile_xero", {}, set(), set()),
    ("profile_xero", _NEGATIVE, {"invoice.negative"}, set()),
    ("profile_xero", _add_fields(period_start=None), {"field.period_start.present"}, set()),
    ("profile_xero", _add_fields(billing_date=None), {"field.billing_date.present"}, set()),
    ("profile_xero", _add_fields(invoice_number="N" * 256), {"field.invoice_number.max_length"}, set()),
    ("profile_xero", _HELD, {"feature.retainage.undeclared"}, set()),
    # MRI: a release is ignored, a person enters it.
    ("profile_mri", {}, set(), set()),
    ("profile_mri", {"uses": _BASE | {Feature.RETAINAGE_RELEASE}, **_amounts("10", "0", "5")},
     {"feature.retainage_release.missing"}, set()),
    # Yardi: no invoices of purchase orders; zero is not exported; titles are cut at 30.
    ("profile_yardi", {"uses": _PO}, {"feature.purchase_orders.missing"}, set()),
    ("profile_yardi", _ZERO, {"invoice.zero"}, set()),
    ("profile_yardi", _STORED_1000, set(), {"loss.stored_materials"}),
    ("profile_yardi", _add_fields(commitment_title="T" * 31), set(), {"loss.commitment_title"}),
    ("profile_yardi", _HELD, set(), set()),
    # Acumatica and MYOB: a release is not exported, and alone it is not sent.
    ("profile_acumatica", _ZERO, {"invoice.zero"}, set()),
    ("profile_acumatica", _RELEASING, set(), {"loss.retainage_release"}),
    ("profile_acumatica", _RELEASE_ONLY, {"invoice.release_only"}, {"loss.retainage_release"}),
    ("profile_acumatica", _STORED_1000, set(), {"loss.stored_materials"}),
    ("profile_myob", _RELEASE_ONLY, {"invoice.release_only"}, {"loss.retainage_release"}),
    ("profile_myob", _STORED_1000, set(), {"loss.stored_materials"}),
    # CMiC: zero is not exported; an invoice that only releases retainage is.
    ("profile_cmic", _ZERO, {"invoice.zero"}, set()),
    ("profile_cmic", _RELEASE_ONLY, set(), set()),
    ("profile_cmic", {"uses": _UNIT}, set(), set()),
    ("profile_cmic", {"uses": _PO}, {"feature.purchase_orders.undeclared"}, set()),
    # Workday: quantity and price are exported; retainage is a line on an item.
    ("profile_workday", {"uses": _UNIT}, set(), set()),
    ("profile_workday", _HELD, set(), set()),
    ("profile_workday", {"uses": _CHANGES}, set(), set()),
    ("profile_workday", _STORED_1000, {_NO_STORED}, set()),
)
# fmt: on


@pytest.mark.parametrize(("key", "changes", "denied", "lost"), ROWS)
def test_expected_reasons_and_losses(
    key: str, changes: dict[str, Any], denied: set[str], lost: set[str]
) -> None:
    """A profile refuses and loses what the published rules of its ERP say."""
    assert (denied, lost) == _find_codes(key, changes)


def test_every_profile_has_expectations() -> None:
    """No profile is left without an expected value from its sources."""
    assert set(PROFILES) == {key for key, *_ in ROWS}


def test_losses_are_shown_in_amounts() -> None:
    """The approver sees how much of it is lost."""
    (loss,) = decide(Action.SEND, _build("profile_vista", _STORED_1000)).notices
    assert (
        'Vista (profile) does not keep "stored materials" apart: 250.00 USD becomes a part of the'
        " gross amount. Check this." == loss.message
    )


def test_denial_says_that_it_is_a_profile() -> None:
    """The denial says what a profile is, and what to do."""
    (denial,) = decide(Action.SEND, _build("profile_xero", {})).denials
    assert (
        "Xero (profile) is only a profile, which describes an ERP and has no adapter that can write"
        " to it. Name a connection whose adapter writes." == denial.message
    )
    assert ["connection.name", "integration.install"] == [
        remedy.code for (remedy,) in denial.remedies
    ]


_PUT_THROUGH = (Action.SEND, Action.RESEND, Action.ACCEPT, Action.START)


@given(data=st.data(), key=st.sampled_from(PROFILES), action=st.sampled_from(_PUT_THROUGH))
def test_no_profile_lets_an_invoice_through(data: st.DataObject, key: str, action: Action) -> None:
    """No case that another ERP takes is taken by a profile, up to the first write."""
    case = data.draw(allowed_cases(action))
    assert decide(action, case).allowed
    verdict = decide(action, attrs.evolve(case, erp=load_profile(key)))
    assert not verdict.allowed
    assert PROFILE in {denial.code for denial in verdict.denials}


@given(key=st.text(max_size=30))
def test_other_keys_are_no_profiles(key: str) -> None:
    """A key of no profile is refused with the keys that there are."""
    if is_profile(key):
        return
    with pytest.raises(UnknownAdapter, match="Profiles: profile_sage_300_cre, "):
        load_profile(key)
    with pytest.raises(UnknownAdapter):
        get_facts(key)
    with pytest.raises(UnknownAdapter):
        ProfilePlugin(key)


@pytest.mark.parametrize("key", PROFILES)
def test_profile_loads_as_an_adapter(key: str) -> None:
    """The plugin of a profile is an adapter, which writes nothing and reads nothing."""
    adapters = Adapters(ProfilePlugin(key))
    assert () == adapters.problems
    adapter = adapters[key]
    assert adapter.declaration is load_profile(key)
    assert adapter.name.endswith("(profile)")

    answer = adapter.write(Session(), sample_request(), Step("bill", "bill", Role.BILL))
    assert isinstance(answer, Refused)
    assert [f"{key}.profile"] == [denial.code for denial in answer.verdict.denials]
    receipt = Receipt(step="bill", erp_id="1", role=Role.BILL)
    assert isinstance(adapter.read(Session(), receipt), CannotTell)


def test_a_profile_can_be_disabled() -> None:
    """A profile is disabled by its key, as any plugin."""
    assert 0 == len(Adapters(ProfilePlugin("profile_xero"), disabled={"profile_xero"}))


def test_profiles_are_loaded_when_first_used() -> None:
    """Neither the package nor its adapters import a profile."""
    program = (
        "import sys, erp_invoice_core, erp_invoice_core.adapters, erp_invoice_core.cli.app\n"
        "erp_invoice_core.Adapters.installed()\n"
        "print([name for name in sys.modules if 'contrib' in name])"
    )
    run = [sys.executable, "-c", program]
    assert "[]\n" == subprocess.run(run, check=True, capture_output=True, text=True).stdout
