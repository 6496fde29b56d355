"""The plugin of Tryton without a server: its plan, and an installation without its client."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.adapters import (
    Adapter,
    Adapters,
    AttachmentForm,
    CannotTell,
    Deferred,
    Receipt,
    RequestAttachment,
    Role,
    Session,
    Step,
    build_connection,
)
from erp_invoice_core.adapters.tryton import TRYTON
from erp_invoice_core.testing import sample_request
from erp_invoice_core.testing.samples import sample_attachments, sample_document

if TYPE_CHECKING:
    import pytest

SETTINGS = {
    "base_url": "http://127.0.0.1:1",
    "database": "books",
    "key": "key-of-the-rest-interface",
    "expense_account": "5100",
    "retainage_account": "2100",
    "job_root": "JOBS",
    "cost_code_root": "COST",
}


def test_the_plan_has_a_step_for_each_file_and_link() -> None:
    """The bill is first and its posting last; an attachment that is not sent has no step."""
    left = RequestAttachment(id="10", filename="a.pdf", form=AttachmentForm.NONE)
    request = attrs.evolve(sample_request(), attachments=(*sample_attachments(), left))

    assert (
        Step("bill", "bill", Role.BILL),
        Step("attach 1", "attach", None, "1"),
        Step("attach 2", "attach", None, "2"),
        Step("link 3", "attach"),
        Step("post", "post"),
    ) == Adapter(TRYTON).steps(request)


def test_a_negative_invoice_is_a_credit() -> None:
    """The role follows from the amount due."""
    line = attrs.evolve(sample_document().lines[0], gross=Decimal(-100), retained=Decimal(0))
    request = sample_request(sample_document(lines=(line,)))
    steps = Adapter(TRYTON).steps(request)

    assert not isinstance(steps, Deferred)
    assert Role.CREDIT is steps[0].role


def test_an_erp_that_cannot_be_read_is_a_sentence() -> None:
    """Approvers and accountants read it, so that it names no hook and no exception."""
    adapters = Adapters(TRYTON)
    adapter = adapters["tryton"]
    session = adapter.connect(build_connection("tryton", SETTINGS, {}, adapters))
    assert isinstance(session, Session)
    receipt = Receipt(step="bill", erp_id="1", role=Role.BILL, number="A-1", state="draft")
    answers = (
        adapter.read(session, receipt),
        adapter.payments(session, receipt),
        adapter.periods(session),
    )

    for answer in answers:
        assert isinstance(answer, CannotTell)
        assert answer.why.startswith("Tryton cannot be reached (ConnectError). Check ")


def test_a_missing_client_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the adapter loads, and its connection says what to install."""
    for name in ("client", "session"):
        monkeypatch.delitem(sys.modules, f"erp_invoice_core.adapters.tryton.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "httpx2", None)
    adapters = Adapters(TRYTON)
    session = adapters["tryton"].connect(build_connection("tryton", SETTINGS, {}, adapters))

    assert () == adapters.problems
    assert isinstance(session, Deferred)
    assert session.needs_person
    assert "erp_invoice_core[http]" in session.why
