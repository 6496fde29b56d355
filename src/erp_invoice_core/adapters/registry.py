"""
The adapters and the connections of a company.

A plugin that does not load is logged and skipped, and the other adapters are used. A connection is
checked against the settings that its adapter declares.
"""

from __future__ import annotations

import logging
import os
import re
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import attrs

from ..documents import Problem
from .adapter import Adapter, InvalidAdapter
from .connection import Connection
from .containment import Raised, call_contained, describe_exception, format_traceback
from .limits import read_limits, read_retry_policy
from .mappings import MappingTable, read_mappings
from .redaction import SHORTEST_SECRET, Redaction
from .settings import InvalidSettings, to_given_value, validate_settings
from .text import replace_unstorable

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from importlib.metadata import EntryPoint


#: The group of the entry points of adapters.
GROUP = "erp_invoice_core.adapters"
_OURS = "erp_invoice_core."
_LOG = logging.getLogger(__name__)
_VARIABLE = "ERP_"
_NOT_IN_A_VARIABLE = re.compile(r"[^A-Z0-9_]")
#: The keys of a connection's table that are not settings of its adapter.
_OWN_WORDS = ("adapter", "pace", "patience", "mappings")
_NOTHING: Mapping[str, object] = MappingProxyType({})
_LONGEST_NAME = 200
_T = TypeVar("_T")


@attrs.frozen
class AdapterProblem:
    """The name of a skipped plugin, and a sentence that says why it was skipped."""

    name: str
    message: str


class UnknownAdapter(KeyError):
    """No loaded adapter has that key; the text lists the keys."""

    def __str__(self) -> str:
        return str(self.args[0])


def _read_name(plugin: object) -> str:
    name = call_contained(lambda: str.__str__(getattr(plugin, "__name__", type(plugin).__name__)))
    known = type(plugin).__name__ if isinstance(name, Raised) else name
    return replace_unstorable(known[:_LONGEST_NAME])


def _build_environment_redaction() -> Redaction:
    """
    Return the redaction of all settings of connections in the environment.

    Before a plugin is loaded, it is not known which of its settings are secret.
    """
    given = (text for name, text in os.environ.items() if name.startswith(_VARIABLE))
    return Redaction(tuple(text for text in given if len(text) >= SHORTEST_SECRET))


class Adapters:
    """The loaded adapters by key, and the ``problems`` of the plugins that were skipped."""

    def __init__(self, *plugins: object, disabled: Container[str] = ()) -> None:
        """
        Load the plugins; those whose name or key is in ``disabled`` are left out.

        Raises:
            TypeError: A collection of plugins is given in place of a plugin.
        """
        self._by_key: dict[str, Adapter] = {}
        self._problems: list[AdapterProblem] = []
        self._disabled = disabled
        self.add(*plugins)

    @classmethod
    def installed(cls, disabled: Container[str] = ()) -> Adapters:
        """Return the adapters of the entry points of installed packages, the bundled ones first."""
        adapters = cls(disabled=disabled)
        for point in sorted(entry_points(group=GROUP), key=_order):
            adapters._load(point.name, point.load, disabled)
        return adapters

    def add(self, *plugins: object) -> None:
        """
        Load further plugins; those whose name or key is disabled are left out.

        Raises:
            TypeError: A collection of plugins is given in place of a plugin.
        """
        for plugin in plugins:
            if isinstance(plugin, (list, tuple, set, frozenset, dict, str)):
                kind = type(plugin).__name__
                msg = f"Each plugin must be an argument, as in Adapters(first, second), not in a {kind}."
                raise TypeError(msg)
        for plugin in plugins:
            self._load(_read_name(plugin), partial(_unwrap, plugin), self._disabled)

    def _load(self, name: str, get: Callable[[], object], disabled: Container[str]) -> None:
        if name in disabled:
            return
        adapter = call_contained(lambda: Adapter(get()))
        if not isinstance(adapter, Raised):
            self._add(name, adapter, disabled)
            return
        error, redaction = adapter.error, _build_environment_redaction()
        if isinstance(error, InvalidAdapter):
            self._skip(name, redaction.redact(str(error)))
            return
        self._skip(name, f"It does not load: {describe_exception(error, redaction)}")
        _LOG.warning("%s does not load.\n%s", name, format_traceback(error, redaction))

    def _skip(self, name: str, message: str) -> None:
        self._problems.append(AdapterProblem(name, message))
        _LOG.warning("The plugin %s was skipped: %s", name, message, extra={"adapter": name})

    def _add(self, name: str, adapter: Adapter, disabled: Container[str]) -> None:
        if adapter.key in disabled:
            return
        if adapter.key in self._by_key:
            self._skip(
                name, f"Its key {adapter.key!r} is that of another adapter. Disable one of the two."
            )
            return
        self._by_key[adapter.key] = adapter

    @property
    def problems(self) -> tuple[AdapterProblem, ...]:
        """The skipped plugins, each with the reason."""
        return tuple(self._problems)

    def is_skipped(self, key: str) -> bool:
        """Return whether a plugin of that name or key was disabled, or did not load."""
        return key in self._disabled or key in {problem.name for problem in self._problems}

    def __getitem__(self, key: str) -> Adapter:
        """
        Return the adapter of that key.

        Raises:
            UnknownAdapter: No adapter has that key.
        """
        adapter = self._by_key.get(key)
        if adapter is None:
            there = ", ".join(self._by_key) or "none"
            raise UnknownAdapter(f"There is no adapter {key!r}. Adapters: {there}.")
        return adapter

    def get(self, key: str) -> Adapter | None:
        """Return the adapter of that key, or ``None``."""
        return self._by_key.get(key)

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def __iter__(self) -> Iterator[Adapter]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)


def _unwrap(plugin: object) -> object:
    return plugin


def _order(point: EntryPoint) -> tuple[bool, str, str]:
    return (not point.value.startswith(_OURS), point.name, point.value)


class UnknownConnection(KeyError):
    """No connection has that name; the text lists the names."""

    def __str__(self) -> str:
        return str(self.args[0])


def name_variable(connection: str, setting: str) -> str:
    """Return the name of the environment variable of a setting: ``ERP_BEANCOUNT_PATH``."""
    return _NOT_IN_A_VARIABLE.sub("_", f"ERP_{connection}_{setting}".upper())


def build_connection(
    name: str,
    table: Mapping[str, object],
    environ: Mapping[str, str],
    adapters: Adapters | Mapping[str, Adapter],
    defaults: Mapping[str, object] = _NOTHING,
    *,
    directory: Path | None = None,
) -> Connection:
    """
    Return the ERP connection that a table of settings and the environment describe.

    Args:
        name: The name of the connection.
        table: The settings. ``adapter`` is the key of the adapter, by default the connection's
            name; ``pace`` is a table of limits, ``patience`` a table of the retry policy, and
            ``mappings`` the path of a mapping file, of which :func:`read_mappings` says the form.
        environ: The environment, in which ``ERP_<CONNECTION>_<SETTING>`` overrides the table.
        adapters: The loaded adapters by key.
        defaults: Values of settings that neither the table nor the environment has; names that the
            adapter does not declare are ignored.
        directory: The base of a relative path of a mapping file; by default the current one.

    Raises:
        InvalidSettings: With every problem.
        UnknownAdapter: No adapter of that key is loaded.
    """
    key = table.get("adapter", name)
    if not isinstance(key, str):
        path = f"connections.{name}.adapter"
        sentence = "The value is not a text. Write the key of the adapter in quotes."
        raise InvalidSettings([Problem(path, "setting.kind", sentence)])
    declared = adapters[key].declaration.settings
    variables = {setting.name: name_variable(name, setting.name) for setting in declared}
    given = {
        **{each: defaults[each] for each in variables if each in defaults},
        **{setting: value for setting, value in table.items() if setting not in _OWN_WORDS},
        **{each: environ[variable] for each, variable in variables.items() if variable in environ},
    }
    path = f"connections.{name}"
    problems: list[Problem] = []
    settings = _collect(
        problems,
        lambda: validate_settings(declared, given, path, variables=variables, environ=environ),
    )
    limits = retry_policy = None
    if "pace" in table:
        limits = _collect(problems, lambda: read_limits(table["pace"], f"{path}.pace"))
    if table.get("patience") is not None:
        retry_policy = _collect(
            problems, lambda: read_retry_policy(table["patience"], f"{path}.patience")
        )
    mappings = None
    if "mappings" in table:
        mappings = _collect(
            problems, lambda: _read_mappings(table["mappings"], f"{path}.mappings", directory)
        )
    if problems or settings is None:
        raise InvalidSettings(problems)
    return Connection(
        name, key, settings, limits=limits, retry_policy=retry_policy, mappings=mappings
    )


def _read_mappings(given: object, said_in: str, directory: Path | None) -> MappingTable:
    if not isinstance(given, str) or not given.strip() or "\0" in given:
        sentence = "The value is not a path. Write that of a CSV file in quotes."
        raise InvalidSettings([Problem(said_in, "setting.kind", sentence)])
    return read_mappings((directory or Path()) / given, said_in)


def _collect(problems: list[Problem], read: Callable[[], _T]) -> _T | None:
    """
    Return the result of ``read``.

    If ``read`` raises ``InvalidSettings``, add the problems to the list and return ``None``.
    """
    try:
        return read()
    except InvalidSettings as invalid:
        problems += invalid.problems
        return None


def _check_settings(connection: Connection, adapters: Adapters) -> Connection:
    """
    Return the connection with its settings converted to the types that its adapter declares.

    A connection whose adapter was disabled or skipped is returned unchanged.

    Raises:
        InvalidSettings: There is no such adapter, or a setting is not valid.
    """
    path = f"connections.{connection.name}"
    adapter = adapters.get(connection.adapter)
    if adapter is None and adapters.is_skipped(connection.adapter):
        # Entries of this connection wait for the adapter; other connections work.
        return connection
    if adapter is None:
        there = ", ".join(each.key for each in adapters) or "none"
        sentence = f"The adapter {connection.adapter!r} is not loaded. Name one of: {there}."
        raise InvalidSettings([Problem(f"{path}.adapter", "adapter.unknown", sentence)])
    given = {name: to_given_value(value) for name, value in connection.settings.items()}
    settings = validate_settings(adapter.declaration.settings, given, path)
    return attrs.evolve(connection, settings=settings)


class Connections:
    """The ERP connections of a company by name, each with its adapter."""

    def __init__(self, adapters: Adapters, connections: Iterable[Connection] = ()) -> None:
        """
        Store the connections by name, with their settings converted to the declared types.

        A connection whose adapter was disabled or skipped is stored unchanged. Its entries wait
        until the adapter is loaded.

        Raises:
            ValueError: Two connections have the same name.
            InvalidSettings: There is no such adapter, or a setting is unknown, missing or of
                another kind than declared. The text lists every problem.
        """
        self.adapters = adapters
        self._by_name: dict[str, Connection] = {}
        for connection in connections:
            if connection.name in self._by_name:
                msg = f"There are two connections {connection.name!r}. Give them different names."
                raise ValueError(msg)
            self._by_name[connection.name] = connection
        problems: list[Problem] = []
        for name, connection in self._by_name.items():
            try:
                self._by_name[name] = _check_settings(connection, adapters)
            except InvalidSettings as error:
                problems += error.problems
        if problems:
            raise InvalidSettings(problems)
        secrets = tuple(secret for one in self._by_name.values() for secret in one.secrets)
        self._redaction = Redaction(secrets)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def redaction(self) -> Redaction:
        """The redaction of the secrets of all connections."""
        return self._redaction

    def resolve(self, name: str) -> tuple[Adapter, Connection]:
        """
        Return the adapter and the connection of that name.

        Raises:
            UnknownConnection: No connection has that name.
            UnknownAdapter: Its adapter is not loaded.
        """
        connection = self._by_name.get(name)
        if connection is None:
            there = ", ".join(self._by_name) or "none"
            raise UnknownConnection(f"There is no connection {name!r}. Connections: {there}.")
        return self.adapters[connection.adapter], connection
