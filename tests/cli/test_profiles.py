"""Profiles by the command: why-not names what each refuses and loses, and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.contrib.profiles import PROFILES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.command_run import Erp

_PROFILE = "integration.profile"
_NO_AMOUNTS = "feature.amount_based.undeclared"
_NO_STORED = "feature.stored_materials.undeclared"
_NO_RETAINAGE = "feature.retainage.undeclared"
_NOT_SENT = "attachments.not_exported"
_LOST = "loss.stored_materials"

# fmt: off
#: Invoice 5001 bills a subcontract by amount, stores materials, holds retainage and has a file.
_WHY_NOT = {
    "profile_sage_300_cre":        ([_PROFILE], [_NOT_SENT]),
    "profile_sage_100_contractor": ([_NO_AMOUNTS, _NO_STORED, _NO_RETAINAGE, _PROFILE], [_NOT_SENT]),
    "profile_vista":               ([_PROFILE], [_LOST]),
    "profile_spectrum":            (["feature.invoices.undeclared", "feature.subcontracts.undeclared",
                                     _NO_AMOUNTS, _NO_STORED, _NO_RETAINAGE, _PROFILE], [_NOT_SENT]),
    "profile_quickbooks_desktop":  ([_NO_STORED, _PROFILE], [_NOT_SENT]),
    "profile_quickbooks_online":   ([_NO_STORED, _PROFILE], [_NOT_SENT]),
    "profile_intacct":             ([_PROFILE], [_LOST, _NOT_SENT]),
    "profile_netsuite":            ([_NO_STORED, _PROFILE], [_NOT_SENT]),
    "profile_xero":                ([_NO_STORED, _NO_RETAINAGE, _PROFILE], [_NOT_SENT]),
    "profile_mri":                 ([_NO_STORED, _NO_RETAINAGE, _PROFILE], [_NOT_SENT]),
    "profile_yardi":               ([_PROFILE], [_LOST]),
    "profile_acumatica":           ([_PROFILE], [_LOST]),
    "profile_myob":                ([_PROFILE], [_LOST]),
    "profile_cmic":                ([_NO_STORED, _PROFILE], [_NOT_SENT]),
    "profile_workday":             ([_NO_STORED, _PROFILE], [_NOT_SENT]),
}
# fmt: on


def test_every_profile_is_tried() -> None:
    """The table has every profile."""
    assert set(PROFILES) == set(_WHY_NOT)


@pytest.mark.parametrize("key", PROFILES)
def test_why_not(loaded: Erp, key: str) -> None:
    """Each profile is named like a connection, without any set-up."""
    denied, noticed = _WHY_NOT[key]
    run = loaded("why-not", "5001", "--as", "pm", "--to", key, "--json")
    assert (1, denied) == (run.status, run.codes)
    assert noticed == [notice["code"] for notice in run.results["5001"]["notices"]]


def test_send_is_refused(loaded: Erp) -> None:
    """Sending to a profile is refused, recorded, and leaves the invoice free for another ERP."""
    run = loaded("send", "5001", "--as", "pm", "--to", "profile_vista", "--json")
    assert (1, [_PROFILE]) == (run.status, run.codes)
    events = loaded("history", "5001", "--json").document["events"]
    assert [("send", "not_sent")] == [(event["action"], event["after"]) for event in events]
    assert 0 == loaded("send", "5001", "--as", "pm").status


def test_settings_name_a_profile(loaded: Erp, tmp_path: Path) -> None:
    """A connection of the settings file can have a profile as its adapter."""
    settings = tmp_path / "settings.toml"
    settings.write_text('[connections.books]\nadapter = "profile_xero"\n', encoding="utf-8")
    named = ("--settings", str(settings), "--to", "books", "--json")
    assert _PROFILE in loaded("why-not", "5007", "--as", "pm", *named).codes
    assert [_PROFILE] == loaded("send", "5008", "--as", "pm", *named).codes


def test_unknown_profile_is_an_unknown_connection(loaded: Erp) -> None:
    """A misspelt profile is bad input."""
    run = loaded("why-not", "5001", "--as", "pm", "--to", "profile_zero", "--json")
    assert (2, ["connection.unknown"]) == (run.status, run.codes)
