"""The settings file: policy, connections, directory of attachments."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import attrs

from ..adapters import InvalidSettings
from ..adapters.settings import WrongSetting, build_converter, is_texts, read_table, value_hook
from ..adapters.text import shorten
from ..documents import Problem
from ..rules import Policy, Reaction
from ..values import Value
from .output import BadInput, build_bad_input

#: The connection of documents that have an ERP id from elsewhere; nothing can be sent to it.
IMPORTED = "imported"
_LARGEST = 1024 * 1024
_SHOWN = 40
_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {"setting.kind": "settings.type", "setting.unknown": "settings.unknown"}
    | {"setting.conflict": "settings.conflict"}
)
_Tables = Mapping[str, Mapping[str, Any]]


def _freeze(tables: _Tables) -> _Tables:
    return MappingProxyType(dict(tables))


@attrs.frozen(eq=False, repr=False)
class Settings(Value):
    """
    The settings of the command: policy, connections and directory of attachments.

    Attributes:
        connections: The table of each connection by its name: ``adapter`` and its settings.
        files_dir: The directory of the content of attachments; ``None`` if the file names no
            directory.
    """

    policy: Policy = attrs.field(factory=Policy)
    connections: _Tables = attrs.field(factory=dict, converter=_freeze, hash=False)
    files_dir: Path | None = None


def _is_path(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def _read_connections(value: object, _kind: object) -> _Tables:
    """Return the tables of connections after a check of their form, not of their settings."""
    sentence = "The value is not a table. Write each connection as one: [connections.NAME]."
    if not isinstance(value, Mapping):
        raise WrongSetting("setting.kind", sentence)
    problems = []
    for name, table in value.items():
        path = f"connections.{name}"
        if name == IMPORTED:
            reserved = f"{name} is the connection of imported documents. Use another name."
            problems.append(Problem(path, "settings.reserved", reserved))
        elif not isinstance(table, Mapping):
            problems.append(Problem(path, "settings.type", sentence))
        elif not isinstance(table.get("adapter", name), str):
            no_text = "The value is not a text. Write the key of the adapter in quotes."
            problems.append(Problem(f"{path}.adapter", "settings.type", no_text))
    if problems:
        raise InvalidSettings(problems)
    return value


def _read_reaction(value: object, kind: object) -> object:
    if not isinstance(value, str) or value in [each.value for each in Reaction]:
        return _REACTION(value, kind)
    sentence = 'The value is "{given}". Write "deny" or "notice".'
    raise WrongSetting("setting.kind", sentence, given=shorten(value, _SHOWN))


_REACTION = value_hook(
    "setting.kind",
    'The value is {value}. Write "deny" or "notice".',
    lambda value: value in [each.value for each in Reaction],
    Reaction,
)
_STATUSES = value_hook(
    "setting.kind",
    'The value is not an array of texts. Write one, as ["Void"].',
    is_texts,
    frozenset,
)
_CONVERTER: Final = build_converter(
    connections=_read_connections,
    files_dir=value_hook(
        "setting.kind",
        "The value is not a path. Write that of a directory in quotes.",
        _is_path,
        Path,
    ),
    summary_difference=_read_reaction,
    over_release=_read_reaction,
    billing_date_years=value_hook(
        "setting.kind",
        "The value is {value}. Write a whole number from 0 to 100.",
        lambda value: type(value) is int and value in range(101),
    ),
    free_erp_statuses=_STATUSES,
    refused_commitment_statuses=_STATUSES,
)


def read_settings(
    path: Path | None, check_connections: Callable[[_Tables], Iterable[Problem]] | None = None
) -> Settings:
    """
    Return the settings of a TOML file, or the defaults without a file.

    A relative ``files_dir`` is beside the settings file.

    Args:
        path: The file.
        check_connections: Returns the problems of the tables of connections, which are reported
            together with those of the file.

    Raises:
        BadInput: The file cannot be read, is not TOML, or has values that are not valid; with every
            problem.
    """
    if path is None:
        return Settings()
    tables = _read_toml(path)
    try:
        settings = read_table(tables, Settings, "", converter=_CONVERTER, codes=_CODES)
    except InvalidSettings as invalid:
        more = check_connections(_select_connections(tables)) if check_connections else ()
        raise BadInput([*invalid.problems, *more]) from None
    if settings.files_dir is None:
        return settings
    return attrs.evolve(settings, files_dir=path.resolve().parent / settings.files_dir)


def _select_connections(tables: Mapping[str, Any]) -> _Tables:
    """
    Return those tables of connections that :func:`_read_connections` accepts.

    If the file has problems, the settings in these tables are checked too, so that one run reports
    every problem of the file.
    """
    connections = tables.get("connections")
    if not isinstance(connections, Mapping):
        return {}
    return {name: table for name, table in connections.items() if _is_connection(name, table)}


def _is_connection(name: str, table: object) -> bool:
    if name == IMPORTED or not isinstance(table, Mapping):
        return False
    return isinstance(table.get("adapter", name), str)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            sentence = "The settings file is larger than 1 MiB. Name a smaller one."
            raise build_bad_input("--settings", "settings.too_large", sentence)
        return tomllib.loads(content.decode())
    except OSError as fault:
        sentence = f"The settings file cannot be read: {fault.strerror}. Name another one."
        raise build_bad_input("--settings", "settings.unreadable", sentence) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        sentence = f"The settings file is not valid TOML: {fault}. Correct it."
        raise build_bad_input("--settings", "settings.not_toml", sentence) from fault
    except ValueError as fault:  # tomllib has no exception of its own for too many digits
        sentence = "A number in the settings file has too many digits. Write a smaller one."
        raise build_bad_input("--settings", "settings.not_toml", sentence) from fault
