"""Odd values that a hook or a callback may return, and odd errors that it may raise."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import adapters as erp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ANSWERS", "ERRORS", "SECRET", "replace_fields"]

SECRET = "tok-12345678"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
RECEIPT = erp.Receipt(step="bill", erp_id="B-odd", role=erp.Role.BILL)
CONTENTS = erp.Contents(vendor="V", number="77", amount=Decimal(1), date=date(2026, 10, 31))
DENIAL = erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP, {"period": "10"})


def replace_fields(value: Any, **fields: Any) -> Any:  # noqa: ANN401 - a plug-in may return anything
    """Return a copy of a value with fields that its class would refuse."""
    copy = attrs.evolve(value)
    for name, field in fields.items():
        object.__setattr__(copy, name, field)
    return copy


class UnreadableError(Exception):
    """An exception whose text cannot be read."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class ProcessEndingError(BaseException):
    """An exception whose text raises ``SystemExit`` when it is read."""

    def __str__(self) -> str:
        raise SystemExit(3)


class LyingMapping(dict[str, str]):
    """A mapping that lists keys that it does not have."""

    def __getitem__(self, name: str) -> str:
        raise KeyError(name)


class EndlessMapping(dict[str, str]):
    """A mapping whose iteration never ends."""

    def __iter__(self) -> Iterator[str]:
        return map(str, itertools.count())

    def __getitem__(self, name: str) -> str:
        return name


class HostileObject:
    """An object that raises whatever is done with it."""

    def __getattribute__(self, name: str) -> object:
        raise SystemExit(name)

    def __repr__(self) -> str:
        raise RuntimeError("no text")

    def __eq__(self, _other: object) -> bool:
        raise GeneratorExit

    __hash__ = None  # type: ignore[assignment]  # on purpose


class UnreadableText(str):
    """A text whose ``str`` raises."""

    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError("no text")


def _build_refused(**fields: object) -> object:
    denial = replace_fields(DENIAL, **fields)
    return erp.Refused(replace_fields(erp.deny(DENIAL), denials=(denial,)))


def _build_done(**fields: object) -> object:
    return erp.Done(replace_fields(RECEIPT, **fields))


def _build_found(**fields: object) -> object:
    return erp.Found(RECEIPT, replace_fields(CONTENTS, **fields))


_FAR = datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)))

#: The values that a hook returns in place of an answer; each is made anew.
ANSWERS: tuple[Callable[[], object], ...] = (
    lambda: None,
    lambda: True,
    lambda: 0,
    lambda: -1,
    lambda: 1.5,
    lambda: float("nan"),
    lambda: 10**5000,
    lambda: Decimal("sNaN"),
    lambda: "",
    lambda: "B-1",
    lambda: "x" * 5_000_000,
    lambda: "\0\ud800",
    lambda: UnreadableText("done"),
    lambda: b"B-1",
    list,
    lambda: [RECEIPT],
    lambda: (),
    dict,
    lambda: {"erp_id": "B-1"},
    LyingMapping,
    set,
    lambda: iter(()),
    lambda: (one for one in (1, 2)),
    lambda: lambda: None,
    lambda: erp.Done,
    object,
    HostileObject,
    lambda: NotImplemented,
    lambda: Ellipsis,
    lambda: ValueError("returned, not raised"),
    lambda: datetime(2026, 1, 1),  # noqa: DTZ001 - on purpose
    lambda: RECEIPT,
    lambda: CONTENTS,
    lambda: DENIAL,
    lambda: erp.Step("bill", "bill"),
    lambda: replace_fields(erp.Done(RECEIPT), receipt=None),
    lambda: replace_fields(erp.Done(RECEIPT), receipt=HostileObject()),
    lambda: _build_done(step="other"),
    lambda: _build_done(step=None),
    lambda: _build_done(erp_id=None),
    lambda: _build_done(erp_id=5),
    lambda: _build_done(erp_id=""),
    lambda: _build_done(erp_id="x" * 5_000_000),
    lambda: _build_done(erp_id=f"B-{SECRET}"),
    lambda: _build_done(erp_id="B\0\ud800"),
    lambda: _build_done(erp_id=b"B-1"),
    lambda: _build_done(number=5),
    lambda: _build_done(number=SECRET),
    lambda: _build_done(state={"x": 1}),
    lambda: _build_done(role="bill"),
    lambda: _build_done(digest=5),
    lambda: replace_fields(erp.Refused(erp.deny(DENIAL)), verdict=None),
    lambda: replace_fields(erp.Refused(erp.deny(DENIAL)), verdict=erp.ALLOWED),
    lambda: _build_refused(facts={"amount": 5}),
    lambda: _build_refused(facts=LyingMapping(a="b")),
    lambda: _build_refused(facts=None),
    lambda: _build_refused(message=5),
    lambda: _build_refused(code="Closed!"),
    lambda: _build_refused(source="erp"),
    lambda: _build_refused(remedies=("Open it.",)),
    lambda: _build_refused(remedies=None),
    lambda: replace_fields(erp.Deferred(None, "x"), why=None),
    lambda: replace_fields(erp.Deferred(None, "x"), why=HostileObject()),
    lambda: replace_fields(erp.Deferred(None, "x"), until="later"),
    lambda: replace_fields(erp.Deferred(None, "x"), until=datetime(2026, 1, 1)),  # noqa: DTZ001 - on purpose
    lambda: replace_fields(erp.Deferred(None, "x"), needs_person=5),
    lambda: replace_fields(erp.Unknown("x"), why=5),
    lambda: erp.Unknown("x" * 20_000_000),
    lambda: erp.Unknown(f"Bearer {SECRET}\0\ud800"),
    lambda: replace_fields(erp.Absent(NOON), as_of=None),
    lambda: replace_fields(erp.Absent(NOON), as_of=datetime(2026, 1, 1)),  # noqa: DTZ001 - on purpose
    lambda: replace_fields(erp.Found(RECEIPT, CONTENTS), receipt=5),
    lambda: replace_fields(erp.Found(RECEIPT, CONTENTS), contents=None),
    lambda: _build_found(amount=1.5),
    lambda: _build_found(amount=Decimal("1E+999999")),
    lambda: _build_found(date=NOON),
    lambda: _build_found(vendor=5),
    lambda: _build_found(key=5),
    lambda: erp.Several(f"{SECRET} has two"),
    lambda: replace_fields(erp.Several("x"), why=None),
    lambda: erp.CannotTell("x" * 20_000_000),
    lambda: replace_fields(erp.Gone(NOON), as_of="now"),
)

#: The errors that a hook raises.
ERRORS: tuple[Callable[[], BaseException], ...] = (
    lambda: ValueError("no"),
    lambda: RuntimeError(f"401 for {SECRET}"),
    lambda: RuntimeError("x" * 20_000_000),
    lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "odd \ud800\0"),
    lambda: OSError(28, "No space left on device"),
    TimeoutError,
    lambda: StopIteration(5),
    StopAsyncIteration,
    MemoryError,
    lambda: RecursionError("deep"),
    AssertionError,
    lambda: SystemExit(1),
    KeyboardInterrupt,
    GeneratorExit,
    asyncio.CancelledError,
    lambda: BaseException("base"),
    lambda: BaseExceptionGroup("several", [KeyboardInterrupt(), ValueError("no")]),
    UnreadableError,
    ProcessEndingError,
)
