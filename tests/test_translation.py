"""Tests of the translation of messages."""

from __future__ import annotations

import pytest

from erp_invoice_core import (
    Action,
    Denial,
    MessageTemplate,
    Notice,
    Remedy,
    Source,
    Wait,
    WaitFor,
    message_templates,
    translate,
    translate_who,
)
from erp_invoice_core.translation import find_template

GERMAN = {
    "{erp} holds no retainage. Enter this invoice in {erp} by hand.": "{erp} kennt keinen Einbehalt.",
    "Release the hold {hold}.": "Sperre {hold} aufheben.",
    "A worker is exporting the invoice.": "Die Rechnung wird exportiert.",
    "Accounting": "Buchhaltung",
    "{permissions}, but not the sender": "{permissions}, aber nicht der Absender",
    "Enter {account} by hand.": "{account} von Hand eingeben.",
}


def _gettext(text: str) -> str:
    return GERMAN.get(text, text)


def _build_remedy(who: str, action: Action | None = None) -> Remedy:
    return Remedy("hold.release", action, None, who, "Release the hold 7.", {"hold": "7"})


def test_denial_is_translated_with_its_facts() -> None:
    """The translation has the values of the message."""
    denial = Denial("feature.retainage.impossible", "Old.", Source.FEATURE, {"erp": "Ledgerly"})

    assert "Ledgerly kennt keinen Einbehalt." == translate(denial, _gettext)


def test_remedy_and_wait_are_translated() -> None:
    """They have the codes of their own tables."""
    wait = Wait(waits_for=WaitFor.TIME, code="wait.export", message="A worker is exporting.")

    assert "Sperre 7 aufheben." == translate(_build_remedy("Ann"), _gettext)
    assert "Die Rechnung wird exportiert." == translate(wait, _gettext)


def test_untranslated_template_gives_its_own_sentence() -> None:
    """A catalogue without the msgid returns it."""
    denial = Denial("invoice.unknown", "Old.", Source.CONDITION)

    assert "There is no invoice with this id. Correct the id." == translate(denial, _gettext)


@pytest.mark.parametrize(
    "message",
    [
        Denial("ledgerly.closed", "The period is closed.", Source.ADAPTER),
        Notice("feature.retainage.impossible", "No retainage.", Source.FEATURE, {"erp": "X"}),
        Denial("feature.retainage.impossible", "No retainage.", Source.FEATURE),
        Remedy("stored.sentence", None, None, "You", "Do it."),
    ],
)
def test_message_without_a_template_stays_as_it_is(message: Denial | Notice | Remedy) -> None:
    """Another code, another kind, and facts that are missing have no template."""
    assert find_template(message) is None
    assert message.message == translate(message, _gettext)


def test_translation_with_an_unknown_place_gives_the_message() -> None:
    """A mistake of a translator hides no message."""
    remedy = _build_remedy("Ann")

    assert remedy.message == translate(remedy, lambda _text: "Sperre {nummer} aufheben.")


def test_templates_of_an_adapter_are_used() -> None:
    """A host hands in the templates that a plug-in publishes."""
    more = [MessageTemplate("ledgerly.by_hand", "Enter {account} by hand.", source=Source.ADAPTER)]
    denial = more[0].deny({"account": "4000"})

    assert "4000 von Hand eingeben." == translate(denial, _gettext, more=more)
    assert "Enter 4000 by hand." == translate(denial, _gettext)


@pytest.mark.parametrize(
    ("who", "action", "expected"),
    [
        ("Accounting", None, "Buchhaltung"),
        ("Ann", None, "Ann"),
        ("Ann, but not the sender", None, "Ann, but not the sender"),
        ("Commitments (Admin)", Action.SEND, "Commitments (Admin)"),
        (
            "Can Export, but not the sender",
            Action.ACCEPT,
            "Can Export, aber nicht der Absender",
        ),
    ],
)
def test_role_is_translated(who: str, action: Action | None, expected: str) -> None:
    """Roles are translated; permissions, and whom a host named, stay."""
    assert expected == translate_who(_build_remedy(who, action), _gettext)


def test_templates_are_listed_once() -> None:
    """A template that several rows use is listed once."""
    templates = message_templates()

    assert len(templates) == len(set(templates))
    assert templates is message_templates()
