"""
The table of quirks of real ERPs, for the fake ERP.

The row of a quirk has the functions that give the fake this behaviour, and the function by which
its adapter declares it. The declaration of the fake therefore follows from the quirks that are on.
The fake over HTTP, the fake in process, the command line and the documentation read this table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from ...declaration import (
    Declaration,
    ExportField,
    Fidelity,
    FieldRule,
    Handling,
    LandingState,
    LookUp,
    NumberScope,
    Replay,
    RetainageForm,
    Rounding,
    RoundingMode,
    TaxForm,
    UnlinkForm,
    Validator,
    WithdrawForm,
)
from ...vocabulary import Feature, Role, Support
from .ledger import Enforces, ErpDocument, Refusal, Rules


class Quirk(StrEnum):
    """A quirk of the fake ERP; *n* is its figure, a number that can be chosen."""

    TRUNCATES_NUMBER = "truncates_number"  #: It cuts invoice numbers to n characters.
    LIMITS_NUMBER = "limits_number"  #: It refuses invoice numbers of more than n characters.
    UNIQUE_PER_VENDOR = "unique_per_vendor"  #: A vendor can use an invoice number once.
    UNIQUE_PER_COMMITMENT = "unique_per_commitment"  #: A number can be used once per commitment.
    KEEPS_DELETED_NUMBERS = "keeps_deleted_numbers"  #: A number stays used after a deletion.
    WARNS_OF_DUPLICATES = "warns_of_duplicates"  #: It posts no bill that is similar to another one.
    FORGETS_KEYS = "forgets_keys"  #: It repeats the answer to a key for n milliseconds.
    ROUNDS = "rounds"  #: It rounds amounts to n decimals.
    DROPS_DESCRIPTIONS = "drops_descriptions"  #: It drops the descriptions of lines.
    DROPS_RELEASES = "drops_releases"  #: It ignores released retainage, and takes none alone.
    RELEASES_ITSELF = "releases_itself"  #: It releases all that it held for the commitment.
    DROPS_STORED_MATERIALS = "drops_stored_materials"  #: It leaves stored materials out of amounts.
    RETAINAGE_LINE = "retainage_line"  #: It holds retainage as a line of the bill.
    RETAINAGE_DOCUMENT = "retainage_document"  #: It holds retainage as a document of its own.
    KEEPS_TAX = "keeps_tax"  #: It takes the tax code and the tax of each line.
    COMPUTES_TAX = "computes_tax"  #: It takes tax codes, and computes n percent of tax itself.
    REFUSES_RELEASE_ONLY = "refuses_release_only"  #: It takes no released retainage alone.
    REFUSES_ZERO = "refuses_zero"  #: It takes no bill without an amount.
    REFUSES_NEGATIVE = "refuses_negative"  #: It takes no amount below zero.
    ONE_CURRENCY = "one_currency"  #: It takes US dollars only.
    LEAVES_DRAFT = "leaves_draft"  #: A new bill stays a draft.
    LEAVES_ON_HOLD = "leaves_on_hold"  #: A new bill stays on hold.
    CLOSED_UNTIL = "closed_until"  #: It posts nothing that is dated up to the day n.
    SHOWS_PERIODS = "shows_periods"  #: It says which accounting periods are open.
    MOVES_DATE = "moves_date"  #: It moves a date up to the day n to the day after it.
    FILE_DROP = "file_drop"  #: It takes drafts from a file, and can neither find nor read them.
    SLOW_INDEX = "slow_index"  #: A look-up finds a bill n milliseconds after it was written.
    LIMITS_RATE = "limits_rate"  #: It answers every n-th request with status 429.
    PAGES = "pages"  #: It lists n bills per page.
    FINDS_CONTAINING = "finds_containing"  #: It finds each bill whose number contains the number.
    ANSWERS_WITHOUT_ID = "answers_without_id"  #: Its answer to a new bill does not have the id.
    HALF_MADE = "half_made"  #: It crashes at every n-th bill, and leaves the bill without lines.
    FAILS_ON_UNKNOWN_FIELD = "fails_on_unknown_field"  #: It answers an unknown field with 500.


_Store: TypeAlias = Callable[[ErpDocument, int], ErpDocument]
_Refuse: TypeAlias = Callable[[ErpDocument, int], Refusal | None]
_Act: TypeAlias = Callable[[ErpDocument, Iterable[ErpDocument], int], Refusal | None]
_Declare: TypeAlias = Callable[[Declaration, int], Declaration]
_Rule: TypeAlias = Callable[[Rules, int], Rules]


@attrs.frozen(kw_only=True)
class QuirkRow:
    """
    The definition of a quirk.

    Attributes:
        source: An ERP that is known to have it, or a class of ERPs.
        figure: The figure if none is given; ``None``: the quirk has no figure.
        needs_http: True if only the fake over HTTP can have the quirk.
        store: Returns a new document as the fake stores it.
        refuse: Returns why the fake refuses a new document, as it was sent.
        post: Changes a document as it is posted, or returns why the fake does not post it beside
            its other documents.
        rule: Returns the rules of the fake as the quirk changes them.
        declare: Returns the declaration of the fake as the quirk changes it.
        show: Returns a stored document as the adapter of the fake reads it.
    """

    source: str
    figure: int | None = None
    needs_http: bool = False
    store: _Store | None = None
    refuse: _Refuse | None = None
    post: _Act | None = None
    rule: _Rule | None = None
    declare: _Declare | None = None
    show: _Store | None = None


# ── what the fake stores and refuses ────────────────────────────────────────────────────────────

_AMOUNTS: Final = ("amount", "gross", "retained", "released")
_RETAINAGE: Final = "RETAINAGE"
_ZERO: Final = Decimal(0)


def _change_lines(
    document: ErpDocument, change: Callable[[dict[str, str | None]], dict[str, str | None]]
) -> ErpDocument:
    lines = None if document.lines is None else [change(line) for line in document.lines]
    return attrs.evolve(document, lines=lines)


def _cut_number(document: ErpDocument, length: int) -> ErpDocument:
    number = (document.number or "")[:length] or None
    return attrs.evolve(document, number=number, first_number=number)


def _round(text: str | None, decimals: int) -> str | None:
    if text is None:
        return None
    return str(Decimal(text).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def _round_amounts(document: ErpDocument, decimals: int) -> ErpDocument:
    amounts: dict[str, Any] = {name: _round(getattr(document, name), decimals) for name in _AMOUNTS}
    return _change_lines(
        attrs.evolve(document, **amounts),
        lambda line: {**line, "amount": _round(line["amount"], decimals)},
    )


def _compute_tax(document: ErpDocument, rate: int) -> ErpDocument:
    """Return a document whose lines with a tax code have tax at the fake's rate."""
    if document.tax is None:
        return document

    def compute(line: dict[str, str | None]) -> dict[str, str | None]:
        tax = Decimal(line["amount"] or 0) * rate / 100 if line.get("tax_code") else _ZERO
        return {**line, "tax": _round(str(tax), 2)}

    taxed = _change_lines(document, compute)
    total = sum((Decimal(line["tax"] or 0) for line in taxed.lines or ()), _ZERO)
    return attrs.evolve(taxed, tax=str(total))


def _drop_descriptions(document: ErpDocument, _figure: int) -> ErpDocument:
    return _change_lines(document, lambda line: {**line, "description": None})


def _drop_stored(document: ErpDocument, _figure: int) -> ErpDocument:
    """Return a document without stored materials in its lines, gross amount and amount due."""
    stored = list(map(Decimal, document.stored or ()))
    if document.gross is None or document.lines is None or not any(stored):
        return document
    total = sum(stored, _ZERO)
    lines = [
        {**line, "amount": str(Decimal(line["amount"] or 0) - one)}
        for line, one in zip(document.lines, stored, strict=True)
    ]
    return attrs.evolve(
        document,
        lines=lines,
        gross=str(Decimal(document.gross) - total),
        amount=str(Decimal(document.amount) - total),
        stored=None,
    )


def _drop_release(document: ErpDocument, _figure: int) -> ErpDocument:
    """Return a document without the released retainage, which is not in its amount due either."""
    due = Decimal(document.amount) - Decimal(document.released or 0)
    released = None if document.released is None else "0"
    return attrs.evolve(document, released=released, amount=str(due))


def _release_all(document: ErpDocument, others: Iterable[ErpDocument], _figure: int) -> None:
    """
    Release all retainage that other bills of the commitment hold, if the document releases any.

    If they hold none, the document releases what it says.
    """
    released = Decimal(document.released or 0)
    if not released or document.is_posted:
        return
    same = (document.vendor, document.commitment)
    bills = (
        each
        for each in others
        if each is not document and each.exists and (each.vendor, each.commitment) == same
    )
    held = sum((Decimal(each.retained or 0) - Decimal(each.released or 0) for each in bills), _ZERO)
    if held > 0:
        document.released = str(held)
        document.amount = str(Decimal(document.amount) - released + held)


def _add_retainage_lines(document: ErpDocument, _figure: int) -> ErpDocument:
    """Return a document with retainage as lines: held retainage below zero, released above."""
    held, released = Decimal(document.retained or 0), Decimal(document.released or 0)
    lines = [
        {"cost_code": _RETAINAGE, "amount": str(amount), "quantity": None, "description": None}
        for amount in (-held, released)
        if amount
    ]
    return attrs.evolve(
        document, lines=[*(document.lines or ()), *lines], retained=None, released=None
    )


def _show_retainage_lines(document: ErpDocument, _figure: int) -> ErpDocument:
    """Return a document with the retained and released amounts, read from its retainage lines."""
    lines = (each for each in document.lines or () if each["cost_code"] == _RETAINAGE)
    amounts = [Decimal(each["amount"] or 0) for each in lines]
    return attrs.evolve(
        document,
        retained=str(-sum((min(each, _ZERO) for each in amounts), _ZERO)),
        released=str(sum((max(each, _ZERO) for each in amounts), _ZERO)),
    )


def _is_release_alone(document: ErpDocument) -> bool:
    return not Decimal(document.gross or 0) and bool(Decimal(document.released or 0))


def _is_negative(document: ErpDocument) -> bool:
    """Return whether a bill is below zero; a separate document of retainage does not count."""
    return Decimal(document.amount) < 0 and document.role != Role.RELEASE.value


def _is_empty(document: ErpDocument) -> bool:
    return not any(Decimal(getattr(document, name) or 0) for name in _AMOUNTS)


def _refuse_if(is_refused: Callable[[ErpDocument, int], bool], refusal: Refusal) -> _Refuse:
    return lambda document, figure: refusal if is_refused(document, figure) else None


def _read_day(figure: int) -> date:
    return date.fromisoformat(str(figure))


def _is_dated_until(document: ErpDocument, figure: int) -> bool:
    return document.day is not None and date.fromisoformat(document.day) <= _read_day(figure)


def _refuse_period(
    document: ErpDocument, _others: Iterable[ErpDocument], figure: int
) -> Refusal | None:
    return Refusal.PERIOD_CLOSED if _is_dated_until(document, figure) else None


def _move_day(document: ErpDocument, _others: Iterable[ErpDocument], figure: int) -> Refusal | None:
    if _is_dated_until(document, figure):
        document.day = (_read_day(figure) + timedelta(days=1)).isoformat()
    return None


def _refuse_similar(
    document: ErpDocument, others: Iterable[ErpDocument], _figure: int
) -> Refusal | None:
    same = (
        each
        for each in others
        if each is not document
        and each.exists
        and (each.vendor, each.number, each.role)
        == (document.vendor, document.number, document.role)
    )
    return Refusal.SIMILAR if any(True for _ in same) else None


# ── what its adapter declares ───────────────────────────────────────────────────────────────────


def _change(**fields: Any) -> _Declare:  # noqa: ANN401 - fields of the declaration
    return lambda declaration, _figure: attrs.evolve(declaration, **fields)


def _change_terms(declaration: Declaration, **fields: Any) -> Declaration:  # noqa: ANN401 - fields of its terms
    terms = {kind: attrs.evolve(each, **fields) for kind, each in declaration.terms.items()}
    return attrs.evolve(declaration, terms=terms)


def _add_fidelity(fidelity: Fidelity, *fields: str) -> _Declare:
    def declare(declaration: Declaration, _figure: int) -> Declaration:
        kept = {**declaration.fidelity, **dict.fromkeys(fields, fidelity)}
        return attrs.evolve(declaration, fidelity=kept)

    return declare


def _add_number_rule(validator: Validator, *, truncates: bool = False) -> _Declare:
    def declare(declaration: Declaration, figure: int) -> Declaration:
        limit = figure if validator is Validator.MAX_LENGTH else None
        rule = FieldRule(
            field="invoice_number", validator=validator, limit=limit, truncates=truncates
        )
        return attrs.evolve(declaration, field_rules=(*declaration.field_rules, rule))

    return declare


def _declare_unique(scope: NumberScope) -> _Declare:
    add = _add_number_rule(Validator.PRESENT)
    return lambda declaration, figure: attrs.evolve(add(declaration, figure), number_scope=scope)


def _declare_landing(landing: LandingState) -> _Declare:
    """Return a function that declares that bills stay in this state, and that no step posts."""

    def declare(declaration: Declaration, _figure: int) -> Declaration:
        terms = {kind: each for kind, each in declaration.terms.items() if kind != "post"}
        return attrs.evolve(declaration, landing=landing, terms=terms)

    return declare


def _declare_retainage_document(declaration: Declaration, _figure: int) -> Declaration:
    terms = {**declaration.terms, "release": declaration.terms["create"]}
    return attrs.evolve(declaration, retainage=RetainageForm.DOCUMENT, terms=terms)


def _declare_file_drop(declaration: Declaration, figure: int) -> Declaration:
    features = {**declaration.features, Feature.WITHDRAW: Support.IMPOSSIBLE}
    changed = attrs.evolve(
        _declare_landing(LandingState.DRAFT)(declaration, figure),
        features=features,
        withdraw=WithdrawForm.IMPOSSIBLE,
        unlink=UnlinkForm.FREE,
    )
    return _change_terms(
        changed, look_up=LookUp.NONE, replay=Replay.NONE, enforces_key=False, settles_within=None
    )


def _declare_dropped_release(declaration: Declaration, figure: int) -> Declaration:
    """Declare that released retainage is dropped, and that a bill of it alone is refused."""
    changed = _add_fidelity(Fidelity.DROPPED, "retainage_release")(declaration, figure)
    changed = _add_fidelity(Fidelity.DERIVED, "due")(changed, figure)
    return attrs.evolve(changed, release_only=Handling.REFUSED)


def _seconds(figure: int) -> timedelta:
    return timedelta(milliseconds=figure)


def _enforce_number(*, per_commitment: bool) -> _Rule:
    return lambda rules, _figure: attrs.evolve(
        rules, enforces=Enforces.NUMBER, per_commitment=per_commitment, frees_numbers=True
    )


_ALL_AMOUNTS: Final = ("due", "gross", "retainage", "retainage_release", "line_amount")


def _declare_rounding(declaration: Declaration, decimals: int) -> Declaration:
    rounding = Rounding(digits=decimals, mode=RoundingMode.HALF_UP)
    return attrs.evolve(
        _add_fidelity(Fidelity.ROUNDED, *_ALL_AMOUNTS)(declaration, decimals),
        rounding={**declaration.rounding, **dict.fromkeys(_ALL_AMOUNTS, rounding)},
    )


# fmt: off
#: The definition of each quirk, in the order in which the quirks apply.
QUIRKS: Final[Mapping[Quirk, QuirkRow]] = MappingProxyType({
    Quirk.TRUNCATES_NUMBER: QuirkRow(
        source="Sage 100 Contractor (12 characters), QuickBooks Desktop (11)",
        figure=12,
        store=_cut_number,
        declare=_add_number_rule(Validator.MAX_LENGTH, truncates=True),
    ),
    Quirk.LIMITS_NUMBER: QuirkRow(
        source="QuickBooks Online (21 characters), Xero (255)",
        figure=21,
        refuse=_refuse_if(lambda sent, most: len(sent.number or "") > most, Refusal.NUMBER_TOO_LONG),
        declare=_add_number_rule(Validator.MAX_LENGTH),
    ),
    Quirk.UNIQUE_PER_VENDOR: QuirkRow(
        source="django-accounting",
        rule=_enforce_number(per_commitment=False),
        declare=_declare_unique(NumberScope.VENDOR),
    ),
    Quirk.UNIQUE_PER_COMMITMENT: QuirkRow(
        source="Procore (numbers are unique within a commitment)",
        rule=_enforce_number(per_commitment=True),
        declare=_declare_unique(NumberScope.COMMITMENT),
    ),
    Quirk.KEEPS_DELETED_NUMBERS: QuirkRow(
        source="ERPs that void in place of deleting",
        rule=lambda rules, _figure: attrs.evolve(rules, frees_numbers=False),
        declare=lambda declaration, _figure: _change_terms(declaration, enforces_key=True),
    ),
    Quirk.WARNS_OF_DUPLICATES: QuirkRow(
        source="Tryton (posting refuses a similar invoice)",
        post=_refuse_similar,
    ),
    Quirk.FORGETS_KEYS: QuirkRow(
        source="APIs with idempotency keys, as QuickBooks Online and Xero",
        figure=60_000,
        rule=lambda rules, _figure: attrs.evolve(rules, replay=Replay.SUCCESSES, compares_body=False),
        declare=lambda declaration, figure: _change_terms(
            declaration, replay=Replay.SUCCESSES, replay_for=_seconds(figure)
        ),
    ),
    Quirk.DROPS_STORED_MATERIALS: QuirkRow(
        source="Vista, Sage Intacct, Acumatica, MYOB, Yardi Voyager",
        store=_drop_stored,
        declare=lambda declaration, figure: _add_fidelity(Fidelity.DERIVED, "gross", "due")(
            _add_fidelity(Fidelity.DROPPED, "stored_materials")(declaration, figure), figure
        ),
    ),
    Quirk.DROPS_RELEASES: QuirkRow(
        source="Acumatica and MYOB (exported without its release), MRI",
        refuse=_refuse_if(lambda sent, _figure: _is_release_alone(sent), Refusal.RELEASE_ONLY),
        store=_drop_release,
        declare=_declare_dropped_release,
    ),
    Quirk.RELEASES_ITSELF: QuirkRow(
        source="Vista (the release is automatic)",
        post=_release_all,
        declare=_add_fidelity(Fidelity.DERIVED, "retainage_release", "due"),
    ),
    Quirk.DROPS_DESCRIPTIONS: QuirkRow(
        source="LedgerSMB (a voucher from a file has no lines)",
        store=_drop_descriptions,
        declare=_add_fidelity(Fidelity.DROPPED, "line_description"),
    ),
    Quirk.ROUNDS: QuirkRow(
        source="ERPs of currencies without cents",
        figure=0,
        store=_round_amounts,
        declare=_declare_rounding,
    ),
    Quirk.RETAINAGE_LINE: QuirkRow(
        source="NetSuite, QuickBooks, Tryton, Odoo",
        store=_add_retainage_lines,
        declare=_change(retainage=RetainageForm.LINE),
        show=_show_retainage_lines,
    ),
    Quirk.RETAINAGE_DOCUMENT: QuirkRow(
        source="CMiC (a second request for payment), NetSuite (a bill of released retainage)",
        declare=_declare_retainage_document,
    ),
    Quirk.KEEPS_TAX: QuirkRow(
        source="OpenConstructionERP (a tax amount beside the subtotal)",
        declare=_change(tax=TaxForm.KEPT),
    ),
    Quirk.COMPUTES_TAX: QuirkRow(
        source="ERPs whose tax codes have rates of their own",
        figure=5,
        store=_compute_tax,
        declare=_change(tax=TaxForm.DERIVED),
    ),
    Quirk.REFUSES_RELEASE_ONLY: QuirkRow(
        source="Acumatica, MYOB",
        refuse=_refuse_if(lambda sent, _figure: _is_release_alone(sent), Refusal.RELEASE_ONLY),
        declare=_change(release_only=Handling.REFUSED),
    ),
    Quirk.REFUSES_ZERO: QuirkRow(
        source="Vista, Sage Intacct, Yardi Voyager, Acumatica, MYOB, CMiC",
        refuse=_refuse_if(lambda sent, _figure: _is_empty(sent), Refusal.ZERO),
        declare=_change(zero=Handling.REFUSED),
    ),
    Quirk.REFUSES_NEGATIVE: QuirkRow(
        source="QuickBooks Online, Xero",
        refuse=_refuse_if(lambda sent, _figure: _is_negative(sent), Refusal.NEGATIVE),
        declare=_change(negative=Handling.REFUSED),
    ),
    Quirk.ONE_CURRENCY: QuirkRow(
        source="QuickBooks Online (vendors in the home currency)",
        refuse=_refuse_if(lambda sent, _figure: sent.currency not in {None, "USD"}, Refusal.CURRENCY),
        declare=_change(currencies=frozenset({"USD"})),
    ),
    Quirk.LEAVES_DRAFT: QuirkRow(
        source="Spectrum (unposted), LedgerSMB (an unapproved batch)",
        declare=_declare_landing(LandingState.DRAFT),
    ),
    Quirk.LEAVES_ON_HOLD: QuirkRow(
        source="Acumatica, MYOB",
        store=lambda content, _figure: attrs.evolve(content, is_on_hold=True),
        declare=_declare_landing(LandingState.ON_HOLD),
    ),
    Quirk.CLOSED_UNTIL: QuirkRow(
        source="Tryton (the draft is created, posting is refused)",
        figure=2025_12_31,
        post=_refuse_period,
    ),
    Quirk.SHOWS_PERIODS: QuirkRow(
        source="Tryton, Xero and QuickBooks (a lock date)",
        declare=_change(
            extra_fields=(
                ExportField(key="accounting_date", label="Accounting date", is_date=True),
            )
        ),
    ),
    Quirk.MOVES_DATE: QuirkRow(
        source="Odoo (before a lock date)",
        figure=2025_12_31,
        post=_move_day,  # no word declares it: only reading the bill back finds it
    ),
    Quirk.FILE_DROP: QuirkRow(
        source="LedgerSMB, Sage 300 CRE (files into a batch)",
        declare=_declare_file_drop,
    ),
    Quirk.SLOW_INDEX: QuirkRow(
        source="ERPs whose search has an index of its own",
        figure=200,
        declare=lambda declaration, figure: _change_terms(declaration, visible_after=_seconds(figure)),
    ),
    Quirk.LIMITS_RATE: QuirkRow(
        source="hosted ERPs with a rate limit",
        figure=3,
    ),
    Quirk.PAGES: QuirkRow(
        source="Xero (100 per page), OpenConstructionERP",
        figure=2,
        needs_http=True,
    ),
    Quirk.FINDS_CONTAINING: QuirkRow(
        source="ERPs whose search has no exact filter",
        needs_http=True,
        rule=lambda rules, _figure: attrs.evolve(rules, look_up=LookUp.NUMBER),
        declare=lambda declaration, _figure: _change_terms(declaration, look_up=LookUp.NUMBER),
    ),
    Quirk.ANSWERS_WITHOUT_ID: QuirkRow(
        source="ERPs that take a request into a queue of their own",
    ),
    Quirk.HALF_MADE: QuirkRow(
        source="ERPs that write the header and the lines in two transactions",
        figure=2,
    ),
    Quirk.FAILS_ON_UNKNOWN_FIELD: QuirkRow(
        source="Tryton (500 with an HTML page)",
        needs_http=True,
    ),
})
# fmt: on
