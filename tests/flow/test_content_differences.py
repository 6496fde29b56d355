"""A document in the ERP is compared with what was sent, by the declared fidelity."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.flow.content_differences import (
    ContentDifference,
    build_sent_invoice,
    find_content_differences,
    find_differences_of,
)
from erp_invoice_core.testing import sample_document, sample_request
from erp_invoice_core.testing.fake_erp.ledger import build_content
from tests.worker.scripted_erp import build_declaration

FIDELITY = erp.Fidelity
BILL = erp.Step("bill", "bill", erp.Role.BILL)
REQUEST = sample_request()
DIGEST = "ab" * 32
FILE = erp.RequestAttachment(
    id="9", filename="waiver.pdf", form=erp.AttachmentForm.FILES, digest=DIGEST
)
LINK = erp.RequestAttachment(
    id="8", filename="plan.pdf", form=erp.AttachmentForm.LINK, url="https://files.example/8"
)
HALF_UP = erp.RoundingMode.HALF_UP


def _declare(**said: Any) -> erp.Declaration:  # noqa: ANN401 - its fields
    return build_declaration(**{"landing": erp.LandingState.POSTED, **said})


def _hold(request: erp.ExportRequest = REQUEST, **bent: Any) -> erp.Contents:  # noqa: ANN401 - its fields
    """Return what a perfect ERP holds of a request, with some fields bent."""
    contents = build_content(request, BILL).build_contents()
    files = tuple(
        erp.ContentsAttachment(name=each.filename, digest=each.digest) for each in request.files
    )
    whole = attrs.evolve(contents, state=erp.LandingState.POSTED, attachments=files)
    return attrs.evolve(whole, **bent)


def _find(
    contents: Any,  # noqa: ANN401 - contents, or several
    declaration: erp.Declaration | None = None,
    request: erp.ExportRequest = REQUEST,
) -> list[tuple[str, str, str]]:
    rows = find_content_differences(contents, request, declaration or _declare())
    return [(row.field, row.expected, row.in_erp) for row in rows]


def _line(place: int, **bent: Any) -> tuple[erp.ContentsLine, ...]:  # noqa: ANN401 - its fields
    lines = _hold().lines
    assert not isinstance(lines, erp.NotSaid)
    changed = list(lines)
    changed[place] = attrs.evolve(changed[place], **bent)
    return tuple(changed)


def test_what_a_perfect_erp_holds_does_not_differ() -> None:
    """Neither does what an ERP shows that says only the fields of version 1."""
    held = _hold()
    first = erp.Contents(vendor=held.vendor, number=held.number, amount=held.amount, date=held.date)

    assert [] == _find(held)
    assert [] == _find(first)


@pytest.mark.parametrize(
    ("bent", "expected"),
    [
        ({"vendor": "V-9"}, ("vendor_origin_id", "V-ACME", "V-9")),
        ({"vendor": None}, ("vendor_origin_id", "V-ACME", "")),
        ({"number": "ACME-78"}, ("invoice_number", "ACME-77", "ACME-78")),
        ({"amount": Decimal("1.00")}, ("due", "20025.45", "1.00")),
        ({"amount": None}, ("due", "20025.45", "")),
        ({"date": None}, ("billing_date", "2026-10-31", "")),
        ({"currency": "EUR"}, ("currency", "USD", "EUR")),
        ({"currency": None}, ("currency", "USD", "")),
        ({"gross": Decimal("22250.51")}, ("gross", "22250.50", "22250.51")),
        ({"gross": None}, ("gross", "22250.50", "")),
        ({"retained": Decimal(0)}, ("retainage", "2225.05", "0")),
        ({"retained": None}, ("retainage", "2225.05", "")),
        ({"released": Decimal(5)}, ("retainage_release", "0", "5")),
        ({"state": erp.LandingState.DRAFT}, ("state", "posted", "draft")),
        ({"state": None}, ("state", "posted", "")),
        ({"lines": _line(0, description="Frame")}, ("line_description", "Frames", "Frame")),
        ({"lines": _line(0, cost_code="05-130")}, ("line_cost_code", "05-120", "05-130")),
        ({"lines": _line(1, amount=Decimal(1250))}, ("line_amount", "1250.50", "1250")),
        (
            {"lines": _line(1, amount=Decimal(1), description="B")},
            (
                "lines",
                "05-130 | 1250.50 |  | Bracing",
                "05-130 | 1 |  | B",
            ),
        ),
        (
            {"attachments": (erp.ContentsAttachment(name="a.pdf", digest=DIGEST),)},
            ("attachments", "", f"a.pdf | {DIGEST}"),
        ),
    ],
)
def test_a_kept_field_that_is_another_one_differs(
    bent: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    """The row names the field, what was expected, and what the ERP has."""
    assert [expected] == _find(_hold(**bent))


def test_a_row_has_what_a_developer_needs() -> None:
    """The declared word, what was sent, and both names of the field."""
    declaration = _declare(
        fidelity={"gross": FIDELITY.ROUNDED},
        rounding={"gross": erp.Rounding(digits=0, mode=HALF_UP)},
    )

    (row,) = find_content_differences(_hold(), REQUEST, declaration)

    assert row == ContentDifference(
        field="gross",
        name="gross",
        declared="rounded",
        sent="22250.50",
        expected="22251",
        in_erp="22250.50",
    )


def test_a_row_about_a_field_of_the_lines_has_the_word_of_that_field() -> None:
    """The lines are kept as a whole, and their descriptions are dropped."""
    declaration = _declare(fidelity={"line_description": FIDELITY.DROPPED})

    (row,) = find_content_differences(_hold(), REQUEST, declaration)

    assert ("line_description", "lines", "dropped") == (row.field, row.name, row.declared)


@pytest.mark.parametrize(
    ("mode", "gross"),
    [("half_up", "22251"), ("half_even", "22250"), ("up", "22251"), ("down", "22250")],
)
def test_rounded_is_compared_with_the_rounded_amount(mode: str, gross: str) -> None:
    """Digits and direction are those of the declaration."""
    rounding = {"gross": erp.Rounding(digits=0, mode=erp.RoundingMode(mode))}
    declaration = _declare(fidelity={"gross": FIDELITY.ROUNDED}, rounding=rounding)

    assert [] == _find(_hold(gross=Decimal(gross)), declaration)
    assert ["gross"] == [row[0] for row in _find(_hold(gross=Decimal(22252)), declaration)]


def test_an_amount_due_that_the_erp_computes_is_that_of_what_it_keeps() -> None:
    """Retainage that is dropped is not deducted; a tolerance is the declaration's alone."""
    declaration = _declare(
        fidelity={"retainage": FIDELITY.DROPPED, "due": FIDELITY.DERIVED},
        retainage=erp.RetainageForm.NONE,
    )
    tolerant = attrs.evolve(declaration, tolerances={"due": Decimal("0.01")})
    held = _hold(retained=None, amount=Decimal("22250.50"))

    assert [] == _find(held, declaration)
    assert ["retainage"] == [row[0] for row in _find(_hold(amount=held.amount), declaration)]
    near = attrs.evolve(held, amount=Decimal("22250.51"))
    assert ["due"] == [row[0] for row in _find(near, declaration)]
    assert [] == _find(near, tolerant)
    assert ["due"] == [row[0] for row in _find(attrs.evolve(held, amount=None), tolerant)]


def test_stored_materials_that_the_erp_ignores_are_not_in_its_amounts() -> None:
    """They are left out of the lines and of the gross amount that the ERP computes itself."""
    declaration = _declare(
        fidelity={
            "stored_materials": FIDELITY.DROPPED,
            "gross": FIDELITY.DERIVED,
            "due": FIDELITY.DERIVED,
        }
    )
    held = _hold(
        gross=Decimal("21250.50"),
        amount=Decimal("19025.45"),
        lines=_line(0, amount=Decimal("20000.00")),
    )

    assert [] == _find(held, declaration)
    assert ["due", "gross", "line_amount"] == [row[0] for row in _find(_hold(), declaration)]


def test_a_derived_amount_is_there_and_within_its_tolerance() -> None:
    """Without a tolerance only its presence is compared."""
    declaration = _declare(fidelity={"retainage": FIDELITY.DERIVED})
    tolerant = attrs.evolve(declaration, tolerances={"retainage": Decimal(1)})

    assert [] == _find(_hold(retained=Decimal(7)), declaration)
    assert ["retainage"] == [row[0] for row in _find(_hold(retained=None), declaration)]
    assert [] == _find(_hold(retained=Decimal(2226)), tolerant)
    assert ["retainage"] == [row[0] for row in _find(_hold(retained=Decimal(2227)), tolerant)]


@pytest.mark.parametrize(
    ("word", "currency", "differs"),
    [
        (FIDELITY.DROPPED, None, False),
        (FIDELITY.DROPPED, "", False),
        (FIDELITY.DROPPED, "USD", True),
        (FIDELITY.DERIVED, "EUR", False),
        (FIDELITY.REFUSED, "USD", False),
    ],
)
def test_dropped_and_derived_texts(
    word: erp.Fidelity, currency: str | None, *, differs: bool
) -> None:
    """A dropped one is absent or empty; a derived one is not compared."""
    found = _find(_hold(currency=currency), _declare(fidelity={"currency": word}))
    assert differs is bool(found)


def test_identifying_fields_are_compared_whatever_is_declared() -> None:
    """A word that would leave them out counts as kept."""
    words = dict.fromkeys(
        ("vendor_origin_id", "invoice_number", "due", "billing_date"), FIDELITY.DROPPED
    )
    held = erp.Contents(vendor=None, number=None, amount=None, date=None)

    found = _find(held, _declare(fidelity=words))

    assert list(words) == [field for field, _, _ in found]


def test_number_is_compared_as_it_is_cut() -> None:
    """The length is that of the declaration, or that of a rule."""
    cut = _declare(fidelity={"invoice_number": FIDELITY.TRUNCATED}, lengths={"invoice_number": 5})

    assert [] == _find(_hold(number="ACME-"), cut)
    assert [("invoice_number", "ACME-", "ACME-77")] == _find(_hold(), cut)


def test_date_is_the_accounting_date_where_it_is_asked_for() -> None:
    """An ERP that does not ask for the accounting date may have the billing date."""
    request = sample_request(fields={"accounting_date": "2026-11-05"})
    extra = erp.ExportField(key="accounting_date", label="Date", is_date=True)
    asking = _declare(extra_fields=(extra,))
    given, billed = date(2026, 11, 5), date(2026, 10, 31)

    assert [] == _find(_hold(date=given), asking, request)
    assert [] == _find(_hold(date=billed), None, request)
    assert [("billing_date", "2026-11-05", "2026-10-31")] == (
        _find(_hold(date=billed), asking, request)
    )
    undated = sample_request(attrs.evolve(sample_document(), billing_date=None))
    assert [] == _find(_hold(undated), None, undated)


def test_a_row_about_the_date_has_the_accounting_date_as_sent() -> None:
    """Of the two days that the document may have it is the one that the approver gave."""
    request = sample_request(fields={"accounting_date": "2026-11-05"})

    (row,) = find_content_differences(_hold(date=date(2026, 11, 6)), request, _declare())

    assert ("2026-11-05", "2026-11-05", "2026-11-06") == (row.sent, row.expected, row.in_erp)


# ── lines ───────────────────────────────────────────────────────────────────────────────────────

FRAMES, BRACING = REQUEST.document.lines


def _request_lines(*lines: erp.ExportLine) -> erp.ExportRequest:
    return sample_request(attrs.evolve(sample_document(), lines=lines))


def test_lines_are_compared_in_any_order() -> None:
    """The ERP may sort them, and may show a cost code by its full code."""
    lines = _hold().lines
    assert not isinstance(lines, erp.NotSaid)
    coded = _request_lines(attrs.evolve(FRAMES, cost_code_origin_id="4711"), BRACING)

    assert [] == _find(_hold(lines=lines[::-1]))
    assert [] == _find(_hold(lines=lines), None, coded)


def test_a_line_that_is_there_twice_or_not_at_all_differs() -> None:
    """The number of lines counts, also of equal ones."""
    lines = _hold().lines
    assert not isinstance(lines, erp.NotSaid)

    assert ["lines"] == [row[0] for row in _find(_hold(lines=lines + lines[:1]))]
    assert ["lines"] == [row[0] for row in _find(_hold(lines=lines[:1]))]
    assert ["lines"] == [row[0] for row in _find(_hold(lines=()))]


def test_a_field_that_not_every_line_says_is_not_compared() -> None:
    """An ERP without descriptions says none."""
    unsaid = tuple(
        attrs.evolve(each, description=erp.NOT_SAID, quantity=Decimal(1)) for each in _line(0)
    )
    assert [] == _find(_hold(lines=unsaid))


def test_quantity_is_compared_where_one_was_sent() -> None:
    """A line by amount may have any quantity in the ERP."""
    unit = attrs.evolve(BRACING, quantity=Decimal(5), unit_price=Decimal("250.10"))
    request = _request_lines(FRAMES, unit)
    held = _hold(request)
    assert not isinstance(held.lines, erp.NotSaid)
    first, second = held.lines

    one = attrs.evolve(first, quantity=Decimal(1))
    assert [] == _find(attrs.evolve(held, lines=(second, one)), None, request)
    six = attrs.evolve(second, quantity=Decimal(6))
    assert [("line_quantity", "5", "6")] == (
        _find(attrs.evolve(held, lines=(first, six)), None, request)
    )


def test_descriptions_that_are_cut_or_dropped() -> None:
    """Of a cut one the beginning is there; of a dropped one nothing is."""
    cut = _declare(
        fidelity={"line_description": FIDELITY.TRUNCATED}, lengths={"line_description": 3}
    )
    dropped = _declare(fidelity={"line_description": FIDELITY.DROPPED})
    short = tuple(
        attrs.evolve(each, description=text)
        for each, text in zip(_line(0), ("Fra", "Bra"), strict=True)
    )
    none = tuple(attrs.evolve(each, description=None) for each in short)

    assert [] == _find(_hold(lines=short), cut)
    assert ["line_description"] == [row[0] for row in _find(_hold(), cut)]
    assert [] == _find(_hold(lines=none), dropped)
    assert [("line_description", "", "Frames; Bracing")] == _find(_hold(), dropped)


def test_derived_fields_of_lines() -> None:
    """They are there; an amount is within its tolerance, if there is one."""
    words = {"line_description": FIDELITY.DERIVED, "line_amount": FIDELITY.DERIVED}
    derived = _declare(fidelity=words)
    tolerant = attrs.evolve(derived, tolerances={"line_amount": Decimal(1)})
    own = tuple(attrs.evolve(each, description="Own", amount=Decimal(9)) for each in _line(0))
    near = _line(0, amount=Decimal("21000.50"))

    assert [] == _find(_hold(lines=own), derived)
    assert ["line_description"] == [
        row[0] for row in _find(_hold(lines=_line(1, description="")), derived)
    ]
    assert [] == _find(_hold(lines=near), tolerant)
    assert ["line_amount"] == [row[0] for row in _find(_hold(lines=own), tolerant)]


def test_lines_that_are_grouped_are_compared_by_cost_code() -> None:
    """The ERP posts one amount for each cost code; zero is no amount."""
    again = attrs.evolve(BRACING, item_id="3", line_item_id="9002", gross=Decimal("10.00"))
    request = _request_lines(FRAMES, BRACING, again)
    grouping = _declare(fidelity={"lines": FIDELITY.DERIVED})

    def lines(first: str, second: str, code: str = "05-130") -> tuple[erp.ContentsLine, ...]:
        return (
            erp.ContentsLine(cost_code="05-120", amount=Decimal(first)),
            erp.ContentsLine(cost_code=code, amount=Decimal(second)),
        )

    held = _hold(request, lines=lines("21000.00", "1260.50"))
    assert [] == _find(held, grouping, request)
    assert ["lines"] == [row[0] for row in _find(held, None, request)]
    other = attrs.evolve(held, lines=lines("21000.00", "1260.50", "05-140"))
    assert [("line_cost_code", "05-130 | 1260.50; 05-140 | 0", "05-130 | 0; 05-140 | 1260.50")] == (
        _find(other, grouping, request)
    )
    less = attrs.evolve(held, lines=lines("21000.00", "1250.50"))
    assert [("line_amount", "05-130 | 1260.50", "05-130 | 1250.50")] == (
        _find(less, grouping, request)
    )
    unsaid = attrs.evolve(held, lines=(erp.ContentsLine(cost_code="05-120"),))
    assert [] == _find(unsaid, grouping, request)


def test_groups_whose_amounts_the_erp_computes() -> None:
    """Without a tolerance they are not compared; with one it holds for each line that was sent."""
    words = {"lines": FIDELITY.DERIVED, "line_amount": FIDELITY.DERIVED}
    derived = _declare(fidelity=words)
    tolerant = attrs.evolve(derived, tolerances={"line_amount": Decimal("0.01")})
    one = (erp.ContentsLine(amount=Decimal("22250.52")),)
    other = (erp.ContentsLine(amount=Decimal("22250.53")),)

    assert [] == _find(_hold(lines=other), derived)
    assert [] == _find(_hold(lines=one), tolerant)
    assert [("line_amount", "22250.50", "22250.53")] == _find(_hold(lines=other), tolerant)


def test_lines_that_are_dropped_are_one_at_most() -> None:
    """The one that is there has the whole amount."""
    dropping = _declare(fidelity={"lines": FIDELITY.DROPPED})
    one = (erp.ContentsLine(amount=Decimal("22250.50")),)

    assert [] == _find(_hold(lines=()), dropping)
    assert [] == _find(_hold(lines=one), dropping)
    assert ["lines"] == [row[0] for row in _find(_hold(), dropping)]
    less = (erp.ContentsLine(amount=Decimal(1)),)
    assert ["line_amount"] == [row[0] for row in _find(_hold(lines=less), dropping)]


def test_retainage_as_a_line() -> None:
    """Further lines are the retainage: their sum is what is released less what is held."""
    by_line = _declare(retainage=erp.RetainageForm.LINE)
    grouped = attrs.evolve(by_line, fidelity={"lines": FIDELITY.DERIVED})
    held = erp.ContentsLine(
        cost_code="RET", amount=Decimal("-2225.05"), quantity=None, description="Retainage"
    )
    lines = (*_line(0), held)
    wrong = (*_line(0), attrs.evolve(held, amount=Decimal(1)))

    assert [] == _find(_hold(lines=lines), by_line)
    assert [] == _find(_hold(lines=lines), grouped)
    assert ["lines"] == [row[0] for row in _find(_hold(lines=lines))]
    assert ["lines"] == [row[0] for row in _find(_hold(lines=wrong), by_line)]
    assert ["line_amount"] == [row[0] for row in _find(_hold(lines=wrong), grouped)]


def test_lines_of_retainage_have_no_part_in_a_tolerance() -> None:
    """The ERP computes the amounts of the lines that were sent, and no other ones."""
    by_line = _declare(
        retainage=erp.RetainageForm.LINE,
        fidelity={"line_amount": FIDELITY.DERIVED},
        tolerances={"line_amount": Decimal(1)},
    )
    held = erp.ContentsLine(
        cost_code="RET", amount=Decimal("-2225.05"), quantity=None, description="Retainage"
    )

    assert [] == _find(_hold(lines=(*_line(0, amount=Decimal(21001)), held)), by_line)
    assert ["line_amount"] == [
        row[0] for row in _find(_hold(lines=(*_line(0, amount=Decimal(21002)), held)), by_line)
    ]


def test_a_line_of_retainage_without_an_amount_is_none_of_it() -> None:
    """Something is there besides the lines as sent, and it is not the retainage."""
    by_line = _declare(retainage=erp.RetainageForm.LINE)
    held = erp.ContentsLine(cost_code="RET", amount=None, quantity=None, description="Retainage")

    assert ["lines"] == [row[0] for row in _find(_hold(lines=(*_line(0), held)), by_line)]


def test_a_quantity_that_the_erp_computes_is_compared_where_one_was_sent() -> None:
    """A line by amount may have any quantity beside one within the tolerance."""
    unit = attrs.evolve(BRACING, quantity=Decimal(5), unit_price=Decimal("250.10"))
    request = _request_lines(FRAMES, unit)
    derived = _declare(
        fidelity={"line_quantity": FIDELITY.DERIVED}, tolerances={"line_quantity": Decimal(1)}
    )
    held = _hold(request)
    assert not isinstance(held.lines, erp.NotSaid)
    first, second = held.lines

    def find(quantity: int) -> list[tuple[str, str, str]]:
        there = attrs.evolve(second, quantity=Decimal(quantity))
        lines = (attrs.evolve(first, quantity=Decimal(1)), there)
        return _find(attrs.evolve(held, lines=lines), derived, request)

    assert [] == find(6)
    assert ["line_quantity"] == [row[0] for row in find(7)]


def test_spaces_around_a_text_do_not_count() -> None:
    """The ERP may fill a field up with spaces, and may show an empty text as none."""
    bare = _request_lines(attrs.evolve(FRAMES, description=""), BRACING)

    assert [] == _find(_hold(lines=_line(0, description=" Frames  ")))
    assert [] == _find(_hold(bare, lines=_line(0, description=None)), None, bare)


def test_many_rows_are_quoted_in_part() -> None:
    """A row quotes five lines, and a long value up to 200 characters."""
    lines = tuple(erp.ContentsLine(amount=Decimal(place)) for place in range(9))
    (row,) = _find(_hold(lines=lines))
    assert ("lines", "0; 1; 2; 3; 4; …") == (row[0], row[2])


# ── several documents ───────────────────────────────────────────────────────────────────────────


def test_several_documents_hold_the_invoice_together() -> None:
    """Amounts and lines are added; the number of a later document may have a suffix."""
    lines = _hold().lines
    assert not isinstance(lines, erp.NotSaid)
    first = _hold(
        amount=Decimal("20000.00"),
        gross=Decimal("21000.00"),
        retained=Decimal("2225.05"),
        lines=lines[:1],
    )
    second = _hold(
        number="ACME-77R",
        amount=Decimal("25.45"),
        gross=Decimal("1250.50"),
        retained=None,
        lines=lines[1:],
    )

    assert [] == _find([first, second])
    assert [("invoice_number", "ACME-77", "ACME-77R"), ("due", "20025.45", "25.45")] == (
        _find([second])[:2]
    )
    # A field that one of them does not say is not compared.
    assert [] == _find([first, attrs.evolve(second, gross=erp.NOT_SAID, lines=erp.NOT_SAID)])


def test_a_part_is_not_compared_in_amounts() -> None:
    """Neither is the state or an attachment, before every step is done."""
    sent = build_sent_invoice(
        REQUEST.document, {}, _declare(), number=REQUEST.number, attachments=(FILE,)
    )
    part = _hold(amount=Decimal(1), gross=Decimal(1), lines=(), state=erp.LandingState.DRAFT)

    def names(**how: bool) -> list[str]:
        return [row.field for row in find_differences_of([part], sent, _declare(), **how)]

    assert [] == names(is_part=True, is_complete=False)
    assert ["attachments", "state"] == names(is_part=True)
    assert ["due", "gross", "lines"] == names(is_complete=False)


# ── attachments ─────────────────────────────────────────────────────────────────────────────────

FILED = attrs.evolve(REQUEST, attachments=(FILE, LINK))


def _file(name: Any = "waiver.pdf", digest: Any = DIGEST) -> erp.ContentsAttachment:  # noqa: ANN401 - or not said
    return erp.ContentsAttachment(name=name, digest=digest)


@pytest.mark.parametrize(
    ("attachments", "said", "differs"),
    [
        ((_file(),), {}, False),
        ((_file(digest=DIGEST.upper()),), {}, False),
        ((_file(), _file("plan.pdf", None)), {}, False),
        ((_file(digest=erp.NOT_SAID),), {}, False),
        ((_file(name=erp.NOT_SAID),), {}, False),
        ((_file(name=erp.NOT_SAID), _file(name=erp.NOT_SAID, digest=None)), {}, False),
        ((), {}, True),
        ((_file("other.pdf"),), {}, True),
        ((_file(digest="cd" * 32),), {}, True),
        ((_file(), _file()), {}, True),
        ((_file(), _file("own.pdf", None)), {}, True),
        ((_file(), _file("own.pdf", None)), {"attachments": FIDELITY.DERIVED}, False),
        ((_file("W"),), {"attachment_name": FIDELITY.DERIVED}, False),
        ((_file("waiver"),), {"attachment_name": FIDELITY.TRUNCATED}, False),
        ((), {"attachments": FIDELITY.DROPPED}, False),
        ((_file(),), {"attachments": FIDELITY.DROPPED}, True),
    ],
)
def test_attachments(
    attachments: tuple[erp.ContentsAttachment, ...],
    said: dict[str, erp.Fidelity],
    *,
    differs: bool,
) -> None:
    """Each file is there once, a link may be there, and others only where the ERP makes them."""
    declaration = _declare(fidelity=said, lengths={"attachment_name": 6})
    found = _find(_hold(attachments=attachments), declaration, FILED)

    assert (["attachments"] if differs else []) == [row[0] for row in found]


def test_a_file_of_unknown_content_is_compared_by_its_name() -> None:
    """No digest was accepted."""
    unknown = attrs.evolve(REQUEST, attachments=(attrs.evolve(FILE, digest=None),))
    assert [] == _find(_hold(attachments=(_file(),)), None, unknown)


@pytest.mark.parametrize(
    ("lines", "in_erp", "sent"),
    [
        ((), "", "05-120 | 21000.00 |  | Frames; 05-130 | 1250.50 |  | Bracing"),
        ((erp.ContentsLine(),) * 3, "1 of which nothing is shown", ""),
    ],
    ids=["no line", "empty lines"],
)
def test_lines_that_show_nothing_are_quoted(
    lines: tuple[erp.ContentsLine, ...], in_erp: str, sent: str
) -> None:
    """The difference never reads as none instead of none."""
    assert [("lines", sent, in_erp)] == _find(_hold(lines=lines))


def _tax(request: erp.ExportRequest = REQUEST) -> erp.ExportRequest:
    """Return a request whose first line has a tax code, of which the ERP knows another text."""
    document = request.document
    first, *others = document.lines
    taxed = attrs.evolve(first, tax_code="GST", tax_code_origin_id="G5", tax=Decimal("1050.00"))
    return attrs.evolve(request, document=attrs.evolve(document, lines=(taxed, *others)))


def _hold_tax(total: str | None, code: str | None, tax: str | None) -> erp.Contents:
    """Return what an ERP holds of the taxed request, with another tax."""
    held = _hold(_tax())
    assert not isinstance(held.lines, erp.NotSaid)
    first, *others = held.lines
    line = attrs.evolve(first, tax_code=code, tax=None if tax is None else Decimal(tax))
    amount = None if total is None else Decimal(total)
    return attrs.evolve(held, lines=(line, *others), tax=amount)


@pytest.mark.parametrize(
    ("total", "code", "tax", "expected"),
    [
        ("1050.00", "G5", "1050.00", []),
        ("1050.00", "GST", "1050.00", []),
        ("1049.99", "G5", "1050.00", [("tax", "1050.00", "1049.99")]),
        (None, "G5", "1050.00", [("tax", "1050.00", "")]),
        ("1050.00", None, "1050.00", [("line_tax_code", "G5", "")]),
        ("1050.00", "G5", None, [("line_tax", "1050.00", "0")]),
    ],
)
def test_tax_is_compared_with_its_code(
    total: str | None, code: str | None, tax: str | None, expected: list[tuple[str, str, str]]
) -> None:
    """In total and by line; the ERP may show the code of the source."""
    kept = _declare(tax=erp.TaxForm.KEPT)
    assert expected == _find(_hold_tax(total, code, tax), kept, _tax())


@pytest.mark.parametrize(
    ("total", "more", "expected"),
    [
        ("1049.98", {}, []),
        ("1049.98", {"tolerances": {"tax": Decimal("0.02")}}, []),
        (
            "1049.97",
            {"tolerances": {"tax": Decimal("0.02")}},
            [("tax", "1050.00", "1049.97")],
        ),
        (None, {}, [("tax", "1050.00", "")]),
    ],
)
def test_computed_tax_is_compared_within_its_tolerance(
    total: str | None, more: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    """Without a tolerance any tax will do, and none will not."""
    derived = _declare(tax=erp.TaxForm.DERIVED, **more)
    assert expected == _find(_hold_tax(total, "G5", "1049.98"), derived, _tax())


def test_computed_tax_of_an_untaxed_invoice_may_be_empty() -> None:
    """There is nothing to compute."""
    assert [] == _find(_hold(tax=None), _declare(tax=erp.TaxForm.DERIVED))


def _build_taxes(*rows: tuple[str | None, str]) -> tuple[erp.ContentsTax, ...]:
    return tuple(erp.ContentsTax(code=code, amount=Decimal(amount)) for code, amount in rows)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("G5", "1050.00")], []),
        ([("GST", "1000.00"), ("G5", "50.00"), ("PST", "0")], []),
        (
            [("G5", "1049.00"), ("P7", "1.00")],
            [("tax", "G5 | 1050.00; P7 | 0", "G5 | 1049.00; P7 | 1.00")],
        ),
        ([(None, "1050.00")], [("tax", " | 0; G5 | 1050.00", " | 1050.00; G5 | 0")]),
        ([], [("tax", "G5 | 1050.00", "G5 | 0")]),
    ],
)
def test_tax_is_compared_by_code(
    rows: list[tuple[str | None, str]], expected: list[tuple[str, str, str]]
) -> None:
    """A tax that is booked under another code is another tax, though the total is right."""
    held = attrs.evolve(_hold_tax("1050.00", "G5", "1050.00"), taxes=_build_taxes(*rows))

    assert expected == _find(held, _declare(tax=erp.TaxForm.KEPT), _tax())
    assert [] == _find(held, _declare(tax=erp.TaxForm.DERIVED), _tax())


def test_taxes_of_a_part_are_not_compared() -> None:
    """One of several documents has the tax of its own lines alone."""
    keeping = _declare(tax=erp.TaxForm.KEPT)
    sent = build_sent_invoice(_tax().document, {}, keeping, number=REQUEST.number)
    part = attrs.evolve(_hold_tax("50.00", "G5", "50.00"), taxes=_build_taxes(("G5", "50.00")))

    def names(*, is_part: bool) -> list[str]:
        found = find_differences_of([part], sent, keeping, is_part=is_part, is_complete=False)
        return [row.name for row in found]

    assert "taxes" in names(is_part=False)
    assert "taxes" not in names(is_part=True)


def test_a_due_date_that_is_kept_is_compared() -> None:
    """It is compared if the ERP asks for it, keeps it and says it, and one was given."""
    field = erp.ExportField(key="due_date", label="Due date", is_date=True)
    asking = _declare(extra_fields=(field,))
    changing = _declare(extra_fields=(field,), fidelity={"due_date": erp.Fidelity.DERIVED})
    given = attrs.evolve(sample_request(), fields={"due_date": "2026-12-15"})
    right = attrs.evolve(_hold(), due_date=date(2026, 12, 15))
    other, empty = (attrs.evolve(right, due_date=day) for day in (date(2026, 12, 1), None))

    assert [] == _find(right, asking, given)
    assert [("due_date", "2026-12-15", "2026-12-01")] == _find(other, asking, given)
    assert [("due_date", "2026-12-15", "")] == _find(empty, asking, given)
    assert [] == _find(_hold(), asking, given)
    assert [] == _find(other, asking)
    assert [] == _find(other, changing, given)
    assert [] == _find(other, _declare(), given)
