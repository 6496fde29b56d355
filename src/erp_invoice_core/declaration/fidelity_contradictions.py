"""
Check of the declared fidelity of fields for contradictions, with its rules.

Each rule yields a sentence for each contradiction, with the two values and what to correct.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ..vocabulary import Feature, Support
from .fidelity import IDENTIFYING, LINE_FIELDS, UNITS, Unit
from .terms import Rounding
from .vocabulary import AttachmentForm, Fidelity, LookUp, RetainageForm, TaxForm, Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .declaration import Declaration

_DECIMALS = frozenset({Unit.AMOUNT, Unit.QUANTITY})
_TEXTS = frozenset({Unit.TEXT, Unit.NUMBER})
_NOT_DONE = frozenset({Support.IMPOSSIBLE, Support.MISSING})
_AS_LINES = frozenset({RetainageForm.LINE, RetainageForm.DOCUMENT})
#: The most digits after the point that a rounding keeps.
_MOST_DIGITS = 10
#: The features whose items may be lost, by the field that says so.
_FEATURES = {feature.value: feature for feature in Feature if feature.value in UNITS}


def _find_extra(declaration: Declaration) -> frozenset[str]:
    return frozenset(field.key for field in declaration.extra_fields)


def _find_unit(declaration: Declaration, field: str) -> Unit | None:
    """Return the unit of a field: text for an extra field, ``None`` for an unknown one."""
    if field in UNITS:
        return UNITS[field]
    return Unit.TEXT if field in _find_extra(declaration) else None


def _find_unknown(declaration: Declaration) -> Iterator[str]:
    """Yield a sentence for each name that is not the name of a field."""
    from difflib import get_close_matches  # noqa: PLC0415 - needed for a mistake alone

    given: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("fidelity", declaration.fidelity),
        ("rounding", declaration.rounding),
        ("lengths", declaration.lengths),
        ("tolerances", declaration.tolerances),
    )
    names = sorted({*UNITS, *_find_extra(declaration)})
    for word, fields in given:
        for field in fields:
            if _find_unit(declaration, field) is None:
                near = get_close_matches(field, names, 1)
                advice = (
                    f"Did you mean {near[0]}?" if near else f"The fields are: {', '.join(names)}."
                )
                yield f"Its {word} names {field!r}, which is not one of the fields. {advice}"


def _find_unfit(declaration: Declaration) -> Iterator[str]:
    """Yield a sentence for each field whose unit excludes its fidelity, such as a rounded date."""
    for field, fidelity in declaration.fidelity.items():
        unit = _find_unit(declaration, field)
        if fidelity is Fidelity.ROUNDED and unit is not None and unit not in _DECIMALS:
            yield (
                f"It declares the fidelity of {field} as rounded, and {field} is not an amount or a"
                " quantity. Correct the fidelity."
            )
        if fidelity is Fidelity.TRUNCATED and unit is not None and unit not in _TEXTS:
            yield (
                f"It declares the fidelity of {field} as truncated, and {field} is not a text."
                " Correct the fidelity."
            )


def _find_rounding(declaration: Declaration) -> Iterator[str]:
    """Yield a sentence for each rounding that is missing, not used or impossible."""
    for field, fidelity in declaration.fidelity.items():
        is_decimal = _find_unit(declaration, field) in _DECIMALS
        if fidelity is Fidelity.ROUNDED and is_decimal and field not in declaration.rounding:
            yield (
                f"It declares the fidelity of {field} as rounded, and rounding has no entry for"
                f" {field}. Add the digits that are kept and the mode."
            )
    for field, rounding in declaration.rounding.items():
        fidelity = declaration.find_fidelity(field)
        if fidelity is not Fidelity.ROUNDED:
            yield (
                f"It declares a rounding of {field}, and the fidelity of {field} as"
                f" {fidelity.value}. Correct one of them."
            )
        if not _is_rounding(rounding):
            yield (
                f"Its rounding of {field} is not a Rounding to 0 to {_MOST_DIGITS} digits. Correct"
                " it."
            )


def _is_rounding(rounding: object) -> bool:
    return (
        isinstance(rounding, Rounding)
        and type(rounding.digits) is int
        and 0 <= rounding.digits <= _MOST_DIGITS
    )


def _find_lengths(declaration: Declaration) -> Iterator[str]:
    """
    Yield a sentence for each wrong length.

    A length is missing, not used or impossible, or differs from the limit of a field rule.
    """
    limits = {
        rule.field: rule.limit
        for rule in declaration.field_rules
        if rule.truncates and rule.validator is Validator.MAX_LENGTH
    }
    for field, fidelity in declaration.fidelity.items():
        is_text = _find_unit(declaration, field) in _TEXTS
        known = field in declaration.lengths or field in limits
        if fidelity is Fidelity.TRUNCATED and is_text and not known:
            yield (
                f"It declares the fidelity of {field} as truncated, and neither lengths nor a field"
                f" rule that truncates has a length for {field}. Add one."
            )
        if fidelity is not Fidelity.TRUNCATED and field in limits:
            yield (
                f"It declares the fidelity of {field} as {fidelity.value}, and a field rule that"
                f" truncates {field}. Correct one of them."
            )
    for field, length in declaration.lengths.items():
        fidelity = declaration.find_fidelity(field)
        if fidelity is not Fidelity.TRUNCATED:
            yield (
                f"It declares a length of {field}, and the fidelity of {field} as {fidelity.value}."
                " Correct one of them."
            )
        if type(length) is not int or length < 1:
            yield f"Its length of {field} is {length!r}. Give a whole number above zero."
        elif field in limits and limits[field] != length:
            yield (
                f"Its length of {field} is {length}, and its field rule cuts {field} to"
                f" {limits[field]} characters. Correct one of them."
            )


def _find_tolerances(declaration: Declaration) -> Iterator[str]:
    """Yield a sentence for each tolerance that is not used or impossible."""
    for field, tolerance in declaration.tolerances.items():
        fidelity = declaration.find_fidelity(field)
        if fidelity is not Fidelity.DERIVED:
            yield (
                f"It declares a tolerance of {field}, and the fidelity of {field} as"
                f" {fidelity.value}. Correct one of them."
            )
        elif _find_unit(declaration, field) not in {*_DECIMALS, None}:
            yield (
                f"It declares a tolerance of {field}, and {field} is not an amount or a quantity."
                " Remove the tolerance."
            )
        if not _is_tolerance(tolerance):
            yield f"Its tolerance of {field} is {tolerance!r}. Give a Decimal of zero or more."


def _is_tolerance(tolerance: object) -> bool:
    return isinstance(tolerance, Decimal) and tolerance.is_finite() and tolerance >= 0


def _find_features(declaration: Declaration) -> Iterator[str]:
    """Yield a sentence for each field whose fidelity contradicts the support of its feature."""
    for field, fidelity in declaration.fidelity.items():
        if field not in _FEATURES:
            continue
        stated = declaration.support(_FEATURES[field])
        is_refused = fidelity is Fidelity.REFUSED
        if (stated in _NOT_DONE and not is_refused) or (stated is Support.FULL and is_refused):
            yield (
                f"It declares the feature {field} as {stated.value} and the fidelity of {field} as"
                f" {fidelity.value}. Correct one of them."
            )


def _find_forms(declaration: Declaration) -> Iterator[str]:
    """
    Yield a sentence for each form of retainage or attachments that contradicts its fidelity.

    The form says in which way they reach the ERP, or not at all; the fidelity of the same name says
    whether the ERP keeps, drops or refuses them. Retainage as a line also needs line amounts.
    """
    fidelity = declaration.fidelity.get("retainage", Fidelity.KEPT)
    is_lost = fidelity in {Fidelity.DROPPED, Fidelity.REFUSED}
    has_form = declaration.retainage is not RetainageForm.NONE
    is_stated = "retainage" in declaration.fidelity
    if (has_form and is_lost) or (not has_form and is_stated and not is_lost):
        yield (
            f"It declares the form of retainage as {declaration.retainage.value} and the fidelity of"
            f" retainage as {fidelity.value}. Correct one of them."
        )
    amounts = declaration.fidelity.get("line_amount")
    if declaration.retainage in _AS_LINES and amounts is Fidelity.DROPPED:
        yield (
            f"It declares the form of retainage as {declaration.retainage.value} and the fidelity of"
            " line_amount as dropped. Correct one of them."
        )
    attached = declaration.fidelity.get("attachments", Fidelity.KEPT)
    is_sent = declaration.attachments is not AttachmentForm.NONE
    is_lost = attached in {Fidelity.DROPPED, Fidelity.REFUSED}
    is_stated = "attachments" in declaration.fidelity
    if (is_sent and is_lost) or (not is_sent and is_stated and not is_lost):
        yield (
            f"It declares the form of attachments as {declaration.attachments.value} and the"
            f" fidelity of attachments as {attached.value}. Correct one of them."
        )


def _find_taxes(declaration: Declaration) -> Iterator[str]:
    """Yield a sentence if the fidelity of ``tax`` contradicts the form of tax."""
    stated = declaration.fidelity.get("tax")
    if stated is not None and stated not in _OF_TAX[declaration.tax]:
        yield (
            f"It declares the form of tax as {declaration.tax.value} and the fidelity of tax as"
            f" {stated.value}. Correct one of them."
        )


#: The words of the tax that agree with each form of tax.
_OF_TAX = {
    TaxForm.IMPOSSIBLE: frozenset({Fidelity.DROPPED, Fidelity.REFUSED}),
    TaxForm.KEPT: frozenset({Fidelity.KEPT, Fidelity.ROUNDED}),
    TaxForm.DERIVED: frozenset({Fidelity.DERIVED}),
}


def _find_identities(declaration: Declaration) -> Iterator[str]:
    """Yield a sentence for each field that a look-up compares, but the ERP does not keep."""
    kinds = [kind for kind, terms in declaration.terms.items() if terms.look_up is not LookUp.NONE]
    for field, fidelity in declaration.fidelity.items():
        if field not in IDENTIFYING:
            continue
        is_computed = fidelity is Fidelity.DERIVED and field == "due"
        is_cut = fidelity is Fidelity.TRUNCATED and field == "invoice_number"
        is_fit = is_computed or is_cut or fidelity in {Fidelity.KEPT, Fidelity.ROUNDED}
        if kinds and not is_fit:
            yield (
                f"It declares a look-up of the steps of kind {kinds[0]} and the fidelity of {field}"
                f" as {fidelity.value}. A document is found by {field}: correct one of them."
            )


def _find_lines(declaration: Declaration) -> Iterator[str]:
    """Yield a sentence for each field of lines that is kept although the lines are dropped."""
    if declaration.find_fidelity("lines") is not Fidelity.DROPPED:
        return
    for field, fidelity in declaration.fidelity.items():
        if field in LINE_FIELDS and fidelity is not Fidelity.DROPPED:
            yield (
                f"It declares the fidelity of lines as dropped and the fidelity of {field} as"
                f" {fidelity.value}. Correct one of them."
            )


_ROWS: tuple[Callable[[Declaration], Iterator[str]], ...] = (
    _find_unknown,
    _find_unfit,
    _find_rounding,
    _find_lengths,
    _find_tolerances,
    _find_features,
    _find_forms,
    _find_taxes,
    _find_identities,
    _find_lines,
)


def find_fidelity_contradictions(declaration: Declaration) -> Iterator[str]:
    """Yield one sentence for each contradiction of the declared fidelity."""
    for row in _ROWS:
        yield from row(declaration)
