"""The words of a declaration, and the checks that prove them."""

from __future__ import annotations

from fnmatch import fnmatchcase

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.decisive_checks import DECISIVE_CHECKS, list_decisive_checks
from erp_invoice_core.testing.contract.report import ConformanceReport
from erp_invoice_core.testing.contract.words import (
    Word,
    list_assumed,
    list_patterns,
    list_words,
)

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
#: The fields of a declaration that are no words: names, and the figures of fidelity.
_NOT_WORDS = {
    "contract",
    "is_profile",
    "key",
    "lengths",
    "name",
    "rounding",
    "supersedes",
    "tolerances",
}


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


@pytest.mark.parametrize(
    ("pattern", "names"), DECISIVE_CHECKS, ids=[row[0] for row in DECISIVE_CHECKS]
)
def test_decisive_checks_are_about_their_word(pattern: str, names: tuple[str, ...]) -> None:
    """A word could never be proved by a check that is about another one."""
    fitting = [
        word
        for known in list_patterns()
        for word in _list_words(known)
        if fnmatchcase(str(word), pattern) and list_decisive_checks(word) == names
    ]
    assert fitting, "An earlier row is about every word of this one."
    for word in fitting:
        assert [] == [name for name in names if not CHECKS[name].list_proved([word])]


#: Names of rows that have a row of decisive checks of their own, and others.
_ROWS = {
    "currencies": ("any", "USD"),
    "field_rules": ("invoice_number", "commitment_title"),
    "extra_fields": ("accounting_date", "due_date", "terms"),
    "fidelity": ("invoice_number", "due", "tax", "line_tax"),
}


def _list_words(pattern: str) -> list[Word]:
    """Return words of a pattern, with names in place of the star."""
    path, _, value = pattern.partition(": ")
    names = _ROWS.get(path.partition(".")[0], ("any",)) if "*" in path else ("",)
    return [Word(path.replace("*", name), value) for name in names]


def test_every_word_has_a_row_of_decisive_checks() -> None:
    """A word that a later version adds needs a row."""
    patterns = [pattern for pattern, _ in DECISIVE_CHECKS]
    missing = [
        known
        for known in list_patterns()
        for word in _list_words(known)
        if not any(fnmatchcase(str(word), pattern) for pattern in patterns)
    ]
    assert [] == missing


def test_every_field_of_a_declaration_has_words() -> None:
    """A field that a later version adds to declarations needs words and checks."""
    first = {word.path.split(".")[0] for word in list_words(Honest().declare())}
    first |= {word.path.split(".")[0] for word in list_words(SMALL)}

    fields = {field.name for field in attrs.fields(erp.Declaration)}
    assert set() == fields - _NOT_WORDS - first


def test_every_word_has_a_pattern() -> None:
    """The words of an adapter are of the forms that the tests walk."""
    known = set(list_patterns())

    assert set() == {word.pattern for word in list_words(Honest().declare())} - known
    assert "terms.*.look_up: key" == Word("terms.bill.look_up", "key").pattern
    assert "zero: refused" == Word("zero", "refused").pattern


def test_field_without_a_word_is_assumed() -> None:
    """A field that no contents show counts as kept until the declaration says otherwise."""
    dropped = attrs.evolve(SMALL, fidelity={"terms": erp.Fidelity.DROPPED})
    every = dict.fromkeys(list_assumed(SMALL), erp.Fidelity.DROPPED)

    assert {"terms"} == {*list_assumed(SMALL)} - {*list_assumed(dropped)}
    assert "line_amount" not in list_assumed(SMALL)
    assert () == list_assumed(attrs.evolve(SMALL, fidelity=every))


def test_page_has_no_paragraph_about_no_fields() -> None:
    """A declaration with a word about every field assumes nothing."""
    every = dict.fromkeys(list_assumed(SMALL), erp.Fidelity.DROPPED)
    report = ConformanceReport(declaration=attrs.evolve(SMALL, fidelity=every), findings=())

    assert "count as kept" not in report.write_markdown({})
