"""``erp-invoice work``: several at once, and Ctrl-C once and twice."""

from __future__ import annotations

import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.testing.fake_erp import ErpProcess, Fate, Row
from tests.crash.checks import invoice_of
from tests.crash.command import SENT, Desk, finished

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

INTERRUPTED = 130
WORK = ("work", "--until-idle")
LEASE = 2.0
PATIENCE = 30.0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """
    Have invoices accepted for an ERP that carries out more than it says, what is too old, too.

    So a machine that is slow does not change what happens.
    """
    with ErpProcess(Row.BOUNDLESS) as fake:
        ready = Desk(tmp_path, Row.SETTLING, fake)
        ready.install()
        ready.accept()
        yield ready


def held(desk: Desk, count: int) -> None:
    """Have the ERP make the next bills, and not answer yet."""
    for _ in range(count):
        desk.fake.plan("create", Fate.HOLD_ANSWER)


def interrupted(running: subprocess.Popen[str]) -> None:
    """Press Ctrl-C, and wait until the command has heard it."""
    running.send_signal(signal.SIGINT)
    assert running.stderr is not None
    assert running.stderr.readline().startswith("Finishing what is in hand")


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
    held(desk, 4)  # more than one of them can have in hand
    both = [desk.begin(*WORK, "--concurrency", "3") for _ in range(2)]
    until(lambda: desk.fake.heard().count("create") >= 4, both[0])
    desk.fake.release()
    assert [(0, ""), (0, "")] == [(status, err) for status, _, err in map(finished, both)]
    assert dict.fromkeys(SENT, "synced") == desk.statuses()
    assert Counter(SENT) == booked(desk)
    callers = {each.caller for each in desk.fake.heard().requests if each.kind == "create"}
    assert {str(each.pid) for each in both} == callers


def test_ctrl_c_once(desk: Desk) -> None:
    """Asked once, the command finishes the calls in its hands, and nothing is left in doubt."""
    held(desk, 2)
    running = desk.begin(*WORK, "--concurrency", "2")
    until(lambda: desk.fake.heard().count("create") >= 2, running)
    interrupted(running)
    desk.fake.release()
    status, _, err = finished(running)
    assert INTERRUPTED == status
    assert "Traceback" not in err
    assert {"accepted"} < {*desk.statuses().values(), "synced"} <= {"accepted", "synced"}
    assert desk.fake.heard().is_quiet
    assert 0 == desk.ended(*WORK)[0]
    assert dict.fromkeys(SENT, "synced") == desk.statuses()
    assert Counter(SENT) == booked(desk)


def test_ctrl_c_twice(desk: Desk) -> None:
    """Asked twice, the command ends at once; what was in its hands is looked up later."""
    held(desk, 1)
    running = desk.begin(*WORK, "--lease", str(LEASE))
    until(lambda: len(desk.fake.heard().bills) == 1, running)
    interrupted(running)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    status, _, err = finished(running)
    assert INTERRUPTED == status
    assert "Traceback" not in err
    # Its call was never answered: had it waited for that to be given up, it would be unknown.
    assert 1 == Counter(desk.statuses().values())["exporting"]
    desk.fake.release()
    time.sleep(LEASE + 1)  # by then a look counts: until idle, nobody waits for what is due later
    assert 0 == desk.ended(*WORK)[0]
    assert dict.fromkeys(SENT, "synced") == desk.statuses()
    assert Counter(SENT) == booked(desk)
