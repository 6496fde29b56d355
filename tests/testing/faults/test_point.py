"""A wrapped call meets the faults that it can, and the others are not proved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.testing.faults import (
    FAULTS,
    Effect,
    Fault,
    FaultPoint,
    Injection,
    NotProved,
    is_read,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class Book:
    """An ERP without HTTP: a list of bills."""

    def __init__(self) -> None:
        self.bills: list[str] = []

    def write(self, bill: str) -> int:
        """Keep a bill."""
        self.bills.append(bill)
        return len(self.bills)

    def read(self) -> list[str]:
        """Return the bills."""
        return list(self.bills)

    @staticmethod
    def count(bills: list[str]) -> int:
        """Return a number of bills."""
        return len(bills)


@attrs.frozen
class Slotted:
    """A class whose objects take no new attribute."""

    bills: list[str] = attrs.Factory(list)

    def write(self, bill: str) -> None:
        """Keep a bill."""
        self.bills.append(bill)


#: The exception of each fault of a write.
RAISED: dict[Fault, type[Exception]] = {
    Fault.LOST_BEFORE: ConnectionResetError,
    Fault.LOST_AFTER: ConnectionResetError,
    Fault.CLOSED_PORT: ConnectionRefusedError,
    Fault.ERROR_BEFORE: RuntimeError,
    Fault.ERROR_AFTER: RuntimeError,
    Fault.LATE_WRITE: TimeoutError,
}


@pytest.mark.parametrize("fault", RAISED)
def test_fault_of_a_write(fault: Fault) -> None:
    """The adapter sees an exception, and the write was made as the table says."""
    book = Book()
    with FaultPoint(writes=[(Book, "write")]) as point:
        injection = point.faults.inject(fault)
        assert isinstance(injection, Injection)
        with pytest.raises(RAISED[fault]):
            book.write("a")
        assert (FAULTS[fault].effect is Effect.ONCE) == (["a"] == book.bills)
        point.faults.clear()
        assert (FAULTS[fault].effect is not Effect.NEVER) == (["a"] == book.bills)
        assert (1, fault) == (injection.hits, point.faults.requests[0].fault)
        assert RAISED[fault].__name__ == FAULTS[fault].call
        assert ("WRITE", "Book.write") == (
            point.faults.requests[0].method,
            point.faults.requests[0].path,
        )
        book.write("b")
    assert "b" == book.bills[-1]


def test_closed_port_stays_until_it_is_cleared() -> None:
    """Without a port, no call is made until the fault is cleared."""
    book = Book()
    with FaultPoint(writes=[(Book, "write")], reads=[(Book, "read")]) as point:
        point.faults.inject(Fault.CLOSED_PORT)
        for call in (lambda: book.write("a"), book.read, lambda: book.write("a")):
            with pytest.raises(ConnectionRefusedError):
                call()
        point.faults.clear()
        assert 1 == book.write("a")


def test_slow_call_returns_once_it_is_released() -> None:
    """A slow write is made at once, and returns once it is released."""
    book = Book()
    with FaultPoint(writes=[(book, "write")]) as point, ThreadPoolExecutor(1) as pool:
        point.faults.inject(Fault.SLOW)
        answer = pool.submit(book.write, "a")
        point.faults.wait_until_held()
        assert (["a"], False) == (book.bills, answer.done())
        point.faults.release()
        assert 1 == answer.result()


def test_list_of_a_read_is_shortened() -> None:
    """A read loses the second half of its list; another answer passes unchanged."""
    book = Book()
    book.bills = ["a", "b", "c"]
    with FaultPoint(reads=[(book, "read"), (Book, "count")]) as point:
        point.faults.inject(Fault.CUT_LIST, on=is_read, times=2)
        assert (["a"], 3) == (book.read(), Book.count(book.bills))
        point.faults.inject(Fault.CUT_LIST, on=is_read)
    assert (3, 3) == (len(book.read()), Book.count(book.bills))


def test_faults_that_need_http_are_not_proved() -> None:
    """A fault that has no meaning without HTTP is not proved, with the reason."""
    point = FaultPoint(writes=[(Book, "write")])
    left = [point.faults.inject(fault) for fault in Fault]
    names = {each.fault for each in left if isinstance(each, NotProved)}
    assert set(Fault) - set(RAISED) - {Fault.SLOW} == names
    assert names - {Fault.CUT_LIST} == {fault for fault in Fault if not FAULTS[fault].call}
    reasons = [str(each) for each in left if isinstance(each, NotProved)]
    assert all(reason.startswith("not proved: ") and reason.endswith(".") for reason in reasons)


def test_vendor_names_the_exception_of_a_fault() -> None:
    """A fault whose exception the vendor names is provoked with it."""
    errors = {Fault.UNAUTHORIZED: lambda: PermissionError("The token is wrong.")}
    with FaultPoint(writes=[(Book, "write")], errors=errors) as point:
        assert isinstance(point.faults.inject(Fault.UNAUTHORIZED), Injection)
        with pytest.raises(PermissionError):
            Book().write("a")


@pytest.mark.parametrize(
    ("build", "shown"),
    [(lambda seconds: OSError(f"Wait {seconds:.0f} s."), "Wait 90 s."), (BlockingIOError, "^$")],
    ids=["seconds", "no seconds"],
)
def test_exception_of_a_rate_limit_may_take_the_seconds(
    build: Callable[..., OSError], shown: str
) -> None:
    """A function with a parameter gets the seconds to wait."""
    errors = {Fault.TOO_MANY_RETRY_AFTER: build}
    with FaultPoint(writes=[(Book, "write")], errors=errors) as point:
        point.faults.inject(Fault.TOO_MANY_RETRY_AFTER, seconds=90)
        with pytest.raises(OSError, match=shown):
            Book().write("a")


def test_exception_of_another_status_takes_its_number() -> None:
    """A function with a parameter gets the status of the test."""
    errors = {Fault.OTHER_STATUS: lambda status: OSError(f"Status {status}.")}
    with FaultPoint(writes=[(Book, "write")], errors=errors) as point:
        point.faults.inject(Fault.OTHER_STATUS, status=520)
        with pytest.raises(OSError, match="Status 520"):
            Book().write("a")


def test_functions_are_put_back() -> None:
    """At the end each owner has its own function again: of a class, an object, a module."""
    place = SimpleNamespace(write=lambda: 1)
    book, own = Book(), place.write
    before = Book.__dict__["write"], Book.__dict__["count"]
    with FaultPoint(
        writes=[(Book, "write"), (book, "write"), (place, "write"), (Slotted, "write")],
        reads=[(Book, "count")],
    ):
        assert before != (Book.__dict__["write"], Book.__dict__["count"])
        Slotted().write("a")
    assert before == (Book.__dict__["write"], Book.__dict__["count"])
    assert "write" not in vars(book)
    assert own is place.write


def test_functions_are_wrapped_by_hand() -> None:
    """A function that no owner holds is wrapped, and given to the adapter."""
    book, point = Book(), FaultPoint()
    write, read = point.wrap_write(book.write), point.wrap_read(book.read)
    point.faults.inject(Fault.LOST_AFTER)
    with pytest.raises(ConnectionResetError):
        write("a")
    point.faults.inject(Fault.CUT_LIST, on=is_read)
    assert [] == read()


def test_late_call_that_fails_is_logged() -> None:
    """The failure of a late call reaches the log, as it has no caller any more."""

    def fail() -> None:
        raise ZeroDivisionError

    point = FaultPoint()
    write = point.wrap_write(fail)
    point.faults.inject(Fault.LATE_WRITE)
    with pytest.raises(TimeoutError):
        write()
    point.faults.release()
    assert "ZeroDivisionError" == point.faults.requests[0].problem
