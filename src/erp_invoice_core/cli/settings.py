"""The settings file: policy, connections, folder of files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import attrs

from ..documents import Problem
from ..rules import Policy, Reaction
from .output import BadInput, build_bad_input

#: The connection of what came with an ERP id from elsewhere; nothing can be sent to it.
IMPORTED = "imported"
_SWITCH = (bool, "Say true or false.")
_REACTION = (Reaction, 'Say "deny" or "notice".')
_STATUSES = (frozenset, "Write an array of texts.")
_POLICIES: Mapping[str, tuple[type, str]] = {
    "separation_of_duties": _SWITCH,
    "direct_export": _SWITCH,
    "reason_required": _SWITCH,
    "over_billing": _SWITCH,
    "attachments_after_sync": _SWITCH,
    "previous_may_differ": _SWITCH,
    "free_erp_statuses": _STATUSES,
    "refused_commitment_statuses": _STATUSES,
    "summary_difference": _REACTION,
    "over_release": _REACTION,
    "earliest_billing_date": (date, "Write a date without quotes, as in 2000-01-01."),
    "billing_date_years": (int, "Write a whole number from 0 to 100."),
}
_MOST_YEARS = 100
_LARGEST = 1024 * 1024


def _tables(tables: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(tables))


@attrs.frozen
class Settings:
    """
    The policy, and the table of each connection by its name: ``adapter`` and settings.

    Attributes:
        files_dir: The folder of the content of attachments, if one is named.
    """

    policy: Policy = attrs.field(factory=Policy)
    connections: Mapping[str, Mapping[str, Any]] = attrs.field(
        factory=dict, converter=_tables, hash=False
    )
    files_dir: Path | None = None


def read_settings(path: Path | None) -> Settings:
    """
    Return the settings of the TOML file; without a file, the defaults.

    Raises:
        BadInput: It cannot be read, is no TOML, or says something that is not known; all of it.
    """
    if path is None:
        return Settings()
    table = _table(path)
    problems = [
        Problem(
            name,
            "settings.unknown",
            "Use only files_dir and the tables [policy] and [connections.NAME].",
        )
        for name in table
        if name not in {"files_dir", "policy", "connections"}
    ]
    policy = _policy(table.get("policy", {}), problems)
    connections = _connections(table.get("connections", {}), problems)
    files_dir = _files_dir(table.get("files_dir"), path, problems)
    if problems:
        raise BadInput(problems)
    return Settings(policy, connections, files_dir)


def _files_dir(value: object, path: Path, problems: list[Problem]) -> Path | None:
    """Return the folder that was named; a relative one is beside the settings file."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        problems.append(Problem("files_dir", "settings.type", "Name a folder, in quotes."))
        return None
    return path.resolve().parent / value


def _table(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise build_bad_input(
                "--settings", "settings.too_large", "Keep the settings file below 1 MiB."
            )
        return tomllib.loads(content.decode())
    except OSError as fault:
        sentence = f"Name a settings file that can be read: {fault.strerror}."
        raise build_bad_input("--settings", "settings.unreadable", sentence) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise build_bad_input(
            "--settings", "settings.not_toml", f"Write the settings in TOML: {fault}."
        ) from fault
    except ValueError as fault:  # the reader has no error of its own for this one
        sentence = "Write smaller numbers: one has more digits than any setting takes."
        raise build_bad_input("--settings", "settings.not_toml", sentence) from fault


def _policy(table: object, problems: list[Problem]) -> Policy:
    if not isinstance(table, dict):
        problems.append(Problem("policy", "settings.type", "Write [policy] as a table."))
        return Policy()
    said: dict[str, Any] = {}
    for name, value in table.items():
        path = f"policy.{name}"
        if name not in _POLICIES:
            sentence = f"Use one of: {', '.join(_POLICIES)}."
            problems.append(Problem(path, "settings.unknown", sentence))
            continue
        kind, sentence = _POLICIES[name]
        decided = _decided(kind, value)
        if decided is None:
            problems.append(Problem(path, "settings.type", sentence))
        else:
            said[name] = decided
    try:
        return Policy(**said)
    except ValueError as refusal:
        problems.append(Problem("policy", "settings.conflict", str(refusal)))
        return Policy()


def _decided(kind: type, value: object) -> object:
    """Return a setting of the policy as a value of its kind, ``None`` if it is not one."""
    if kind is Reaction:
        words = {each.value: each for each in Reaction}
        return words.get(value) if isinstance(value, str) else None
    if kind is frozenset:
        is_texts = isinstance(value, list) and all(isinstance(text, str) for text in value)
        return frozenset(value) if isinstance(value, list) and is_texts else None
    if kind is int:
        is_years = type(value) is int and 0 <= value <= _MOST_YEARS
        return value if is_years else None
    return value if type(value) is kind else None


def _connections(table: object, problems: list[Problem]) -> dict[str, Mapping[str, Any]]:
    if not isinstance(table, dict):
        sentence = "Write each connection as a table: [connections.NAME]."
        problems.append(Problem("connections", "settings.type", sentence))
        return {}
    connections: dict[str, Mapping[str, Any]] = {}
    for name, settings in table.items():
        path = f"connections.{name}"
        if name == IMPORTED:
            sentence = (
                f"Give the connection another name: {IMPORTED} is for what came from elsewhere."
            )
            problems.append(Problem(path, "settings.reserved", sentence))
        elif not isinstance(settings, dict):
            sentence = "Write each connection as a table: [connections.NAME]."
            problems.append(Problem(path, "settings.type", sentence))
        elif not isinstance(settings.get("adapter", name), str):
            problems.append(
                Problem(f"{path}.adapter", "settings.type", "Name the adapter in text.")
            )
        else:
            connections[name] = settings
    return connections
