"""``erp-invoice work``: several at once, and Ctrl-C once and twice."""

from __future__ import annotations

import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.testing.erp_process import ErpProcess, Fate, Row
from tests.kills.command import SENT, Desk, finished
from tests.kills.judge import invoice_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

INTERRUPTED = 130
WORK = ("work", "--until-idle", "--lease", "2")
PATIENCE = 30.0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Have invoices accepted that go to a slow ERP."""
    with ErpProcess(Row.SETTLING, latency=0.15) as fake:
        ready = Desk(tmp_path, Row.SETTLING, fake)
        ready.install()
        ready.accept()
        yield ready


def until(is_so: Callable[[], bool], running: subprocess.Popen[str]) -> None:
    """Wait for something that a running command brings about."""
    ends = time.monotonic() + PATIENCE
    while not is_so():
        assert running.poll() is None
        assert time.monotonic() < ends
        time.sleep(0.02)


def booked(desk: Desk) -> Counter[str]:
    """Return how often each invoice is in the ERP."""
    return Counter(invoice_of(bill.key) for bill in desk.fake.heard().bills)


def test_several_at_once(desk: Desk) -> None:
    """Two commands, each with three invoices in hand, book each invoice once between them."""
    both = [desk.begin(*WORK, "--concurrency", "3") for _ in range(2)]
    assert [(0, ""), (0, "")] == [(status, err) for status, _, err in map(finished, both)]
    assert dict.fromkeys(SENT, "synced") == desk.statuses()
    assert Counter(SENT) == booked(desk)
    callers = {each.caller for each in desk.fake.heard().requests if each.kind == "create"}
    assert {str(each.pid) for each in both} == callers


def test_ctrl_c_once(desk: Desk) -> None:
    """Asked once, the command finishes the calls in its hands, and nothing is left in doubt."""
    running = desk.begin(*WORK, "--concurrency", "2")
    until(lambda: desk.fake.heard().count("create") >= 2, running)
    running.send_signal(signal.SIGINT)
    status, _, err = finished(running)
    assert INTERRUPTED == status
    assert "Traceback" not in err
    then = desk.statuses()
    assert {"accepted"} < {*then.values(), "synced"} <= {"accepted", "synced"}
    assert desk.fake.heard().is_quiet
    assert 0 == desk.ended(*WORK)[0]
    assert dict.fromkeys(SENT, "synced") == desk.statuses()
    assert Counter(SENT) == booked(desk)


def test_ctrl_c_twice(desk: Desk) -> None:
    """Asked twice, the command ends at once; what was in its hands is looked up later."""
    desk.fake.plan("create", Fate.HOLD_ANSWER)
    running = desk.begin(*WORK)
    until(lambda: len(desk.fake.heard().bills) == 1, running)
    running.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert running.poll() is None
    asked_at = time.monotonic()
    running.send_signal(signal.SIGINT)
    status, _, err = finished(running)
    assert INTERRUPTED == status
    assert "Traceback" not in err
    assert 1.0 > time.monotonic() - asked_at
    assert 1 == Counter(desk.statuses().values())["exporting"]
    desk.fake.release()
    assert 0 == desk.ended("work", "--until-idle", "--lease", "1")[0]
    assert dict.fromkeys(SENT, "synced") == desk.statuses()
    assert Counter(SENT) == booked(desk)
