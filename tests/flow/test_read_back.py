"""The documents of a complete export are read back and compared, if the policy asks for it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import Answer, Holding, Key
from erp_invoice_core.flow import judge_read_back, list_read_back, record
from erp_invoice_core.vocabulary import Action, ExportStatus
from tests.worker.harness import NOON
from tests.worker.scripted_erp import build_contents, build_receipt

from .samples import ERP, apply, build_created, build_exporting, build_started
from .samples import POST as POSTING
from .test_content_differences import REQUEST, _declare, _hold

BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
RECEIPT, POSTED = build_receipt(), build_receipt(step="post", role=None)


def test_documents_are_read_after_the_last_step() -> None:
    """Only steps that make a document have one; before the last step there is nothing to read."""
    entry = attrs.evolve(build_exporting(), holdings=())
    plan = (BILL, POST)
    receipt = attrs.evolve(RECEIPT, digest=entry.digest)
    held = Holding(receipt, Key(entry.id, entry.generation, entry.attempt, "bill"))
    written = attrs.evolve(entry, holdings=(held,))

    assert () == list_read_back(entry, plan, [RECEIPT])
    assert () == list_read_back(written, plan)
    assert (receipt,) == list_read_back(written, plan, [POSTED])
    assert (RECEIPT,) == list_read_back(entry, plan, [RECEIPT, POSTED])


def _judge(*shown: Any) -> Any:  # noqa: ANN401 - what the ERP shows; a verdict or a delay
    return judge_read_back([(RECEIPT, one) for one in shown], REQUEST, _declare())


def test_a_document_as_sent_is_synced() -> None:
    """Nothing differs; without a document there is nothing to compare."""
    assert _judge(_hold())
    assert _judge()


def test_each_difference_is_a_reason() -> None:
    """The sentence has the field, what was expected and what is there."""
    verdict = _judge(_hold(gross=Decimal(1), currency=None, retained=Decimal(0)))

    assert [
        (
            'Document B-1 in Scripted has no "currency", where USD was expected. Correct the'
            " document in Scripted and retry the export. If the document can stay as it is, resolve"
            " this invoice with the id of the document."
        ),
        (
            'Document B-1 in Scripted has 1 as "gross", where 22250.50 was expected. Correct the'
            " document in Scripted and retry the export. If the document can stay as it is, resolve"
            " this invoice with the id of the document."
        ),
        (
            'Document B-1 in Scripted has 0 as "retainage", where 2225.05 was expected. Correct the'
            " document in Scripted and retry the export. If the document can stay as it is, resolve"
            " this invoice with the id of the document."
        ),
    ] == [denial.message for denial in verdict.denials]
    assert {erp.Source.ERP} == {denial.source for denial in verdict.denials}
    assert {
        "erp": "Scripted",
        "erp_ids": "B-1",
        "field": "gross",
        "label": "gross",
        "declared": "kept",
        "sent": "22250.50",
        "expected": "22250.50",
        "in_erp": "1",
    } == dict(verdict.denials[1].facts)


def test_something_where_nothing_was_expected() -> None:
    """The sentence says that nothing was expected."""
    file = erp.ContentsAttachment(name="a.pdf")
    (denial,) = _judge(_hold(attachments=(file,))).denials

    assert erp.Source.ERP is denial.source
    assert denial.message.startswith(
        'Document B-1 in Scripted has a.pdf |  as "attachments", where nothing was expected.'
    )


def test_a_document_that_is_gone_or_cannot_be_read() -> None:
    """Gone: a person looks. Not readable: it is read again later."""
    (gone,) = _judge(erp.Gone(NOON)).denials
    later = _judge(_hold(), erp.CannotTell("No answer."))

    assert ("erp.not_there", erp.Source.ERP) == (gone.code, gone.source)
    assert isinstance(later, erp.Deferred)
    assert "Document B-1 could not be read back: No answer." == later.why


def _record(read_back: Any) -> Any:  # noqa: ANN401 - a verdict or a delay; a change
    entry = build_started(build_created(), POSTING)
    return record(entry, 1, erp.Done(POSTED), at=apply(5), erp=ERP, read_back=read_back)


def test_the_export_is_not_synced_while_its_document_differs() -> None:
    """The receipt is kept in each case; the differences are the reasons of the failure."""
    denied = _judge(_hold(gross=Decimal(1)))
    failed, deferred = _record(denied), _record(erp.Deferred(None, "No answer."))

    assert (Action.REFUSE, ExportStatus.FAILED) == (failed.action, failed.after.status)
    assert denied.denials == failed.after.refusal
    assert (Action.DEFER, ExportStatus.ACCEPTED) == (deferred.action, deferred.after.status)
    assert "No answer." == deferred.facts["why"]
    for change in (failed, deferred):
        steps = [holding.receipt.step for holding in change.after.living]
        assert (["create", "post"], Answer.RECEIPT) == (steps, change.after.calls[1].answer)


def test_contents_of_version_1_are_compared_in_their_fields() -> None:
    """An adapter that says vendor, number, amount and date alone is compared in these."""
    request = attrs.evolve(REQUEST, number="ACME-5000")
    request = attrs.evolve(
        request, document=attrs.evolve(request.document, invoice_number="ACME-5000")
    )
    assert judge_read_back([(RECEIPT, build_contents())], request, _declare())
