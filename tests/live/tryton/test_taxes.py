"""Invoices with tax in a running Tryton: amounts by code, credits, refusals, look-up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import ExportStatus, Policy
from erp_invoice_core.adapters import Contents, ContentsTax, Deferred, Done, Found, Refused, Role
from erp_invoice_core.testing import sample_request
from tests.live.tryton.company import LiveCompany, build_document
from tests.long_runs import keep_rows
from tests.worker.harness import EVERYTHING

if TYPE_CHECKING:
    from erp_invoice_core.adapters import ExportDocument
    from examples.tryton.server import TrytonServer
    from tests.live.tryton.ledger import TrytonLedger

_ROWS = """
    SELECT tax.name, line.base, line.amount, line.manual
    FROM account_invoice_tax AS line JOIN account_invoice AS bill ON bill.id = line.invoice
    JOIN account_tax AS tax ON tax.id = line.tax WHERE bill.reference = ? ORDER BY line.id
"""
_REPORTED = """
    SELECT tax.name, entry.type, entry.amount FROM account_tax_line AS entry
    JOIN account_tax AS tax ON tax.id = entry.tax
    JOIN account_move_line AS line ON line.id = entry.move_line
    JOIN account_invoice AS bill ON bill.move = line.move WHERE bill.reference = ?
"""


def build_taxed(*lines: tuple[str, str, str], **fields: Any) -> ExportDocument:  # noqa: ANN401 - the fields of the document
    """Return an invoice with a line for each amount, tax and name of the tax in Tryton."""
    document = build_document(*(amount for amount, _, _ in lines), **fields)
    taxed = tuple(
        attrs.evolve(line, tax=Decimal(tax), tax_code=name[:3], tax_code_origin_id=name)
        for line, (_, tax, name) in zip(document.lines, lines, strict=True)
    )
    return attrs.evolve(document, lines=taxed)


def list_rows(ledger: TrytonLedger, document: ExportDocument) -> list[tuple[str, str, str]]:
    """Return name, base and amount of the rows of tax of a bill, as Tryton stores them."""
    rows = ledger.query(_ROWS, document.invoice_number)
    assert not any(manual for *_, manual in rows)
    return [(name, base.decode(), amount.decode()) for name, base, amount, _ in rows]


def list_refusals(company: LiveCompany, document: ExportDocument) -> list[str]:
    """Return the codes for which the check of the adapter refuses an invoice."""
    verdict = company.adapter.check(company.connect(), sample_request(document))
    assert not isinstance(verdict, Deferred)
    return [denial.code for denial in verdict.denials]


def test_the_tax_of_the_vendor_arrives_by_code(server: TrytonServer) -> None:
    """Amounts that Tryton would compute otherwise are in its books, in the total and the report."""
    company = LiveCompany(server, policy=Policy(read_back=True))
    invoice = build_taxed(
        ("100.00", "13.01", "HST 13%"),
        ("33.33", "4.34", "HST 13%"),
        ("10.00", "1.50", "HST 15%"),
        ("5.00", "0", "Zero-rated"),
    )
    before = company.ledger.read_balances()

    assert [ExportStatus.SYNCED] == company.export(invoice)

    after, number = company.ledger.read_balances(), invoice.invoice_number
    assert [
        ("HST 13%", "133.33", "17.35"),
        ("HST 15%", "10.00", "1.50"),
        ("Zero-rated", "5.00", "0"),
    ] == list_rows(company.ledger, invoice)
    changes = {code: after[code] - before.get(code, Decimal(0)) for code in after}
    assert {"5100": "148.33", "1180": "18.85", "2000": "-167.18"} == {
        code: f"{amount:.2f}" for code, amount in changes.items() if amount
    }
    reported = company.ledger.query(_REPORTED, number)
    assert ("HST 13%", "tax", "17.35") in {
        (name, kind, f"{Decimal(amount.decode()):.2f}") for name, kind, amount in reported
    }


@pytest.mark.parametrize(
    ("currency", "quantity", "price", "gross", "tax"),
    keep_rows(
        [
            ("USD", "3", "33.333333", "100.00", "13.01"),
            ("USD", "90000", "0.111111", "10000.00", "1300.01"),
            ("USD", "0.333", "100.10", "33.33", "4.32"),
            ("JPY", "7", "14.2857", "100", "14"),
            ("EUR", "2", "50.005", "100.01", "12.99"),
        ],
        [("JPY", "7", "14.2857", "100", "14")],
    ),
)
def test_tax_of_quantities_and_currencies_arrives(
    server: TrytonServer, currency: str, quantity: str, price: str, gross: str, tax: str
) -> None:
    """The base is the amount of the line, whatever quantity and price come to."""
    company = LiveCompany(server, policy=Policy(read_back=True))
    taxed = build_taxed((gross, tax, "HST 13%"), currency=currency)
    line = attrs.evolve(taxed.lines[0], quantity=Decimal(quantity), unit_price=Decimal(price))
    invoice = attrs.evolve(taxed, lines=(line,))

    assert [ExportStatus.SYNCED] == company.export(invoice)
    assert [("HST 13%", gross, tax)] == list_rows(company.ledger, invoice)


def test_tax_is_read_back(server: TrytonServer) -> None:
    """The contents have the amount due without the tax, the tax by code, and that of each line."""
    company = LiveCompany(server)
    invoice = build_taxed(("100.00", "13.01", "HST 13%"), ("10.00", "1.50", "HST 15%"))
    company.export(invoice)

    contents = company.adapter.read(company.connect(), company.find_bill(invoice))

    assert isinstance(contents, Contents)
    assert (Decimal("110.00"), Decimal("14.51")) == (contents.amount, contents.tax)
    assert (
        ContentsTax(code="HST 13%", amount=Decimal("13.01")),
        ContentsTax(code="HST 15%", amount=Decimal("1.50")),
    ) == contents.taxes
    assert isinstance(contents.lines, tuple)
    assert ["HST 13%", "HST 15%"] == [line.tax_code for line in contents.lines]


@pytest.mark.parametrize("amount", keep_rows(["12.01", "12.00", "11.99"], ["11.99"]))
def test_a_tax_of_parts_is_split_by_their_rates(server: TrytonServer, amount: str) -> None:
    """Both parts have rows of their own, which come to the amount of the vendor."""
    company = LiveCompany(server, policy=Policy(read_back=True))
    invoice = build_taxed(("100.00", amount, "GST + PST"))

    assert [ExportStatus.SYNCED] == company.export(invoice)

    rows = list_rows(company.ledger, invoice)
    assert [("GST 5%", "100.00", "5.00"), ("PST 7%", "100.00")] == [rows[0], rows[1][:2]]
    assert Decimal(amount) == Decimal(rows[0][2]) + Decimal(rows[1][2])


def test_a_credit_has_negative_tax(server: TrytonServer) -> None:
    """A credit lowers the tax, and lines of both signs have rows of their own."""
    company = LiveCompany(server, policy=Policy(read_back=True))
    credit = build_taxed(("-100.00", "-13.01", "HST 13%"), ("20.00", "2.61", "HST 13%"))

    assert [ExportStatus.SYNCED] == company.export(credit)

    assert Role.CREDIT is company.find_bill(credit).role
    assert [("HST 13%", "-100.00", "-13.01"), ("HST 13%", "20.00", "2.61")] == list_rows(
        company.ledger, credit
    )


def test_retainage_has_no_tax(server: TrytonServer) -> None:
    """The base of the tax is the gross amount, as the vendor states the tax of it."""
    company = LiveCompany(server, policy=Policy(read_back=True))
    held = build_document("1000.00", retained="100.00")
    line = attrs.evolve(
        held.lines[0], tax=Decimal("130.00"), tax_code="HST", tax_code_origin_id="HST 13%"
    )
    invoice = attrs.evolve(held, lines=(line,))

    assert [ExportStatus.SYNCED] == company.export(invoice)
    assert [("HST 13%", "1000.00", "130.00")] == list_rows(company.ledger, invoice)


@pytest.mark.parametrize(
    ("name", "tax", "code"),
    [
        ("HST 99%", "13.00", "tax_unknown"),
        ("HST collected", "13.00", "tax_of_sales"),
        ("GST 7%", "7.00", "tax_inactive"),
        ("GST 6%", "6.00", "tax_not_in_force"),
        ("GST 5%", "5.00", "tax_unknown"),
        ("Exempt", "5.00", "tax_unsupported"),
        ("Two of a name", "5.00", "tax_ambiguous"),
    ],
    ids=["unknown", "sales", "inactive", "ended", "part", "exempt", "ambiguous"],
)
def test_a_tax_that_cannot_be_used_is_refused(
    company: LiveCompany, name: str, tax: str, code: str
) -> None:
    """Each case has a reason of its own, which names the code; nothing is written."""
    invoice = build_taxed(("100.00", tax, name))

    (denial,) = company.list_denials(invoice)

    assert f"tryton.{code}" == denial.code
    assert name in denial.message
    assert name[:3] in denial.message
    assert [] == company.ledger.list_bills(str(invoice.invoice_number))


@pytest.mark.parametrize("amounts", [("1000.00", "0.05"), ("0.03", "0.03")], ids=["line", "sum"])
def test_a_tax_that_tryton_never_finishes_is_refused(
    company: LiveCompany, amounts: tuple[str, ...]
) -> None:
    """Nothing is written where every part of a tax rounds to zero and their sum does not."""
    invoice = build_taxed(*((amount, "0", "GST + PST") for amount in amounts))

    (denial,) = company.list_denials(invoice)

    assert "tryton.tax_too_small" == denial.code
    assert amounts[-1] in denial.message
    assert [] == company.ledger.list_bills(str(invoice.invoice_number))


def test_small_lines_are_taken_where_tryton_finishes(server: TrytonServer) -> None:
    """Amounts beside those that cannot be rounded, and the same amounts of a tax of one part."""
    company = LiveCompany(server, policy=Policy(read_back=True))
    invoice = build_taxed(
        ("0.04", "0", "GST + PST"), ("0.08", "0.01", "GST + PST"), ("0.05", "0.01", "HST 13%")
    )

    assert [ExportStatus.SYNCED] == company.export(invoice)


def test_a_company_that_rounds_each_line_takes_small_lines(server: TrytonServer) -> None:
    """Tryton rounds no sum of them there, so that their sum is no reason to refuse."""
    company = LiveCompany(server, policy=Policy(read_back=True))
    rounding = "UPDATE account_configuration_tax_rounding SET tax_rounding = ?"
    company.ledger.change(rounding, "line")
    try:
        ends = company.export(build_taxed(*[("0.03", "0", "GST + PST")] * 2))
    finally:
        company.ledger.change(rounding, "document")

    assert [ExportStatus.SYNCED] == ends


def test_a_part_of_a_tax_names_the_tax(company: LiveCompany) -> None:
    """The reason of a code that is mapped to a part has the name of the whole tax."""
    invoice = build_taxed(("100.00", "5.00", "GST 5%"))
    verdict = company.adapter.check(company.connect(), sample_request(invoice))

    assert not isinstance(verdict, Deferred)
    assert "is only a part of GST + PST in Tryton" in verdict.denials[0].message


def test_an_exemption_is_taken_without_tax(server: TrytonServer) -> None:
    """A line can have a tax that computes nothing, if the vendor states no amount."""
    company = LiveCompany(server, policy=Policy(read_back=True))
    invoice = build_taxed(("100.00", "0", "Exempt"), ("10.00", "1.30", "HST 13%"))

    assert [ExportStatus.SYNCED] == company.export(invoice)


def test_a_line_without_the_id_of_its_tax_is_refused(company: LiveCompany) -> None:
    """A tax whose code was not mapped is not dropped."""
    taxed = build_taxed(("100.00", "13.00", "HST 13%"))
    line = attrs.evolve(taxed.lines[0], tax_code_origin_id=None)

    assert ["tryton.not_linked"] == list_refusals(company, attrs.evolve(taxed, lines=(line,)))


def test_a_company_that_expenses_tax_is_refused(server: TrytonServer) -> None:
    """Where Tryton adds the tax to the costs it computes it, so that the vendor's would be lost."""
    company = LiveCompany(server)
    company.ledger.change("UPDATE company_company SET purchase_taxes_expense = ?", True)
    try:
        codes = list_refusals(company, build_taxed(("100.00", "13.00", "HST 13%")))
        plain = list_refusals(company, build_document("100.00"))
    finally:
        company.ledger.change("UPDATE company_company SET purchase_taxes_expense = ?", False)

    assert (["tryton.tax_expensed"], []) == (codes, plain)


def test_a_taxed_bill_is_looked_up(server: TrytonServer) -> None:
    """The look-up finds it with its tax; an equal number of another export is a duplicate."""
    company = LiveCompany(server)
    invoice = build_taxed(("100.00", "13.01", "HST 13%"))
    company.export(invoice)
    session, request = company.connect(), sample_request(invoice)
    sighting = company.adapter.find(session, request, company.plan(session, request)[0], ())

    assert isinstance(sighting, Found)
    assert Decimal("13.01") == sighting.contents.tax
    assert ["tryton.number_taken"] == list_refusals(company, invoice)


def test_a_tax_that_changes_after_the_draft_is_not_posted(server: TrytonServer) -> None:
    """Tryton may compute a draft anew; the difference is refused before it is posted."""
    company = LiveCompany(server)
    invoice = build_taxed(("100.00", "15.01", "HST 15%"))
    session, request = company.connect(), sample_request(invoice)
    draft = company.write_draft(session, request)
    company.ledger.change(
        "UPDATE account_invoice_tax SET amount = ? WHERE invoice = ?", "14.99", int(draft.erp_id)
    )
    outcome = company.adapter.write(session, request, company.plan(session, request)[-1], [draft])

    assert isinstance(outcome, Refused)
    (denial,) = outcome.verdict.denials
    assert "tryton.tax_changed" == denial.code
    assert "HST 15% 14.99" in denial.message
    assert "HST 15% 15.01" in denial.message
    assert isinstance(company.adapter.withdraw(session, draft), Done)


def test_a_day_decides_which_tax_is_in_force(company: LiveCompany) -> None:
    """The accounting date decides, as in Tryton; a code of that day is asked of that day."""
    invoice = build_taxed(("100.00", "6.00", "GST 6%"), billing_date=date(2007, 6, 30))

    assert "tryton.tax_not_in_force" not in list_refusals(company, invoice)


def test_a_tax_that_is_booked_under_another_code_is_drift(server: TrytonServer) -> None:
    """The reconciliation compares the tax by code, even if the total is right."""
    company = LiveCompany(server)
    invoice = build_taxed(("100.00", "13.01", "HST 13%"), ("10.00", "1.50", "HST 15%"))
    company.export(invoice)
    ids = [invoice.invoice_id]
    (before,) = company.queue.reconcile(ids, EVERYTHING)
    company.ledger.change(
        "UPDATE account_invoice_tax SET tax = (SELECT id FROM account_tax WHERE name = 'HST 13%')"
        " WHERE invoice = ?",
        int(company.find_bill(invoice).erp_id),
    )
    (after,) = company.queue.reconcile(ids, EVERYTHING)

    assert () == before.verdict.notices
    (drift,) = after.verdict.notices
    assert "HST 13% | 14.51" in drift.message
