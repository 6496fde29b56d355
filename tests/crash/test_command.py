"""The command, killed at random moments, finishes when it is run again."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from erp_invoice_core import SqliteStore
from erp_invoice_core.cli.commands.demo import read_project
from erp_invoice_core.stores import verify
from tests.time_limit import TIME_LIMIT

ROOT = Path(__file__).parents[2]
BIN = Path(os.environ.get("ERP_TEST_BEANCOUNT", ROOT / ".tools" / "beancount" / "bin"))
SENT = ("5001", "5002", "5003", "5004", "5006", "5007", "5013", "5014")
SEEDS = 12


def process(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the command in a folder, as a program of its own."""
    names = [name for name in os.environ if not name.startswith("ERP_")]
    return subprocess.Popen(
        [sys.executable, "-m", "erp_invoice_core.cli", *arguments],
        cwd=folder,
        env={**{name: os.environ[name] for name in names}, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder: Path, *arguments: str) -> Any:  # noqa: ANN401 - whatever JSON it prints
    """Run the command to its end and return its one JSON document."""
    out, err = process(folder, *arguments, "--json").communicate(timeout=TIME_LIMIT)
    assert out, err
    return json.loads(out)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which invoices were accepted, and none exported."""
    folder = tmp_path_factory.mktemp("command")
    (folder / "given.json").write_text(json.dumps(read_project()), encoding="utf-8")
    assert [] == run(folder, "load", "given.json")["problems"]
    for verb, person in (("send", "pm"), ("accept", "ap")):
        done = run(folder, verb, *SENT, "--as", person)["results"]
        assert [True] * len(SENT) == [result["allowed"] for result in done]
    return folder


def kill_after(folder: Path, seconds: float) -> bool:
    """Kill a working command after some seconds; return whether it still ran."""
    running = process(folder, "work", "--until-idle", "--lease", "1")
    time.sleep(seconds)
    running.kill()
    running.communicate(timeout=TIME_LIMIT)
    return -signal.SIGKILL == running.returncode


def kill_at_work(template: Path, folder: Path, seconds: float) -> None:
    """Kill the command once; if it had finished before, begin again, and kill it sooner."""
    shutil.copytree(template, folder)
    while not kill_after(folder, seconds):
        shutil.rmtree(folder)
        shutil.copytree(template, folder)
        seconds *= 0.8


def outcome(template: Path, folder: Path, seconds: float) -> list[Any]:
    """Kill the command once and run it again; return the documents."""
    kill_at_work(template, folder, seconds)
    again = process(folder, "work", "--until-idle")
    out, err = again.communicate(timeout=TIME_LIMIT)
    ledger = (folder / "erp.beancount").read_text(encoding="utf-8")
    booked = Counter(re.findall(r'^  requisition_id: "(.*)"$', ledger, re.MULTILINE))
    if (BIN / "bean-check").exists():
        subprocess.run([BIN / "bean-check", "--no-cache", folder / "erp.beancount"], check=True)
    with closing(SqliteStore(folder / "erp.db")) as store:
        statuses = {entry.status.value for entry in store.entries(SENT)}
        is_whole = verify(store.chains()).ok
    return [(again.returncode, err, bool(out)), booked == Counter(SENT), statuses, is_whole]


def test_the_command_is_killed_and_run_again(template: Path, tmp_path: Path) -> None:
    """After a kill at any moment the next run books the missing invoices, and nothing twice."""
    start = time.monotonic()
    shutil.copytree(template, tmp_path / "whole")
    process(tmp_path / "whole", "work", "--until-idle").communicate(timeout=TIME_LIMIT)
    whole = time.monotonic() - start
    chance = random.Random(20261102)
    moments = [chance.uniform(0.3, 1.0) * whole for _ in range(SEEDS)]

    def try_run(seed: int) -> list[Any]:
        return outcome(template, tmp_path / str(seed), moments[seed])

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(try_run, range(SEEDS)))
    assert [[(0, "", True), True, {"synced"}, True]] * SEEDS == found
