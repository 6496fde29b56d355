"""Check of a declaration for contradictions and unknown fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..vocabulary import Feature, Support
from .vocabulary import Handling, RetainageForm, UnlinkForm, Validator, WithdrawForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .declaration import Declaration


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


def find_contradictions(declaration: Declaration) -> tuple[str, ...]:
    """Return one sentence with the values concerned for each contradiction."""
    return (
        *_find_form_contradictions(declaration),
        *_find_rule_contradictions(declaration),
        *_find_other_contradictions(declaration),
    )


def _find_form_contradictions(declaration: Declaration) -> Iterator[str]:
    forms = (
        (Feature.WITHDRAW, declaration.withdraw, WithdrawForm.IMPOSSIBLE),
        (Feature.UNLINK, declaration.unlink, UnlinkForm.IMPOSSIBLE),
        (Feature.RETAINAGE, declaration.retainage, RetainageForm.NONE),
    )
    for feature, form, impossible in forms:
        stated = declaration.support(feature)
        if (stated is Support.FULL) if form is impossible else (stated in _NOT_DONE):
            name = feature.value
            yield (
                f"It declares the feature {name} as {stated.value} and the form of {name} as"
                f" {form.value}. Correct one of them."
            )
    yield from _find_release_contradictions(declaration)


def _find_release_contradictions(declaration: Declaration) -> Iterator[str]:
    """Yield what contradicts the release of retainage, which has no form of its own."""
    stated = declaration.support(Feature.RETAINAGE_RELEASE)
    feature = f"It declares the feature {Feature.RETAINAGE_RELEASE.value} as {stated.value}"
    if stated is Support.FULL and declaration.retainage is RetainageForm.NONE:
        yield f"{feature} and the form of retainage as none. Correct one of them."
    if stated in _NOT_DONE and declaration.release_only is Handling.EXPORTED:
        yield f"{feature} and release_only as exported. Correct one of them."


def _find_rule_contradictions(declaration: Declaration) -> Iterator[str]:
    known = FIELDS | {field.key for field in declaration.extra_fields}
    for rule in declaration.field_rules:
        if rule.field not in known:
            there = ", ".join(sorted(known))
            yield f"Its field rule names {rule.field!r}, which is not one of the fields: {there}."
        elif rule.limit is None and rule.validator in _COUNTING:
            yield f"Its rule {rule.validator.value} on {rule.field} has no limit. Give it one."


def _find_other_contradictions(declaration: Declaration) -> Iterator[str]:
    keys = [field.key for field in declaration.extra_fields]
    for key in dict.fromkeys(keys):
        if keys.count(key) > 1:
            yield f"It declares the extra field {key} more than once. Remove the others."
