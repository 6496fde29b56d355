"""A promise that was not kept."""

from __future__ import annotations

import attrs

__all__ = ["Violation"]


@attrs.frozen
class Violation:
    """A promise that was not kept, in a sentence."""

    code: str
    entry_id: str
    sentence: str
