"""Shapes that earlier versions stored, read as today's."""

from __future__ import annotations

from typing import Any

__all__ = ["current_denial"]

#: The code of a remedy that version 0.1 stored as a sentence and a role.
_SENTENCE = "stored.sentence"


def _remedy(former: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": _SENTENCE,
        "action": None,
        "fact": None,
        "who": former.get("who"),
        "message": former.get("do"),
        "facts": {},
    }


def current_denial(stored: Any) -> Any:  # noqa: ANN401 - whatever JSON holds; the reader checks it
    """
    Return a stored denial in today's shape; one that has it already is returned as it is.

    Version 0.1 stored remedies as one row of ``{do, who}``: what a permission needs was needed
    together, anything else was an alternative. What is stored is not changed.
    """
    remedies = stored.get("remedies") if isinstance(stored, dict) else None
    if not isinstance(remedies, list) or not all(isinstance(row, dict) for row in remedies):
        return stored
    if not remedies:
        return stored
    rows = list(map(_remedy, remedies))
    needed_together = str(stored.get("code")).startswith("permission.")
    return {**stored, "remedies": [rows] if needed_together else [[row] for row in rows]}
