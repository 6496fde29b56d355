"""
Reader of cost codes: objects, ids of Procore, or WBS codes.

A line or an item names its cost code in one of these ways, which depends on the endpoint and the
version of Procore's API. A WBS code is one code for cost code, cost type and other segments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ...documents import CostCode
from .fields import REQUIRED, Field, Scope, dump_fields
from .outcome import build_record, read_back
from .stored_items import build_table, read_object
from .values import WrongValue, find_id, read_id, read_label, read_origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


# fmt: off
COST_CODE = (
    # name in the file         attribute              kind, required
    Field("full_code",         "full_code",           read_label, REQUIRED),
    Field("origin_id",         "origin_id",           read_origin),
    Field("id",                "id",                  read_id),
)
COST_TYPE = (
    Field("code",              "cost_type",           read_label),
    Field("origin_id",         "cost_type_origin_id", read_origin),
)
# fmt: on
_COST_CODE_SEGMENT = "cost_code"
_COST_TYPE_SEGMENT = "line_item_type"


@attrs.define
class CostCodes:
    """The known cost codes; those of the files take precedence over those loaded before."""

    known: Mapping[str, CostCode] = attrs.field(factory=dict)
    _by_id: dict[str, CostCode] = attrs.field(factory=dict)
    _by_code: dict[str, CostCode] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for code in self.known.values():
            self.add(code)

    def add(self, code: CostCode, *, is_listed: bool = True) -> None:
        """
        Store a cost code.

        A code that only a line names (``is_listed`` is False) does not replace a code that has an
        id in the ERP.
        """
        for pool, name in ((self._by_id, code.id), (self._by_code, code.full_code)):
            if name is not None and (is_listed or name not in pool or not pool[name].origin_id):
                pool[name] = code

    def find_by_id(self, identity: str | None) -> CostCode | None:
        """Return the code with that id of Procore."""
        if identity is None:
            return None
        return self._by_id.get(identity)

    def find_by_code(self, code: str) -> CostCode | None:
        """Return the code with that full code, such as ``05-120``."""
        return self._by_code.get(code)

    def fill_origin(self, code: CostCode) -> CostCode:
        """Return the code with its id in the ERP, if a known cost code has the id."""
        if code.origin_id is None:
            for other in (self.find_by_id(code.id), self.find_by_code(code.full_code)):
                if other and other.origin_id is not None and other.full_code == code.full_code:
                    return attrs.evolve(code, origin_id=other.origin_id)
        return code


def parse_cost_code(scope: Scope) -> CostCode | None:
    """Read a cost code; ``None`` if a problem was reported."""
    return build_record(scope, CostCode, scope.read_fields(COST_CODE), COST_CODE)


_STORED = build_table(*COST_CODE)


def read_stored_cost_code(plain: Mapping[str, Any], currency: str) -> CostCode:
    """Read the object of a stored cost code; raise an error if it has other fields."""
    return CostCode(**read_object(plain, _STORED, currency))


def read_line_cost_code(scope: Scope, codes: CostCodes | None) -> CostCode | None:
    """Read the cost code of a line, from an object, a known code or its WBS code."""
    child = scope.read_child("cost_code")
    if child is None:
        return _read_wbs_cost_code(scope, codes)
    if child.look("full_code") in (None, ""):
        known = codes.find_by_id(find_id(child.look("id"))) if codes else None
        other = known or _read_wbs_cost_code(scope, codes)
        if other is not None:
            return other
    code = parse_cost_code(child)
    if code is None or codes is None:
        return code
    code = codes.fill_origin(code)
    codes.add(code, is_listed=False)
    return code


def read_own_cost_code(scope: Scope, codes: CostCodes | None) -> CostCode | None:
    """Read the cost code of an item, from an id, its WBS code or an object."""
    named = find_id(scope.look("cost_code_id"))
    found = codes.find_by_id(named) if codes else None
    return found or read_line_cost_code(scope, codes)


def _read_wbs_cost_code(scope: Scope, codes: CostCodes | None) -> CostCode | None:
    """
    Return the cost code of a WBS code; ``None`` if it has no cost code.

    If the whole WBS code, or one of its segments, is the full code of a known code with an id in
    the ERP, that code is returned. Otherwise the whole WBS code is the cost code, so that a person
    sees which to map.
    """
    wbs = _to_object(scope.look("wbs_code"))
    flat = _read_label(wbs.get("flat_code"))
    segments = [
        (str(each.get("segment_type") or ""), _read_label(each.get("code")), _read_origin(each))
        for each in _list_objects(wbs.get("segment_items"))
    ]
    names = [flat, *(code for kind, code, _ in segments if kind in {"", _COST_CODE_SEGMENT})]
    if codes:
        for name in filter(None, names):
            known = codes.find_by_code(name)
            if known and known.origin_id is not None:
                return known
    full = flat or ".".join(code for _, code, _ in segments if code)
    if not full:
        return None
    origins = [_read_origin(wbs), *(own for kind, _, own in segments if kind == _COST_CODE_SEGMENT)]
    return CostCode(full_code=full, origin_id=next((each for each in origins if each), None))


def read_wbs_cost_type(scope: Scope) -> str | None:
    """Return the code in the WBS code's segment for the cost type, or ``None``."""
    wbs = _to_object(scope.look("wbs_code"))
    for each in _list_objects(wbs.get("segment_items")):
        if each.get("segment_type") == _COST_TYPE_SEGMENT:
            return _read_label(each.get("code"))
    return None


def _to_object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list_objects(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))


def _read_label(value: object) -> str | None:
    try:
        return read_label(value).strip() or None
    except WrongValue:
        return None


def _read_origin(record: Mapping[str, Any]) -> str | None:
    return find_id(record.get("origin_id"))


def dump_cost_code(record: CostCode) -> dict[str, Any]:
    """Return the plain object of a cost code."""
    return dump_fields(record, COST_CODE)


def read_cost_code(data: Mapping[str, Any]) -> CostCode:
    """Read an object of :func:`dump_cost_code`; raise ``InvalidDocument`` if it is not valid."""
    return read_back(data, parse_cost_code)
