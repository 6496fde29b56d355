"""A declaration that contradicts itself has problems with the names of its terms."""

from __future__ import annotations

from typing import Any

import pytest

from erp_invoice_core.declaration import (
    Declaration,
    ExportField,
    FieldRule,
    Handling,
    RetainageForm,
    UnlinkForm,
    Validator,
    WithdrawForm,
)
from erp_invoice_core.declaration.contradictions import FIELDS, find_contradictions
from erp_invoice_core.rules.prerequisite_facts import build_place_facts
from erp_invoice_core.vocabulary import Feature, Support
from tests.rules.test_facts import INVOICE, PROJECT, SUBCONTRACT, VENDOR


def _find_contradictions(**said: Any) -> tuple[str, ...]:  # noqa: ANN401 - its fields
    return find_contradictions(Declaration(key="erp", name="The ERP", **said))


def _rule(
    field: str, validator: Validator = Validator.MAX_LENGTH, limit: int | None = 4
) -> FieldRule:
    return FieldRule(field=field, validator=validator, limit=limit)


@pytest.mark.parametrize(
    ("feature", "support", "said", "words"),
    [
        ("withdraw", "full", {}, "impossible"),
        ("withdraw", "impossible", {"withdraw": WithdrawForm.FULL}, "full"),
        ("withdraw", "missing", {"withdraw": WithdrawForm.BY_HAND}, "by_hand"),
        ("unlink", "full", {"unlink": UnlinkForm.IMPOSSIBLE}, "impossible"),
        ("unlink", "impossible", {"unlink": UnlinkForm.FREE}, "free"),
        ("unlink", "missing", {"unlink": UnlinkForm.DELETE_FIRST}, "delete_first"),
        ("retainage", "full", {}, "none"),
        ("retainage", "impossible", {"retainage": RetainageForm.LINE}, "line"),
        ("retainage", "missing", {"retainage": RetainageForm.NATIVE}, "native"),
    ],
)
def test_feature_and_form_say_the_same(
    feature: str, support: str, said: dict[str, Any], words: str
) -> None:
    """A supported feature has a form, and an unsupported one has none."""
    expected = (
        f"It declares the feature {feature} as {support} and the form of {feature} as {words}."
        " Correct one of them."
    )

    assert (expected,) == _find_contradictions(
        features={Feature(feature): Support(support)}, **said
    )


@pytest.mark.parametrize(
    ("support", "said", "words"),
    [
        ("full", {}, "the form of retainage as none"),
        ("impossible", {"release_only": Handling.EXPORTED}, "release_only as exported"),
        ("missing", {"release_only": Handling.EXPORTED}, "release_only as exported"),
    ],
)
def test_release_of_retainage_agrees_with_its_terms(
    support: str, said: dict[str, Any], words: str
) -> None:
    """Retainage that is never held is not released, and a release that is exported is supported."""
    expected = (
        f"It declares the feature retainage_release as {support} and {words}. Correct one of them."
    )
    features = {Feature.RETAINAGE_RELEASE: Support(support)}

    assert (expected,) == _find_contradictions(features=features, **said)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"withdraw": WithdrawForm.FULL, "unlink": UnlinkForm.FREE},
        {"features": {Feature.WITHDRAW: Support.IMPOSSIBLE, Feature.UNLINK: Support.UNDECLARED}},
        {"features": {Feature.WITHDRAW: Support.FULL}, "withdraw": WithdrawForm.BY_HAND},
        {"retainage": RetainageForm.NATIVE, "release_only": Handling.EXPORTED},
        {
            "features": dict.fromkeys((Feature.RETAINAGE, Feature.RETAINAGE_RELEASE), Support.FULL),
            "retainage": RetainageForm.DOCUMENT,
        },
    ],
)
def test_what_agrees_is_no_contradiction(said: dict[str, Any]) -> None:
    """A declared form implies the feature, and the other way round."""
    assert () == _find_contradictions(**said)


def test_rule_is_about_a_field_that_there_is() -> None:
    """A misspelt field would never be checked, or never be met."""
    (found,) = _find_contradictions(field_rules=(_rule("invoce_number"), _rule("invoice_number")))

    assert found.startswith("Its field rule names 'invoce_number', which is not one of the fields:")
    assert "invoice_number" in found


def test_rule_may_be_about_an_extra_field() -> None:
    """The declaration asks for the field, or it is a known field."""
    extra = ExportField(key="cost_centre", label="Cost centre")

    assert () == _find_contradictions(
        field_rules=(_rule("cost_centre"), _rule("terms")), extra_fields=(extra,)
    )


def test_rule_that_counts_has_a_limit() -> None:
    """Without a limit nothing is counted."""
    rules = (
        _rule("invoice_number", Validator.MAX_LINE_LENGTH, None),
        _rule("invoice_number", Validator.NUMERIC, None),
    )

    assert (
        "Its rule max_line_length on invoice_number has no limit. Give it one.",
    ) == _find_contradictions(field_rules=rules)


def test_extra_field_is_asked_for_once() -> None:
    """Of two with the same key only one could be given."""
    twice = (ExportField(key="terms", label="Terms"), ExportField(key="terms", label="Net"))

    assert (
        "It declares the extra field terms more than once. Remove the others.",
    ) == _find_contradictions(extra_fields=twice)


def test_fields_of_a_case_are_known() -> None:
    """Every field of the documents can have a rule."""
    assert (
        set()
        == set(build_place_facts(INVOICE, SUBCONTRACT, VENDOR, PROJECT, ())["fields"]) - FIELDS
    )
