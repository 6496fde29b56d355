"""Asked once to stop, the command finishes its calls; asked twice, it ends at once."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.cli.shutdown import ShutdownRequest
from tests.cli.test_process import COMMAND, environment
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.command_run import Erp

SLOW = Path(__file__).parent / "slow_plugins"
IDS = ("5001", "5004", "5006")


@pytest.fixture
def slow(loaded: Erp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Erp:
    """Return the command, with three invoices accepted for an ERP that waits for a file ``go``."""
    monkeypatch.syspath_prepend(SLOW)
    monkeypatch.setenv("ERP_SLEEPY_PATH", str(tmp_path / "written"))
    monkeypatch.setenv("ERP_SLEEPY_UNTIL", str(tmp_path / "go"))
    assert 0 == loaded("send", *IDS, "--as", "pm", "--to", "sleepy").status
    assert 0 == loaded("accept", *IDS, "--as", "ap").status
    return loaded


def start_working(*arguments: str) -> subprocess.Popen[str]:
    """Start the command ``work``, and wait until the ERP has received a write."""
    running = subprocess.Popen(
        [*COMMAND, "work", *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    ends = time.monotonic() + TIME_LIMIT
    while not Path("written").exists():
        assert time.monotonic() < ends
        assert running.poll() is None
        time.sleep(0.01)
    return running


def ask_to_stop(running: subprocess.Popen[str], number: int) -> str:
    """Ask it to stop; return its answer once it has noticed."""
    running.send_signal(number)
    assert running.stderr is not None
    return running.stderr.readline()


def list_writes() -> list[str]:
    """Return the invoices whose writes the ERP received."""
    return Path("written").read_text(encoding="utf-8").split()


def statuses(erp: Erp) -> dict[str, str]:
    """Return the statuses of the three."""
    listed = erp("list", "--json").document["entries"]
    return {each["id"]: each["status"] for each in listed if each["id"] in IDS}


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_asked_once_it_finishes_the_current_call(slow: Erp, number: int, status: int) -> None:
    """The current call is finished and reported; the others stay accepted, none is in doubt."""
    running = start_working("--until-idle", "--json")
    printed = ask_to_stop(running, number)
    Path("go").touch()
    out, _ = running.communicate(timeout=TIME_LIMIT)

    (first,) = list_writes()
    assert (status, [first]) == (
        running.returncode,
        [each["id"] for each in json.loads(out)["results"]],
    )
    assert "Stopping after the current calls; press Ctrl-C again to end now.\n" == printed
    assert {**dict.fromkeys(IDS, "accepted"), first: "synced"} == statuses(slow)


def test_asked_twice_it_ends_now(slow: Erp) -> None:
    """The second Ctrl-C ends the process during its call; the lease runs out."""
    running = start_working("--until-idle", "--lease", "1")
    ask_to_stop(running, signal.SIGINT)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=TIME_LIMIT)

    assert 130 == running.returncode
    (first,) = list_writes()
    assert {**dict.fromkeys(IDS, "accepted"), first: "exporting"} == statuses(slow)
    Path("go").touch()
    time.sleep(1.0)
    slow("work")
    assert {**dict.fromkeys(IDS, "synced"), first: "unknown"} == statuses(slow)


def test_several_at_once(slow: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a concurrency of three an ERP that waits for three calls at once answers them."""
    monkeypatch.setenv("ERP_SLEEPY_TOGETHER", "3")
    Path("go").touch()
    running = start_working("--until-idle", "--concurrency", "3", "--json")
    out, _ = running.communicate(timeout=TIME_LIMIT)

    assert 0 == running.returncode
    assert list(IDS) == sorted(each["id"] for each in json.loads(out)["results"])
    assert list(IDS) == sorted(list_writes())
    assert dict.fromkeys(IDS, "synced") == statuses(slow)


def test_an_erp_that_does_not_answer_is_reported(
    slow: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries of an ERP that is down stay due, and the answer names the connection."""
    Path("erp.toml").write_text("[connections.sleepy]\npace = { failures = 1 }\n", "utf-8")
    monkeypatch.setenv("ERP_SLEEPY_DOWN", "yes")
    run = slow("work", "--until-idle", "--settings", "erp.toml", "--json")
    assert (0, ["sleepy"], 1) == (run.status, run.document["unreachable"], len(run.results))

    printed = slow("work", "--settings", "erp.toml").out
    assert (
        "sleepy does not answer. Its entries stay due; run work again once it answers." in printed
    )
    assert dict.fromkeys(IDS, "accepted") == statuses(slow)


@pytest.mark.parametrize("pace", ["pace = 3", "pace = { speed = 3 }", "pace = { failures = 0 }"])
def test_a_bad_limit_is_bad_input(slow: Erp, pace: str) -> None:
    """An impossible limit is reported before any work."""
    Path("erp.toml").write_text(f"[connections.sleepy]\n{pace}\n", encoding="utf-8")
    run = slow("work", "--settings", "erp.toml", "--json")
    assert 2 == run.status
    assert run.document["problems"][0]["path"].startswith("connections.sleepy.pace")


@pytest.mark.parametrize(
    "words", [("--concurrency", "2"), ("--until-idle",)], ids=["concurrency", "until idle"]
)
def test_a_limit_stands_alone(loaded: Erp, words: tuple[str, ...]) -> None:
    """A limit counts entries one after the other, so it excludes a concurrency."""
    run = loaded("work", "--limit", "1", *words, "--json")
    assert (2, ["usage.invalid"]) == (run.status, run.codes)


class Interrupted(threading.Event):
    """An event during whose ``set`` the next signal comes, before it is set."""

    def __init__(self, again: Callable[[], None]) -> None:
        super().__init__()
        self.again = again

    def set(self) -> None:
        """Be interrupted."""
        self.again()


def test_the_second_may_come_while_the_first_is_being_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two signals in one moment are two: the process ends, and does not wait for itself."""
    ended: list[int] = []
    monkeypatch.setattr("os._exit", ended.append)
    stop = ShutdownRequest()
    stop.event = Interrupted(lambda: stop.ask(signal.SIGINT, None) if not ended else None)
    stop.ask(signal.SIGTERM, None)
    assert [130] == ended
