"""A connection binds an adapter to the settings of one company's ERP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from ..documents import Problem
from .pace import Pace, pace_from
from .patience import patience_from
from .redaction import SHORTEST_SECRET, Redaction
from .settings import InvalidSettings, Secret, SettingValue, given_again, validated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..flow import RetryPolicy
    from .adapter import Adapter
    from .registry import Adapters

__all__ = ["Connection", "Connections", "UnknownConnection", "connection_from", "variable"]

_NOT_IN_A_VARIABLE = re.compile(r"[^A-Z0-9_]")
#: What a connection's table may say besides its adapter's settings.
_OURS = ("adapter", "pace", "patience")
_NOTHING: Mapping[str, object] = MappingProxyType({})


def _frozen(settings: Mapping[str, SettingValue]) -> Mapping[str, SettingValue]:
    return MappingProxyType(dict(settings))


@attrs.frozen
class Connection:
    """
    A name that entries record, the key of its adapter, and settings in the declared kinds.

    ``repr`` shows no secret. ``pace`` and ``patience`` are its own; without them the worker's hold.

    Raises:
        ValueError: A secret is shorter than 8 characters: it could not be told from other text.
    """

    name: str
    adapter: str
    settings: Mapping[str, SettingValue] = attrs.field(factory=dict, converter=_frozen, hash=False)
    pace: Pace | None = attrs.field(default=None, kw_only=True)
    patience: RetryPolicy | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        for setting, value in self.settings.items():
            if isinstance(value, Secret) and len(value.reveal()) < SHORTEST_SECRET:
                msg = (
                    f"The secret {setting} of connection {self.name} is shorter than"
                    f" {SHORTEST_SECRET} characters."
                )
                raise ValueError(msg)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that must never be shown."""
        values = self.settings.values()
        return tuple(value.reveal() for value in values if isinstance(value, Secret))


class UnknownConnection(KeyError):
    """No connection has that name; the text says which there are."""

    def __str__(self) -> str:
        return str(self.args[0])


def variable(connection: str, setting: str) -> str:
    """Return the name of the environment variable of a setting: ``ERP_BEANCOUNT_PATH``."""
    return _NOT_IN_A_VARIABLE.sub("_", f"ERP_{connection}_{setting}".upper())


def connection_from(
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
        setting.name: defaults[setting.name] for setting in declared if setting.name in defaults
    }
    given |= {setting: value for setting, value in table.items() if setting not in _OURS}
    for setting in declared:
        text = environ.get(variable(name, setting.name))
        if text is not None:
            given[setting.name] = text
    path = f"connections.{name}"
    settings = validated(declared, given, path)
    pace = pace_from(table["pace"], f"{path}.pace") if "pace" in table else None
    told = table.get("patience")
    patience = None if told is None else patience_from(told, f"{path}.patience")
    return Connection(name, key, settings, pace=pace, patience=patience)


def _checked(connection: Connection, adapters: Adapters) -> Connection:
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
    given = {name: given_again(value) for name, value in connection.settings.items()}
    settings = validated(adapter.declaration.settings, given, path)
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
                self._by_name[name] = _checked(connection, adapters)
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
        """What removes the secrets of all connections from text."""
        return Redaction(tuple(secret for one in self for secret in one.secrets))

    def resolve(self, name: str) -> tuple[Adapter, Connection]:
        """
        Return the adapter and the connection of that name.

        Raises:
            UnknownConnection: There is none.
            UnknownAdapter: Its adapter is not loaded.
        """
        connection = self._by_name.get(name)
        if connection is None:
            there = ", ".join(self._by_name) or "none"
            raise UnknownConnection(f"There is no connection {name!r}; there are: {there}.")
        return self.adapters[connection.adapter], connection
