"""The default of every term of a declaration is the cautious answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from erp_invoice_core.declaration import (
    Declaration,
    Fidelity,
    FieldRule,
    Handling,
    LookUp,
    Prerequisite,
    Replay,
    Setting,
    StepTerms,
    UnlinkForm,
    Validator,
    WithdrawForm,
)
from erp_invoice_core.vocabulary import Feature, Privilege, Support

BARE = Declaration(key="ledgerly", name="Ledgerly")


def test_undeclared_terms_are_cautious() -> None:
    """Undeclared, refused, impossible, everything asked for but synced change orders."""
    assert Support.UNDECLARED is BARE.support(Feature.INVOICES)
    assert {Handling.REFUSED} == {BARE.zero, BARE.negative, BARE.release_only}
    assert (WithdrawForm.IMPOSSIBLE, UnlinkForm.IMPOSSIBLE) == (BARE.withdraw, BARE.unlink)
    assert {
        Prerequisite.COMMITMENT,
        Prerequisite.VENDOR,
        Prerequisite.JOB,
        Prerequisite.COST_CODES,
    } == BARE.prerequisites


def test_undeclared_terms_of_a_step_are_cautious() -> None:
    """No look-up, no bound, no replay, no enforced key."""
    assert (LookUp.NONE, None, Replay.NONE, False) == (
        BARE.terms_of("bill").look_up,
        BARE.terms_of("bill").settles_within,
        BARE.terms_of("bill").replay,
        BARE.terms_of("bill").enforces_key,
    )
    assert timedelta(seconds=30) == BARE.terms_of("bill").time_limit


@pytest.mark.parametrize(
    ("made", "given"),
    [
        (StepTerms, {"look_up": "none"}),
        (StepTerms, {"replay": "everything"}),
        (FieldRule, {"field": "memo", "validator": "present"}),
        (Setting, {"name": "company", "kind": "text"}),
        *(
            (Declaration, {"key": "ledgerly", "name": "Ledgerly", name: text})
            for name, text in {
                "zero": "refused",
                "negative": "refused",
                "release_only": "refused",
                "number_scope": "vendor",
                "retainage": "none",
                "tax": "impossible",
                "attachments": "none",
                "withdraw": "full",
                "unlink": "impossible",
                "landing": "draft",
            }.items()
        ),
    ],
)
def test_word_given_as_text_is_refused(made: Any, given: dict[str, Any]) -> None:  # noqa: ANN401 - each kind of row
    """A text equals no term: it would not count as no look-up."""
    with pytest.raises(TypeError, match=next(reversed(given))):
        made(**given)


def test_features_and_the_like_may_be_given_as_text() -> None:
    """Afterwards they are members; an unknown text is refused."""
    given: dict[str, Any] = {
        "features": {"invoices": "full"},
        "fidelity": {"memo": "dropped"},
        "prerequisites": ["vendor"],
        "privileges": ["can_push_to_accounting"],
    }
    erp = Declaration(key="ledgerly", name="Ledgerly", **given)

    assert erp.support(Feature.INVOICES) is Support.FULL
    assert [Fidelity.DROPPED] == list(erp.fidelity.values())
    assert {Prerequisite.VENDOR} == erp.prerequisites
    assert {Privilege.CAN_PUSH_TO_ACCOUNTING} == erp.privileges
    with pytest.raises(ValueError, match="entirely"):
        Declaration(key="ledgerly", name="Ledgerly", features={Feature.INVOICES: "entirely"})  # type: ignore[dict-item]


def test_terms_are_those_of_the_kind_of_step() -> None:
    """A kind without terms has the cautious ones."""
    terms = StepTerms(look_up=LookUp.KEY)
    erp = Declaration(key="ledgerly", name="Ledgerly", terms={"bill": terms})

    assert terms == erp.terms_of("bill")
    assert StepTerms() == erp.terms_of("post")


@pytest.mark.parametrize(
    "key",
    ["", "Ledgerly", "ledger-ly", "1ledger", "_ledger", "ledgerly\n", "ledger\u0661", "lédger"],
)
def test_key_is_a_word(key: str) -> None:
    """Codes begin with it: lower-case letters, digits and underscores, with a letter first."""
    with pytest.raises(ValueError, match="An adapter key must be"):
        Declaration(key=key, name="Ledgerly")


@pytest.mark.parametrize("key", ["l", "ledgerly", "sage_300_cre", "ledger1", "ledger_"])
def test_key_may_have_digits(key: str) -> None:
    """A key may have digits and underscores after its first letter."""
    assert key == Declaration(key=key, name="Ledgerly").key


def test_number_is_cut_as_the_erp_cuts_it() -> None:
    """Only a rule that truncates the invoice number cuts it."""
    rules = (
        FieldRule(field="invoice_number", validator=Validator.PRESENT),
        FieldRule(field="description", validator=Validator.MAX_LENGTH, limit=1, truncates=True),
        FieldRule(field="invoice_number", validator=Validator.MAX_LENGTH, limit=4, truncates=True),
    )
    erp = Declaration(key="ledgerly", name="Ledgerly", field_rules=rules)

    assert ("ACME", "AC", None, None, None) == (
        erp.truncate_number("ACME-77"),
        erp.truncate_number("AC"),
        erp.truncate_number(None),
        erp.truncate_number(""),
        erp.truncate_number("\u200b "),
    )


def test_given_values_are_frozen() -> None:
    """A dictionary that changes afterwards changes nothing."""
    features = {Feature.INVOICES: Support.FULL}
    erp = Declaration(
        key="ledgerly",
        name="Ledgerly",
        features=features,
        fidelity={"gross": Fidelity.KEPT},
        privileges=[Privilege.CAN_EXPORT],
    )
    features.clear()

    assert Support.FULL is erp.support(Feature.INVOICES)
    assert frozenset({Privilege.CAN_EXPORT}) == erp.privileges
    assert {"gross": Fidelity.KEPT} == dict(erp.fidelity)
