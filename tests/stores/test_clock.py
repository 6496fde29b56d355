"""The clock of a file continues steadily although the machine's clock is set."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.stores import MemoryStore, SqliteStore
from erp_invoice_core.stores.clock import THIS_MACHINE, Machine
from erp_invoice_core.testing.samples import AT, save_change

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 10, 31, 12, tzinfo=UTC)


@attrs.define
class Clocks:
    """A machine whose clocks are set by hand."""

    wall: datetime = NOON
    ticks: float = 1000.0
    boot: str = "first"

    @property
    def machine(self) -> Machine:
        """The machine, as a store sees it."""
        return Machine(boot=lambda: self.boot, wall=lambda: self.wall, ticks=lambda: self.ticks)


def test_time_goes_on_by_ticks_whatever_the_wall_says(tmp_path: Path) -> None:
    """Setting the machine's clock, forwards or back, changes no store's time."""
    clocks = Clocks()
    file = SqliteStore(tmp_path / "queue.db", machine=clocks.machine)
    memory = MemoryStore(clocks.machine)

    clocks.wall, clocks.ticks = NOON + timedelta(days=400), 1060.5

    with closing(file):
        assert NOON + timedelta(seconds=60.5) == file.clock() == memory.clock()


def test_all_who_open_a_file_share_its_time(tmp_path: Path) -> None:
    """A process that opens the file after the clock was set has the time of the other processes."""
    clocks = Clocks()
    first = SqliteStore(tmp_path / "queue.db", machine=clocks.machine)
    clocks.wall, clocks.ticks = NOON - timedelta(days=3), 1007.0

    second = SqliteStore(tmp_path / "queue.db", machine=clocks.machine)

    with closing(first), closing(second):
        assert NOON + timedelta(seconds=7) == first.clock() == second.clock()


def test_a_new_boot_sets_the_time_by_the_wall(tmp_path: Path) -> None:
    """After a restart of the machine, ticks count from elsewhere: the machine's clock is read."""
    clocks = Clocks()
    SqliteStore(tmp_path / "queue.db", machine=clocks.machine).close()
    clocks.boot, clocks.wall, clocks.ticks = "second", NOON + timedelta(hours=2), 3.0

    store = SqliteStore(tmp_path / "queue.db", machine=clocks.machine)

    with closing(store):
        assert NOON + timedelta(hours=2) == store.clock()


def test_no_boot_takes_time_back_before_the_last_event(tmp_path: Path) -> None:
    """A machine whose clock starts in 1970 continues from the last event of the file."""
    clocks = Clocks()
    former = SqliteStore(tmp_path / "queue.db", machine=clocks.machine)
    save_change(former, "5000")  # it happens at AT
    former.close()
    clocks.boot, clocks.wall = "second", datetime(1970, 1, 1, tzinfo=UTC)

    store = SqliteStore(tmp_path / "queue.db", machine=clocks.machine)

    with closing(store):
        assert store.clock() == AT


def test_a_machine_without_a_name_for_its_boot_goes_by_the_wall_of_each_opening(
    tmp_path: Path,
) -> None:
    """Ticks of different boots must not be compared: each opening reads the machine's clock."""
    clocks = Clocks(boot="")
    SqliteStore(tmp_path / "queue.db", machine=clocks.machine).close()
    clocks.wall, clocks.ticks = NOON + timedelta(minutes=1), 5.0

    store = SqliteStore(tmp_path / "queue.db", machine=clocks.machine)

    with closing(store):
        assert NOON + timedelta(minutes=1) == store.clock()


def test_this_machine_has_working_clocks() -> None:
    """The real clocks of the machine agree with the time, and its ticks grow."""
    before = datetime.now(UTC)
    ticks = THIS_MACHINE.ticks()

    moment = MemoryStore().clock()

    assert before <= moment <= datetime.now(UTC) + timedelta(seconds=1)
    assert ticks <= THIS_MACHINE.ticks()
    assert THIS_MACHINE.boot() == THIS_MACHINE.boot()
