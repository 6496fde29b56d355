"""The ERP connections of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..adapters import Connections, InvalidSettings, UnknownAdapter, build_connection
from ..documents import Problem
from .output import BadInput
from .settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..adapters import Adapters, Connection


#: The keys of profiles begin with it.
_PROFILE = "profile_"
#: The connection without the option ``--to``, that to the built-in ledger.
DEFAULT = "beancount"


def add_profile(adapters: Adapters, key: str | None) -> None:
    """Add the profile with that key to the adapters, unless an adapter has the key already."""
    if key is None or not key.startswith(_PROFILE) or key in adapters or adapters.is_skipped(key):
        return
    from ..contrib.profiles import ProfilePlugin, is_profile  # noqa: PLC0415 - loaded when first used

    if is_profile(key):
        adapters.add(ProfilePlugin(key))


def build_connections(
    settings: Settings,
    adapters: Adapters,
    database: Path | None,
    environ: Mapping[str, str],
    directory: Path | None = None,
) -> Connections:
    """
    Return the ERP connections: those of the settings, and a default one for each adapter.

    By default the built-in ledger is beside the database file, such as ``erp.beancount`` beside
    ``erp.db``; with a database on a server, its path must be set. An adapter has no default
    connection if a required setting is missing. If a table of the settings names a profile, the
    profile is loaded. A relative path of a mapping file is relative to ``directory``.

    Raises:
        BadInput: A connection in the settings or the environment is not valid.
    """
    beside = {"path": str(_choose_ledger(database))} if database else {}
    found: list[Connection] = []
    problems: list[Problem] = []
    for name, table in settings.connections.items():
        add_profile(adapters, str(table.get("adapter", name)))
    for name, table in _build_tables(settings, adapters).items():
        defaults = beside if name == DEFAULT else {}
        try:
            found.append(
                build_connection(name, table, environ, adapters, defaults, directory=directory)
            )
        except UnknownAdapter as unknown:
            if adapters.is_skipped(str(table.get("adapter", name))):
                continue  # the verb adapters reports it; entries of the connection wait
            path = f"connections.{name}.adapter"
            problems.append(Problem(path, "adapter.unknown", str(unknown)))
        except InvalidSettings as invalid:
            if name in settings.connections or not _is_only_missing(invalid):
                problems += invalid.problems
    if problems:
        raise BadInput(problems)
    return Connections(adapters, found)


def read_connections(
    path: Path | None, adapters: Adapters, database: Path | None, environ: Mapping[str, str]
) -> tuple[Settings, Connections]:
    """
    Return the settings of a file, and their connections.

    Raises:
        BadInput: With every problem of both.
    """
    directory = None if path is None else path.resolve().parent

    def find_problems(tables: Mapping[str, Mapping[str, Any]]) -> Sequence[Problem]:
        try:
            tables_alone = Settings(connections=tables)
            build_connections(tables_alone, adapters, database, environ, directory)
        except BadInput as refused:
            return refused.problems
        return ()

    settings = read_settings(path, find_problems)
    return settings, build_connections(settings, adapters, database, environ, directory)


def _choose_ledger(database: Path) -> Path:
    file = database.resolve()
    ledger = file.with_suffix(".beancount")
    return ledger if ledger != file else file.with_name(f"{file.name}.beancount")


def _build_tables(settings: Settings, adapters: Adapters) -> dict[str, Mapping[str, Any]]:
    defaults: dict[str, Mapping[str, Any]] = {adapter.key: {} for adapter in adapters}
    return {**defaults, **settings.connections}


def _is_only_missing(invalid: InvalidSettings) -> bool:
    return all(problem.code == "setting.required" for problem in invalid.problems)
