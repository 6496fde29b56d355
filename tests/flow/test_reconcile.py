"""A synced invoice is compared with its documents, and what is new becomes an event."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.declaration import ExportField, Fidelity, LandingState, TaxForm
from erp_invoice_core.documents import Holding, MappedId, MappingKind
from erp_invoice_core.flow.amounts import UNKNOWN_AMOUNTS, Amounts
from erp_invoice_core.flow.reconcile import (
    KnownByHost,
    Presence,
    Reconciliation,
    SeenDocument,
    build_unread,
    compare_with_erp,
    is_as_exported,
    list_documents,
    list_recorded_payments,
    record_reconciliation,
    select_last,
)
from erp_invoice_core.vocabulary import Action, ExportStatus, Role

from .samples import DOCUMENT, PERSON, apply, build_declaration, build_receipt, build_synced

if TYPE_CHECKING:
    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.events import AuditEvent

ERP = build_declaration(landing=LandingState.POSTED)
DRAFTING = build_declaration(landing=LandingState.DRAFT)
ENTRY = build_synced()
RECEIPT = build_receipt()
RELEASE = attrs.evolve(build_receipt(step="release", erp_id="B-2"), role=Role.RELEASE)
GONE = erp.Gone(datetime(2026, 11, 2, tzinfo=UTC))
OURS = Amounts(
    billed=Decimal(20000),
    retained=Decimal(2000),
    released=Decimal(0),
    due=Decimal(18000),
    tax=Decimal(0),
)


def _contents(**changed: Any) -> erp.Contents:  # noqa: ANN401 - its fields
    given: dict[str, Any] = {
        "vendor": "V-ACME",
        "number": "ACME-77",
        "amount": Decimal(18000),
        "date": date(2026, 10, 31),
        "currency": "USD",
        "gross": Decimal(20000),
        "retained": Decimal(2000),
        "released": Decimal(0),
        "state": LandingState.POSTED,
    }
    return erp.Contents(**{**given, **changed})


def _pay(amount: str, **more: Any) -> erp.ErpPayment:  # noqa: ANN401 - its fields
    return erp.ErpPayment(amount=Decimal(amount), **more)


def _see(
    answer: erp.Contents | erp.Gone | erp.CannotTell,
    payments: tuple[erp.ErpPayment, ...] | erp.CannotTell | None = (),
    receipt: erp.Receipt = RECEIPT,
) -> SeenDocument:
    return SeenDocument(receipt=receipt, answer=answer, payments=payments)


def _compare(
    *seen: SeenDocument, entry: QueueEntry = ENTRY, declared: erp.Declaration = ERP
) -> Reconciliation:
    return compare_with_erp(entry, seen, declared)


def _codes(seen: Reconciliation) -> list[str]:
    """Return the codes of the remarks, which are all about the ERP."""
    assert {erp.Source.ERP} >= {note.source for note in seen.verdict.notices}
    return [note.code for note in seen.verdict.notices]


def test_same_document_has_no_remark() -> None:
    """Everything is as it was exported, and nothing is paid."""
    known = KnownByHost(amount_paid=Decimal(5))

    seen = compare_with_erp(ENTRY, [_see(_contents())], ERP, known)

    assert seen == Reconciliation(
        id="5000",
        connection="ledger",
        erp_ids=("B-1",),
        invoice_number="ACME-77",
        commitment_id="100",
        commitment_number="SC-001",
        vendor_id="7",
        vendor_name="Acme Steel",
        currency="USD",
        presence=Presence.THERE,
        state=LandingState.POSTED,
        paid=erp.PaymentState.OPEN,
        payments=(),
        ours=attrs.evolve(OURS, paid=Decimal(5)),
        in_erp=attrs.evolve(OURS, paid=Decimal(0)),
    )
    assert is_as_exported(seen, ERP)
    assert not seen.differs


def test_drift_names_both_values() -> None:
    """Each field that differs is a notice with the value there and the exported one."""
    changed = _contents(
        vendor="V-OTHER",
        number="ACME-78",
        amount=Decimal(17000),
        date=date(2026, 11, 30),
        gross=Decimal(19000),
        currency=None,
        state=LandingState.DRAFT,
    )

    seen = _compare(_see(changed))

    assert ["erp.drift"] * 7 == _codes(seen)
    assert seen.differs
    assert [
        (
            'Document B-1 in Ledgerly has V-OTHER as "vendor origin id", where V-ACME was exported.'
            " Correct the document in Ledgerly, or keep a note of why it differs."
        ),
        (
            'Document B-1 in Ledgerly has no "currency", where USD was exported. Correct the'
            " document in Ledgerly, or keep a note of why it differs."
        ),
        (
            'Document B-1 in Ledgerly has 17000 as "due", where 18000.00 was exported. Correct the'
            " document in Ledgerly, or keep a note of why it differs."
        ),
        (
            'Document B-1 in Ledgerly has draft as "state", where posted was exported. Correct the'
            " document in Ledgerly, or keep a note of why it differs."
        ),
    ] == [seen.verdict.notices[place].message for place in (0, 4, 2, 6)]
    assert {
        "erp": "Ledgerly",
        "erp_ids": "B-1",
        "field": "due",
        "label": "due",
        "expected": "18000.00",
        "in_erp": "17000",
    } == dict(seen.verdict.notices[2].facts)


def test_value_where_nothing_was_exported() -> None:
    """The sentence says that nothing was exported."""
    entry = attrs.evolve(ENTRY, document=attrs.evolve(DOCUMENT, vendor_origin_id=None))

    seen = _compare(_see(_contents()), entry=entry)
    (note,) = seen.verdict.notices

    assert ["erp.drift"] == _codes(seen)
    assert (
        'Document B-1 in Ledgerly has V-ACME as "vendor origin id", where nothing was exported.'
        " Correct the document in Ledgerly, or keep a note of why it differs." == note.message
    )


def test_lines_and_files_may_be_changed_there() -> None:
    """Accountants recode lines and attach files, which is no drift."""
    lines = (erp.ContentsLine(cost_code="99-999", amount=Decimal(20000)),)
    files = (erp.ContentsAttachment(name="scan.pdf"),)

    assert [] == _codes(_compare(_see(_contents(lines=lines, attachments=files))))


def test_declared_losses_are_no_drift() -> None:
    """Retainage that the ERP does not keep is missing there as declared."""
    declared = build_declaration(
        landing=LandingState.POSTED,
        fidelity={"retainage": Fidelity.DROPPED, "due": Fidelity.DERIVED},
    )
    shown = _contents(retained=None, gross=Decimal(20000), amount=Decimal(20000))

    seen = _compare(_see(shown), declared=declared)

    assert [] == _codes(seen)
    assert (Decimal(18000), Decimal(20000)) == (seen.ours.due, seen.in_erp.due)
    assert Decimal(0) == seen.in_erp.retained


def test_accounting_date_is_the_date() -> None:
    """The date that the approver gave is expected; without the field it is the billing date."""
    assert ENTRY.acceptance is not None
    dated = build_declaration(
        landing=LandingState.POSTED,
        extra_fields=(ExportField(key="accounting_date", label="Date", required=True),),
    )
    accepted = attrs.evolve(ENTRY.acceptance, fields={"accounting_date": "2026-11-15"})
    entry = attrs.evolve(ENTRY, acceptance=accepted)

    there = _see(_contents(date=date(2026, 11, 15)))

    assert [] == _codes(_compare(there, entry=entry, declared=dated))
    assert ["erp.drift"] == _codes(_compare(_see(_contents()), entry=entry, declared=dated))


@pytest.mark.parametrize(
    ("declared", "state", "drifts"),
    [
        (ERP, LandingState.POSTED, False),
        (ERP, LandingState.ON_HOLD, True),
        (ERP, None, False),
        (ERP, erp.NOT_SAID, False),
        (DRAFTING, LandingState.POSTED, False),
        (DRAFTING, LandingState.ON_HOLD, False),
    ],
)
def test_state_may_only_advance(
    declared: erp.Declaration, state: LandingState | erp.NotSaid | None, *, drifts: bool
) -> None:
    """A posted document stays posted; a draft may be posted by an accountant."""
    seen = _compare(_see(_contents(state=state)), declared=declared)

    assert drifts is seen.differs
    assert (state if isinstance(state, LandingState) else None) is seen.state


def test_document_that_is_gone_is_named() -> None:
    """A document that was voided has no amounts in the ERP; its payments still count."""
    seen = _compare(_see(GONE, (_pay("10"),)))

    assert Presence.GONE is seen.presence
    assert ["erp.gone", "erp.payment"] == _codes(seen)
    assert (
        "Document B-1 is not in Ledgerly any more. Look in Ledgerly for who removed it. If the"
        " removal was right, unlink the invoice; otherwise enter the document in Ledgerly again."
        == seen.verdict.notices[0].message
    )
    assert (None, None) == (seen.state, seen.paid)
    assert (
        Amounts(
            billed=Decimal(0),
            retained=Decimal(0),
            released=Decimal(0),
            due=Decimal(0),
            tax=Decimal(0),
            paid=Decimal(10),
        )
        == seen.in_erp
    )


def test_unread_document_leaves_all_unknown() -> None:
    """One document that cannot be read makes no drift, whatever the others have."""
    entry = _add_release(ENTRY)

    seen = _compare(_see(GONE), _see(erp.CannotTell("Time-out."), None, RELEASE), entry=entry)

    assert ("Time-out.", Presence.UNREAD, []) == (seen.unread, seen.presence, _codes(seen))
    assert (OURS, UNKNOWN_AMOUNTS, None) == (seen.ours, seen.in_erp, seen.paid)
    assert ("B-1", "B-2") == seen.erp_ids


def _add_release(entry: QueueEntry) -> QueueEntry:
    held = Holding(RELEASE, entry.build_key("release"))
    return attrs.evolve(entry, holdings=(held, *entry.holdings))


def test_documents_of_an_invoice_are_added() -> None:
    """The documents have the amounts together; one that is gone is no drift of the other."""
    entry = _add_release(ENTRY)
    bill = _see(_contents(amount=Decimal(17000), gross=Decimal(19000)), (_pay("17000"),))
    rest = _see(
        _contents(amount=Decimal(1000), gross=Decimal(1000), retained=None, released=None),
        (),
        RELEASE,
    )

    whole = _compare(bill, rest, entry=entry)
    part = _compare(bill, _see(GONE, (), RELEASE), entry=entry)

    assert ["erp.payment"] == _codes(whole)
    assert (attrs.evolve(OURS, paid=Decimal(17000)), erp.PaymentState.PART_PAID) == (
        whole.in_erp,
        whole.paid,
    )
    assert ["erp.gone", "erp.payment"] == _codes(part)
    assert Decimal(19000) == part.in_erp.billed


def test_amount_that_the_erp_does_not_say_is_unknown() -> None:
    """The sum of the documents is not known if one of them does not say it."""
    seen = _compare(_see(_contents(gross=erp.NOT_SAID, retained=None)))

    assert (None, Decimal(0)) == (seen.in_erp.billed, seen.in_erp.retained)


def test_payments_are_listed() -> None:
    """Each payment is a notice, in an order that does not depend on that of the ERP."""
    second = _pay("8000", date=date(2026, 11, 20), reference="CHK-2", method="check")
    first = _pay("10000", date=date(2026, 11, 10), reference="CHK-1")

    seen = _compare(_see(_contents(), (second, first)))
    again = _compare(_see(_contents(), (first, second)))

    assert [
        "Document B-1 in Ledgerly has a payment: 10000.00 USD (2026-11-10, CHK-1).",
        "Document B-1 in Ledgerly has a payment: 8000.00 USD (2026-11-20, CHK-2, check).",
    ] == [note.message for note in seen.verdict.notices]
    assert seen.verdict == again.verdict
    assert (erp.PaymentState.PAID, Decimal(18000)) == (seen.paid, seen.in_erp.paid)
    assert not seen.differs


@pytest.mark.parametrize(
    ("said", "payments", "paid"),
    [
        (erp.PaymentState.PAID, None, erp.PaymentState.PAID),
        (erp.PaymentState.OPEN, (_pay("18000"),), erp.PaymentState.OPEN),
        (None, (_pay("18000"),), erp.PaymentState.PAID),
        (erp.NOT_SAID, (_pay("1"),), erp.PaymentState.PART_PAID),
        (erp.NOT_SAID, None, None),
    ],
)
def test_word_of_the_erp_comes_first(
    said: erp.PaymentState | erp.NotSaid | None,
    payments: tuple[erp.ErpPayment, ...] | None,
    paid: erp.PaymentState | None,
) -> None:
    """How far a document is paid is what the ERP says, or else what its payments come to."""
    seen = _compare(_see(_contents(paid=said), payments))

    assert paid is seen.paid
    assert payments == seen.payments


TAXED = attrs.evolve(
    ENTRY,
    document=attrs.evolve(
        DOCUMENT,
        lines=(
            attrs.evolve(DOCUMENT.lines[0], tax_code="GST", tax=Decimal(900)),
            *DOCUMENT.lines[1:],
        ),
    ),
)
TAXING = build_declaration(landing=LandingState.POSTED, tax=TaxForm.KEPT)


@pytest.mark.parametrize(
    ("declared", "said", "payment", "state"),
    [
        (TAXING, Decimal(900), "18000", erp.PaymentState.PART_PAID),
        (TAXING, Decimal(900), "18900", erp.PaymentState.PAID),
        (TAXING, erp.NOT_SAID, "18000", erp.PaymentState.PART_PAID),
        (TAXING, None, "18000", erp.PaymentState.PAID),
        (ERP, erp.NOT_SAID, "18000", erp.PaymentState.PAID),
        (
            attrs.evolve(TAXING, fidelity={"tax": Fidelity.DROPPED}),
            erp.NOT_SAID,
            "18000",
            erp.PaymentState.PAID,
        ),
    ],
)
def test_payments_pay_the_tax_too(
    declared: erp.Declaration,
    said: Decimal | erp.NotSaid | None,
    payment: str,
    state: erp.PaymentState,
) -> None:
    """A document is paid once payments reach its amount and its tax, or the tax that was sent."""
    seen = _compare(_see(_contents(tax=said), (_pay(payment),)), entry=TAXED, declared=declared)

    assert state is seen.paid
    assert Decimal(900) == seen.ours.tax


def test_tax_of_several_documents_is_not_guessed() -> None:
    """If the ERP does not say the tax of each, it is not known how far payments pay them."""
    entry = _add_release(TAXED)
    bill = _see(_contents(), (_pay("18000"),))
    rest = _see(_contents(amount=Decimal(0)), (), RELEASE)

    seen = _compare(bill, rest, entry=entry, declared=TAXING)

    assert (None, None) == (seen.paid, seen.in_erp.tax)


def test_tax_that_was_changed_has_drifted() -> None:
    """A tax that the ERP keeps is compared; a derived one is that of the ERP."""
    changed = _see(_contents(tax=Decimal(0)))
    derived = build_declaration(landing=LandingState.POSTED, tax=TaxForm.DERIVED)

    kept = _compare(changed, entry=TAXED, declared=TAXING)

    assert ["erp.drift"] == _codes(kept)
    assert ("tax", "900.00", "0") == tuple(
        kept.verdict.notices[0].facts[name] for name in ("field", "expected", "in_erp")
    )
    assert Decimal(0) == kept.in_erp.tax
    assert [] == _codes(_compare(changed, entry=TAXED, declared=derived))


def test_payments_that_cannot_be_right_have_a_remark() -> None:
    """They are no difference of the document, and payments of the wrong sign pay nothing."""
    over = _compare(_see(_contents(), (_pay("18000.01"),)))
    back = _compare(_see(_contents(), (_pay("-18000"),)))

    assert ["erp.payment", "erp.overpaid"] == _codes(over)
    assert ["erp.payment", "erp.payment_sign"] == _codes(back)
    assert (erp.PaymentState.PAID, erp.PaymentState.OPEN) == (over.paid, back.paid)
    assert (False, False) == (over.differs, back.differs)


def test_recorded_payments_are_those_of_the_documents() -> None:
    """The event of a reconciliation says the payments of each document."""
    event = _record(_compare(_see(_contents(), (_pay("10"), _pay("20000")))))
    assert event is not None

    assert ("10.00 USD", "20000.00 USD") == list_recorded_payments(event, ["B-1"])
    assert () == list_recorded_payments(event, ["B-2"])


def test_recorded_state_counts_as_a_payment() -> None:
    """If the ERP showed no single payment, its word for how far the invoice is paid counts."""
    event = _record(_compare(_see(_contents(paid=erp.PaymentState.PART_PAID), None)))
    assert event is not None
    assert ("part_paid",) == list_recorded_payments(event, ["B-1"])
    assert () == list_recorded_payments(event, [])


def test_another_number_of_the_erp_is_shown() -> None:
    """The number of the source and the accepted one are there; the same number is not repeated."""
    assert ENTRY.acceptance is not None
    accepted = attrs.evolve(ENTRY.acceptance, number="R-1")
    entry = attrs.evolve(ENTRY, acceptance=accepted)

    seen = _compare(_see(_contents(number="R-1")), entry=entry)

    assert ("ACME-77", "R-1", []) == (seen.invoice_number, seen.erp_number, _codes(seen))
    assert _compare(_see(_contents())).erp_number is None


def test_payments_that_cannot_be_read_are_reported() -> None:
    """The document is compared; the payments are not known, and nothing is recorded."""
    seen = _compare(_see(_contents(gross=Decimal(1)), erp.CannotTell("Time-out.")))

    assert ("Time-out.", ["erp.drift"], None) == (seen.unread, _codes(seen), seen.payments)
    assert _record(seen) is None


def test_imported_invoice_has_no_amounts_of_ours() -> None:
    """An invoice that another system exported is there or not, and paid or not."""
    entry = attrs.evolve(ENTRY, document=None, acceptance=None)

    seen = _compare(_see(_contents(), (_pay("1"),)), entry=entry)

    assert ["erp.payment"] == _codes(seen)
    assert "Document B-1 in Ledgerly has a payment: 1." == seen.verdict.notices[0].message
    assert (UNKNOWN_AMOUNTS, None, Decimal(20000)) == (
        seen.ours,
        seen.commitment_number,
        seen.in_erp.billed,
    )
    assert UNKNOWN_AMOUNTS == build_unread(entry, "No.").ours
    paid = build_unread(entry, "No.", KnownByHost(amount_paid=Decimal(7)))
    assert Amounts(paid=Decimal(7)) == paid.ours
    known = build_unread(entry, "No.", KnownByHost(document=DOCUMENT))
    assert (OURS, "SC-001", "No.") == (known.ours, known.commitment_number, known.unread)


def test_paid_tax_of_an_imported_invoice_is_not_too_much() -> None:
    """Where neither the ERP nor the host says the tax, nothing is said about what is still due."""
    entry = attrs.evolve(ENTRY, document=None, acceptance=None)
    there = _see(_contents(tax=erp.NOT_SAID), (_pay("20340"),))

    taxed = _compare(there, entry=entry, declared=build_declaration(tax=TaxForm.KEPT))
    untaxed = _compare(there, entry=entry, declared=build_declaration(tax=TaxForm.IMPOSSIBLE))

    assert (None, ["erp.payment"]) == (taxed.paid, _codes(taxed))
    assert ["erp.payment", "erp.overpaid"] == _codes(untaxed)


def test_documents_are_those_of_the_generation() -> None:
    """A document of a former generation, one that is gone, or a step without one is not read."""
    entry = _add_release(ENTRY)
    (held, *_) = entry.holdings
    former = attrs.evolve(held, key=attrs.evolve(held.key, generation=0))

    def find(*holdings: Holding) -> list[str]:
        return [each.erp_id for each in list_documents(attrs.evolve(entry, holdings=holdings))]

    assert ["B-1", "B-2"] == find(*entry.holdings)
    assert ["B-1"] == find(former, *entry.holdings[1:])
    step = attrs.evolve(held, receipt=attrs.evolve(held.receipt, erp_id="F-1", role=None))
    assert ["B-1", "B-2"] == find(step, *entry.holdings)
    assert [] == find(*(attrs.evolve(each, gone=True) for each in entry.holdings))


def _record(seen: Reconciliation, last: AuditEvent | None = None) -> AuditEvent | None:
    change = record_reconciliation(ENTRY, seen, ERP, last, at=apply(100), actor=PERSON)
    if change is None:
        return None
    assert (ENTRY.version, ENTRY.seq + 1, ExportStatus.SYNCED) == (
        change.after.version,
        change.after.seq,
        change.after.status,
    )
    assert attrs.evolve(ENTRY, seq=ENTRY.seq + 1) == change.after
    return change.event


def test_nothing_new_makes_no_event() -> None:
    """As exported and open there is no event, and none for what was seen before."""
    paid = _compare(_see(_contents(), (_pay("18000"),)))
    first = _record(paid)

    assert _record(_compare(_see(_contents()))) is None
    assert first is not None
    assert (Action.RECONCILE, "everything", apply(100)) == (first.action, first.actor, first.at)
    assert {"erp_ids": "B-1", "presence": "there", "state": "posted", "paid": "paid"} == dict(
        first.facts
    )
    assert paid.verdict.notices == first.notices
    assert _record(paid, first) is None


def test_every_change_makes_an_event() -> None:
    """Another payment, a voided one, and drift that is corrected are each recorded."""
    first = _record(_compare(_see(_contents(), (_pay("1"),))))
    second = _record(_compare(_see(_contents(), (_pay("1"), _pay("2")))), first)
    third = _record(_compare(_see(_contents())), second)

    assert third is not None
    assert ((), "open") == (third.notices, third.facts["paid"])
    assert _record(_compare(_see(_contents())), third) is None


def test_posted_draft_is_recorded() -> None:
    """The state of the documents is worth an event once it is not the declared one."""
    seen = _compare(_see(_contents()), declared=DRAFTING)

    assert not is_as_exported(seen, DRAFTING)
    change = record_reconciliation(ENTRY, seen, DRAFTING, None, at=apply(1), actor=PERSON)
    assert change is not None
    assert "posted" == change.event.facts["state"]


def test_another_sentence_is_nothing_new() -> None:
    """A version that writes another sentence for the same facts adds no event."""
    seen = _compare(_see(_contents(), (_pay("1"),)))
    last = _record(seen)
    assert last is not None
    former = attrs.evolve(last.notices[0], message="Paid.")

    assert _record(seen, attrs.evolve(last, notices=(former,))) is None


def test_denied_invoice_is_not_recorded() -> None:
    """Without the right to reconcile nothing was seen."""
    seen = _compare(_see(_contents(), (_pay("1"),)))
    denied = attrs.evolve(seen, verdict=erp.deny(erp.Denial("a.b", "No.", erp.Source.PERMISSION)))

    assert _record(denied) is None


def test_last_event_is_the_last_reconciliation() -> None:
    """The newest reconciliation, or the event that made the invoice synced, ends the search."""
    event = _record(_compare(_see(_contents(), (_pay("1"),))))
    assert event is not None
    later = attrs.evolve(event, seq=event.seq + 2)
    other = attrs.evolve(event, seq=event.seq + 3, action=Action.RECORD)
    posted = attrs.evolve(
        event, seq=event.seq - 1, action=Action.POST, before=ExportStatus.EXPORTING
    )

    assert later is select_last([posted, event, later, other])
    assert posted is select_last([posted, other])
    assert select_last([other]) is None
    assert select_last([]) is None
    assert _record(_compare(_see(_contents())), posted) is None


def test_mapped_ids_are_those_that_the_erp_should_have() -> None:
    """The bill of a mapped vendor does not drift, and one with the id of the record does."""
    assert ENTRY.acceptance is not None
    ids = (MappedId(kind=MappingKind.VENDOR, code="7", erp_id="V-1"),)
    entry = attrs.evolve(ENTRY, acceptance=attrs.evolve(ENTRY.acceptance, mapped=ids))

    assert not _codes(_compare(_see(_contents(vendor="V-1")), entry=entry))
    assert ["erp.drift"] == _codes(_compare(_see(_contents(vendor="V-ACME")), entry=entry))
