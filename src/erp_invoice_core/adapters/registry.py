"""
The adapters and the connections of a company.

Both are instances, never globals. A plug-in that does not load is logged and skipped; the
other adapters go on. A connection is checked against the settings that its adapter declares.
"""

from __future__ import annotations

import logging
import os
import re
from functools import partial
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from ..documents import Problem
from .adapter import Adapter, InvalidAdapter
from .connection import Connection
from .containment import Raised, call_contained, describe_exception, format_traceback
from .limits import read_limits, read_retry_policy
from .redaction import SHORTEST_SECRET, Redaction
from .settings import InvalidSettings, to_given_value, validate_settings
from .text import replace_unstorable

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from importlib.metadata import EntryPoint

    from ..declaration import Setting


#: The entry points that name adapters.
GROUP = "erp_invoice_core.adapters"
_OURS = "erp_invoice_core."
_LOG = logging.getLogger(__name__)
_VARIABLE = "ERP_"
_NOT_IN_A_VARIABLE = re.compile(r"[^A-Z0-9_]")
#: The words of a connection's table besides the settings of its adapter.
_OWN_WORDS = ("adapter", "pace", "patience")
_NOTHING: Mapping[str, object] = MappingProxyType({})
_LONGEST_NAME = 200


@attrs.frozen
class AdapterProblem:
    """A plugin that was skipped, and why, in a sentence."""

    name: str
    message: str


class UnknownAdapter(KeyError):
    """No adapter has that key; the text says which there are."""

    def __str__(self) -> str:
        return str(self.args[0])


def _read_name(plugin: object) -> str:
    name = call_contained(lambda: str.__str__(getattr(plugin, "__name__", type(plugin).__name__)))
    known = type(plugin).__name__ if isinstance(name, Raised) else name
    return replace_unstorable(known[:_LONGEST_NAME])


def _build_environment_redaction() -> Redaction:
    """
    Return what removes the settings of connections that the environment holds.

    Before a plugin is loaded, its secret settings are not known.
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
        for plugin in plugins:
            if isinstance(plugin, (list, tuple, set, frozenset, dict, str)):
                msg = f"Give each plugin by itself, Adapters(first, second): not a {type(plugin).__name__}."
                raise TypeError(msg)
        self._by_key: dict[str, Adapter] = {}
        self._problems: list[AdapterProblem] = []
        self._disabled = disabled
        for plugin in plugins:
            self._load(_read_name(plugin), partial(_unwrap, plugin), disabled)

    @classmethod
    def installed(cls, disabled: Container[str] = ()) -> Adapters:
        """Return the adapters that installed packages name as entry points, ours first."""
        adapters = cls(disabled=disabled)
        for point in sorted(entry_points(group=GROUP), key=_order):
            adapters._load(point.name, point.load, disabled)
        return adapters

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
                name, f"Its key {adapter.key!r} is another adapter's; disable one of the two."
            )
            return
        self._by_key[adapter.key] = adapter

    @property
    def problems(self) -> tuple[AdapterProblem, ...]:
        """The plugins that were skipped."""
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
            raise UnknownAdapter(f"There is no adapter {key!r}; there are: {there}.")
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
    """No connection has that name; the text says which there are."""

    def __str__(self) -> str:
        return str(self.args[0])


def name_variable(connection: str, setting: str) -> str:
    """Return the name of the environment variable of a setting: ``ERP_BEANCOUNT_PATH``."""
    return _NOT_IN_A_VARIABLE.sub("_", f"ERP_{connection}_{setting}".upper())


def build_connection(
    name: str,
    table: Mapping[str, object],
    environ: Mapping[str, str],
    adapters: Adapters,
    defaults: Mapping[str, object] = _NOTHING,
) -> Connection:
    """
    Return the connection that a table of settings and the environment describe.

    Args:
        name: Its name.
        table: The settings; under ``adapter`` the adapter's key, without which the connection is
            named after its adapter; under ``pace`` a table of its limits; under ``patience``
            one of when to ask a person.
        environ: The environment: ``ERP_<CONNECTION>_<SETTING>`` wins over the table.
        adapters: Where the adapter is looked up.
        defaults: What holds where neither says anything, by setting; names that the adapter does
            not declare are passed over.

    Raises:
        InvalidSettings: With every problem.
        UnknownAdapter: No such adapter is loaded.
    """
    key = table.get("adapter", name)
    if not isinstance(key, str):
        path = f"connections.{name}.adapter"
        raise InvalidSettings(
            [Problem(path, "setting.kind", "Write the adapter's key, in quotes.")]
        )
    declared = adapters[key].declaration.settings
    given = {
        **{
            setting.name: defaults[setting.name] for setting in declared if setting.name in defaults
        },
        **{setting: value for setting, value in table.items() if setting not in _OWN_WORDS},
        **_read_environment(name, declared, environ),
    }
    path = f"connections.{name}"
    settings = validate_settings(declared, given, path)
    limits = read_limits(table["pace"], f"{path}.pace") if "pace" in table else None
    given_policy = table.get("patience")
    retry_policy = (
        None if given_policy is None else read_retry_policy(given_policy, f"{path}.patience")
    )
    return Connection(name, key, settings, limits=limits, retry_policy=retry_policy)


def _read_environment(
    name: str, declared: Iterable[Setting], environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the settings of a connection that the environment holds."""
    variables = {setting.name: name_variable(name, setting.name) for setting in declared}
    return {setting: environ[key] for setting, key in variables.items() if key in environ}


def _check_settings(connection: Connection, adapters: Adapters) -> Connection:
    """
    Return the connection with its settings in the kinds that its adapter declares.

    Raises:
        InvalidSettings: The adapter is not loaded, or a setting cannot be.
    """
    path = f"connections.{connection.name}"
    adapter = adapters.get(connection.adapter)
    if adapter is None and adapters.is_skipped(connection.adapter):
        # Its entries wait for the adapter; the other connections go on.
        return connection
    if adapter is None:
        there = ", ".join(each.key for each in adapters) or "none"
        sentence = f"Name an adapter that is loaded ({there}): {connection.adapter!r} is not."
        raise InvalidSettings([Problem(f"{path}.adapter", "adapter.unknown", sentence)])
    given = {name: to_given_value(value) for name, value in connection.settings.items()}
    settings = validate_settings(adapter.declaration.settings, given, path)
    return attrs.evolve(connection, settings=settings)


class Connections:
    """A company's connections, and for each the adapter behind it."""

    def __init__(self, adapters: Adapters, connections: Iterable[Connection] = ()) -> None:
        """
        Keep the connections by name, each with its settings in the declared kinds.

        Raises:
            ValueError: Two have the same name.
            InvalidSettings: An adapter is not there (one that was disabled, or did not load, is
                only missing for now), or a setting is unknown, missing or of
                another kind than declared; the text names each.
        """
        self.adapters = adapters
        self._by_name: dict[str, Connection] = {}
        for connection in connections:
            if connection.name in self._by_name:
                msg = f"There are two connections {connection.name!r}; name them apart."
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

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def redaction(self) -> Redaction:
        """The redaction of the secrets of all connections."""
        return Redaction(tuple(secret for one in self for secret in one.secrets))

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
            raise UnknownConnection(f"There is no connection {name!r}; there are: {there}.")
        return self.adapters[connection.adapter], connection
