"""What must be true of single fields: the ERP's field rules, and what the approver must give."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from ...declaration import Fidelity, Validator
from ...money import exact
from ...verdict import Remedy
from .acts import APPROVER, CONSENTING, EXPORTING, PROJECT_ADMIN, SENDING
from .condition import Condition, Finding, Findings, Predicate, word
from .losses import is_used

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal

    from ...declaration import FieldRule
    from ..case import Case

__all__ = ["FIELDS", "keeps"]


def _number(text: str) -> Decimal | None:
    try:
        return exact(text.strip())
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
    Validator.NUMERIC: "Write the {label} as a plain number for {erp}.",
    Validator.POSITIVE: "Give a {label} above zero: {erp} requires it.",
    Validator.MAX_LENGTH: "Shorten the {label} to {limit} characters: {erp} takes no more.",
    Validator.MAX_LENGTH_UNITS: "Keep the {label} to {limit} digits before the point for {erp}.",
    Validator.MAX_LENGTH_DECIMAL: "Keep the {label} to {limit} digits after the point for {erp}.",
    Validator.MAX_LINE_LENGTH: "Break the {label} into lines of {limit} characters for {erp}.",
}


def _value(case: Case, name: str) -> tuple[bool, str]:
    """Return whether the field's value is known, and the value; a blank one is known."""
    if case.export_fields is not None and name in case.export_fields:
        return True, case.export_fields[name]
    if case.fields is not None and name in case.fields:
        return True, case.fields[name] or ""
    given_later = case.erp is not None and any(name == field.key for field in case.erp.extra_fields)
    return given_later, ""


def keeps(rule: FieldRule, case: Case) -> bool:
    """Whether the case keeps to the rule; a text that the ERP cuts always does."""
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
    who = APPROVER if at_export else PROJECT_ADMIN

    def is_met(case: Case) -> bool:
        # The loop of _broken once more: most invoices keep to all rules, and this is asked often.
        for rule in case.erp.field_rules if case.erp else ():
            if rule.at_export is at_export and not keeps(rule, case):
                return False
        return True

    def each(case: Case) -> Iterable[Finding]:
        return (_finding(case, rule, who) for rule in _broken(case, at_export=at_export))

    return is_met, each


def _finding(case: Case, rule: FieldRule, who: str) -> Finding:
    assert case.erp is not None
    limit = "" if rule.limit is None else str(rule.limit)
    facts = {"erp": case.erp.name, "field": rule.field, "label": _label(rule.field), "limit": limit}
    message = rule.message.replace("%{length}", limit) if rule.message else ""
    code = f"field.{word(rule.field)}.{rule.validator.value}"
    remedies = (Remedy("Correct the field.", who),)
    return code, message or _WAYS[rule.validator].format_map(facts), facts, remedies


def _label(field: str) -> str:
    return field.replace("_", " ")


def _lacking(case: Case) -> Iterable[Finding]:
    given = case.export_fields or {}
    erp = case.erp
    for field in erp.extra_fields if erp else ():
        value = given.get(field.key, "").strip()
        facts = {"erp": erp.name if erp else "", "field": field.key, "label": field.label}
        remedies = (Remedy(f"Give the field {field.key}.", APPROVER),)
        if field.required and not value:
            sentence = f"Enter {field.label}: {facts['erp']} requires it."
            yield f"field.{word(field.key)}.present", sentence, facts, remedies
        if field.is_date and value and not _is_date(value):
            sentence = f"Write {field.label} as a date, as in 2026-10-31."
            yield f"field.{word(field.key)}.date", sentence, facts, remedies


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
            facts = {"erp": erp.name if erp else "", "field": field}
            sentence = f"Leave the {_label(field)} out: {facts['erp']} refuses it."
            remedies = (Remedy("Leave it out.", PROJECT_ADMIN),)
            yield f"field.{word(field)}.refused", sentence, facts, remedies


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
