"""
Faults of calls for adapters that reach their ERP without HTTP.

A :class:`FaultPoint` takes the place of the functions or methods by which an adapter writes and
reads: of a client library, a database, a file. Each call then meets the faults of a plan, as a
request to the proxy does.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import wraps
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, TypeVar, cast

from .fault import FAULTS, Effect, Fault
from .plan import FaultPlan, FaultRequest

if TYPE_CHECKING:
    from types import TracebackType

    from .plan import Met

_Called = TypeVar("_Called", bound=Callable[..., Any])

#: An owner (a class, a module or an object) and the name of its function.
Place: TypeAlias = tuple[object, str]
#: Makes the exception that the adapter sees in place of a fault; that of a rate limit may take the
#: number of seconds to wait, that of another status takes its number.
Raises: TypeAlias = (
    Callable[[], BaseException] | Callable[[float], BaseException] | Callable[[int], BaseException]
)

_ERRORS: Final[Mapping[Fault, Raises]] = {
    Fault.LOST_BEFORE: lambda: ConnectionResetError("The connection was lost."),
    Fault.LOST_AFTER: lambda: ConnectionResetError("The connection was lost."),
    Fault.CLOSED_PORT: lambda: ConnectionRefusedError("There is no connection."),
    Fault.ERROR_BEFORE: lambda: RuntimeError("The call failed."),
    Fault.ERROR_AFTER: lambda: RuntimeError("The call failed."),
    Fault.LATE_WRITE: lambda: TimeoutError("The call took too long."),
}
_WHY_NOT: Final[Mapping[Fault, str]] = {
    Fault.RESET_IN_BODY: "A call without HTTP has no body that can be cut off.",
    Fault.TOO_MANY: "A call without HTTP has no status. Name the exception of a rate limit.",
    Fault.TOO_MANY_RETRY_AFTER: "A call without HTTP has no header Retry-After. Name the exception.",
    Fault.UNAUTHORIZED: "A call without HTTP has no status. Name the exception of a wrong token.",
    Fault.BAD_REQUEST: "A call without HTTP has no status. Name the exception of a wrong request.",
    Fault.UNPROCESSABLE: "A call without HTTP has no status. Name the exception of a refusal.",
    Fault.PRECONDITION_FAILED: "A call without HTTP has no status. Name the exception of status 412.",
    Fault.CONFLICT: "A call without HTTP has no status. Name the exception of a conflict.",
    Fault.NOT_FOUND: "A call without HTTP has no status. Name the exception of a missing record.",
    Fault.NOT_FOUND_PAGE: "A call without HTTP has no page in place of its answer.",
    Fault.REQUEST_TIMEOUT: "A call without HTTP has no status. Name an exception for it.",
    Fault.HTML_PAGE: "A call without HTTP has no page in place of its answer.",
    Fault.BAD_GATEWAY: "A call without HTTP has no gateway. Name an exception for it.",
    Fault.UNAVAILABLE: "A call without HTTP has no status. Name an exception for it.",
    Fault.UNAVAILABLE_RETRY_AFTER: "A call without HTTP has no status. Name an exception for it.",
    Fault.ERROR_WITH_REASON: "A call without HTTP has no status. Name an exception for it.",
    Fault.OTHER_STATUS: "A call without HTTP has no status. Name an exception that takes it.",
    Fault.CUT_BODY: "A call without HTTP announces no length of its answer.",
    Fault.CUT_LIST: "No function that reads is named, so no list can be cut.",
    Fault.LATE_WRITE_SILENT: "A call without HTTP does not go on after its caller gave up.",
}


def _shorten(answer: Any) -> Any:  # noqa: ANN401 - the answer of any function
    """Return the first half of a list or tuple, and any other answer unchanged."""
    return answer[: len(answer) // 2] if isinstance(answer, list | tuple) else answer


def _has_parameter(function: Callable[..., object]) -> bool:
    """Return whether a function takes a parameter by name; false if it shows no signature."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return False
    return any(each.kind is each.POSITIONAL_OR_KEYWORD for each in parameters)


class FaultPoint:
    """
    Injects faults into calls; a context manager, which restores the functions at its end.

    Args:
        writes: The functions by which the adapter writes, as ``(owner, name)``: a class and its
            method, a module and its function, an object and its attribute.
        reads: The functions by which it reads.
        errors: By fault, a function that makes the exception that the adapter sees, in place of the
            usual one. A fault without a usual one (a rate limit, a wrong token) can be provoked if
            it has a function here. A function with a parameter gets the seconds for which a rate
            limit asks the adapter to wait, or the number of another status.
        shorten: Shortens the answer of a read, for :attr:`Fault.CUT_LIST`.

    Attributes:
        faults: The plan of the faults, and the log of the calls.
    """

    def __init__(
        self,
        *,
        writes: Iterable[Place] = (),
        reads: Iterable[Place] = (),
        errors: Mapping[Fault, Raises] = MappingProxyType({}),
        shorten: Callable[[Any], Any] = _shorten,
    ) -> None:
        self._places = [
            *((*place, "WRITE") for place in writes),
            *((*place, "READ") for place in reads),
        ]
        self._errors = {**_ERRORS, **errors}
        self._shorten = shorten
        self._restores: list[Callable[[], None]] = []
        self._why_not = {fault: why for fault, why in _WHY_NOT.items() if fault not in self._errors}
        self.faults = FaultPlan(self._why_not)

    def __enter__(self) -> Self:
        for owner, name, method in self._places:
            self._restores.append(self._replace(owner, name, method))
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        while self._restores:
            self._restores.pop()()
        self.faults.clear()

    def _replace(self, owner: object, name: str, method: str) -> Callable[[], None]:
        """Replace a function of its owner; return a function that puts it back."""
        is_own = name in vars(owner) if hasattr(owner, "__dict__") else False
        before = inspect.getattr_static(owner, name) if is_own else getattr(owner, name)
        shown = f"{getattr(owner, '__name__', type(owner).__name__)}.{name}"
        after: object
        if isinstance(before, staticmethod | classmethod):
            after = type(before)(self._wrap(before.__func__, shown, method))
        else:
            after = self._wrap(before, shown, method)
        setattr(owner, name, after)
        return (lambda: setattr(owner, name, before)) if is_own else (lambda: delattr(owner, name))

    def wrap_write(self, function: _Called, name: str = "write") -> _Called:
        """Return the function that writes, wrapped so that its calls meet the injected faults."""
        return self._wrap(function, name, "WRITE")

    def wrap_read(self, function: _Called, name: str = "read") -> _Called:
        """Return the function that reads, wrapped so that its calls meet the injected faults."""
        return self._wrap(function, name, "READ")

    def _wrap(self, function: _Called, name: str, method: str) -> _Called:
        if method == "READ":
            self._why_not.pop(Fault.CUT_LIST, None)

        @wraps(function)
        def call(*given: object, **named: object) -> object:
            logged, met = self.faults.meet(FaultRequest(method, name))

            def go_on() -> object:
                logged.is_forwarded = True
                try:
                    return function(*given, **named)
                except Exception as error:
                    logged.problem = type(error).__name__
                    raise

            return go_on() if met is None else self._carry_out(met, go_on)

        return cast("_Called", call)

    def _carry_out(self, met: Met, go_on: Callable[[], object]) -> object:
        """Make the call as the fault says, and return or raise what the adapter sees."""
        effect = FAULTS[met.fault].effect
        if effect is Effect.LATER:
            self._call_late(met, go_on)
        if met.fault is Fault.SLOW:
            with self.faults.hold(met) as wait:
                answer = go_on()
                wait()
                return answer
        if effect is Effect.ONCE:
            if met.fault is Fault.CUT_LIST:
                return self._shorten(go_on())
            with suppress(Exception):  # its answer is lost, also one that declines
                go_on()
        raise self._build_error(met)

    def _build_error(self, met: Met) -> BaseException:
        """Return the exception of a fault, with the status or the seconds if it takes them."""
        build: Callable[..., BaseException] = self._errors[met.fault]
        values = {
            Fault.TOO_MANY_RETRY_AFTER: met.seconds,
            Fault.UNAVAILABLE_RETRY_AFTER: met.seconds,
            Fault.OTHER_STATUS: met.status,
        }
        is_given = met.fault in values and _has_parameter(build)
        return build(values[met.fault]) if is_given else build()

    def _call_late(self, met: Met, go_on: Callable[[], object]) -> None:
        """Make the call in a thread of its own once it is released; its answer is lost."""

        def call() -> None:
            with self.faults.hold(met) as wait:
                wait()
                with suppress(Exception):  # it has no caller any more
                    go_on()

        threading.Thread(target=call, daemon=True).start()
