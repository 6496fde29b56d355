"""Bends a case as the scenarios write it: ``fact = value``, several parted by commas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from erp_invoice_core.declaration import (
    AttachmentForm,
    ExportField,
    Fidelity,
    FieldRule,
    Handling,
    NumberScope,
    Prerequisite,
    Rounding,
    RoundingMode,
    TaxForm,
    UnlinkForm,
    Validator,
    WithdrawForm,
)
from erp_invoice_core.documents import (
    POLICY,
    AccountingPeriod,
    Actor,
    Attachment,
    Difference,
    Hold,
    ItemExcess,
    LinkDifference,
    MappedId,
    MappingKind,
    NumberUse,
)
from erp_invoice_core.documents.difference import DIFFERENCES
from erp_invoice_core.rules import Reaction
from erp_invoice_core.vocabulary import (
    Blocks,
    ExportStatus,
    Feature,
    InvoiceStatus,
    Privilege,
    Support,
)

from .allowed_cases import DOCUMENT, align_document

if TYPE_CHECKING:
    from erp_invoice_core.documents import ExportDocument
    from erp_invoice_core.rules import Case

__all__ = ["change_facts"]

Read: TypeAlias = Callable[[str], Any]

#: The facts that the document of a case says, too.
_COPIED = frozenset({"gross", "retained", "released", "currency", "invoice_number", "document"})
_BOOLEANS = {"yes": True, "no": False}


def _boolean(text: str) -> bool:
    return _BOOLEANS[text]


def _words(text: str) -> frozenset[str]:
    return frozenset() if text == "none" else frozenset(text.split("+"))


def _hold(text: str) -> tuple[Hold, ...]:
    code, blocks = text.split(":")
    hold = Hold(
        code=code, message="A document is missing.", blocks=Blocks(blocks), released_by="Accountant"
    )
    return (hold,)


def _rule(text: str) -> FieldRule:
    field, validator, *rest = text.split()
    limits = [int(word) for word in rest if word.isdigit()]
    return FieldRule(
        field=field,
        validator=Validator(validator),
        limit=limits[0] if limits else None,
        at_export="at_export" in rest,
        truncates="truncates" in rest,
    )


def _extra(text: str) -> ExportField:
    key, required, kind = text.split()
    return ExportField(key=key, label=key, required=required == "required", is_date=kind == "date")


_ATTACHMENTS = {
    "known": Attachment(id="1", filename="waiver.pdf", digest="ab" * 32),
    "linked": Attachment(id="2", filename="photo.jpg", url="https://files.example/2"),
    "bare": Attachment(id="3", filename="letter.pdf"),
}


def _line_8(text: str) -> Difference:
    return Difference(name="current_payment_due", computed=Decimal(18900), stated=Decimal(text))


def _differences(text: str) -> tuple[Difference, ...]:
    figures: dict[str, Any] = {"computed": Decimal(10), "stated": Decimal(11)}
    if text in DIFFERENCES:
        return (Difference(name="scheduled_value", item_id="3", code=text, **figures),)
    if text.startswith("item "):
        item = text.removeprefix("item ")
        return (
            Difference(
                name="total_completed_and_stored_to_date",
                item_id=item,
                code="billing.total_differs",
                **figures,
            ),
        )
    return tuple(Difference(name=name, **figures) for name in text.split("+"))


def _excess(text: str) -> tuple[ItemExcess, ...]:
    amount, limit = map(Decimal, text.split(" of "))
    return (ItemExcess(item_id="1", amount=amount, limit=limit),)


def _links(text: str) -> tuple[LinkDifference, ...]:
    rows = (row.split(":") for row in text.split("+"))
    return tuple(
        LinkDifference(field=field, given=given, expected=expected)
        for field, given, expected in rows
    )


def _periods(text: str) -> tuple[AccountingPeriod, ...]:
    """Read ``2026-09 closed+2026-11 open``: months of 30 days."""
    months = (month.split() for month in text.split("+"))
    return tuple(
        AccountingPeriod(
            name=month,
            first_day=date.fromisoformat(f"{month}-01"),
            last_day=date.fromisoformat(f"{month}-30"),
            is_open=state == "open",
        )
        for month, state in months
    )


def _parse_mapping(text: str) -> tuple[MappedId, ...]:
    rows = (row.split(":") for row in text.split("+") if text != "none")
    return tuple(
        MappedId(kind=MappingKind(kind), code=code, erp_id=erp_id) for kind, code, erp_id in rows
    )


def _uses(text: str) -> tuple[NumberUse, ...]:
    invoice, number, commitment = text.split(":")
    return (NumberUse(invoice_id=invoice, number=number, commitment_id=commitment),)


_FACTS: Mapping[str, Read] = {
    **dict.fromkeys(("number_uses", "similar_numbers", "erp_number_uses"), _uses),
    "document": lambda text: attrs.evolve(DOCUMENT, billing_date=date.fromisoformat(text)),
    "link_differences": _links,
    "line_8_difference": _line_8,
    "differences": _differences,
    "over_released": _excess,
    "rejected_items": lambda text: tuple(text.split("+")),
    "erp_status": lambda text: "  " if text == "blank" else text,
    **dict.fromkeys(
        ("deleted_on", "commitment_deleted_on", "billing_date", "today"), date.fromisoformat
    ),
    "invoice_status": InvoiceStatus,
    "export_status": ExportStatus,
    **dict.fromkeys(("gross", "retained", "released", "stored", "tax"), Decimal),
    **dict.fromkeys(("unmapped", "unsynced_cost_codes"), lambda text: tuple(text.split("+"))),
    "tax_codes": lambda text: () if text == "none" else tuple(text.split("+")),
    "mapped": _parse_mapping,
    "accounting_periods": _periods,
    "holds": _hold,
    "uses": lambda text: frozenset(map(Feature, text.split("+"))),
    "changes": lambda text: tuple(text.split("+")),
    "earlier_unsynced": lambda text: tuple(text.split("+")),
    "erp_payments": lambda text: tuple(text.split("+")),
    "documents_unread": str,
    "payments_unread": str,
    "periods_unread": str,
    "erp_unchecked": str,
    "connection": str,
    "version_seen": int,
    "attachments": int,
    **dict.fromkeys(("commitment_status", "currency", "sent_by", "entry_id", "project_id"), str),
    **dict.fromkeys(("invoice_id", "invoice_number", "erp_number"), str),
    **dict.fromkeys(("reason", "evidence"), lambda text: "  " if text == "blank" else text),
}
_DECIDED: Mapping[str, Read] = {
    **dict.fromkeys(("summary_difference", "over_release"), Reaction),
    **dict.fromkeys(("free_erp_statuses", "refused_commitment_statuses"), _words),
    "earliest_billing_date": date.fromisoformat,
    "billing_date_years": int,
}
_DECLARED: Mapping[str, Read] = {
    **dict.fromkeys(("zero", "negative", "release_only"), Handling),
    "number_scope": NumberScope,
    "tax": TaxForm,
    "attachments": AttachmentForm,
    "withdraw": WithdrawForm,
    "unlink": UnlinkForm,
    "is_profile": _boolean,
    "prerequisites": lambda text: frozenset(map(Prerequisite, _words(text))),
    "commitment_statuses": _words,
    "currencies": _words,
    "privileges": lambda text: frozenset(Privilege(word) for word in _words(text)),
}


def _parse_rounding(text: str) -> Rounding:
    digits, mode = text.split()
    return Rounding(digits=int(digits), mode=RoundingMode(mode))


_OF_FIELDS: Mapping[str, Read] = {"fidelity": Fidelity, "rounding": _parse_rounding, "lengths": int}


def change_facts(case: Case, bend: str, people: Mapping[str, Actor]) -> Case:
    """Return the case with every fact bent that the text names."""
    for part in bend.split(", "):
        name, value = (side.strip() for side in part.split(" = "))
        case = _with(case, name, value, people)
    return case


def _with(case: Case, name: str, value: str, people: Mapping[str, Actor]) -> Case:
    if name == "lawful":
        return case
    case = attrs.evolve(case, **_change_fact(case, name, value, people))
    return align_document(case) if name in _COPIED else case


def _change_fact(case: Case, name: str, value: str, people: Mapping[str, Actor]) -> dict[str, Any]:
    first, _, rest = name.partition(".")
    if name == "actor":
        actors = {**people, "policy": POLICY, "unknown": None}
        return {"actor": actors[value]}
    if first == "policy":
        decided: dict[str, Any] = {rest: _DECIDED.get(rest, _boolean)(value)}
        return {"policy": attrs.evolve(case.policy, **decided)}
    if rest and first in {"erp", "document"}:
        return _change_within(case, first, rest, value)
    if first in {"fields", "export_fields"}:
        return {first: _texts(getattr(case, first), rest, value)}
    if value == ("unknown-fact" if name == "export_status" else "unknown"):
        return {name: None}
    return {name: _FACTS.get(name, _boolean)(value)}


def _change_within(case: Case, first: str, rest: str, value: str) -> dict[str, Any]:
    if first == "document":
        assert case.document is not None
        return {"document": _document(case.document, rest, value)}
    assert case.erp is not None
    return {"erp": attrs.evolve(case.erp, **_change_declaration(case, rest, value))}


def _document(document: ExportDocument, name: str, value: str) -> ExportDocument:
    if name == "attachments":
        files = tuple(_ATTACHMENTS[word] for word in value.split("+"))
        return attrs.evolve(document, attachments=files)
    if name in {"gross", "retained", "released"}:
        (line,) = document.lines
        amount: dict[str, Any] = {name: Decimal(value)}
        return attrs.evolve(document, lines=(attrs.evolve(line, **amount),))
    if name == "lines":
        first, *others = document.lines * int(value)
        part = attrs.evolve(first, gross=Decimal(0), retained=Decimal(0), released=Decimal(0))
        return attrs.evolve(document, lines=(first, *(part for _ in others)))
    if name in {"line_description", "line_quantity", "line_cost_code"}:
        (line,) = document.lines
        field = {"line_cost_code": "cost_code_origin_id"}.get(name, name.removeprefix("line_"))
        changed: dict[str, Any] = {field: Decimal(value) if field == "quantity" else value}
        return attrs.evolve(document, lines=(attrs.evolve(line, **changed),))
    text: dict[str, Any] = {name: None if value == "none" else value}
    return attrs.evolve(document, **text)


def _change_declaration(case: Case, name: str, value: str) -> dict[str, Any]:
    assert case.erp is not None
    first, _, rest = name.partition(".")
    if first == "features":
        return {"features": {**case.erp.features, Feature(rest): Support(value)}}
    if first in _OF_FIELDS:
        return {first: {**getattr(case.erp, first), rest: _OF_FIELDS[first](value)}}
    if first == "rule":
        return {"field_rules": (*case.erp.field_rules, _rule(value))}
    if first == "extra":
        return {"extra_fields": (*case.erp.extra_fields, _extra(value))}
    return {first: _DECLARED[first](value)}


def _texts(texts: Mapping[str, str | None] | None, name: str, value: str) -> dict[str, str | None]:
    given = {**(texts or {}), name: None if value == "blank" else value}
    if value == "unknown":
        del given[name]
    return given
