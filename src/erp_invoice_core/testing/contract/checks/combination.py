"""Checks of invoices that use everything at once, as real invoices do."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import attrs

from ....adapters import Done, Refused
from ....declaration import AttachmentForm, Handling, WithdrawForm
from ....vocabulary import Feature
from ..check import Check
from ..combination import MANY, build_combination
from ..result import NotProved, refute
from ..trial import describe_outcome
from .attachments import build_sample_file
from .contents import (
    list_shown,
    require_as_sent,
    require_booked,
    require_like,
    require_shown_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....adapters import Outcome
    from ....documents import ExportDocument, Receipt
    from ....exchange import Contents
    from ..trial import Trial

#: Currencies with two, no and three decimals, which are tried where any is accepted.
_CURRENCIES = ("USD", "EUR", "JPY", "KWD")
#: A later attempt and a later generation, so that a difference from the first one shows.
_LATER: tuple[dict[str, int], ...] = ({"attempt": 3}, {"generation": 2, "attempt": 2})
_BILLED = date(2026, 10, 31)
#: The days from the billing date to another accounting date, and to the day of payment.
_LATER_BY, _TERM = timedelta(days=9), timedelta(days=40)
#: The export fields of the two other dates.
_ACCOUNTED, _DUE = "accounting_date", "due_date"


@attrs.define
class _Exports:
    """Exports invoices, each of which must read back as declared unless the adapter refuses it."""

    done: int = 0
    refused: list[str] = attrs.Factory(list)
    hidden: list[str] = attrs.Factory(list)
    _shown: frozenset[str] = frozenset()

    def add(self, trial: Trial, name: str, *, is_strict: bool = True) -> Outcome:
        """
        Export an invoice; end the check as refuted if its documents do not read back as declared.

        Return the last outcome. *name* describes the invoice in reasons. If the outcome is deferred
        or unknown, the check ends as refuted; without *is_strict*, the invoice counts as refused by
        the ERP.
        """
        outcome, receipts = trial.try_export()
        if isinstance(outcome, Done):
            self.done += 1
            self._compare_shown(require_booked(trial, receipts), name)
        elif isinstance(outcome, Refused) or not is_strict:
            self.refused.append(f"{name} ({describe_outcome(outcome)})")
        else:
            declared = f"Each step of a supported invoice is carried out ({name})."
            refute(declared, describe_outcome(outcome), "erp_write")
        return outcome

    def _compare_shown(self, documents: tuple[Contents, ...], name: str) -> None:
        """
        Record the fields that erp_read showed of the first booked invoice, but not of this one.

        *name* describes this invoice in reasons.
        """
        shown = frozenset(field for field, is_shown in list_shown(documents).items() if is_shown)
        self._shown = self._shown or shown
        if lacking := sorted(self._shown - shown - {"attachments"}):
            self.hidden.append(f"{', '.join(lacking)} of {name}")

    def require_all(self) -> None:
        """End the check as not proved if an invoice was refused, or a value of it not shown."""
        if self.hidden:
            msg = f"erp_read shows some values of other invoices only: {'; '.join(self.hidden)}."
            raise NotProved(msg)
        if self.refused:
            msg = f"These invoices are not booked: {'; '.join(self.refused)}."
            raise NotProved(msg)

    def require_some(self) -> None:
        """End the check as not proved if every invoice was refused."""
        if not self.done:
            self.require_all()


def _require_read(trial: Trial) -> None:
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)


def check_many(trial: Trial) -> None:
    """The ERP has each of over a hundred lines to the last cent, so that no money is lost."""
    require_shown_lines(require_as_sent(trial.renew(build_combination(trial.samples, MANY))))


def check_kinds(trial: Trial) -> None:
    """Credits, final invoices and each kind of commitment keep the retainage and tax to be paid."""
    _require_read(trial)
    exports = _Exports()
    for kind in trial.samples.list_kinds():
        for is_credit in _list_signs(trial):
            for is_final in (False, True):
                document = build_combination(
                    trial.samples, is_credit=is_credit, commitment_kind=kind, final=is_final
                )
                name = f"{'credit' if is_credit else 'bill'} of a {kind}"
                each = trial.renew(document)
                if is_final:
                    each, name = _add_file(_date(each), name), f"final {name}"
                exports.add(each, name)
        if _releases_alone(trial):
            each = _add_file(
                _date(trial.renew(_build_release(trial, kind))), f"release of a {kind}"
            )
            exports.add(each, f"last release of a {kind}")
    for name, document in _list_mixed(trial):
        exports.add(trial.renew(document), name)
    exports.require_all()


def _date(trial: Trial) -> Trial:
    """Return the trial with dates of its own to account on and to pay on, if the ERP has them."""
    document = trial.request.document
    billed = document.billing_date or _BILLED
    fields = dict(trial.request.fields)
    if _has_field(trial, _DUE):
        fields[_DUE] = (billed + _TERM).isoformat()
    request = attrs.evolve(trial.request, fields=fields)
    if _has_field(trial, _ACCOUNTED):
        day = billed + _LATER_BY
        fields = {**fields, _ACCOUNTED: day.isoformat()}
        request = attrs.evolve(request, fields=fields, accounting_date=day)
    return attrs.evolve(trial, request=request)


def _list_mixed(trial: Trial) -> Iterator[tuple[str, ExportDocument]]:
    """
    Yield invoices whose amounts have several signs, each with a description.

    One gives back a part of its retainage, and is due for more than it bills. One takes back work
    and releases more than that, so that it bills a credit and is due as a bill.
    """
    samples, declaration = trial.samples, trial.adapter.declaration
    is_exported = declaration.negative is Handling.EXPORTED
    if not is_exported or Feature.RETAINAGE not in declaration.supported:
        return
    unit = samples.unit
    line = attrs.evolve(
        samples.build_plain_line(Decimal(1200)), retained=-Decimal(60).quantize(unit)
    )
    yield "bill that gives back retainage", samples.build([line])
    if Feature.RETAINAGE_RELEASE in declaration.supported:
        line = attrs.evolve(
            samples.build_plain_line(Decimal(-120)), released=Decimal(480).quantize(unit)
        )
        yield "bill that takes back work", samples.build([line])


def _list_signs(trial: Trial) -> tuple[bool, ...]:
    """Return the values of *is_credit* to try: false, and true if credits are exported."""
    is_exported = trial.adapter.declaration.negative is Handling.EXPORTED
    return (False, True) if is_exported else (False,)


def _releases_alone(trial: Trial) -> bool:
    declaration = trial.adapter.declaration
    is_exported = declaration.release_only is Handling.EXPORTED
    return is_exported and Feature.RETAINAGE_RELEASE in declaration.supported


def _build_release(trial: Trial, kind: str) -> ExportDocument:
    """Return a final invoice of two lines that releases retainage, and bills nothing."""
    samples = trial.samples
    amounts = [Decimal(each).quantize(samples.unit) for each in ("1234.56", "78.95")]
    lines = [
        samples.build_line(item_id=str(place), released=amount)
        for place, amount in enumerate(amounts, 1)
    ]
    return samples.build(lines, commitment_kind=kind, final=True)


def check_currencies(trial: Trial) -> None:
    """Retainage, tax and lines are kept in every declared currency, else a wrong sum is paid."""
    _require_read(trial)
    exports, kinds = _Exports(), trial.samples.list_kinds()
    declared = trial.adapter.declaration.currencies
    for place, currency in enumerate(_CURRENCIES if declared is None else sorted(declared)):
        for is_credit in _list_signs(trial):
            document = build_combination(
                trial.samples,
                is_credit=is_credit,
                currency=currency,
                commitment_kind=kinds[(place + is_credit) % len(kinds)],
                final=is_credit,
            )
            exports.add(trial.renew(document), f"{currency}{' credit' if is_credit else ''}")
    exports.require_all()


# ── days ────────────────────────────────────────────────────────────────────────────────────────


def check_ends(trial: Trial) -> None:
    """A date at the end of a month or year is not moved, else the cost is in the wrong period."""
    _require_read(trial)
    exports = _Exports()
    for each, name in _list_days(trial):
        exports.add(each, name, is_strict=False)
    exports.require_some()


def _list_days(trial: Trial) -> Iterator[tuple[Trial, str]]:
    """
    Yield trials of invoices dated at the ends of months and years, each with a description.

    If the adapter has an export field for the accounting date, or for the due date, another trial
    of each day has the day in this field. A bill that is due on its own date is among them.
    """
    samples = trial.samples
    billed = samples.base.billing_date or _BILLED
    year = billed.year
    days = (
        date(year, 12, 31),
        date(year + 1, 1, 1),
        date(year + 1, 2, 28),
        date(year, 12, 1),
        date(year + -year % 4, 2, 29),
    )
    if _has_field(trial, _DUE):
        for day in (billed, *days):
            document = samples.build_plain()
            fields = {**samples.build_request(document).fields, _DUE: day.isoformat()}
            yield trial.renew(document, fields=fields), f"due on {day}"
    for day in days:
        yield trial.renew(samples.build_plain(billing_date=day)), f"billed on {day}"
        if _has_field(trial, _ACCOUNTED):
            yield _renew_on(trial, samples.build_plain(), day), f"accounted on {day}"


def _has_field(trial: Trial, key: str) -> bool:
    return any(field.key == key for field in trial.adapter.declaration.extra_fields)


def _renew_on(trial: Trial, document: ExportDocument, day: date, **request: Any) -> Trial:  # noqa: ANN401 - the request's own fields
    """Return a trial of the invoice with *day* as its accounting date."""
    fields = {**trial.samples.build_request(document).fields, _ACCOUNTED: day.isoformat()}
    return trial.renew(document, fields=fields, accounting_date=day, **request)


# ── later attempts and generations ──────────────────────────────────────────────────────────────


def check_later(trial: Trial) -> None:
    """A later attempt, or one after an unlink, books the same values, else another sum is paid."""
    _require_read(trial)
    exports = _Exports()
    for request in _LATER:
        document = build_combination(trial.samples)
        name = f"generation {request.get('generation', 1)}, attempt {request['attempt']}"
        exports.add(_renew_later(trial, document, request), name)
    exports.require_all()


def _renew_later(trial: Trial, document: ExportDocument, request: dict[str, int]) -> Trial:
    if not _has_field(trial, _ACCOUNTED):
        return trial.renew(document, **request)
    day = (document.billing_date or _BILLED) + _LATER_BY
    return _renew_on(trial, document, day, **request)


def check_corrected(trial: Trial) -> None:
    """A corrected invoice is booked with its new lines, else the amounts it corrected are paid."""
    _require_read(trial)
    exports, first = _Exports(), build_combination(trial.samples)
    _remove(trial.renew(first))
    for generation, document in enumerate(_correct(trial, first), 2):
        each = trial.renew(document, generation=generation)
        exports.add(each, f"generation {generation}")
    exports.require_all()


def _remove(trial: Trial) -> None:
    """Export the invoice and remove its documents if the adapter can, as before a correction."""
    receipts = trial.export()
    if trial.adapter.declaration.withdraw is not WithdrawForm.IMPOSSIBLE:
        for receipt in (each for each in receipts if each.role is not None):
            trial.adapter.withdraw(trial.session, receipt)


def _correct(trial: Trial, first: ExportDocument) -> Iterator[ExportDocument]:
    """Yield two corrections of an invoice: other lines of the same total, then another total."""
    texts = [f"{line.description} corrected" for line in first.lines]
    lines = [
        attrs.evolve(line, description=text)
        for line, text in zip(reversed(first.lines), texts, strict=True)
    ]
    for changed in (lines, lines[: len(lines) // 2]):
        number = trial.samples.build([]).invoice_number
        yield attrs.evolve(first, lines=tuple(changed), invoice_number=number)


_INVOICES = ("features.invoices: full",)


def check_alternating(trial: Trial) -> None:
    """Steps of two bills alternate and reach their own bill, else a file pays another's work."""
    trials = [_add_file(trial, "first"), _add_file(trial.renew_plain(), "second")]
    receipts: list[list[Receipt]] = [[], []]
    for steps in zip_longest(*(each.steps for each in trials)):
        for one, step, done in zip(trials, steps, receipts, strict=True):
            if step is not None:
                outcome = one.carry_out(step, done)
                if not isinstance(outcome, Done):
                    declared = f"Step {step.name} of a supported invoice is carried out."
                    refute(declared, describe_outcome(outcome), "erp_write")
                done.append(outcome.receipt)
    if not trial.adapter.has_read:
        msg = "The invoices are exported, and the adapter reads no documents (erp_read)."
        raise NotProved(msg)
    for one, done in zip(trials, receipts, strict=True):
        documents = [one.read_existing(each) for each in done if each.role is not None]
        require_like(one, tuple(documents))


def _add_file(trial: Trial, name: str) -> Trial:
    """Return the trial with an attachment, if the ERP takes files."""
    if trial.adapter.declaration.attachments is not AttachmentForm.FILES:
        return trial
    file = build_sample_file(name, f"Lien waiver of the {name} bill.".encode())
    return attrs.evolve(trial, request=attrs.evolve(trial.request, attachments=(file,)))


# fmt: off
CHECKS = (
    Check(
        name="combined.many", run=check_many, words=_INVOICES,
        lie="Lines after a certain number are merged, or large amounts or fine quantities rounded.",
    ),
    Check(
        name="combined.kinds", run=check_kinds,
        words=(*_INVOICES, "features.purchase_orders: full", "features.subcontracts: full", "negative: exported"),
        lie="Credits, releases, final invoices or one kind of commitment lose an amount, a date or a file.",
    ),
    Check(
        name="combined.currencies", run=check_currencies, words=("currencies.*: accepted",),
        lie="An invoice of the second currency loses retainage, tax or cost codes.",
    ),
    Check(
        name="combined.days", run=check_ends, words=_INVOICES,
        lie="A day at the end of a month or a year is moved, or a due date.",
    ),
    Check(
        name="combined.later", run=check_later, words=_INVOICES,
        lie="A later attempt or generation has another date, number or amount.",
    ),
    Check(
        name="combined.corrected", run=check_corrected, words=_INVOICES,
        lie="The adapter keeps the lines of an invoice, and sends them again for its correction.",
    ),
    Check(
        name="combined.alternating", run=check_alternating, words=_INVOICES,
        lie="A later step changes the bill that was made last, and not that of its receipts.",
    ),
)
# fmt: on
