"""The losses of an invoice are shown in amounts, before it is accepted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.declaration import (
    AttachmentForm,
    Fidelity,
    FieldRule,
    Rounding,
    RoundingMode,
    TaxForm,
    Validator,
)
from erp_invoice_core.documents import Attachment
from erp_invoice_core.rules import Case, former_losses, losses
from erp_invoice_core.testing import sample_document
from tests.spec.allowed_cases import LEDGERLY

DOCUMENT = sample_document()
FRAMES, BRACING = DOCUMENT.lines
UNIT = attrs.evolve(BRACING, quantity=Decimal("2.5"), unit_price=Decimal("500.20"))
CASE = Case(
    erp=LEDGERLY,
    document=DOCUMENT,
    currency="USD",
    gross=DOCUMENT.gross,
    retained=DOCUMENT.retained,
    released=DOCUMENT.released,
    stored=Decimal("1000.00"),
    fields={"terms": "Net 30", "branch": "North"},
)
ROUNDED, TRUNCATED = Fidelity.ROUNDED, Fidelity.TRUNCATED
DERIVED, DROPPED = Fidelity.DERIVED, Fidelity.DROPPED
HALF_UP, DOWN = RoundingMode.HALF_UP, RoundingMode.DOWN
FILES = (Attachment(id="1", filename="a long name.pdf"), Attachment(id="2", filename="b.pdf"))


def _say(case: Case = CASE, **said: Any) -> list[str]:  # noqa: ANN401 - the declaration's fields
    lossy = attrs.evolve(case, erp=attrs.evolve(LEDGERLY, **said))
    return [notice.message for notice in losses(lossy)]


def _with(**fields: Any) -> Case:  # noqa: ANN401 - the document's fields
    return attrs.evolve(CASE, document=attrs.evolve(DOCUMENT, **fields))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"fidelity": {"gross": ROUNDED}, "rounding": {"gross": Rounding(digits=0, mode=DOWN)}},
            'Ledgerly rounds "gross" from 22250.50 USD to 22250 USD, by -0.50 USD. Check this.',
        ),
        (
            {"fidelity": {"due": ROUNDED}, "rounding": {"due": Rounding(digits=1, mode=HALF_UP)}},
            'Ledgerly rounds "due" from 20025.45 USD to 20025.5 USD, by 0.05 USD. Check this.',
        ),
        (
            {
                "fidelity": {"line_amount": ROUNDED},
                "rounding": {"line_amount": Rounding(digits=0, mode=HALF_UP)},
            },
            'Ledgerly rounds values of "line amount" (1), by 0.50 USD in all. Check this.',
        ),
        (
            {"fidelity": {"due": DERIVED, "retainage": DROPPED}},
            (
                'Ledgerly computes "due" itself, as 22250.50 USD; the invoice has 20025.45 USD'
                " (difference 2225.05 USD). Compare the two."
            ),
        ),
        (
            {"fidelity": {"due": DERIVED}},
            'Ledgerly computes "due" itself; the invoice has 20025.45 USD. Compare the two.',
        ),
        (
            {"fidelity": {"stored_materials": DROPPED, "gross": DERIVED}},
            (
                'Ledgerly computes "gross" itself, as 21250.50 USD; the invoice has 22250.50 USD'
                " (difference -1000.00 USD). Compare the two."
            ),
        ),
        (
            {"fidelity": {"lines": DROPPED}},
            "Ledgerly keeps one amount for the 2 lines of this invoice. Check that this is enough.",
        ),
        (
            {"fidelity": {"line_description": DROPPED}},
            'Ledgerly does not keep the values of "line description" (2). Check that they are not needed.',
        ),
        (
            {"fidelity": {"line_description": DERIVED}},
            (
                'Ledgerly computes the values of "line description" (2) itself. Compare them with'
                " those of the invoice."
            ),
        ),
        (
            {"fidelity": {"line_description": TRUNCATED}, "lengths": {"line_description": 6}},
            'Ledgerly shortens values of "line description" (1) to 6 characters. Check this.',
        ),
        (
            {"fidelity": {"terms": TRUNCATED}, "lengths": {"terms": 3}},
            'Ledgerly shortens "terms" to "Net". Check that this is enough.',
        ),
    ],
)
def test_a_loss_is_an_amount(said: dict[str, Any], sentence: str) -> None:
    """The sentence says how much is lost, of how many lines."""
    assert sentence in _say(**said)


def test_lines_of_one_cost_code_are_grouped() -> None:
    """Lines of different cost codes are not."""
    same = _with(lines=(FRAMES, attrs.evolve(BRACING, cost_code_origin_id="05-120"), UNIT))
    grouping = {"lines": DERIVED}

    assert [
        ("Ledgerly groups the 3 lines of this invoice by cost code, into 2. Check this.")
    ] == _say(same, fidelity=grouping)
    assert [] == _say(fidelity=grouping)
    assert [] == _say(_with(lines=(FRAMES,)), fidelity={"lines": DROPPED})


def test_quantities() -> None:
    """Only lines by quantity lose one."""
    case = _with(lines=(FRAMES, UNIT))
    rounding = {"line_quantity": Rounding(digits=0, mode=HALF_UP)}

    assert [
        'Ledgerly does not keep the values of "line quantity" (1). Check that they are not needed.'
    ] == (_say(case, fidelity={"line_quantity": DROPPED}))
    assert ['Ledgerly rounds values of "line quantity" (1). Check that this is right.'] == (
        _say(case, fidelity={"line_quantity": ROUNDED}, rounding=rounding)
    )
    assert [] == _say(fidelity={"line_quantity": DROPPED})


def test_names_of_attachments() -> None:
    """Those that are cut are counted; those that stay here are lost as a whole."""
    case = _with(attachments=FILES)
    cut = {"fidelity": {"attachment_name": TRUNCATED}, "lengths": {"attachment_name": 8}}

    assert ['Ledgerly shortens values of "attachment name" (1) to 8 characters. Check this.'] == (
        _say(case, **cut, attachments=AttachmentForm.LINK)
    )
    assert [
        (
            "Ledgerly takes no attachments, and this invoice has 2. Send them to accounting by other"
            " means, if they are needed."
        )
    ] == _say(case, attachments=AttachmentForm.NONE)
    assert [] == _say(case, attachments=AttachmentForm.LINK, fidelity={"attachments": DERIVED})
    unseen = attrs.evolve(CASE, document=None, attachments=1)
    assert "and this invoice has 1." in _say(unseen, attachments=AttachmentForm.NONE)[0]


@pytest.mark.parametrize(
    "said",
    [
        {
            "fidelity": {"gross": ROUNDED},
            "rounding": {"gross": Rounding(digits=2, mode=HALF_UP)},
        },
        {"fidelity": {"line_description": TRUNCATED}, "lengths": {"line_description": 30}},
        {"fidelity": {"terms": TRUNCATED}, "lengths": {"terms": 30}},
        {"fidelity": {"line_description": Fidelity.REFUSED}},
        {"fidelity": {"lines": Fidelity.KEPT}},
        {"fidelity": {"retainage_release": DROPPED}},
    ],
)
def test_what_loses_nothing_is_not_mentioned(said: dict[str, Any]) -> None:
    """A rounding without a difference, a text that fits, an amount of zero."""
    assert [] == _say(**said)


def test_what_is_not_known_is_mentioned_without_amounts() -> None:
    """A list page may not have the document, nor every amount, nor the currency."""
    unseen = attrs.evolve(CASE, document=None, retained=None)

    assert ['Ledgerly does not keep "line description". Check that it is not needed.'] == (
        _say(unseen, fidelity={"line_description": DROPPED})
    )
    assert [] == _say(unseen, fidelity={"due": DERIVED})
    assert ['Ledgerly computes "gross" itself; the invoice has 22250.50 USD. Compare the two.'] == (
        _say(unseen, fidelity={"gross": DERIVED})
    )
    rounding = {"gross": Rounding(digits=0, mode=DOWN)}
    assert ['Ledgerly rounds "gross" from 22250.50 to 22250, by -0.50. Check this.'] == _say(
        attrs.evolve(CASE, currency=None), fidelity={"gross": ROUNDED}, rounding=rounding
    )


def test_lines_that_are_rounded_or_cut_are_no_loss_of_their_own() -> None:
    """Words that the lines as a whole cannot have are refused when the adapter is loaded."""
    assert [] == _say(fidelity={"lines": ROUNDED})


def test_former_losses_are_those_of_version_0_4() -> None:
    """They had no amounts that are left, no lines, and no attachments of an ERP that takes none."""
    said = {"gross": ROUNDED, "lines": DROPPED, "due": DERIVED, "terms": TRUNCATED}
    erp = attrs.evolve(
        LEDGERLY,
        fidelity=said,
        rounding={"gross": Rounding(digits=2, mode=HALF_UP)},
        attachments=AttachmentForm.NONE,
        field_rules=(
            FieldRule(field="branch", validator=Validator.MAX_LENGTH, limit=9, truncates=True),
        ),
    )
    former = former_losses(attrs.evolve(_with(attachments=FILES), erp=erp))

    assert [("loss.gross", "22250.50 USD"), ("loss.terms", "Net 30")] == [
        (notice.code, notice.facts["value"]) for notice in former
    ]
    assert () == former_losses(Case())


def test_another_number_for_the_erp_is_the_one_that_is_cut() -> None:
    """The number of the invoice is not written."""
    case = attrs.evolve(CASE, erp_number="ACME-77777-R", fields={"invoice_number": "ACME-7"})
    cut = {"fidelity": {"invoice_number": TRUNCATED}, "lengths": {"invoice_number": 8}}
    assert ['Ledgerly shortens "invoice number" to "ACME-777". Check that this is enough.'] == (
        _say(case, **cut)
    )
    assert [] == _say(attrs.evolve(case, erp_number=None), **cut)


@pytest.mark.parametrize(("tax", "shown"), [("5.00", "5.00"), ("5.005", "5.005")])
def test_a_tax_that_the_erp_computes_is_shown_as_stated(tax: str, shown: str) -> None:
    """Also with a fraction of a minor unit, which no ERP books."""
    sentence = f'Ledgerly computes "tax" itself; the invoice has {shown} USD. Compare the two.'
    assert [sentence] == _say(attrs.evolve(CASE, tax=Decimal(tax)), tax=TaxForm.DERIVED)
