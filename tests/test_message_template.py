"""Tests of message templates."""

from __future__ import annotations

import pytest

from erp_invoice_core.message_template import (
    ANY,
    MessageKind,
    MessageTemplate,
    choose_template,
    fill_by_facts,
    fill_places,
    list_places,
)
from erp_invoice_core.verdict import Denial, Notice, Remedy, Source

PLAIN = MessageTemplate("a.b", "Without a fact.")
NUMBERED = MessageTemplate("a.b", "With {number}.", source=Source.ERP)
KNOWN = MessageTemplate("a.b", "With {number}, not known.", when={"known": "no"})
SAID = MessageTemplate("a.b", "{message}", when={"message": ANY})


def test_places_are_listed_once_in_their_order() -> None:
    """A fact that a template uses twice is one place."""
    assert ("b", "a_1") == list_places("{b} and {a_1} and {b}.")
    assert ("number",) == NUMBERED.places


def test_values_are_not_read_as_templates() -> None:
    """Braces in a fact stay as they are."""
    assert "With {erp}." == NUMBERED.fill({"number": "{erp}"})
    assert "With {erp}." == fill_places(NUMBERED.text, {"number": "{erp}"})


def test_a_place_reads_nothing_but_a_fact() -> None:
    """An attribute or an index of a fact is no place."""
    assert "{a.b} {a[0]} 1" == fill_places("{a.b} {a[0]} {a}", {"a": "1"})
    with pytest.raises(KeyError):
        fill_places("{b}", {"a": "1"})


def test_template_makes_a_denial_and_a_notice() -> None:
    """Code, source and facts are those of the template and the call."""
    facts = {"number": "7"}
    remedies = ((Remedy("wait", None, None, "You", "Wait."),),)

    assert Denial("a.b", "With 7.", Source.ERP, facts, remedies) == NUMBERED.deny(facts, remedies)
    assert Notice("a.b", "With 7.", Source.ERP, facts) == NUMBERED.note(facts)
    assert Denial("a.b", "Without a fact.", Source.CONDITION) == PLAIN.deny()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, PLAIN),
        ({"number": ""}, PLAIN),
        ({"other": "7"}, PLAIN),
        ({"number": "7"}, NUMBERED),
        ({"number": "7", "known": "yes"}, NUMBERED),
        ({"number": "7", "known": "no"}, KNOWN),
        ({"known": "no"}, PLAIN),
        ({"number": "7", "message": "Said."}, SAID),
        ({"number": "7", "message": ""}, NUMBERED),
    ],
)
def test_facts_choose_the_template(facts: dict[str, str], expected: MessageTemplate) -> None:
    """The template is chosen that uses most of the facts; an empty fact is not used."""
    assert expected is choose_template([PLAIN, NUMBERED, KNOWN, SAID], facts)


def test_no_template_fits() -> None:
    """Without the facts of any template the answer is ``None``."""
    assert choose_template([NUMBERED], {}) is None


def test_kind_is_a_denial_by_default() -> None:
    """The most frequent message is a denial."""
    assert MessageKind.DENIAL is PLAIN.kind


def test_message_is_filled_by_its_facts() -> None:
    """The facts choose the template; an empty fact is shown as a dash."""
    assert ("With 7.", {"number": "7"}) == fill_by_facts((PLAIN, NUMBERED), {"number": 7})
    assert ("With -.", {"number": "-"}) == fill_by_facts((PLAIN, NUMBERED), {"number": ""})


def test_message_without_its_facts_is_refused() -> None:
    """A caller that forgets a fact learns which ones it gave."""
    with pytest.raises(ValueError, match=r"No template fits the facts other\."):
        fill_by_facts((NUMBERED,), {"other": "7"})
    with pytest.raises(ValueError, match=r"No template fits the facts -\."):
        fill_by_facts((NUMBERED,), {})
