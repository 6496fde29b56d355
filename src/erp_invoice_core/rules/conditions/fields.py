"""Conditions on fields: the ERP's field rules and its extra fields."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category

from ...declaration import Fidelity, Validator
from ...message_template import ANY, MessageTemplate
from ...money import parse_decimal
from ...vocabulary import ExportStatus
from ..accounting_date import parse_day
from ..remedies import one_of
from ..remedy_rows import (
    CORRECT_FIELD,
    GIVE_FIELD,
    GIVE_FIELD_AGAIN,
    GIVE_NUMBER,
    GIVE_NUMBER_AGAIN,
    LEAVE_NUMBER_OUT,
    LEAVE_OUT,
    SUPPLY_FIELD,
)
from .condition import (
    CONSENTING,
    EXPORTING,
    SENDING,
    Condition,
    FindReasons,
    Predicate,
    Reason,
    word,
)
from .losses import is_used

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from decimal import Decimal

    from ...declaration import FieldRule
    from ..case import Case
    from ..remedies import Alternatives


def _parse_number(text: str) -> Decimal | None:
    try:
        return parse_decimal(text.strip())
    except ValueError:
        return None


def _count_units(text: str) -> int:
    """Return the number of digits before the decimal point, without leading zeros."""
    return len("".join(filter(str.isdecimal, text.partition(".")[0])).lstrip("0"))


def _count_decimals(text: str) -> int:
    """Return the number of digits after the decimal point, without trailing zeros."""
    return len("".join(filter(str.isdecimal, text.partition(".")[2])).rstrip("0"))


def _is_positive(text: str) -> bool:
    number = _parse_number(text)
    return number is not None and number > 0


_CHECKS: dict[Validator, Callable[[str, int], bool]] = {
    Validator.PRESENT: lambda text, _: bool(text.strip()),
    Validator.NUMERIC: lambda text, _: _parse_number(text) is not None,
    Validator.POSITIVE: lambda text, _: _is_positive(text),
    Validator.MAX_LENGTH: lambda text, limit: len(text) <= limit,
    Validator.MAX_LENGTH_UNITS: lambda text, limit: _count_units(text) <= limit,
    Validator.MAX_LENGTH_DECIMAL: lambda text, limit: _count_decimals(text) <= limit,
    Validator.MAX_LINE_LENGTH: lambda text, limit: all(
        len(line) <= limit for line in text.splitlines()
    ),
}
_TEXTS = {
    Validator.PRESENT: '{erp} requires a value for "{label}", and it is empty. Enter one.',
    Validator.NUMERIC: '{erp} requires a plain number for "{label}"; it is {value}. Correct it.',
    Validator.POSITIVE: '{erp} requires a number above zero for "{label}"; it is {value}. Correct it.',
    Validator.MAX_LENGTH: '{erp} takes at most {limit} characters for "{label}"; {value} has'
    " {size}. Shorten it.",
    Validator.MAX_LENGTH_UNITS: "{erp} takes at most {limit} digits before the decimal point"
    ' for "{label}"; {value} has {size}. Correct it.',
    Validator.MAX_LENGTH_DECIMAL: "{erp} takes at most {limit} digits after the decimal point"
    ' for "{label}"; {value} has {size}. Correct it.',
    Validator.MAX_LINE_LENGTH: '{erp} takes at most {limit} characters in a line of "{label}"; the'
    " longest line has {size}. Break it into shorter lines.",
}
_SIZES: dict[Validator, Callable[[str], int]] = {
    Validator.MAX_LENGTH: len,
    Validator.MAX_LENGTH_UNITS: _count_units,
    Validator.MAX_LENGTH_DECIMAL: _count_decimals,
    Validator.MAX_LINE_LENGTH: lambda text: max(map(len, text.splitlines())),
}
_BROKEN = {
    validator: MessageTemplate(f"field.<name>.{validator.value}", text)
    for validator, text in _TEXTS.items()
}
_NOT_KNOWN = MessageTemplate(
    "field.<name>.<validator>",
    '{erp} has a rule for "{label}", and the value in this invoice is not known. Have the host'
    " application supply it.",
    when={"known": "no"},
)
#: The sentence of the vendor's rule, which is a value to us.
_OF_VENDOR = MessageTemplate("field.<name>.<validator>", "{message}", when={"message": ANY})
_SHOWN = 80


def _find_value(case: Case, name: str) -> tuple[bool, str]:
    """
    Return whether a field's value is known, and the value; a blank value is known.

    An export field that the approver gives at the acceptance counts as known and blank before that.
    """
    if name == "invoice_number" and case.erp_number is not None:
        return True, case.erp_number
    if case.export_fields is not None and name in case.export_fields:
        return True, case.export_fields[name]
    if case.fields is not None and name in case.fields:
        return True, case.fields[name] or ""
    given_later = case.erp is not None and any(name == field.key for field in case.erp.extra_fields)
    return given_later, ""


def meets_rule(rule: FieldRule, case: Case) -> bool:
    """Return whether the case meets a field rule; True if the ERP itself shortens the text."""
    if rule.truncates:
        return True
    known, text = _find_value(case, rule.field)
    if not known:
        return False
    if not text.strip() and rule.validator is not Validator.PRESENT:
        return True
    if rule.limit is None and rule.validator not in _WITHOUT_LIMIT:
        return True
    return _CHECKS[rule.validator](text, rule.limit or 0)


_WITHOUT_LIMIT = frozenset({Validator.PRESENT, Validator.NUMERIC, Validator.POSITIVE})


def _find_broken(case: Case, *, at_export: bool) -> Iterable[FieldRule]:
    for rule in case.erp.field_rules if case.erp else ():
        if rule.at_export is at_export and not meets_rule(rule, case):
            yield rule


def _build_rule_row(*, at_export: bool) -> tuple[Predicate, FindReasons]:
    def is_met(case: Case) -> bool:
        # A plain loop in place of _find_broken, as this runs often and usually finds nothing.
        for rule in case.erp.field_rules if case.erp else ():
            if rule.at_export is at_export and not meets_rule(rule, case):
                return False
        return True

    def find(case: Case) -> Iterable[Reason]:
        return (_build_finding(case, rule) for rule in _find_broken(case, at_export=at_export))

    return is_met, find


def _build_finding(case: Case, rule: FieldRule) -> Reason:
    assert case.erp is not None
    limit = "" if rule.limit is None else str(rule.limit)
    facts = {
        "erp": case.erp.name,
        "field": rule.field,
        "label": _build_label(rule.field),
        "limit": limit,
    }
    code = f"field.{word(rule.field)}.{rule.validator.value}"
    known, text = _find_value(case, rule.field)
    remedies = _choose_remedies(case, rule.field) if known else one_of(SUPPLY_FIELD)
    if not known:
        facts["known"] = "no"
        return code, _NOT_KNOWN, facts, remedies
    if rule.message:
        facts["message"] = rule.message.replace("%{length}", limit)
        return code, _OF_VENDOR, facts, remedies
    if rule.validator in _SIZES:
        facts["size"] = str(_SIZES[rule.validator](text))
    if rule.validator is not Validator.PRESENT:
        facts["value"] = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return code, _BROKEN[rule.validator], facts, remedies


def _choose_remedies(case: Case, field: str) -> Alternatives:
    """Return the remedies for a wrong field, which the approver or an editor can correct."""
    if field == "invoice_number" and case.erp_number is not None:
        is_ready = case.export_status is ExportStatus.READY
        return one_of(GIVE_NUMBER if is_ready else GIVE_NUMBER_AGAIN, LEAVE_NUMBER_OUT)
    given = case.export_fields or {}
    if field in given or any(
        field == extra.key for extra in (case.erp.extra_fields if case.erp else ())
    ):
        return _choose_given(case)
    return one_of(CORRECT_FIELD)


def _choose_given(case: Case) -> Alternatives:
    is_failed = case.export_status is ExportStatus.FAILED
    return one_of(GIVE_FIELD_AGAIN if is_failed else GIVE_FIELD)


def _build_label(field: str) -> str:
    return field.replace("_", " ")


_LACKING = _BROKEN[Validator.PRESENT]
_NO_DATE = MessageTemplate(
    "field.<name>.date",
    '{erp} requires a date as 2026-10-31 for "{label}"; it is {value}. Correct it.',
)
_LONG_LINE = MessageTemplate(
    "field.<name>.line",
    'An export takes at most {limit} characters for "{label}", and the given text has {size}.'
    " Shorten the text.",
    when={"flaw": "length"},
)
_CONTROLS = MessageTemplate(
    "field.<name>.line",
    'The value of "{label}" has control characters, such as a line break. Give the value without'
    " them.",
    when={"flaw": "control"},
)
#: The export field that has the terms of payment.
TERMS = "terms"
#: The most characters of an export field that is one line of text.
LONGEST_LINE = 255
#: Unicode's categories of control characters and of lone surrogates.
_CONTROL = frozenset({"Cc", "Cs"})
_REFUSED = MessageTemplate(
    "field.<name>.refused",
    '{erp} does not accept a value for "{label}". Remove this value from the invoice.',
)


def _find_unusable(case: Case) -> Iterable[Reason]:
    given = case.export_fields or {}
    erp = case.erp
    for field in erp.extra_fields if erp else ():
        value = given.get(field.key, "").strip()
        facts = {"erp": erp.name if erp else "", "field": field.key, "label": field.label}
        if field.required and not value:
            yield f"field.{word(field.key)}.present", _LACKING, facts, _choose_given(case)
        if field.key == TERMS and value:
            yield from _find_line_flaw(case, facts, given[field.key])
        if field.is_date and value and parse_day(value) is None:
            yield (
                f"field.{word(field.key)}.date",
                _NO_DATE,
                {**facts, "value": value},
                _choose_given(case),
            )


def _find_line_flaw(case: Case, facts: Mapping[str, str], text: str) -> Iterable[Reason]:
    """Yield the finding about terms of payment that are not one short line of text."""
    code, remedies = f"field.{TERMS}.line", _choose_given(case)
    flaw = find_flaw_of_line(text)
    if flaw == "length":
        limit = {"size": str(len(text)), "limit": str(LONGEST_LINE)}
        yield code, _LONG_LINE, {**facts, **limit, **_LONG_LINE.when}, remedies
    if flaw == "control":
        yield code, _CONTROLS, {**facts, **_CONTROLS.when}, remedies


def find_flaw_of_line(text: str) -> str | None:
    """Return why a text is not one short line of text: ``length`` or ``control``, else ``None``."""
    if len(text) > LONGEST_LINE:
        return "length"
    return "control" if any(category(char) in _CONTROL for char in text) else None


def _find_refused(case: Case) -> Iterable[Reason]:
    erp = case.erp
    for field, fidelity in erp.fidelity.items() if erp else ():
        if fidelity is Fidelity.REFUSED and is_used(case, field):
            facts = {"erp": erp.name if erp else "", "field": field, "label": _build_label(field)}
            yield f"field.{word(field)}.refused", _REFUSED, facts, one_of(LEAVE_OUT)


_SAVED, _FIND_SAVED = _build_rule_row(at_export=False)
_EXPORTED, _FIND_EXPORTED = _build_rule_row(at_export=True)
_OF_RULES = (*_BROKEN.values(), _NOT_KNOWN, _OF_VENDOR)

# fmt: off
FIELDS: tuple[Condition, ...] = (
    Condition(
        code="field.<name>.<validator>", acts=SENDING, steady=True, is_met=_SAVED, each=_FIND_SAVED,
        templates=_OF_RULES,
    ),
    Condition(
        code="field.<name>.<validator>", acts=EXPORTING, steady=True, is_met=_EXPORTED, each=_FIND_EXPORTED,
        templates=_OF_RULES,
    ),
    Condition(
        code="field.<name>.<validator>", acts=CONSENTING, each=_find_unusable,
        is_met=lambda case: case.erp is None
        or not case.erp.extra_fields
        or not any(_find_unusable(case)),
        templates=(_LACKING, _NO_DATE, _LONG_LINE, _CONTROLS),
    ),
    Condition(
        code="field.<name>.refused", acts=SENDING, steady=True, each=_find_refused, templates=(_REFUSED,),
        is_met=lambda case: case.erp is None or not case.erp.fidelity or not any(_find_refused(case)),
    ),
)
# fmt: on
