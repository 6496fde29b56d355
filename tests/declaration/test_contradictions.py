"""A declaration that contradicts itself has problems with the names of its terms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from erp_invoice_core.adapters.beancount import DECLARATION
from erp_invoice_core.declaration import (
    Declaration,
    ExportField,
    Fidelity,
    FieldRule,
    Handling,
    Replay,
    RetainageForm,
    Setting,
    SettingKind,
    StepTerms,
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


def test_bundled_declaration_does_not_contradict_itself() -> None:
    """Nor does one without any of its fields."""
    assert () == find_contradictions(DECLARATION)
    assert () == _find_contradictions()


def test_retainage_that_is_dropped_has_no_form() -> None:
    """It is exported, so that its feature is full; it is not released alone."""
    features = dict.fromkeys((Feature.RETAINAGE, Feature.RETAINAGE_RELEASE), Support.FULL)
    dropped = dict.fromkeys(("retainage", "retainage_release"), Fidelity.DROPPED)

    assert () == _find_contradictions(features=features, fidelity=dropped)
    assert (
        (
            "It declares the fidelity of retainage_release as dropped and release_only as exported."
            " Correct one of them."
        ),
    ) == _find_contradictions(features=features, fidelity=dropped, release_only=Handling.EXPORTED)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            _rule("invoice_number", Validator.PRESENT),
            (
                "Its rule present on invoice_number has a limit, and this validator has none."
                " Remove the limit."
            ),
        ),
        (
            _rule("invoice_number", Validator.MAX_LENGTH, 0),
            "Its rule max_length on invoice_number has the limit 0. Give it a larger one.",
        ),
        (
            _rule("invoice_number", Validator.MAX_LENGTH_DECIMAL, -1),
            "Its rule max_length_decimal on invoice_number has the limit -1. Give it a larger one.",
        ),
        (
            attrs.evolve(_rule("invoice_number", Validator.MAX_LINE_LENGTH), truncates=True),
            (
                "Its rule max_line_length on invoice_number truncates, and only max_length can. Correct"
                " one of them."
            ),
        ),
        (
            attrs.evolve(_rule("billing_date"), truncates=True),
            (
                "Its rule max_length on billing_date truncates, and billing_date is a date. Correct one"
                " of them."
            ),
        ),
        (
            _rule("billing_date", Validator.POSITIVE, None),
            (
                "Its rule positive on billing_date needs a number, and billing_date is a date. Correct"
                " one of them."
            ),
        ),
    ],
)
def test_a_rule_that_nothing_can_meet(rule: FieldRule, sentence: str) -> None:
    """A limit, a cut or a number is not for every validator and field."""
    assert (sentence,) == _find_contradictions(field_rules=(rule,))


def test_limit_of_digits_may_be_zero() -> None:
    """An ERP may take no digit after the point."""
    rule = _rule("number", Validator.MAX_LENGTH_DECIMAL, 0)
    assert () == _find_contradictions(field_rules=(rule,))


def test_a_field_that_is_needed_is_not_refused() -> None:
    """Nothing could be exported."""
    assert (
        (
            "Its rule present on terms needs a value, and its fidelity is refused. Correct one of"
            " them."
        ),
    ) == _find_contradictions(
        field_rules=(_rule("terms", Validator.PRESENT, None),), fidelity={"terms": Fidelity.REFUSED}
    )


def test_a_rule_is_declared_once() -> None:
    """Two of a kind at one time contradict each other; one at each time does not."""
    first, second = _rule("terms", limit=4), _rule("terms", limit=5)
    later = attrs.evolve(second, at_export=True)
    cuts = (attrs.evolve(first, truncates=True), attrs.evolve(later, truncates=True))
    sentence = "It declares the rule max_length on terms more than once. Remove the others."

    assert (sentence,) == _find_contradictions(field_rules=(first, second))
    assert (sentence,) == _find_contradictions(field_rules=cuts)
    assert () == _find_contradictions(field_rules=(first, later, _rule("number")))


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        (
            ExportField(key="currency", label="Currency"),
            (
                "It declares the extra field currency, which is a field of the invoice. Give it another"
                " key."
            ),
        ),
        (
            ExportField(key="accounting_date", label="Date"),
            "Its extra field accounting_date is a date, and is_date is false. Correct one of them.",
        ),
    ],
)
def test_extra_fields_are_no_fields_of_the_invoice(field: ExportField, sentence: str) -> None:
    """The value of the approver would replace what was sent; a date is declared as one."""
    assert (sentence,) == _find_contradictions(extra_fields=(field,))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"currencies": frozenset({"usd", "EUR"})},
            (
                "Its currencies have 'usd', which is not a code of ISO 4217 in capital letters. Correct"
                " it."
            ),
        ),
        (
            {"currencies": frozenset()},
            "Its currencies are empty, so that it takes no invoice. Name them, or omit the field.",
        ),
        (
            {"commitment_statuses": frozenset()},
            (
                "Its commitment_statuses are empty, so that it takes no invoice. Name them, or omit the"
                " field."
            ),
        ),
    ],
)
def test_closed_lists(said: dict[str, Any], sentence: str) -> None:
    """A code that there is not, and a list without any, would let no invoice pass."""
    assert (sentence,) == _find_contradictions(**said)


def test_statuses_are_spelt_as_in_procore() -> None:
    """The sentence lists them."""
    (found,) = _find_contradictions(commitment_statuses=frozenset({"approved", "Complete"}))

    assert found.startswith(
        "Its commitment_statuses have 'approved', which is not one of these: Approved, "
    )


@pytest.mark.parametrize(
    ("terms", "sentences"),
    [
        (
            {"replay_for": timedelta(hours=1)},
            ["Its terms of bill declare replay_for and replay as none. Correct one of them."],
        ),
        (
            {"replay_for": timedelta(0), "replay": Replay.EVERYTHING},
            [
                (
                    "Its terms of bill declare replay_for as no time at all. Give a time, or replay as"
                    " none."
                )
            ],
        ),
        (
            {"time_limit": timedelta(0)},
            ["Its terms of bill declare a time_limit in which no call can end. Give a longer one."],
        ),
        (
            {"compares_body": True},
            [
                (
                    "Its terms of bill declare compares_body, and neither replay nor enforces_key, so"
                    " that the ERP does not know a repeated key. Correct one of them."
                )
            ],
        ),
        ({"compares_body": True, "enforces_key": True}, []),
        ({"replay_for": timedelta(hours=1), "replay": Replay.SUCCESSES}, []),
    ],
)
def test_terms_of_a_step(terms: dict[str, Any], sentences: list[str]) -> None:
    """A term without the one that it needs, or a time in which nothing can happen."""
    assert tuple(sentences) == _find_contradictions(terms={"bill": StepTerms(**terms)})


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            (Setting(name="url"), Setting(name="url")),
            "It declares the setting url more than once. Remove the others.",
        ),
        (
            (Setting(name="mode", kind=SettingKind.CHOICE),),
            "Its setting mode is a choice and has no choices. Give them, or another kind.",
        ),
        (
            (Setting(name="mode", choices=("a",)),),
            "Its setting mode has choices and is of the kind text. Correct one of them.",
        ),
        (
            (Setting(name="mode", kind=SettingKind.CHOICE, choices=("a",), default="b"),),
            "The default of its setting mode is not one of its choices. Correct one of them.",
        ),
    ],
)
def test_settings(settings: tuple[Setting, ...], sentence: str) -> None:
    """A setting that cannot be given, or that is declared twice."""
    assert (sentence,) == _find_contradictions(settings=settings)
