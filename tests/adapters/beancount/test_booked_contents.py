"""The contents of an invoice in the ledger are what was sent, or what a person made of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import beancount
from erp_invoice_core.testing import find_content_differences, sample_document, sample_request
from tests.adapters.beancount.test_attachments import attachment
from tests.adapters.beancount.test_ledger import NOW, Books, require_done

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FRAMES, BRACING = sample_document().lines


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """Return a ledger that does not exist yet."""
    path = tmp_path / "books.beancount"
    return Books(path, erp.Adapter(beancount), erp.Session(beancount.Ledger(path, lambda: NOW)))


def _request(*lines: erp.ExportLine, **fields: Any) -> erp.ExportRequest:  # noqa: ANN401 - its fields
    document = attrs.evolve(sample_document(), lines=lines or (FRAMES, BRACING))
    return attrs.evolve(sample_request(document), **fields)


def _export(books: Books, request: erp.ExportRequest) -> erp.Receipt:
    """Carry out every step, and return the receipt of the bill."""
    steps = books.adapter.steps(request)
    assert not isinstance(steps, erp.Deferred)
    receipts = [
        require_done(books.adapter.write(books.session, request, step, ())) for step in steps
    ]
    return receipts[0]


def _read(books: Books, receipt: erp.Receipt) -> erp.Contents:
    contents = books.adapter.read(books.session, receipt)
    assert isinstance(contents, erp.Contents)
    return contents


def _find_fields(books: Books, request: erp.ExportRequest, receipt: erp.Receipt) -> Sequence[str]:
    contents = _read(books, receipt)
    rows = find_content_differences(contents, request, beancount.DECLARATION)
    return [row.field for row in rows]


@pytest.mark.parametrize(
    "line",
    [
        FRAMES,
        attrs.evolve(FRAMES, description='Frames "A"; \\ of\nsteel: 日本'),
        attrs.evolve(FRAMES, description="- 05-120 1.00"),
        attrs.evolve(FRAMES, description=""),
        attrs.evolve(FRAMES, cost_code_origin_id="a.1 b"),
        attrs.evolve(FRAMES, quantity=Decimal("-2.125"), unit_price=Decimal(3)),
        attrs.evolve(FRAMES, gross=Decimal(-5), retained=Decimal(0)),
        attrs.evolve(FRAMES, released=Decimal("100.00")),
        attrs.evolve(FRAMES, retained=Decimal(0), released=Decimal("100.00")),
        attrs.evolve(FRAMES, cost_code_origin_id="05-130"),
        attrs.evolve(FRAMES, description="Frames\x07\u202e"),
        attrs.evolve(FRAMES, description="F" * 1001),
    ],
)
def test_an_invoice_reads_back_as_it_was_sent(books: Books, line: erp.ExportLine) -> None:
    """Its lines may have any text; one that the ledger cannot hold is not said."""
    request = _request(line, BRACING)
    receipt = _export(books, request)

    assert [] == _find_fields(books, request, receipt)
    contents = _read(books, receipt)
    assert erp.NOT_SAID not in {contents.gross, contents.retained, contents.released}
    assert contents.lines is not erp.NOT_SAID


def test_attachments_are_those_of_the_attempt(books: Books) -> None:
    """Files with their digests, and links by their names."""
    link = erp.RequestAttachment(
        id="8", filename="a plan.pdf", form=erp.AttachmentForm.LINK, url="https://files.example/8"
    )
    request = _request(attachments=(attachment(), link))
    receipt = _export(books, request)
    again = attrs.evolve(request, attempt=2)
    other = _export(books, again)

    assert [] == _find_fields(books, request, receipt)
    assert [] == _find_fields(books, again, other)
    assert (
        erp.ContentsAttachment(name="waiver.pdf", digest=attachment().digest),
        erp.ContentsAttachment(name="a plan.pdf", digest=None),
    ) == _read(books, receipt).attachments


def test_a_file_says_vendor_number_amount_and_date_alone(books: Books) -> None:
    """The look-up of its step compares these, and the currency."""
    request = _request(attachments=(attachment(),))
    _export(books, request)
    step = erp.Step("attach 9", "attach", None, "9")
    key = request.key(step).text

    sighting = books.adapter.find(books.session, request, step, [key])

    assert isinstance(sighting, erp.Found)
    contents = sighting.contents
    assert ("USD", Decimal("20025.45")) == (contents.currency, contents.amount)
    assert {erp.NOT_SAID} == {contents.gross, contents.lines, contents.attachments}


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ("05-130  1250.50 USD", "05-140  1250.50 USD", ["line_cost_code"]),
        ("05-120  21000.00 USD", "05-120  20999.00 USD", ["gross", "line_amount"]),
        ('"1250.50 - 05-130 Bracing"', '"1250.50"', []),
        ('"1250.50 - 05-130 Bracing"', '"1250.50 - 05-130 Brace"', ["line_description"]),
        ("V-ACME  -2225.05 USD", "V-ACME  -2225.00 USD", ["retainage"]),
        ("V-ACME  -2225.05 USD", "V-ACME  5.00 USD", ["retainage", "retainage_release"]),
        ('retained: "2225.05"', 'retained: "many"', []),
        ("-20025.45 USD", "-20025.00 USD", ["due"]),
    ],
)
def test_a_change_by_hand_is_noticed(books: Books, old: str, new: str, fields: list[str]) -> None:
    """The postings count, and the lines as long as they agree with them."""
    request = _request()
    receipt = _export(books, request)
    books.edit(old, new)

    assert fields == _find_fields(books, request, receipt)


def test_an_entry_of_a_former_version_says_what_its_postings_tell(books: Books) -> None:
    """Without the lines neither the split of the retainage nor a line is known."""
    request = _request()
    receipt = _export(books, request)
    text = books.text().splitlines(keepends=True)
    kept = [row for row in text if not row.startswith(("  line_", "  retained", "  released"))]
    books.path.write_text("".join(kept), "utf-8")
    contents = _read(books, receipt)

    assert [] == _find_fields(books, request, receipt)
    assert Decimal("22250.50") == contents.gross
    assert {erp.NOT_SAID} == {contents.retained, contents.released, contents.lines}


def test_a_transaction_whose_amounts_are_not_clear_says_none(books: Books) -> None:
    """A person wrote an amount as a sum, or in another currency."""
    receipt = _export(books, _request())
    books.edit("05-130  1250.50 USD", "05-130  (1250 + 0.50) USD")
    contents = _read(books, receipt)

    assert contents.amount is None
    assert {erp.NOT_SAID} == {
        contents.currency,
        contents.gross,
        contents.retained,
        contents.released,
        contents.lines,
    }


def test_a_description_that_no_file_can_hold_is_refused(books: Books) -> None:
    """A lone surrogate cannot be written."""
    request = _request(attrs.evolve(FRAMES, description="\ud800"))
    verdict = books.adapter.check(books.session, request)

    assert not isinstance(verdict, erp.Deferred)
    assert ["beancount.not_text"] == [denial.code for denial in verdict.denials]
