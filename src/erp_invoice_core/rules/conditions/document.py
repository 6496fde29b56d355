"""Conditions on the export document and the records behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...documents import normalize_number
from ...message_template import ANY, MessageTemplate
from ...money import format_amount, has_currency_digits
from ..remedies import one_of
from ..remedy_rows import SUPPLY_DOCUMENT, SUPPLY_RECORDS, supply_fact
from .condition import ABSENT, SENDING, UNKNOWN, Condition, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from ..case import Case


_SUPPLY = one_of(SUPPLY_DOCUMENT)


_DIFFERS = MessageTemplate(
    "document.differs",
    "The export document has {document} as its {field}; the invoice has {invoice}. Have the host"
    " application supply an export document of the current invoice.",
)
_NOT_KNOWN = MessageTemplate(
    "document.differs",
    "The export document has {document} as its {field}, and the {field} of the invoice is not"
    " known. Have the host application supply the {field} of the invoice.",
    when={"unknown": ANY},
)
_UNRELATED = MessageTemplate(
    "document.differs",
    "The records do not belong together: the {field} must be {expected}, and {given} is given. Have"
    " the host application supply the records that belong to this invoice.",
)
#: Facts that every invoice has; an absent invoice number means that it has none.
_ABSENT_FACTS = {"project": "project_id", "currency": "currency"}


def _list_named(case: Case) -> list[str]:
    """Return the ids of invoices in entry, facts and document, each once; one id if all agree."""
    named = [case.entry_id, case.invoice_id, case.document.invoice_id if case.document else None]
    return list(dict.fromkeys(name for name in named if name is not None))


def _is_of_one_invoice(case: Case) -> bool:
    entry_id, document = case.entry_id, case.document
    if entry_id == case.invoice_id and (document is None or entry_id == document.invoice_id):
        return True  # as nearly always
    return len(_list_named(case)) < 2  # noqa: PLR2004 - one invoice, or two


def _find_invoices(case: Case) -> Mapping[str, str]:
    expected, named = (*_list_named(case), UNKNOWN, UNKNOWN)[:2]
    return {"invoice": expected, "named": named}


def _format_amount(amount: Decimal, currency: str) -> str:
    text = (
        format_amount(amount, currency) if has_currency_digits(amount, currency) else f"{amount:f}"
    )
    return f"{text} {currency}"


def _find_differences(case: Case) -> Iterable[tuple[str, str, str]]:
    """Yield each field that differs, with its value in the export document and in the facts."""
    document = case.document
    if document is None:
        return
    texts = (
        ("project", document.project_id, case.project_id),
        ("currency", document.currency, case.currency),
        ("invoice number", _canonical(document.invoice_number), _canonical(case.invoice_number)),
    )
    for field, of_document, of_case in texts:
        if of_document != of_case:
            yield field, of_document or ABSENT, of_case or ABSENT
    amounts = (
        ("gross", document.gross, case.gross),
        ("retained", document.retained, case.retained),
        ("released", document.released, case.released),
    )
    for field, total, stated in amounts:
        # Another condition denies if an amount is not known.
        if stated is not None and stated != total:
            currency = document.currency
            yield (
                field,
                _format_amount(total, currency),
                _format_amount(stated, case.currency or currency),
            )


def _agrees(case: Case) -> bool:
    document = case.document
    is_same = (
        document is not None
        and case.project_id == document.project_id
        and case.currency == document.currency
        and case.invoice_number == document.invoice_number
        and case.gross == document.gross
        and case.retained == document.retained
        and case.released == document.released
    )
    return is_same or not any(_find_differences(case))


def _canonical(text: str | None) -> str | None:
    return normalize_number(text or "") or None


def _find_differing(case: Case) -> Iterable[Reason]:
    for field, of_document, of_case in _find_differences(case):
        facts = {"field": field, "document": of_document}
        name = _ABSENT_FACTS.get(field, "")
        if name and getattr(case, name) is None:
            yield _NOT_KNOWN.code, _NOT_KNOWN, {**facts, "unknown": name}, supply_fact(name)
        else:
            yield _DIFFERS.code, _DIFFERS, {**facts, "invoice": of_case}, _SUPPLY


def _find_unrelated(case: Case) -> Iterable[Reason]:
    for link in case.link_differences:
        facts = {"field": link.field, "given": link.given, "expected": link.expected}
        yield _UNRELATED.code, _UNRELATED, facts, one_of(SUPPLY_RECORDS)


# fmt: off
DOCUMENT: tuple[Condition, ...] = (
    Condition(
        code="document.other_invoice", acts=SENDING, steady=True, facts=_find_invoices,
        is_met=_is_of_one_invoice,
        sentence="The queue entry is of invoice {invoice}, and the export document or the facts are"
        " of invoice {named}. Have the host application supply those of invoice {invoice}.",
        remedies=_SUPPLY,
    ),
    Condition(
        code="document.differs", acts=SENDING, steady=True,
        is_met=_agrees, each=_find_differing, templates=(_DIFFERS, _NOT_KNOWN),
    ),
    Condition(
        code="document.differs", acts=SENDING, steady=True, usual=("link_differences", ()),
        is_met=lambda case: not case.link_differences, each=_find_unrelated, templates=(_UNRELATED,),
    ),
)
# fmt: on
