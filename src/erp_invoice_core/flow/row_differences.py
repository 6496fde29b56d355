"""
Comparison of lines, taxes and attachments in the ERP with sent ones.

Rows are matched in any order, by the fields that every row in the ERP shows. An ERP that holds
retainage as lines, or as a document, has further lines, whose sum is the retainage.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ..declaration import AttachmentForm, Fidelity, RetainageForm
from ..declaration.fidelity import LINE_FIELDS, Unit, keep_number, keep_text
from ..exchange import NOT_SAID
from ..money import ZERO

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ..declaration import Declaration
    from ..declaration.fidelity import KeptAmounts, LineField
    from ..documents import ExportDocument, ExportLine
    from ..exchange import ContentsAttachment, ContentsLine, ContentsTax, RequestAttachment

#: The values of one row by the names of their fields.
_Row: TypeAlias = "Mapping[str, object]"
_CODE, _AMOUNT, _QUANTITY = "line_cost_code", "line_amount", "line_quantity"
_TAX_CODE, _TAX = "line_tax_code", "line_tax"
#: The number of rows that a difference quotes.
_QUOTED = 5
#: The words whose values are compared as they are; the others are compared in another way.
_EXACT = frozenset({Fidelity.KEPT, Fidelity.REFUSED, Fidelity.ROUNDED, Fidelity.TRUNCATED})
_NAME = "attachment_name"


@attrs.frozen
class RowGap:
    """A difference of rows: the field, and the rows that were not matched, as text."""

    field: str
    in_erp: str
    expected: str


def _quote(rows: Sequence[_Row], names: Iterable[str]) -> str:
    texts = [" | ".join(_format(row[name]) for name in names if name in row) for row in rows]
    more = [] if len(texts) <= _QUOTED else ["…"]
    return "; ".join([*texts[:_QUOTED], *more])


def _format(value: object) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _build_key(row: _Row, names: Collection[str]) -> tuple[object, ...]:
    return tuple(row[name] for name in names)


def _match(
    there: Sequence[_Row], sent: Sequence[_Row], names: Collection[str]
) -> tuple[list[_Row], list[_Row]]:
    """
    Return the sent rows that are not in the ERP, and the rows in the ERP that were not sent.

    Rows match if they have equal values under ``names``. A sent line without a quantity matches any
    quantity, and is matched after the others.
    """
    left, missing = list(there), []
    for is_free in (False, True):
        used = [name for name in names if not (is_free and name == _QUANTITY)]
        wanted = [row for row in sent if (_QUANTITY in names and row[_QUANTITY] is None) is is_free]
        counts = Counter(_build_key(row, used) for row in left)
        taken: Counter[tuple[object, ...]] = Counter()
        for row in wanted:
            key = _build_key(row, used)
            if taken[key] < counts[key]:
                taken[key] += 1
            else:
                missing.append(row)
        rest = []
        for row in left:
            key = _build_key(row, used)
            if taken[key]:
                taken[key] -= 1
            else:
                rest.append(row)
        left = rest
    return missing, left


# ── lines ───────────────────────────────────────────────────────────────────────────────────────


def _read_sent(document: ExportDocument, erp: Declaration, kept: KeptAmounts) -> list[_Row]:
    """Return the sent lines with the values that the ERP keeps by its declaration."""
    return [
        {name: _keep(erp, field, line) for name, field in LINE_FIELDS.items()} | {_AMOUNT: amount}
        for line, amount in zip(document.lines, kept.lines, strict=True)
    ]


def _keep(erp: Declaration, field: LineField, line: ExportLine) -> object:
    value: Any = field.read(line)
    if field.unit is Unit.TEXT:
        return keep_text(erp, field.name, value).strip()
    return None if value is None else keep_number(erp, field.name, value)


def _read_there(lines: Sequence[ContentsLine], document: ExportDocument) -> list[_Row]:
    """Return the lines in the ERP, with the fields that each of them shows."""
    # The ERP shows a cost code, or a tax code, by its id or by its code in the source.
    ids = {
        _CODE: {line.cost_code: line.cost_code_origin_id for line in document.lines},
        _TAX_CODE: {line.tax_code: line.tax_code_origin_id for line in document.lines},
    }
    said = [
        (name, field)
        for name, field in LINE_FIELDS.items()
        if all(getattr(line, field.contents) is not NOT_SAID for line in lines)
    ]
    rows: list[_Row] = []
    for line in lines:
        row: dict[str, Any] = {}
        for name, field in said:
            value = getattr(line, field.contents)
            row[name] = (value or "").strip() if field.unit is Unit.TEXT else value
            if name == _TAX:
                row[name] = value or ZERO
        for name, of_code in ids.items():
            code = row.get(name)
            if code and code not in of_code.values():
                row[name] = of_code.get(code) or code
        rows.append(row)
    return rows


def find_line_gap(
    lines: Sequence[ContentsLine], document: ExportDocument, erp: Declaration, kept: KeptAmounts
) -> RowGap | None:
    """
    Return what is wrong with the lines in the ERP; ``None`` if they are as declared.

    Args:
        lines: The lines in the ERP.
        document: The invoice as it was sent.
        erp: The declaration of the ERP.
        kept: The amounts as the ERP keeps them.
    """
    sent, there = _read_sent(document, erp, kept), _read_there(lines, document)
    said = tuple(name for name in LINE_FIELDS if there and name in there[0])
    if (lost := _find_kept_in_vain(there, said, erp)) is not None:
        return lost
    retainage = kept.released - kept.retained if erp.retainage in _AS_LINES else None
    word = erp.find_fidelity("lines")
    if word in {Fidelity.DERIVED, Fidelity.DROPPED}:
        return _compare_groups(there, sent, erp, retainage, is_one=word is Fidelity.DROPPED)
    exact = tuple(name for name in said if erp.find_fidelity(name) in _EXACT)
    gap = _compare_each(there, sent, exact, retainage)
    return gap or _compare_derived(there, sent, said, erp)


#: The forms in which further lines hold the retainage.
_AS_LINES = frozenset({RetainageForm.LINE, RetainageForm.DOCUMENT})


def _find_kept_in_vain(there: list[_Row], said: Sequence[str], erp: Declaration) -> RowGap | None:
    """Return the gap of a field that the ERP shows although it is declared as dropped."""
    for name in said:
        is_lost = erp.find_fidelity(name) is Fidelity.DROPPED
        if is_lost and (found := [row for row in there if row[name]]):
            return RowGap(name, _quote(found, (name,)), "")
    return None


def _compare_each(
    there: list[_Row], sent: list[_Row], names: tuple[str, ...], retainage: Decimal | None
) -> RowGap | None:
    """
    Return the gap of lines that are compared one by one; ``None`` if they agree.

    If the lines agree without one of the fields, this field is the cause.
    """
    missing, left = _match(there, sent, names)
    if not missing and _is_retainage(left, retainage):
        return None
    for name in names:
        others = [other for other in names if other != name]
        lacking, more = _match(there, sent, others)
        if others and not lacking and _is_retainage(more, retainage):
            return RowGap(name, _quote(left, (name,)), _quote(missing, (name,)))
    shown = names or tuple(
        name
        for name in LINE_FIELDS
        if name not in {_TAX_CODE, _TAX} or any(row[name] for row in sent)
    )
    unknown = f"{len(left)} of which nothing is shown" if left and not names else ""
    return RowGap("lines", unknown or _quote(left, names), _quote(missing, shown))


def _is_retainage(lines: list[_Row], retainage: Decimal | None) -> bool:
    """
    Return whether the lines that were not sent are those of the retainage.

    ``retainage`` is the sum that they must have. It is ``None`` if the ERP does not hold retainage
    as lines, and then there must be no such line.
    """
    if retainage is None:
        return not lines
    return any(_AMOUNT not in line for line in lines) or _sum_amounts(lines) == retainage


def _sum_amounts(lines: Iterable[_Row]) -> Decimal:
    amounts = (line[_AMOUNT] for line in lines)
    return sum((amount for amount in amounts if isinstance(amount, Decimal)), ZERO)


def _compare_derived(
    there: list[_Row], sent: list[_Row], said: Sequence[str], erp: Declaration
) -> RowGap | None:
    """
    Return the gap of a field that the ERP computes itself; ``None`` if there is none.

    The ERP must show a value in at least as many lines as were sent with one. If a tolerance is
    declared, the values must also agree within it.
    """
    for name in said:
        if erp.find_fidelity(name) is not Fidelity.DERIVED:
            continue
        empty = {None, ""}
        if sum(row[name] not in empty for row in there) < sum(
            row[name] not in empty for row in sent
        ):
            return RowGap(name, _quote(there, (name,)), _quote(sent, (name,)))
        tolerance = erp.tolerances.get(name)
        if tolerance is not None and not _is_within(there, sent, name, tolerance):
            return RowGap(name, _quote(there, (name,)), _quote(sent, (name,)))
    return None


def _is_within(there: list[_Row], sent: list[_Row], name: str, tolerance: Decimal) -> bool:
    """
    Return whether each sent value has a value of its own in the ERP within a tolerance.

    The ERP may have further values: amounts of retainage, and quantities of lines that were sent
    without a quantity.
    """
    left = iter(_sort(there, name))
    return all(
        any(abs(value - expected) <= tolerance for value in left) for expected in _sort(sent, name)
    )


def _sort(rows: list[_Row], name: str) -> list[Decimal]:
    values = (row[name] for row in rows)
    return sorted(value for value in values if isinstance(value, Decimal))


def _compare_groups(
    there: list[_Row],
    sent: list[_Row],
    erp: Declaration,
    retainage: Decimal | None,
    *,
    is_one: bool,
) -> RowGap | None:
    """
    Return the gap of lines that the ERP groups: by cost code, or to one sum.

    Args:
        there: The lines in the ERP.
        sent: The lines as sent.
        erp: The declaration of the ERP.
        retainage: The sum of further lines that hold the retainage; ``None``: there are none.
        is_one: True if the ERP books one line, or none, in place of all sent lines.
    """
    if is_one and len(there) > 1 and retainage is None:
        return RowGap("lines", _quote(there, LINE_FIELDS), "")
    if not there or any(row.get(_AMOUNT) is None for row in there):
        return None
    by_code = (
        not is_one
        and retainage is None
        and _CODE in there[0]
        and erp.find_fidelity(_CODE) in _EXACT
    )
    tolerance = ZERO
    if erp.find_fidelity(_AMOUNT) is Fidelity.DERIVED:
        declared = erp.tolerances.get(_AMOUNT)
        if declared is None:
            return None
        tolerance = declared * len(sent)
    found, expected = _group(there, by_code=by_code), _group(sent, by_code=by_code)
    if not by_code:
        expected[""] = expected.get("", ZERO) + (retainage or ZERO)
    differing = [
        code
        for code in {**expected, **found}
        if abs(found.get(code, ZERO) - expected.get(code, ZERO)) > tolerance
    ]
    if not differing:
        return None
    is_code = set(found) != set(expected) and sum(found.values()) == sum(expected.values())
    return RowGap(
        _CODE if is_code else _AMOUNT,
        _quote_groups(found, differing),
        _quote_groups(expected, differing),
    )


def _group(rows: Iterable[_Row], *, by_code: bool) -> dict[str, Decimal]:
    """
    Return the sums of the amounts by cost code, without sums of zero.

    If ``by_code`` is False, the sum of all rows is under the empty text.
    """
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        groups.setdefault(str(row[_CODE]) if by_code else "", []).append(row)
    sums = {code: _sum_amounts(of_code) for code, of_code in groups.items()}
    return {code: amount for code, amount in sums.items() if amount}


def _quote_groups(amounts: Mapping[str, Decimal], codes: Iterable[str]) -> str:
    rows = [{_CODE: code, _AMOUNT: amounts.get(code, ZERO)} for code in codes]
    return _quote(rows, (_CODE, _AMOUNT) if any(codes) else (_AMOUNT,))


# ── taxes ───────────────────────────────────────────────────────────────────────────────────────


def find_tax_gap(taxes: Iterable[ContentsTax], document: ExportDocument) -> RowGap | None:
    """Return the tax codes whose tax in the ERP is not the sent one; ``None`` if all agree."""
    # The ERP shows a tax code by its id or by its code in the source.
    ids = {line.tax_code: line.tax_code_origin_id or line.tax_code for line in document.lines}
    sent = _sum_taxes(
        (line.tax_code_origin_id or line.tax_code, line.tax) for line in document.lines
    )
    there = _sum_taxes(
        (each.code if each.code in ids.values() else ids.get(each.code, each.code), each.amount)
        for each in taxes
    )
    codes = sorted(code for code in {**sent, **there} if sent[code] != there[code])
    if not codes:
        return None
    return RowGap("tax", _quote_taxes(there, codes), _quote_taxes(sent, codes))


def _sum_taxes(amounts: Iterable[tuple[str | None, Decimal]]) -> Mapping[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for code, amount in amounts:
        sums[(code or "").strip()] += amount
    return sums


def _quote_taxes(amounts: Mapping[str, Decimal], codes: Iterable[str]) -> str:
    return _quote([{_TAX_CODE: code, _TAX: amounts[code]} for code in codes], (_TAX_CODE, _TAX))


# ── attachments ─────────────────────────────────────────────────────────────────────────────────


def find_attachment_gap(
    there: Sequence[ContentsAttachment],
    sent: Sequence[RequestAttachment],
    erp: Declaration,
) -> RowGap | None:
    """
    Return what is wrong with the attachments in the ERP; ``None`` if they are as declared.

    Each file that was sent must be in the ERP once; a link that was sent may be missing. An ERP
    that makes attachments of its own declares the attachments as derived, and then further ones are
    no difference.
    """
    word = erp.find_fidelity("attachments")
    if word is Fidelity.DROPPED:
        return RowGap("attachments", _quote(_read_files(there), ("name",)), "") if there else None
    names = tuple(
        name
        for name in ("name", "digest")
        if all(getattr(each, name) is not NOT_SAID for each in there)
        and not (name == "name" and erp.find_fidelity(_NAME) not in _EXACT)
    )
    files = _keep_files(sent, AttachmentForm.FILES, erp)
    links = _keep_files(sent, AttachmentForm.LINK, erp)
    known = [name for name in names if name != "digest" or all(row["digest"] for row in files)]
    missing, left = _match(_read_files(there), files, known)
    left = _match(left, links, ["name"])[1] if "name" in known else left[len(links) :]
    if word is Fidelity.DERIVED:
        left = []
    if not missing and not left:
        return None
    return RowGap(
        "attachments", _quote(left, ("name", "digest")), _quote(missing, ("name", "digest"))
    )


def _read_files(there: Sequence[ContentsAttachment]) -> list[_Row]:
    return [
        {
            "name": "" if each.name is NOT_SAID else each.name or "",
            "digest": "" if each.digest is NOT_SAID else (each.digest or "").lower(),
        }
        for each in there
    ]


def _keep_files(
    sent: Sequence[RequestAttachment], form: AttachmentForm, erp: Declaration
) -> list[_Row]:
    return [
        {"name": keep_text(erp, _NAME, each.filename), "digest": (each.digest or "").lower()}
        for each in sent
        if each.form is form
    ]
