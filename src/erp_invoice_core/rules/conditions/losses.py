"""Losses: values of an invoice that the ERP does not keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import Fidelity, Validator
from ...message_template import MessageTemplate, choose_template
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
# fmt: off
_TEXTS = (
    # fidelity           with and without a value
    (Fidelity.ROUNDED,   '{erp} rounds "{label}", which is {value}. Check the difference.'),
    (Fidelity.ROUNDED,   '{erp} rounds "{label}". Check the difference.'),
    (Fidelity.TRUNCATED, '{erp} shortens "{label}" to "{value}". Check that this is enough.'),
    (Fidelity.TRUNCATED, '{erp} shortens "{label}". Check that this is enough.'),
    (Fidelity.DERIVED,   '{erp} computes "{label}" itself; it is {value} here. Compare the two.'),
    (Fidelity.DERIVED,   '{erp} computes "{label}" itself. Compare the two values.'),
    (Fidelity.DROPPED,   '{erp} does not keep "{label}", which is {value}. Check that it is not needed.'),
    (Fidelity.DROPPED,   '{erp} does not keep "{label}". Check that it is not needed.'),
)
# fmt: on
LOSSES: tuple[MessageTemplate, ...] = tuple(
    MessageTemplate("loss.<field>", text, source=Source.FEATURE, when={"fidelity": fidelity.value})
    for fidelity, text in _TEXTS
)
_LOST = frozenset(fidelity for fidelity, _ in _TEXTS)


def _find_amount(case: Case, field: str) -> Decimal | None:
    amount: Decimal | None = getattr(case, _AMOUNTS[field]) if field in _AMOUNTS else None
    return amount


def _find_text(case: Case, field: str) -> str:
    given = (case.export_fields or {}).get(field) or (case.fields or {}).get(field)
    return given or ""


def is_used(case: Case, field: str) -> bool:
    """Return whether the document has an amount, a text or a feature's items in that field."""
    if _find_amount(case, field) or _find_text(case, field):
        return True
    return field not in _AMOUNTS and any(field == used.value for used in case.uses or ())


def _find_limit(case: Case, field: str) -> int | None:
    """Return the length to which the ERP cuts the field, if a rule does."""
    for rule in case.erp.field_rules if case.erp else ():
        if rule.field == field and rule.truncates and rule.validator is Validator.MAX_LENGTH:
            return rule.limit
    return None


def _list_losses(case: Case) -> Iterable[tuple[str, Fidelity]]:
    """Return each field that the document has and the ERP does not keep, with its fidelity."""
    if case.erp is None:
        return
    cut = {rule.field: Fidelity.TRUNCATED for rule in case.erp.field_rules if rule.truncates}
    for field, fidelity in {**cut, **case.erp.fidelity}.items():
        if fidelity not in _LOST or not is_used(case, field):
            continue
        limit = _find_limit(case, field)
        is_cut = fidelity is Fidelity.TRUNCATED and limit is not None
        if not is_cut or len(_find_text(case, field)) > (limit or 0):
            yield field, fidelity


def _show(case: Case, field: str) -> str:
    amount = _find_amount(case, field)
    if amount is not None:
        return (
            f"{format_amount(amount, case.currency)} {case.currency}"
            if case.currency
            else f"{amount:f}"
        )
    text, limit = _find_text(case, field), _find_limit(case, field)
    return text if limit is None else text[:limit]


def find_losses(case: Case) -> Iterable[Finding]:
    """Return one finding per loss, in the order of their codes."""
    found: list[Finding] = []
    for field, fidelity in _list_losses(case):
        shown = _show(case, field)
        facts = {
            "erp": case.erp.name if case.erp else "",
            "field": field,
            "fidelity": fidelity.value,
            "label": field.replace("_", " "),
            "value": shown,
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
