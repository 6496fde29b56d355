"""The reasons of an adapter's verdict, read: their number and their texts are bounded."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..verdict import Denial, Notice, Remedy, Source, Verdict
from .reading import NotPromised

if TYPE_CHECKING:
    from collections.abc import Callable

    from .reading import Values

__all__ = ["MOST_REASONS", "read_verdict"]

_T = TypeVar("_T")
#: So many denials, and so many notices, of one answer are kept.
MOST_REASONS = 50
_MOST_FACTS = 20
_MOST_REMEDIES = 10
_LONGEST_CODE = 100
_LONGEST_MESSAGE = 1000
_LONGEST_FACT = 300
_CUT = "erp.reasons_cut"


def read_verdict(values: Values, given: object) -> Verdict:
    """
    Return a verdict with the adapter's reasons.

    Raises:
        NotPromised: It is not a verdict, or a part of it is not what a verdict has.
    """
    if not isinstance(given, Verdict):
        msg = "it is not a Verdict"
        raise NotPromised(msg)
    denials, more = _kept(values, given.denials, _denial)
    notices, others = _kept(values, given.notices, _notice)
    if more:
        denials.append(Denial(_CUT, _cut(more), Source.ERP, _counted(more)))
    if others:
        notices.append(Notice(_CUT, _cut(others), Source.ERP, _counted(others)))
    return Verdict(tuple(denials), tuple(notices))


def _kept(
    values: Values, given: object, read: Callable[[Values, object], _T]
) -> tuple[list[_T], int]:
    """Return the first reasons, and how many there were where some were left out."""
    rows = _row(given, "the reasons")
    kept = [read(values, one) for one in rows[:MOST_REASONS]]
    return kept, len(rows) if len(rows) > MOST_REASONS else 0


def _cut(count: int) -> str:
    return f"Look in the ERP for the other reasons: of {count:,} the first {MOST_REASONS} are kept."


def _counted(count: int) -> dict[str, str]:
    return {"given": str(count), "kept": str(MOST_REASONS)}


def _row(given: object, what: str) -> tuple[Any, ...]:
    if not isinstance(given, tuple | list):
        msg = f"{what} are not a tuple"
        raise NotPromised(msg)
    return tuple(given)


def _reason(values: Values, given: Any) -> dict[str, Any]:  # noqa: ANN401 - its fields are not trusted
    if not isinstance(given.source, Source):
        msg = "the source of a reason is not a Source"
        raise NotPromised(msg)
    return {
        "code": values.identity(given.code, "the code of a reason", _LONGEST_CODE),
        "message": values.words(given.message, "the message of a reason", _LONGEST_MESSAGE),
        "source": given.source,
        "facts": _facts(values, given.facts),
    }


def _denial(values: Values, given: object) -> Denial:
    if not isinstance(given, Denial):
        msg = "a reason is not a Denial"
        raise NotPromised(msg)
    rows = _row(given.remedies, "the remedies")[:_MOST_REMEDIES]
    remedies = tuple(_remedy(values, one) for one in rows)
    return Denial(**_reason(values, given), remedies=remedies)


def _notice(values: Values, given: object) -> Notice:
    if not isinstance(given, Notice):
        msg = "a notice is not a Notice"
        raise NotPromised(msg)
    return Notice(**_reason(values, given))


def _facts(values: Values, given: object) -> dict[str, str]:
    if not isinstance(given, Mapping):
        msg = "the facts of a reason are not a mapping"
        raise NotPromised(msg)
    names = list(islice(given, _MOST_FACTS + 1))
    facts = {
        values.words(name, "the name of a fact", _LONGEST_FACT): values.words(
            given[name], "a fact of a reason", _LONGEST_FACT
        )
        for name in names[:_MOST_FACTS]
    }
    if len(names) > _MOST_FACTS:
        facts["cut"] = f"Only the first {_MOST_FACTS} facts are kept."
    return facts


def _remedy(values: Values, given: object) -> Any:  # noqa: ANN401 - a remedy, or several in a row
    """Return a remedy, or a row of them, each part read."""
    if isinstance(given, tuple | list):
        return tuple(_remedy(values, one) for one in given[:_MOST_REMEDIES])
    if not isinstance(given, Remedy):
        msg = "a remedy is not a Remedy"
        raise NotPromised(msg)
    parts: dict[str, Any] = {
        field.name: _part(values, field, getattr(given, field.name))
        for field in attrs.fields(Remedy)
    }
    return Remedy(**parts)


def _part(values: Values, field: attrs.Attribute[Any], given: object) -> object:
    """Return a part of a remedy; one that is text must be text."""
    if str(field.type) == "str" or isinstance(given, str):
        return values.words(given, f"the {field.name} of a remedy", _LONGEST_FACT)
    if isinstance(given, Mapping):
        return _facts(values, given)
    if given is None or isinstance(given, Enum):
        return given
    msg = f"the {field.name} of a remedy is not text"
    raise NotPromised(msg)
