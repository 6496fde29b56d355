"""
Check of a declaration for contradictions and unknown fields, with its rules.

The check rejects an adapter whose declaration cannot be right. Each sentence names the two values
that contradict each other, and says what to correct.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from ..money import is_currency
from ..vocabulary import Feature, PurchaseOrderStatus, SubcontractStatus, Support
from .fidelity import UNITS, Unit
from .fidelity_contradictions import find_fidelity_contradictions
from .vocabulary import (
    Fidelity,
    Handling,
    Replay,
    RetainageForm,
    SettingKind,
    UnlinkForm,
    Validator,
    WithdrawForm,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .declaration import Declaration
    from .terms import FieldRule, Setting


#: The fields that a rule can be about, besides the extra export fields that are declared.
FIELDS = frozenset(
    {
        "accounting_date",
        "billing_date",
        "commitment_number",
        "commitment_origin_id",
        "commitment_title",
        "compliance_group",
        "currency",
        "description",
        "due_date",
        "erp_invoice_number",
        "hold_code",
        "invoice_number",
        "job_origin_id",
        "number",
        "period_end",
        "period_id",
        "period_start",
        "project_name",
        "terms",
        "vendor_name",
        "vendor_origin_id",
    }
)
_COUNTING = frozenset(
    {
        Validator.MAX_LENGTH,
        Validator.MAX_LENGTH_UNITS,
        Validator.MAX_LENGTH_DECIMAL,
        Validator.MAX_LINE_LENGTH,
    }
)
_NOT_DONE = frozenset({Support.IMPOSSIBLE, Support.MISSING})
#: The extra fields that every ERP integration may ask for; other keys are the ERP's own.
_WELL_KNOWN = frozenset(
    {
        "accounting_date",
        "compliance_group",
        "description",
        "due_date",
        "erp_invoice_number",
        "hold_code",
        "terms",
    }
)
_STATUSES = frozenset(each.value for each in (*SubcontractStatus, *PurchaseOrderStatus))
_NOTHING = timedelta(0)


def _find_form_contradictions(declaration: Declaration) -> Iterator[str]:
    forms = (
        (Feature.WITHDRAW, declaration.withdraw, WithdrawForm.IMPOSSIBLE),
        (Feature.UNLINK, declaration.unlink, UnlinkForm.IMPOSSIBLE),
        (Feature.RETAINAGE, declaration.retainage, RetainageForm.NONE),
    )
    for feature, form, impossible in forms:
        stated = declaration.support(feature)
        # Retainage that is dropped is exported, and the ERP has no form for it.
        is_lost = declaration.fidelity.get(feature.value) is Fidelity.DROPPED
        is_wrong = stated is Support.FULL and not is_lost
        if is_wrong if form is impossible else (stated in _NOT_DONE):
            name = feature.value
            yield (
                f"It declares the feature {name} as {stated.value} and the form of {name} as"
                f" {form.value}. Correct one of them."
            )


def _find_release_contradictions(declaration: Declaration) -> Iterator[str]:
    """
    Yield a sentence for each contradiction about the feature ``retainage_release``.

    The declaration has no form of this feature, as it has of ``withdraw``. The support of the
    feature is therefore compared with the fields ``retainage`` and ``release_only``.
    """
    stated = declaration.support(Feature.RETAINAGE_RELEASE)
    feature = f"It declares the feature {Feature.RETAINAGE_RELEASE.value} as {stated.value}"
    is_lost = declaration.fidelity.get("retainage_release") is Fidelity.DROPPED
    if stated is Support.FULL and declaration.retainage is RetainageForm.NONE and not is_lost:
        yield f"{feature} and the form of retainage as none. Correct one of them."
    if stated in _NOT_DONE and declaration.release_only is Handling.EXPORTED:
        yield f"{feature} and release_only as exported. Correct one of them."
    if is_lost and declaration.release_only is Handling.EXPORTED:
        yield (
            "It declares the fidelity of retainage_release as dropped and release_only as exported."
            " Correct one of them."
        )


def _find_rule_contradictions(declaration: Declaration) -> Iterator[str]:
    known = FIELDS | {field.key for field in declaration.extra_fields}
    for rule in declaration.field_rules:
        name = f"Its rule {rule.validator.value} on {rule.field}"
        if rule.field not in known:
            there = ", ".join(sorted(known))
            yield f"Its field rule names {rule.field!r}, which is not one of the fields: {there}."
        elif rule.limit is None and rule.validator in _COUNTING:
            yield f"{name} has no limit. Give it one."
        elif rule.limit is not None and rule.validator not in _COUNTING:
            yield f"{name} has a limit, and this validator has none. Remove the limit."
        elif rule.limit is not None and rule.limit < (rule.validator in _LENGTHS):
            yield f"{name} has the limit {rule.limit}. Give it a larger one."
        if rule.truncates and rule.validator is not Validator.MAX_LENGTH:
            yield f"{name} truncates, and only max_length can. Correct one of them."
        elif rule.truncates and UNITS.get(rule.field) is Unit.DATE:
            yield f"{name} truncates, and {rule.field} is a date. Correct one of them."
        if rule.validator in _NUMERIC and UNITS.get(rule.field) is Unit.DATE:
            yield f"{name} needs a number, and {rule.field} is a date. Correct one of them."
        is_refused = declaration.fidelity.get(rule.field) is Fidelity.REFUSED
        if is_refused and rule.validator is Validator.PRESENT:
            yield f"{name} needs a value, and its fidelity is refused. Correct one of them."


#: The validators whose limit is a length; the limit of digits may be zero.
_LENGTHS = frozenset({Validator.MAX_LENGTH, Validator.MAX_LINE_LENGTH})
_NUMERIC = frozenset({Validator.NUMERIC, Validator.POSITIVE})


def _find_double_rules(declaration: Declaration) -> Iterator[str]:
    """Yield a sentence for each field rule that repeats another rule of the same field."""
    for first, second in combinations(declaration.field_rules, 2):
        if first.field != second.field:
            continue
        if first.validator is second.validator and _is_same_time(first, second):
            name = f"{first.validator.value} on {first.field}"
            yield f"It declares the rule {name} more than once. Remove the others."


def _is_same_time(first: FieldRule, second: FieldRule) -> bool:
    """
    Return whether two rules with the same field and validator repeat each other.

    They do if both are checked at sending or both at the export, or if both cut the text.
    """
    return first.at_export is second.at_export or (first.truncates and second.truncates)


def _find_field_contradictions(declaration: Declaration) -> Iterator[str]:
    keys = [field.key for field in declaration.extra_fields]
    for key in dict.fromkeys(keys):
        if keys.count(key) > 1:
            yield f"It declares the extra field {key} more than once. Remove the others."
        if key in UNITS and key not in _WELL_KNOWN:
            yield (
                f"It declares the extra field {key}, which is a field of the invoice. Give it"
                " another key."
            )
    for field in declaration.extra_fields:
        if UNITS.get(field.key) is Unit.DATE and not field.is_date:
            yield f"Its extra field {field.key} is a date, and is_date is false. Correct one of them."


def _find_currency_contradictions(declaration: Declaration) -> Iterator[str]:
    if declaration.currencies is None:
        return
    if not declaration.currencies:
        yield "Its currencies are empty, so that it takes no invoice. Name them, or omit the field."
    for code in sorted(declaration.currencies):
        if not is_currency(code):
            yield (
                f"Its currencies have {code!r}, which is not a code of ISO 4217 in capital letters."
                " Correct it."
            )


def _find_status_contradictions(declaration: Declaration) -> Iterator[str]:
    if declaration.commitment_statuses is None:
        return
    if not declaration.commitment_statuses:
        yield (
            "Its commitment_statuses are empty, so that it takes no invoice. Name them, or omit the"
            " field."
        )
    for status in sorted(declaration.commitment_statuses - _STATUSES):
        there = ", ".join(sorted(_STATUSES))
        yield f"Its commitment_statuses have {status!r}, which is not one of these: {there}. Correct it."


def _find_term_contradictions(declaration: Declaration) -> Iterator[str]:
    for kind, terms in declaration.terms.items():
        of_kind = f"Its terms of {kind} declare"
        if terms.replay_for is not None and terms.replay is Replay.NONE:
            yield f"{of_kind} replay_for and replay as none. Correct one of them."
        if terms.replay_for is not None and terms.replay_for <= _NOTHING:
            yield f"{of_kind} replay_for as no time at all. Give a time, or replay as none."
        if terms.time_limit <= _NOTHING:
            yield f"{of_kind} a time_limit in which no call can end. Give a longer one."
        if terms.compares_body and terms.replay is Replay.NONE and not terms.enforces_key:
            yield (
                f"{of_kind} compares_body, and neither replay nor enforces_key, so that the ERP"
                " does not know a repeated key. Correct one of them."
            )


def _find_setting_contradictions(declaration: Declaration) -> Iterator[str]:
    names = [setting.name for setting in declaration.settings]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"It declares the setting {name} more than once. Remove the others."
    for setting in declaration.settings:
        yield from _find_choice_contradictions(setting)


def _find_choice_contradictions(setting: Setting) -> Iterator[str]:
    name, kind = setting.name, setting.kind
    if kind is SettingKind.CHOICE and not setting.choices:
        yield f"Its setting {name} is a choice and has no choices. Give them, or another kind."
    if kind is not SettingKind.CHOICE and setting.choices:
        yield f"Its setting {name} has choices and is of the kind {kind.value}. Correct one of them."
    if setting.choices and setting.default is not None and setting.default not in setting.choices:
        yield f"The default of its setting {name} is not one of its choices. Correct one of them."


#: One row per group of rules; each yields its sentences.
_ROWS: tuple[Callable[[Declaration], Iterator[str]], ...] = (
    _find_form_contradictions,
    _find_release_contradictions,
    _find_rule_contradictions,
    _find_double_rules,
    _find_field_contradictions,
    _find_currency_contradictions,
    _find_status_contradictions,
    _find_term_contradictions,
    _find_setting_contradictions,
    find_fidelity_contradictions,
)


def find_contradictions(declaration: Declaration) -> tuple[str, ...]:
    """Return one sentence for each contradiction; empty if the declaration has none."""
    return tuple(sentence for row in _ROWS for sentence in row(declaration))
