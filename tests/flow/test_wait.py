"""The wait of an entry: time, a look-up, a person, an adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.documents import Delay, QueueEntry
from erp_invoice_core.exchange import Deferred
from erp_invoice_core.flow import (
    WaitFor,
    build_unreadable_wait,
    defer,
    find_wait,
    lose,
    postpone,
    record,
    renew,
)
from erp_invoice_core.flow.wait import WAITS, Wait
from erp_invoice_core.translation import translate
from erp_invoice_core.vocabulary import ExportStatus

from .samples import (
    ERP,
    LEASE,
    apply,
    build_accepted,
    build_claimed,
    build_draft_left,
    build_exporting,
    build_failed,
    build_ready,
    build_rejected,
    build_started,
    build_synced,
    build_unknown,
)

if TYPE_CHECKING:
    from datetime import datetime

WRONG_TOKEN = {"why": "The token is not valid any more."}


def _build_withdrawing() -> QueueEntry:
    return attrs.evolve(build_draft_left(), withdrawing=True, due_at=apply(7))


def _repair() -> QueueEntry:
    return defer(
        build_exporting(),
        at=apply(0),
        erp=ERP,
        until=apply(60),
        needs_person=True,
        facts=WRONG_TOKEN,
    ).after


def _build_postponed() -> QueueEntry:
    return defer(build_exporting(), at=apply(0), erp=ERP, until=apply(60), facts=WRONG_TOKEN).after


ROWS: dict[str, tuple[QueueEntry, WaitFor, datetime | None]] = {
    "wait.repair": (_repair(), WaitFor.PERSON, apply(60)),
    "wait.look_up": (build_unknown(), WaitFor.LOOK_UP, build_unknown().due_at),
    "wait.deferred": (_build_postponed(), WaitFor.TIME, apply(60)),
    "wait.withdrawal": (_build_withdrawing(), WaitFor.TIME, apply(7)),
    "wait.export": (build_exporting(), WaitFor.TIME, apply(0) + LEASE),
    "wait.worker": (build_accepted(), WaitFor.TIME, apply(0)),
    "wait.resolve": (attrs.evolve(build_unknown(), due_at=None), WaitFor.PERSON, None),
    "wait.accept": (build_ready(), WaitFor.PERSON, None),
    "wait.failed": (build_failed(), WaitFor.PERSON, None),
    "wait.correction": (build_rejected(), WaitFor.PERSON, None),
    "wait.send": (QueueEntry(id="1"), WaitFor.PERSON, None),
}


@pytest.mark.parametrize("code", ROWS)
def test_every_status_says_what_it_waits_for(code: str) -> None:
    """Each row names what moves the entry on, and until when."""
    entry, waits_for, until = ROWS[code]
    wait = find_wait(entry)
    assert wait is not None
    assert (code, waits_for, until) == (wait.code, wait.waits_for, wait.until)
    assert "{" not in wait.message
    assert all(value in wait.message for value in wait.facts.values())


def test_a_synced_entry_waits_for_nothing() -> None:
    """A synced entry has nothing to wait for."""
    assert find_wait(build_synced()) is None
    assert find_wait(build_synced(), is_served=False) is None


@pytest.mark.parametrize(
    "entry", [build_accepted(), build_unknown(), _build_withdrawing(), _repair()]
)
def test_what_a_worker_does_needs_the_adapter(entry: QueueEntry) -> None:
    """A worker without the adapter moves nothing: the entry waits for one that has it."""
    wait = find_wait(entry, is_served=False)
    assert wait is not None
    assert ("wait.adapter", WaitFor.ADAPTER) == (wait.code, wait.waits_for)
    assert "sandbox" not in wait.message
    assert entry.connection is not None
    assert entry.connection in wait.message


def test_a_person_does_not_need_the_adapter() -> None:
    """A decision of a person does not wait for an adapter."""
    wait = find_wait(build_ready(), is_served=False)
    assert wait is not None
    assert "wait.accept" == wait.code


def test_every_row_is_reached() -> None:
    """The rows of the table are the ones that are tested here."""
    assert {row.code for row in WAITS} == {*ROWS, "wait.adapter"}


def test_the_reasons_of_a_failure_are_named() -> None:
    """A failed entry's message has the reasons with which it was refused."""
    entry = build_failed()
    wait = find_wait(entry)
    assert wait is not None
    assert entry.refusal
    assert all(reason.message in wait.message for reason in entry.refusal)


def test_a_lost_answer_says_why() -> None:
    """An unknown entry keeps what was known of the lost answer."""
    entry = build_started()
    lost = lose(entry, entry, at=apply(1), erp=ERP, facts={"why": "The line broke."}).after
    assert Delay("The line broke.") == lost.delay
    wait = find_wait(lost)
    assert wait is not None
    assert wait.message.endswith("The line broke.")


def test_a_look_up_that_a_person_must_repair_waits_for_one() -> None:
    """Where the ERP cannot be asked until a person repairs it, a person is named."""
    entry = build_claimed(build_unknown(), at=400)
    put_off = postpone(entry, at=apply(400), facts=WRONG_TOKEN, needs_person=True).after
    wait = find_wait(put_off)
    assert wait is not None
    assert ("wait.repair", WaitFor.PERSON) == (wait.code, wait.waits_for)
    assert WRONG_TOKEN == dict(wait.facts)
    assert WRONG_TOKEN["why"] in wait.message


def test_the_answer_of_a_write_can_need_a_person() -> None:
    """A deferral that only a person can repair says so in the entry."""
    answer = Deferred(None, "The ledger is not UTF-8.", needs_person=True)
    after_it = record(build_started(), 0, answer, at=apply(1), erp=ERP).after
    assert (ExportStatus.ACCEPTED, Delay("The ledger is not UTF-8.", needs_person=True)) == (
        after_it.status,
        after_it.delay,
    )


def test_a_delay_is_forgotten_when_something_else_happens() -> None:
    """The next claim begins without the old reason, and renewing a lease keeps it so."""
    entry = build_claimed(_repair(), at=60)
    assert entry.delay is None
    assert renew(entry, at=apply(61), lease=LEASE).after.delay is None


def test_a_delay_moves_no_version() -> None:
    """A reason to wait is shown, and does not make what a person saw old."""
    assert _build_postponed().version == _repair().version


def test_values_of_a_wait_are_its_own() -> None:
    """It has none unless they are given, and they cannot be changed."""
    facts = {"why": "Busy."}
    wait = Wait(waits_for=WaitFor.TIME, code="wait.x", message="Wait.", facts=facts)
    facts["why"] = "Done."

    assert {"why": "Busy."} == dict(wait.facts)
    assert {} == dict(Wait(waits_for=WaitFor.TIME, code="wait.x", message="Wait.").facts)
    with pytest.raises(TypeError):
        wait.facts["why"] = "Done."  # type: ignore[index]  # that it cannot be changed is tested


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            attrs.evolve(_build_withdrawing(), connection=None),
            "A worker removes the document of the invoice from the ERP.",
        ),
        (
            attrs.evolve(build_unknown(), due_at=None, delay=None),
            (
                "No look-up shows whether ledger has the invoice. Look in ledger, then resolve the"
                " invoice with evidence."
            ),
        ),
        (
            attrs.evolve(build_failed(), refusal=()),
            "The export failed. An accounting approver retries or rejects it.",
        ),
        (
            attrs.evolve(build_rejected(), refusal=()),
            "The invoice was rejected. Correct it and send it again.",
        ),
    ],
)
def test_a_wait_without_its_values_has_a_whole_sentence(entry: QueueEntry, message: str) -> None:
    """A value that is not on record is left out of the sentence."""
    wait = find_wait(entry)

    assert wait is not None
    assert message == wait.message


def test_equal_waits_are_one() -> None:
    """Waits can be kept in sets, whatever values they have."""
    wait = Wait(waits_for=WaitFor.TIME, code="wait.x", message="Wait.", facts={"why": "Busy."})

    assert 1 == len({wait, attrs.evolve(wait)})


def test_what_cannot_be_read_waits_for_a_person() -> None:
    """The message names the invoice and what to restore or load, and can be translated."""
    row, record = build_unreadable_wait("5000"), build_unreadable_wait("5000", is_record=True)

    assert (WaitFor.PERSON, "wait.unreadable") == (row.waits_for, row.code)
    assert row.message == (
        "The stored row of invoice 5000 cannot be read. Stop the workers, and restore a database"
        " backup in which erp-invoice verify finds nothing."
    )
    assert record.message == "The loaded record of invoice 5000 cannot be read. Load it again."
    assert [f"<{row.message}>", f"<{record.message}>"] == [
        translate(each, "<{}>".format) for each in (row, record)
    ]
