"""The next step of an export follows from the entry, the declaration and the last restore."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.declaration import AttachmentForm, LookUp
from erp_invoice_core.documents import Answer, QueueEntry, Restore, Step
from erp_invoice_core.exchange import (
    Absent,
    CannotTell,
    Contents,
    Deferred,
    Found,
    RequestAttachment,
    Several,
)
from erp_invoice_core.flow import (
    Adoption,
    BeforeWrite,
    build_request,
    can_prefetch,
    can_start_unasked,
    find_following_step,
    find_next_step,
    find_youngest_document,
    is_untouched,
    record_answer,
    refuse_taken_number,
)
from erp_invoice_core.verdict import Source, Verdict

from .samples import (
    CREATE,
    DOCUMENT,
    ERP,
    PLAN,
    POST,
    apply,
    build_accepted,
    build_created,
    build_declaration,
    build_draft_left,
    build_exporting,
    build_receipt,
    build_started,
    build_synced,
    build_unknown,
)

RESTORE = Restore(number=3, at=apply(0), why="Said by hand.")
BLIND = build_declaration(look_up=LookUp.NONE)
SAFE = build_declaration(enforces_key=True)
READABLE = build_declaration(look_up=LookUp.NONE, enforces_key=True)


def _before(
    entry: QueueEntry | None = None,
    step: Step = CREATE,
    erp: Any = ERP,  # noqa: ANN401 - a declaration
    restore: Restore | None = None,
) -> BeforeWrite:
    entry = entry or build_exporting()
    return BeforeWrite(entry=entry, step=step, erp=erp, restore=restore, can_read=True)


def _build_absent() -> QueueEntry:
    """Return a claimed entry whose first call was taken not to have happened."""
    entry = record_answer(build_started(), 0, Answer.ABSENT)
    return attrs.evolve(entry, attempt=2)


def test_the_next_step_has_no_receipt() -> None:
    """Steps are carried out in the order of the plan."""
    assert CREATE == find_next_step(build_exporting(), PLAN)
    assert POST == find_next_step(build_created(), PLAN)
    assert find_next_step(build_synced(), PLAN) is None


def test_the_following_step_starts_with_the_last_answer() -> None:
    """Not in doubt, not at the end, and not before the content of an attachment is fetched."""
    attaching = (CREATE, Step("attach", "attach", attachment="1"))

    assert POST == find_following_step(build_created(), PLAN)
    assert find_following_step(build_created(), attaching) is None
    assert find_following_step(build_created(), (CREATE,)) is None
    assert find_following_step(build_started(), PLAN) is None
    assert find_following_step(build_unknown(), PLAN) is None


def test_an_untouched_entry_may_be_stopped() -> None:
    """Once a document lives, or a call is in doubt, the export is finished."""
    assert [True, False, False] == [
        is_untouched(entry) for entry in (build_exporting(), build_created(), build_started())
    ]


def test_the_youngest_document_is_removed_first() -> None:
    """Receipts without a role are no documents; they go last."""
    only = attrs.evolve(build_draft_left().holdings[0].receipt, role=None)
    held = attrs.evolve(build_draft_left().holdings[0], receipt=only)

    assert "B-1" == find_youngest_document(build_draft_left()).erp_id
    assert only == find_youngest_document(attrs.evolve(build_draft_left(), holdings=(held,)))


def test_a_document_is_removed_before_what_has_no_role() -> None:
    """The bill goes first, and the file that was added to it after it."""
    (bill,) = build_draft_left().holdings
    file = attrs.evolve(bill, receipt=attrs.evolve(bill.receipt, erp_id="F-1", role=None))
    entry = attrs.evolve(build_draft_left(), holdings=(bill, file))

    assert "B-1" == find_youngest_document(entry).erp_id


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (_before(), True),
        (_before(erp=BLIND), False),
        (_before(erp=SAFE), False),
        (_before(step=POST), False),
        (_before(_build_absent(), erp=SAFE), True),
        (_before(erp=SAFE, restore=RESTORE), True),
        (_before(erp=READABLE, restore=RESTORE), False),
    ],
)
def test_the_erp_is_asked_before_an_unprotected_write(before: BeforeWrite, expected: bool) -> None:
    """It has a look-up, and a second document is possible, an attempt was absent, or a restore."""
    assert expected is before.asks_erp


def test_a_restore_may_ask_a_person_first() -> None:
    """An ERP that can neither be asked nor read is looked at by a person."""
    before = _before(erp=BLIND, restore=RESTORE)

    assert before.asks_first
    assert not _before(erp=BLIND).asks_first
    assert isinstance(before.find_obstacle(apply(0)), Deferred)
    refusal = before.find_obstacle(apply(600))
    assert isinstance(refusal, Verdict)
    assert ["export.restored"] == [denial.code for denial in refusal.denials]


def test_a_restore_puts_a_look_up_off() -> None:
    """Until then a request from before the restore may still be executed."""
    before = _before(restore=RESTORE)

    assert isinstance(before.find_obstacle(apply(0)), Deferred)
    assert before.find_obstacle(apply(600)) is None
    assert _before().find_obstacle(apply(0)) is None
    assert _before(erp=READABLE, restore=RESTORE).find_obstacle(apply(0)) is None


def test_a_restore_asks_for_later_keys_too() -> None:
    """Attempts after the backup may have used them."""
    assert ["5000/1/1/create"] == _before().list_keys()
    assert {"5000/1/1/create", "5000/1/2/create", "5000/2/1/create"} < set(
        _before(restore=RESTORE).list_keys()
    )


def _build_found(key: str | None = "5000/1/1/create", **more: Any) -> Found:  # noqa: ANN401 - fields of contents
    given: dict[str, Any] = {
        "vendor": DOCUMENT.vendor_origin_id,
        "number": DOCUMENT.invoice_number,
        "amount": DOCUMENT.due,
        "date": DOCUMENT.billing_date,
    }
    return Found(build_receipt(), Contents(key=key, **{**given, **more}))


def _learn(before: BeforeWrite, sighting: Any) -> Any:  # noqa: ANN401 - any sighting, any decision
    return before.learn(sighting, asked_at=apply(600), taken=(), plan=PLAN)


def _code(decision: Any) -> str:  # noqa: ANN401 - a verdict
    (denial,) = decision.denials
    assert Source.ERP is denial.source
    return str(denial.code)


def test_a_look_up_before_the_write_decides() -> None:
    """Nothing: go on. No answer: later. Several, or a foreign document: the export stops."""
    assert _learn(_before(), Absent(apply(600))) is None
    assert Deferred(None, "No answer.") == _learn(_before(), CannotTell("No answer."))
    assert "erp.already_there" == _code(_learn(_before(), Several("Two.")))
    assert "erp.already_there" == _code(_learn(_before(), _build_found(key=None, number=None)))
    assert "erp.already_there" == _code(_learn(_before(restore=RESTORE), _build_found(key=None)))
    with pytest.raises(AssertionError):
        _learn(_before(), "nothing")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"number": "ACME-770"}, "erp.other_found"),
        ({"vendor": "V-OTHER"}, "erp.other_found"),
        ({"amount": Decimal(1)}, "erp.already_there"),
        ({"number": None}, "erp.already_there"),
    ],
)
def test_a_bill_of_another_invoice_is_not_to_be_removed(
    shown: dict[str, Any], expected: str
) -> None:
    """A look-up by number that finds another number or vendor found the bill of another invoice."""
    by_number = build_declaration(look_up=LookUp.NUMBER)
    found = _build_found(key=None, **shown)

    assert expected == _code(_learn(_before(erp=by_number), found))
    assert "erp.already_there" == _code(_learn(_before(), found))


def test_a_document_of_an_absent_call_is_adopted() -> None:
    """It is this entry's, under the key of that call; the plan stays as it is."""
    adoption = _learn(_before(_build_absent()), _build_found())

    assert isinstance(adoption, Adoption)
    assert ("5000/1/1/create", None) == (adoption.key.text, adoption.plan)
    assert DOCUMENT.digest == adoption.digest


def test_a_document_from_before_a_restore_is_adopted_if_it_is_the_accepted_one() -> None:
    """The plan is frozen with it; another document of this invoice stops the export."""
    before = _before(restore=RESTORE)

    adoption = _learn(before, _build_found())

    assert isinstance(adoption, Adoption)
    assert PLAN == adoption.plan
    assert "export.restored_differs" == _code(_learn(before, _build_found(amount=None)))


def test_a_taken_number_is_named() -> None:
    """The refusal has the number, its holder and the connection."""
    (denial,) = refuse_taken_number(build_exporting(), "5001").denials
    (bare,) = refuse_taken_number(QueueEntry(id="5000"), None).denials

    assert ("export.number_taken", Source.ERP) == (denial.code, denial.source)
    assert {"number": "ACME-77", "other": "5001", "connection": "ledger"} == dict(denial.facts)
    assert {"number": "-", "other": "?", "connection": "-"} == dict(bare.facts)


def test_an_entry_can_be_prefetched_before_its_first_call() -> None:
    """An attempt that was begun, and a call that was taken for absent, are looked up first."""
    assert [True, False, False] == [
        can_prefetch(entry) for entry in (build_accepted(), build_started(), _build_absent())
    ]


def test_a_first_step_is_started_unasked_where_nothing_has_to_be_asked() -> None:
    """There are steps, no files, nothing to look up first, and a look-up for later."""
    request = build_request(build_exporting(), SAFE, apply(600))
    file = RequestAttachment(id="1", filename="a.pdf", form=AttachmentForm.FILES)

    def can(erp: Any, plan: tuple[Step, ...] = PLAN, asked: Any = request) -> bool:  # noqa: ANN401 - as given
        return can_start_unasked(
            build_exporting(), asked, plan, erp=erp, restore=None, can_read=True
        )

    assert can(SAFE)
    assert not can(SAFE, ())
    assert not can(SAFE, PLAN, attrs.evolve(request, attachments=(file,)))
    assert not can(ERP)
    assert not can(READABLE)
