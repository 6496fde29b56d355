"""The checks that one connection or call does not change another one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ....adapters import AttachmentForm, Deferred, Done, Secret, SettingKind
from ....vocabulary import Feature
from ...faults import Fault
from ...samples import sample_attachments
from ..check import Check
from ..result import NotProved, require
from ..trial import describe_outcome
from .contents import require_as_sent, require_like
from .injection import list_possible, write_with

if TYPE_CHECKING:
    from ....documents import Receipt, Step
    from ..trial import Trial

_AMOUNT, _RETAINED = Decimal(1200), Decimal(120)
#: After these nothing was carried out, so that the same step is written again.
_NOT_CARRIED_OUT = (
    Fault.TOO_MANY,
    Fault.UNAUTHORIZED,
    Fault.BAD_REQUEST,
    Fault.UNPROCESSABLE,
    Fault.ERROR_BEFORE,
)


def check_own_session(trial: Trial) -> None:
    """Connections share no session: else a bill is written into the books of another company."""
    declared = trial.adapter.declaration.settings
    secrets = [each.name for each in declared if each.kind is SettingKind.SECRET]
    if not secrets:
        msg = "The adapter has no secret setting by which two connections could differ."
        raise NotProved(msg)
    if trial.target.is_shared:
        msg = "Other people see the ERP, so that no wrong token is tried there (is_shared)."
        raise NotProved(msg)
    others = dict.fromkeys(secrets, Secret("another-token-of-the-contract"))
    connection = attrs.evolve(trial.connection, settings={**trial.connection.settings, **others})
    session = trial.adapter.connect(connection)
    if isinstance(session, Deferred):
        return  # it asks the ERP for this token, so that it shares no session
    require(
        session.value is not trial.session.value or _is_plain(session.value),
        "Two connections with other secrets have sessions of their own.",
        "erp_connect returned the session of the first connection",
        "erp_connect: keep no session, or keep it under all settings of the connection",
    )


def _is_plain(session: object) -> bool:
    """Return whether a session is a plain value, which holds no state."""
    return session is None or isinstance(session, bool | int | str | bytes | tuple | frozenset)


def check_after_declined(trial: Trial) -> None:
    """After a declined request a bill has its files, date and retainage, else its sum is wrong."""
    faults = list_possible(trial, _NOT_CARRIED_OUT)
    each = _build_whole(trial)
    receipts: list[Receipt] = []
    for step in each.steps:
        receipts.append(_write_after(each, step, faults, receipts))
    if each.adapter.has_read:
        bills = [receipt for receipt in receipts if receipt.role is not None]
        require_like(each, tuple(each.read_existing(bill) for bill in bills))
    for document in trial.target.refused_documents():
        trial.renew(document).try_export()
    require_as_sent(_build_whole(trial))
    require_as_sent(_build_whole(trial).reconnect())


def _build_whole(trial: Trial) -> Trial:
    """Return a trial of an invoice with retainage and files, as far as both are supported."""
    line = trial.samples.build_plain_line(_AMOUNT)
    if Feature.RETAINAGE in trial.adapter.declaration.supported:
        line = attrs.evolve(line, retained=_RETAINED)
    each = trial.renew(trial.samples.build([line]))
    if trial.adapter.declaration.attachments is AttachmentForm.FILES:
        request = attrs.evolve(each.request, attachments=sample_attachments())
        each = attrs.evolve(each, request=request)
    return each


def _write_after(trial: Trial, step: Step, faults: list[Fault], receipts: list[Receipt]) -> Receipt:
    """Try a step with each fault, then carry it out without a fault; return its receipt."""
    for fault in faults:
        outcome, _ = write_with(trial, step, fault, receipts)
        if isinstance(outcome, Done):
            return outcome.receipt  # it sends no request that can meet the fault
    outcome = trial.carry_out(step, receipts)
    if not isinstance(outcome, Done):
        outcome = trial.reconnect().carry_out(step, receipts)
    require(
        isinstance(outcome, Done),
        f"Step {step.name} is carried out once the ERP takes requests again.",
        describe_outcome(outcome),
        "erp_write: keep nothing of an earlier answer",
    )
    assert isinstance(outcome, Done)
    return outcome.receipt


# fmt: off
CHECKS = (
    Check(
        name="session.own", run=check_own_session, words=("settings.*: secret",),
        lie="Two connections share a session.",
    ),
    Check(
        name="session.after_declined", run=check_after_declined, has_faults=True,
        words=("features.invoices: full",),
        lie="After a declined request, later requests leave out files or change other values.",
    ),
)
# fmt: on
