"""
Ids in the ERP by which codes of the source are mapped.

An acceptance has the ids that were mapped then. The export uses these, whatever the mapping of the
connection says later.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import attrs

from ..values import Value, evolve
from .export import ExportLine, replace_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .export import ExportDocument


class MappingKind(Enum):
    """A kind of record of the source that a connection maps to an id in the ERP."""

    TAX_CODE = "tax_code"  #: A tax code, by its name.


@attrs.frozen(kw_only=True, eq=False, repr=False)
class MappedId(Value):
    """
    An id in the ERP for a code of the source.

    Attributes:
        kind: The kind of the record.
        code: Its code in the source.
        erp_id: Its id in the ERP.
    """

    kind: MappingKind
    code: str
    erp_id: str


def index_ids(mapped: Iterable[MappedId], kind: MappingKind) -> dict[str, str]:
    """Return the mapped ids of a kind by their codes."""
    return {each.code: each.erp_id for each in mapped if each.kind.value == kind.value}


def map_document(document: ExportDocument, mapped: tuple[MappedId, ...]) -> ExportDocument:
    """
    Return a document with the mapped ids of its records in the ERP.

    It keeps its digest, which is that of the document without them. It is the same object if
    nothing is mapped.
    """
    if not mapped:
        return document
    taxes = index_ids(mapped, MappingKind.TAX_CODE)
    return replace_lines(document, tuple(_map_line(line, taxes) for line in document.lines))


def _map_line(line: ExportLine, taxes: Mapping[str, str]) -> ExportLine:
    found = taxes.get(line.tax_code or "")
    return line if found is None else evolve(line, {"tax_code_origin_id": found})
