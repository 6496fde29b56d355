"""The values between the core and an ERP: a refusal has reasons, a request has keys."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from erp_invoice_core.declaration import AttachmentForm
from erp_invoice_core.documents import Key, Step
from erp_invoice_core.exchange import (
    AttachmentUnavailable,
    Deferred,
    Refused,
    RequestAttachment,
    Unknown,
)
from erp_invoice_core.flow import build_request
from erp_invoice_core.verdict import ALLOWED, Denial, Source, Verdict

from .flow.samples import ERP, apply, build_exporting


def test_refusal_needs_a_reason() -> None:
    """A refusal without a denial is an error."""
    with pytest.raises(ValueError, match="at least one denial"):
        Refused(ALLOWED)


def test_refusal_keeps_its_reasons() -> None:
    """They are in a verdict, as for every refusal."""
    verdict = Verdict((Denial("ledgerly.closed", "Open the period.", Source.ERP),))

    assert verdict is Refused(verdict).verdict


def test_request_gives_each_step_its_key() -> None:
    """Entry, generation, attempt, step."""
    request = attrs.evolve(
        build_request(build_exporting(), ERP, apply(30)), generation=2, attempt=3
    )

    assert "5000/2/3/post" == request.key(Step("post", "post")).text


def test_key_of_a_request_is_made_from_the_entry_alone() -> None:
    """If the request comes from an entry, the document's invoice id has no part in it."""
    request = build_request(build_exporting(), ERP, apply(30))
    other = attrs.evolve(request, document=attrs.evolve(request.document, invoice_id="5"))

    assert "5000/1/1/post" == other.key(Step("post", "post")).text
    assert "5/1/1/post" == attrs.evolve(other, entry_id=None).key(Step("post", "post")).text


def test_key_of_a_request_has_the_text_that_was_stored() -> None:
    """A repeated write has the exact text of the first one."""
    request = build_request(build_exporting(), ERP, apply(30))
    stored = Key("5000", 1, 1, "post", sent_as="as it was sent")

    assert "as it was sent" == attrs.evolve(request, keys=(stored,)).key(Step("post", "post")).text


def test_fields_of_a_request_are_frozen() -> None:
    """An adapter cannot change what was accepted."""
    fields = {"accounting_date": "2026-11-01"}
    request = attrs.evolve(build_request(build_exporting(), ERP, apply(30)), fields=fields)
    fields.clear()

    assert {"accounting_date": "2026-11-01"} == dict(request.fields)


def test_due_date_of_a_request_is_the_field_of_that_name() -> None:
    """A blank field is no date."""
    request = build_request(build_exporting(), ERP, apply(30))
    dated = attrs.evolve(request, fields={"due_date": "2026-11-30"})
    blank = attrs.evolve(request, fields={"due_date": " "})
    assert (None, date(2026, 11, 30), None) == (request.due_date, dated.due_date, blank.due_date)


def test_outcomes_of_different_kinds_are_never_equal() -> None:
    """``Deferred`` is never equal to ``Unknown``."""
    assert Deferred(None, "x") != Unknown("x")
    assert Unknown("x") == Unknown("x")


def test_attachments_of_a_request_are_separated_by_form() -> None:
    """Files are sent as files, links as links; the others are not sent."""
    made = {
        form: RequestAttachment(id=form.value, filename="a.pdf", form=form)
        for form in AttachmentForm
    }
    request = attrs.evolve(
        build_request(build_exporting(), ERP, apply(30)), attachments=tuple(made.values())
    )

    assert (made[AttachmentForm.FILES],) == request.files
    assert (made[AttachmentForm.LINK],) == request.links


def test_attachment_without_content_cannot_be_opened() -> None:
    """An adapter that opens it gets an exception that says so."""
    attachment = RequestAttachment(id="9", filename="a.pdf", form=AttachmentForm.LINK)
    with pytest.raises(AttachmentUnavailable, match="The content of attachment 9 is not supplied"):
        attachment.open()
