"""The settings file: the company's policy and its connections, every problem collected."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from ..documents import Problem
from ..rules import Policy
from .answer import BadInput, bad

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IMPORTED", "Settings", "read_settings"]

#: The connection of what came with an ERP id from elsewhere; nothing can be sent to it.
IMPORTED = "imported"
_POLICIES = (
    "separation_of_duties",
    "direct_export",
    "reason_required",
    "over_billing",
    "attachments_after_sync",
    "previous_may_differ",
)
_LARGEST = 1024 * 1024


def _tables(tables: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(tables))


@attrs.frozen
class Settings:
    """The policy, and the table of each connection by its name: ``adapter`` and settings."""

    policy: Policy = attrs.field(factory=Policy)
    connections: Mapping[str, Mapping[str, Any]] = attrs.field(
        factory=dict, converter=_tables, hash=False
    )


def read_settings(path: Path | None) -> Settings:
    """
    Return what the TOML file says; the defaults where there is none.

    Raises:
        BadInput: It cannot be read, is no TOML, or says something that is not known; all of it.
    """
    if path is None:
        return Settings()
    table = _table(path)
    problems = [
        Problem(name, "settings.unknown", "Use only the tables [policy] and [connections.NAME].")
        for name in table
        if name not in {"policy", "connections"}
    ]
    policy = _policy(table.get("policy", {}), problems)
    connections = _connections(table.get("connections", {}), problems)
    if problems:
        raise BadInput(problems)
    return Settings(policy, connections)


def _table(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise bad("--settings", "settings.too_large", "Keep the settings file below 1 MiB.")
        return tomllib.loads(content.decode())
    except OSError as fault:
        sentence = f"Name a settings file that can be read: {fault.strerror}."
        raise bad("--settings", "settings.unreadable", sentence) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise bad(
            "--settings", "settings.not_toml", f"Write the settings in TOML: {fault}."
        ) from fault


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
        elif not isinstance(value, bool):
            problems.append(Problem(path, "settings.type", "Say true or false."))
        else:
            said[name] = value
    try:
        return Policy(**said)
    except ValueError as refusal:
        problems.append(Problem("policy", "settings.conflict", str(refusal)))
        return Policy()


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
