"""What has changed in a document since it was sent, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..money import plain

if TYPE_CHECKING:
    from ..documents import ExportDocument

__all__ = ["changes"]

_TOTALS = ("gross", "retained", "released")


def changes(sent: ExportDocument | None, now: ExportDocument | None) -> tuple[str, ...]:
    """
    Return what differs between a document as it was sent and as it is now.

    Each difference names both values: ``gross (100.00 USD when sent, 120.00 USD now)``.
    Attachments are no part of it: they alone may change.
    """
    if sent is None or now is None or sent == now:
        return ()
    found = [
        _words(field.name, getattr(sent, field.name), getattr(now, field.name))
        for field in attrs.fields(type(sent))
        if field.eq
        and field.name != "lines"
        and getattr(sent, field.name) != getattr(now, field.name)
    ]
    if sent.lines != now.lines:
        totals = [
            _words(name, _amount(sent, name), _amount(now, name))
            for name in _TOTALS
            if getattr(sent, name) != getattr(now, name)
        ]
        found += totals or ["the lines"]
    return tuple(found)


def _amount(document: ExportDocument, name: str) -> str:
    return f"{plain(getattr(document, name), document.currency)} {document.currency}"


def _words(name: str, sent: object, now: object) -> str:
    before, after = ("none" if value is None else value for value in (sent, now))
    return f"{name.replace('_', ' ')} ({before} when sent, {after} now)"
