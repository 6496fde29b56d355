"""A call is written down before it is made; its answer moves the entry as far as it allows."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import cast

import attrs
import pytest

from erp_invoice_core.declaration import AttachmentForm, Replay
from erp_invoice_core.documents import Answer, Attachment, CallKind, QueueEntry
from erp_invoice_core.exchange import Deferred, Done, Outcome, Refused, Unknown
from erp_invoice_core.flow import (
    RetryPolicy,
    build_request,
    claim,
    conclude,
    has_same_request,
    record,
    renew_request,
    start,
)
from erp_invoice_core.values import evolve
from erp_invoice_core.verdict import Source
from erp_invoice_core.vocabulary import Action, ExportStatus

from .samples import (
    CREATE,
    CUTTING,
    DOCUMENT,
    ERP,
    LEASE,
    NO,
    PLAN,
    POST,
    apply,
    build_accepted,
    build_claimed,
    build_created,
    build_declaration,
    build_draft_left,
    build_exporting,
    build_receipt,
    build_started,
    build_synced,
    build_unknown,
)


def test_request_holds_what_was_accepted() -> None:
    """Document, digest, key parts, date and deadline come from the entry."""
    request = build_request(build_exporting(), ERP, apply(30))

    assert (DOCUMENT, DOCUMENT.digest, "ledger") == (
        request.document,
        request.digest,
        request.connection,
    )
    assert (1, 1, apply(30)) == (request.generation, request.attempt, request.deadline)
    assert ("ACME-77", date(2026, 10, 31)) == (request.number, request.accounting_date)
    assert "5000/1/1/create" == request.key(CREATE).text


def test_request_of_a_later_call_is_the_one_of_its_entry() -> None:
    """Deadline and started keys are those that a new request would have."""
    before, after = build_exporting(), build_started()

    renewed = renew_request(build_request(before, ERP, apply(30)), after, apply(60))

    assert build_request(after, ERP, apply(60)) == renewed
    assert ["5000/1/1/create"] == [key.text for key in renewed.keys]


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"seq": 9, "calls": ()}, True),
        ({"document": attrs.evolve(DOCUMENT, attachments=())}, False),
        ({"acceptance": None}, False),
        ({"digest": "sha256:1"}, False),
        ({"connection": "books"}, False),
        ({"generation": 2}, False),
        ({"attempt": 2}, False),
    ],
)
def test_request_depends_on_what_was_accepted_and_on_the_attempt(
    changes: dict[str, object], is_same: bool
) -> None:
    """Calls and events of the same attempt do not matter."""
    entry = build_started()
    assert has_same_request(entry, evolve(entry, changes)) is is_same


def test_request_holds_the_fields_that_were_given() -> None:
    """An accounting date that the approver gave goes before the billing date."""
    entry = build_exporting()
    assert entry.acceptance is not None
    given = attrs.evolve(entry.acceptance, fields={"accounting_date": "2026-11-02"})

    request = build_request(attrs.evolve(entry, acceptance=given), ERP, apply(30))

    assert date(2026, 11, 2) == request.accounting_date
    assert {"accounting_date": "2026-11-02"} == dict(request.fields)


def test_request_of_an_entry_without_an_acceptance_has_no_fields() -> None:
    """A look-up may be asked for it all the same."""
    request = build_request(attrs.evolve(build_unknown(), acceptance=None), ERP, apply(30))

    assert {} == dict(request.fields)


def test_request_holds_the_number_as_it_will_be_written() -> None:
    """A number that the ERP cuts is asked for as it is cut."""
    assert "ACME" == build_request(build_exporting(), CUTTING, apply(30)).number


def test_request_opens_the_content_of_accepted_attachments() -> None:
    """An ERP that takes files gets each accepted one with a digest; without content none."""
    known = Attachment(id="1", filename="waiver.pdf", digest="ab" * 32, content_type="text/plain")
    bare = Attachment(id="2", filename="letter.pdf")
    document = attrs.evolve(DOCUMENT, attachments=(known, bare))
    entry = attrs.evolve(build_exporting(), document=document)
    erp = attrs.evolve(ERP, attachments=AttachmentForm.FILES)
    opened = []

    def content(attachment: Attachment) -> BytesIO:
        opened.append(attachment)
        return BytesIO(b"seen")

    request = build_request(entry, erp, apply(30), content)

    assert [
        ("1", "waiver.pdf", "text/plain", AttachmentForm.FILES),
        ("2", "letter.pdf", None, AttachmentForm.NONE),
    ] == [(each.id, each.filename, each.content_type, each.form) for each in request.attachments]
    assert (b"seen", [known]) == (request.files[0].open().read(), opened)
    assert [False, True] == [each.source is None for each in request.attachments]
    assert () == build_request(entry, erp, apply(30)).files


def test_request_of_an_entry_that_was_never_sent_is_an_error() -> None:
    """There is nothing to ask for."""
    with pytest.raises(ValueError, match="never sent"):
        build_request(QueueEntry(id="5000"), ERP, apply(30))
    with pytest.raises(ValueError, match="never sent"):
        build_request(QueueEntry(id="5000", connection="ledger"), ERP, apply(30))


def test_started_call_is_in_doubt_until_it_is_answered() -> None:
    """Key, digest, fencing number and the end of the renewed lease are on record first."""
    entry = build_started(at=7)

    (call,) = entry.in_doubt
    assert ("5000/1/1/create", CallKind.WRITE, "create", DOCUMENT.digest) == (
        call.key.text,
        call.kind,
        call.step_kind,
        call.digest,
    )
    assert (1, apply(7), apply(67)) == (call.fencing, call.started_at, call.lease_until)
    assert entry.lease is not None
    assert apply(67) == entry.lease.until


def test_text_of_a_key_is_stored_with_its_first_call() -> None:
    """The start writes down the text, and a repeat of the call keeps it."""
    call = build_started().calls[0]
    renamed = attrs.evolve(call, key=attrs.evolve(call.key, sent_as="as it was sent"))
    entry = attrs.evolve(build_started(), calls=(renamed,))

    again = start(entry, CREATE, at=apply(1), lease=LEASE).after

    assert "5000/1/1/create" == call.key.sent_as
    assert ["as it was sent"] * 2 == [each.key.sent_as for each in again.calls]
    assert "as it was sent" == build_request(again, ERP, apply(30)).key(CREATE).text


def test_first_start_freezes_the_plan_and_takes_the_slot() -> None:
    """The plan and the number slot are fixed with the first call."""
    entry = build_started(slot="s")

    assert (PLAN, "s") == (entry.plan, entry.slot)


def test_next_start_keeps_plan_and_slot() -> None:
    """They are fixed once."""
    entry = start(
        record(build_started(slot="s"), 0, Done(build_receipt()), at=apply(0), erp=ERP).after,
        POST,
        at=apply(1),
        lease=LEASE,
    ).after

    assert (PLAN, "s") == (entry.plan, entry.slot)


def test_event_of_a_start_names_the_call() -> None:
    """The event has key, step and kind."""
    change = start(build_exporting(), CREATE, at=apply(1), lease=LEASE, plan=PLAN)

    assert {"key": "5000/1/1/create", "step": "create", "call": "write"} == dict(change.facts)


def test_nothing_new_is_started_in_doubt() -> None:
    """Only the call in doubt itself may be repeated."""
    with pytest.raises(ValueError, match="in doubt"):
        start(build_started(), POST, at=apply(1), lease=LEASE)


def test_removal_is_not_started_while_its_document_is_in_doubt() -> None:
    """A removal under a key in doubt is another call."""
    with pytest.raises(ValueError, match="in doubt"):
        start(build_started(), CREATE, at=apply(1), lease=LEASE, erp_id="B-1")


def test_call_in_doubt_may_be_repeated_under_its_key() -> None:
    """Both calls are on record, each with its own answer."""
    entry = start(build_started(), CREATE, at=apply(1), lease=LEASE).after

    assert [None, None] == [call.answer for call in entry.calls]


def test_removal_has_a_key_of_its_own() -> None:
    """It names the document that is to go."""
    leased = build_claimed(
        attrs.evolve(build_draft_left(), withdrawing=True, due_at=apply(0)), at=1
    )

    entry = start(leased, CREATE, at=apply(1), lease=LEASE, erp_id="B-1").after

    call = entry.calls[-1]
    assert ("withdraw create", CallKind.WITHDRAW, "B-1") == (call.key.step, call.kind, call.erp_id)


def test_receipt_of_a_step_goes_on() -> None:
    """The draft is there: the posting is next, in the same hands."""
    change = record(build_started(), 0, Done(build_receipt()), at=apply(1), erp=ERP)

    assert (Action.RECORD, ExportStatus.EXPORTING) == (change.action, change.after.status)
    assert ["create"] == [held.receipt.step for held in change.after.standing]
    assert {"key": "5000/1/1/create", "step": "create", "erp_id": "B-1", "state": ""} == dict(
        change.facts
    )


def test_receipt_of_the_last_step_posts() -> None:
    """With a receipt for every step the entry is synced and not leased."""
    entry = build_synced()

    assert (ExportStatus.SYNCED, None, None) == (entry.status, entry.lease, entry.due_at)


def test_definite_no_fails_with_what_is_left() -> None:
    """The draft stays there; a person decides."""
    entry = build_draft_left()

    assert (ExportStatus.FAILED, NO.denials) == (entry.status, entry.refusal)
    assert entry.is_left
    assert () == entry.in_doubt


def test_deferral_of_a_call_settles_it() -> None:
    """Nothing was sent: it may be tried again under the same key."""
    change = record(build_started(), 0, Deferred(apply(99), "Busy."), at=apply(1), erp=ERP)

    assert (ExportStatus.ACCEPTED, apply(99)) == (change.after.status, change.after.due_at)
    assert [Answer.DEFERRED] == [call.answer for call in change.after.calls]
    assert "Busy." == change.facts["why"]


def test_lost_answer_leaves_the_call_in_doubt() -> None:
    """An unknown outcome makes the entry unknown, ends the lease and plans a look-up."""
    change = record(build_started(), 0, Unknown("Timeout."), at=apply(1), erp=ERP)

    assert (ExportStatus.UNKNOWN, None) == (change.after.status, change.after.lease)
    assert 1 == len(change.after.in_doubt)
    assert "Timeout." == change.facts["why"]


def test_repeat_with_a_receipt_leaves_the_first_call_in_doubt() -> None:
    """Where keys are not enforced two documents may be there: unknown, not synced."""
    erp = build_declaration(replay=Replay.EVERYTHING)
    entry = build_unknown(erp=erp)
    entry = conclude(entry, entry, at=apply(90), erp=erp).after
    entry = start(
        claim(entry, at=apply(90), holder="w2", lease=LEASE).after,
        CREATE,
        at=apply(90),
        lease=LEASE,
    ).after

    change = record(entry, 1, Done(build_receipt()), at=apply(91), erp=erp)

    assert ExportStatus.UNKNOWN is change.after.status
    assert [0] == [entry.calls.index(call) for call in change.after.in_doubt]


def test_refused_repeat_leaves_the_first_call_in_doubt() -> None:
    """A no to the repeat is no answer to the first call."""
    entry = start(build_started(), CREATE, at=apply(1), lease=LEASE).after

    change = record(entry, 1, Refused(NO), at=apply(2), erp=ERP)

    assert ExportStatus.UNKNOWN is change.after.status
    assert [None, Answer.REFUSED] == [call.answer for call in change.after.calls]


def test_second_document_of_a_role_is_not_posted() -> None:
    """A plan that makes two bills ends as a failure that leaves both."""
    entry = build_created()
    plan = (*PLAN[:1], attrs.evolve(CREATE, name="again"))
    entry = start(attrs.evolve(entry, plan=plan), plan[1], at=apply(1), lease=LEASE).after

    again = attrs.evolve(build_receipt(erp_id="B-2"), step="again")
    change = record(entry, 1, Done(again), at=apply(2), erp=ERP)

    assert (ExportStatus.FAILED, ["export.second_document"]) == (
        change.after.status,
        [denial.code for denial in change.after.refusal],
    )


def test_answer_about_a_removed_document_is_no_receipt() -> None:
    """An ERP that repeats an old answer is not asked under that key for ever: a person is."""
    entry = build_created()
    (held,) = entry.holdings
    entry = attrs.evolve(entry, holdings=(attrs.evolve(held, gone=True),))
    entry = start(entry, CREATE, at=apply(1), lease=LEASE).after

    change = record(entry, 1, Done(build_receipt()), at=apply(2), erp=ERP)

    assert (ExportStatus.FAILED, [("erp.replayed", Source.ERP)], ()) == (
        change.after.status,
        [(denial.code, denial.source) for denial in change.after.refusal],
        change.after.in_doubt,
    )


CALL = {"key": "5000/1/1/create", "step": "create"}
MADE = {"erp_id": "B-1", "state": "draft"}


@pytest.mark.parametrize(
    ("outcome", "facts"),
    [
        (Done(attrs.evolve(build_receipt(), state="draft")), {**CALL, **MADE}),
        (Refused(NO), CALL),
        (Deferred(None, "Busy."), {**CALL, "why": "Busy."}),
        (Unknown("Timeout."), {**CALL, "why": "Timeout."}),
    ],
    ids=["done", "refused", "deferred", "unknown"],
)
def test_event_of_an_outcome_names_the_call_and_what_came_of_it(
    outcome: Outcome, facts: dict[str, str]
) -> None:
    """The same holds where an earlier call of the key is still in doubt."""
    twice = start(build_started(), CREATE, at=apply(1), lease=LEASE).after

    first = record(build_started(), 0, outcome, at=apply(2), erp=ERP)
    second = record(twice, 1, outcome, at=apply(2), erp=ERP)

    assert [facts, facts] == [dict(change.event.facts) for change in (first, second)]
    assert ExportStatus.UNKNOWN is second.after.status


def test_event_of_a_replayed_answer_names_the_document() -> None:
    """The history says which removed document the ERP answered with."""
    (held,) = build_created().holdings
    gone = attrs.evolve(build_created(), holdings=(attrs.evolve(held, gone=True),))
    entry = start(gone, CREATE, at=apply(1), lease=LEASE).after

    change = record(entry, 1, Done(build_receipt()), at=apply(2), erp=ERP)

    assert {**CALL, "erp_id": "B-1", "state": ""} == dict(change.event.facts)


@pytest.mark.parametrize(
    "outcome",
    [Done(build_receipt()), Refused(NO), Deferred(None, "Busy."), Unknown("Timeout.")],
    ids=["done", "refused", "deferred", "unknown"],
)
def test_doubt_after_an_outcome_is_looked_up_as_retry_policy_says(outcome: Outcome) -> None:
    """No absence ever counts there, therefore the first waiting time is waited."""
    hasty = RetryPolicy(look_ups=(timedelta(seconds=7),))
    entry = start(build_started(), CREATE, at=apply(1), lease=LEASE).after

    change = record(
        entry, 1, outcome, at=apply(2), erp=build_declaration(settles=None), retry_policy=hasty
    )

    assert (ExportStatus.UNKNOWN, apply(9)) == (change.after.status, change.after.due_at)


def test_deferral_of_a_call_is_given_up_as_retry_policy_says() -> None:
    """Where nothing may be put off, the first deferral is a refusal."""
    outcome, hasty = Deferred(None, "Busy."), RetryPolicy(deferrals=1)

    change = record(build_started(), 0, outcome, at=apply(1), erp=ERP, retry_policy=hasty)

    assert (ExportStatus.FAILED, ["export.gave_up"]) == (
        change.after.status,
        [denial.code for denial in change.after.refusal],
    )
    assert {**CALL, "why": "Busy."} == dict(change.event.facts)


def test_deferral_of_a_call_is_spread_by_chance() -> None:
    """Five seconds, or half of it."""
    busy = Deferred(None, "Busy.")
    dues = [
        record(build_started(), 0, busy, at=apply(1), erp=ERP, chance=chance).after.due_at
        for chance in (0.0, 0.5, 1.0)
    ]

    assert [apply(6), apply(4.75), apply(3.5)] == dues
    assert apply(6) == record(build_started(), 0, busy, at=apply(1), erp=ERP).after.due_at


def test_outcome_of_no_kind_is_a_programmers_error() -> None:
    """The union of outcomes is closed."""
    with pytest.raises(AssertionError):
        record(build_started(), 0, cast("Outcome", None), at=apply(1), erp=ERP)


def test_entry_waits_accepted_until_it_is_claimed() -> None:
    """No call is started for an entry that is not leased."""
    assert () == build_accepted().calls


def test_request_holds_the_address_of_an_attachment() -> None:
    """An ERP that takes links gets the one that was accepted."""
    file = Attachment(id="1", filename="waiver.pdf", url="https://files.example/1")
    document = attrs.evolve(DOCUMENT, attachments=(file,))
    entry = attrs.evolve(build_exporting(), document=document)

    request = build_request(entry, ERP, apply(30))

    assert ["https://files.example/1"] == [each.url for each in request.attachments]
