"""Checks before a creating call after a restore of the database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.declaration import Declaration, LookUp, StepTerms
from erp_invoice_core.documents import QueueEntry, Restore, Step
from erp_invoice_core.exchange import CannotTell, Contents, Deferred, Done, Found, Gone, Unknown
from erp_invoice_core.flow import (
    RestoreCheck,
    ask_after_refusal,
    ask_after_restore,
    choose_restore_check,
    compare_outcome,
    find_restore_settle_time,
    list_later_keys,
    refuse,
    send,
)
from erp_invoice_core.flow.restore import (
    delay_after_restore,
    differs_from_accepted,
    key_before_restore,
)
from erp_invoice_core.verdict import Denial, Source, Verdict
from erp_invoice_core.vocabulary import Action, ExportStatus, Role

from .samples import (
    DOCUMENT,
    ERP,
    PERSON,
    apply,
    build_accepted,
    build_case,
    build_exporting,
    build_receipt,
    build_rejected,
)

RESTORE = Restore(number=3, at=apply(100), why="Said by hand.")
BILL = Step("bill", "bill", Role.BILL)
POST = Step("post", "bill")


def _erp(look_up: LookUp, *, enforces_key: bool = False) -> Declaration:
    terms = StepTerms(look_up=look_up, enforces_key=enforces_key)
    return Declaration(key="erp", name="The ERP", terms={"bill": terms})


def _check(
    erp: Declaration,
    *,
    step: Step = BILL,
    restore: Restore | None = RESTORE,
    has_number: bool = True,
    can_read: bool = True,
) -> RestoreCheck:
    document = attrs.evolve(DOCUMENT, invoice_number="ACME-77" if has_number else None)
    entry = attrs.evolve(build_accepted(), document=document)
    return choose_restore_check(entry, step, erp, restore=restore, can_read=can_read)


def test_without_a_restore_nothing_is_demanded() -> None:
    """A database that was never restored demands nothing."""
    assert RestoreCheck.NONE is _check(_erp(LookUp.NONE), restore=None, can_read=False)


def test_a_step_that_creates_nothing_demands_nothing() -> None:
    """Only a step that creates a document can create a second one."""
    assert RestoreCheck.NONE is _check(_erp(LookUp.NONE), step=POST, can_read=False)


@pytest.mark.parametrize(
    ("look_up", "enforces_key", "has_number", "can_read", "expected"),
    [
        (LookUp.KEY, False, False, False, RestoreCheck.LOOK_UP),
        (LookUp.KEY, True, True, True, RestoreCheck.LOOK_UP),
        (LookUp.NUMBER, False, True, False, RestoreCheck.LOOK_UP),
        (LookUp.NUMBER, False, False, True, RestoreCheck.PERSON),
        (LookUp.NUMBER, True, False, True, RestoreCheck.READ_BACK),
        (LookUp.NONE, True, True, True, RestoreCheck.READ_BACK),
        (LookUp.NONE, True, True, False, RestoreCheck.PERSON),
        (LookUp.NONE, False, True, True, RestoreCheck.PERSON),
    ],
)
def test_the_erp_is_asked_or_read_or_a_person_looks(
    look_up: LookUp, enforces_key: bool, has_number: bool, can_read: bool, expected: RestoreCheck
) -> None:
    """A look-up comes first, else a read-back where no second document is made, else a person."""
    erp = _erp(look_up, enforces_key=enforces_key)
    assert expected is _check(erp, has_number=has_number, can_read=can_read)


def test_a_person_is_asked_once_for_each_restore() -> None:
    """A confirmed entry is written; a later restore asks the person again."""
    erp = _erp(LookUp.NONE)
    asked = refuse(
        build_exporting(),
        ask_after_restore(build_exporting(), erp, RESTORE),
        at=apply(101),
        erp=erp,
        restore=RESTORE,
    ).after
    later = attrs.evolve(RESTORE, number=4)

    def check(restore: Restore) -> RestoreCheck:
        return choose_restore_check(asked, BILL, erp, restore=restore, can_read=False)

    assert (ExportStatus.FAILED, 3) == (asked.status, asked.restore_checked)
    assert (RestoreCheck.NONE, RestoreCheck.PERSON) == (check(RESTORE), check(later))


def test_an_invoice_that_is_sent_again_is_put_before_a_person_again() -> None:
    """Rejecting it and sending it again is no answer to the question after a restore."""
    rejected = attrs.evolve(build_rejected(), restore_checked=RESTORE.number)
    case = build_case(rejected, apply(102))
    sent = send(rejected, case, action=Action.RESEND, at=apply(102), actor=PERSON).after

    assert (ExportStatus.READY, None) == (sent.status, sent.restore_checked)
    assert RestoreCheck.PERSON is choose_restore_check(
        sent, BILL, _erp(LookUp.NONE), restore=RESTORE, can_read=False
    )


def test_a_refusal_asks_for_a_document_from_before_the_restore() -> None:
    """The reasons of the refusal come first; the question names what is known of the invoice."""
    closed = Denial("ledgerly.closed", "Open the period.", Source.ERP)
    known, unknown = (
        ask_after_refusal(entry, Verdict((closed,)), ERP, RESTORE).denials
        for entry in (build_accepted(), QueueEntry(id="5000"))
    )

    assert (closed, closed) == (known[0], unknown[0])
    assert ("export.restored", "export.restored") == (known[1].code, unknown[1].code)
    assert "already has invoice ACME-77 of Acme Steel." in known[1].message
    assert "already has this invoice." in unknown[1].message


def test_the_sentence_names_the_invoice_and_the_moment() -> None:
    """The message names the invoice, the ERP and the moment of the restore."""
    (denial,) = ask_after_restore(build_accepted(), ERP, RESTORE).denials
    assert ("export.restored", Source.ERP) == (denial.code, denial.source)
    assert all(value in denial.message for value in denial.facts.values())
    assert {
        "erp": "Ledgerly",
        "number": "ACME-77",
        "vendor": "Acme Steel",
        "restored_at": "2026-11-01T00:01:40+00:00",
    } == dict(denial.facts)


def test_the_moment_of_the_restore_is_given_to_the_second() -> None:
    """A person compares it with the ERP's own list, which knows no microseconds."""
    restore = attrs.evolve(RESTORE, at=apply(100.25))

    (denial,) = ask_after_restore(build_accepted(), ERP, restore).denials

    assert "2026-11-01T00:01:40+00:00" == denial.facts["restored_at"]


def test_an_entry_without_a_document_has_a_sentence_too() -> None:
    """Without a document the sentence has no number and no vendor."""
    bare = attrs.evolve(build_accepted(), document=None)
    (denial,) = ask_after_restore(bare, ERP, RESTORE).denials
    assert Source.ERP is denial.source
    assert ("", "") == (denial.facts["number"], denial.facts["vendor"])
    assert "a worker can neither look up nor read this invoice in" in denial.message


def test_a_look_up_counts_once_requests_before_the_restore_are_over() -> None:
    """Absence counts once requests of before the restore are executed and can be found."""
    terms = StepTerms(
        look_up=LookUp.KEY,
        visible_after=timedelta(seconds=10),
        settles_within=timedelta(seconds=20),
    )
    bounded = Declaration(key="erp", name="The ERP", terms={"bill": terms})
    unbounded = attrs.evolve(bounded, terms={"bill": attrs.evolve(terms, settles_within=None)})
    assert apply(130) == find_restore_settle_time(BILL, bounded, RESTORE)
    assert apply(110) == find_restore_settle_time(BILL, unbounded, RESTORE)


def test_later_tries_and_the_next_generation_have_keys() -> None:
    """Attempts and generations after the backup are looked up under their keys."""
    keys = [key.text for key in list_later_keys(attrs.evolve(build_accepted(), attempt=2), "bill")]
    first = build_accepted().id
    assert [f"{first}/1/3/bill", f"{first}/1/4/bill", f"{first}/1/5/bill"] == keys[:3]
    assert [f"{first}/2/1/bill", f"{first}/2/2/bill"] == keys[3:]


LOOKING = _erp(LookUp.KEY)


def _contents(**more: Any) -> Contents:  # noqa: ANN401 - its fields
    given: dict[str, Any] = {
        "vendor": DOCUMENT.vendor_origin_id,
        "number": DOCUMENT.invoice_number,
        "amount": DOCUMENT.due,
        "date": DOCUMENT.billing_date,
        "key": "5000/1/1/bill",
    }
    return Contents(**{**given, **more})


def _build_found(**more: Any) -> Found:  # noqa: ANN401 - the fields of its contents
    return Found(build_receipt("bill"), _contents(**more))


def test_a_step_waits_until_a_look_up_counts() -> None:
    """A request that was under way before the restore may be executed until then."""
    terms = StepTerms(look_up=LookUp.KEY, visible_after=timedelta(seconds=5))
    erp = Declaration(key="erp", name="The ERP", terms={"bill": terms})

    delay = delay_after_restore(BILL, erp, RESTORE, apply(104))

    assert isinstance(delay, Deferred)
    assert apply(105) == delay.until
    assert delay_after_restore(BILL, erp, RESTORE, apply(105)) is None


def test_a_document_from_before_the_restore_has_a_key_of_its_entry() -> None:
    """It is the accepted document, and no other entry owns it."""

    def key(found: Found, *taken: str) -> object:
        return key_before_restore(build_accepted(), BILL, found, LOOKING, taken)

    assert build_accepted().build_key("bill") == key(_build_found())
    assert build_accepted().build_key("bill") == key(_build_found(digest=build_accepted().digest))
    for other in (
        _build_found(key=None),
        _build_found(key="x"),
        _build_found(digest="0" * 64),
        _build_found(vendor="x"),
    ):
        assert key(other) is None
    assert key(_build_found(), "B-1") is None


def test_a_document_that_differs_from_the_accepted_one_is_named() -> None:
    """The refusal has its id, its number, its amount and the accepted amount."""
    (denial,) = differs_from_accepted(
        build_accepted(), _build_found(amount=Decimal(5)), LOOKING
    ).denials
    (unsent,) = differs_from_accepted(
        QueueEntry(id="5000"), _build_found(number=None, amount=None), LOOKING
    ).denials

    assert ("export.restored_differs", Source.ERP) == (denial.code, denial.source)
    assert ("B-1", "ACME-77", "5") == tuple(denial.facts[k] for k in ("erp_id", "number", "amount"))
    assert ("-", "-", "-") == tuple(unsent.facts[k] for k in ("number", "amount", "accepted"))


def test_an_outcome_is_believed_after_it_was_read_back() -> None:
    """The document must be the accepted one; otherwise the call stays in doubt."""
    done = Done(build_receipt("bill"))

    def compare(shown: Contents | Gone | CannotTell) -> object:
        return compare_outcome(build_accepted(), done, shown, LOOKING)

    assert done == compare(_contents())
    for shown in (_contents(amount=Decimal(5)), Gone(apply(0)), CannotTell("No answer.")):
        assert isinstance(compare(shown), Unknown)
