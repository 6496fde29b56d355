"""The words of a declaration, and the checks that prove them."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.words import Word, list_fields, list_patterns, list_words

from .honest import Honest

SMALL = erp.Declaration(
    key="small",
    name="Small",
    features={erp.Feature.RETAINAGE: erp.Support.MISSING},
    terms={"bill": erp.StepTerms(look_up=erp.LookUp.KEY)},
    currencies=frozenset({"USD"}),
    field_rules=(
        erp.FieldRule(field="invoice_number", validator=erp.Validator.MAX_LENGTH, limit=15),
    ),
    extra_fields=(erp.ExportField(key="terms", label="Terms", required=True),),
    settings=(erp.Setting(name="token", kind=erp.SettingKind.SECRET),),
    fidelity={"line_description": erp.Fidelity.DROPPED},
)


@pytest.mark.parametrize(
    "word",
    [
        "features.retainage: missing",
        "features.invoices: undeclared",
        "zero: refused",
        "landing: draft",
        "prerequisites.job: needed",
        "prerequisites.change_orders: not_needed",
        "privileges.can_export: not_needed",
        "commitment_statuses: any",
        "currencies.USD: accepted",
        "terms.bill.look_up: key",
        "terms.bill.visible_after: at_once",
        "terms.bill.settles_within: unbounded",
        "terms.bill.replay: none",
        "terms.bill.enforces_key: false",
        "field_rules.invoice_number.max_length: refuses",
        "extra_fields.terms: required",
        "settings.token: secret",
        "fidelity.line_description: dropped",
    ],
)
def test_declaration_has_the_word(word: str) -> None:
    """A statement of the declaration is a word, also one that is left at its default."""
    assert word in map(str, list_words(SMALL))


@pytest.mark.parametrize("pattern", list_patterns())
def test_every_word_has_a_check(pattern: str) -> None:
    """Each word that a declaration can have is proved by at least one check."""
    word = pattern.replace(".*", ".anything")
    proving = [
        check.name
        for check in CHECKS.values()
        if any(fnmatchcase(word, known.replace(".[A-Z]*", ".*")) for known in check.words)
    ]
    named = [
        check.name
        for check in CHECKS.values()
        if any(fnmatchcase(pattern, known) for known in check.words)
    ]
    assert [] != proving or [] != named


def test_every_field_of_a_declaration_has_words() -> None:
    """A field that a later version adds to declarations needs words and checks."""
    first = {word.path.split(".")[0] for word in list_words(Honest().declare())}
    first |= {word.path.split(".")[0] for word in list_words(SMALL)}

    assert set() == list_fields() - first


def test_every_word_has_a_pattern() -> None:
    """The words of an adapter are of the forms that the tests walk."""
    known = set(list_patterns())

    assert set() == {word.pattern for word in list_words(Honest().declare())} - known
    assert "terms.*.look_up: key" == Word("terms.bill.look_up", "key").pattern
    assert "zero: refused" == Word("zero", "refused").pattern
