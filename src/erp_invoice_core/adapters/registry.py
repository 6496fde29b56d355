"""Which adapters there are: an instance, never a global; what fails to load is told and skipped."""

from __future__ import annotations

from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import attrs

from .adapter import Adapter, InvalidAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "AdapterProblem", "Adapters", "UnknownAdapter"]

#: The entry points that name adapters.
GROUP = "erp_invoice_core.adapters"
_OURS = "erp_invoice_core."


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
    name = getattr(plugin, "__name__", None)
    return name if isinstance(name, str) else type(plugin).__name__


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
        try:
            adapter = Adapter(get())
        except InvalidAdapter as error:
            self._problems.append(AdapterProblem(name, str(error)))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a package may fail in any way as it loads
            said = f"It does not load: {type(error).__name__}: {error}"
            self._problems.append(AdapterProblem(name, said))
        else:
            self._add(name, adapter, disabled)

    def _add(self, name: str, adapter: Adapter, disabled: Container[str]) -> None:
        if adapter.key in disabled:
            return
        if adapter.key in self._by_key:
            message = f"Its key {adapter.key!r} is another adapter's; disable one of the two."
            self._problems.append(AdapterProblem(name, message))
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
