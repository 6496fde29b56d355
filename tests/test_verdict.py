"""Verdicts have all their reasons, in order, and derive whether an action is allowed."""

from __future__ import annotations

import pytest

from erp_invoice_core.verdict import ALLOWED, Denial, Denied, Notice, Remedy, Source, Verdict, deny
from erp_invoice_core.vocabulary import Action

STATUS = Denial("status.send", "Retrieve it first.", Source.STATUS)
FEATURE = Denial("feature.invoices.missing", "Wait for it.", Source.FEATURE, {"erp": "X"})
NOTICE = Notice("tax.present", "This invoice carries tax.", Source.CONDITION)


def test_without_denials_it_is_allowed() -> None:
    """A verdict without denials is allowed and true, whatever its notices."""
    verdict = Verdict((), (NOTICE,))

    assert (True, True) == (verdict.allowed, bool(verdict))


def test_a_denial_forbids() -> None:
    """One denial makes a verdict false."""
    verdict = deny(STATUS)

    assert (False, False) == (verdict.allowed, bool(verdict))


def test_reasons_are_in_the_order_of_their_sources() -> None:
    """A feature comes before a status, in whichever order they were found."""
    assert (FEATURE, STATUS) == deny(STATUS, FEATURE).denials


def test_joining_keeps_everything() -> None:
    """Joined verdicts have the denials and notices of both."""
    joined = deny(STATUS) & Verdict((FEATURE,), (NOTICE,))

    assert Verdict((FEATURE, STATUS), (NOTICE,)) == joined


def test_joining_with_allowed_changes_nothing() -> None:
    """The allowed verdict is the identity, from both sides."""
    verdict = deny(STATUS)

    assert (verdict, verdict) == (verdict & ALLOWED, ALLOWED & verdict)


def test_require_raises_with_all_messages() -> None:
    """Requiring a denied verdict raises an error whose text has every message."""
    with pytest.raises(Denied, match=r"Wait for it\. Retrieve it first\.") as caught:
        deny(STATUS, FEATURE).require()

    assert deny(STATUS, FEATURE) == caught.value.verdict


def test_require_lets_the_allowed_pass() -> None:
    """Requiring an allowed verdict does nothing."""
    ALLOWED.require()


@pytest.mark.parametrize(
    "code",
    [
        "",
        "send",
        "Status.send",
        "status.",
        "status.send-it",
        "a.b\n",
        ".send",
        "1status.send",
        "status.send2",
        "sage_300.number2",
        "-.send",
    ],
)
def test_malformed_codes_are_refused(code: str) -> None:
    """A code is lower-case words joined by dots, at least two of them."""
    with pytest.raises(ValueError, match="A reason code must be"):
        Denial(code, "Do something.", Source.STATUS)


@pytest.mark.parametrize("code", ["sage_300_cre.no_period", "erp2.a.b", "_.a"])
def test_first_word_may_have_digits(code: str) -> None:
    """The first word is the key of an adapter, which may have digits."""
    assert code == Denial(code, "Do something.", Source.ADAPTER).code


def test_facts_cannot_be_changed() -> None:
    """A denial's facts are a copy that cannot be changed."""
    facts = {"erp": "X"}
    denial = Denial("status.send", "Retrieve it.", Source.STATUS, facts)
    facts["erp"] = "Y"

    assert {"erp": "X"} == dict(denial.facts)
    with pytest.raises(TypeError):
        denial.facts["erp"] = "Z"  # type: ignore[index]  # what is tried here is forbidden


def test_denials_are_values() -> None:
    """Equal denials are equal and hash alike, remedies included."""
    one, other = (
        Denial("status.send", "Wait.", Source.STATUS, {"a": "b"}, ((_remedy(),),)) for _ in range(2)
    )

    assert one == other
    assert hash(one) == hash(other)


def _remedy(code: str = "action.retrieve") -> Remedy:
    return Remedy(code, Action.RETRIEVE, None, "Admin", "Retrieve {it}.", {"it": "5001"})


def _build_denial(remedies: object) -> Denial:
    return Denial("status.send", "Wait.", Source.STATUS, {}, remedies)  # type: ignore[arg-type] # what adapters may hand over


def test_remedies_are_alternatives_of_what_is_needed_together() -> None:
    """Lists become tuples, so that a denial never changes."""
    denial = _build_denial([[_remedy(), _remedy("wait")], [_remedy()]])

    assert ((_remedy(), _remedy("wait")), (_remedy(),)) == denial.remedies


def test_denial_needs_no_remedies() -> None:
    """Code, message and source are enough, as an adapter gives them."""
    assert () == Denial("ledgerly.closed", "Open the period.", Source.ERP).remedies
    assert () == _build_denial([]).remedies


@pytest.mark.parametrize("remedies", [(_remedy(),), ("wait",), ((),), (("wait",),), ((None,),)])
def test_remedies_of_another_shape_are_refused(remedies: object) -> None:
    """One flat row of remedies, texts and empty alternatives are refused with the right shape."""
    with pytest.raises(
        TypeError, match=r"tuple of alternatives.*\(\(first, second\), \(instead,\)\)"
    ):
        _build_denial(remedies)


def test_facts_of_a_remedy_are_copied() -> None:
    """A host that changes its dictionary afterwards changes no remedy."""
    facts = {"it": "5001"}
    remedy = Remedy("action.send", Action.SEND, None, "Admin", "Send it.", facts)
    facts["it"] = "5002"

    assert {"it": "5001"} == dict(remedy.facts)


@pytest.mark.parametrize("code", ["", "Send", "action.", "action send", "action.send2"])
def test_remedy_codes_are_words(code: str) -> None:
    """A code must be lower-case words joined by dots."""
    with pytest.raises(ValueError, match="A remedy code must be"):
        _remedy(code)
