"""Bugs about answers: a wrong one is believed, a missing one refused, a true one dropped."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from erp_invoice_core.adapters import Adapter, Done, Outcome, Receipt, Refused, Step, Unknown
from erp_invoice_core.flow import record, record_late_outcome
from erp_invoice_core.verdict import Denial, Source, Verdict
from erp_invoice_core.vocabulary import ExportStatus

from ..mutant import Mutant, apply_all, replace_attribute, replace_everywhere

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from erp_invoice_core.declaration import Declaration
    from erp_invoice_core.documents import Answer, Call, QueueEntry
    from erp_invoice_core.events import Change

_knowledge = import_module("erp_invoice_core.flow.knowledge")


def _believe_errors(write: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """Return a write that keeps the body of an error as the id of the document."""

    def write_believing(
        adapter: Adapter, session: object, request: object, step: Step, *more: object
    ) -> Outcome:
        outcome = write(adapter, session, request, step, *more)
        if isinstance(outcome, Unknown) and '"id"' in outcome.why:
            return Done(Receipt(step=step.name, erp_id=outcome.why, role=step.role))
        return outcome

    return write_believing


def _timed_out() -> Refused:
    message = "Try again: the ERP gave no answer."
    return Refused(Verdict((Denial("erp.timed_out", message, Source.ERP),)))


def _take_for_refusal(former: Callable[..., Change]) -> Callable[..., Change]:
    """Return a recording of answers that takes a missing answer for a refusal."""

    def record(entry: QueueEntry, place: int, outcome: Outcome, **given: object) -> Change:
        heard = _timed_out() if isinstance(outcome, Unknown) else outcome
        return former(entry, place, heard, **given)

    return record


def _may_repeat_call(
    call: Call, _entry: QueueEntry, _at: datetime, erp: Declaration | None
) -> bool:
    """Repeat a call in doubt if the ERP enforces its key or its number."""
    return _knowledge.find_terms(call, erp).enforces_key is True


def _settle_all_of_key(former: Callable[..., QueueEntry]) -> Callable[..., QueueEntry]:
    """Return a settlement by which an answer settles every call of its key."""

    def settle(entry: QueueEntry, place: int, answer: Answer) -> QueueEntry:
        known = former(entry, place, answer)
        for other, call in enumerate(entry.calls):
            if call.key == entry.calls[place].key and call.answer is None:
                known = former(known, other, answer)
        return known

    return settle


def _take_nothing(*_given: object, **_more: object) -> None:
    """Take no late evidence."""


def _take_while_open(
    former: Callable[..., Change | None],
) -> Callable[..., Change | None]:
    """Return a rule that drops late evidence once a person has decided."""
    closed = {ExportStatus.REJECTED, ExportStatus.READY, ExportStatus.FAILED, ExportStatus.SYNCED}

    def record(entry: QueueEntry, place: int, outcome: Outcome, **given: object) -> Change | None:
        return None if entry.status in closed else former(entry, place, outcome, **given)

    return record


BUGS = (
    Mutant(
        name="error-body-as-id",
        sources=("getlago/lago-api#5482",),
        happened="NetSuite refused the retry of a timed-out post, and the refusal's body was saved "
        "as the external id of the invoice.",
        rebuilt="An error whose body shows an id counts as the receipt of the document.",
        applied=lambda: replace_attribute(Adapter, "write", _believe_errors(Adapter.write)),
    ),
    Mutant(
        name="time-out-as-failure",
        sources=("erpnet/ErpNet.FP#90",),
        happened="A fiscal printer timed out and printed all the same; it counted as failed, was "
        "tried again, and one sale was recorded twice.",
        rebuilt="A missing answer is recorded as a refusal, so that people may simply try again.",
        applied=lambda: replace_everywhere(record, _take_for_refusal(record)),
    ),
    Mutant(
        name="one-answer-for-all",
        sources=("Dolibarr/dolibarr-community-modules#985",),
        happened="An invoice was sent twice, and the refusal of the duplicate was recorded on the "
        "first delivery, which had been accepted.",
        rebuilt="A call in doubt is sent again where the ERP enforces its key, and the answer to "
        "one of them settles both.",
        applied=lambda: apply_all(
            replace_attribute(_knowledge, "_may_repeat", _may_repeat_call),
            replace_everywhere(
                _knowledge.record_answer, _settle_all_of_key(_knowledge.record_answer)
            ),
        ),
    ),
    Mutant(
        name="stale-receipt-dropped",
        sources=("majiayu000/harness#1878",),
        happened="The lease of a worker ran out while it worked, and its finished result was "
        "dropped with a line in the log.",
        rebuilt="The result of a holder is dropped if its lease is over.",
        applied=lambda: replace_everywhere(record_late_outcome, _take_nothing),
    ),
    Mutant(
        name="late-answer-skipped",
        sources=("woocommerce/woocommerce-gateway-stripe#5703",),
        happened="A shopper cancelled while the payment settled; the charge was made, and the late "
        "message of it was skipped because the order was cancelled.",
        rebuilt="A late receipt is thrown away once the entry is failed, rejected, sent anew or "
        "synced.",
        applied=lambda: replace_everywhere(
            record_late_outcome, _take_while_open(record_late_outcome)
        ),
    ),
)
