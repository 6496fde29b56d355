"""
Codes of an invoice that a connection can map to ids in the ERP.

Before an acceptance, the queue asks the mapping of the connection for the ids of these codes. If a
code has no id, a denial can name it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..declaration import Prerequisite, TaxForm
from ..documents import MappingKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from ..declaration import Declaration
    from ..documents import ExportDocument
    from .case import Case


class Code(NamedTuple):
    """
    A code of an invoice, such as a tax code, a cost code, or the id of its vendor.

    Attributes:
        code: The code in the source.
        has_id: True if the record with this code has an origin id, which needs no mapping.
    """

    code: str
    has_id: bool = False


def _list_tax_codes(case: Case) -> Iterator[Code]:
    for code in case.tax_codes or ():
        yield Code(code)


def _list_of_document(
    find: Callable[[ExportDocument], Iterable[Code]],
) -> Callable[[Case], Iterable[Code]]:
    return lambda case: () if case.document is None else find(case.document)


def _list_cost_codes(document: ExportDocument) -> Iterator[Code]:
    for line in document.lines:
        if line.cost_code:
            yield Code(line.cost_code, bool((line.cost_code_origin_id or "").strip()))


def _list_cost_types(document: ExportDocument) -> Iterator[Code]:
    for line in document.lines:
        if line.cost_type_origin_id:
            yield Code(line.cost_type_origin_id)


# fmt: off
#: How the codes of each kind are found.
CODES: Mapping[MappingKind, Callable[[Case], Iterable[Code]]] = MappingProxyType({
    MappingKind.TAX_CODE:  _list_tax_codes,
    MappingKind.COST_CODE: _list_of_document(_list_cost_codes),
    MappingKind.COST_TYPE: _list_of_document(_list_cost_types),
    MappingKind.JOB:       _list_of_document(
        lambda document: (Code(document.project_id, bool((document.job_origin_id or "").strip())),)
    ),
    MappingKind.VENDOR:    _list_of_document(
        lambda document: (Code(document.vendor_id, bool((document.vendor_origin_id or "").strip())),)
    ),
})
# fmt: on


def list_codes(case: Case) -> Mapping[MappingKind, tuple[Code, ...]]:
    """Return the codes of an invoice by kind, each of them once."""
    return {kind: tuple(dict.fromkeys(find(case))) for kind, find in CODES.items()}


#: The kinds whose records an ERP may need before an invoice.
_PREREQUISITES = {
    MappingKind.COST_CODE: Prerequisite.COST_CODES,
    MappingKind.JOB: Prerequisite.JOB,
    MappingKind.VENDOR: Prerequisite.VENDOR,
}


def list_needed_codes(
    case: Case, erp: Declaration, covered: Collection[MappingKind]
) -> Iterator[tuple[MappingKind, str]]:
    """
    Yield the kind and the code of each record for which a mapping must have an id.

    These are the tax codes, if the ERP takes tax. Others are the codes of records without an origin
    id, if the ERP needs the record, or if the mapping covers its kind.

    Args:
        case: The facts of the invoice.
        erp: The declaration of the ERP.
        covered: The kinds that the mapping covers.
    """
    for kind, codes in list_codes(case).items():
        if kind is MappingKind.TAX_CODE:
            is_needed = erp.tax is not TaxForm.IMPOSSIBLE
        else:
            is_needed = kind in covered or _PREREQUISITES.get(kind) in erp.prerequisites
        yield from ((kind, each.code) for each in codes if is_needed and not each.has_id)
