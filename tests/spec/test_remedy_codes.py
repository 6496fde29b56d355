"""Codes of remedies are public: the tables name no other than the listed ones."""

from __future__ import annotations

import re
from pathlib import Path

import attrs

from erp_invoice_core.rules import CONDITIONS, Case
from erp_invoice_core.rules.remedy_rows import TEMPLATES

LINES = Path(__file__).with_name("remedy_codes.txt").read_text(encoding="utf-8").splitlines()
LISTED = [line for line in LINES if not line.startswith("#")]
#: The code of what version 0.1 stored without one.
STORED = "stored.sentence"


def test_no_code_is_listed_twice() -> None:
    """A code belongs to one remedy."""
    assert sorted(set(LISTED)) == sorted(LISTED)


def test_templates_have_listed_codes_only() -> None:
    """Every template has its line, and every line that is not of old its template."""
    assert set(LISTED) == {template.code for template in TEMPLATES} | {STORED}


def test_one_code_is_one_sentence() -> None:
    """Templates of one code differ in their action at most."""
    sentences = {(template.code, template.message) for template in TEMPLATES}

    assert len({template.code for template in TEMPLATES}) == len(sentences)


def test_rows_name_listed_remedies_only() -> None:
    """Every remedy of a condition stands in the table of remedies."""
    named = {template for row in CONDITIONS for together in row.remedies for template in together}

    assert set() == named - set(TEMPLATES)


def test_remedies_are_whole_sentences_about_facts_of_the_case() -> None:
    """A sentence ends, a role or an action is named, and the fact is one of a case."""
    facts = {field.name for field in attrs.fields(Case)}

    assert [] == [
        template.code
        for template in TEMPLATES
        if not re.match(r"[A-Z].*\.\Z", template.message)
        or not (template.who or template.action)
        or template.fact not in {None, *facts}
    ]
