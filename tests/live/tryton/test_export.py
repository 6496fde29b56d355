"""Invoices in a running Tryton: bills, retainage, credits, refusals, removal."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import ExportStatus, Policy, Source
from erp_invoice_core.adapters import (
    Attachment,
    Contents,
    ContentsAttachment,
    ContentsLine,
    Deferred,
    Done,
    LandingState,
    PaymentState,
    Refused,
    Verdict,
)
from erp_invoice_core.adapters.tryton.client import TrytonClient
from erp_invoice_core.testing import sample_document, sample_request
from tests.live.tryton.company import LiveCompany, build_document, draw_number
from tests.worker.harness import APPROVER, EVERYTHING, SENDER, check_allowed

if TYPE_CHECKING:
    from erp_invoice_core.adapters import ExportDocument
    from erp_invoice_core.adapters.tryton.client import Row
    from examples.tryton.server import TrytonServer

WAIVER, PHOTO = b"Lien waiver, signed.", bytes(range(256)) * 200


def digest(content: bytes) -> str:
    """Return the SHA-256 of a content."""
    return hashlib.sha256(content).hexdigest()


def build_line(code: str | None, amount: str, quantity: str, description: str) -> ContentsLine:
    """Return a line as Tryton shows it."""
    return ContentsLine(
        cost_code=code,
        amount=Decimal(amount),
        quantity=Decimal(quantity),
        description=description,
        tax_code=None,
    )


def build_with_files() -> ExportDocument:
    """Return the sample invoice with two files: 22,250.50 of work, 20,025.45 due."""
    number = draw_number()
    files = (
        Attachment(id="1", filename='Lien "waiver"; final.pdf', digest=digest(WAIVER)),
        Attachment(id="2", filename="photo é.png", digest=digest(PHOTO)),
    )
    return sample_document(invoice_id=number, invoice_number=number, attachments=files)


def supply(attachment: Attachment) -> BytesIO:
    """Return the content of an attachment."""
    return BytesIO({"1": WAIVER, "2": PHOTO}[attachment.id])


def test_a_bill_is_in_tryton_once_and_whole(server: TrytonServer) -> None:
    """Vendor, dates, lines, job, cost codes, retainage and bytes are in Tryton's own tables."""
    company = LiveCompany(server, attachments=supply, policy=Policy(read_back=True))
    invoice = build_with_files()

    assert [ExportStatus.SYNCED] == company.export(invoice)

    ledger, number = company.ledger, invoice.invoice_number
    assert [("V-ACME", "posted")] == ledger.list_bills(str(number))
    [(bill, invoiced, booked, journal)] = ledger.query(
        "SELECT bill.id, bill.invoice_date, bill.accounting_date, journal.code FROM account_invoice"
        " AS bill JOIN account_journal AS journal ON journal.id = bill.journal"
        " WHERE bill.reference = ?",
        number,
    )
    assert ("2026-10-31", "2026-10-31", "EXP") == (str(invoiced), str(booked), journal)
    assert [
        ("5100", 1.0, b"21000.00", "Frames", "05-120 JOB-9"),
        ("5100", 1.0, b"1250.50", "Bracing", "05-130 JOB-9"),
        ("2100", -1.0, b"2225.05", "Retainage payable", ""),
    ] == ledger.query(
        "SELECT account.code, line.quantity, line.unit_price, line.description,"
        " coalesce((SELECT group_concat(code, ' ') FROM (SELECT analytic.code FROM"
        " analytic_account_account AS analytic JOIN analytic_account_entry AS entry"
        " ON entry.account = analytic.id"
        " WHERE entry.origin = 'account.invoice.line,' || line.id ORDER BY analytic.code)), '')"
        " FROM account_invoice_line AS line JOIN account_account AS account"
        " ON account.id = line.account WHERE line.invoice = ? ORDER BY line.id",
        bill,
    )
    files = ledger.query(
        "SELECT name, file_id FROM ir_attachment WHERE resource = ? ORDER BY id",
        f"account.invoice,{bill}",
    )
    contents = [(name, ledger.read_file(file)) for name, file in files]
    assert [('Lien "waiver"; final.pdf', WAIVER), ("photo é.png", PHOTO)] == contents


def test_a_link_is_a_link(server: TrytonServer) -> None:
    """An attachment of which the host supplies no content is in Tryton as its address."""
    url = "https://files.example/waiver"
    link = Attachment(id="1", filename="waiver.pdf", url=url)
    invoice = build_document("100.00", attachments=(link,))
    company = LiveCompany(server, policy=Policy(read_back=True))

    assert [ExportStatus.SYNCED] == company.export(invoice)
    assert [("waiver.pdf", "link", url)] == company.ledger.query(
        "SELECT name, type, link FROM ir_attachment WHERE resource = ?",
        f"account.invoice,{company.find_bill(invoice).erp_id}",
    )


def test_every_field_is_read_back(server: TrytonServer) -> None:
    """``erp_read`` says every field of the contents, as a person would read them in Tryton."""
    company = LiveCompany(server, attachments=supply)
    invoice = build_with_files()
    company.accept(invoice, fields={"due_date": "2026-12-15"})
    company.work(invoice)
    receipt = company.find_bill(invoice)

    assert Contents(
        vendor="V-ACME",
        number=invoice.invoice_number,
        amount=Decimal("20025.45"),
        date=date(2026, 10, 31),
        currency="USD",
        gross=Decimal("22250.50"),
        retained=Decimal("2225.05"),
        released=Decimal(0),
        state=LandingState.POSTED,
        paid=PaymentState.OPEN,
        tax=Decimal(0),
        taxes=(),
        due_date=date(2026, 12, 15),
        lines=(
            build_line("05-120", "21000.00", "1", "Frames"),
            build_line("05-130", "1250.50", "1", "Bracing"),
            build_line(None, "-2225.05", "-1", "Retainage payable"),
        ),
        attachments=(
            ContentsAttachment(name='Lien "waiver"; final.pdf', digest=digest(WAIVER)),
            ContentsAttachment(name="photo é.png", digest=digest(PHOTO)),
        ),
    ) == company.adapter.read(company.connect(), receipt)


def test_retainage_is_held_three_times_and_released(company: LiveCompany) -> None:
    """The balance of the retainage account is what the vendor is still owed."""
    before = company.ledger.read_balances().get("2100", Decimal(0))
    invoices = [
        build_document("10000.00", retained="1000.00"),
        build_document("7250.50", retained="725.05"),
        build_document("3000.00", retained="300.00"),
        build_document("0", released="2025.05"),
    ]
    held = []
    for invoice in invoices:
        assert [ExportStatus.SYNCED] == company.export(invoice)
        held.append(before - company.ledger.read_balances()["2100"])

    assert ["1000.00", "1725.05", "2025.05", "0.00"] == [f"{amount:.2f}" for amount in held]


def test_a_credit_is_negative(company: LiveCompany) -> None:
    """A negative invoice lowers the payable account, and its retainage too."""
    before = company.ledger.read_balances()
    assert [ExportStatus.SYNCED] == company.export(build_document("-500.00", retained="-50.00"))
    after = company.ledger.read_balances()

    changes = {code: after[code] - before.get(code, Decimal(0)) for code in after}
    assert {"5100": "-500.00", "2100": "50.00", "2000": "450.00"} == {
        code: f"{amount:.2f}" for code, amount in changes.items() if amount
    }


def test_a_number_that_tryton_has_is_refused(server: TrytonServer) -> None:
    """A bill that another program entered is denied at the acceptance, and nothing is written."""
    first = build_document("100.00")
    LiveCompany(server).export(first)
    company, again = LiveCompany(server), attrs.evolve(first, invoice_id=draw_number())

    (denial,) = company.list_denials(again)

    assert "tryton.number_taken" == denial.code
    assert [("V-ACME", "posted")] == company.ledger.list_bills(str(first.invoice_number))


def test_every_bill_of_a_number_is_named(company: LiveCompany) -> None:
    """The reason has the id and the state of each, by which a person finds and removes it."""
    invoice = build_document("100.00")
    company.export(invoice)
    posted = company.find_bill(invoice).erp_id
    session, request = company.connect(), sample_request(invoice)
    draft = company.write_draft(session, request).erp_id
    verdict = company.adapter.check(session, request)

    assert isinstance(verdict, Verdict)
    assert f"these ids: {posted} (posted), {draft} (draft)." in verdict.denials[0].message


def test_a_warning_is_never_overridden(company: LiveCompany) -> None:
    """A bill that becomes similar after the draft is not posted, and no warning is recorded."""
    session, request = company.connect(), sample_request(build_document("100.00"))
    first = company.write_draft(session, request)
    company.write_draft(session, request)
    outcome = company.adapter.write(session, request, company.plan(session, request)[-1], [first])

    assert isinstance(outcome, Refused)
    assert ["tryton.number_taken"] == [denial.code for denial in outcome.verdict.denials]
    assert [] == company.ledger.query("SELECT name FROM res_user_warning")
    assert ["draft", "draft"] == [
        state for _, state in company.ledger.list_bills(str(request.number))
    ]


@pytest.mark.parametrize("day", ["2026-01-15", "2031-05-05"], ids=["closed", "absent"])
def test_a_period_that_is_not_open_is_refused(company: LiveCompany, day: str) -> None:
    """The date is refused, before a draft and after one; the draft is withdrawn."""
    session = company.connect()
    request = sample_request(build_document("100.00"), fields={"accounting_date": day})
    checked = company.adapter.check(session, request)
    draft = company.write_draft(session, request)
    outcome = company.adapter.write(session, request, company.plan(session, request)[-1], [draft])
    removed = company.adapter.withdraw(session, draft)

    assert isinstance(checked, Verdict)
    assert ["tryton.period_closed"] == [denial.code for denial in checked.denials]
    assert isinstance(outcome, Refused)
    assert ["tryton.period_closed"] == [denial.code for denial in outcome.verdict.denials]
    assert isinstance(removed, Done)
    assert [] == company.ledger.list_bills(str(request.number))


def test_missing_records_are_named_all_at_once(company: LiveCompany) -> None:
    """A vendor, a job, a cost code and a currency that Tryton lacks are one refusal."""
    invoice = build_document("100.00", vendor_origin_id="V-NONE", job_origin_id="J-NONE")
    line = attrs.evolve(invoice.lines[0], cost_code_origin_id="99-999")
    invoice = attrs.evolve(invoice, lines=(line,), currency="CHF")

    verdict = company.adapter.check(company.connect(), sample_request(invoice))

    assert not isinstance(verdict, Deferred)
    assert [
        "tryton.vendor_unknown",
        "tryton.currency_unknown",
        "tryton.job_unknown",
        "tryton.cost_code_unknown",
    ] == [denial.code for denial in verdict.denials]


def test_missing_records_are_denied_at_acceptance(company: LiveCompany) -> None:
    """The approver learns each of them by its name before the export, and nothing is written."""
    invoice = build_document("100.00", vendor_origin_id="V-NONE", job_origin_id="J-NONE")
    line = attrs.evolve(
        invoice.lines[0], cost_code_origin_id="99-999", cost_type_origin_id="NO-ACCOUNT"
    )
    invoice = attrs.evolve(invoice, lines=(line,))
    accounts = {"expense_accounts": {"NO-ACCOUNT": "9999"}}
    behind = LiveCompany(company.server, settings=accounts)

    denials = behind.list_denials(invoice)

    assert [
        ("tryton.vendor_unknown", "V-NONE"),
        ("tryton.job_unknown", "J-NONE"),
        ("tryton.cost_code_unknown", "99-999"),
        ("tryton.expense_account_unknown", "9999"),
    ] == [
        (each.code, name)
        for each, name in zip(denials, ("V-NONE", "J-NONE", "99-999", "9999"), strict=True)
        if name in each.message
    ]
    assert {Source.ADAPTER} == {each.source for each in denials}
    behind.build_worker().run_until_idle()
    assert [] == company.ledger.list_bills(str(invoice.invoice_number))


def test_acceptance_needs_no_tryton(server: TrytonServer) -> None:
    """If it cannot be reached, a notice names the connection, and the export waits for it."""
    away = LiveCompany(server, url="http://127.0.0.1:9")
    invoice = build_document("100.00")
    away.host.add(invoice)
    check_allowed(away.queue.send([invoice.invoice_id], SENDER, connection="tryton"))

    (result,) = away.queue.accept([invoice.invoice_id], APPROVER)

    assert result.verdict
    notices = {note.code: note for note in result.verdict.notices}
    assert "(connection tryton)" in notices["export.unchecked"].message
    assert server.key not in str(result.verdict)


def test_unlinking_waits_for_the_deletion(company: LiveCompany) -> None:
    """An exported invoice is unlinked once its bill was cancelled in Tryton, and not before."""
    invoice = build_document("100.00")
    company.export(invoice)
    (refused,) = company.queue.unlink([invoice.invoice_id], EVERYTHING)
    bill = int(company.find_bill(invoice).erp_id)
    session = company.connect()
    session.value.client.act("account.invoice", bill, "cancel", sample_request().deadline)  # type: ignore[attr-defined] # a session is an object for us
    (unlinked,) = company.queue.unlink([invoice.invoice_id], EVERYTHING)

    assert [("V-ACME", "cancelled")] == company.ledger.list_bills(str(invoice.invoice_number))
    assert not refused.verdict.allowed
    assert unlinked.verdict.allowed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("company", "Another company"),
        ("database", "another"),
        ("journal", "NONE"),
        ("expense_account", "0000"),
        ("retainage_account", "0000"),
        ("payable_account", "0000"),
        ("job_root", "NONE"),
        ("cost_code_root", "NONE"),
    ],
)
def test_a_wrong_setting_needs_a_person(server: TrytonServer, name: str, value: str) -> None:
    """A setting that names nothing in Tryton defers each invoice, and refuses none."""
    company = LiveCompany(server, settings={name: value})
    session, request = company.connect(), sample_request(build_document("100.00"))
    answers = (
        company.adapter.check(session, request),
        company.adapter.write(session, request, company.plan(session, request)[0]),
    )

    for answer in answers:
        assert isinstance(answer, Deferred)
        assert answer.needs_person
        assert name in answer.why
    assert [] == company.ledger.list_bills(str(request.number))


def test_cost_types_have_accounts_of_their_own(server: TrytonServer) -> None:
    """A line whose cost type has an account is booked there; an absent account is refused."""
    first = build_document("100.00")
    material = attrs.evolve(first.lines[0], cost_type_origin_id="MAT")
    invoice = attrs.evolve(first, lines=(material,))
    company = LiveCompany(server, settings={"expense_accounts": {"MAT": "2100"}})
    before = company.ledger.read_balances()
    lacking = LiveCompany(server, settings={"expense_accounts": {"MAT": "9999"}})

    denials = lacking.list_denials(attrs.evolve(invoice, invoice_id="other"))
    assert [ExportStatus.SYNCED] == company.export(invoice)
    after = company.ledger.read_balances()
    assert ["tryton.expense_account_unknown"] == [denial.code for denial in denials]
    assert Decimal("100.00") == after["2100"] - before.get("2100", Decimal(0))


def test_the_bill_is_created_from_the_records_of_its_check(
    company: LiveCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor is asked for at the acceptance and at the check of the export, and not again."""
    asked = []
    search = TrytonClient.search

    def count(client: TrytonClient, model: str, *given: Any) -> list[Row]:  # noqa: ANN401 - passed on
        asked.append(model)
        return search(client, model, *given)

    monkeypatch.setattr(TrytonClient, "search", count)
    company.export(build_document("100.00"))

    assert 2 == asked.count("party.party")
