"""A difference has both figures and the sentence of its code."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp_invoice_core.documents import Difference


@pytest.mark.parametrize(
    ("name", "currency", "computed", "expected"),
    [
        ("total_retainage", "USD", "10", "10.00 USD"),
        ("total_retainage", "JPY", "10", "10 JPY"),
        ("total_retainage", None, "10.5", "10.5"),
        ("percent_complete", "USD", "38.18", "38.18 %"),
        ("scheduled_value", "USD", "1" + "0" * 30, "1" + "0" * 30 + " USD"),
    ],
)
def test_figures_are_written_with_what_they_are_counted_in(
    name: str, currency: str | None, computed: str, expected: str
) -> None:
    """An amount has its currency if that is known, a percentage its sign."""
    difference = Difference(name=name, computed=Decimal(computed), stated=Decimal(0))

    assert expected == difference.build_facts(currency)["computed"]


def test_difference_of_an_item_names_it() -> None:
    """The item is a fact, and is named in the sentence."""
    difference = Difference(
        name="total_completed_and_stored_to_date",
        computed=Decimal(5),
        stated=Decimal(6),
        item_id="3",
        code="billing.total_differs",
    )
    notice = difference.notice("USD")

    assert notice.facts["item"] == "3"
    assert (
        "billing.total_differs",
        (
            "The columns of item 3 come to 5.00 USD for total completed and stored to date;"
            " the item itself says 6.00 USD. Compare the two."
        ),
    ) == (notice.code, notice.message)


def test_difference_of_a_tax_code_names_it_as_it_is() -> None:
    """The name of a tax code is the source's, also if it has a percentage in it."""
    difference = Difference(
        name="GST_5_percent", computed=Decimal(65), stated=Decimal("65.02"), code="tax.differs"
    )

    assert (
        "By the tax rates of its lines, tax GST_5_percent of the invoice is 65.00 CAD, but the"
        " invoice states 65.02 CAD in all. Compare the two amounts."
        == difference.notice("CAD").message
    )


@pytest.mark.parametrize(
    ("computed", "stated", "sentence"),
    [
        (
            "0",
            None,
            (
                "By the tax rates of its lines, tax HST of the invoice is 0.00 CAD, but the tax"
                " summary of the invoice has no total of this tax. Check the tax summary."
            ),
        ),
        (
            "5",
            "5.00",
            (
                "The invoice states 5.00 CAD in all for tax HST, but the tax of each single"
                " line cannot be computed from its tax rate and its amounts. Check both on each"
                " line."
            ),
        ),
    ],
)
def test_difference_of_a_tax_never_shows_equal_figures(
    computed: str, stated: str | None, sentence: str
) -> None:
    """A total that is not stated, and one that the rates do not share, have their own sentences."""
    difference = Difference(
        name="HST",
        computed=Decimal(computed),
        stated=None if stated is None else Decimal(stated),
        code="tax.differs",
    )

    assert sentence == difference.notice("CAD").message


def test_a_fraction_of_a_minor_unit_of_tax_is_shown() -> None:
    """It can be all that differs."""
    found = Difference(
        name="GST", computed=Decimal(5), stated=Decimal("5.4"), code="tax.differs"
    ).build_facts("JPY")
    assert ("5 JPY", "5.4 JPY") == (found["computed"], found["stated"])


def test_difference_has_a_code_that_is_known() -> None:
    """A code without a sentence is refused."""
    with pytest.raises(ValueError, match="code of a difference"):
        Difference(name="x", computed=Decimal(0), stated=Decimal(1), code="billing.other")
