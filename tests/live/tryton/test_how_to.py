"""The how-to page is followed by command alone, in a company that has the codes of the page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core.adapters.tryton import reasons
from erp_invoice_core.message_template import MessageTemplate
from examples.tryton.server import TrytonMissing, TrytonServer, prepare, read_plan
from tests.live.tryton.ledger import TrytonLedger

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "how-to" / "export-to-tryton.md").read_text("utf-8")
_DUE = """
    SELECT bill.reference, line.maturity_date FROM account_move_line AS line
    JOIN account_invoice AS bill ON bill.move = line.move AND bill.account = line.account
    ORDER BY bill.reference
"""
ADDRESS = "https://tryton.example"


def find_blocks(language: str) -> list[str]:
    """Return the blocks of a language on the page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@attrs.frozen
class FrenchCompany:
    """A company with the French chart and the codes of the page, and its running Tryton."""

    server: TrytonServer
    folder: Path


def build_plan() -> dict[str, Any]:
    """Return the plan of a company whose codes are those of the page."""
    (text,) = find_blocks("toml")
    page = tomllib.loads(text)["connections"]["books"]
    plan = read_plan()
    (_, _, jobs), (_, _, codes) = plan["analytic"]
    return {
        **plan,
        "company": "Port de Brest Construction",
        "chart": "fr",
        "groups": ["Accounting"],
        "journal": page["journal"],
        "expense_account": [page["expense_account"], "Achats de sous-traitance"],
        "payable_account": ["401", "Fournisseurs"],
        "retainage_account": [page["retainage_account"], "Retenues de garantie"],
        "tax_account": ["44566", "TVA sur autres biens et services"],
        "payment_terms": [[page["payment_terms"]["Net 30"], [{"days": 30}]]],
        "vendor_terms": {},
        "taxes": [{"name": "TVA 20 %", "rate": "0.20"}],
        "analytic": [
            [page["job_root"], "Chantiers", jobs],
            [page["cost_code_root"], "Lots", codes],
        ],
    }


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrenchCompany]:
    """A Tryton that was set up with other codes and names than those of the other tests."""
    folder = tmp_path_factory.mktemp("french")
    try:
        prepared = prepare(build_plan())
    except TrytonMissing as missing:
        pytest.skip(str(missing))
    with TrytonServer(prepared, folder / "server") as server:
        yield FrenchCompany(server, folder)


def test_the_page_is_followed(company: FrenchCompany) -> None:
    """The commands of the page put three invoices into the French books, by settings alone."""
    folder, server = company.folder, company.server
    (settings,) = find_blocks("toml")
    (folder / "erp.toml").write_text(settings.replace(ADDRESS, server.url), encoding="utf-8")
    shutil.copy(ROOT / "examples" / "harbor-point.json", folder)
    command = folder / "bin" / "erp-invoice"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m erp_invoice_core.cli "$@"\n')
    command.chmod(0o755)
    install, *steps = find_blocks("sh")
    variable = re.findall(r"export (\w+)=", install)[0]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ERP_")}
    environ |= {variable: server.key, "PATH": f"{command.parent}:{environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-ec", "".join(steps)],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    ledger = TrytonLedger(server)

    assert 0 == done.returncode, done.stdout + done.stderr
    assert server.key not in done.stdout + done.stderr
    assert "3 invoices, 0 differ, 0 could not be read" in done.stdout
    assert [("V-CORMORANT", "posted")] == ledger.list_bills("CC-318")
    assert [("V-DOCKSIDE", "posted")] == ledger.list_bills("DMS-70014")
    assert [("V-BAYSIDE", "posted")] == ledger.list_bills("BE-2640")
    assert [("CC-318", "2026-11-15"), ("DMS-70014", "2026-10-30")] == [
        (number, str(day)) for number, day in ledger.query(_DUE) if number != "BE-2640"
    ]
    # 103,100 of piles less 10 % retainage, 70,000 of fenders and bollards, 36,187.50 of light
    # poles and cable with 20 % of tax.
    assert {
        "604": "209287.50",
        "44566": "7237.50",
        "40171": "-10310.00",
        "401": "-206215.00",
    } == {code: f"{amount:.2f}" for code, amount in ledger.read_balances().items()}


def test_the_page_has_every_code() -> None:
    """Each reason of the adapter is explained on the page, and no other one."""
    codes = {each.code for each in vars(reasons).values() if isinstance(each, MessageTemplate)}

    assert codes == set(re.findall(r"`(tryton\.[a-z_]+)`", PAGE))
