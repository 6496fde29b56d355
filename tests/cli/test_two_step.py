"""A refused second step leaves a draft behind; the command alone withdraws or posts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from erp_invoice_core.cli.commands.demo import make_correction, read_project
from erp_invoice_core.testing import FakeLedger
from tests.cli.command_run import Erp, Run
from tests.time_limit import TIME_LIMIT

ROOT = Path(__file__).parents[2]
PLUGINS = Path(__file__).parent / "plugins"
SETTINGS = """
[connections.sandbox]
adapter = "two_step_fake"
path = "sandbox.json"
faults = "faults.json"
"""
#: Invoice 5007, no retainage: fenders of 30,000, then corrected to 24,000, and bollards of 16,500.
FIRST, CORRECTED = "46500.00", "40500.00"
BEFORE = ("--settings", "settings.toml")
SEEN = ("--evidence", "Seen on the screen of the sandbox.")

Command: TypeAlias = Callable[..., Run]


@pytest.fixture
def apart(tmp_path: Path) -> Command:
    """Return the command as a program of its own, with a loaded project and the fake ERP."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ERP_")}
    environ["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(PLUGINS)))
    (tmp_path / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "given.json").write_text(json.dumps(read_project()), encoding="utf-8")
    (tmp_path / "corrected.json").write_text(
        json.dumps(make_correction(read_project())), encoding="utf-8"
    )

    def run(*arguments: str) -> Run:
        done = subprocess.run(
            [sys.executable, "-m", "erp_invoice_core.cli", *BEFORE, *arguments],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    assert 0 == run("load", "given.json").status
    return run


@pytest.fixture
def command(apart: Command, erp: Erp, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return the same command, run in this process once the project is loaded."""
    del apart
    monkeypatch.syspath_prepend(PLUGINS)
    return lambda *arguments: erp(*BEFORE, *arguments)


@pytest.fixture
def bills(tmp_path: Path) -> Callable[[], list[tuple[str, str]]]:
    """Return amount and state of every bill that exists in the fake ERP."""

    def read() -> list[tuple[str, str]]:
        return [
            (bill.amount, bill.state) for bill in FakeLedger(tmp_path / "sandbox.json").list_bills()
        ]

    return read


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., None]:
    """Return a function that writes a plan of faults: pairs of request and fault."""

    def lay(*faults: tuple[str, str]) -> None:
        text = json.dumps([{"on": on, "do": do} for on, do in faults])
        (tmp_path / "faults.json").write_text(text, encoding="utf-8")

    return lay


def accept(command: Command) -> None:
    """Have 5007 sent to the fake ERP and accepted."""
    assert 0 == command("send", "5007", "--as", "pm", "--to", "sandbox").status
    assert 0 == command("accept", "5007", "--as", "ap").status


def state(run: Run) -> tuple[int, str]:
    """Return the exit status, and the status of 5007 in the one document."""
    return (run.status, run.results["5007"]["status"])


def show(command: Command) -> Any:  # noqa: ANN401 - the document of show
    """Return the document of ``show`` for 5007."""
    return command("show", "5007", "--json").document


def version(command: Command) -> str:
    """Return the version of 5007."""
    return str(show(command)["version"])


def test_a_draft_left_behind(
    command: Command,
    plan: Callable[..., None],
    bills: Callable[[], list[tuple[str, str]]],
) -> None:
    """Locked until it is withdrawn; the next export books the new amount, and one document."""
    accept(command)
    plan(("post", "refuse"))
    worked = command("work", "--until-idle", "--json")
    assert ((1, "failed"), ["two_step_fake.period_closed"]) == (state(worked), worked.codes)
    assert [(FIRST, "draft")] == bills()

    # Neither edited, nor deleted, nor sent back: the old amounts are in the ERP.
    loading = command("load", "corrected.json", "--json")
    assert (1, True) == (loading.status, "export.draft_left" in loading.codes)
    for action, person in (
        ("edit", "pm"),
        ("delete", "pm"),
        ("change-status", "pm"),
        ("resend", "pm"),
        ("reject", "ap"),
    ):
        asked = command("why-not", "5007", "--action", action, "--as", person, "--json")
        assert (action, 1, True) == (action, asked.status, "export.draft_left" in asked.codes)
    refused = command("reject", "5007", "--as", "ap", "--reason", "Correct it.", "--json")
    assert ((1, "failed"), ["export.draft_left"]) == (state(refused), refused.codes)

    asked = command("withdraw", "5007", "--as", "ap", "--json")
    assert (0, "failed") == state(asked)
    waiting = command("retry", "5007", "--as", "ap", "--json")
    assert (1, ["export.withdrawing"]) == (waiting.status, waiting.codes)
    assert "worker" == show(command)["waits_for"]
    withdrawing = command("work", "--until-idle", "--json")
    assert "failed" == state(withdrawing)[1]
    assert [] == bills()

    assert 0 == command("reject", "5007", "--as", "ap", "--reason", "Correct it.").status
    assert 0 == command("load", "corrected.json").status
    assert 0 == command("resend", "5007", "--as", "pm").status
    assert 0 == command("accept", "5007", "--as", "ap").status
    assert (0, "synced") == state(command("work", "--until-idle", "--json"))
    assert [(CORRECTED, "posted")] == bills()
    assert 0 == command("verify").status


def test_a_draft_that_is_posted_by_a_retry(
    command: Command,
    plan: Callable[..., None],
    bills: Callable[[], list[tuple[str, str]]],
) -> None:
    """After the period was opened, a retry posts the same draft: no second document."""
    accept(command)
    plan(("post", "refuse"))
    assert 1 == command("work").status
    assert 0 == command("retry", "5007", "--as", "ap").status
    assert (0, "synced") == state(command("work", "--until-idle", "--json"))
    assert [(FIRST, "posted")] == bills()


def test_a_withdrawal_without_an_answer(
    command: Command,
    plan: Callable[..., None],
    bills: Callable[[], list[tuple[str, str]]],
) -> None:
    """A removal without an answer is read back; until then no person can continue."""
    accept(command)
    plan(("post", "refuse"), ("withdraw", "lose"))
    assert 1 == command("work").status
    assert 0 == command("withdraw", "5007", "--as", "ap").status
    assert (1, "failed") == state(command("work", "--lease", "2", "--json"))
    assert [] == bills()
    doubt = command("reject", "5007", "--as", "ap", "--reason", "Correct it.", "--json")
    assert (1, True) == (doubt.status, "export.in_doubt" in doubt.codes)

    time.sleep(3.2)
    assert "failed" == state(command("work", "--until-idle", "--json"))[1]
    assert 0 == command("reject", "5007", "--as", "ap", "--reason", "Correct it.").status


def test_a_withdrawal_by_hand(command: Command, plan: Callable[..., None], tmp_path: Path) -> None:
    """A document that a person removed in the ERP needs evidence, and no worker."""
    accept(command)
    plan(("post", "refuse"))
    assert 1 == command("work").status
    FakeLedger(tmp_path / "sandbox.json").remove_all()

    gone = command("withdraw", "5007", "--as", "ap", *SEEN, "--json")
    assert (0, "failed") == state(gone)
    history = command("history", "5007", "--json").document["events"]
    assert ("withdraw", "ap") == (history[-1]["action"], history[-1]["actor"])
    assert 0 == command("reject", "5007", "--as", "ap", "--reason", "Correct it.").status


def test_a_killed_worker_leaves_doubt_that_a_look_up_ends(
    apart: Command,
    plan: Callable[..., None],
    bills: Callable[[], list[tuple[str, str]]],
) -> None:
    """A worker that died during its call leaves an unknown invoice; the next finds the document."""
    accept(apart)
    plan(("create", "die_after"))
    assert -9 == apart("work", "--lease", "3").status
    assert "exporting" == show(apart)["status"]
    # It waits for the lease, not for the second after which absence counts: that may be over.
    found = state(apart("work", "--until-idle", "--json"))
    if found != (0, "synced"):
        assert (1, "unknown") == found
        time.sleep(1.2)
        assert (0, "synced") == state(apart("work", "--until-idle", "--json"))
    assert [(FIRST, "posted")] == bills()
    assert 0 == apart("verify").status


def test_a_call_may_outlast_its_lease(
    apart: Command, bills: Callable[[], list[tuple[str, str]]], tmp_path: Path
) -> None:
    """A worker whose call takes longer keeps its lease: another one finds nothing to do."""
    accept(apart)
    slow = [{"on": "create", "do": "hang", "seconds": 7.0}]
    (tmp_path / "faults.json").write_text(json.dumps(slow), encoding="utf-8")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(apart, "work", "--lease", "3", "--json")
        while "accepted" == show(apart)["status"]:
            assert not first.done()
        second = apart("work", "--json")
        assert (0, "synced") == state(first.result())

    assert (0, {}) == (second.status, second.results)
    events = apart("history", "5007", "--json").document["events"]
    assert not {"lose", "release"} & {event["action"] for event in events}
    assert [(FIRST, "posted")] == bills()
    assert 0 == apart("verify").status


def test_a_resolution_of_a_posting(
    command: Command, plan: Callable[..., None], bills: Callable[[], list[tuple[str, str]]]
) -> None:
    """The draft exists and its posting is in doubt: a person says which step did not happen."""
    accept(command)
    plan(("post", "drop"))
    assert (1, "unknown") == state(command("work", "--lease", "2", "--json"))
    assert ["post"] == show(command)["in_doubt"]
    time.sleep(3.2)

    words = ("rule", "5007", "--step-absent", "post", "--as", "controller", *SEEN)
    blind = command(*words, "--json")
    assert (1, ["entry.changed"]) == (blind.status, blind.codes)
    ruled = command(*words, "--expect", version(command), "--json")
    assert (0, "accepted") == state(ruled)
    assert (0, "synced") == state(command("work", "--until-idle", "--json"))
    assert [(FIRST, "posted")] == bills()


def test_the_settings_name_the_connection(command: Command) -> None:
    """The installed fake ERP is found by its entry point, under the connection's own name."""
    listed = command("adapters", "--json").document
    found = {each["key"]: each for each in listed["adapters"]}
    assert "sandbox" in found["two_step_fake"]["connections"]
    unknown = command("send", "5007", "--as", "pm", "--to", "elsewhere", "--json")
    assert (2, ["connection.unknown"]) == (unknown.status, unknown.codes)
