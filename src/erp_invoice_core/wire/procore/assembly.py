"""Assembly of contracts from the records of several files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from .answers import Piece, copy_changed
from .commitment import dump_commitment
from .fields import LocatedObject, join_path
from .problem_rows import build_problem
from .values import WrongValue, find_id, quote_value, read_rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...documents import Commitment
    from .answers import Answers
    from .fields import Report


_Plain: TypeAlias = "Mapping[str, Any]"

#: The fields of a contract, a package and a line that must be equal in all answers.
_CONTRACT = (
    "type", "number", "title", "status", "accounting_method", "retainage_percent", "origin_id",
    "deleted_at", "project_id", "vendor_id",
)  # fmt: skip
_PACKAGE = ("number", "title", "status", "origin_id", "deleted_at")
_LINE = (
    "amount", "total_amount", "extended_amount", "description", "quantity", "unit_cost", "uom",
    "origin_id",
)  # fmt: skip
_FIGURES = frozenset({
    "retainage_percent", "amount", "total_amount", "extended_amount", "quantity", "unit_cost",
})  # fmt: skip
_OF_CONTRACT = (
    "contract_id", "commitment_id", "work_order_contract_id", "purchase_order_contract_id",
)  # fmt: skip
_LINES = "line_items"
_PACKAGES = "change_order_packages"


def assemble_contracts(
    answers: Answers, known: Mapping[str, Commitment], report: Report
) -> list[Piece]:
    """
    Return a plain object for each contract, with the lines and change orders of all files.

    If a contract was loaded before, its parts that no file has are taken from that load.

    Args:
        answers: The records of the files.
        known: The commitments loaded before, by id.
        report: Collects a problem for each contract that differs between two files, and for each
            line and change order without a contract.
    """
    return _Assembly(answers, known, report).build_contracts()


@attrs.define
class _Parts:
    """The records of one contract or change order in the files."""

    shown: list[Piece] = attrs.field(factory=list)
    lines: list[Piece] = attrs.field(factory=list)
    packages: list[Piece] = attrs.field(factory=list)


@attrs.define
class _Assembly:
    answers: Answers
    known: Mapping[str, Commitment]
    report: Report
    _parts: dict[str, _Parts] = attrs.field(factory=dict)
    _alone: list[Piece] = attrs.field(factory=list)
    _package_lines: dict[str, list[Piece]] = attrs.field(factory=dict)

    def build_contracts(self) -> list[Piece]:
        """Return a plain object for each contract; report records without a contract."""
        for piece in self.answers.get_pieces("commitments"):
            self._show(piece)
        for piece in self.answers.get_pieces(_PACKAGES):
            owner = self._find_owner(piece)
            if owner is not None:
                self._get_parts(owner).packages.append(piece)
        for piece in self.answers.get_pieces(_LINES):
            self._take_line(piece)
        found = [self._build_contract(name, parts) for name, parts in self._parts.items()]
        self._report_lines_left()
        return [*(each for each in found if each is not None), *self._alone]

    def _get_parts(self, name: str) -> _Parts:
        return self._parts.setdefault(name, _Parts())

    def _show(self, piece: Piece) -> None:
        name = find_id(piece.value.get("id"))
        shown_before = self._parts[name].shown if name in self._parts else []
        if name is None or any(other.source == piece.source for other in shown_before):
            self._alone.append(piece)  # it is read alone, and the reader reports it
        else:
            self._get_parts(name).shown.append(piece)

    def _take_line(self, piece: Piece) -> None:
        holder = piece.value.get("holder")
        held_by = holder if isinstance(holder, dict) else {}
        package = piece.value.get("change_order_package_id")
        if "changeorder" in str(held_by.get("holder_type")).replace("_", "").lower():
            package = held_by.get("id")
        name = find_id(package)
        if name is not None:
            self._package_lines.setdefault(name, []).append(piece)
            return
        owner = self._find_owner(piece)
        if owner is not None:
            self._get_parts(owner).lines.append(piece)

    def _find_owner(self, piece: Piece) -> str | None:
        """
        Return the id of the contract of a line or package; ``None`` if that is not clear.

        If the record names no contract, it belongs to the only contract of the files. If the files
        do not have exactly one contract, a problem is reported.
        """
        for field in _OF_CONTRACT:
            if (name := find_id(piece.value.get(field))) is not None:
                return name
        for field in ("contract", "holder"):
            value = piece.value.get(field)
            if isinstance(value, dict) and (name := find_id(value.get("id"))) is not None:
                return name
        there = [name for name, parts in self._parts.items() if parts.shown]
        if len(there) == 1:
            return there[0]
        path = join_path(piece.path, "contract_id")
        self._report_problem(path, "value.missing", missing="contract")
        return None

    def _report_problem(self, path: str, code: str, /, **facts: object) -> None:
        self.report.problems.append(build_problem(path, code, **facts))

    def _build_contract(self, name: str, parts: _Parts) -> Piece | None:
        known = self.known.get(name) if _is_incomplete(parts) else None
        before = _dump_known(known, parts) if known else None
        if not parts.shown and before is None:
            for piece in (*parts.packages, *parts.lines):
                path = join_path(piece.path, "contract_id")
                self._report_problem(path, "reference.dangling", contract=ascii(name))
            return None
        base = self._merge(parts.shown or [before], _CONTRACT, {"contract": ascii(name)})
        changes: dict[str, Any] = {}
        lines = self._join(parts.shown, parts.lines, _LINES, before)
        if lines is not None:
            changes[_LINES] = self._select_distinct(lines, _LINE)
        packages = self._join(parts.shown, parts.packages, _PACKAGES, before)
        hidden = before.value[_PACKAGES] if before else []
        if packages is not None:
            changes[_PACKAGES] = self._build_packages(packages, hidden)
        return attrs.evolve(base, value=copy_changed(base.value, changes))

    def _merge(
        self, pieces: Sequence[Piece | None], fields: Sequence[str], what: Mapping[str, str]
    ) -> Piece:
        """Return one object for equal records of one id; report a problem if they differ."""
        there = [piece for piece in pieces if piece is not None]
        first, *others = there
        value = first.value
        for other in others:
            self._compare(first, other, fields, what)
            more = {
                name: given
                for name, given in other.value.items()
                if value.get(name) is None and given is not None
            }
            value = copy_changed(value, more)
        return attrs.evolve(first, value=value)

    def _compare(
        self, first: Piece, other: Piece, fields: Sequence[str], what: Mapping[str, str]
    ) -> None:
        """Report each field that differs; ``what`` is the fact that names the record."""
        for name in fields:
            here, there = _normalize_field(first.value, name), _normalize_field(other.value, name)
            if here is not None and there is not None and here != there:
                facts = {**what, "field": name, "value": there, "other": here}
                facts |= name_file(join_path(first.path, ""))
                self._report_problem(join_path(other.path, name), "record.differs", **facts)

    def _join(
        self, shown_by: Sequence[Piece], apart: Sequence[Piece], field: str, before: Piece | None
    ) -> list[Piece] | None:
        """
        Return the lines or packages of a contract from all files.

        Returns ``None`` if the contract stays as it is: its only answer has all lines, or a value
        is wrong and is reported when the contract is read.

        Args:
            shown_by: The records of the contract.
            apart: The lines or packages in files of their own.
            field: The field of a contract that has them.
            before: The contract as loaded before, if its values fill gaps.
        """
        arrays = [piece for piece in shown_by if isinstance(piece.value.get(field), list)]
        wrong = any(piece.value.get(field) is not None for piece in shown_by) and not arrays
        if wrong or (not apart and len(shown_by) == 1 and arrays and field == _LINES):
            return None
        found = [inner for piece in arrays for inner in _split_elements(piece, field)]
        if len(found) != sum(len(piece.value[field]) for piece in arrays):
            return None  # values that are not objects, which are reported when the contract is read
        if before is not None and not (arrays or (shown_by and apart)):
            given = {find_id(piece.value.get("id")) for piece in apart}
            kept = _split_elements(before, field)
            found += [each for each in kept if find_id(each.value.get("id")) not in given]
        return [*found, *apart]

    def _select_distinct(
        self, pieces: Sequence[Piece], fields: Sequence[str]
    ) -> list[LocatedObject]:
        """Return the lines, without repetitions from other files."""
        first: dict[str, Piece] = {}
        found = []
        for piece in pieces:
            name = find_id(piece.value.get("id"))
            other = piece if name is None else first.setdefault(name, piece)
            if other.source == piece.source:
                found.append(LocatedObject(piece.value, piece.path))
            else:
                self._compare(other, piece, fields, {"line": ascii(name)})
        return found

    def _build_packages(
        self, pieces: Sequence[Piece], hidden: Sequence[_Plain]
    ) -> list[LocatedObject]:
        """
        Return the change orders with their lines, without repetitions from other files.

        ``hidden`` are the change orders of the contract as loaded before. A change order without
        lines in the files keeps the lines that it has there.
        """
        lines_before = {str(each["id"]): each[_LINES] for each in hidden}
        by_name: dict[str, list[Piece]] = {}
        found: list[LocatedObject] = []
        alone: list[LocatedObject] = []  # they are read after the others, and then reported
        for piece in pieces:
            name = find_id(piece.value.get("id"))
            same = by_name.setdefault(name, []) if name is not None else []
            if name is None or any(other.source == piece.source for other in same):
                alone.append(LocatedObject(piece.value, piece.path))
            else:
                same.append(piece)
        for name, same in by_name.items():
            merged = self._merge(same, _PACKAGE, {"change_order": ascii(name)})
            arrays = [piece for piece in same if isinstance(piece.value.get(_LINES), list)]
            inner = [each for piece in arrays for each in _split_elements(piece, _LINES)]
            apart = self._package_lines.pop(name, [])
            value = merged.value
            if (apart or len(arrays) > 1) and _are_all_objects(arrays, _LINES):
                lines = self._select_distinct([*inner, *apart], _LINE)
                value = copy_changed(value, {_LINES: lines})
            elif value.get(_LINES) is None and lines_before.get(name):
                value = copy_changed(value, {_LINES: lines_before[name]})
            found.append(LocatedObject(value, merged.path))
        return [*found, *alone]

    def _report_lines_left(self) -> None:
        for name, pieces in self._package_lines.items():
            for piece in pieces:
                path = join_path(piece.path, "change_order_package_id")
                self._report_problem(path, "reference.dangling", change_order=ascii(name))


def name_file(path: str) -> dict[str, str]:
    """Return the fact ``file`` with a record's path; an empty dict if the path is empty."""
    return {"file": path} if path else {}


def _is_incomplete(parts: _Parts) -> bool:
    """Return whether the files lack parts of a contract, so that loaded values fill the rest."""
    if not any(isinstance(piece.value.get(_LINES), list) for piece in parts.shown):
        return True
    arrays = [piece for piece in parts.shown if isinstance(piece.value.get(_PACKAGES), list)]
    packages = [each for piece in arrays for each in piece.value[_PACKAGES]]
    packages += [piece.value for piece in parts.packages]
    return not (arrays or parts.packages) or any(
        isinstance(each, dict) and each.get(_LINES) is None for each in packages
    )


def _dump_known(known: Commitment, parts: _Parts) -> Piece:
    """Return a commitment loaded before as a plain object, at the path of the first record."""
    first, *_ = (*parts.shown, *parts.packages, *parts.lines)
    return Piece(value=dump_commitment(known), path=first.path, source=-1)


def _split_elements(piece: Piece, field: str) -> list[Piece]:
    return [
        attrs.evolve(piece, value=element, path=join_path(piece.path, f"{field}[{place}]"))
        for place, element in enumerate(piece.value[field])
        if isinstance(element, dict)
    ]


def _are_all_objects(pieces: Sequence[Piece], field: str) -> bool:
    return all(isinstance(each, dict) for piece in pieces for each in piece.value[field])


def _normalize_field(value: _Plain, name: str) -> object:
    """Return a field's value in a form that can be compared, or ``None`` if it has no value."""
    given = value.get(name)
    if given is None and name in {"project_id", "vendor_id"}:
        owner = value.get(name.removesuffix("_id"))
        given = owner.get("id") if isinstance(owner, dict) else None
    if given is None or given == "":
        return None
    if name not in _FIGURES and not isinstance(given, (dict, list)):
        return str(given)
    try:
        return read_rate(given)
    except WrongValue:
        return quote_value(given)
