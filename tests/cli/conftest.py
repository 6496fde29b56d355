"""The command, run in this process, over databases of the test's own."""

from __future__ import annotations

import copy
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from erp_invoice_core.cli import main
from erp_invoice_core.cli.commands.demo import read_project
from tests.cli.command_run import Erp, Run, write_document

PLUGINS = Path(__file__).parent / "plugins"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, with no settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ERP_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def erp(capsys: pytest.CaptureFixture[str]) -> Erp:
    """Return the command as a function of its arguments."""

    def run(*arguments: str) -> Run:
        capsys.readouterr()
        status = main(arguments)
        captured = capsys.readouterr()
        return Run(status, captured.out, captured.err)

    return run


@pytest.fixture
def project() -> dict[str, Any]:
    """Return the bundled project, which the test then changes."""
    return copy.deepcopy(read_project())


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database into which the bundled project was loaded, to be copied."""
    folder = tmp_path_factory.mktemp("loaded")
    given = folder / "given.json"
    given.write_text(json.dumps(read_project()), encoding="utf-8")
    assert 0 == main(["load", str(given), "--db", str(folder / "erp.db")])
    return folder / "erp.db"


@pytest.fixture
def loaded(erp: Erp, project: dict[str, Any], database: Path) -> Erp:
    """Return the command, with the bundled project loaded into its default database."""
    write_document(project)
    shutil.copy(database, "erp.db")
    return erp


@pytest.fixture
def two_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Install the fake ERP of two steps as a package would be; return the path for its faults."""
    monkeypatch.syspath_prepend(PLUGINS)
    monkeypatch.setenv("ERP_TWO_STEP_FAKE_PATH", str(tmp_path / "fake.json"))
    monkeypatch.setenv("ERP_TWO_STEP_FAKE_FAULTS", str(tmp_path / "faults.json"))
    return tmp_path / "faults.json"
