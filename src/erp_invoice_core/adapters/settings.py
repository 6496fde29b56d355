"""
Settings tables, read with cattrs, and the settings that an adapter declares.

Each wrong value becomes a problem: the path of the setting, such as
``connections.books.pace.pause``, and a sentence. The sentence quotes a wrong number, date or truth
value of a table that this package defines. It never quotes a text or a setting of an adapter,
because that may be a secret.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard, TypeVar

import attrs
from cattrs import Converter, ForbiddenExtraKeysError, transform_error
from cattrs.gen import make_dict_structure_fn, override

from ..declaration import Setting, SettingKind
from ..documents import Problem
from ..money import DECIMAL, parse_decimal
from .redaction import SHORTEST_SECRET

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from attrs import AttrsInstance

T = TypeVar("T")
Hook: TypeAlias = Callable[[Any, Any], Any]
_LARGEST: Final = 10**18 - 1
#: The largest number in a table of this package: 30 years in seconds.
_MOST: Final = 1_000_000_000
#: Fields that only a host can set, in Python.
_HOST_ONLY: Final = frozenset({"grants"})
_CODES: Final[Mapping[str, str]] = MappingProxyType({"setting.conflict": "setting.kind"})


class Secret:
    """A text that is never shown; only :meth:`reveal` returns it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Store the text."""
        self._text = text

    def reveal(self) -> str:
        """Return the secret text."""
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
        raise TypeError("A secret cannot be copied or pickled.")


#: The value of a setting: text, secret, number, choice (as text) or mapping.
SettingValue: TypeAlias = str | Secret | Decimal | Mapping[str, str]


class InvalidSettings(ValueError):
    """Settings are not valid; ``problems`` lists every problem, without the text of any value."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Store the problems; the text of the exception is their list."""
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{problem.path}: {problem.message}" for problem in self.problems)
        )


class WrongSetting(ValueError):
    """The value of one setting is not valid; the text says what is allowed."""

    def __init__(self, code: str, sentence: str, value: object = None, **values: object) -> None:
        """Store the code; the value and other values fill the named fields of the sentence."""
        self.code = code
        super().__init__(sentence.format(value=_describe(value), **values))


def _describe(value: object) -> str:
    """Return a number, a date or a truth value as written; of any other value, return its kind."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) > _LARGEST:
        return "a number of more than 18 digits"
    if isinstance(value, int | float | date | time):
        return str(value)
    kinds: dict[type[object], str] = {str: "a text", list: "an array", dict: "a table"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def value_hook(
    code: str,
    sentence: str,
    is_valid: Callable[[Any], bool],
    convert: Callable[[Any], object] | None = None,
) -> Hook:
    """Return a cattrs hook that converts a valid value, else raises :class:`WrongSetting`."""

    def read(value: object, _kind: object) -> object:
        if is_valid(value):
            return convert(value) if convert else value
        raise WrongSetting(code, sentence, value)

    return read


def is_number(value: object) -> TypeGuard[float]:
    """Return whether the value is a number, and not so large that it must be a mistake."""
    return (type(value) is int or type(value) is float) and -_MOST <= value <= _MOST


def is_texts(value: object) -> TypeGuard[list[str]]:
    """Return whether the value is an array of texts."""
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_decimal(value: object) -> bool:
    is_whole = type(value) is int and abs(value) <= _LARGEST
    return is_whole or (isinstance(value, str) and DECIMAL.match(value) is not None)


def _to_pairs(value: object) -> dict[object, object]:
    """Return the pairs of a table, or of ``name=value,name=value`` in an environment variable."""
    if not isinstance(value, str):
        return dict(value) if isinstance(value, Mapping) else {None: None}
    parts = [part.partition("=") for part in value.split(",") if part.strip()]
    return {(sign and name.strip()) or None: text.strip() for name, sign, text in parts}


def _is_mapping(value: object) -> bool:
    pairs = _to_pairs(value)
    return is_texts([*pairs, *pairs.values()])


def _read_secret(value: object, _kind: object) -> Secret:
    if isinstance(value, str) and len(value) >= SHORTEST_SECRET:
        return Secret(value)
    what = "shorter than 8 characters" if isinstance(value, str) else "not a text"
    if isinstance(value, Mapping):
        what = "a table"
    sentence = f"The value is {what}. Write a text of 8 characters or more in quotes."
    raise WrongSetting("setting.kind", sentence)


# fmt: off
#: Hooks of the types in a table of this package; each number in one is above 0.
_TABLE_HOOKS: Final[tuple[tuple[type[object], Hook], ...]] = (
    (bool,  value_hook("setting.kind", "The value is {value}. Write true or false.",
                       lambda v: isinstance(v, bool))),
    (date,  value_hook("setting.kind", "The value is {value}. Write a date without quotes, as 2000-01-31.",
                       lambda v: type(v) is date)),
    (int,   value_hook("setting.kind", "The value is {value}. Write a whole number from 1 to 1,000,000,000.",
                       lambda v: type(v) is int and 0 < v <= _MOST)),
    (float, value_hook("setting.kind", "The value is {value}. Write a number above 0 and at most 1,000,000,000.",
                       lambda v: is_number(v) and v > 0)),
)
_TEXT = value_hook("setting.kind", "The value is not a text. Write it in quotes.", lambda v: isinstance(v, str))
_NUMBER = value_hook("setting.kind", "The value is not a decimal. Write a whole number or a decimal in quotes, with"
                     " at most 18 digits before and 10 after the point.", _is_decimal, lambda v: parse_decimal(str(v)))
_MAPPING = value_hook("setting.kind", "The value does not map texts to texts. Write a table of texts, or"
                      " name=value,name=value in quotes.", _is_mapping, lambda v: MappingProxyType(_to_pairs(v)))
#: Hooks of the settings that an adapter declares; none shows a value.
_SETTING_HOOKS: Final[Mapping[SettingKind, Hook]] = MappingProxyType({
    SettingKind.TEXT: _TEXT, SettingKind.CHOICE: _TEXT, SettingKind.SECRET: _read_secret,
    SettingKind.NUMBER: _NUMBER, SettingKind.MAPPING: _MAPPING,
})
# fmt: on


def _names(kind: type[AttrsInstance]) -> list[str]:
    names = (each.name for each in attrs.fields(kind) if each.init)
    return [name for name in names if name not in _HOST_ONLY]


def _table_hook(kind: type[AttrsInstance], converter: Converter, hooks: Mapping[str, Hook]) -> Hook:
    names = _names(kind)
    overrides: dict[str, Any] = {
        each.name: override(struct_hook=hooks.get(each.name), omit=each.name not in names or None)
        for each in attrs.fields(kind)
    }
    structure = make_dict_structure_fn(kind, converter, **overrides)
    sentence = f"The value is {{value}}. Write a table of: {', '.join(names)}."
    return value_hook(
        "setting.kind", sentence, lambda v: isinstance(v, Mapping), lambda v: structure(v, kind)
    )


def build_converter(**hooks: Hook) -> Converter:
    """
    Return a cattrs converter that refuses unknown names and values of a wrong type.

    ``hooks`` are the readers of single fields, by the name of the field.
    """
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook_factory(
        attrs.has, lambda kind: _table_hook(kind, converter, hooks)
    )
    for kind, hook in _TABLE_HOOKS:
        converter.register_structure_hook(kind, hook)
    return converter


def read_table(
    table: object,
    kind: type[T],
    path: str,
    *,
    converter: Converter,
    codes: Mapping[str, str] = _CODES,
) -> T:
    """
    Return the instance of an attrs class that a table describes.

    Args:
        table: The values by name.
        kind: The class.
        path: The path of the table, the prefix of each problem's path.
        converter: A converter of :func:`build_converter`.
        codes: Codes to use in place of codes of this module, by the code that each replaces.

    Raises:
        InvalidSettings: With every problem.
    """
    errors: list[BaseException] = []

    def collect(error: BaseException, _kind: object) -> str:
        errors.append(error)
        return ""

    try:
        return converter.structure(table, kind)
    except Exception as error:  # noqa: BLE001 - a group of cattrs, or what a hook raises
        paths = transform_error(error, path, collect)
    # Raised outside of the handler, because the exceptions of cattrs hold the table.
    raise InvalidSettings(
        attrs.evolve(problem, code=codes.get(problem.code, problem.code))
        for error, place in zip(errors, paths, strict=True)
        for problem in _list_problems(error, place.removeprefix(" @ ").lstrip("."))
    )


def _build_unknown(path: str, name: object, names: Iterable[str]) -> Problem:
    from difflib import get_close_matches  # noqa: PLC0415 - needed for a mistake alone

    known = list(names)
    there = ", ".join(known) or "none"
    near = get_close_matches(str(name), known, 1)
    advice = f"Did you mean {near[0]}? The" if near else "Remove it; the"
    sentence = f"There is no setting of this name. {advice} settings here are: {there}."
    return Problem(f"{path}.{name}".lstrip("."), "setting.unknown", sentence)


def _list_problems(error: BaseException, path: str) -> Iterable[Problem]:
    if isinstance(error, InvalidSettings):
        return error.problems
    if isinstance(error, ForbiddenExtraKeysError):
        return [
            _build_unknown(path, name, _names(error.cl))
            for name in sorted(error.extra_fields, key=str)
        ]
    code = error.code if isinstance(error, WrongSetting) else "setting.conflict"
    return [Problem(path, code, str(error))]


def _read_value(setting: Setting, given: object) -> SettingValue:
    value: SettingValue = _SETTING_HOOKS[setting.kind](given, setting.kind)
    if setting.kind is SettingKind.CHOICE and value not in setting.choices:
        sentence = "The value is not a choice of this setting. Write one of: {choices}."
        raise WrongSetting("setting.kind", sentence, choices=", ".join(setting.choices))
    return value


def _build_missing(setting: Setting, given: object, path: str, variable: str | None) -> Problem:
    what = "setting is missing" if given is None else "value is blank"
    if variable is None:
        sentence = f"The {what}. Give it a value."
    elif setting.kind is SettingKind.SECRET:
        sentence = f"The {what}. Set {variable} in the environment."
    else:
        sentence = f"The {what}. Give it a value, or set {variable} in the environment."
    return Problem(path, "setting.required", sentence)


def _name_variable(sentence: str, setting: Setting, variable: str | None, *, is_from: bool) -> str:
    """
    Return the sentence about a wrong value of a setting, with the name of its environment variable.

    If the value is from the variable (``is_from``), the sentence names it as the place of the
    value. If it is not and the setting is a secret, the sentence advises to set the variable.
    """
    if variable is not None and is_from:
        given = sentence.replace("The value", f"The value of {variable} in the environment", 1)
        return given.replace("Write", "Give").replace(" in quotes", "")
    if variable is not None and setting.kind is SettingKind.SECRET:
        return f"{sentence.removesuffix('.')}, or set {variable} in the environment."
    return sentence


def validate_settings(
    declared: Iterable[Setting],
    given: Mapping[str, object],
    path: str,
    *,
    variables: Mapping[str, str] = MappingProxyType({}),
    environ: Container[str] = (),
) -> Mapping[str, SettingValue]:
    """
    Return the settings in the types that the adapter declares, with the defaults filled in.

    Args:
        declared: The adapter's settings.
        given: The given values by name; a setting with a default may be missing.
        path: The path of the settings, the prefix of each problem's path.
        variables: The name of each setting's environment variable, by setting; for the problems.
        environ: The environment variables that are set; ``given`` has their values.

    Raises:
        InvalidSettings: With every problem: unknown and missing names, and wrong kinds.
    """
    known = {setting.name: setting for setting in declared}
    problems = [_build_unknown(path, name, known) for name in given if name not in known]
    values: dict[str, SettingValue] = {}
    for name, setting in known.items():
        value = given.get(name, setting.default)
        variable = variables.get(name)
        if value is None or value == "":
            if setting.required:
                problems.append(_build_missing(setting, value, f"{path}.{name}", variable))
            continue
        try:
            values[name] = _read_value(setting, value)
        except WrongSetting as wrong:
            sentence = _name_variable(str(wrong), setting, variable, is_from=variable in environ)
            problems.append(Problem(f"{path}.{name}", wrong.code, sentence))
    if problems:
        raise InvalidSettings(problems)
    return MappingProxyType(values)


def to_given_value(value: object) -> object:
    """
    Return the value of a setting as a settings table has it, to be validated again.

    A secret and a number become text.
    """
    if isinstance(value, Secret):
        return value.reveal()
    return str(value) if isinstance(value, Decimal) else value
