"""Checks of amounts: kinds of invoices that an ERP takes or refuses, and currencies."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import attrs

from ....adapters import Done, Refused
from ....declaration import Handling, RetainageForm
from ....exchange import NotSaid
from ....money import find_unit
from ....vocabulary import Feature, Support
from ..check import Check
from ..result import NotProved, require
from ..trial import describe_outcome
from .contents import require_as_sent, require_shown_lines

if TYPE_CHECKING:
    from ....documents import ExportDocument
    from ....exchange import Contents
    from ..trial import Trial

_AMOUNT = Decimal(1200)
_REFUSED = frozenset({Support.IMPOSSIBLE, Support.MISSING})
#: Features whose absence the adapter notices itself, as a bill without them has a wrong amount.
_REFUSED_BY_ADAPTER = frozenset(
    {
        Feature.SUBCONTRACTS,
        Feature.PURCHASE_ORDERS,
        Feature.RETAINAGE,
        Feature.RETAINAGE_RELEASE,
    }
)
#: Features that only the lines of a document show.
_OF_LINES = frozenset({Feature.AMOUNT_BASED, Feature.UNIT_BASED, Feature.CHANGE_ORDERS})
#: The value of a document that shows a feature. Of several documents the roles show it.
_SHOWN = {
    Feature.INVOICES: "amount",
    Feature.SUBCONTRACTS: "amount",
    Feature.PURCHASE_ORDERS: "amount",
    Feature.STORED_MATERIALS: "gross",
    Feature.RETAINAGE: "retained",
    Feature.RETAINAGE_RELEASE: "released",
}
#: Currencies with two, no and three decimals, which are tried where any is accepted.
_CURRENCIES = ("USD", "EUR", "JPY", "KWD")
#: Currencies of which one is tried that is not declared.
_OTHERS = ("XOF", "ISK", "CLF")


# ── features of invoices ────────────────────────────────────────────────────────────────────────


def check_feature(trial: Trial, feature: Feature) -> None:
    """
    Require that the ERP books an invoice with the feature as sent, or does not take it.

    The declared support of the feature decides which of the two is expected.
    """
    how = trial.adapter.declaration.support(feature)
    line = f"features[Feature.{feature.name}]"
    document = trial.samples.build_using(feature)
    if how is Support.FULL:
        documents = _require_exported(trial, document, line)
        _require_shown(feature, documents)
        _require_both(trial, feature)
        _require_quantity(trial, feature)
    elif how in _REFUSED and feature in _REFUSED_BY_ADAPTER:
        require_refused(trial, document, f"{feature.value} is {how.value}.", line)
    elif how in _REFUSED:
        leave_taken(trial, document, f"features.{feature.value}")


def leave_taken(trial: Trial, document: ExportDocument, row: str) -> None:
    """
    Try to export an invoice that a row of the declaration refuses, such as ``zero``.

    If the ERP takes the invoice, record the row as not proved. If other people see the ERP, try
    nothing, and end the check as not proved.
    """
    if trial.target.is_shared:
        msg = "Other people see the ERP, so that nothing is tried that it refuses (is_shared)."
        raise NotProved(msg)
    if isinstance(trial.renew(document).find_refusal(), Done):
        trial.rows.leave(row, f"The ERP takes such an invoice although {row} refuses it.")


def _require_quantity(trial: Trial, feature: Feature) -> None:
    """End the check of unit-based lines as not proved if erp_read shows no quantities."""
    if feature is not Feature.UNIT_BASED or "line_quantity" in trial.adapter.declaration.fidelity:
        return
    documents = trial.renew(trial.samples.build_using(feature)).read_all().values()
    lines = [() if isinstance(each.lines, NotSaid) else each.lines for each in documents]
    if not any(not isinstance(line.quantity, NotSaid) for rows in lines for line in rows):
        msg = "erp_read does not show the quantities of lines."
        raise NotProved(msg)


def _require_both(trial: Trial, feature: Feature) -> None:
    """
    Require that an invoice which both holds and releases retainage is booked as sent.

    Do nothing unless *feature* is the release of retainage and the adapter supports both.
    """
    both = {Feature.RETAINAGE, Feature.RETAINAGE_RELEASE}
    if feature is Feature.RETAINAGE_RELEASE and both <= trial.adapter.declaration.supported:
        line = trial.samples.build_plain_line(_AMOUNT)
        held = attrs.evolve(line, retained=Decimal(120), released=Decimal(60))
        require_as_sent(trial.renew(trial.samples.build([held])))


def _require_shown(feature: Feature, documents: tuple[Contents, ...]) -> None:
    """End the check as not proved if erp_read does not show the values of the feature."""
    if feature in _OF_LINES:
        require_shown_lines(documents)
    name = _SHOWN.get(feature)
    if name and len(documents) == 1 and isinstance(getattr(documents[0], name), NotSaid):
        msg = f"erp_read does not show {name} (Contents)."
        raise NotProved(msg)


def _require_exported(trial: Trial, document: ExportDocument, line: str) -> tuple[Contents, ...]:
    if not document.gross and trial.adapter.declaration.release_only is Handling.REFUSED:
        document = _add_work(trial, document)
    each = trial.renew(document)
    verdict = each.check()
    require(
        verdict.allowed,
        f"An invoice that uses it is taken ({line}).",
        "; ".join(denial.message for denial in verdict.denials),
        f"{line} and erp_check",
    )
    return require_as_sent(each)


def _add_work(trial: Trial, document: ExportDocument) -> ExportDocument:
    """
    Return the invoice with a line of work added.

    The ERP may refuse an invoice that only releases retainage.
    """
    return attrs.evolve(document, lines=(*document.lines, trial.samples.build_plain_line(_AMOUNT)))


def require_refused(trial: Trial, document: ExportDocument, declared: str, line: str) -> None:
    """
    End the check as refuted unless the adapter or the ERP refuses the invoice for good.

    If other people see the ERP, try nothing, and end the check as not proved. *declared* and *line*
    are the promise and the line of the declaration that the reason quotes.
    """
    if trial.target.is_shared:
        msg = "Other people see the ERP, so that nothing is tried that it refuses (is_shared)."
        raise NotProved(msg)
    outcome = trial.renew(document).find_refusal()
    require(
        not isinstance(outcome, Done),
        declared,
        f"unexpected success: {describe_outcome(outcome)}",
        f"{line} and erp_check",
    )
    require(
        isinstance(outcome, Refused),
        f"{declared} A refusal is final.",
        describe_outcome(outcome),
        f"{line} and erp_check",
    )


# ── unusual invoices ────────────────────────────────────────────────────────────────────────────


def check_zero(trial: Trial) -> None:
    """An invoice of zero is booked or refused as declared, else one billing is not in the ERP."""
    document = trial.samples.build_plain(Decimal(0))
    if trial.adapter.declaration.zero is Handling.EXPORTED:
        require_as_sent(trial.renew(document))
    else:
        leave_taken(trial, document, "zero")


def check_negative(trial: Trial) -> None:
    """A credit keeps its sign in the ERP, or is refused: booked as a bill, it would be paid."""
    document = trial.samples.build_plain(-_AMOUNT)
    if trial.adapter.declaration.negative is Handling.EXPORTED:
        require_as_sent(trial.renew(document))
    else:
        require_refused(trial, document, "negative is refused.", "negative")


def check_release_only(trial: Trial) -> None:
    """An invoice that only releases retainage makes that amount due, else it is not paid out."""
    released = trial.samples.build_line(released=Decimal(120))
    document = trial.samples.build([released])
    if trial.adapter.declaration.release_only is Handling.EXPORTED:
        require_as_sent(trial.renew(document))
    else:
        leave_taken(trial, document, "release_only")


# ── retainage ───────────────────────────────────────────────────────────────────────────────────


def check_retainage_document(trial: Trial) -> None:
    """With retainage=document the plan makes a second document, else no retainage is held back."""
    each = trial.renew(trial.samples.build_using(Feature.RETAINAGE))
    makes = [step.name for step in each.steps if step.role is not None]
    number = 2 if trial.adapter.declaration.retainage is RetainageForm.DOCUMENT else 1
    require(
        len(makes) >= number,
        "Retainage is a document of its own (retainage=document).",
        f"the plan makes {makes}",
        "retainage and erp_steps",
    )


# ── currencies ──────────────────────────────────────────────────────────────────────────────────


def check_currencies(trial: Trial) -> None:
    """An amount keeps the decimals of its declared currency: 1,000 yen must not become 10.00."""
    declared = trial.adapter.declaration.currencies
    for currency in _CURRENCIES if declared is None else sorted(declared):
        amount = _AMOUNT + 7 * find_unit(currency)
        line = trial.samples.build_plain_line(amount) if amount % 4 == 0 else None
        line = line or trial.samples.build_line(gross=amount, work=amount)
        each = trial.renew(trial.samples.build([line], currency=currency))
        verdict = each.check()
        require(
            verdict.allowed,
            f"Currency {currency} is accepted.",
            "; ".join(denial.message for denial in verdict.denials),
            "currencies and erp_check",
        )
        if any(isinstance(shown.currency, NotSaid) for shown in require_as_sent(each)):
            row = currency if declared else "any"
            trial.rows.leave(
                f"currencies.{row}", "erp_read does not show the currency (currency of Contents)."
            )


def check_other_currency(trial: Trial) -> None:
    """The adapter refuses an undeclared currency: booked in another one, the amount is wrong."""
    declared = trial.adapter.declaration.currencies
    if declared is None:
        msg = "Any currency is accepted (currencies)."
        raise NotProved(msg)
    other = next(each for each in _OTHERS if each not in declared)
    for currency in (other, *(each for each in _CURRENCIES if each not in declared)):
        amount = _AMOUNT + 12 * find_unit(currency)
        line = trial.samples.build_line(gross=amount, work=amount)
        document = trial.samples.build([line], currency=currency)
        require_refused(
            trial, document, f"Currencies are {', '.join(sorted(declared))}.", "currencies"
        )


_SENTENCES = {
    Feature.INVOICES: (
        "An invoice is booked as a bill, or refused as declared, else it is never paid.",
        "The steps of an invoice are confirmed, and no bill is made.",
    ),
    Feature.SUBCONTRACTS: (
        "Invoices of subcontracts are booked, or refused as declared, else they are never paid.",
        "Invoices of subcontracts are lost, or are booked although declared as absent.",
    ),
    Feature.PURCHASE_ORDERS: (
        "Invoices of purchase orders are booked, or refused as declared, else they are unpaid.",
        "Invoices of purchase orders are lost, or are booked although declared as absent.",
    ),
    Feature.AMOUNT_BASED: (
        "Lines billed by amount are booked with their amounts, else the bill pays too little.",
        "Lines billed by amount are booked as zero.",
    ),
    Feature.UNIT_BASED: (
        "Lines billed by units are booked with quantity and amount, else a rounded sum is paid.",
        "Quantities are dropped, or the amount is computed from a rounded price.",
    ),
    Feature.CHANGE_ORDERS: (
        "Lines of change orders are part of the bill, else approved extra work is not paid.",
        "Lines of change orders are left out.",
    ),
    Feature.STORED_MATERIALS: (
        "Stored materials are part of the bill's amount, else they are not paid.",
        "Stored materials are left out of the amount.",
    ),
    Feature.RETAINAGE: (
        "Retainage is held back from the amount to pay, else too much is paid.",
        "Retainage is dropped, so that the vendor is paid too much.",
    ),
    Feature.RETAINAGE_RELEASE: (
        "Released retainage is added to the amount to pay, else it is never paid out.",
        "Released retainage is dropped, or subtracted.",
    ),
}  # fmt: skip


def _build_feature_check(feature: Feature, sentence: str, lie: str) -> Check:
    forms = {Feature.RETAINAGE: ("retainage: *",), Feature.RETAINAGE_RELEASE: ()}
    words = (f"features.{feature.value}: *", *forms.get(feature, ()))
    return Check(
        name=f"feature.{feature.value}", run=partial(check_feature, feature=feature),
        sentence=sentence, lie=lie, words=words,
    )  # fmt: skip


# fmt: off
CHECKS = (
    *(_build_feature_check(feature, *texts) for feature, texts in _SENTENCES.items()),
    Check(
        name="amount.zero", run=check_zero, words=("zero: *",),
        lie="The export of an invoice of zero is confirmed, and makes no document in the ERP.",
    ),
    Check(
        name="amount.negative", run=check_negative, words=("negative: *",),
        lie="A credit loses its sign, or is booked although the declaration refuses credits.",
    ),
    Check(
        name="amount.release_only", run=check_release_only, words=("release_only: *",),
        lie="An invoice that only releases retainage is booked without the released amount.",
    ),
    Check(
        name="retainage.document", run=check_retainage_document, words=("retainage: document",),
        lie="Retainage is declared as a document of its own, and the plan makes one document.",
    ),
    Check(
        name="currency.declared", run=check_currencies, words=("currencies.*: accepted",),
        lie="The currency is ignored, or amounts have the decimals of another currency.",
    ),
    Check(
        name="currency.other", run=check_other_currency, words=("currencies.[A-Z]*: accepted",),
        lie="An invoice in a currency that is not declared is booked as dollars.",
    ),
)
# fmt: on
