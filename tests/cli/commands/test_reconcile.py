"""The verb ``reconcile`` ties synced invoices out against the ERP."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.documents import QueueEntry
from erp_invoice_core.testing import FakeLedger

if TYPE_CHECKING:
    from tests.cli.command_run import Erp

NAMES = ("billed", "retained", "released", "due", "tax", "paid", "open_retainage")
#: The amounts of invoices 5002 and 5003 together, by hand: 220,000 and 193,500 billed, 22,000 and
#: 19,350 retained, 14,000 released.
STEEL = ("413500.00", "41350.00", "14000.00", "386150.00", "0.00", "0.00", "27350.00")


@pytest.fixture
def synced(loaded: Erp, two_step: Path) -> Erp:
    """Return the command with two invoices of a commitment in the fake ERP."""
    del two_step
    assert 0 == loaded("send", "5002", "5003", "--to", "two_step_fake", "--as", "pm").status
    assert 0 == loaded("accept", "5002", "5003", "--as", "ap").status
    assert 0 == loaded("work", "--until-idle").status
    return loaded


def _ledger() -> FakeLedger:
    return FakeLedger(Path("fake.json"))


def _reconcile(erp: Erp, *more: str) -> tuple[int, str]:
    run = erp("reconcile", "--as", "ap", "--connection", "two_step_fake", *more)
    return run.status, run.out


def test_all_is_as_it_was_exported(synced: Erp) -> None:
    """Both sides have the same totals, and the verb ends with 0."""
    status, out = _reconcile(synced, "--json")
    document = json.loads(out)
    (row,) = document["commitments"]

    assert (0, True, []) == (status, document["ok"], document["denials"])
    assert ("SC-001", "Acme Steel", "USD", 2, 0, 0) == tuple(
        row[name]
        for name in (
            "commitment_number",
            "vendor_name",
            "currency",
            "invoices",
            "differing",
            "unread",
        )
    )
    for side, expected in (("ours", STEEL), ("in_erp", STEEL), ("difference", ("0.00",) * 7)):
        assert dict(zip(NAMES, expected, strict=True)) == row[side]
    assert [("5002", "there", "posted", "open", []), ("5003", "there", "posted", "open", [])] == [
        (each["id"], each["presence"], each["state"], each["paid"], each["payments"])
        for each in document["invoices"]
    ]
    assert out == _reconcile(synced, "--format", "json")[1]


def test_differences_are_shown_in_amounts(synced: Erp) -> None:
    """A changed amount and a payment are in the totals, and the invoice says what differs."""
    _ledger().change("BILL-2", amount="188000.00", gross="193350.00")
    _ledger().pay("BILL-1", Decimal(10000), date(2026, 11, 20), reference="CHK-1")

    status, out = _reconcile(synced)
    again = _reconcile(synced)

    assert 1 == status
    assert (status, out) == again
    for line in (
        "Commitment SC-001, Acme Steel (two_step_fake, USD)",
        "Billed          413,500.00  413,350.00     -150.00",
        "Due             386,150.00  386,000.00     -150.00",
        "Paid                  0.00   10,000.00   10,000.00",
        "Open retainage   27,350.00   27,350.00        0.00",
        "5002  ACME-1058  BILL-1    there       posted  part paid    10,000.00",
        "2 invoices, 1 differ, 0 could not be read",
    ):
        assert line in out
    assert "erp.drift (notice)" in out
    history = synced("history", "5002").out
    assert 1 == history.count("reconcile: stays synced")
    assert "(2026-11-20, CHK-1, check)" in history


def test_csv_of_commitments(synced: Erp) -> None:
    """A row per commitment and vendor, with each amount on both sides and their difference."""
    _, out = _reconcile(synced, "--format", "csv")
    headings, row = csv.reader(io.StringIO(out, newline=""))
    cells = dict(zip(headings, row, strict=True))

    assert 9 + 3 * 7 == len(headings)
    assert "two_step_fake 100 SC-001 7 Acme Steel USD 2 0 0" == " ".join(row[:9])
    assert STEEL == tuple(cells[f"{name}_ours"] for name in NAMES)
    assert STEEL == tuple(cells[f"{name}_in_erp"] for name in NAMES)
    assert {"0.00"} == {cells[f"{name}_difference"] for name in NAMES}


def test_csv_of_invoices(synced: Erp) -> None:
    """A row per invoice, with its payments and its remarks; no text of the ERP is a formula."""
    _ledger().pay("BILL-1", Decimal(10000), date(2026, 11, 20), reference="CHK-1")
    _ledger().pay("BILL-1", Decimal(5000), date(2026, 11, 21), reference="CHK-2")
    _ledger().void("BILL-2")

    _, out = _reconcile(synced, "--format", "csv", "--rows", "invoices")
    headings, *rows = csv.reader(io.StringIO(out, newline=""))
    first, second = (dict(zip(headings, row, strict=True)) for row in rows)

    assert (
        "10000.00 USD (2026-11-20, CHK-1, check); 5000.00 USD (2026-11-21, CHK-2, check)"
        == first["payments"]
    )
    assert ("15000.00", "part_paid", "") == (first["paid_in_erp"], first["paid"], first["remarks"])
    assert ("gone", "-188150.00") == (second["presence"], second["due_difference"])
    assert second["remarks"].startswith("Document BILL-2 is not in Two-step fake ERP any more.")


def test_unread_document_is_reported(synced: Erp) -> None:
    """It has no amounts in the ERP, and the total is not known; the others are compared."""
    _ledger().inject("read", "refuse")

    status, out = _reconcile(synced)

    assert 1 == status
    assert "Billed          413,500.00           -           -" in out
    assert "  could not be read: Two-step fake ERP, erp_read: ConnectionRefusedError:" in out
    assert "2 invoices, 0 differ, 1 could not be read" in out
    _ledger().inject("read", "refuse")
    _, table = _reconcile(synced, "--format", "csv", "--rows", "invoices")
    assert "Could not be read: Two-step fake ERP" in table


def test_named_invoices(synced: Erp) -> None:
    """Only the named ones are read; one that is not synced is denied."""
    run = synced("reconcile", "5003", "5004", "--as", "ap", "--json")
    first, second = run.document["invoices"]

    assert (1, True, False) == (run.status, first["allowed"], second["allowed"])
    assert ["status.reconcile"] == [denial["code"] for denial in second["denials"]]
    assert 1 == run.document["commitments"][0]["invoices"]
    text = synced("reconcile", "5004", "--as", "ap")
    assert "status.reconcile (status)" in text.out
    table = synced("reconcile", "5004", "--as", "ap", "--format", "csv", "--rows", "invoices")
    assert "This invoice is not sent to the ERP tool." in table.out


def test_number_of_the_erp_is_shown_beside_that_of_the_source(
    synced: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table, the CSV file and ``show`` have the number that was exported if it is another."""
    monkeypatch.setattr(QueueEntry, "other_number", property(lambda _entry: "R-1"))
    _, table = _reconcile(synced)
    _, rows = _reconcile(synced, "--format", "csv", "--rows", "invoices")

    assert "ACME-1058 (R-1)" in table
    assert ["R-1", "R-1"] == [
        row["erp_number"] for row in csv.DictReader(io.StringIO(rows, newline=""))
    ]
    assert "R-1" == synced("show", "5002", "--json").document["erp_number"]


def test_imported_invoice_counts_on_our_side(synced: Erp) -> None:
    """An invoice of another integration cannot be read here, and is named."""
    run = synced("reconcile", "--as", "ap", "--json")
    row = next(each for each in run.document["invoices"] if each["id"] == "5000")

    assert (1, "SC-004", "58900.00", None) == (
        run.status,
        row["commitment_number"],
        row["ours"]["due"],
        row["in_erp"]["due"],
    )
    assert (
        "Another integration exported this invoice, and connection imported has no adapter here."
        " Compare it in the ERP by hand." == row["unread"]
    )
    alone = synced("reconcile", "--as", "ap", "--connection", "imported", "--json").document
    assert [row["id"]] == [each["id"] for each in alone["invoices"]]
    assert not alone["ok"]


def test_uninstalled_adapter_is_reported(synced: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each invoice of its connection says that it was not read, and what to do."""
    monkeypatch.setattr("sys.path", [each for each in sys.path if "plugins" not in each])
    run = synced("reconcile", "5002", "5003", "--as", "ap", "--json")
    assert 1 == run.status
    assert [
        (
            "Connection two_step_fake is not configured here, or its adapter is not installed."
            " Configure or install it, then reconcile again."
        )
    ] * 2 == [row["unread"] for row in run.document["invoices"]]
    assert "2 could not be read" in synced("reconcile", "5002", "5003", "--as", "ap").out


def test_person_without_access_learns_nothing(synced: Erp) -> None:
    """A person with no level gets the one reason, and a project manager that of the permission."""
    run = synced("reconcile", "--as", "guest", "--json")

    assert (1, [], []) == (run.status, run.document["invoices"], run.document["commitments"])
    assert ["permission.none"] == [denial["code"] for denial in run.document["denials"]]
    assert "permission.none (permission)" in synced("reconcile", "--as", "guest").out
    assert "permission.reconcile (permission)" in synced("reconcile", "--as", "pm").out


def test_bad_usage(synced: Erp) -> None:
    """Ids with a connection, an unknown connection, person or invoice are bad input."""
    for arguments in (
        ("5002", "--connection", "two_step_fake", "--as", "ap"),
        ("--connection", "nowhere", "--as", "ap"),
        ("--as", "nobody"),
        (),
        ("9999", "--as", "ap"),
        ("--format", "pdf", "--as", "ap"),
    ):
        assert 2 == synced("reconcile", *arguments).status
