"""
Ids in the ERP to which a connection maps codes of the source.

A connection maps a code, such as a cost code, to an id in its ERP. An acceptance stores the ids
that are mapped at that time. The export uses these ids, even if the mapping changes later.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import attrs

from ..values import Value, evolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .export import ExportDocument, ExportLine


class MappingKind(Enum):
    """A kind of record of the source that a connection maps to an id in the ERP."""

    TAX_CODE = "tax_code"  #: A tax code, by its name.
    COST_CODE = "cost_code"  #: A cost code, by its full code.
    COST_TYPE = "cost_type"  #: A cost type, by the id that the source has for it in an ERP.
    JOB = "job"  #: A job, by the id of its project.
    VENDOR = "vendor"  #: A vendor, by the id of the contract company.


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
    return {each.code: each.erp_id for each in mapped if each.kind is kind}


def map_document(document: ExportDocument, mapped: tuple[MappedId, ...]) -> ExportDocument:
    """
    Return a document with the mapped ids of its records in the ERP.

    A mapped id takes precedence over that of the record, because it belongs to the connection. The
    document keeps its digest, which is that of the document without mapped ids. If nothing is
    mapped, the document itself is returned.
    """
    if not mapped:
        return document
    # Only here, as a decision needs the kinds and not the export document (line 5).
    from .export import replace_ids  # noqa: PLC0415

    ids = {kind: index_ids(mapped, kind) for kind in MappingKind}
    header = {
        "vendor_origin_id": ids[MappingKind.VENDOR].get(document.vendor_id),
        "job_origin_id": ids[MappingKind.JOB].get(document.project_id),
    }
    return replace_ids(
        document,
        {name: erp_id for name, erp_id in header.items() if erp_id is not None},
        tuple(_map_line(line, ids) for line in document.lines),
    )


def find_vendor(document: ExportDocument, mapped: Iterable[MappedId]) -> str | None:
    """Return the vendor's id in the ERP: the mapped one, else that of the document."""
    ids = index_ids(mapped, MappingKind.VENDOR)
    return ids.get(document.vendor_id) or document.vendor_origin_id


def _map_line(line: ExportLine, ids: Mapping[MappingKind, Mapping[str, str]]) -> ExportLine:
    found = {
        "tax_code_origin_id": ids[MappingKind.TAX_CODE].get(line.tax_code or ""),
        "cost_code_origin_id": ids[MappingKind.COST_CODE].get(line.cost_code or ""),
        "cost_type_origin_id": ids[MappingKind.COST_TYPE].get(line.cost_type_origin_id or ""),
    }
    changed = {name: erp_id for name, erp_id in found.items() if erp_id is not None}
    return evolve(line, changed) if changed else line
