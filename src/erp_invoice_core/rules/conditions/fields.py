"""Conditions on fields: the ERP's field rules and its extra fields."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from ...declaration import Fidelity, Validator
from ...money import parse_decimal
from ...vocabulary import ExportStatus
from ..remedies import one_of
from ..remedy_rows import CORRECT_FIELD, GIVE_FIELD, GIVE_FIELD_AGAIN, LEAVE_OUT, SUPPLY_FIELD
from .condition import CONSENTING, EXPORTING, SENDING, Condition, Finding, Findings, Predicate, word
from .losses import is_used

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal

    from ...declaration import FieldRule
    from ..case import Case
    from ..remedies import Alternatives


def _number(text: str) -> Decimal | None:
    try:
        return parse_decimal(text.strip())
    except ValueError:
        return None


def _units(text: str) -> int:
    return len(text.strip().lstrip("-").partition(".")[0].lstrip("0"))


def _decimals(text: str) -> int:
    return len(text.strip().partition(".")[2].rstrip("0"))


def _is_positive(text: str) -> bool:
    number = _number(text)
    return number is not None and number > 0


_KEEPS: dict[Validator, Callable[[str, int], bool]] = {
    Validator.PRESENT: lambda text, _: bool(text.strip()),
    Validator.NUMERIC: lambda text, _: _number(text) is not None,
    Validator.POSITIVE: lambda text, _: _is_positive(text),
    Validator.MAX_LENGTH: lambda text, limit: len(text) <= limit,
    Validator.MAX_LENGTH_UNITS: lambda text, limit: _units(text) <= limit,
    Validator.MAX_LENGTH_DECIMAL: lambda text, limit: _decimals(text) <= limit,
    Validator.MAX_LINE_LENGTH: lambda text, limit: all(
        len(line) <= limit for line in text.splitlines()
    ),
}
_WAYS = {
    Validator.PRESENT: "Enter the {label}: {erp} requires it.",
    Validator.NUMERIC: "Write the {label} as a plain number for {erp}: it is {value}.",
    Validator.POSITIVE: "Give a {label} above zero: it is {value}, and {erp} requires it.",
    Validator.MAX_LENGTH: "Shorten the {label} to {limit} characters: {value} has {size}, and"
    " {erp} takes no more.",
    Validator.MAX_LENGTH_UNITS: "Keep the {label} to {limit} digits before the point for {erp}:"
    " {value} has {size}.",
    Validator.MAX_LENGTH_DECIMAL: "Keep the {label} to {limit} digits after the point for {erp}:"
    " {value} has {size}.",
    Validator.MAX_LINE_LENGTH: "Break the {label} into lines of {limit} characters for {erp}: its"
    " longest has {size}.",
}
_SIZES: dict[Validator, Callable[[str], int]] = {
    Validator.MAX_LENGTH: len,
    Validator.MAX_LENGTH_UNITS: _units,
    Validator.MAX_LENGTH_DECIMAL: _decimals,
    Validator.MAX_LINE_LENGTH: lambda text: max(map(len, text.splitlines())),
}
_UNKNOWN = "Supply the {label}: {erp} has a rule for it, and it is not known."
_SHOWN = 80


def _value(case: Case, name: str) -> tuple[bool, str]:
    """Return whether the field's value is known, and the value; a blank one is known."""
    if case.export_fields is not None and name in case.export_fields:
        return True, case.export_fields[name]
    if case.fields is not None and name in case.fields:
        return True, case.fields[name] or ""
    given_later = case.erp is not None and any(name == field.key for field in case.erp.extra_fields)
    return given_later, ""


def keeps(rule: FieldRule, case: Case) -> bool:
    """Return whether the case meets the rule; a text that the ERP cuts always does."""
    if rule.truncates:
        return True
    known, text = _value(case, rule.field)
    if not known:
        return False
    if not text.strip() and rule.validator is not Validator.PRESENT:
        return True
    if rule.limit is None and rule.validator not in _WITHOUT_LIMIT:
        return True
    return _KEEPS[rule.validator](text, rule.limit or 0)


_WITHOUT_LIMIT = frozenset({Validator.PRESENT, Validator.NUMERIC, Validator.POSITIVE})


def _broken(case: Case, *, at_export: bool) -> Iterable[FieldRule]:
    for rule in case.erp.field_rules if case.erp else ():
        if rule.at_export is at_export and not keeps(rule, case):
            yield rule


def _rule_row(*, at_export: bool) -> tuple[Predicate, Findings]:
    def is_met(case: Case) -> bool:
        # A plain loop in place of _broken, as this runs often and most invoices meet all rules.
        for rule in case.erp.field_rules if case.erp else ():
            if rule.at_export is at_export and not keeps(rule, case):
                return False
        return True

    def each(case: Case) -> Iterable[Finding]:
        return (_finding(case, rule) for rule in _broken(case, at_export=at_export))

    return is_met, each


def _finding(case: Case, rule: FieldRule) -> Finding:
    assert case.erp is not None
    limit = "" if rule.limit is None else str(rule.limit)
    facts = {"erp": case.erp.name, "field": rule.field, "label": _label(rule.field), "limit": limit}
    code = f"field.{word(rule.field)}.{rule.validator.value}"
    known, text = _value(case, rule.field)
    remedies = _remedies(case, rule.field) if known else one_of(SUPPLY_FIELD)
    if rule.message:
        facts["message"] = rule.message.replace("%{length}", limit)
        return code, "{message}", facts, remedies
    if not known:
        facts["known"] = "no"
        return code, _UNKNOWN, facts, remedies
    if rule.validator in _SIZES:
        facts["size"] = str(_SIZES[rule.validator](text))
    if rule.validator is not Validator.PRESENT:
        facts["value"] = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return code, _WAYS[rule.validator], facts, remedies


def _remedies(case: Case, field: str) -> Alternatives:
    """Return the remedies of a field, which the approver or an editor can correct."""
    given = case.export_fields or {}
    if field in given or any(
        field == extra.key for extra in (case.erp.extra_fields if case.erp else ())
    ):
        return _given(case)
    return one_of(CORRECT_FIELD)


def _given(case: Case) -> Alternatives:
    is_failed = case.export_status is ExportStatus.FAILED
    return one_of(GIVE_FIELD_AGAIN if is_failed else GIVE_FIELD)


def _label(field: str) -> str:
    return field.replace("_", " ")


_ENTER = "Enter {label}: {erp} requires it."
_AS_DATE = "Write {label} as a date, as in 2026-10-31: it is {value}."
_REFUSES = "Leave the {label} out: {erp} refuses it."


def _lacking(case: Case) -> Iterable[Finding]:
    given = case.export_fields or {}
    erp = case.erp
    for field in erp.extra_fields if erp else ():
        value = given.get(field.key, "").strip()
        facts = {"erp": erp.name if erp else "", "field": field.key, "label": field.label}
        if field.required and not value:
            yield f"field.{word(field.key)}.present", _ENTER, facts, _given(case)
        if field.is_date and value and not _is_date(value):
            yield f"field.{word(field.key)}.date", _AS_DATE, {**facts, "value": value}, _given(case)


def _is_date(text: str) -> bool:
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _refused(case: Case) -> Iterable[Finding]:
    erp = case.erp
    for field, fidelity in erp.fidelity.items() if erp else ():
        if fidelity is Fidelity.REFUSED and is_used(case, field):
            facts = {"erp": erp.name if erp else "", "field": field, "label": _label(field)}
            yield f"field.{word(field)}.refused", _REFUSES, facts, one_of(LEAVE_OUT)


_SAVED, _EACH_SAVED = _rule_row(at_export=False)
_EXPORTED, _EACH_EXPORTED = _rule_row(at_export=True)

# fmt: off
FIELDS: tuple[Condition, ...] = (
    Condition(code="field.<name>.<validator>", acts=SENDING, is_met=_SAVED, each=_EACH_SAVED),
    Condition(code="field.<name>.<validator>", acts=EXPORTING, is_met=_EXPORTED, each=_EACH_EXPORTED),
    Condition(
        code="field.<name>.<validator>", acts=CONSENTING, each=_lacking,
        is_met=lambda case: case.erp is None or not case.erp.extra_fields or not any(_lacking(case)),
    ),
    Condition(
        code="field.<name>.refused", acts=SENDING, each=_refused,
        is_met=lambda case: case.erp is None or not case.erp.fidelity or not any(_refused(case)),
    ),
)
# fmt: on
