"""Laws of the comparison: a perfect ERP never differs, and a changed field is always noticed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core import adapters as erp
from erp_invoice_core.declaration.fidelity import (
    LINE_FIELDS,
    UNITS,
    Unit,
    keep_amounts,
    keep_number,
    keep_text,
)
from erp_invoice_core.testing import find_content_differences, sample_document, sample_request

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

_CENTS = st.integers(-10_000, 10_000).map(lambda cents: Decimal(cents).scaleb(-2))
_TEXTS = st.text("abc -\u00e9", max_size=8)
_LINES = st.builds(
    erp.ExportLine,
    item_id=st.just("1"),
    item_type=st.just(erp.ItemType.CONTRACT_ITEM),
    line_item_id=st.just("1"),
    gross=_CENTS,
    retained=_CENTS,
    released=_CENTS,
    stored=_CENTS,
    quantity=st.none() | st.integers(-9, 9).map(Decimal),
    description=_TEXTS,
    cost_code_origin_id=st.sampled_from(["05-120", "05-130", "06-000"]),
    tax_code_origin_id=st.sampled_from([None, "G5", "P7"]),
    tax=_CENTS,
)
_WORDS = {
    Unit.AMOUNT: [erp.Fidelity.KEPT, erp.Fidelity.ROUNDED, erp.Fidelity.DROPPED],
    Unit.QUANTITY: [erp.Fidelity.KEPT, erp.Fidelity.ROUNDED, erp.Fidelity.DROPPED],
    Unit.TEXT: [erp.Fidelity.KEPT, erp.Fidelity.TRUNCATED, erp.Fidelity.DROPPED],
}
_FIELDS = ("gross", "tax", "retainage", "retainage_release", "stored_materials", *LINE_FIELDS)


@st.composite
def requests(draw: DrawFn) -> erp.ExportRequest:
    """Return an export of an invoice with some lines and attachments."""
    document = attrs.evolve(
        sample_document(), lines=tuple(draw(st.lists(_LINES, min_size=1, max_size=4)))
    )
    names = draw(st.lists(_TEXTS, max_size=3))
    files = tuple(
        erp.RequestAttachment(
            id=str(place), filename=name, form=erp.AttachmentForm.FILES, digest=f"{place:064x}"
        )
        for place, name in enumerate(names)
    )
    return attrs.evolve(sample_request(document), attachments=files)


@st.composite
def faithful_declarations(draw: DrawFn) -> erp.Declaration:
    """Return a declaration with a fidelity whose effect follows from what was sent."""
    fidelity: dict[str, erp.Fidelity] = {}
    for field in draw(st.lists(st.sampled_from(_FIELDS), unique=True)):
        fidelity[field] = draw(st.sampled_from(_WORDS[UNITS[field]]))
    for field in draw(st.lists(st.sampled_from(["gross", "due"]), unique=True)):
        fidelity[field] = erp.Fidelity.DERIVED
    rounded = [name for name, word in fidelity.items() if word is erp.Fidelity.ROUNDED]
    cut = [name for name, word in fidelity.items() if word is erp.Fidelity.TRUNCATED]
    rounding = erp.Rounding(
        digits=draw(st.integers(0, 2)), mode=draw(st.sampled_from(erp.RoundingMode))
    )
    forms = [erp.RetainageForm.NATIVE, erp.RetainageForm.LINE]
    if fidelity.get("line_amount") is erp.Fidelity.DROPPED:
        forms.pop()
    return erp.Declaration(
        key="erp",
        name="The ERP",
        fidelity=fidelity,
        rounding=dict.fromkeys(rounded, rounding),
        lengths=dict.fromkeys(cut, draw(st.integers(1, 5))),
        landing=erp.LandingState.POSTED,
        retainage=draw(st.sampled_from(forms)),
    )


def hold(request: erp.ExportRequest, declaration: erp.Declaration) -> erp.Contents:
    """Return what an ERP holds that keeps to its declaration."""
    document, kept = request.document, keep_amounts(request.document, declaration)
    lines = [
        erp.ContentsLine(
            cost_code=keep_text(declaration, "line_cost_code", line.cost_code_origin_id),
            amount=amount,
            quantity=None
            if line.quantity is None
            else keep_number(declaration, "line_quantity", line.quantity),
            description=keep_text(declaration, "line_description", line.description),
            tax_code=keep_text(declaration, "line_tax_code", line.tax_code_origin_id),
            tax=keep_number(declaration, "line_tax", line.tax),
        )
        for line, amount in zip(document.lines, kept.lines, strict=True)
    ]
    if declaration.retainage is erp.RetainageForm.LINE:
        lines.append(
            erp.ContentsLine(
                cost_code="",
                amount=kept.released - kept.retained,
                quantity=None,
                description="",
                tax_code=None,
                tax=None,
            )
        )
    return erp.Contents(
        vendor=document.vendor_origin_id,
        number=document.invoice_number,
        amount=kept.due,
        date=document.billing_date,
        currency=document.currency,
        gross=kept.gross,
        retained=kept.retained,
        released=kept.released,
        tax=kept.tax,
        state=erp.LandingState.POSTED,
        lines=tuple(lines),
        attachments=tuple(
            erp.ContentsAttachment(name=each.filename, digest=each.digest) for each in request.files
        ),
    )


def _list_fields(contents: erp.Contents, request: erp.ExportRequest, declaration: Any) -> list[str]:  # noqa: ANN401 - a declaration
    return [row.field for row in find_content_differences(contents, request, declaration)]


@given(requests(), faithful_declarations(), st.randoms())
def test_what_a_perfect_erp_holds_never_differs(
    request: erp.ExportRequest,
    declaration: erp.Declaration,
    random: Any,  # noqa: ANN401 - as Hypothesis gives it
) -> None:
    """In any order of lines and attachments, by any declared word."""
    contents = hold(request, declaration)
    assert not isinstance(contents.lines, erp.NotSaid)
    assert not isinstance(contents.attachments, erp.NotSaid)
    lines, files = list(contents.lines), list(contents.attachments)
    random.shuffle(lines)
    random.shuffle(files)
    shuffled = attrs.evolve(contents, lines=tuple(lines), attachments=tuple(files))

    assert [] == _list_fields(shuffled, request, declaration)


_KEEPING = erp.Declaration(
    key="erp", name="The ERP", landing=erp.LandingState.POSTED, retainage=erp.RetainageForm.NATIVE
)
_OTHERS: dict[str, Any] = {
    "vendor": "V-9",
    "number": "ACME-78",
    "currency": "EUR",
    "state": erp.LandingState.DRAFT,
    "date": None,
    "lines": (),
}


@given(requests(), st.data())
def test_a_changed_field_that_is_declared_kept_is_noticed(
    request: erp.ExportRequest, data: st.DataObject
) -> None:
    """Of the invoice, of a line, and of an attachment."""
    contents = hold(request, _KEEPING)
    assert not isinstance(contents.lines, erp.NotSaid)
    assert not isinstance(contents.attachments, erp.NotSaid)
    cent = Decimal("0.01")
    names = [*_OTHERS, "amount", "gross", "retained", "released", "tax"]
    name = data.draw(st.sampled_from(names))
    held = getattr(contents, name)
    other: Any = held + cent if isinstance(held, Decimal) else _OTHERS[name]
    assert 1 == len(_list_fields(attrs.evolve(contents, **{name: other}), request, _KEEPING))

    place = data.draw(st.integers(0, len(contents.lines) - 1))
    line = contents.lines[place]
    assert isinstance(line.amount, Decimal)
    changes: list[dict[str, Any]] = [
        {"amount": line.amount + cent},
        {"cost_code": "99-999"},
        {"description": f"{line.description} other"},
        {"tax_code": "X9"},
        {"tax": (line.tax if isinstance(line.tax, Decimal) else Decimal(0)) + cent},
    ]
    if isinstance(line.quantity, Decimal) and all(
        each.quantity is not None for each in contents.lines
    ):
        changes.append({"quantity": line.quantity + 10})
    bent = attrs.evolve(line, **data.draw(st.sampled_from(changes)))
    lines = (*contents.lines[:place], bent, *contents.lines[place + 1 :])
    assert 1 == len(_list_fields(attrs.evolve(contents, lines=lines), request, _KEEPING))

    more = (*contents.attachments, erp.ContentsAttachment(name="own.pdf", digest="ff" * 32))
    less = contents.attachments[1:]
    for files in (more, less) if contents.attachments else (more,):
        assert ["attachments"] == (
            _list_fields(attrs.evolve(contents, attachments=files), request, _KEEPING)
        )


@given(requests())
def test_an_erp_that_groups_by_cost_code_never_differs(request: erp.ExportRequest) -> None:
    """The sums are compared, however the lines are grouped."""
    sums: dict[str | None, Decimal] = {}
    for line in request.document.lines:
        code = line.cost_code_origin_id
        sums[code] = sums.get(code, Decimal(0)) + line.gross
    grouping = attrs.evolve(_KEEPING, fidelity={"lines": erp.Fidelity.DERIVED})
    lines = tuple(
        erp.ContentsLine(cost_code=code, amount=amount) for code, amount in sums.items() if amount
    )
    contents = attrs.evolve(hold(request, grouping), lines=lines)

    assert [] == _list_fields(contents, request, grouping)
