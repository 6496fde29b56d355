"""
Losses: values of an invoice that the ERP changes or drops.

By its declared fidelity, the ERP rounds or shortens such a value, computes it itself, or drops it.
The approver sees each loss with its amounts before accepting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import Fidelity, TaxForm
from ...declaration.fidelity import (
    LINE_FIELDS,
    Unit,
    keep_amounts,
    keep_number,
    keep_text,
    leaves_out_stored_materials,
)
from ...message_template import MessageTemplate, choose_template
from ...money import ZERO, format_amount, has_currency_digits
from ...verdict import Notice, Source
from .attachments import ATTACHMENT_LOSSES
from .condition import Reason, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal
    from typing import Any

    from ...documents import ExportLine
    from ..case import Case


_AMOUNTS = {
    "tax": "tax",
    "gross": "gross",
    "stored_materials": "stored",
    "retainage": "retained",
    "retainage_release": "released",
}
# fmt: off
_TEXTS: tuple[tuple[Fidelity, str, Mapping[str, str]], ...] = (
    # fidelity           with and without a value
    (Fidelity.ROUNDED,   '{erp} rounds "{label}", which is {value}. Check the difference.', {}),
    (Fidelity.ROUNDED,   '{erp} rounds "{label}". Check the difference.', {}),
    (Fidelity.ROUNDED,   '{erp} rounds "{label}" from {value} to {kept}, by {difference}. Check this.', {}),
    (Fidelity.ROUNDED,   '{erp} rounds values of "{label}" ({count}). Check that this is right.', {}),
    (Fidelity.ROUNDED,   '{erp} rounds values of "{label}" ({count}), by {difference} in all. Check this.', {}),
    (Fidelity.TRUNCATED, '{erp} shortens "{label}" to "{value}". Check that this is enough.', {}),
    (Fidelity.TRUNCATED, '{erp} shortens "{label}". Check that this is enough.', {}),
    (Fidelity.TRUNCATED, '{erp} shortens values of "{label}" ({count}) to {length} characters. Check this.', {}),
    (Fidelity.DERIVED,   '{erp} computes "{label}" itself; the invoice has {value}. Compare the two.', {}),
    (Fidelity.DERIVED,   '{erp} computes "{label}" itself. Compare its value with that of the invoice.', {}),
    (Fidelity.DERIVED,
     '{erp} computes "{label}" itself, as {kept}; the invoice has {value} (difference {difference}). Compare the two.',
     {}),
    (Fidelity.DERIVED,
     '{erp} computes the values of "{label}" ({count}) itself. Compare them with those of the invoice.', {}),
    (Fidelity.DERIVED,   "{erp} groups the {count} lines of this invoice by cost code, into {kept}. Check this.",
                         {"field": "lines"}),
    (Fidelity.DROPPED,   '{erp} does not keep "{label}", which is {value}. Check that it is not needed.', {}),
    (Fidelity.DROPPED,   '{erp} does not keep "{label}". Check that it is not needed.', {}),
    (Fidelity.DROPPED,   '{erp} does not keep the values of "{label}" ({count}). Check that they are not needed.', {}),
    (Fidelity.DROPPED,   '{erp} does not keep "{label}" apart: {value} becomes a part of the gross amount. Check this.',
                         {"is_part": "yes"}),
    (Fidelity.DROPPED,   "{erp} keeps one amount for the {count} lines of this invoice. Check that this is enough.",
                         {"field": "lines"}),
)
# fmt: on
LOSSES: tuple[MessageTemplate, ...] = tuple(
    MessageTemplate(
        "loss.<field>", text, source=Source.FEATURE, when={"fidelity": fidelity.value, **when}
    )
    for fidelity, text, when in _TEXTS
)
_LOST = frozenset(fidelity for fidelity, _, _ in _TEXTS)


def _find_amount(case: Case, field: str) -> Decimal | None:
    if field == "due":
        parts = (case.gross, case.retained, case.released)
        if any(part is None for part in parts):
            return None
        return (case.gross or ZERO) - (case.retained or ZERO) + (case.released or ZERO)
    amount: Decimal | None = getattr(case, _AMOUNTS[field]) if field in _AMOUNTS else None
    return amount


def _find_text(case: Case, field: str) -> str:
    if field == "invoice_number" and case.erp_number is not None:
        return case.erp_number
    given = (case.export_fields or {}).get(field) or (case.fields or {}).get(field)
    return given or ""


def _list_values(case: Case, field: str) -> list[Any] | None:
    """Return the values of a field in all lines or attachments; ``None`` without a document."""
    document = case.document
    if document is None:
        return None
    if field in LINE_FIELDS:
        return [value for value in map(LINE_FIELDS[field].read, document.lines) if value]
    if field == "attachment_name":
        return [each.filename for each in document.attachments]
    return list(document.lines)


def is_used(case: Case, field: str) -> bool:
    """Return whether the invoice has something in a field: an amount, a text, rows or items."""
    if _find_amount(case, field) or _find_text(case, field):
        return True
    if field in _ROWS:
        return _list_values(case, field) != []
    if field == "attachments":
        return bool(case.document.attachments if case.document else case.attachments)
    return field not in _AMOUNTS and any(field == used.value for used in case.uses or ())


_ROWS = frozenset({*LINE_FIELDS, "lines", "attachment_name"})


def _list_lost(case: Case) -> Iterable[tuple[str, Fidelity]]:
    """Return each field that the document has and the ERP does not keep, with its fidelity."""
    if case.erp is None:
        return
    cut = {rule.field: Fidelity.TRUNCATED for rule in case.erp.field_rules if rule.truncates}
    if case.erp.tax is TaxForm.DERIVED:
        cut["tax"] = Fidelity.DERIVED
    for field, fidelity in {**cut, **case.erp.fidelity}.items():
        # Attachments have notices of their own, which count and name them.
        if fidelity in _LOST and field != "attachments" and is_used(case, field):
            yield field, fidelity


def _show_amount(case: Case, amount: Decimal) -> str:
    # A stated tax may have a fraction of a minor unit, which the approver has to see.
    if not case.currency or not has_currency_digits(amount, case.currency):
        return _show_plain(case, amount)
    return f"{format_amount(amount, case.currency)} {case.currency}"


def _build_facts(case: Case, field: str, fidelity: Fidelity) -> dict[str, str] | None:
    """
    Return the facts that say what is lost of a field, such as its value and the kept one.

    ``None`` if nothing of the field is lost.
    """
    if field in _ROWS:
        values = _list_values(case, field)
        if values is None:
            return {}
        if field == "lines":
            return _count_lines(values, fidelity)
        return _count_values(case, field, fidelity, values)
    amount = _find_amount(case, field)
    if amount is not None:
        return _compare_amount(case, field, fidelity, amount)
    assert case.erp is not None
    text, limit = _find_text(case, field), case.erp.find_length(field)
    if fidelity is not Fidelity.TRUNCATED or limit is None:
        return {"value": text}
    return {"value": text[:limit]} if len(text) > limit else None


def _compare_amount(
    case: Case, field: str, fidelity: Fidelity, amount: Decimal
) -> dict[str, str] | None:
    erp = case.erp
    assert erp is not None
    facts = {"value": _show_amount(case, amount)}
    kept: Decimal | None = None
    if fidelity is Fidelity.ROUNDED and field in erp.rounding:
        kept = erp.rounding[field].apply(amount)
        if kept == amount:
            return None
    elif fidelity is Fidelity.DERIVED and field in {"gross", "due"} and case.document is not None:
        amounts = keep_amounts(case.document, erp)
        kept = amounts.gross if field == "gross" else amounts.due
    elif (
        field == "stored_materials"
        and fidelity is Fidelity.DROPPED
        and not leaves_out_stored_materials(erp)
    ):
        facts["is_part"] = "yes"
    if kept is not None and kept != amount:
        facts |= {"kept": _show_plain(case, kept), "difference": _show_plain(case, kept - amount)}
    return facts


def _show_plain(case: Case, amount: Decimal) -> str:
    """Return an amount with all its digits, also if it has more than its currency."""
    return f"{amount:f} {case.currency}" if case.currency else f"{amount:f}"


def _count_lines(lines: list[ExportLine], fidelity: Fidelity) -> dict[str, str] | None:
    codes = {LINE_FIELDS["line_cost_code"].read(line) for line in lines}
    kept = len(codes) if fidelity is Fidelity.DERIVED else 1
    if kept == len(lines) or fidelity not in {Fidelity.DERIVED, Fidelity.DROPPED}:
        return None
    return {"count": str(len(lines)), "kept": str(kept)}


def _count_values(
    case: Case, field: str, fidelity: Fidelity, values: list[Any]
) -> dict[str, str] | None:
    """
    Return the facts of a loss in lines or attachments; ``None`` if no value is lost.

    They are the count of lost values and, where it applies, the length to which the ERP shortens
    a text, or the sum of what it changes by rounding.
    """
    erp = case.erp
    assert erp is not None
    unit = LINE_FIELDS[field].unit if field in LINE_FIELDS else Unit.TEXT
    if unit is Unit.TEXT:
        lost = [value for value in values if keep_text(erp, field, value) != value]
    else:
        lost = [value for value in values if keep_number(erp, field, value) != value]
    if fidelity is Fidelity.DERIVED:
        lost = values
    if not lost:
        return None
    facts = {"count": str(len(lost))}
    length = erp.find_length(field)
    if fidelity is Fidelity.TRUNCATED and length is not None:
        facts["length"] = str(length)
    if fidelity is Fidelity.ROUNDED and unit is Unit.AMOUNT:
        difference = sum((keep_number(erp, field, value) - value for value in lost), ZERO)
        facts["difference"] = _show_plain(case, difference)
    return facts


def find_losses(case: Case) -> Iterable[Reason]:
    """Return one finding per loss, in the order of their codes."""
    found: list[Reason] = []
    for field, fidelity in _list_lost(case):
        lost = _build_facts(case, field, fidelity)
        if lost is None:
            continue
        facts = {
            "erp": case.erp.name if case.erp else "",
            "field": field,
            "fidelity": fidelity.value,
            "label": field.replace("_", " "),
            "value": "",
            **lost,
        }
        template = choose_template(LOSSES, facts) or LOSSES[-1]
        found.append((f"loss.{word(field)}", template, facts, ()))
    return sorted(found, key=lambda finding: finding[0])


def losses(case: Case) -> tuple[Notice, ...]:
    """
    Return the notices about losses, which an acceptance records.

    Those of fields come first, in the order of their codes, then those of attachments.
    """
    found = [*find_losses(case)]
    for findings in ATTACHMENT_LOSSES:
        found += findings(case)
    return tuple(
        Notice(code, template.fill(facts), Source.FEATURE, facts)
        for code, template, facts, _ in found
    )
