"""The settings of a connection, checked against the adapter's declaration."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from ..declaration import Setting, SettingKind
from ..documents import Problem
from ..money import parse_decimal
from .redaction import SHORTEST_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterable

_LARGEST = 10**18 - 1


class Secret:
    """A text that is never shown; only :meth:`reveal` returns it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Keep the text."""
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __reduce__(self) -> str:
        msg = "A secret is not written down."
        raise TypeError(msg)


#: The value of a setting: text, secret, number, choice (as text) or mapping.
SettingValue: TypeAlias = str | Secret | Decimal | Mapping[str, str]


class InvalidSettings(ValueError):
    """A connection's settings cannot be; ``problems`` lists everything wrong, without values."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems; the text is their list."""
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{problem.path}: {problem.message}" for problem in self.problems)
        )


def _pairs(given: str) -> dict[str, str]:
    parts = [part.partition("=") for part in given.split(",") if part.strip()]
    if not all(sign and name.strip() for name, sign, _ in parts):
        msg = "Write pairs: name=value,name=value."
        raise ValueError(msg)
    return {name.strip(): value.strip() for name, _, value in parts}


def _number(given: object) -> Decimal:
    if isinstance(given, (bool, float)) or not isinstance(given, (int, str)):
        msg = "Write a plain decimal, as text or as a whole number."
        raise ValueError(msg)  # noqa: TRY004 - every bad setting is a ValueError, told as a problem
    if isinstance(given, int) and abs(given) > _LARGEST:
        msg = "Write a plain decimal: at most 18 digits before the point."
        raise ValueError(msg)
    return parse_decimal(str(given))


def _mapping(given: object) -> Mapping[str, str]:
    pairs = _pairs(given) if isinstance(given, str) else given
    texts = isinstance(pairs, Mapping) and all(
        isinstance(text, str) for pair in pairs.items() for text in pair
    )
    if not isinstance(pairs, Mapping) or not texts:
        msg = "Write a table of texts."
        raise ValueError(msg)
    return MappingProxyType(dict(pairs))


def _value(setting: Setting, given: object) -> SettingValue:
    if setting.kind is SettingKind.NUMBER:
        return _number(given)
    if setting.kind is SettingKind.MAPPING:
        return _mapping(given)
    if not isinstance(given, str):
        msg = "Write a text, in quotes."
        raise ValueError(msg)  # noqa: TRY004 - every bad setting is a ValueError, told as a problem
    if setting.kind is SettingKind.CHOICE and given not in setting.choices:
        msg = f"Choose one of: {', '.join(setting.choices)}."
        raise ValueError(msg)
    if setting.kind is not SettingKind.SECRET:
        return given
    if len(given) < SHORTEST_SECRET:
        msg = f"Give a secret of {SHORTEST_SECRET} characters or more: this one is too short."
        raise ValueError(msg)
    return Secret(given)


def validate_settings(
    declared: Iterable[Setting], given: Mapping[str, object], path: str
) -> Mapping[str, SettingValue]:
    """
    Return the settings in the kinds that the adapter declares, defaults filled in.

    Args:
        declared: The adapter's settings.
        given: The given values by name; a setting with a default may be missing.
        path: Where the settings stand, as a prefix of each problem's path.

    Raises:
        InvalidSettings: With every problem: unknown names, missing ones, wrong kinds. Never with a
            value, as it may be a secret.
    """
    known = {setting.name: setting for setting in declared}
    problems = [
        Problem(f"{path}.{name}", "setting.unknown", f"Remove it; there are: {', '.join(known)}.")
        for name in given
        if name not in known
    ]
    values: dict[str, SettingValue] = {}
    for name, setting in known.items():
        text = given.get(name, setting.default)
        if text is None or text == "":
            if setting.required:
                problems.append(Problem(f"{path}.{name}", "setting.required", "Give a value."))
            continue
        try:
            values[name] = _value(setting, text)
        except ValueError as error:
            problems.append(Problem(f"{path}.{name}", "setting.kind", str(error)))
    if problems:
        raise InvalidSettings(problems)
    return MappingProxyType(values)


def to_given_value(value: object) -> object:
    """Return a setting in its declared kind as it could have been given: to be validated again."""
    if isinstance(value, Secret):
        return value.reveal()
    return str(value) if isinstance(value, Decimal) else value
