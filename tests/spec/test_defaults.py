"""Defaults never change: stored bytes and digests omit a field that has its default."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.canonical import encode_json, find_default
from erp_invoice_core.declaration import Declaration
from erp_invoice_core.documents import ExportDocument, QueueEntry
from erp_invoice_core.events import AuditEvent
from erp_invoice_core.wire.converter import list_types

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES = Path(__file__).with_name("defaults.txt").read_text(encoding="utf-8").splitlines()


def _list_defaults() -> Iterator[str]:
    kinds = dict.fromkeys(
        kind
        for root in (ExportDocument, QueueEntry, AuditEvent, Declaration)
        for kind in list_types(root)
        if attrs.has(kind)
    )
    for kind in kinds:
        for field in attrs.fields(kind):
            default = find_default(field)
            if default is not attrs.NOTHING:
                yield f"{kind.__name__}.{field.name} = {encode_json(default)}"


def test_defaults_are_the_listed_ones() -> None:
    """A changed default would change the meaning of what is stored; add a line for a new field."""
    assert sorted(LINES) == sorted(_list_defaults())
    assert len(LINES) == len({line.partition(" ")[0] for line in LINES})
