"""
Losses as versions 0.1 to 0.4 listed them, for the acceptances of these versions.

An acceptance stores a digest of the losses. To compare it, the losses are listed here as those
versions listed them. A loss then had the value that the invoice has, and not the one that the ERP
keeps. Lines, the amount due, and the attachments of an ERP that takes none were no losses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import Fidelity, Validator
from ...money import format_amount
from ...verdict import Notice, Source
from .attachments import find_linked, find_unsent
from .condition import word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from ..case import Case

_AMOUNTS = {
    "gross": "gross",
    "stored_materials": "stored",
    "retainage": "retained",
    "retainage_release": "released",
}
_NO_SENTENCE = ""
_LOST = frozenset({Fidelity.ROUNDED, Fidelity.TRUNCATED, Fidelity.DERIVED, Fidelity.DROPPED})


def _find_amount(case: Case, field: str) -> Decimal | None:
    amount: Decimal | None = getattr(case, _AMOUNTS[field]) if field in _AMOUNTS else None
    return amount


def _find_text(case: Case, field: str) -> str:
    given = (case.export_fields or {}).get(field) or (case.fields or {}).get(field)
    return given or ""


def _is_used(case: Case, field: str) -> bool:
    if _find_amount(case, field) or _find_text(case, field):
        return True
    return field not in _AMOUNTS and any(field == used.value for used in case.uses or ())


def _find_limit(case: Case, field: str) -> int | None:
    for rule in case.erp.field_rules if case.erp else ():
        if rule.field == field and rule.truncates and rule.validator is Validator.MAX_LENGTH:
            return rule.limit
    return None


def _list_lost(case: Case) -> Iterator[tuple[str, Fidelity]]:
    if case.erp is None:
        return
    cut = {rule.field: Fidelity.TRUNCATED for rule in case.erp.field_rules if rule.truncates}
    for field, fidelity in {**cut, **case.erp.fidelity}.items():
        if fidelity not in _LOST or not _is_used(case, field):
            continue
        limit = _find_limit(case, field)
        is_cut = fidelity is Fidelity.TRUNCATED and limit is not None
        if not is_cut or len(_find_text(case, field)) > (limit or 0):
            yield field, fidelity


def _show(case: Case, field: str) -> str:
    amount = _find_amount(case, field)
    if amount is not None:
        shown = f"{amount:f}" if not case.currency else format_amount(amount, case.currency)
        return f"{shown} {case.currency}" if case.currency else shown
    text, limit = _find_text(case, field), _find_limit(case, field)
    return text if limit is None else text[:limit]


def former_losses(case: Case) -> tuple[Notice, ...]:
    """
    Return the losses as versions 0.1 to 0.4 listed them, each with an empty sentence.

    Those of fields come first, in the order of their codes, then those of attachments.
    """
    rows = [(f"loss.{word(field)}", field, fidelity) for field, fidelity in _list_lost(case)]
    rows.sort(key=lambda row: row[0])
    notices = [
        Notice(
            code,
            _NO_SENTENCE,
            Source.FEATURE,
            {
                "erp": case.erp.name if case.erp else "",
                "field": field,
                "fidelity": fidelity.value,
                "label": field.replace("_", " "),
                "value": _show(case, field),
            },
        )
        for code, field, fidelity in rows
    ]
    attached = [*find_linked(case), *find_unsent(case)]
    return (
        *notices,
        *(Notice(code, _NO_SENTENCE, Source.FEATURE, facts) for code, _, facts, _ in attached),
    )
