"""Every verb accepts one or many ids, answers in order, and records every action."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import pytest

from erp_invoice_core import (
    Action,
    Actor,
    Adapters,
    AuditEvent,
    Case,
    CommitUnknown,
    ExportQueue,
    ExportStatus,
    MemoryStore,
    Policy,
    QueueEntry,
    Resolution,
)
from erp_invoice_core import adapters as erp
from erp_invoice_core.queue import Result
from erp_invoice_core.testing import TwoStepErp
from erp_invoice_core.testing.store_wrappers import StoreWrapper
from tests.worker.harness import (
    APPROVER,
    EVERYTHING,
    SENDER,
    WorkerHarness,
    build_document,
    check_allowed,
)
from tests.worker.scripted_erp import ScriptedErp, build_declaration, build_receipt

if TYPE_CHECKING:
    from erp_invoice_core.stores import Stored

READY, ACCEPTED, REJECTED = ExportStatus.READY, ExportStatus.ACCEPTED, ExportStatus.REJECTED
FAILED, NOT_SENT, RETRIEVED = ExportStatus.FAILED, ExportStatus.NOT_SENT, ExportStatus.RETRIEVED
SYNCED, UNKNOWN = ExportStatus.SYNCED, ExportStatus.UNKNOWN
MANY = ("5000", "5001", "5002")
NO = erp.Refused(erp.deny(erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP)))
BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")

Verb: TypeAlias = Callable[[WorkerHarness, list[str]], list[Result]]


def send_many(harness: WorkerHarness) -> None:
    """Have three invoices sent."""
    harness.send(*MANY)


def reject_many(harness: WorkerHarness) -> None:
    """Have three invoices rejected."""
    harness.send(*MANY)
    check_allowed(harness.queue.reject(MANY, APPROVER, reason="No."))


def fail_many(harness: WorkerHarness) -> None:
    """Have three exports refused before anything was written."""
    harness.accept(*MANY)
    get_erp(harness).script("check", *(NO.verdict for _ in MANY))
    harness.worker.run_once()


def leave_drafts(harness: WorkerHarness) -> None:
    """Have three exports refused at the second step."""
    harness.accept(*MANY)
    for number in range(3):
        get_erp(harness).script("write", erp.Done(build_receipt(f"B-{number}")), NO)
    harness.worker.run_once()


def leave_in_doubt(harness: WorkerHarness) -> None:
    """Have three invoices in doubt."""
    harness.accept(*MANY)
    get_erp(harness).script("write", *(TimeoutError() for _ in MANY))
    harness.worker.run_once()
    harness.clock.advance(600)


def sync_and_delete(harness: WorkerHarness) -> None:
    """Have three invoices synced, and their documents deleted in the ERP."""
    harness.accept(*MANY)
    harness.worker.run_once()
    get_erp(harness).script("read", *(erp.Gone(harness.clock()) for _ in MANY))


def get_erp(harness: WorkerHarness) -> ScriptedErp:
    """Return the ERP of the set-up."""
    assert isinstance(harness.plugin, ScriptedErp)
    return harness.plugin


ABSENT = Resolution(absent=True)
VERBS: dict[str, tuple[Callable[[WorkerHarness], None], Verb, ExportStatus]] = {
    "send": (
        lambda harness: harness.add_invoices(*MANY),
        lambda harness, ids: harness.queue.send(ids, SENDER, connection="erp"),
        READY,
    ),
    "resend": (reject_many, lambda harness, ids: harness.queue.resend(ids, SENDER), READY),
    "retrieve": (send_many, lambda harness, ids: harness.queue.retrieve(ids, SENDER), RETRIEVED),
    "accept": (send_many, lambda harness, ids: harness.queue.accept(ids, APPROVER), ACCEPTED),
    "reject": (
        send_many,
        lambda harness, ids: harness.queue.reject(ids, APPROVER, reason="No."),
        REJECTED,
    ),
    "retry": (fail_many, lambda harness, ids: harness.queue.retry(ids, APPROVER), ACCEPTED),
    "withdraw": (leave_drafts, lambda harness, ids: harness.queue.withdraw(ids, APPROVER), FAILED),
    "rule": (
        leave_in_doubt,
        lambda harness, ids: harness.queue.rule(
            ids,
            EVERYTHING,
            resolution=ABSENT,
            evidence="Seen.",
            expect={id_: harness.get_entry(id_).version for id_ in ids},
        ),
        FAILED,
    ),
    "unlink": (
        sync_and_delete,
        lambda harness, ids: harness.queue.unlink(ids, EVERYTHING),
        NOT_SENT,
    ),
}


def build_harness() -> WorkerHarness:
    """Return a set-up whose ERP needs two steps."""
    return WorkerHarness(plugin=ScriptedErp(None, BILL, POST))


@pytest.mark.parametrize("verb", VERBS)
def test_one_invoice(verb: str) -> None:
    """A verb for one invoice changes that one, and no other."""
    harness = build_harness()
    prepare, act, to = VERBS[verb]
    prepare(harness)
    before = harness.get_entry("5001")

    (result,) = act(harness, ["5000"])

    assert ("5000", True, to) == (result.id, result.verdict.allowed, result.entry.status)
    assert (to, before) == (harness.get_status("5000"), harness.get_entry("5001"))
    assert result.entry == harness.get_entry("5000")
    harness.check_audit_log()


@pytest.mark.parametrize("verb", VERBS)
def test_many_invoices_and_a_bad_one(verb: str) -> None:
    """Many are answered in order; one that is refused, or unknown, affects no other."""
    harness = build_harness()
    prepare, act, to = VERBS[verb]
    prepare(harness)
    harness.add_invoices("5003")
    if verb == "send":
        bent = attrs.evolve(harness.host.cases["5003"], invoice_status=None)
        harness.host.cases["5003"] = bent

    results = act(harness, ["5002", "5003", "none", "5000", "5001"])

    assert ["5002", "5003", "none", "5000", "5001"] == [result.id for result in results]
    assert [True, False, False, True, True] == [result.verdict.allowed for result in results]
    assert [to] * 3 == [harness.get_status(id_) for id_ in MANY]
    assert NOT_SENT is harness.get_status("5003")
    harness.check_audit_log()


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_at_all(verb: str) -> None:
    """A verb for no invoice returns no results."""
    harness = build_harness()
    assert [] == VERBS[verb][1](harness, [])


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"rule", "unlink"}))
def test_the_same_invoice_twice(verb: str) -> None:
    """If an id is given twice, the second action sees the result of the first."""
    harness = build_harness()
    prepare, act, _ = VERBS[verb]
    prepare(harness)

    first, second = act(harness, ["5000", "5000"])

    assert (True, False) == (first.verdict.allowed, second.verdict.allowed)
    assert first.entry.seq + 1 == second.entry.seq


def test_a_refused_action_is_recorded_and_moves_only_its_number() -> None:
    """A denial leaves an event with its reasons; status and version are unchanged."""
    harness = WorkerHarness()
    harness.send("5000")
    before = harness.get_entry()

    (result,) = harness.queue.accept(["5000"], SENDER)

    event = harness.queue.history("5000")[-1]
    assert (Action.ACCEPT, "pm", READY, READY) == (
        event.action,
        event.actor,
        event.before,
        event.after,
    )
    assert result.verdict.denials == event.denials
    assert attrs.evolve(before, seq=before.seq + 1) == harness.get_entry()


def test_an_unknown_invoice_leaves_no_event() -> None:
    """An unknown id is denied, and nothing is recorded."""
    harness = WorkerHarness()
    (result,) = harness.queue.send(["none"], SENDER, connection="erp")

    assert ["invoice.unknown"] == [denial.code for denial in result.verdict.denials]
    assert [] == list(harness.queue.history("none"))
    harness.check_audit_log()


def test_an_unknown_connection_is_denied() -> None:
    """Nothing is sent to a missing connection, and the reasons say so."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    (result,) = harness.queue.send(["5000"], SENDER, connection="nowhere")

    assert not result.verdict
    assert NOT_SENT is harness.get_status()


# The version that a person saw.


def test_the_version_that_was_seen() -> None:
    """A verb for an outdated version is denied; for the current version it is done."""
    harness = WorkerHarness()
    harness.send("5000")

    (stale,) = harness.queue.accept(["5000"], APPROVER, expect=0)
    (fresh,) = harness.queue.accept(["5000"], APPROVER, expect=1)

    assert (["entry.changed"], True) == (
        [denial.code for denial in stale.verdict.denials],
        fresh.verdict.allowed,
    )


def test_versions_by_id() -> None:
    """Each id has its own version."""
    harness = WorkerHarness()
    harness.send("5000", "5001", "5002")

    results = harness.queue.accept(
        ["5000", "5001", "5002"], APPROVER, expect={"5000": 1, "5001": 7, "5002": 1}
    )

    assert [True, False, True] == [result.verdict.allowed for result in results]


# A command that is repeated.


def test_a_command_is_done_once() -> None:
    """Repeated with its command id after a lost answer, a verb answers and does no more."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    (first,) = harness.queue.send(["5000"], SENDER, connection="erp", command="c-1")
    (again,) = harness.queue.send(["5000"], SENDER, connection="erp", command="c-1")
    (other,) = harness.queue.send(["5000"], SENDER, connection="erp", command="c-2")

    assert (True, True, False) == tuple(one.verdict.allowed for one in (first, again, other))
    assert first.entry == again.entry
    assert [1, 2] == [event.seq for event in harness.queue.history("5000")]


class Losing(MemoryStore):
    """A store in which a people's commit is stored, and loses its answer once."""

    lost = False

    def people(self, on: object | None = None) -> Any:  # noqa: ANN401 - a context manager
        """Open a transaction for people's actions."""
        return self._answer(super().people(on))

    def _answer(self, inner: Any) -> Any:  # noqa: ANN401 - the same
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
    harness = WorkerHarness(store=Losing())
    harness.add_invoices("5000")
    with pytest.raises(CommitUnknown):
        harness.queue.send(["5000"], SENDER, connection="erp", command="c-1")

    (again,) = harness.queue.send(["5000"], SENDER, connection="erp", command="c-1")

    assert (True, READY, 1) == (
        again.verdict.allowed,
        again.entry.status,
        len(harness.queue.history("5000")),
    )


def test_one_id_with_two_verbs_is_two_commands() -> None:
    """The same command id with ``send`` and then ``accept`` means two commands, each executed."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    (sent,) = harness.queue.send(["5000"], SENDER, connection="erp", command="c-1")
    (accepted,) = harness.queue.accept(["5000"], APPROVER, command="c-1")

    assert (ExportStatus.READY, ExportStatus.ACCEPTED) == (
        sent.entry.status,
        accepted.entry.status,
    )
    assert ["send:c-1", "accept:c-1"] == [event.command for event in harness.queue.history("5000")]


def test_a_refused_command_is_decided_again() -> None:
    """A denied command has no stored answer: repeated, it may be allowed."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    (denied,) = harness.queue.send(["5000"], APPROVER, connection="erp", command="c-1")
    (done,) = harness.queue.send(["5000"], SENDER, connection="erp", command="c-1")
    assert (False, True) == (denied.verdict.allowed, done.verdict.allowed)


# The company's policy.


def test_direct_export_accepts_at_the_sending() -> None:
    """With this policy a sent invoice is accepted by the policy, and recorded as such."""
    harness = WorkerHarness(policy=Policy(direct_export=True))
    harness.add_invoices("5000")
    (result,) = harness.queue.send(["5000"], SENDER, connection="erp")

    assert ACCEPTED is result.entry.status
    assert [("pm", Action.SEND), ("system:policy", Action.ACCEPT)] == [
        (event.actor, event.action) for event in harness.queue.history("5000")
    ]
    acceptance = harness.get_entry().acceptance
    assert acceptance is not None
    assert acceptance.direct
    harness.worker.run_once()
    assert SYNCED is harness.get_status()


def test_direct_export_waits_for_fields_that_a_person_gives() -> None:
    """If the ERP needs an extra field, an invoice sent directly stays ready for a person."""
    needs = build_declaration(
        extra_fields=(erp.ExportField(key="hold_code", label="Hold code", required=True),)
    )
    harness = WorkerHarness(plugin=ScriptedErp(needs), policy=Policy(direct_export=True))
    harness.add_invoices("5000")
    (result,) = harness.queue.send(["5000"], SENDER, connection="erp")
    assert (True, READY) == (result.verdict.allowed, harness.get_status())

    (bare,) = harness.queue.accept(["5000"], APPROVER)
    (given,) = harness.queue.accept(["5000"], APPROVER, fields={"hold_code": "H1"})

    assert (False, True) == (bare.verdict.allowed, given.verdict.allowed)
    acceptance = harness.get_entry().acceptance
    assert acceptance is not None
    assert {"hold_code": "H1"} == dict(acceptance.fields)


def test_a_refused_sending_is_not_accepted_directly() -> None:
    """If a second sending is denied, the policy accepts nothing."""
    harness = WorkerHarness(policy=Policy())
    harness.add_invoices("5000")
    check_allowed(harness.queue.send(["5000"], SENDER, connection="erp"))
    harness.queue.policy = Policy(direct_export=True)

    (again,) = harness.queue.send(["5000"], SENDER, connection="erp")

    assert (False, READY) == (again.verdict.allowed, harness.get_status())
    assert [("pm", Action.SEND), ("pm", Action.SEND)] == [
        (event.actor, event.action) for event in harness.queue.history("5000")
    ]


@pytest.mark.parametrize(
    ("policy", "expected"), [(Policy(), True), (Policy(separation_of_duties=True), False)]
)
def test_separation_of_duties(policy: Policy, expected: bool) -> None:
    """The last sender of an invoice cannot accept it, if the company separates duties."""
    harness = WorkerHarness(policy=policy)
    harness.add_invoices("5000")
    check_allowed(harness.queue.send(["5000"], EVERYTHING, connection="erp"))

    (own,) = harness.queue.accept(["5000"], EVERYTHING)
    assert expected is own.verdict.allowed
    if not expected:
        (another,) = harness.queue.accept(["5000"], APPROVER)
        assert another.verdict.allowed


def test_a_rejection_needs_a_reason_by_policy() -> None:
    """Without a reason a rejection is denied, unless the policy allows it."""
    strict, lax = WorkerHarness(), WorkerHarness(policy=Policy(reason_required=False))
    for harness in (strict, lax):
        harness.send("5000")
    assert not strict.queue.reject(["5000"], APPROVER)[0].verdict
    assert lax.queue.reject(["5000"], APPROVER)[0].verdict
    (result,) = strict.queue.reject(["5000"], APPROVER, reason="Fenders are billed twice.")
    assert ["Fenders are billed twice."] == [one.message for one in result.entry.refusal]


# The host's facts, the observer, the feed.


def test_facts_that_raise_leave_nothing() -> None:
    """If a host's facts raise, the verb raises the same error; nothing is stored or observed."""
    harness = WorkerHarness()
    harness.add_invoices("5000")

    def fail(ids: object) -> dict[str, Case]:
        raise LookupError("no database")

    harness.queue.facts = fail
    with pytest.raises(LookupError, match="no database"):
        harness.queue.send(["5000"], SENDER, connection="erp")

    assert ([], []) == (list(harness.queue.history("5000")), harness.seen)


def test_facts_are_asked_once_for_many() -> None:
    """For any number of invoices the host is asked once; for a rejection it is not asked."""
    harness = WorkerHarness()
    harness.add_invoices(*MANY)
    check_allowed(harness.queue.send(MANY, SENDER, connection="erp"))
    assert 1 == harness.host.requests
    check_allowed(harness.queue.reject(MANY, APPROVER, reason="No."))
    assert 1 == harness.host.requests


def test_actions_are_observed_after_the_commit() -> None:
    """The observer gets each action, refused ones too, once it can be read back."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    lengths = []
    harness.queue.observe = lambda event: lengths.append(
        (event.action, len(harness.queue.history("5000")))
    )
    check_allowed(harness.queue.send(["5000"], SENDER, connection="erp"))
    harness.queue.send(["5000"], SENDER, connection="erp")

    assert [(Action.SEND, 1), (Action.SEND, 2)] == lengths


def test_changes_feed_every_event_once() -> None:
    """Read from each last position, the feed has every event of all invoices, none twice."""
    harness = WorkerHarness()
    harness.accept(*MANY)
    harness.worker.run_once()
    places, events, after = [], [], 0
    while page := harness.queue.changes(after, limit=4):
        events += [stored.event for stored in page]
        places += [stored.place for stored in page]
        after = page[-1].place

    assert sorted(set(places)) == places
    assert sum(len(harness.queue.history(id_)) for id_ in MANY) == len(events)


def test_entries_by_name_and_by_page() -> None:
    """Entries are returned by id in the given order, or page by page in the order of their ids."""
    harness = WorkerHarness()
    harness.send(*MANY)

    assert ["5002", "5000"] == [entry.id for entry in harness.queue.entries(["5002", "5000"])]
    assert ["5000", "5001"] == [entry.id for entry in harness.queue.entries(limit=2)]
    assert ["5002"] == [entry.id for entry in harness.queue.entries(after="5001")]


class UncheckedStore(StoreWrapper):
    """A store of a host that checks no bounds of a page, and records those that it gets."""

    def __init__(self) -> None:
        """Begin without pages."""
        super().__init__(MemoryStore())
        self.pages: list[tuple[object, ...]] = []

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[QueueEntry]:
        """Record a page of entries."""
        self.pages.append(("entries", after, limit))
        return []

    def events(
        self, entry_id: str, *, after: int = 0, limit: int | None = None
    ) -> list[AuditEvent]:
        """Record a page of events."""
        self.pages.append(("events", after, limit))
        return []

    def feed(self, after: int = 0, limit: int = 100) -> list[Stored]:
        """Record a page of the feed."""
        self.pages.append(("feed", after, limit))
        return []


@pytest.fixture
def unchecked() -> tuple[ExportQueue, UncheckedStore]:
    """A queue over a store that checks no bounds, and the store."""
    store = UncheckedStore()
    return ExportQueue(store, Adapters(TwoStepErp()), lambda _ids: {}), store


def test_huge_bounds_of_a_page_are_the_largest(
    unchecked: tuple[ExportQueue, UncheckedStore],
) -> None:
    """A limit or position above the integers of a database reaches any store as the largest one."""
    queue, store = unchecked
    queue.entries(limit=2**63)
    queue.history("5000", after=2**63, limit=10**30)
    queue.changes(2**63, 10**30)

    largest = 9_223_372_036_854_775_807
    assert [
        ("entries", None, largest),
        ("events", largest, largest),
        ("feed", largest, largest),
    ] == store.pages


@pytest.mark.parametrize(
    ("wrong", "error", "ending"),
    [
        (-1, ValueError, " must be at least 0, and is -1."),
        (1.5, TypeError, " must be a whole number, and not of type float."),
        (True, TypeError, " must be a whole number, and not of type bool."),
        ("1", TypeError, " must be a whole number, and not of type str."),
    ],
)
def test_wrong_bounds_of_a_page_reach_no_store(
    unchecked: tuple[ExportQueue, UncheckedStore],
    wrong: Any,  # noqa: ANN401 - wrong types are what is tried
    error: type[Exception],
    ending: str,
) -> None:
    """The queue refuses a negative bound or one that is no whole number, and names the argument."""
    queue, store = unchecked
    calls: list[tuple[str, Callable[[], object]]] = [
        ("limit", lambda: queue.entries(limit=wrong)),
        ("limit", lambda: queue.history("5000", limit=wrong)),
        ("after", lambda: queue.history("5000", after=wrong)),
        ("limit", lambda: queue.changes(0, wrong)),
        ("after", lambda: queue.changes(wrong)),
    ]
    for name, call in calls:
        with pytest.raises(error) as refused:
            call()
        assert f"{name}{ending}" == str(refused.value)
    assert [] == store.pages


def test_an_import_makes_a_synced_entry() -> None:
    """An invoice with an ERP id from elsewhere is synced, with its receipt, and cannot be sent."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    check_allowed(harness.queue.import_synced({"5000": "B-77"}, connection="erp"))

    assert (SYNCED, ["B-77"]) == (
        harness.get_status(),
        [held.receipt.erp_id for held in harness.get_entry().living],
    )
    assert not harness.queue.send(["5000"], SENDER, connection="erp")[0].verdict


def test_an_import_keeps_its_command() -> None:
    """The history has the command id, and its repetition is answered as before."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    for _ in range(2):
        check_allowed(
            harness.queue.import_synced({"5000": "B-77"}, connection="erp", command="c-1")
        )

    assert ["import:c-1"] == [event.command for event in harness.queue.history("5000")]


def test_an_import_of_an_invoice_that_has_changed_is_denied() -> None:
    """An invoice at another version than the one that was seen is not made synced."""
    harness = WorkerHarness()
    harness.add_invoices("5000")

    (stale,) = harness.queue.import_synced({"5000": "B-77"}, connection="erp", expect=7)

    assert ["entry.changed"] == [denial.code for denial in stale.verdict.denials]
    check_allowed(harness.queue.import_synced({"5000": "B-77"}, connection="erp", expect=0))


def test_an_import_takes_versions_that_are_whole_numbers() -> None:
    """A version of another type is an error of the host, as for every verb."""
    harness = WorkerHarness()
    expect: Any = "1"

    with pytest.raises(TypeError, match="expect must be a version"):
        harness.queue.import_synced({"5000": "B-77"}, connection="erp", expect=expect)


def test_an_erp_id_has_one_owner() -> None:
    """A resolution with another invoice's document is denied, and changes nothing."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.accept("5000", "5001")
    get_erp(harness).script("write", erp.Done(build_receipt("B-1")), TimeoutError())
    harness.worker.run_once()
    version = harness.get_entry("5001").version

    (result,) = harness.queue.rule(
        ["5001"],
        EVERYTHING,
        resolution=Resolution(synced={"": "B-1"}),
        evidence="Seen.",
        expect=version,
    )

    assert ["export.erp_id_taken"] == [denial.code for denial in result.verdict.denials]
    assert (UNKNOWN, version) == (harness.get_status("5001"), harness.get_entry("5001").version)


# An adapter that is missing.


def test_what_people_can_do_when_the_adapter_is_gone() -> None:
    """Without its adapter nothing can be sent; existing entries can be rejected or resolved."""
    harness = build_harness()
    leave_in_doubt(harness)
    check_allowed(
        harness.queue.rule(
            ["5000"],
            EVERYTHING,
            resolution=ABSENT,
            evidence="Seen.",
            expect=harness.get_entry("5000").version,
        )
    )
    bare = WorkerHarness(
        plugin=ScriptedErp(), store=harness.store, clock=harness.clock, host=harness.host
    )
    bare.queue.connections = type(bare.queue.connections)(erp.Adapters())
    bare.add_invoices("5003")

    assert not bare.queue.send(["5003"], SENDER, connection="erp")[0].verdict
    check_allowed(bare.queue.reject(["5000"], APPROVER, reason="Its ERP is gone."))
    check_allowed(
        bare.queue.rule(
            ["5001"],
            EVERYTHING,
            resolution=Resolution(synced={"": "B-5"}),
            evidence="Seen before it was switched off.",
            expect=bare.get_entry("5001").version,
        )
    )
    assert (REJECTED, SYNCED) == (bare.get_status("5000"), bare.get_status("5001"))
    bare.check_audit_log()


def test_a_stranger_learns_nothing() -> None:
    """A person without any level gets one reason, for every invoice."""
    harness = WorkerHarness()
    harness.send("5000")
    (result,) = harness.queue.accept(["5000"], Actor(id="guest"))
    assert ["permission.none"] == [denial.code for denial in result.verdict.denials]


def test_documents_are_kept_as_sent() -> None:
    """The exported document is the one that was sent, whatever the host's facts are later."""
    harness = WorkerHarness()
    harness.send("5000")
    harness.host.add(build_document("5000", due="1.00"))
    sent_document = harness.get_entry().document
    assert sent_document is not None
    assert "20025.45" == str(sent_document.due)


def test_refused_import_keeps_what_was_said() -> None:
    """The history names the ERP id that belongs to another invoice."""
    harness = WorkerHarness()
    harness.add_invoices("5000", "5001")
    check_allowed(harness.queue.import_synced({"5000": "B-77"}, connection="erp"))

    (result,) = harness.queue.import_synced({"5001": "B-77"}, connection="erp")

    (event,) = harness.queue.history("5001")
    assert ["export.erp_id_taken"] == [denial.code for denial in result.verdict.denials]
    assert {"erp_id": "B-77", "connection": "erp"} == dict(event.facts)
