"""Check of a plugin's hooks: plain functions whose annotations match the contract."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..declaration import Declaration
from ..documents import Receipt, Step
from ..exchange import (
    Absent,
    CannotTell,
    Contents,
    Deferred,
    Done,
    ExportRequest,
    Found,
    Gone,
    Refused,
    Several,
    Unknown,
)
from ..verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_OUTCOME: Final = (Done, Refused, Deferred, Unknown)
#: The classes that each hook may return; ``None``: any.
_RESULTS: Final[Mapping[str, tuple[type, ...] | None]] = {
    "erp_declaration": (Declaration,),
    "erp_steps": (tuple, list, Sequence),
    "erp_connect": None,
    "erp_check": (Verdict, Deferred),
    "erp_write": _OUTCOME,
    "erp_find": (Found, Absent, Several, CannotTell),
    "erp_read": (Contents, Gone, CannotTell),
    "erp_withdraw": _OUTCOME,
    "erp_payments": (tuple, list, Sequence, CannotTell),
    "erp_periods": (tuple, list, Sequence, CannotTell),
}
#: The class of each argument of a hook; ``None``: any.
_ARGUMENTS: Final[Mapping[str, type | None]] = {
    "settings": Mapping,
    "session": None,
    "request": ExportRequest,
    "step": Step,
    "receipts": tuple,
    "receipt": Receipt,
    "keys": tuple,
}
_UNIONS = (types.UnionType, typing.Union)


def find_hook_problem(hooks: Iterable[tuple[str, Callable[..., object]]]) -> str | None:
    """Return what is wrong with the first wrong hook of a plugin, or ``None``."""
    for name, function in hooks:
        problem = _find_kind_problem(name, function) or _find_type_problem(name, function)
        if problem is not None:
            return problem
    return None


def _find_kind_problem(name: str, function: Callable[..., object]) -> str | None:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return (
            f"Its hook {name} is written with async def. Write it with def; a worker calls each"
            " adapter in a thread of its own."
        )
    if inspect.isgeneratorfunction(function):
        return f"Its hook {name} is a generator. Return the answer instead of yielding it."
    return None


def _find_type_problem(name: str, function: Callable[..., object]) -> str | None:
    """
    Return a sentence about an annotation that contradicts the hook, or ``None``.

    Annotations that cannot be resolved are not checked.
    """
    try:
        hints = typing.get_type_hints(function)
    except Exception:  # noqa: BLE001 - an annotation may name what is imported for type checkers only
        return None
    allowed = _RESULTS.get(name)
    if "return" in hints and allowed is not None:
        wrong = [part for part in _list_parts(hints["return"]) if not _is_among(part, allowed)]
        if wrong:
            expected = ", ".join(each.__name__ for each in allowed)
            return f"Its hook {name} states that it returns {_describe(wrong[0])}. Return one of: {expected}."
    for argument, hint in hints.items():
        given = _ARGUMENTS.get(argument)
        if given is not None and not any(_takes(part, given) for part in _list_parts(hint)):
            return (
                f"Its hook {name} states that {argument} is {_describe(hint)}. It is called with"
                f" {given.__name__}."
            )
    return None


def _list_parts(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a type of any form
    """Return the parts of a union, each without its parameters: ``list`` for ``list[int]``."""
    if typing.get_origin(hint) in _UNIONS:
        return tuple(part for each in typing.get_args(hint) for part in _list_parts(each))
    return (typing.get_origin(hint) or hint,)


def _is_among(part: Any, allowed: tuple[type, ...]) -> bool:  # noqa: ANN401 - a type of any form
    return _says_nothing(part) or issubclass(part, allowed)


def _takes(part: Any, given: type) -> bool:  # noqa: ANN401 - a type of any form
    return _says_nothing(part) or issubclass(given, part)


def _says_nothing(part: Any) -> bool:  # noqa: ANN401 - a type of any form
    """Return whether an annotation allows every value, or is not a class to compare with."""
    return part in {Any, object} or not isinstance(part, type)


def _describe(hint: Any) -> str:  # noqa: ANN401 - a type of any form
    return hint.__name__ if isinstance(hint, type) else str(hint)
