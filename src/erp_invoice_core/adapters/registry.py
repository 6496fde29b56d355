"""Which adapters there are: an instance, never a global; what fails to load is told and skipped."""

from __future__ import annotations

import logging
import os
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import attrs

from .adapter import Adapter, InvalidAdapter
from .containment import Raised, contained, sentence_of, traceback_of
from .redaction import SHORTEST_SECRET, Redaction
from .text import storable

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "AdapterProblem", "Adapters", "UnknownAdapter"]

#: The entry points that name adapters.
GROUP = "erp_invoice_core.adapters"
_OURS = "erp_invoice_core."
_LOG = logging.getLogger(__name__)
_VARIABLE = "ERP_"
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


def _name_of(plugin: object) -> str:
    name = contained(lambda: str.__str__(getattr(plugin, "__name__", type(plugin).__name__)))
    known = type(plugin).__name__ if isinstance(name, Raised) else name
    return storable(known[:_LONGEST_NAME])


def _environment() -> Redaction:
    """
    Return what removes the settings of connections that the environment holds.

    Before a plugin is loaded nobody knows which of them is secret.
    """
    given = (text for name, text in os.environ.items() if name.startswith(_VARIABLE))
    return Redaction(tuple(text for text in given if len(text) >= SHORTEST_SECRET))


class Adapters:
    """The adapters at hand, by key; ``problems`` tells which plugins were skipped and why."""

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
            self._load(_name_of(plugin), partial(_itself, plugin), disabled)

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
        adapter = contained(lambda: Adapter(get()))
        if not isinstance(adapter, Raised):
            self._add(name, adapter, disabled)
            return
        error, redaction = adapter.error, _environment()
        if isinstance(error, InvalidAdapter):
            self._skip(name, redaction.text(str(error)))
            return
        self._skip(name, f"It does not load: {sentence_of(error, redaction)}")
        _LOG.warning("%s does not load.\n%s", name, traceback_of(error, redaction))

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
        """Whether a plugin of that name or key was disabled, or did not load."""
        return key in self._disabled or key in {problem.name for problem in self._problems}

    def __getitem__(self, key: str) -> Adapter:
        """
        Return the adapter of that key.

        Raises:
            UnknownAdapter: There is none.
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


def _itself(plugin: object) -> object:
    return plugin


def _order(point: EntryPoint) -> tuple[bool, str, str]:
    return (not point.value.startswith(_OURS), point.name, point.value)
