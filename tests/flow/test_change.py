"""An action that is refused moves the number of events; one that is allowed moves what it says."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.documents import WORKER, Actor, Answer, QueueEntry
from erp_invoice_core.flow import (
    Resolution,
    accept,
    apply_transition,
    ask_withdrawal,
    import_synced,
    record_denial,
    reject,
    resolve,
    retrieve,
    retry,
    send,
    unlink,
)
from erp_invoice_core.flow.change import choose_attempt
from erp_invoice_core.flow.knowledge import record_answer
from erp_invoice_core.verdict import Denial, Source, Verdict
from erp_invoice_core.vocabulary import Action, ExportStatus, Role

from .samples import (
    PERSON,
    apply,
    build_case,
    build_draft_left,
    build_failed,
    build_ready,
    build_started,
    build_synced,
    build_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.events import Change

#: Every verb of a person, with an entry for which it is allowed.
VERBS: tuple[tuple[Action, Callable[..., Change], QueueEntry], ...] = (
    (Action.SEND, partial(send, action=Action.SEND, connection="ledger"), QueueEntry(id="5000")),
    (Action.RETRIEVE, retrieve, build_ready()),
    (Action.ACCEPT, partial(accept, fields={}), build_ready()),
    (Action.REJECT, partial(reject, reason="No."), build_ready()),
    (Action.RETRY, retry, build_failed()),
    (Action.WITHDRAW, partial(ask_withdrawal, evidence=None), build_draft_left()),
    (
        Action.RULE,
        partial(resolve, resolution=Resolution(absent=True), evidence="Seen."),
        build_unknown(),
    ),
    (Action.UNLINK, unlink, build_synced()),
)
STRANGER = Actor(id="nobody")


def test_refused_attempt_moves_only_the_number_of_events() -> None:
    """A refused action leaves status and version, and keeps its reasons."""
    entry = build_ready()
    no = Verdict((Denial("status.send", "Retrieve it first.", Source.STATUS),))

    change = record_denial(Action.SEND, entry, no, at=apply(1), actor="ann", command="c1")

    assert attrs.evolve(entry, seq=2) == change.after
    assert no.denials == change.event.denials
    assert "c1" == change.event.command
    assert {} == dict(change.facts)


def test_version_grows_with_the_status() -> None:
    """A new status is something that a person must know."""
    entry = build_ready()

    change = apply_transition(
        Action.RETRIEVE, entry, at=apply(1), actor="ann", to=ExportStatus.RETRIEVED
    )

    assert (2, 2) == (change.after.version, change.after.seq)


def test_version_grows_with_an_answer() -> None:
    """An answer to a call makes what a person saw before stale."""
    entry = build_started()
    calls = record_answer(entry, 0, Answer.REFUSED).calls

    change = apply_transition(Action.RECORD, entry, at=apply(1), actor="w", calls=calls)

    assert entry.version + 1 == change.after.version


def test_version_stays_where_nothing_was_learned() -> None:
    """A new due date alone leaves the version."""
    entry = build_ready()

    change = apply_transition(Action.RECORD, entry, at=apply(1), actor="w", due_at=apply(9))

    assert (entry.version, entry.seq + 1) == (change.after.version, change.after.seq)


def test_try_stays_while_nothing_was_called_under_it() -> None:
    """A try without a call is still fresh."""
    assert 1 == choose_attempt(build_ready())


def test_try_grows_once_something_was_called_under_it() -> None:
    """A key that was used is not used for a new try."""
    assert 2 == choose_attempt(build_unknown())


def test_key_of_a_document_without_a_call_is_not_used_again() -> None:
    """After a restore a document may have a key under which no call is on record."""
    assert 2 == choose_attempt(attrs.evolve(build_draft_left(), calls=()))


def test_imported_invoice_is_synced_under_the_id_that_it_brought() -> None:
    """An invoice that came with an ERP id has its bill in the ERP from the first day."""
    entry = QueueEntry(id="5000")
    case = build_case(entry, apply(0), actor=WORKER)

    change = import_synced(
        entry, case, erp_id="OLD-1", connection="ledger", at=apply(0), actor=WORKER
    )

    (held,) = change.after.holdings
    assert (ExportStatus.SYNCED, "ledger") == (change.after.status, change.after.connection)
    assert ("OLD-1", Role.BILL) == (held.receipt.erp_id, held.receipt.role)


def test_import_by_a_person_is_refused() -> None:
    """Only the system imports."""
    entry = QueueEntry(id="5000")
    case = build_case(entry, apply(0))

    change = import_synced(
        entry, case, erp_id="OLD-1", connection="ledger", at=apply(0), actor=PERSON
    )

    assert ["permission.import"] == [denial.code for denial in change.verdict.denials]
    assert ExportStatus.NOT_SENT is change.after.status


@pytest.mark.parametrize(("action", "verb", "entry"), VERBS, ids=[row[0].value for row in VERBS])
def test_change_says_who_did_what_when_and_with_which_command(
    action: Action, verb: Callable[..., Change], entry: QueueEntry
) -> None:
    """The audit event has them all."""
    case = build_case(entry, apply(99), evidence=None if action is Action.WITHDRAW else "Seen.")

    change = verb(entry, case, at=apply(99), actor=PERSON, command="c1")

    event = change.event
    assert change.verdict
    assert (action, "everything", apply(99), "c1") == (
        event.action,
        event.actor,
        event.at,
        event.command,
    )


@pytest.mark.parametrize(("action", "verb", "entry"), VERBS, ids=[row[0].value for row in VERBS])
def test_refused_change_says_who_tried_what_when_and_with_which_command(
    action: Action, verb: Callable[..., Change], entry: QueueEntry
) -> None:
    """A stranger's attempt changes nothing, and its audit event has them all as well."""
    case = build_case(entry, apply(99), actor=STRANGER)

    change = verb(entry, case, at=apply(99), actor=STRANGER, command="c1")

    assert attrs.evolve(entry, seq=entry.seq + 1) == change.after
    assert ["permission.none"] == [denial.code for denial in change.event.denials]
    assert (action, "nobody", apply(99), "c1") == (
        change.event.action,
        change.event.actor,
        change.event.at,
        change.event.command,
    )


def test_import_says_its_command() -> None:
    """Return whether it is allowed, as for the system, or refused, as for a person."""
    entry = QueueEntry(id="5000")
    events = [
        import_synced(
            entry,
            build_case(entry, apply(0), actor=actor),
            erp_id="OLD-1",
            connection="ledger",
            at=apply(0),
            actor=actor,
            command="c1",
        ).event
        for actor in (WORKER, PERSON)
    ]

    assert [(Action.IMPORT, WORKER.id, "c1"), (Action.IMPORT, PERSON.id, "c1")] == [
        (event.action, event.actor, event.command) for event in events
    ]
    assert [{"erp_id": "OLD-1", "connection": "ledger"}] * 2 == [
        dict(event.facts) for event in events
    ]
