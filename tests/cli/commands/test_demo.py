"""The verb ``demo`` ends as described, in a ledger that Beancount accepts."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.cli.commands.demo import list_steps, read_project
from erp_invoice_core.vocabulary import InvoiceStatus

if TYPE_CHECKING:
    from tests.cli.command_run import Erp

ROOT = Path(__file__).parents[3]
BIN = Path(os.environ.get("ERP_TEST_BEANCOUNT", ROOT / ".tools" / "beancount" / "bin"))


def test_every_step_ends_as_described(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step ends as described, in under a minute, in a ledger of the demo's own."""
    monkeypatch.setenv("ERP_BEANCOUNT_PATH", "somebodys.beancount")
    started = time.monotonic()
    run = erp("demo", "--dir", "build/demo", "--json")
    assert (0, True) == (run.status, time.monotonic() - started < 60)
    assert len(list_steps("")) == len(run.document["scenes"])
    assert ["build/demo/erp.db", "build/demo/erp.beancount"] == [
        run.document[name] for name in ("database", "ledger")
    ]
    assert Path("build/demo/erp.db").is_file()
    assert Path("build/demo/erp.beancount").is_file()
    assert not Path("somebodys.beancount").exists()
    assert "somebodys.beancount" == os.environ["ERP_BEANCOUNT_PATH"]


def test_it_says_what_it_does(erp: Erp) -> None:
    """The command of each step is printed before it; lines have at most 80 columns."""
    out = erp("demo", "--dir", "d").out
    assert len(list_steps("d")) == out.count("\n$ erp-invoice ")
    for word in ("status.edit", "person.rejected", "permission.send", "vendor.not_synced"):
        assert word in out
    assert "5014: synced (version 4)" in out
    assert "Liabilities:RetainagePayable:V-CORMORANT  9600.00 USD" in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_a_folder_of_its_own(erp: Erp) -> None:
    """Without a folder the demo makes a new one, and prints its path."""
    folder = Path(erp("demo", "--json").document["directory"])
    assert {"erp.db", "erp.beancount"} <= {path.name for path in folder.iterdir()}


def test_a_folder_that_is_not_empty(erp: Erp) -> None:
    """A folder with files in it is not used."""
    Path("full").mkdir()
    Path("full/erp.db").write_text("mine", encoding="utf-8")
    run = erp("demo", "--dir", "full", "--json")
    assert (2, ["usage.invalid"]) == (run.status, run.codes)
    assert "mine" == Path("full/erp.db").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be(erp: Erp) -> None:
    """A folder below a file cannot be made."""
    Path("file").touch()
    run = erp("demo", "--dir", "file/demo", "--json")
    assert (2, ["usage.invalid"]) == (run.status, run.codes)


@pytest.mark.skipif(not (BIN / "bean-check").exists(), reason="bean-check is not installed there")
def test_beancount_accepts_the_ledger(erp: Erp) -> None:
    """Beancount's own check accepts the ledger of the demo."""
    assert 0 == erp("demo", "--dir", "d").status
    check = subprocess.run(
        [BIN / "bean-check", "d/erp.beancount"], capture_output=True, text=True, check=False
    )
    assert (0, "", "") == (check.returncode, check.stdout, check.stderr)


def test_the_bundled_project_has_everything(erp: Erp) -> None:
    """The project has what a demo needs, and its columns agree: there are no other notices."""
    project = read_project()
    requisitions = project["requisitions"]
    assert {status.value for status in InvoiceStatus} == {each["status"] for each in requisitions}
    kinds = {(each["type"], each["accounting_method"]) for each in project["commitments"]}
    assert 4 == len(kinds)
    items = [item for each in requisitions for item in each["items"]]
    assert {"contract_item", "change_order_item"} <= {item["item_type"] for item in items}
    erp("demo", "--dir", "d")
    for each in requisitions:
        assert [] == erp("summary", each["id"], "--db", "d/erp.db", "--json").document["notices"]


def test_the_repository_shows_the_bundled_file() -> None:
    """The example of the repository is a link to the bundled file, not a copy."""
    example = ROOT / "examples" / "harbor-point.json"
    bundled_file = ROOT / "src" / "erp_invoice_core" / "examples" / "harbor-point.json"
    assert (True, True) == (example.is_symlink(), example.samefile(bundled_file))
