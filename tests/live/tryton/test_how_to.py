"""The how-to page is followed by command alone, with the Tryton that it starts."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import httpx2
import pytest

from erp_invoice_core.adapters import Secret
from erp_invoice_core.adapters.tryton import reasons
from erp_invoice_core.adapters.tryton.client import TrytonClient
from erp_invoice_core.cli import main
from erp_invoice_core.message_template import MessageTemplate
from examples.tryton.server import (
    PROCESS,
    TrytonMissing,
    find_free_port,
    find_running,
    read_plan,
    require_environment,
)
from tests.live.tryton.ledger import TrytonLedger
from tests.time_limit import TIME_LIMIT

# A company in another language, and a process for each command of the page: two minutes.
pytestmark = pytest.mark.soak

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "how-to" / "export-to-tryton.md").read_text("utf-8")
CLONE, PORT = "/path/to/clone", "8000"
_DUE = """
    SELECT bill.reference, line.maturity_date FROM account_move_line AS line
    JOIN account_invoice AS bill ON bill.move = line.move AND bill.account = line.account
    ORDER BY bill.reference
"""


def find_blocks(language: str) -> list[str]:
    """Return the blocks of a language on the page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@attrs.frozen(kw_only=True)
class Reader:
    """
    A person who follows the page, with a home folder and a clone of their own.

    Attributes:
        home: The home folder.
        port: The port of Tryton, in place of that of the page.
    """

    home: Path
    port: int

    @property
    def server(self) -> Path:
        """The folder of Tryton, as the page names it."""
        return self.home / "tryton"

    @property
    def folder(self) -> Path:
        """The folder of the settings."""
        return self.home / "books"

    @property
    def key(self) -> str:
        """The key of the REST interface."""
        return (self.server / "key").read_text(encoding="utf-8").strip()

    @property
    def url(self) -> str:
        """The address of Tryton."""
        return f"http://127.0.0.1:{self.port}"

    def adapt(self, text: str) -> str:
        """Return a block of the page with this clone and this port."""
        return text.replace(CLONE, str(ROOT)).replace(f":{PORT}", f":{self.port}")

    def run(self, *lines: str) -> subprocess.CompletedProcess[str]:
        """Run lines in a shell."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("ERP_")}
        environ |= {"HOME": str(self.home), "PATH": f"{self.home / 'bin'}:{environ['PATH']}"}
        return subprocess.run(
            ["sh", "-ec", self.adapt("".join(lines))],
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader who has started the Tryton of the page, and saved the settings of the page."""
    try:
        require_environment()
    except TrytonMissing as missing:
        pytest.skip(str(missing))
    reader = Reader(home=tmp_path_factory.mktemp("reader"), port=find_free_port())
    reader.folder.mkdir()
    (reader.home / "bin").mkdir()
    for name, arguments in {"erp-invoice": "-m erp_invoice_core.cli", "python3": ""}.items():
        command = reader.home / "bin" / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        command.chmod(0o755)
    (settings,) = find_blocks("toml")
    (reader.folder / "erp.toml").write_text(reader.adapt(settings), encoding="utf-8")
    (start,) = (block for block in find_blocks("sh") if "examples.tryton" in block)
    # The port of the page may be in use on this machine.
    started = reader.run(start.replace("~/tryton", f"--port {reader.port} ~/tryton"))
    assert 0 == started.returncode, started.stdout + started.stderr
    assert reader.url in started.stdout
    assert str(reader.server / "key") in started.stdout
    yield reader
    os.kill(int((reader.server / PROCESS).read_text()), signal.SIGTERM)
    ends = time.monotonic() + TIME_LIMIT
    while find_running(reader.server) is not None and time.monotonic() < ends:
        time.sleep(0.05)


@pytest.fixture(scope="module")
def followed(reader: Reader) -> subprocess.CompletedProcess[str]:
    """The output of the commands of the page, from the key to the reconciliation."""
    shell = find_blocks("sh")
    (first,) = (place for place, block in enumerate(shell) if block.startswith("export "))
    return reader.run(*shell[first:])


def test_the_page_is_followed(reader: Reader, followed: subprocess.CompletedProcess[str]) -> None:
    """The commands of the page put four invoices into the French books, by settings alone."""
    ledger = TrytonLedger(reader.server)

    assert 0 == followed.returncode, followed.stdout + followed.stderr
    assert reader.key not in followed.stdout + followed.stderr
    assert "field.accounting_date.closed" in followed.stdout
    assert "4 invoices, 0 differ, 0 could not be read" in followed.stdout
    assert [("V-CORMORANT", "posted")] == ledger.list_bills("CC-318")
    assert [("V-DOCKSIDE", "posted")] == ledger.list_bills("DMS-70014")
    assert [("V-BAYSIDE", "posted")] == ledger.list_bills("BE-2640")
    assert [("V-CORMORANT", "posted")] == ledger.list_bills("CC-290")
    assert [("CC-318", "2026-11-15"), ("DMS-70014", "2026-10-30")] == [
        (number, str(day))
        for number, day in ledger.query(_DUE)
        if number not in {"BE-2640", "CC-290"}
    ]
    # 103,100 of piles less 10 % retainage, 70,000 of fenders and bollards, 36,187.50 of light
    # poles and cable with 20 % of tax, 96,000 of demolition less 10 % retainage.
    assert {
        "604": "305287.50",
        "44566": "7237.50",
        "40171": "-19910.00",
        "401": "-292615.00",
    } == {code: f"{amount:.2f}" for code, amount in ledger.read_balances().items()}


def enter_bill(reader: Reader, vendor: str, number: str) -> int:
    """Enter the draft of a bill in Tryton, as an accountant who types it; return its id."""
    client = TrytonClient(reader.url, "tryton", Secret(reader.key), 30.0)
    (company,) = client.search("company.company", [], "currency")
    client.set_company(company["id"])
    (party,) = client.search("party.party", [["code", "=", vendor]], "addresses.id")
    (journal,) = client.search("account.journal", [["type", "=", "expense"]], "id")
    (account,) = client.search("account.account", [["code", "=", "401"]], "id")
    values = {
        "type": "in",
        "company": company["id"],
        "journal": journal["id"],
        "party": party["id"],
        "invoice_address": party["addresses"][0]["id"],
        "account": account["id"],
        "currency": company["currency"],
        "reference": number,
    }
    return client.create("account.invoice", values, datetime.now(UTC) + timedelta(minutes=1))


@pytest.fixture
def call(
    reader: Reader,
    followed: subprocess.CompletedProcess[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., str]:
    """Run ``erp-invoice`` with each of these arguments, after the page; return its words."""
    assert 0 == followed.returncode
    monkeypatch.chdir(reader.folder)
    monkeypatch.setenv("ERP_BOOKS_KEY", reader.key)

    def run(*commands: str) -> str:
        for each in commands:
            main([*shlex.split(each), "--settings", "erp.toml"])
        return " ".join("".join(capsys.readouterr()).split())

    return run


def test_an_export_that_stops_goes_on(reader: Reader, call: Callable[..., str]) -> None:
    """A cancelled key, a period that was closed since, and a number that is taken meanwhile."""
    ledger = TrytonLedger(reader.server)
    ledger.change("UPDATE res_user_application SET state = 'cancelled'")
    cancelled = call(
        "send 5001 5002 5003 --as pm --to books", "accept 5002 --as ap", "work --until-idle"
    )
    ledger.change("UPDATE res_user_application SET state = 'validated'")
    accepted = call("accept 5001 5003 --as ap")
    closing = "UPDATE account_period SET state = 'closed' WHERE start_date = '2026-08-01'"
    ledger.change(closing)
    other = enter_bill(reader, "V-ACME", "ACME-1077")
    stopped = call("work --until-idle")
    ledger.change("DELETE FROM account_invoice WHERE id = ?", other)
    retried = call(
        "retry 5001 --as ap --field accounting_date=2026-10-01",
        "retry 5003 --as ap",
        "work --until-idle",
    )

    assert "could not be read: Tryton does not take the key (401)." in cancelled
    assert "erp_periods" not in cancelled
    assert "wait.repair" in cancelled
    assert "Next: " in cancelled
    assert "could not be read" not in accepted
    assert "tryton.period_closed" in stopped
    assert f"on the bills with these ids: {other} (draft)." in stopped
    assert "5001: synced" in retried
    assert "5003: synced" in retried
    for number in ("ACME-1041", "ACME-1077"):
        assert [("V-ACME", "posted")] == ledger.list_bills(number)


def request_status(reader: Reader, key: str) -> int:
    """Return the status with which Tryton answers a question under a key."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.get(f"{reader.url}/tryton/rest/model/party.party", headers=headers).status_code


def test_a_key_is_requested_and_validated(reader: Reader) -> None:
    """The request of the page answers with a key, which is taken once it was validated."""
    (body,) = re.findall(r"`(\{.*?\})`", PAGE)
    (path,) = re.findall(r"`https://tryton.example(/tryton/r/\S+)`", PAGE)
    given = json.loads(body.replace("LOGIN", "invoices"))
    key = httpx2.post(f"{reader.url}{path}", json=given).json()
    ledger = TrytonLedger(reader.server)
    requested = request_status(reader, key)
    ledger.change("UPDATE res_user_application SET state = 'validated' WHERE key = ?", key)
    validated = request_status(reader, key)

    assert (401, 200) == (requested, validated)


def test_the_company_has_the_codes_of_the_page() -> None:
    """The description of the company and the settings agree, so that both can be followed."""
    (text,) = find_blocks("toml")
    page = tomllib.loads(text)["connections"]["books"]
    (name,) = re.findall(r"--company (\S+)", PAGE)
    plan: dict[str, Any] = read_plan(ROOT / name)

    assert {
        "journal": plan["journal"],
        "expense_account": plan["expense_account"][0],
        "retainage_account": plan["retainage_account"][0],
        "job_root": plan["analytic"][0][0],
        "cost_code_root": plan["analytic"][1][0],
        "payment_terms": {"Net 30": plan["payment_terms"][0][0]},
    } == {name: page[name] for name in page if name in {*plan, "job_root", "cost_code_root"}}


def test_the_page_has_every_code() -> None:
    """Each reason of the adapter is explained on the page, and no other one."""
    codes = {each.code for each in vars(reasons).values() if isinstance(each, MessageTemplate)}

    assert codes == set(re.findall(r"`(tryton\.[a-z_]+)`", PAGE))
