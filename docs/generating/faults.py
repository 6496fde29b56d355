"""The tables of the faults and quirks that a test can provoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.testing import FAULTS, QUIRKS, Effect, Quirk

from .markdown import code, prose, table
from .source import PACKAGE, members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PARTS"]

_EFFECTS = {
    Effect.NEVER: "not carried out",
    Effect.ONCE: "carried out once",
    Effect.LATER: "carried out later",
}


def _list_faults() -> str:
    sentences = members(PACKAGE / "testing/faults/fault.py")["Fault"]
    rows = (
        (
            code(fault.name),
            prose(sentences[fault.name] or ""),
            _EFFECTS[row.effect],
            row.answer,
            row.call or "not proved",
        )
        for fault, row in FAULTS.items()
    )
    heads = ("Fault", "Meaning", "In the ERP", "The adapter gets over HTTP", "Without HTTP")
    return table(heads, rows)


def _list_quirks() -> str:
    sentences = members(PACKAGE / "testing/fake_erp/quirks.py")["Quirk"]
    rows = (
        (
            code(quirk.value if row.figure is None else f"{quirk.value}={row.figure}"),
            prose(sentences[quirk.name] or ""),
            "HTTP" if row.needs_http else "both",
            row.source,
        )
        for quirk in Quirk
        for row in (QUIRKS[quirk],)
    )
    return table(("Quirk", "Meaning", "Fake", "Known from"), rows)


PARTS: Mapping[str, Callable[[], str]] = {"faults": _list_faults, "quirks": _list_quirks}
