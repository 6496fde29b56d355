"""Losses: values of an invoice that the ERP does not keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import Fidelity, Validator
from ...money import format_amount
from ...verdict import Notice, Source
from .attachments import ATTACHMENT_LOSSES
from .condition import Finding, word

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from ..case import Case


_AMOUNTS = {
    "gross": "gross",
    "stored_materials": "stored",
    "retainage": "retained",
    "retainage_release": "released",
}
_SENTENCES = {
    Fidelity.ROUNDED: "{erp} rounds the {label}{value}.",
    Fidelity.TRUNCATED: "{erp} cuts the {label}{value}.",
    Fidelity.DERIVED: "{erp} computes the {label} anew{value}.",
    Fidelity.DROPPED: "{erp} does not keep the {label}{value}.",
}


def _amount(case: Case, field: str) -> Decimal | None:
    amount: Decimal | None = getattr(case, _AMOUNTS[field]) if field in _AMOUNTS else None
    return amount


def _text(case: Case, field: str) -> str:
    given = (case.export_fields or {}).get(field) or (case.fields or {}).get(field)
    return given or ""


def is_used(case: Case, field: str) -> bool:
    """Return whether the document has an amount, a text or a feature's items in that field."""
    if _amount(case, field) or _text(case, field):
        return True
    return field not in _AMOUNTS and any(field == used.value for used in case.uses or ())


def _limit(case: Case, field: str) -> int | None:
    """Return the length to which the ERP cuts the field, if a rule does."""
    for rule in case.erp.field_rules if case.erp else ():
        if rule.field == field and rule.truncates and rule.validator is Validator.MAX_LENGTH:
            return rule.limit
    return None


def _find_losses(case: Case) -> Iterable[tuple[str, Fidelity]]:
    """Return each field that the document has and the ERP does not keep, with its fidelity."""
    if case.erp is None:
        return
    cut = {rule.field: Fidelity.TRUNCATED for rule in case.erp.field_rules if rule.truncates}
    for field, fidelity in {**cut, **case.erp.fidelity}.items():
        if fidelity not in _SENTENCES or not is_used(case, field):
            continue
        limit = _limit(case, field)
        is_cut = fidelity is Fidelity.TRUNCATED and limit is not None
        if not is_cut or len(_text(case, field)) > (limit or 0):
            yield field, fidelity


def _shown(case: Case, field: str) -> str:
    amount = _amount(case, field)
    if amount is not None:
        return (
            f"{format_amount(amount, case.currency)} {case.currency}"
            if case.currency
            else f"{amount:f}"
        )
    text, limit = _text(case, field), _limit(case, field)
    return text if limit is None else text[:limit]


def each_loss(case: Case) -> Iterable[Finding]:
    """Return one finding per loss, in the order of their codes."""
    found = []
    for field, fidelity in _find_losses(case):
        shown = _shown(case, field)
        facts = {
            "erp": case.erp.name if case.erp else "",
            "field": field,
            "fidelity": fidelity.value,
            "label": field.replace("_", " "),
            "value": shown,
        }
        sentence = _SENTENCES[fidelity].replace("{value}", ": {value}" if shown else "")
        found.append((f"loss.{word(field)}", sentence, facts, ()))
    return sorted(found, key=lambda finding: finding[0])


def losses(case: Case) -> tuple[Notice, ...]:
    """
    Return the notices about losses, which an acceptance records.

    Those of fields come first, in the order of their codes, then those of attachments.
    """
    found = [*each_loss(case)]
    for findings in ATTACHMENT_LOSSES:
        found += findings(case)
    return tuple(
        Notice(code, text.format_map(facts), Source.FEATURE, facts)
        for code, text, facts, _ in found
    )
