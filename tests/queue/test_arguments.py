"""Verbs accept known arguments only; ids are texts that stores can keep."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest

from erp_invoice_core import (
    Action,
    Actor,
    Adapters,
    ExportQueue,
    ExportStatus,
    Level,
    MemoryStore,
    QueueEntry,
    Resolution,
    Right,
    SqliteStore,
)
from erp_invoice_core.queue.arguments import check_command, check_expect, check_ids, deny_malformed
from erp_invoice_core.rules import Grant, Policy
from tests.worker.harness import APPROVER, EVERYTHING, SENDER, WorkerHarness, check_allowed
from tests.worker.scripted_erp import ScriptedErp

GUEST = Actor(id="guest")
#: The arguments that each verb needs besides ids and actor.
MORE: dict[str, dict[str, Any]] = {
    "send": {"connection": "erp"},
    "resend": {},
    "retrieve": {},
    "accept": {},
    "reject": {"reason": "No."},
    "retry": {},
    "withdraw": {},
    "rule": {"resolution": Resolution(absent=True), "evidence": "Seen."},
    "unlink": {},
}


def _call(
    harness: WorkerHarness,
    verb: str,
    ids: Any,  # noqa: ANN401 - anything
    actor: Actor = EVERYTHING,
    **more: Any,  # noqa: ANN401 - anything
) -> Any:  # noqa: ANN401 - anything
    return getattr(harness.queue, verb)(ids, actor, **MORE[verb], **more)


@pytest.mark.parametrize("verb", MORE)
@pytest.mark.parametrize("word", ["expct", "onn", "comand"])
def test_a_misspelt_keyword_is_refused(verb: str, word: str) -> None:
    """An unknown keyword is an error, because it might have been a check."""
    said: dict[str, Any] = {word: 99}
    with pytest.raises(TypeError, match=word):
        _call(WorkerHarness(), verb, ["5000"], **said)


def test_a_misspelt_fact_of_a_question_is_refused() -> None:
    """A keyword of ``why_not`` is a fact of the case, or an error."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    with pytest.raises(TypeError, match="evidense"):
        harness.queue.why_not(["5000"], SENDER, connection="erp", evidense="Seen.")


@pytest.mark.parametrize("verb", MORE)
@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ("45", r"The ids must be a collection, as \['45'\]"),
        (b"45", "The ids must be a collection"),
        (45, "and not an object of type int"),
        ([45], "Each id must be a text; '45' is of type int"),
        (["45", None], "Each id must be a text"),
    ],
)
def test_ids_are_a_collection_of_texts(verb: str, ids: object, message: str) -> None:
    """One text is not a collection of one-letter ids, and a number is not an id."""
    harness = WorkerHarness()
    harness.add_invoices("4", "5", "45")

    with pytest.raises(TypeError, match=message):
        _call(harness, verb, ids)

    assert [] == list(harness.queue.entries())


def test_ids_of_a_question_are_a_collection_of_texts() -> None:
    """The same for ``why_not``, ``guard`` and ``entries``."""
    queue = WorkerHarness().queue
    for ask in (
        lambda: queue.why_not("45", SENDER),
        lambda: queue.entries("45"),
        lambda: queue.guard("45", on=object()),
    ):
        with pytest.raises(TypeError, match="The ids must be a collection"):
            ask()


def test_ids_may_come_from_any_collection() -> None:
    """A generator, a tuple and a dict's keys are collections, too."""
    assert ["4", "5"] == check_ids(each for each in ("4", "5"))
    assert ["4", "5"] == check_ids({"4": 1, "5": 2}.keys())


@pytest.mark.parametrize("verb", MORE)
def test_versions_by_id_name_every_id(verb: str) -> None:
    """If a version is missing for an id, an error says so, and nothing is done."""
    harness = WorkerHarness()
    harness.send("2", "3")
    before = harness.queue.changes()

    with pytest.raises(ValueError, match="has no version of 3"):
        _call(harness, verb, ["2", "3"], expect={"2": 1})

    assert before == harness.queue.changes()


@pytest.mark.parametrize("expect", ["1", 1.0, True, {"5000": "1"}, ["1"]])
def test_a_version_is_a_whole_number(expect: Any) -> None:  # noqa: ANN401 - anything
    """A version of a type that equals no version is an error of the host."""
    with pytest.raises(TypeError, match="expect must be a version"):
        check_expect(expect, ["5000"])


def test_no_version_is_none_at_all() -> None:
    """Without a version none is checked."""
    assert check_expect(None, ["5000"]) is None
    assert check_command(None) is None


def test_a_command_id_is_a_text_of_some_length() -> None:
    """A number, or a text that is far too long, is not a command id."""
    with pytest.raises(TypeError, match="command must be a text, and not of type int"):
        _call(WorkerHarness(), "send", ["5000"], command=7)
    with pytest.raises(ValueError, match="at most 255 characters, and has 256"):
        WorkerHarness().queue.send(["5000"], SENDER, connection="erp", command="c" * 256)


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_command_id_is_an_error_of_the_host(blank: str) -> None:
    """A blank command id could not make a repetition harmless, so nothing is stored under it."""
    harness = WorkerHarness()
    with pytest.raises(ValueError, match=r"command is blank\. Give an id"):
        harness.queue.send(["5000"], SENDER, connection="erp", command=blank)
    assert [] == harness.queue.changes()


@pytest.mark.parametrize("verb", MORE)
def test_the_history_has_the_command_id_of_every_verb(verb: str) -> None:
    """A host finds each of its requests again, also one that was denied."""
    harness = WorkerHarness()
    harness.send("5000")

    _call(harness, verb, ["5000"], expect=harness.get_entry().version, command="c-9")

    *_, event = harness.queue.history("5000")
    assert event.command is not None
    assert event.command.endswith(":c-9")


BAD_IDS = {
    "": " is blank. Correct the id.",
    " \t": " is blank. Correct the id.",
    "x" * 256: " has 256 characters, and an id has at most 255. Correct the id.",
    "x" * 1_000_000: " has 1000000 characters, and an id has at most 255. Correct the id.",
    "a\x00b": " contains control characters. Correct the id.",
    "a\nb": " contains control characters. Correct the id.",
    "a\ud800b": " contains control characters. Correct the id.",
}


@pytest.mark.parametrize("bad", BAD_IDS, ids=range(len(BAD_IDS)))
@pytest.mark.parametrize("verb", MORE)
def test_an_id_that_none_can_have_is_denied(verb: str, bad: str) -> None:
    """The id is denied in its place, and leaves no row."""
    harness = WorkerHarness(plugin=ScriptedErp())
    results = _call(harness, verb, [bad, "none", bad], expect=0)

    assert [bad, "none", bad] == [each.id for each in results]
    codes = [each.verdict.denials[0].code for each in results]
    assert ["invoice.id_malformed", "invoice.unknown", "invoice.id_malformed"] == codes
    assert results[0].verdict.denials[0].message.endswith(BAD_IDS[bad])
    assert [] == list(harness.queue.entries())


def test_an_id_of_the_longest_kind_is_sent() -> None:
    """An id may have 255 characters, also other letters and spaces."""
    for id_ in ("x" * 255, "Ä ß 発注/5"):
        harness = WorkerHarness()
        harness.send(id_)
        assert ExportStatus.READY is harness.get_status(id_)
        assert deny_malformed(id_) is None


def test_a_long_bad_id_is_shown_cut() -> None:
    """A denial shortens an id of a megabyte."""
    verdict = deny_malformed("x" * 1_000_000)
    assert verdict is not None
    (denial,) = verdict.denials
    assert len(denial.message) < 200
    assert {"id": repr("x" * 40), "flaw": "length", "size": "1000000", "limit": "255"} == dict(
        denial.facts
    )


@pytest.mark.parametrize(("bad", "flaw"), [(" ", "blank"), ("a\nb", "control")])
def test_the_flaw_of_a_bad_id_is_a_fact(bad: str, flaw: str) -> None:
    """A program need not read the sentence."""
    verdict = deny_malformed(bad)
    assert verdict is not None
    (denial,) = verdict.denials
    assert {"id": ascii(bad), "flaw": flaw} == dict(denial.facts)


def test_a_bad_id_is_asked_about_like_any() -> None:
    """``why_not`` answers it in its place; ``guard`` makes no row for it."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    first, second = harness.queue.why_not(["\x00", "5000"], SENDER, connection="erp")

    assert ["invoice.id_malformed"] == [each.code for each in first.verdict.denials]
    assert second.verdict.allowed


def test_an_entry_is_returned_for_every_id() -> None:
    """An id that no invoice can have, or that was never sent, has an empty entry in its place."""
    harness = WorkerHarness()
    harness.send("5000")

    bad, known, unknown = harness.queue.entries(["a\x00b", "5000", "none"])

    assert (QueueEntry(id="a\x00b"), QueueEntry(id="none")) == (bad, unknown)
    assert harness.get_entry("5000") == known


@pytest.mark.parametrize("verb", MORE)
def test_an_unknown_invoice_leaves_no_row(verb: str) -> None:
    """An id that the facts do not have is denied, and no entry is made."""
    harness = WorkerHarness(plugin=ScriptedErp())
    (result,) = _call(harness, verb, ["none"], expect=0)

    assert ["invoice.unknown"] == [each.code for each in result.verdict.denials]
    assert QueueEntry(id="none") == result.entry
    assert [] == list(harness.queue.entries())
    assert [] == list(harness.queue.changes())


@pytest.mark.parametrize("verb", MORE)
def test_a_stranger_gets_one_answer(verb: str) -> None:
    """For any invoice, sent or missing, a stranger gets one reason and an empty entry."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.add_invoices("5001")
    harness.accept("5000")

    results = _call(harness, verb, ["5000", "5001", "none", "\x00"], GUEST, expect=0)

    verdicts = {each.verdict for each in results}
    assert [["permission.none"]] == [[one.code for one in each.denials] for each in verdicts]
    assert [QueueEntry(id=each.id) for each in results] == [each.entry for each in results]


@pytest.mark.parametrize("action", [Action.SEND, Action.ACCEPT, Action.REJECT, Action.EDIT])
def test_a_stranger_who_asks_gets_one_answer(action: Action) -> None:
    """``why_not`` gives the same answer."""
    harness = WorkerHarness()
    harness.add_invoices("5001")
    harness.accept("5000")

    ids = ["5000", "5001", "none", "\x00"]
    results = harness.queue.why_not(ids, GUEST, action, connection="erp")

    assert 1 == len({each.verdict for each in results})
    assert [QueueEntry(id=id_) for id_ in ids] == [each.entry for each in results]


def test_a_stranger_who_repeats_a_command_gets_the_same_answer() -> None:
    """A stranger does not learn the result of another person's command either."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    check_allowed(harness.queue.send(["5000"], SENDER, connection="erp", command="c1"))

    (result,) = harness.queue.send(["5000"], GUEST, connection="erp", command="c1")

    assert ["permission.none"] == [each.code for each in result.verdict.denials]
    assert QueueEntry(id="5000") == result.entry


def test_a_level_in_another_project_shows_no_entry() -> None:
    """A person without a level in the invoice's project is a stranger there."""
    harness = WorkerHarness()
    harness.send("5000")
    other = Actor(id="x", commitments={"11": Level.ADMIN})

    (result,) = harness.queue.retrieve(["5000"], other)

    assert ["permission.none"] == [each.code for each in result.verdict.denials]
    assert QueueEntry(id="5000") == result.entry


def test_an_approver_learns_that_an_invoice_is_unknown() -> None:
    """A person with a level learns that the id is wrong."""
    (result,) = WorkerHarness().queue.why_not(["none"], APPROVER, Action.ACCEPT)
    assert ["invoice.unknown"] == [each.code for each in result.verdict.denials]


# An entry that has events, and an invoice that is no longer in the host's facts.


@pytest.mark.parametrize("prepare", ["send", "resend", "accept", "retry"])
def test_an_invoice_that_is_gone_from_the_facts(prepare: str) -> None:
    """Without facts nothing is released for export: one reason says what to do."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.send("5000")
    if prepare == "send":
        check_allowed(harness.queue.retrieve(["5000"], SENDER))
    if prepare == "resend":
        check_allowed(harness.queue.reject(["5000"], APPROVER, reason="No."))
    harness.host.cases.clear()
    before = harness.get_entry()

    (asked,) = harness.queue.why_not(["5000"], EVERYTHING, Action(prepare), connection="erp")
    (result,) = _call(harness, prepare, ["5000"])

    code = "export.invoice_missing" if prepare in {"accept", "retry"} else "invoice.unknown"
    assert [code] == [each.code for each in result.verdict.denials]
    assert asked.verdict == result.verdict
    assert attrs.evolve(before, seq=before.seq + 1) == harness.get_entry()


def test_an_invoice_that_is_gone_can_be_rejected() -> None:
    """An action that is decided from the entry alone needs no facts."""
    harness = WorkerHarness()
    harness.accept("5000")
    harness.host.cases.clear()
    check_allowed(harness.queue.reject(["5000"], APPROVER, reason="It is gone."))

    assert ExportStatus.REJECTED is harness.get_status()


def test_an_invoice_that_is_gone_is_shown_to_no_stranger() -> None:
    """Permission is checked first."""
    harness = WorkerHarness()
    harness.send("5000")
    harness.host.cases.clear()
    (result,) = harness.queue.accept(["5000"], SENDER)

    assert ["permission.accept"] == [each.code for each in result.verdict.denials]


def test_resending_needs_the_connection_that_the_entry_knows() -> None:
    """A re-send goes to the entry's own connection, also if its adapter is missing now."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.send("5000")
    check_allowed(harness.queue.reject(["5000"], APPROVER, reason="No."))
    check_allowed(harness.queue.resend(["5000"], SENDER))
    assert "erp" == harness.get_entry().connection
    check_allowed(harness.queue.reject(["5000"], APPROVER, reason="No."))

    other = WorkerHarness(plugin=ScriptedErp(), store=harness.store, host=harness.host)
    other.queue.connections = type(other.queue.connections)(
        type(other.queue.connections._connections)(
            other.queue.connections._connections.adapters, []
        )
    )
    (result,) = other.queue.resend(["5000"], SENDER)

    assert ["feature.invoices.undeclared"] == [each.code for each in result.verdict.denials]
    assert "erp" == harness.get_entry().connection


def test_a_never_sent_invoice_is_distinguished_from_an_unknown_one() -> None:
    """For an invoice without events a verb that needs no facts asks for them."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    known, unknown = harness.queue.retrieve(["5000", "none"], SENDER)

    assert ["status.retrieve"] == [each.code for each in known.verdict.denials]
    assert ["invoice.unknown"] == [each.code for each in unknown.verdict.denials]


def test_a_right_of_a_row_is_a_level() -> None:
    """A right that no row names permits nothing; a right that a row names does."""
    policy = Policy(grants={Action.SEND: Grant((Right("bills.send"),))})
    harness = WorkerHarness(policy=policy)
    (lacking,) = harness.queue.send(
        ["none"], Actor(id="x", project_rights={"10": {"other"}}), connection="erp"
    )
    (held,) = harness.queue.send(
        ["none"], Actor(id="x", project_rights={"10": {"bills.send"}}), connection="erp"
    )

    assert ["permission.none"] == [each.code for each in lacking.verdict.denials]
    assert ["invoice.unknown"] == [each.code for each in held.verdict.denials]


def test_a_misspelt_fact_is_named_whatever_is_asked() -> None:
    """The message has the keyword and the verb, for an unknown invoice too."""
    with pytest.raises(
        TypeError, match=r"why_not has no argument 'conection'\. It takes connection"
    ):
        WorkerHarness().queue.why_not(["none"], SENDER, conection="erp")


def test_a_fact_that_cannot_be_is_refused_whatever_is_asked() -> None:
    """A malformed currency is reported for an unknown invoice too."""
    with pytest.raises(ValueError, match="The currency of a case is a code of ISO 4217"):
        WorkerHarness().queue.why_not(["none"], SENDER, currency="dollars")


@pytest.mark.parametrize("action", ["send", "snd", None])
def test_an_action_is_an_action(action: Any) -> None:  # noqa: ANN401 - anything
    """The text of an action is not an action."""
    with pytest.raises(TypeError, match=r"action must be an Action, as Action\.SEND"):
        WorkerHarness().queue.why_not(["5000"], SENDER, action)


@pytest.mark.parametrize("verb", [*MORE, "why_not"])
def test_who_acts_is_an_actor(verb: str) -> None:
    """The id of a person is not an actor."""
    harness = WorkerHarness()
    call = getattr(harness.queue, verb)
    with pytest.raises(TypeError, match=r"as Actor\(id='sue'\), and not of type str"):
        call(["5000"], "sue", **MORE.get(verb, {}))


@pytest.mark.parametrize("verb", ["accept", "retry"])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (["due"], "fields must be a mapping of names to texts, and not of type list"),
        ({"accounting_date": date(2026, 11, 1)}, "'accounting_date' has one of type date"),
        ({1: "x"}, "1 has one of type int"),
    ],
)
def test_export_fields_are_texts(verb: str, fields: Any, message: str) -> None:  # noqa: ANN401
    """A date must be given as a text."""
    with pytest.raises(TypeError, match=message):
        _call(WorkerHarness(), verb, ["5000"], fields=fields)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"store": None}, "store must be a Store, as SqliteStore('queue.db'), not None."),
        (
            {"store": SqliteStore},
            "store must be a Store, as SqliteStore('queue.db'), not the class SqliteStore.",
        ),
        (
            {"store": "queue.db"},
            "store must be a Store, as SqliteStore('queue.db'), not an object of the type str.",
        ),
        (
            {"adapters": []},
            "adapters must be Adapters or Connections, not an object of the type list.",
        ),
        (
            {"facts": {}},
            "facts must be a callable that returns cases by id, not an object of the type dict.",
        ),
        ({"policy": None}, "policy must be a Policy, not None."),
        ({"policy": Policy}, "policy must be a Policy, not the class Policy."),
        (
            {"clock": datetime(2026, 11, 1, tzinfo=UTC)},
            (
                "clock must be a callable that returns the current time, or None,"
                " not an object of the type datetime."
            ),
        ),
        (
            {"observe": "log"},
            (
                "observe must be a callable that takes an event, or None,"
                " not an object of the type str."
            ),
        ),
        (
            {"attachments": "files/"},
            (
                "attachments must be a callable that opens the content of an attachment, or None,"
                " not an object of the type str."
            ),
        ),
    ],
)
def test_the_queue_refuses_arguments_of_another_type(wrong: dict[str, Any], message: str) -> None:
    """The sentence names the argument, what it must be, and what it is."""
    parts: dict[str, Any] = {"store": MemoryStore(), "adapters": Adapters(), "facts": dict}
    with pytest.raises(TypeError) as refused:
        ExportQueue(**{**parts, **wrong})
    assert message == str(refused.value)


def test_an_unknown_connection_is_named_with_the_existing_ones() -> None:
    """Sending and asking both name the connection that does not exist, and those that do."""
    harness = WorkerHarness()
    harness.add_invoices("5000")
    queue = harness.queue
    sent = queue.send(["5000"], EVERYTHING, connection="bookz")
    asked = queue.why_not(["5000"], EVERYTHING, connection="b" * 300)

    messages = [each.message for [one] in (sent, asked) for each in one.verdict.denials]
    assert [
        f"There is no connection {name} with an installed integration. Name one of: erp."
        for name in ("bookz", "b" * 40)
    ] == messages
