"""Code and facts determine the sentence: whoever translates it needs nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from erp_invoice_core.rules import CONDITIONS, NOTICES, decide
from erp_invoice_core.rules.remedy_rows import TEMPLATES

from .scenarios import bend_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.rules import Case
    from erp_invoice_core.verdict import Denial, Notice
    from erp_invoice_core.vocabulary import Action

_PLACES = re.compile(r"\{[a-z_0-9]+\}")
#: Examples and names of lines, which are the same whatever the case.
_WRITTEN = re.compile(r"2026-10-31|line 8|G702")


def _cases() -> Iterator[tuple[Action, Case]]:
    for _, action, case, _ in (*bend_cases("Bent cases"), *bend_cases("Notices")):
        yield action, case


def _said() -> Iterator[Denial | Notice]:
    for action, case in _cases():
        verdict = decide(action, case)
        yield from verdict.denials
        yield from verdict.notices


def test_code_and_facts_determine_the_sentence() -> None:
    """Two reasons with one code and the same facts say the same."""
    sentences: dict[tuple[object, ...], set[str]] = {}
    for reason in _said():
        key = type(reason), reason.code, frozenset(reason.facts.items())
        sentences.setdefault(key, set()).add(reason.message)

    assert [] == [said for said in sentences.values() if len(said) > 1]


def test_sentences_are_formatted_from_their_facts_alone() -> None:
    """A row's sentence with its facts put in is the message, word for word."""
    for action, case in _cases():
        for row in (*CONDITIONS, *NOTICES):
            if action not in row.acts or row.is_met(case):
                continue
            texts = [text.format_map(facts) for _, text, facts, _ in row.findings(case)]
            assert texts == [each.message for each in row.denials(case)]


def test_no_value_stands_in_a_sentence_besides_its_facts() -> None:
    """Without the places of its facts a sentence holds no figure."""
    sentences = {row.sentence for row in (*CONDITIONS, *NOTICES)}
    sentences |= {template.message for template in TEMPLATES}
    for action, case in _cases():
        for row in (*CONDITIONS, *NOTICES):
            if action in row.acts and not row.is_met(case):
                sentences |= {text for _, text, _, _ in row.findings(case)}

    bare = (_WRITTEN.sub("", _PLACES.sub("", sentence)) for sentence in sentences)
    assert [] == [sentence for sentence in bare if re.search("[0-9]", sentence)]


def test_remedies_are_formatted_from_their_facts() -> None:
    """A template with the remedy's facts put in is its message, and names all of them."""
    messages = {template.code: template.message for template in TEMPLATES}
    remedies = {
        remedy
        for action, case in _cases()
        for denial in decide(action, case).denials
        for together in denial.remedies
        for remedy in together
    }

    assert 30 < len({remedy.code for remedy in remedies})
    for remedy in remedies:
        assert messages[remedy.code].format_map(remedy.facts) == remedy.message
        assert set(_PLACES.findall(messages[remedy.code])) == {f"{{{n}}}" for n in remedy.facts}
