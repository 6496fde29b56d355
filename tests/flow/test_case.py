"""A case learns from its entry what stands between it and the ERP."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from erp_invoice_core.documents import Answer, Attachment, Holding, QueueEntry, restore_document
from erp_invoice_core.flow import add_entry_facts, add_holding, build_entry_case, record_answer
from erp_invoice_core.flow.case import list_changes
from erp_invoice_core.flow.knowledge import is_complete, is_left_accepted
from erp_invoice_core.rules import Policy, decide
from erp_invoice_core.vocabulary import Action, ExportStatus, Role

from .samples import (
    DOCUMENT,
    ERP,
    PERSON,
    apply,
    build_case,
    build_claimed,
    build_created,
    build_draft_left,
    build_ready,
    build_receipt,
    build_synced,
    build_unknown,
)


def test_entry_knows_enough_of_its_invoice_for_acts_on_it() -> None:
    """Project, number and document come from what was sent."""
    case = build_entry_case(build_ready())

    assert ("5000", "10", "ACME-77") == (case.invoice_id, case.project_id, case.invoice_number)
    assert build_ready().document == case.document


def test_entry_that_was_never_sent_knows_its_id_alone() -> None:
    """Nothing was sent, so nothing is known."""
    case = build_entry_case(QueueEntry(id="5000"))

    assert ("5000", None, None) == (case.invoice_id, case.project_id, case.document)


def test_results_of_another_entry_are_no_part_of_a_case() -> None:
    """Facts that disagree with the sent document matter, whatever was decided before."""
    entries = [QueueEntry(id="5000"), build_ready()]
    cases = [build_case(entry, apply(0), document=None) for entry in entries]

    codes = [[denial.code for denial in decide(Action.ACCEPT, case).denials] for case in cases]

    assert [False, True] == ["document.differs" in found for found in codes]


def test_other_facts_of_the_host_are_judged_anew() -> None:
    """The number was free at the first decision, and has been taken since."""
    entry, policy = QueueEntry(id="5000"), Policy()
    case = build_case(entry, apply(0), policy=policy)
    before = decide(Action.SEND, case)

    after = add_entry_facts(
        case, entry, at=apply(0), actor=PERSON, policy=policy, erp=ERP, number_is_unique=False
    )

    assert () == before.denials
    assert ["invoice.number_taken"] == [one.code for one in decide(Action.SEND, after).denials]


def test_lease_counts_until_it_runs_out() -> None:
    """An expired lease does not block, also if it is still stored."""
    entry = build_claimed(build_unknown(), at=90)

    assert build_case(entry, apply(149)).leased
    assert not build_case(entry, apply(150)).leased


def test_entry_is_due_once_its_moment_has_come() -> None:
    """An unknown entry is due at its look-up, unless it is leased."""
    entry = build_unknown()

    assert not build_case(entry, apply(89)).is_due
    assert build_case(entry, apply(90)).is_due
    assert not build_case(build_claimed(entry, at=90), apply(91)).is_due
    assert not build_case(build_ready(), apply(90)).is_due


def test_doubt_and_leftovers_are_facts() -> None:
    """A lost answer is doubt; a document of an entry that is not synced is left."""
    assert build_case(build_unknown(), apply(0)).in_doubt
    assert not build_case(build_unknown(), apply(0)).left
    assert build_case(build_draft_left(), apply(0)).left
    assert not build_case(build_synced(), apply(0)).left


def test_what_is_left_of_a_torn_try_is_not_gone_on_with() -> None:
    """The release was removed there: its key is used up, so the bill has to be withdrawn, too."""
    entry = attrs.evolve(build_draft_left(), plan=())
    removed = attrs.evolve(build_receipt(erp_id="R-1"), step="release", role=Role.RELEASE)
    torn = add_holding(entry, Holding(removed, entry.build_key("release"), gone=True))
    former = Holding(removed, attrs.evolve(entry.build_key("release"), attempt=9), gone=True)

    assert not is_left_accepted(torn)
    assert is_left_accepted(add_holding(entry, former))
    gone = tuple(attrs.evolve(held, gone=True) for held in torn.holdings)
    assert is_left_accepted(attrs.evolve(torn, holdings=gone))


def test_every_step_needs_its_receipt() -> None:
    """A draft that was never posted is no finished export."""
    assert not is_complete(build_created())
    assert is_complete(build_synced())
    assert not is_complete(build_ready())


def test_receipts_of_the_accepted_document_are_what_may_be_left() -> None:
    """A document of the accepted version may stay in the ERP."""
    assert is_left_accepted(build_draft_left())
    assert is_left_accepted(build_ready())


def test_what_has_no_role_tears_nothing() -> None:
    """A file beside the bill was removed there: the bill still stands for the acceptance."""
    entry = build_draft_left()
    file = attrs.evolve(build_receipt(erp_id="F-1"), step="file", role=None)

    assert is_left_accepted(add_holding(entry, Holding(file, entry.build_key("file"), gone=True)))


def test_document_of_another_content_is_not_what_was_accepted() -> None:
    """A document with another digest stands for nothing."""
    entry = build_draft_left()
    held = entry.holdings[0]
    other = attrs.evolve(held, receipt=attrs.evolve(held.receipt, digest="other"))

    assert not is_left_accepted(attrs.evolve(entry, holdings=(other,)))


def test_document_left_without_an_acceptance_is_not_what_was_accepted() -> None:
    """No acceptance covers the document in the ERP."""
    assert not is_left_accepted(attrs.evolve(build_draft_left(), acceptance=None))


def test_two_documents_of_one_role_are_one_too_many() -> None:
    """One role has one document."""
    entry = build_draft_left()
    second = attrs.evolve(build_receipt(erp_id="B-2"), digest=entry.digest)

    assert not is_left_accepted(add_holding(entry, Holding(second, entry.build_key("create"))))


def test_receipts_without_a_role_may_stand_side_by_side() -> None:
    """Two files beside the bill are no documents, of which each role has one."""
    entry = build_draft_left()
    for name in ("F-1", "F-2"):
        said = build_receipt(erp_id=name)
        file = attrs.evolve(said, step=name, role=None, digest=entry.digest)
        entry = add_holding(entry, Holding(file, entry.build_key(name)))

    assert is_left_accepted(entry)


def test_documents_of_two_roles_may_stand_side_by_side() -> None:
    """A bill and a release of one export are both wanted."""
    entry = build_draft_left()
    release = attrs.evolve(
        build_receipt(erp_id="R-1"), step="release", role=Role.RELEASE, digest=entry.digest
    )

    assert is_left_accepted(add_holding(entry, Holding(release, entry.build_key("release"))))


def test_absence_may_be_resolved_once_late_requests_are_dead() -> None:
    """Lease 60 s, settling 30 s: from second 90 on, and at once where nothing is in doubt."""
    entry = build_unknown()

    assert not build_case(entry, apply(89)).settled
    assert build_case(entry, apply(90)).settled
    assert build_case(record_answer(entry, 0, Answer.REFUSED), apply(0)).settled


def test_absence_may_be_resolved_at_any_time_where_no_bound_is_declared() -> None:
    """Without a declared settle moment, or an adapter, a person decides."""
    assert build_case(build_unknown(), apply(0), erp=None).settled
    assert ExportStatus.UNKNOWN is build_case(build_unknown(), apply(0)).export_status


LINE = DOCUMENT.lines[0]


def test_nothing_changes_in_the_same_document() -> None:
    """Another attachment, or other zeros after the point, is no change."""
    same = attrs.evolve(
        DOCUMENT,
        attachments=(Attachment(id="1", filename="a.pdf"),),
        lines=(attrs.evolve(LINE, gross=Decimal("20000.00")),),
    )

    assert () == list_changes(DOCUMENT, same)


def test_a_stored_document_is_compared_without_its_lines() -> None:
    """Equal documents have one digest, so that the lines of the sent one are not read."""
    equal = attrs.evolve(DOCUMENT, vendor_name=DOCUMENT.vendor_name)
    stored = restore_document(DOCUMENT, digest=DOCUMENT.digest, read_lines=pytest.fail)

    assert () == list_changes(stored, equal)


def test_a_document_of_version_0_3_is_compared_by_its_values() -> None:
    """Its digest has another format, which says nothing about the values."""
    stored = restore_document(DOCUMENT, digest="c175e997")

    assert () == list_changes(stored, DOCUMENT)
    assert list_changes(stored, attrs.evolve(DOCUMENT, vendor_name="Acme Inc."))


def test_what_is_not_there_has_not_changed() -> None:
    """Before the sending, and where the host supplies no document, nothing can be compared."""
    assert () == list_changes(None, DOCUMENT)
    assert () == list_changes(DOCUMENT, None)


def test_changed_fields_are_named_with_both_values() -> None:
    """Of fields that were blank it is said that there was none."""
    now = attrs.evolve(DOCUMENT, vendor_name="Acme Inc.", period_id="3")

    assert (
        "vendor name (Acme Steel → Acme Inc.)",
        "period id (- → 3)",
    ) == list_changes(DOCUMENT, now)


def test_changed_lines_are_named_by_their_totals() -> None:
    """The totals that differ, each in its currency."""
    now = attrs.evolve(DOCUMENT, lines=(attrs.evolve(LINE, gross=Decimal(21000)),))

    assert ("gross (20000.00 USD → 21000.00 USD)",) == list_changes(DOCUMENT, now)


def test_changed_lines_of_the_same_totals_are_named() -> None:
    """Another cost code changes no total."""
    now = attrs.evolve(DOCUMENT, lines=(attrs.evolve(LINE, cost_code="05-121"),))

    assert ("lines",) == list_changes(DOCUMENT, now)
