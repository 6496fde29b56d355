"""Every verb accepts one or many ids, answers in order, and records every attempt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import attrs
import pytest

from erp_invoice_core import (
    Action,
    Actor,
    Case,
    CommitUnknown,
    ExportStatus,
    MemoryStore,
    Policy,
    Resolution,
)
from erp_invoice_core import adapters as erp
from erp_invoice_core.queue import Result
from tests.worker.harness import APPROVER, EVERYTHING, SENDER, Office, document, ok
from tests.worker.scripted_erp import Scripted, declaration, receipt

READY, ACCEPTED, REJECTED = ExportStatus.READY, ExportStatus.ACCEPTED, ExportStatus.REJECTED
FAILED, NOT_SENT, RETRIEVED = ExportStatus.FAILED, ExportStatus.NOT_SENT, ExportStatus.RETRIEVED
SYNCED, UNKNOWN = ExportStatus.SYNCED, ExportStatus.UNKNOWN
MANY = ("5000", "5001", "5002")
NO = erp.Refused(erp.deny(erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP)))
BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")

Verb: TypeAlias = Callable[[Office, list[str]], list[Result]]


def sent(office: Office) -> None:
    """Have three invoices sent."""
    office.send(*MANY)


def rejected(office: Office) -> None:
    """Have three invoices rejected."""
    office.send(*MANY)
    ok(office.queue.reject(MANY, APPROVER, reason="No."))


def failed(office: Office) -> None:
    """Have three exports refused before anything was written."""
    office.accept(*MANY)
    erp_of(office).answer("check", *(NO.verdict for _ in MANY))
    office.worker.run_once()


def left(office: Office) -> None:
    """Have three exports refused at the second step."""
    office.accept(*MANY)
    for number in range(3):
        erp_of(office).answer("write", erp.Done(receipt(f"B-{number}")), NO)
    office.worker.run_once()


def doubtful(office: Office) -> None:
    """Have three invoices in doubt."""
    office.accept(*MANY)
    erp_of(office).answer("write", *(TimeoutError() for _ in MANY))
    office.worker.run_once()
    office.clock.advance(600)


def synced(office: Office) -> None:
    """Have three invoices synced, and their documents deleted in the ERP."""
    office.accept(*MANY)
    office.worker.run_once()
    erp_of(office).answer("read", *(erp.Gone(office.clock()) for _ in MANY))


def erp_of(office: Office) -> Scripted:
    """Return the ERP of the set-up."""
    assert isinstance(office.plugin, Scripted)
    return office.plugin


ABSENT = Resolution(absent=True)
VERBS: dict[str, tuple[Callable[[Office], None], Verb, ExportStatus]] = {
    "send": (
        lambda office: office.have(*MANY),
        lambda office, ids: office.queue.send(ids, SENDER, connection="erp"),
        READY,
    ),
    "resend": (rejected, lambda office, ids: office.queue.resend(ids, SENDER), READY),
    "retrieve": (sent, lambda office, ids: office.queue.retrieve(ids, SENDER), RETRIEVED),
    "accept": (sent, lambda office, ids: office.queue.accept(ids, APPROVER), ACCEPTED),
    "reject": (
        sent,
        lambda office, ids: office.queue.reject(ids, APPROVER, reason="No."),
        REJECTED,
    ),
    "retry": (failed, lambda office, ids: office.queue.retry(ids, APPROVER), ACCEPTED),
    "withdraw": (left, lambda office, ids: office.queue.withdraw(ids, APPROVER), FAILED),
    "rule": (
        doubtful,
        lambda office, ids: office.queue.rule(
            ids,
            EVERYTHING,
            ruling=ABSENT,
            evidence="Seen.",
            expect={id_: office.entry(id_).version for id_ in ids},
        ),
        FAILED,
    ),
    "unlink": (synced, lambda office, ids: office.queue.unlink(ids, EVERYTHING), NOT_SENT),
}


def desk() -> Office:
    """Return a set-up whose ERP needs two steps."""
    return Office(plugin=Scripted(None, BILL, POST))


@pytest.mark.parametrize("verb", VERBS)
def test_one_invoice(verb: str) -> None:
    """A verb for one invoice changes that one, and no other."""
    office = desk()
    prepare, act, to = VERBS[verb]
    prepare(office)
    before = office.entry("5001")

    (result,) = act(office, ["5000"])

    assert ("5000", True, to) == (result.id, result.verdict.allowed, result.entry.status)
    assert (to, before) == (office.status("5000"), office.entry("5001"))
    assert result.entry == office.entry("5000")
    office.check()


@pytest.mark.parametrize("verb", VERBS)
def test_many_invoices_and_a_bad_one(verb: str) -> None:
    """Many are answered in order; one that is refused, or unknown, affects no other."""
    office = desk()
    prepare, act, to = VERBS[verb]
    prepare(office)
    office.have("5003")
    if verb == "send":
        bent = attrs.evolve(office.host.cases["5003"], invoice_status=None)
        office.host.cases["5003"] = bent

    results = act(office, ["5002", "5003", "none", "5000", "5001"])

    assert ["5002", "5003", "none", "5000", "5001"] == [result.id for result in results]
    assert [True, False, False, True, True] == [result.verdict.allowed for result in results]
    assert [to] * 3 == [office.status(id_) for id_ in MANY]
    assert NOT_SENT is office.status("5003")
    office.check()


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_at_all(verb: str) -> None:
    """A verb for no invoice returns no results."""
    office = desk()
    assert [] == VERBS[verb][1](office, [])


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"rule", "unlink"}))
def test_the_same_invoice_twice(verb: str) -> None:
    """If an id is given twice, the second attempt sees the result of the first."""
    office = desk()
    prepare, act, _ = VERBS[verb]
    prepare(office)

    first, second = act(office, ["5000", "5000"])

    assert (True, False) == (first.verdict.allowed, second.verdict.allowed)
    assert first.entry.seq + 1 == second.entry.seq


def test_a_refused_attempt_is_recorded_and_moves_only_its_number() -> None:
    """A denial leaves an event with its reasons; status and version are unchanged."""
    office = Office()
    office.send("5000")
    before = office.entry()

    (result,) = office.queue.accept(["5000"], SENDER)

    event = office.queue.history("5000")[-1]
    assert (Action.ACCEPT, "pm", READY, READY) == (
        event.action,
        event.actor,
        event.before,
        event.after,
    )
    assert result.verdict.denials == event.denials
    assert attrs.evolve(before, seq=before.seq + 1) == office.entry()


def test_an_unknown_invoice_leaves_no_event() -> None:
    """An unknown id is denied, and nothing is recorded."""
    office = Office()
    (result,) = office.queue.send(["none"], SENDER, connection="erp")

    assert ["invoice.unknown"] == [denial.code for denial in result.verdict.denials]
    assert [] == list(office.queue.history("none"))
    office.check()


def test_an_unknown_connection_is_denied() -> None:
    """Nothing is sent to a missing connection, and the reasons say so."""
    office = Office()
    office.have("5000")
    (result,) = office.queue.send(["5000"], SENDER, connection="nowhere")

    assert not result.verdict
    assert NOT_SENT is office.status()


# The version that a person saw.


def test_the_version_that_was_seen() -> None:
    """A verb for an outdated version is denied; for the current version it is done."""
    office = Office()
    office.send("5000")

    (stale,) = office.queue.accept(["5000"], APPROVER, expect=0)
    (fresh,) = office.queue.accept(["5000"], APPROVER, expect=1)

    assert (["entry.changed"], True) == (
        [denial.code for denial in stale.verdict.denials],
        fresh.verdict.allowed,
    )


def test_versions_by_id() -> None:
    """Each id has its own version."""
    office = Office()
    office.send("5000", "5001", "5002")

    results = office.queue.accept(
        ["5000", "5001", "5002"], APPROVER, expect={"5000": 1, "5001": 7, "5002": 1}
    )

    assert [True, False, True] == [result.verdict.allowed for result in results]


# A command that is repeated.


def test_a_command_is_done_once() -> None:
    """Repeated with its command id after a lost answer, a verb answers and does no more."""
    office = Office()
    office.have("5000")
    (first,) = office.queue.send(["5000"], SENDER, connection="erp", command="c-1")
    (again,) = office.queue.send(["5000"], SENDER, connection="erp", command="c-1")
    (other,) = office.queue.send(["5000"], SENDER, connection="erp", command="c-2")

    assert (True, True, False) == tuple(one.verdict.allowed for one in (first, again, other))
    assert first.entry == again.entry
    assert [1, 2] == [event.seq for event in office.queue.history("5000")]


class Losing(MemoryStore):
    """A store in which a people's commit is stored, and loses its answer once."""

    lost = False

    def people(self, connection: object | None = None) -> Any:  # noqa: ANN401 - a context manager
        """Open people's port."""
        return self._told(super().people(connection))

    def _told(self, inner: Any) -> Any:  # noqa: ANN401 - the same
        store = self

        class Once:
            def __enter__(self) -> object:
                return inner.__enter__()

            def __exit__(self, *error: object) -> None:
                inner.__exit__(*error)
                if not store.lost:
                    store.lost = True
                    raise CommitUnknown("No answer.")

        return Once()


def test_a_command_whose_answer_was_lost() -> None:
    """The host repeats the command whose answer was lost, and the invoice was sent once."""
    office = Office(store=Losing())
    office.have("5000")
    with pytest.raises(CommitUnknown):
        office.queue.send(["5000"], SENDER, connection="erp", command="c-1")

    (again,) = office.queue.send(["5000"], SENDER, connection="erp", command="c-1")

    assert (True, READY, 1) == (
        again.verdict.allowed,
        again.entry.status,
        len(office.queue.history("5000")),
    )


def test_one_id_with_two_verbs_is_two_commands() -> None:
    """The same command id with ``send`` and then ``accept`` means two commands, each executed."""
    office = Office()
    office.have("5000")
    (sent,) = office.queue.send(["5000"], SENDER, connection="erp", command="c-1")
    (accepted,) = office.queue.accept(["5000"], APPROVER, command="c-1")

    assert (ExportStatus.READY, ExportStatus.ACCEPTED) == (
        sent.entry.status,
        accepted.entry.status,
    )
    assert ["send:c-1", "accept:c-1"] == [event.command for event in office.queue.history("5000")]


def test_a_refused_command_is_decided_again() -> None:
    """A denied command has no stored answer: repeated, it may be allowed."""
    office = Office()
    office.have("5000")
    (denied,) = office.queue.send(["5000"], APPROVER, connection="erp", command="c-1")
    (done,) = office.queue.send(["5000"], SENDER, connection="erp", command="c-1")
    assert (False, True) == (denied.verdict.allowed, done.verdict.allowed)


# The company's policy.


def test_direct_export_accepts_at_the_sending() -> None:
    """With this policy a sent invoice is accepted by the policy, and recorded as such."""
    office = Office(policy=Policy(direct_export=True))
    office.have("5000")
    (result,) = office.queue.send(["5000"], SENDER, connection="erp")

    assert ACCEPTED is result.entry.status
    assert [("pm", Action.SEND), ("system:policy", Action.ACCEPT)] == [
        (event.actor, event.action) for event in office.queue.history("5000")
    ]
    acceptance = office.entry().acceptance
    assert acceptance is not None
    assert acceptance.direct
    office.worker.run_once()
    assert SYNCED is office.status()


def test_direct_export_waits_for_fields_that_a_person_gives() -> None:
    """If the ERP needs an extra field, an invoice sent directly stays ready for a person."""
    needs = declaration(
        extra_fields=(erp.ExportField(key="hold_code", label="Hold code", required=True),)
    )
    office = Office(plugin=Scripted(needs), policy=Policy(direct_export=True))
    office.have("5000")
    (result,) = office.queue.send(["5000"], SENDER, connection="erp")
    assert (True, READY) == (result.verdict.allowed, office.status())

    (bare,) = office.queue.accept(["5000"], APPROVER)
    (given,) = office.queue.accept(["5000"], APPROVER, fields={"hold_code": "H1"})

    assert (False, True) == (bare.verdict.allowed, given.verdict.allowed)
    acceptance = office.entry().acceptance
    assert acceptance is not None
    assert {"hold_code": "H1"} == dict(acceptance.fields)


def test_a_refused_sending_is_not_accepted_directly() -> None:
    """If a second sending is denied, the policy accepts nothing."""
    office = Office(policy=Policy())
    office.have("5000")
    ok(office.queue.send(["5000"], SENDER, connection="erp"))
    office.queue.policy = Policy(direct_export=True)

    (again,) = office.queue.send(["5000"], SENDER, connection="erp")

    assert (False, READY) == (again.verdict.allowed, office.status())
    assert [("pm", Action.SEND), ("pm", Action.SEND)] == [
        (event.actor, event.action) for event in office.queue.history("5000")
    ]


@pytest.mark.parametrize(
    ("policy", "expected"), [(Policy(), True), (Policy(separation_of_duties=True), False)]
)
def test_separation_of_duties(policy: Policy, expected: bool) -> None:
    """The last sender of an invoice cannot accept it, if the company separates duties."""
    office = Office(policy=policy)
    office.have("5000")
    ok(office.queue.send(["5000"], EVERYTHING, connection="erp"))

    (own,) = office.queue.accept(["5000"], EVERYTHING)
    assert expected is own.verdict.allowed
    if not expected:
        (another,) = office.queue.accept(["5000"], APPROVER)
        assert another.verdict.allowed


def test_a_rejection_needs_a_reason_by_policy() -> None:
    """Without a reason a rejection is denied, unless the policy allows it."""
    strict, lax = Office(), Office(policy=Policy(reason_required=False))
    for office in (strict, lax):
        office.send("5000")
    assert not strict.queue.reject(["5000"], APPROVER)[0].verdict
    assert lax.queue.reject(["5000"], APPROVER)[0].verdict
    (result,) = strict.queue.reject(["5000"], APPROVER, reason="Fenders are billed twice.")
    assert ["Fenders are billed twice."] == [one.message for one in result.entry.refusal]


# The host's facts, the observer, the feed.


def test_facts_that_raise_leave_nothing() -> None:
    """If a host's facts raise, the verb raises the same error; nothing is stored or observed."""
    office = Office()
    office.have("5000")

    def failing(ids: object) -> dict[str, Case]:
        raise LookupError("no database")

    office.queue.facts = failing
    with pytest.raises(LookupError, match="no database"):
        office.queue.send(["5000"], SENDER, connection="erp")

    assert ([], []) == (list(office.queue.history("5000")), office.seen)


def test_facts_are_asked_once_for_many() -> None:
    """For any number of invoices the host is asked once; for a rejection it is not asked."""
    office = Office()
    office.have(*MANY)
    ok(office.queue.send(MANY, SENDER, connection="erp"))
    assert 1 == office.host.asked
    ok(office.queue.reject(MANY, APPROVER, reason="No."))
    assert 1 == office.host.asked


def test_attempts_are_observed_after_the_commit() -> None:
    """The observer gets each attempt, refused ones too, once it can be read back."""
    office = Office()
    office.have("5000")
    lengths = []
    office.queue.observe = lambda event: lengths.append(
        (event.action, len(office.queue.history("5000")))
    )
    ok(office.queue.send(["5000"], SENDER, connection="erp"))
    office.queue.send(["5000"], SENDER, connection="erp")

    assert [(Action.SEND, 1), (Action.SEND, 2)] == lengths


def test_changes_feed_every_event_once() -> None:
    """Read from each last position, the feed has every event of all invoices, none twice."""
    office = Office()
    office.accept(*MANY)
    office.worker.run_once()
    places, events, after = [], [], 0
    while page := office.queue.changes(after, limit=4):
        events += [stored.event for stored in page]
        places += [stored.place for stored in page]
        after = page[-1].place

    assert sorted(set(places)) == places
    assert sum(len(office.queue.history(id_)) for id_ in MANY) == len(events)


def test_entries_by_name_and_by_page() -> None:
    """Entries are returned by id in the given order, or page by page in the order of their ids."""
    office = Office()
    office.send(*MANY)

    assert ["5002", "5000"] == [entry.id for entry in office.queue.entries(["5002", "5000"])]
    assert ["5000", "5001"] == [entry.id for entry in office.queue.entries(limit=2)]
    assert ["5002"] == [entry.id for entry in office.queue.entries(after="5001")]


def test_an_import_makes_a_synced_entry() -> None:
    """An invoice with an ERP id from elsewhere is synced, with its receipt, and cannot be sent."""
    office = Office()
    office.have("5000")
    ok(office.queue.import_synced({"5000": "B-77"}, connection="erp"))

    assert (SYNCED, ["B-77"]) == (
        office.status(),
        [held.receipt.erp_id for held in office.entry().living],
    )
    assert not office.queue.send(["5000"], SENDER, connection="erp")[0].verdict


def test_an_erp_id_has_one_owner() -> None:
    """A resolution that claims another invoice's document is denied, and changes nothing."""
    office = Office(plugin=Scripted())
    office.accept("5000", "5001")
    erp_of(office).answer("write", erp.Done(receipt("B-1")), TimeoutError())
    office.worker.run_once()
    version = office.entry("5001").version

    (result,) = office.queue.rule(
        ["5001"],
        EVERYTHING,
        ruling=Resolution(synced={"": "B-1"}),
        evidence="Seen.",
        expect=version,
    )

    assert ["export.erp_id_taken"] == [denial.code for denial in result.verdict.denials]
    assert (UNKNOWN, version) == (office.status("5001"), office.entry("5001").version)


# An adapter that is missing.


def test_what_people_can_do_when_the_adapter_is_gone() -> None:
    """Without its adapter nothing can be sent; existing entries can be rejected or resolved."""
    office = desk()
    doubtful(office)
    ok(
        office.queue.rule(
            ["5000"],
            EVERYTHING,
            ruling=ABSENT,
            evidence="Seen.",
            expect=office.entry("5000").version,
        )
    )
    bare = Office(plugin=Scripted(), store=office.store, clock=office.clock, host=office.host)
    bare.queue.connections = type(bare.queue.connections)(erp.Adapters())
    bare.have("5003")

    assert not bare.queue.send(["5003"], SENDER, connection="erp")[0].verdict
    ok(bare.queue.reject(["5000"], APPROVER, reason="Its ERP is gone."))
    ok(
        bare.queue.rule(
            ["5001"],
            EVERYTHING,
            ruling=Resolution(synced={"": "B-5"}),
            evidence="Seen before it was switched off.",
            expect=bare.entry("5001").version,
        )
    )
    assert (REJECTED, SYNCED) == (bare.status("5000"), bare.status("5001"))
    bare.check()


def test_a_stranger_learns_nothing() -> None:
    """A person without any level gets one reason, for every invoice."""
    office = Office()
    office.send("5000")
    (result,) = office.queue.accept(["5000"], Actor(id="guest"))
    assert ["permission.none"] == [denial.code for denial in result.verdict.denials]


def test_documents_are_kept_as_sent() -> None:
    """The exported document is the one that was sent, whatever the host's facts are later."""
    office = Office()
    office.send("5000")
    office.host.put(document("5000", due="1.00"))
    sent_document = office.entry().document
    assert sent_document is not None
    assert "20025.45" == str(sent_document.due)


def test_refused_import_keeps_what_was_said() -> None:
    """The history names the ERP id that belongs to another invoice."""
    office = Office()
    office.have("5000", "5001")
    ok(office.queue.import_synced({"5000": "B-77"}, connection="erp"))

    (result,) = office.queue.import_synced({"5001": "B-77"}, connection="erp")

    (event,) = office.queue.history("5001")
    assert ["export.erp_id_taken"] == [denial.code for denial in result.verdict.denials]
    assert {"erp_id": "B-77", "connection": "erp"} == dict(event.facts)
