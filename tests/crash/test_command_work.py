"""``erp-invoice work``: several at once, and Ctrl-C once and twice."""

from __future__ import annotations

import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.testing.fake_erp import ErpProcess, RequestFault, Row
from tests.crash.command import SENT, CommandRunner, finish
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

INTERRUPTED = 130
WORK = ("work", "--until-idle")
LEASE = 2.0


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[CommandRunner]:
    """
    Have invoices accepted for an ERP that also carries out requests after their deadline.

    So a slow machine does not change the result.
    """
    with ErpProcess(Row.BOUNDLESS) as fake:
        ready = CommandRunner(tmp_path, Row.SETTLING, fake)
        ready.install()
        ready.accept()
        yield ready


def hold_answers(runner: CommandRunner, count: int) -> None:
    """Have the ERP make the next bills, without an answer yet."""
    for _ in range(count):
        runner.fake.plan("create", RequestFault.HOLD_ANSWER)


def count_interruptions(running: subprocess.Popen[str]) -> None:
    """Press Ctrl-C, and wait until the command has noticed it."""
    running.send_signal(signal.SIGINT)
    assert running.stderr is not None
    assert running.stderr.readline().startswith("Stopping after the current calls")


def until(is_so: Callable[[], bool], running: subprocess.Popen[str]) -> None:
    """Wait for an effect of the running command."""
    ends = time.monotonic() + TIME_LIMIT
    while not is_so():
        assert running.poll() is None
        assert time.monotonic() < ends
        time.sleep(0.02)


def count_bills(runner: CommandRunner) -> Counter[str]:
    """Return how often each invoice is in the ERP."""
    return Counter(bill.invoice_id or "" for bill in runner.fake.report().bills)


def test_several_at_once(runner: CommandRunner) -> None:
    """Two commands, each with three calls at once, book each invoice once between them."""
    hold_answers(runner, 4)  # more than one of them can process at once
    both = [runner.begin(*WORK, "--concurrency", "3") for _ in range(2)]
    until(lambda: runner.fake.report().count("create") >= 4, both[0])
    runner.fake.release()
    assert [(0, ""), (0, "")] == [(status, err) for status, _, err in map(finish, both)]
    assert dict.fromkeys(SENT, "synced") == runner.statuses()
    assert Counter(SENT) == count_bills(runner)
    callers = {each.caller for each in runner.fake.report().requests if each.kind == "create"}
    assert {str(each.pid) for each in both} == callers


def test_ctrl_c_once(runner: CommandRunner) -> None:
    """Asked once, the command finishes its calls, and nothing is left in doubt."""
    hold_answers(runner, 2)
    running = runner.begin(*WORK, "--concurrency", "2")
    until(lambda: runner.fake.report().count("create") >= 2, running)
    count_interruptions(running)
    runner.fake.release()
    status, _, err = finish(running)
    assert INTERRUPTED == status
    assert "Traceback" not in err
    assert {"accepted"} < {*runner.statuses().values(), "synced"} <= {"accepted", "synced"}
    assert runner.fake.report().is_quiet
    assert 0 == runner.wait_for_process(*WORK)[0]
    assert dict.fromkeys(SENT, "synced") == runner.statuses()
    assert Counter(SENT) == count_bills(runner)


def test_ctrl_c_twice(runner: CommandRunner) -> None:
    """Asked twice, the command ends at once; its calls are looked up later."""
    hold_answers(runner, 1)
    running = runner.begin(*WORK, "--lease", str(LEASE))
    until(lambda: len(runner.fake.report().bills) == 1, running)
    count_interruptions(running)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    status, _, err = finish(running)
    assert INTERRUPTED == status
    assert "Traceback" not in err
    # Its call was never answered: after a wait until it is given up, it would be unknown.
    assert 1 == Counter(runner.statuses().values())["exporting"]
    runner.fake.release()
    time.sleep(LEASE + 1)  # a look-up counts now: until idle, no worker waits for later ones
    assert 0 == runner.wait_for_process(*WORK)[0]
    assert dict.fromkeys(SENT, "synced") == runner.statuses()
    assert Counter(SENT) == count_bills(runner)
