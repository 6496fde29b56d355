"""Commitments: subcontracts and purchase orders, their lines and change orders."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ...documents import ChangeOrderPackage, Commitment, CommitmentLine, PurchaseOrder, Subcontract
from ...vocabulary import AccountingMethod, PurchaseOrderStatus, SubcontractStatus
from .cost_codes import (
    COST_TYPE,
    dump_cost_code,
    read_line_cost_code,
    read_stored_cost_code,
    read_wbs_cost_type,
)
from .currency import read_own_currency
from .fields import REQUIRED, Field, Scope, build_dump, dump_fields
from .items import compute_unit_amount
from .known_records import KINDS
from .outcome import build_record, read_back
from .party import dump_holds, parse_holds
from .stored_items import build_table, read_object, read_once, read_stored
from .values import (
    build_unknown,
    one_of,
    read_amount,
    read_day,
    read_decimal,
    read_id,
    read_label,
    read_origin,
    read_percentage,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .cost_codes import CostCodes
    from .references import References


_STATUSES = {
    Subcontract: one_of(SubcontractStatus),
    PurchaseOrder: one_of(PurchaseOrderStatus),
}


def _read_kind(value: object, _currency: str = "") -> type[Commitment]:
    if not isinstance(value, str) or value not in KINDS:
        raise build_unknown(KINDS, value)
    return KINDS[value]


# fmt: off
TYPE = Field("type",                 "type",               _read_kind)
COMMITMENT = (
    # name in the file         attribute             kind, required
    Field("id",                "id",                 read_id, REQUIRED),
    Field("project_id",        "project_id",         read_id),
    Field("vendor_id",         "vendor_id",          read_id),
    Field("number",            "number",             read_label),
    Field("title",             "title",              read_text),
    Field("accounting_method", "accounting_method",  one_of(AccountingMethod)),
    Field("retainage_percent", "retainage_percent",  read_percentage),
    Field("origin_id",         "origin_id",          read_origin),
    Field("deleted_at",        "deleted_at",         read_day),
    Field("payment_terms",     "payment_terms",      read_label),
)
LINE = (
    Field("id",                "id",                 read_id, REQUIRED),
    Field("description",       "description",        read_text),
    Field("quantity",          "quantity",           read_decimal),
    Field("unit_cost",         "unit_cost",          read_decimal),
    Field("uom",               "uom",                read_text),
    Field("tax_code_id",       "tax_code_id",        read_origin),
    Field("origin_id",         "origin_id",          read_origin),
)
PACKAGE = (
    Field("id",                "id",                 read_id, REQUIRED),
    Field("number",            "number",             read_label),
    Field("status",            "status",             read_text, REQUIRED),
    Field("title",             "title",              read_text),
    Field("origin_id",         "origin_id",          read_origin),
    Field("deleted_at",        "deleted_at",         read_day),
)
ID = Field("id",               "id",                 read_id)
#: The objects with the ids of project and vendor, if the record has no field for the id.
OWNERS = (("project_id", "project"), ("vendor_id", "vendor"))
#: The names of a line's amount; lines of change orders use the later ones.
AMOUNTS = tuple(Field(name, "amount", read_amount) for name in ("amount", "total_amount", "extended_amount"))
# fmt: on


def _read_line(
    scope: Scope, currency: str, method: AccountingMethod, codes: CostCodes | None
) -> CommitmentLine | None:
    found = scope.read_fields(LINE, currency)
    given = (
        scope.read_field(field, currency) for field in AMOUNTS if scope.look(field.name) is not None
    )
    found["amount"] = next(given, None)
    found["cost_code"] = read_line_cost_code(scope, codes)
    kind = scope.read_child("line_item_type")
    if kind:
        found |= kind.read_fields(COST_TYPE)
    else:
        found["cost_type"] = read_wbs_cost_type(scope)
    if method is AccountingMethod.UNIT:
        figures = found.get("quantity"), found.get("unit_cost")
        found["amount"] = compute_unit_amount(scope, "amount", found["amount"], figures, currency)
    found["amount"] = found["amount"] or Decimal(0)
    return build_record(scope, CommitmentLine, found, LINE)


def _read_stored_amount(value: object, currency: str) -> Decimal:
    amount: Decimal = read_once(read_amount, value, currency)
    return amount or Decimal(0)


_STORED_TYPE = build_table(*COST_TYPE)


def _read_stored_type(plain: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return read_object(plain, _STORED_TYPE, currency)


#: The fields of a stored line; one with other fields is read as the lines of a file are.
_STORED = build_table(
    *LINE,
    amount=("amount", _read_stored_amount),
    cost_code=("cost_code", read_stored_cost_code),
    line_item_type=("", _read_stored_type),
)


def _read_stored_lines(
    lines: object, currency: str, seen: set[str]
) -> tuple[CommitmentLine, ...] | None:
    """Return the stored lines, or ``None`` if :func:`dump_commitment` did not write them."""
    read = read_stored(lines, CommitmentLine, _STORED, currency)
    ids = {line.id for line in read or ()}
    if read is None or len(ids) < len(read) or ids & seen:
        return None
    seen |= ids
    return read


def _read_lines(
    scope: Scope,
    currency: str,
    method: AccountingMethod,
    seen: set[str],
    codes: CostCodes | None,
) -> tuple[CommitmentLine, ...]:
    if codes is None:
        stored = _read_stored_lines(scope.look("line_items"), currency, seen)
        if stored is not None:
            return stored
    lines = []
    for child in scope.read_children("line_items"):
        line = _read_line(child, currency, method, codes)
        child.check_unique(seen, line.id if line else None)
        lines.append(line)
    return tuple(line for line in lines if line)


def _read_packages(
    scope: Scope,
    currency: str,
    method: AccountingMethod,
    lines: set[str],
    codes: CostCodes | None,
) -> tuple[ChangeOrderPackage, ...]:
    seen: set[str] = set()
    packages = []
    for child in scope.read_children("change_order_packages"):
        found = {"number": "", **child.read_fields(PACKAGE)}
        child.check_unique(seen, found.get("id"))
        found["lines"] = _read_lines(child, currency, method, lines, codes)
        packages.append(build_record(child, ChangeOrderPackage, found, PACKAGE))
    return tuple(package for package in packages if package)


def _read_type(scope: Scope, type_name: str | None) -> type[Commitment] | None:
    if scope.look(TYPE.name) is not None:
        kind: type[Commitment] | None = scope.read_field(TYPE)
        return kind
    if type_name in KINDS:
        return KINDS[type_name]
    scope.report_problem(TYPE.name, "value.missing", missing="kind")
    return None


def _read_owners(scope: Scope) -> dict[str, str]:
    """Return the ids of project and vendor that only their objects give; report a missing id."""
    found = {}
    for field, name in OWNERS:
        given = scope.look(field)
        if given is not None and given != "":
            continue
        child = scope.read_child(name)
        identity_there = child.read_field(ID) if child else None
        if identity_there is not None:
            found[field] = identity_there
        elif not child or child.look("id") is None:
            scope.report_missing(field)
    return found


def parse_commitment(
    scope: Scope,
    currency: str = "",
    references: References | None = None,
    type_name: str | None = None,
) -> Commitment | None:
    """
    Read a commitment; ``None`` if a problem was reported.

    ``currency`` and ``type_name`` are used if the record does not state them. If references are
    given, the project and the vendor of the record must be among them.
    """
    kind = _read_type(scope, type_name)
    found = {"number": "", **scope.read_fields(COMMITMENT), **_read_owners(scope)}
    if kind:
        status = scope.read_field(Field("status", "status", _STATUSES[kind], REQUIRED))
        found["status"] = status
    found["currency"] = read_own_currency(scope) or currency
    found["holds"] = parse_holds(scope)
    method = found.get("accounting_method", AccountingMethod.AMOUNT)
    seen: set[str] = set()
    codes = references.cost_codes if references else None
    found["lines"] = _read_lines(scope, found["currency"], method, seen, codes)
    found["change_orders"] = _read_packages(scope, found["currency"], method, seen, codes)
    if references:
        references.check_commitment(scope, found)
    if not found["currency"]:
        return None  # the problem is reported for the company's currency
    return build_record(scope, kind or Commitment, found, COMMITMENT)


_dump_line = build_dump(CommitmentLine, (*LINE, AMOUNTS[0]))
_dump_type = build_dump(CommitmentLine, COST_TYPE)


def _dump_lines(lines: Sequence[CommitmentLine]) -> list[dict[str, Any]]:
    plain = []
    for line in lines:
        record = _dump_line(line)
        if line.cost_code:
            record["cost_code"] = dump_cost_code(line.cost_code)
        if kind := _dump_type(line):
            record["line_item_type"] = kind
        plain.append(record)
    return plain


def dump_commitment(record: Commitment) -> dict[str, Any]:
    """Return the plain object of a subcontract or purchase order, always with its currency."""
    (name,) = (name for name, kind in KINDS.items() if isinstance(record, kind))
    assert isinstance(record, (Subcontract, PurchaseOrder))
    return {
        "type": name,
        "status": record.status.value,
        **dump_fields(record, COMMITMENT),
        "currency_configuration": {"currency_iso_code": record.currency},
        **dump_holds(record.holds),
        "line_items": _dump_lines(record.lines),
        "change_order_packages": [
            {**dump_fields(package, PACKAGE), "line_items": _dump_lines(package.lines)}
            for package in record.change_orders
        ],
    }


def read_commitment(data: Mapping[str, Any]) -> Commitment:
    """Read an object of :func:`dump_commitment`; raise ``InvalidDocument`` if it is not valid."""
    return read_back(data, parse_commitment)
