"""The ERP adapter of Tryton, over its REST interface."""

from __future__ import annotations

from typing import Final

from .adapter import TrytonAdapter as TrytonAdapter

#: The plugin.
TRYTON: Final = TrytonAdapter()
