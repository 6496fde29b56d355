"""Features are asked only of documents that use them, and the integration is named."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from erp_invoice_core.declaration import Declaration, UnlinkForm, WithdrawForm
from erp_invoice_core.rules import NEEDS, Case
from erp_invoice_core.rules.features import denials, find_support
from erp_invoice_core.vocabulary import Action, ExportStatus, Feature, Support

SENDING = tuple(need for need in NEEDS if Action.SEND in need.acts)


def _case(support: Support, *uses: Feature) -> Case:
    features = {**dict.fromkeys(Feature, Support.FULL), Feature.RETAINAGE: support}
    erp = Declaration(key="ledgerly", name="Ledgerly", features=features)
    return Case(erp=erp, uses=frozenset(uses))


def test_every_feature_has_a_row() -> None:
    """No feature is in the words and nowhere asked for."""
    assert set(Feature) == {need.feature for need in NEEDS}


@pytest.mark.parametrize(
    ("support", "expected"),
    [
        (
            Support.IMPOSSIBLE,
            "Ledgerly holds no retainage. Enter this invoice in Ledgerly by hand.",
        ),
        (
            Support.MISSING,
            (
                "The integration of Ledgerly does not hold retainage yet. Ask its vendor to add"
                " this."
            ),
        ),
        (
            Support.UNDECLARED,
            (
                "The integration of Ledgerly does not declare that it can hold retainage. Ask its"
                " vendor to declare this."
            ),
        ),
    ],
)
def test_integration_is_named_with_its_kind_of_no(support: Support, expected: str) -> None:
    """Impossible, missing and undeclared have different messages, with the ERP."""
    (denial,) = denials(Action.SEND, SENDING, _case(support, Feature.RETAINAGE))

    assert (f"feature.retainage.{support.value}", expected) == (denial.code, denial.message)


def test_feature_concerns_only_documents_that_use_it() -> None:
    """An invoice without retainage goes to an ERP that holds none."""
    case = _case(Support.IMPOSSIBLE, Feature.SUBCONTRACTS)

    assert () == denials(Action.SEND, SENDING, case)


def test_uses_that_are_absent_deny() -> None:
    """Without the features that the document uses nothing is allowed."""
    case = attrs.evolve(_case(Support.FULL), uses=None)
    (denial,) = denials(Action.SEND, SENDING, case)

    assert "feature.invoices.undeclared" == denial.code
    assert denial.message.startswith(
        "It is not known which features this invoice needs of the ERP."
    )


def test_missing_integration_denies() -> None:
    """Without an integration nothing is sent, and one is to be named."""
    (denial,) = denials(Action.SEND, SENDING, Case(uses=frozenset()))

    assert (
        "The connection of this invoice, or the integration of its ERP, is not known. Name a"
        " connection whose integration is installed."
    ) == denial.message


def test_acts_that_need_no_feature_ask_none() -> None:
    """Retrieving needs nothing of the ERP, not even that there is one."""
    assert () == denials(Action.RETRIEVE, (), Case())


@pytest.mark.parametrize(
    ("stated", "withdraw", "expected"),
    [
        (Support.FULL, WithdrawForm.FULL, Support.FULL),
        (Support.UNDECLARED, WithdrawForm.BY_HAND, Support.FULL),
        (Support.MISSING, WithdrawForm.BY_HAND, Support.MISSING),
        (Support.FULL, WithdrawForm.IMPOSSIBLE, Support.IMPOSSIBLE),
        (Support.UNDECLARED, WithdrawForm.IMPOSSIBLE, Support.UNDECLARED),
    ],
)
def test_form_of_withdrawal_determines_its_support(
    stated: Support, withdraw: WithdrawForm, expected: Support
) -> None:
    """A declared form supports withdrawing, and *impossible* is not outvoted by the feature."""
    erp = Declaration(key="x", name="X", features={Feature.WITHDRAW: stated}, withdraw=withdraw)

    assert expected is find_support(erp, Feature.WITHDRAW)


def test_form_of_unlinking_determines_its_support() -> None:
    """An ERP that declares when unlinking is free supports it."""
    erp = Declaration(key="x", name="X", unlink=UnlinkForm.FREE)

    assert Support.FULL is find_support(erp, Feature.UNLINK)


@pytest.mark.parametrize(
    ("action", "feature", "code"),
    [
        (Action.UNLINK, Feature.UNLINK, "feature.unlink.impossible"),
        (Action.WITHDRAW, Feature.WITHDRAW, "feature.withdraw.impossible"),
    ],
)
def test_what_the_erp_has_is_corrected_there(action: Action, feature: Feature, code: str) -> None:
    """A document that cannot be unlinked or withdrawn is corrected in the ERP."""
    erp = Declaration(key="x", name="X", features={feature: Support.IMPOSSIBLE})
    needs = tuple(need for need in NEEDS if action in need.acts)

    (denial,) = denials(action, needs, Case(erp=erp))

    assert code == denial.code
    sentence = "Correct the document of this invoice in the ERP by hand."
    assert [[("erp.correct", sentence, "Accounting")]] == [
        [(one.code, one.message, one.who) for one in way] for way in denial.remedies
    ]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"export_status": ExportStatus.NOT_SENT}, ["erp.enter"]),
        ({"export_status": ExportStatus.READY}, ["action.reject", "erp.enter"]),
        ({"export_status": ExportStatus.FAILED, "left": True}, ["erp.correct"]),
        ({"export_status": ExportStatus.SYNCED}, ["erp.correct"]),
    ],
)
def test_what_the_erp_cannot_take_is_entered_once(
    facts: dict[str, Any], expected: list[str]
) -> None:
    """By hand where nothing is there and no export can come; else it is rejected or corrected."""
    case = attrs.evolve(_case(Support.IMPOSSIBLE, Feature.RETAINAGE), **facts)

    (denial,) = denials(Action.SEND, SENDING, case)

    assert [expected] == [[one.code for one in way] for way in denial.remedies]


def test_an_unknown_connection_is_denied_with_the_names_of_others() -> None:
    """The message names at most 20 connections, and without any it names none."""
    names = tuple(f"erp{number:02}" for number in range(21))
    sentence = "There is no connection bookz with an installed integration. Name one of: "
    found = [
        denials(Action.SEND, NEEDS, Case(connection="bookz", connections=given))[0].message
        for given in (names[:2], names, ())
    ]

    assert [
        f"{sentence}erp00, erp01.",
        f"{sentence}{', '.join(names[:20])}, ….",
        (
            "The connection of this invoice, or the integration of its ERP, is not known."
            " Name a connection whose integration is installed."
        ),
    ] == found
