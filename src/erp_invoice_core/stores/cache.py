"""A cache of recent values, bounded by their size in bytes."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Recent(Generic[_K, _V]):
    """Values by key, shared by all threads; the oldest values are removed first."""

    def __init__(self, most: int) -> None:
        """Create an empty cache of values with at most *most* bytes in total."""
        self._most = most
        self._held = 0
        self._values: dict[_K, tuple[_V, int]] = {}
        self._lock = threading.Lock()

    def get(self, key: _K) -> _V | None:
        """Return the value of a key, if it is still stored."""
        known = self._values.get(key)
        return None if known is None else known[0]

    def put(self, key: _K, value: _V, size: int) -> None:
        """Store a value that has ``size`` bytes, unless that is more than the total limit."""
        with self._lock:
            self._drop(key)
            if size > self._most:
                return
            while self._held + size > self._most:
                self._drop(next(iter(self._values)))
            self._values[key] = (value, size)
            self._held += size

    def _drop(self, key: _K) -> None:
        _, size = self._values.pop(key, (None, 0))
        self._held -= size
