"""Each fact from documents, present and absent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.documents import (
    Attachment,
    ChangeOrderPackage,
    Commitment,
    CommitmentLine,
    CostCode,
    Hold,
    Invoice,
    InvoiceItem,
    InvoiceSummary,
    NumberUse,
    Project,
    PurchaseOrder,
    Subcontract,
    Vendor,
)
from erp_invoice_core.rules import decide
from erp_invoice_core.rules.case import Case
from erp_invoice_core.rules.facts import export_facts
from erp_invoice_core.vocabulary import (
    Action,
    Blocks,
    ExportStatus,
    InvoiceStatus,
    ItemType,
    PurchaseOrderStatus,
    SubcontractStatus,
)
from tests.spec.allowed_cases import EVERYTHING, LEDGERLY

HOLD = Hold(code="lien", message="No waiver.", blocks=Blocks.SEND, released_by="Accounting")
ORIGINS: list[str | None] = [None, "", " "]


def line(identity: str, **fields: Any) -> CommitmentLine:  # noqa: ANN401 - any field
    """Return a line that is synced."""
    code = CostCode(full_code=f"05-{identity}", origin_id="x")
    synced = {"amount": Decimal(100), "cost_code": code, "origin_id": f"L-{identity}", **fields}
    return CommitmentLine(id=identity, **synced)


SUBCONTRACT = Subcontract(
    id="100",
    project_id="10",
    vendor_id="7",
    number="SC-1",
    title="Steel",
    currency="USD",
    status=SubcontractStatus.APPROVED,
    origin_id="C-100",
    lines=(line("1"), line("2")),
    change_orders=(
        ChangeOrderPackage(
            id="900", number="1", status="approved", origin_id="CO-900", lines=(line("9"),)
        ),
    ),
)
VENDOR = Vendor(id="7", name="Acme", origin_id="V-7")
PROJECT = Project(id="10", name="Pier 9", origin_id="J-10")


def item(kind: ItemType = ItemType.CONTRACT_ITEM, target: str = "1", **columns: Any) -> InvoiceItem:  # noqa: ANN401 - any column
    """Return an item with 40.00 of work of 100.00 unless said otherwise."""
    columns = {"work_this_period": "40", **columns}
    texts: dict[str, Any] = {
        name: Decimal(v) if isinstance(v, str) else v for name, v in columns.items()
    }
    return InvoiceItem(
        id=f"{kind.value}-{target}",
        item_type=kind,
        line_item_id=target,
        **{"scheduled_value": Decimal(100), **texts},
    )


INVOICE = Invoice(
    id="r1",
    number=1,
    project_id="10",
    commitment_id="100",
    currency="USD",
    status=InvoiceStatus.APPROVED,
    invoice_number="A-1",
    period_id="3",
    billing_date=date(2026, 10, 31),
    items=(item(),),
)


def case(
    invoice: Invoice = INVOICE,
    commitment: Commitment = SUBCONTRACT,
    *,
    vendor: Vendor = VENDOR,
    project: Project = PROJECT,
    **context: Any,  # noqa: ANN401 - previous, siblings, unsynced
) -> Case:
    """Return the case of an invoice; the commitment has no other one unless some are given."""
    known = {"siblings": (), **context}
    return Case.of(invoice, commitment, vendor=vendor, project=project, company_id="1", **known)


def test_siblings_that_are_not_known_deny() -> None:
    """Without them it is not known whether the invoice is the latest one and its number unique."""
    unknown = case(siblings=None)
    none = case()

    assert (None, None, ()) == (
        unknown.is_latest,
        unknown.number_is_unique,
        unknown.earlier_unsynced,
    )
    assert (True, True) == (none.is_latest, none.number_is_unique)
    denials = decide(Action.SEND, unknown).denials + decide(Action.DELETE, unknown).denials
    assert ["permission.none"] * 2 == [each.code for each in denials]
    lawful = attrs.evolve(
        unknown, actor=EVERYTHING, erp=LEDGERLY, export_status=ExportStatus.NOT_SENT
    )
    assert "invoice.number_taken" in [each.code for each in decide(Action.SEND, lawful).denials]
    assert "invoice.not_latest" in [each.code for each in decide(Action.DELETE, lawful).denials]


_EARLIER = attrs.evolve(INVOICE, id="r0", invoice_number="A-0")
_LATER = attrs.evolve(INVOICE, number=2, previous_id="r0")


@pytest.mark.parametrize(
    ("records", "differing"),
    [
        ({}, []),
        ({"vendor": attrs.evolve(VENDOR, id="8")}, [("vendor", "8", "7")]),
        ({"invoice": attrs.evolve(INVOICE, commitment_id="9")}, [("commitment", "100", "9")]),
        (
            {"commitment": attrs.evolve(SUBCONTRACT, project_id="11")},
            [("project of the commitment", "11", "10")],
        ),
        ({"previous": _EARLIER}, []),
        ({"invoice": _LATER, "previous": _EARLIER}, []),
        (
            {"invoice": _LATER, "previous": attrs.evolve(_EARLIER, id="r7")},
            [("previous invoice", "r7", "r0")],
        ),
        (
            {"invoice": _LATER, "previous": attrs.evolve(_EARLIER, commitment_id="9")},
            [("commitment of the previous invoice", "9", "100")],
        ),
        (
            {"commitment": attrs.evolve(SUBCONTRACT, id="9", project_id="11", vendor_id="8")},
            [
                ("commitment", "9", "100"),
                ("project of the commitment", "11", "10"),
                ("vendor", "7", "8"),
            ],
        ),
    ],
)
def test_records_that_do_not_belong_together_deny(
    records: dict[str, Any], differing: list[tuple[str, str, str]]
) -> None:
    """Each given record has the id by which the invoice or its commitment refers to it."""
    found = case(**records)
    differences = [(link.field, link.given, link.expected) for link in found.link_differences]
    lawful = attrs.evolve(
        found,
        actor=EVERYTHING,
        erp=LEDGERLY,
        export_status=ExportStatus.NOT_SENT,
        previous_agrees=True,
        slot_is_free=True,
        left=False,
        in_doubt=False,
    )

    assert differing == differences
    assert ["document.differs"] * len(differing) == [
        denial.code for denial in decide(Action.SEND, lawful).denials
    ]


def test_records_that_do_not_belong_together_are_named_with_both_ids() -> None:
    """The sentence says which record was expected, and which was given."""
    found = case(vendor=attrs.evolve(VENDOR, id="8"))
    lawful = attrs.evolve(
        found, actor=EVERYTHING, erp=LEDGERLY, export_status=ExportStatus.NOT_SENT
    )
    (message,) = (
        denial.message
        for denial in decide(Action.SEND, lawful).denials
        if denial.code == "document.differs"
    )

    assert (
        "The records do not belong together: the vendor must be 7, and 8 is given. Have the host"
        " application supply the records that belong to this invoice." == message
    )


def test_number_that_is_known_to_be_taken_is_not_unique() -> None:
    """Also where the other invoices of the commitment are not known."""
    use = NumberUse(
        invoice_id="r9", number=INVOICE.invoice_number or "", commitment_id=INVOICE.commitment_id
    )

    assert case(siblings=None, numbers=[use]).number_is_unique is False


def of(*items: InvoiceItem, **fields: Any) -> Invoice:  # noqa: ANN401 - any field
    """Return the invoice with other items and fields."""
    return attrs.evolve(INVOICE, items=items, **fields)


def test_a_lawful_invoice_has_every_fact() -> None:
    """Nothing that a decision asks of the documents is absent."""
    found = case()
    assert ("r1", "A-1", "10", InvoiceStatus.APPROVED) == (
        found.invoice_id,
        found.invoice_number,
        found.project_id,
        found.invoice_status,
    )
    assert (Decimal(40), Decimal(0), Decimal(0), Decimal(0)) == (
        found.gross,
        found.retained,
        found.released,
        found.stored,
    )
    assert "USD" == found.currency
    assert "Approved" == found.commitment_status
    for name in (
        "is_latest",
        "previous_is_known",
        "previous_agrees",
        "number_is_unique",
        "has_period",
        "commitment_synced",
        "vendor_synced",
        "job_synced",
        "cost_codes_synced",
        "change_orders_synced",
    ):
        assert getattr(found, name) is True, name
    assert (False, False, 0, ()) == (
        found.taxed,
        found.over_billed,
        found.attachments,
        found.holds,
    )
    assert found.document
    assert "1" == found.document.company_id
    assert found.document.lines[0].cost_code == "05-1"


def test_an_invoice_of_a_purchase_order_has_its_status() -> None:
    """The status is one of a purchase order."""
    order = PurchaseOrder(
        id="100",
        project_id="10",
        vendor_id="7",
        number="PO-1",
        currency="USD",
        status=PurchaseOrderStatus.PARTIALLY_RECEIVED,
    )
    found = case(commitment=order)
    assert "Partially Received" == found.commitment_status


def test_a_commitment_that_is_neither_has_no_status() -> None:
    """The status is absent, and an absent fact denies."""
    plain = Commitment(id="100", project_id="10", vendor_id="7", number="", currency="USD")
    assert case(commitment=plain).commitment_status is None


@pytest.mark.parametrize("origin", ORIGINS)
def test_synced_means_an_id_in_the_erp_that_is_not_blank(origin: str | None) -> None:
    """Of the commitment, the vendor and the job."""
    found = case(
        commitment=attrs.evolve(SUBCONTRACT, origin_id=origin),
        vendor=attrs.evolve(VENDOR, origin_id=origin),
        project=attrs.evolve(PROJECT, origin_id=origin),
    )
    assert (False, False, False) == (
        found.commitment_synced,
        found.vendor_synced,
        found.job_synced,
    )


@pytest.mark.parametrize("origin", ORIGINS)
def test_cost_codes_without_an_id_in_the_erp_are_named_once(origin: str | None) -> None:
    """By their code; only items that bill something count."""
    code = CostCode(full_code="05", origin_id=origin)
    stands_on = attrs.evolve(
        SUBCONTRACT, lines=(line("1", cost_code=code), line("2", cost_code=code))
    )
    found = case(of(item(), item(target="2")), stands_on)
    assert (False, ("05",)) == (found.cost_codes_synced, found.unsynced_cost_codes)
    assert case(of(item(work_this_period="0")), stands_on).cost_codes_synced is True


@pytest.mark.parametrize(("description", "name"), [("Frames", "Frames"), ("", "404")])
def test_a_line_without_a_cost_code_is_named_by_what_it_describes(
    description: str, name: str
) -> None:
    """Else by its id."""
    found = case(of(attrs.evolve(item(target="404"), description=description)))
    assert (False, (name,)) == (found.cost_codes_synced, found.unsynced_cost_codes)


def test_a_billed_change_order_line_needs_its_id_in_the_erp() -> None:
    """Of a package billed as a whole, the package needs its own."""
    package = SUBCONTRACT.change_orders[0]
    by_line = of(item(ItemType.CHANGE_ORDER_ITEM, "9"))
    whole = of(item(ItemType.WHOLE_CHANGE_ORDER_ITEM, "900"))
    without_line = attrs.evolve(package, lines=(line("9", origin_id=None),))
    without_package = attrs.evolve(package, origin_id=" ")
    answers = [
        case(invoice, attrs.evolve(SUBCONTRACT, change_orders=(bent,))).change_orders_synced
        for invoice in (by_line, whole)
        for bent in (package, without_line, without_package)
    ]
    assert [True, False, True, True, True, False] == answers


def test_a_line_that_is_not_shown_is_synced_with_its_change_order() -> None:
    """Its own id in the ERP counts too; without either it is not synced."""
    package = attrs.evolve(SUBCONTRACT.change_orders[0], lines=())
    hidden = item(ItemType.CHANGE_ORDER_ITEM, "77")
    named = attrs.evolve(hidden, change_order_id="900")
    bare = attrs.evolve(package, origin_id=None)
    answers = [
        case(of(billed), attrs.evolve(SUBCONTRACT, change_orders=(each,))).change_orders_synced
        for billed, each in (
            (named, package),
            (named, bare),
            (attrs.evolve(named, line_origin_id="L-77"), bare),
            (hidden, package),
        )
    ]
    assert [True, False, True, False] == answers


def test_an_item_has_the_cost_code_that_its_line_lacks() -> None:
    """Also where the commitment does not show the line; a code of the line itself counts first."""
    own = CostCode(full_code="05-999", origin_id=None)
    detail = attrs.evolve(item(ItemType.CONTRACT_DETAIL_ITEM, "77"), cost_code=own)
    assert ("05-999",) == case(of(detail)).unsynced_cost_codes
    bare = attrs.evolve(SUBCONTRACT, lines=(line("1", cost_code=None),))
    assert ("05-999",) == case(of(attrs.evolve(item(), cost_code=own)), bare).unsynced_cost_codes
    assert () == case(of(attrs.evolve(item(), cost_code=own))).unsynced_cost_codes


def test_holds_of_invoice_commitment_and_vendor_are_joined() -> None:
    """In this order."""
    found = case(
        attrs.evolve(INVOICE, holds=(HOLD,)),
        attrs.evolve(SUBCONTRACT, holds=(attrs.evolve(HOLD, code="insurance"),)),
        vendor=attrs.evolve(VENDOR, holds=(attrs.evolve(HOLD, code="dispute"),)),
    )
    assert found.holds is not None
    assert ["lien", "insurance", "dispute"] == [hold.code for hold in found.holds]


def test_fields_are_text_and_blank_ones_are_absent() -> None:
    """For the field rules of an ERP."""
    found = case(attrs.evolve(INVOICE, invoice_number="\u200b", period_id=None))
    assert {
        "invoice_number": None,
        "number": "1",
        "billing_date": "2026-10-31",
        "period_id": None,
        "period_start": None,
        "period_end": None,
        "currency": "USD",
        "commitment_number": "SC-1",
        "commitment_title": "Steel",
        "commitment_origin_id": "C-100",
        "vendor_name": "Acme",
        "vendor_origin_id": "V-7",
        "project_name": "Pier 9",
        "job_origin_id": "J-10",
    } == found.fields
    assert (None, False) == (found.invoice_number, found.has_period)


@pytest.mark.parametrize(
    ("own", "other", "is_unique"),
    [
        ("A-1", "A-2", True),
        ("A-1", " A-1 ", False),
        ("A-1", "A\u20111\u200b", False),
        ("A 1", "A\u00a01", False),
        ("Caf\u00e9-1", "Cafe\u0301-1", False),
        ("A-1", "a-1", True),
        (None, None, True),
        (" ", "", True),
        ("\u200b", "\ufeff", True),
    ],
)
def test_an_invoice_number_is_unique_within_its_commitment(
    own: str | None, other: str | None, is_unique: bool
) -> None:
    """As a person reads it; blank ones are not compared."""
    sibling = attrs.evolve(INVOICE, id="r2", invoice_number=other)
    invoice = attrs.evolve(INVOICE, invoice_number=own)
    assert is_unique == case(invoice, siblings=[sibling]).number_is_unique
    summary = InvoiceSummary(
        id="r2", commitment_id=INVOICE.commitment_id, number=sibling.number, invoice_number=other
    )
    assert case(invoice, siblings=[sibling]) == case(invoice, siblings=[summary])


def test_the_invoice_itself_and_other_commitments_are_no_siblings() -> None:
    """The order in which the host supplies the invoices does not matter."""
    elsewhere = attrs.evolve(INVOICE, id="r2", number=2, commitment_id="101")
    found = case(siblings=[INVOICE, elsewhere], unsynced=["r1", "r2"])
    assert (True, True, ()) == (found.is_latest, found.number_is_unique, found.earlier_unsynced)


def test_earlier_invoices_that_are_not_synced_are_numbered_in_order() -> None:
    """Later ones, and those that are synced, are not among them."""
    siblings = [
        attrs.evolve(INVOICE, id=f"r{number}", number=number, invoice_number=None)
        for number in (3, 1, 2, 5)
    ]
    invoice = attrs.evolve(INVOICE, id="r4", number=4)
    found = case(invoice, siblings=siblings, unsynced=["r3", "r1", "r5"])
    assert ("1", "3") == found.earlier_unsynced
    assert found.is_latest is False


@pytest.mark.parametrize(
    ("invoice", "taxed"),
    [
        (INVOICE, False),
        (of(item(taxes="0.01")), True),
        (attrs.evolve(INVOICE, tax_applicable=Decimal(-1)), True),
        (attrs.evolve(INVOICE, taxes_applied=(Decimal("0.01"),)), True),
        (of(item(tax_rates=(Decimal("8.25"),))), True),
    ],
)
def test_tax_of_an_item_or_of_the_whole_is_tax(invoice: Invoice, taxed: bool) -> None:
    """Its amount may be negative."""
    assert taxed == case(invoice).taxed


def test_tax_is_all_that_the_invoice_states() -> None:
    """Also that which no line gets, so that the approver sees it."""
    found = case(attrs.evolve(INVOICE, taxes_applied=(Decimal("5.00"), Decimal("7.00"))))
    assert (Decimal("12.00"), ()) == (found.tax, found.tax_codes)


def test_an_item_beyond_its_schedule_is_over_billed() -> None:
    """One of them is enough."""
    assert case(of(item(), item(target="2", work_this_period="100.01"))).over_billed is True


def test_attachments_are_counted() -> None:
    """Each of them."""
    files = (Attachment(id="1", filename="a.pdf"), Attachment(id="2", filename="b.pdf"))
    assert 2 == case(attrs.evolve(INVOICE, attachments=files)).attachments


@pytest.mark.parametrize(
    ("certified", "agrees"), [("50", True), ("50.01", False), ("49.99", False)]
)
def test_what_is_due_agrees_with_line_8_to_the_cent(certified: str, agrees: bool) -> None:
    """Line 7 is line 6 of the previous invoice."""
    previous = of(item(work_this_period=certified), id="r0")
    current = of(item(work_previous="50"), number=2, previous_id="r0")
    found = case(current, previous=previous)
    assert agrees == found.previous_agrees
    assert (None if agrees else Decimal(90) - Decimal(certified)) == found.line_8


@pytest.mark.parametrize("has_previous", [True, False])
def test_an_unknown_previous_certificate_leaves_amounts_and_document_out(
    has_previous: bool,
) -> None:
    """And is the only thing that speaks: what is not known is not said to differ."""
    previous = of(item(work_this_period="0", stored="5"), id="r0") if has_previous else None
    unknown = of(item(stored="5", stored_previous="5"), number=2, previous_id="r0")
    found = case(unknown, previous=previous)
    assert found.document is None
    assert found.retained is None
    assert (Decimal(40), False, True) == (
        found.gross,
        found.previous_is_known,
        found.previous_agrees,
    )


def test_a_first_invoice_with_old_materials_is_unknown_too() -> None:
    """Its line 7 is zero; its retainage of the period is not known."""
    found = case(of(item(stored="5", stored_previous="5")))
    assert found.previous_is_known is False


@pytest.mark.parametrize("currency", ["ZZZ", "dollars", "usd", ""])
def test_case_takes_iso_currencies_only(currency: str) -> None:
    """A case in a currency that ISO 4217 does not list is refused when it is made."""
    with pytest.raises(ValueError, match="ISO 4217"):
        Case(currency=currency)


@pytest.mark.parametrize(
    "commitment",
    [
        SUBCONTRACT,
        PurchaseOrder(
            id="101",
            project_id="10",
            vendor_id="7",
            number="PO-1",
            currency="USD",
            status=PurchaseOrderStatus.APPROVED,
            origin_id="C-101",
            lines=(line("1"),),
        ),
    ],
)
def test_an_export_document_gives_the_facts_that_it_contains(commitment: Commitment) -> None:
    """They are the same as those from the documents of which the export document was built."""
    whole = case(attrs.evolve(INVOICE, commitment_id=commitment.id), commitment)
    assert whole.document is not None
    names = export_facts(whole.document)

    assert {name: getattr(whole, name) for name in names} == dict(names)


def test_a_document_without_ids_in_the_erp_has_unsynced_records() -> None:
    """Each record without an id in the ERP counts as not synced, and codes and items are named."""
    document = case().document
    assert document is not None
    whole, line = ItemType.WHOLE_CHANGE_ORDER_ITEM, document.lines[0]
    plain = attrs.evolve(line, cost_code=None, cost_code_origin_id=None, description="Steel")
    lines = (
        plain,
        attrs.evolve(plain, item_id="2", item_type=whole, line_item_id="9", description=""),
        attrs.evolve(line, item_id="3", item_type=whole, change_order_origin_id="CO-1"),
    )
    bare = attrs.evolve(
        document,
        lines=lines,
        commitment_origin_id=" ",
        vendor_origin_id=None,
        job_origin_id=None,
        invoice_number="\u200b",
    )
    facts = export_facts(bare)

    assert (False, False, False, False, False) == (
        facts["commitment_synced"],
        facts["vendor_synced"],
        facts["job_synced"],
        facts["cost_codes_synced"],
        facts["change_orders_synced"],
    )
    assert (("Steel", "line 9"), ("contract_item-1", "2")) == (
        facts["unsynced_cost_codes"],
        facts["unmapped_items"],
    )
    assert ("line 9 (item 2)",) == facts["unsynced_change_orders"]
    assert (None, None) == (facts["invoice_number"], facts["fields"]["commitment_origin_id"])


def test_a_case_of_a_document_needs_six_more_facts() -> None:
    """With them the invoice can be sent; without one of them it is denied, for that reason."""
    document = case().document
    assert document is not None
    clear: dict[str, Any] = {
        "invoice_status": InvoiceStatus.APPROVED,
        "holds": (),
        "taxed": False,
        "number_is_unique": True,
        "previous_is_known": True,
        "previous_agrees": True,
    }
    entry: dict[str, Any] = {
        "actor": EVERYTHING,
        "erp": LEDGERLY,
        "export_status": ExportStatus.NOT_SENT,
        "slot_is_free": True,
        "left": False,
        "in_doubt": False,
        "leased": False,
        "withdrawing": False,
    }
    codes = {
        name: [each.code for each in decide(Action.SEND, whole).denials]
        for name in (None, *clear)
        for whole in [
            Case.of_document(document, **{**clear, **entry, **({name: None} if name else {})})
        ]
    }

    assert {
        None: [],
        "invoice_status": ["invoice.not_sendable"],
        "holds": ["hold.unknown"],
        "taxed": ["tax.unsupported"],
        "number_is_unique": ["invoice.number_taken"],
        "previous_is_known": ["billing.previous_unknown"],
        "previous_agrees": ["billing.previous_differs"],
    } == codes
