"""The table of facts: every row is sourced, has a place, and is in its declaration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.adapters import (
    Declaration,
    Feature,
    Handling,
    Prerequisite,
    Privilege,
    Support,
)
from erp_invoice_core.contrib.profiles import (
    PROFILES,
    Confidence,
    Fact,
    get_facts,
    load_profile,
    sources,
)
from erp_invoice_core.declaration.contradictions import find_contradictions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FACTS = [fact for key in PROFILES for fact in get_facts(key)]
SOURCES = {value for name, value in vars(sources).items() if name.isupper()}


def _read(declaration: Declaration, fact: Fact) -> object:
    """Return the value that the declaration has in the place of a fact."""
    field, _, part = fact.field.partition(".")
    value = getattr(declaration, field)
    return _PARTS[field](value, part) if part else value


_PARTS: Mapping[str, Callable[[Any, str], object]] = {
    "features": lambda value, part: value[Feature(part)],
    "fidelity": lambda value, part: value[part],
    "prerequisites": lambda value, part: Prerequisite(part) in value,
    "privileges": lambda value, part: Privilege(part) in value,
    "field_rules": lambda value, part: next(rule for rule in value if rule.field == part),
    "extra_fields": lambda value, part: next(extra for extra in value if extra.key == part),
}


def test_fifteen_profiles() -> None:
    """The ERPs of the domain, each by its key."""
    assert [
        "profile_sage_300_cre",
        "profile_sage_100_contractor",
        "profile_vista",
        "profile_spectrum",
        "profile_quickbooks_desktop",
        "profile_quickbooks_online",
        "profile_intacct",
        "profile_netsuite",
        "profile_xero",
        "profile_mri",
        "profile_yardi",
        "profile_acumatica",
        "profile_myob",
        "profile_cmic",
        "profile_workday",
    ] == list(PROFILES)


def test_every_fact_is_sourced() -> None:
    """Each fact names a listed source, and each source is named."""
    assert {fact.source for fact in FACTS} == SOURCES
    assert {fact.confidence for fact in FACTS} == set(Confidence)


def test_notes_are_sentences() -> None:
    """A note is a sentence; a fact without a place has one."""
    assert [] == [fact.note for fact in FACTS if not re.fullmatch(r"([A-Z].*\.)?", fact.note)]
    assert [] == [fact for fact in FACTS if not fact.field and not fact.note]


def test_a_digest_is_never_of_high_confidence() -> None:
    """High is for pages and documents of Procore."""
    high = {fact.source for fact in FACTS if fact.confidence is Confidence.HIGH}
    assert [] == [source for source in high if not source.startswith("Procore Support")]


@pytest.mark.parametrize("key", PROFILES)
def test_every_fact_is_in_the_declaration(key: str) -> None:
    """The declaration has the value of each fact that has a place there, and each place once."""
    declaration = load_profile(key)
    placed = [fact for fact in get_facts(key) if fact.field]
    assert [fact.value for fact in placed] == [_read(declaration, fact) for fact in placed]
    assert len(placed) == len({fact.field for fact in placed})


@pytest.mark.parametrize("key", PROFILES)
def test_nothing_else_is_in_the_declaration(key: str) -> None:
    """A field without a fact has the cautious value of a declaration."""
    declaration, cautious = load_profile(key), Declaration(key=key, name="Cautious")
    stated = {fact.field.partition(".")[0] for fact in get_facts(key)}
    for field in ("zero", "negative", "release_only", "tax", "attachments", "landing", "withdraw"):
        if field not in stated:
            assert getattr(declaration, field) is getattr(cautious, field), field
    assert len(declaration.features) == sum(
        fact.field.startswith("features.") for fact in get_facts(key)
    )
    assert {} == dict(declaration.terms)
    assert declaration.negative is Handling.REFUSED


@pytest.mark.parametrize("key", PROFILES)
def test_no_contradictions(key: str) -> None:
    """A declaration of a profile does not contradict itself."""
    assert () == find_contradictions(load_profile(key))


def test_dropped_features_are_exported() -> None:
    """A value that is dropped at export does not refuse the invoice: its feature is supported."""
    for key in PROFILES:
        declaration = load_profile(key)
        for feature, support in declaration.features.items():
            if feature.value in declaration.fidelity:
                assert support is Support.FULL, (key, feature)
