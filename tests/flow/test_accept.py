"""Accepting records what was agreed to; rejecting says why; retrying consents anew."""

from __future__ import annotations

import attrs
import pytest

from erp_invoice_core.canonical import compute_digest
from erp_invoice_core.declaration import AttachmentForm
from erp_invoice_core.documents import (
    POLICY,
    Answer,
    Attachment,
    Lease,
    MappedId,
    MappingKind,
    QueueEntry,
    compute_former_digest,
    restore_document,
)
from erp_invoice_core.flow import (
    accept,
    digest_losses,
    mark_gone,
    preview_acceptance,
    record_answer,
    reject,
    retry,
)
from erp_invoice_core.rules import Policy, list_sources
from erp_invoice_core.verdict import Source
from erp_invoice_core.vocabulary import Action, ExportStatus

from .samples import (
    DATED,
    DOCUMENT,
    ERP,
    PERSON,
    apply,
    build_accepted,
    build_case,
    build_draft_left,
    build_failed,
    build_ready,
    build_rejected,
    build_unknown,
)


def test_acceptance_records_document_declaration_and_fields() -> None:
    """The approver agrees to this content, at this ERP, with these fields."""
    entry = build_ready()
    fields = {"accounting_date": "2026-11-01"}
    case = build_case(entry, apply(5), erp=DATED, export_fields=fields)

    change = accept(entry, case, at=apply(5), actor=PERSON, fields=fields)

    acceptance = change.after.acceptance
    assert acceptance is not None
    assert (entry.digest, compute_digest(DATED)) == (acceptance.digest, acceptance.declaration)
    assert ("everything", fields, False) == (
        acceptance.by,
        dict(acceptance.fields),
        acceptance.direct,
    )
    assert {"field.accounting_date": "2026-11-01"} == dict(change.event.facts)
    assert (ExportStatus.ACCEPTED, apply(5)) == (change.after.status, change.after.due_at)


def test_missing_field_denies_the_acceptance() -> None:
    """The export fields that the ERP requires must be given."""
    entry = build_ready()

    change = accept(
        entry, build_case(entry, apply(5), erp=DATED), at=apply(5), actor=PERSON, fields={}
    )

    assert ["field.accounting_date.present"] == [one.code for one in change.verdict.denials]
    assert ExportStatus.READY is change.after.status


def test_the_accepted_document_is_the_sent_object() -> None:
    """Its digest and bytes are known, so that an acceptance does not depend on its length."""
    entry = build_ready()

    after_it = accept(
        entry, build_case(entry, apply(5)), at=apply(5), actor=PERSON, fields={}
    ).after

    assert after_it.document is entry.document


def _build_former(entry: QueueEntry) -> QueueEntry:
    """Return the entry as a store has it that version 0.3 wrote, with digests of format 1."""
    assert entry.document is not None
    digest = compute_former_digest(entry.document)
    acceptance = entry.acceptance and attrs.evolve(entry.acceptance, digest=digest)
    holdings = tuple(
        attrs.evolve(held, receipt=attrs.evolve(held.receipt, digest=digest))
        for held in entry.holdings
    )
    return attrs.evolve(
        entry,
        document=restore_document(entry.document, digest=digest, stored_json=b"{}"),
        digest=digest,
        acceptance=acceptance,
        holdings=holdings,
    )


def test_a_new_acceptance_has_digests_of_the_current_format() -> None:
    """An invoice that version 0.3 sent is accepted with its document built again."""
    entry = _build_former(build_ready())

    after_it = accept(
        entry, build_case(entry, apply(5)), at=apply(5), actor=PERSON, fields={}
    ).after

    assert after_it.acceptance is not None
    assert after_it.document is not None
    assert DOCUMENT.digest == after_it.digest == after_it.acceptance.digest
    assert DOCUMENT.stored_json == after_it.document.stored_json


def test_the_same_try_keeps_the_digest_that_was_accepted() -> None:
    """Receipts of version 0.3 name the document by its digest, and so does the repeated consent."""
    entry = _build_former(build_draft_left())

    after_it = retry(entry, build_case(entry, apply(9)), at=apply(9), actor=PERSON).after

    assert after_it.acceptance is not None
    assert compute_former_digest(DOCUMENT) == after_it.digest == after_it.acceptance.digest
    assert entry.living == after_it.standing


def test_attachments_are_those_of_the_acceptance() -> None:
    """An attachment that was added after the sending is accepted too; the digest stays."""
    entry = build_ready()
    file = Attachment(id="9", filename="waiver.pdf", digest="abc")
    case = build_case(entry, apply(5), document=attrs.evolve(DOCUMENT, attachments=(file,)))

    after_it = accept(entry, case, at=apply(5), actor=PERSON, fields={}).after

    assert after_it.acceptance is not None
    assert (("9", "abc"),) == after_it.acceptance.attachments
    assert entry.digest == after_it.acceptance.digest


def test_attachments_are_those_of_the_sending_if_nothing_newer_is_given() -> None:
    """Without a document of the host the attachments are those that were sent."""
    entry = build_ready(
        document=attrs.evolve(DOCUMENT, attachments=(Attachment(id="9", filename="a"),))
    )
    case = attrs.evolve(build_case(entry, apply(5)), document=None)

    after_it = accept(entry, case, at=apply(5), actor=PERSON, fields={}).after

    assert after_it.acceptance is not None
    assert (("9", None),) == after_it.acceptance.attachments


def test_policy_accepts_for_itself_where_direct_export_is_on() -> None:
    """The acceptance says that no person gave it."""
    entry = build_ready()
    case = build_case(entry, apply(0), actor=POLICY, policy=Policy(direct_export=True))

    after_it = accept(entry, case, at=apply(0), actor=POLICY, fields={}).after

    assert after_it.acceptance is not None
    assert (True, "system:policy") == (after_it.acceptance.direct, after_it.acceptance.by)


def test_acceptance_without_an_erp_is_refused() -> None:
    """Without an adapter it is not known what the approver agrees to."""
    entry = build_ready()
    case = build_case(entry, apply(0), erp=None)

    change = accept(entry, case, at=apply(0), actor=PERSON, fields={})

    assert ["feature.invoices.undeclared"] == [denial.code for denial in change.verdict.denials]


def test_rejection_carries_its_reason() -> None:
    """The sender reads what to change, and who said so."""
    entry = build_ready()

    change = reject(
        entry, build_case(entry, apply(1)), at=apply(1), actor=PERSON, reason="Wrong amount."
    )

    (denial,) = change.event.denials
    assert ("person.rejected", "Wrong amount.", Source.PERSON) == (
        denial.code,
        denial.message,
        denial.source,
    )
    assert {"by": "everything", "reason": "Wrong amount."} == dict(denial.facts)
    assert (denial,) == change.after.refusal
    assert (ExportStatus.REJECTED, None) == (change.after.status, change.after.acceptance)


@pytest.mark.parametrize(
    "status", [one for one in ExportStatus if one in list_sources(Action.REJECT)]
)
def test_remedies_of_a_rejection_begin_after_it(status: ExportStatus) -> None:
    """The invoice is corrected and sent again, and not rejected a second time."""
    entry = attrs.evolve(build_ready(), status=status)
    change = reject(
        entry, build_case(entry, apply(1)), at=apply(1), actor=PERSON, reason="Wrong amount."
    )

    (denial,) = change.after.refusal
    assert [["invoice.correct", "action.resend"]] == [
        [one.code for one in way] for way in denial.remedies
    ]


def test_rejection_without_a_reason_is_refused() -> None:
    """The policy asks for one."""
    entry = build_ready()
    case = build_case(entry, apply(1), reason=None)

    change = reject(entry, case, at=apply(1), actor=PERSON, reason=None)

    assert ["reason.required"] == [denial.code for denial in change.verdict.denials]


def test_rejection_without_a_reason_says_so_where_the_policy_allows_it() -> None:
    """The message names the person whom the sender can ask."""
    entry = build_ready()
    case = build_case(entry, apply(1), reason=None, policy=Policy(reason_required=False))

    change = reject(entry, case, at=apply(1), actor=PERSON, reason=" ")

    assert (
        "everything rejected this invoice without a reason. Ask for the reason, correct the invoice"
        " and re-send it."
    ) == change.after.refusal[0].message
    assert Source.PERSON is change.after.refusal[0].source


def test_accepted_entry_is_rejected_before_its_export() -> None:
    """Until a worker has it the approver may think again; no worker takes it then."""
    entry = build_accepted()

    change = reject(entry, build_case(entry, apply(1)), at=apply(1), actor=PERSON, reason="No.")

    assert (ExportStatus.REJECTED, None) == (change.after.status, change.after.due_at)


def test_retry_with_nothing_left_is_a_new_try_of_the_document_as_it_is() -> None:
    """The renewed consent is to what would be booked now."""
    entry = build_failed()
    newer = attrs.evolve(DOCUMENT, vendor_name="Acme Steel Inc.")

    after_it = retry(
        entry, build_case(entry, apply(9), document=newer), at=apply(9), actor=PERSON
    ).after

    assert after_it.acceptance is not None
    assert {newer.digest} == {after_it.digest, after_it.acceptance.digest}
    assert (ExportStatus.ACCEPTED, apply(9), ()) == (
        after_it.status,
        after_it.due_at,
        after_it.plan,
    )
    assert 1 == after_it.attempt


def test_retry_after_a_call_takes_new_keys() -> None:
    """A key under which something was called is not used again."""
    entry = mark_gone(build_draft_left(), None)

    after_it = retry(entry, build_case(entry, apply(9)), at=apply(9), actor=PERSON).after

    assert 2 == after_it.attempt
    assert entry.plan
    assert () == after_it.plan


def test_retry_keeps_the_accepted_fields() -> None:
    """Where no others are given, the export fields are those that were accepted."""
    entry = build_failed()
    assert entry.acceptance is not None
    fields = {"description": "Frames"}
    entry = attrs.evolve(entry, acceptance=attrs.evolve(entry.acceptance, fields=fields))

    change = retry(
        entry, build_case(entry, apply(9), export_fields=fields), at=apply(9), actor=PERSON
    )

    assert change.after.acceptance is not None
    assert fields == dict(change.after.acceptance.fields)
    assert {"field.description": "Frames"} == dict(change.event.facts)


def test_retry_has_the_notices_of_its_decision() -> None:
    """A field that the ERP does not declare is remarked again."""
    entry, fields = build_failed(), {"colour": "red"}
    case = build_case(entry, apply(9), export_fields=fields)

    change = retry(entry, case, at=apply(9), actor=PERSON, fields=fields)

    assert ["export.field_unknown"] == [notice.code for notice in change.verdict.notices]


def test_retry_with_other_fields_and_nothing_left_is_a_new_try() -> None:
    """A key under which something was called is not used for other fields."""
    entry = mark_gone(build_draft_left(), None)
    fields = {"description": "Frames"}
    case = build_case(entry, apply(9), export_fields=fields)

    after_it = retry(entry, case, at=apply(9), actor=PERSON, fields=fields).after

    assert after_it.acceptance is not None
    assert (2, fields, ()) == (after_it.attempt, dict(after_it.acceptance.fields), after_it.plan)


def test_retry_with_other_fields_and_a_document_left_is_refused() -> None:
    """The document that is left was written with the fields that were accepted."""
    entry = build_draft_left()
    fields = {"description": "Frames"}
    case = build_case(entry, apply(9), export_fields=fields)

    change = retry(entry, case, at=apply(9), actor=PERSON, fields=fields)

    (denial,) = change.verdict.denials
    assert ("export.fields_changed", "description") == (denial.code, denial.facts["fields"])
    assert [["field.keep"], ["action.withdraw"]] == [
        [remedy.code for remedy in together] for together in denial.remedies
    ]


def test_acceptance_of_a_changed_document_is_refused() -> None:
    """A document that has changed since it was sent is refused at the acceptance already."""
    entry = build_ready()
    newer = attrs.evolve(DOCUMENT, vendor_name="Acme Steel Inc.")

    change = accept(
        entry, build_case(entry, apply(5), document=newer), at=apply(5), actor=PERSON, fields={}
    )

    (denial,) = change.verdict.denials
    assert "export.changed_since_sent" == denial.code
    assert (
        "These fields of the invoice have changed since it was sent: vendor name (Acme Steel \u2192"
        " Acme Steel Inc.). Reject the invoice, and have it sent again." == denial.message
    )


def test_retry_with_the_accepted_document_left_is_the_same_try() -> None:
    """An export that has a document is finished with the same keys, plan and document."""
    entry = build_draft_left()
    newer = attrs.evolve(DOCUMENT, vendor_name="Acme Steel Inc.")

    after_it = retry(
        entry, build_case(entry, apply(9), document=newer), at=apply(9), actor=PERSON
    ).after

    assert (1, entry.plan, DOCUMENT) == (after_it.attempt, after_it.plan, after_it.document)
    assert 1 == len(after_it.standing)


def test_retry_with_something_else_left_is_refused() -> None:
    """A document that is not the accepted one must be withdrawn first."""
    entry = attrs.evolve(build_draft_left(), attempt=2)

    change = retry(entry, build_case(entry, apply(9)), at=apply(9), actor=PERSON)

    assert ["export.draft_left"] == [denial.code for denial in change.verdict.denials]


def test_retry_in_doubt_is_refused() -> None:
    """While a call is in doubt nothing new begins."""
    entry = attrs.evolve(build_unknown(), status=ExportStatus.FAILED)

    change = retry(entry, build_case(entry, apply(9)), at=apply(9), actor=PERSON)

    assert ["export.in_doubt"] == [denial.code for denial in change.verdict.denials]


def test_retry_of_what_was_not_accepted_is_refused() -> None:
    """An invoice that failed before anybody accepted it goes back to its sender."""
    entry = attrs.evolve(build_rejected(), status=ExportStatus.FAILED)

    change = retry(entry, build_case(entry, apply(9)), at=apply(9), actor=PERSON)

    assert ["export.not_accepted"] == [denial.code for denial in change.verdict.denials]


def test_retry_forgives_deferrals_and_lost_claims() -> None:
    """The counts begin anew with the renewed consent."""
    entry = attrs.evolve(build_failed(), deferrals=20, lost_claims=5, lookups=7)

    after_it = retry(entry, build_case(entry, apply(9)), at=apply(9), actor=PERSON).after

    assert (0, 0, 0) == (after_it.deferrals, after_it.lost_claims, after_it.lookups)


def test_retry_takes_what_was_sent_if_nothing_newer_is_given() -> None:
    """Without a document of the host the document is the one that was sent."""
    entry = record_answer(
        attrs.evolve(build_unknown(), status=ExportStatus.FAILED), 0, Answer.REFUSED
    )
    case = attrs.evolve(build_case(entry, apply(9)), document=None)

    assert DOCUMENT == retry(entry, case, at=apply(9), actor=PERSON).after.document


def test_consent_without_losses_has_the_digest_of_none() -> None:
    """An ERP that keeps everything loses nothing."""
    entry = build_accepted()

    assert entry.acceptance is not None
    assert compute_digest((2, ())) == entry.acceptance.losses
    assert compute_digest(ERP) == entry.acceptance.declaration


def test_acceptance_records_which_attachments_do_not_arrive() -> None:
    """An acceptance without the content of attachments accepts another loss than one with it."""
    files = (Attachment(id="9", filename="waiver.pdf", digest="ab" * 32),)
    document = attrs.evolve(DOCUMENT, attachments=files)
    erp = attrs.evolve(ERP, attachments=AttachmentForm.FILES)
    case = attrs.evolve(build_case(build_ready(), apply(5)), erp=erp)

    without = digest_losses(case, document)

    assert without == digest_losses(attrs.evolve(case, document=document), document)
    assert without != digest_losses(attrs.evolve(case, has_content=True), document)
    assert digest_losses(case, DOCUMENT) == digest_losses(
        attrs.evolve(case, has_content=True), document
    )


def test_acceptance_begins_the_look_ups_anew() -> None:
    """How often watched keys were looked up before counts for nothing in the export."""
    entry = attrs.evolve(build_ready(), lookups=3)

    change = accept(entry, build_case(entry, apply(5)), at=apply(5), actor=PERSON, fields={})

    assert 0 == change.after.lookups


def test_retry_begins_its_counts_anew() -> None:
    """Deferrals, lost claims, look-ups and refusals of before do not count in the new attempt."""
    entry = attrs.evolve(build_failed(), deferrals=4, lost_claims=3, lookups=2)

    change = retry(entry, build_case(entry, apply(5)), at=apply(5), actor=PERSON)

    again = change.after
    assert (0, 0, 0, ()) == (again.deferrals, again.lost_claims, again.lookups, again.refusal)
    assert (ExportStatus.ACCEPTED, apply(5), None) == (again.status, again.due_at, again.lease)


def test_rejection_ends_the_acceptance() -> None:
    """A new sending needs a new acceptance, and no worker claims the entry before."""
    entry = build_failed()

    change = reject(entry, build_case(entry, apply(5)), at=apply(5), actor=PERSON, reason=" No. ")

    assert (None, None, None) == (change.after.acceptance, change.after.due_at, change.after.lease)
    (reason,) = change.after.refusal
    assert {"by": "everything", "reason": "No."} == dict(reason.facts)
    assert (reason,) == change.event.denials


def test_retry_and_rejection_end_a_lease_that_ran_out() -> None:
    """The worker that held it stopped, and no other one has noticed it yet."""
    lease = Lease(holder="w", fencing=1, until=apply(4))
    stuck, sent = (
        attrs.evolve(build_failed(), lease=lease),
        attrs.evolve(build_ready(), lease=lease),
    )

    retried = retry(stuck, build_case(stuck, apply(5)), at=apply(5), actor=PERSON)
    sent_back = reject(sent, build_case(sent, apply(5)), at=apply(5), actor=PERSON, reason="No.")

    assert (ExportStatus.ACCEPTED, None) == (retried.after.status, retried.after.lease)
    assert (ExportStatus.REJECTED, None) == (sent_back.after.status, sent_back.after.lease)


GST = MappedId(kind=MappingKind.TAX_CODE, code="GST", erp_id="G5")
OTHER = attrs.evolve(GST, erp_id="G6")


def test_acceptance_records_the_mapped_ids() -> None:
    """The event has them too; without a mapping there is nothing to record."""
    entry = build_ready()
    change = accept(
        entry, build_case(entry, apply(5), mapped=(GST,)), at=apply(5), actor=PERSON, fields={}
    )
    bare = accept(entry, build_case(entry, apply(5)), at=apply(5), actor=PERSON, fields={})

    assert change.after.acceptance is not None
    assert bare.after.acceptance is not None
    assert ((GST,), ()) == (change.after.acceptance.mapped, bare.after.acceptance.mapped)
    assert {"mapped.tax_code.GST": "G5"} == dict(change.event.facts)


def test_a_new_try_takes_the_ids_of_the_mapping() -> None:
    """It is a new consent."""
    entry = build_failed()
    change = retry(entry, build_case(entry, apply(9), mapped=(OTHER,)), at=apply(9), actor=PERSON)
    assert change.after.acceptance is not None
    assert (OTHER,) == change.after.acceptance.mapped


def test_the_same_try_keeps_the_ids_that_were_accepted() -> None:
    """The document that is left was written with them."""
    entry = build_draft_left()
    assert entry.acceptance is not None
    entry = attrs.evolve(entry, acceptance=attrs.evolve(entry.acceptance, mapped=(GST,)))
    change = retry(entry, build_case(entry, apply(9), mapped=(OTHER,)), at=apply(9), actor=PERSON)
    assert change.after.acceptance is not None
    assert (GST,) == change.after.acceptance.mapped
    assert {"mapped.tax_code.GST": "G5"} == dict(change.event.facts)


@pytest.mark.parametrize(
    ("action", "entry"),
    [(Action.ACCEPT, build_ready()), (Action.RETRY, build_failed())],
    ids=["accept", "retry"],
)
def test_preview_is_the_entry_that_the_action_gives(action: Action, entry: QueueEntry) -> None:
    """The adapter's check is asked about the document, attempt and fields that are exported."""
    fields = {"accounting_date": "2026-11-01"}
    case = build_case(entry, apply(5), erp=DATED, export_fields=fields)
    preview = preview_acceptance(action, entry, case, at=apply(5), actor=PERSON, fields=fields)
    perform = accept if action is Action.ACCEPT else retry
    after = perform(entry, case, at=apply(5), actor=PERSON, fields=fields).after

    assert preview is not None
    assert (after.document, after.digest, after.acceptance, after.attempt) == (
        preview.document,
        preview.digest,
        preview.acceptance,
        preview.attempt,
    )
    assert entry.status is preview.status


@pytest.mark.parametrize("entry", [QueueEntry(id="5000"), build_draft_left()], ids=["new", "left"])
def test_preview_needs_an_export_from_its_start(entry: QueueEntry) -> None:
    """Without a sent document, or with documents in the ERP, there is nothing to ask about."""
    case = build_case(build_ready(), apply(5))

    assert (
        preview_acceptance(Action.RETRY, entry, case, at=apply(5), actor=PERSON, fields={}) is None
    )
