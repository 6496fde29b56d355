"""A wrong answer or an error of a host's callback concerns one entry alone."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import Action, Case, ExportDocument, ExportLine, StoreBusy
from erp_invoice_core.adapters.redaction import NO_SECRETS
from erp_invoice_core.documents import NumberUse, restore_document
from erp_invoice_core.queue import case_check
from erp_invoice_core.queue.callbacks import ask_facts, decide_contained
from erp_invoice_core.queue.case_check import find_case_problem
from tests.worker.harness import APPROVER, SENDER, WorkerHarness, build_case, build_document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CASE = build_case(build_document())


def replace_fields(value: Any, **fields: Any) -> Any:  # noqa: ANN401 - a host may return anything
    """Return a copy of a value with fields that its class would refuse."""
    copy = attrs.evolve(value)
    for name, field in fields.items():
        object.__setattr__(copy, name, field)
    return copy


class HostLine(ExportLine):
    """A line of a class of the host."""


def build_host_line(**fields: Any) -> HostLine:  # noqa: ANN401 - a host may set anything
    """Return a line of the host with fields that our class would refuse."""
    values = attrs.asdict(build_document().lines[0], recurse=False)
    line: HostLine = replace_fields(HostLine(**values), **fields)
    return line


class Surprise(BaseException):
    """A ``BaseException`` that is not an ``Exception``."""


@pytest.mark.parametrize(
    "fields",
    [
        {"gross": 1.5},
        {"gross": Decimal("NaN")},
        {"gross": Decimal("1E+500")},
        {"fields": {"invoice_number": 77}},
        {"fields": {77: "x"}},
        {"fields": {None: "x"}},
        {"fields": {"invoice_number": "77\0"}},
        {"fields": {"\ud800": None}},
        {"fields": [("invoice_number", "77")]},
        {"export_fields": {"hold_code": 5}},
        {"taxed": "no"},
        {"is_latest": 1},
        {"attachments": True},
        {"attachments": "2"},
        {"uses": {1}},
        {"uses": "invoices"},
        {"holds": ("lien",)},
        {"invoice_status": "approved"},
        {"document": {"invoice_id": "5000"}},
        {"document": replace_fields(build_document(), company_id=5)},
        {"document": replace_fields(build_document(), invoice_number="77\0")},
        {"document": replace_fields(build_document(), lines=None)},
        {
            "document": replace_fields(build_document(), lines=(build_host_line(work=1.5),)),
        },
        {
            "document": replace_fields(
                build_document(), billing_date=datetime(2026, 11, 2, tzinfo=UTC)
            )
        },
        {"billing_date": datetime(2026, 11, 2, tzinfo=UTC)},
        {"number_uses": (replace_fields(NumberUse(invoice_id="1", number="77"), number=77),)},
        {"invoice_number": 77},
        {"invoice_number": "77\0"},
        {
            "document": replace_fields(
                build_document(),
                lines=(replace_fields(build_document().lines[0], description="\ud800"),),
            )
        },
        {
            "document": replace_fields(
                build_document(), lines=(build_host_line(quantity=Decimal("1E+40")),)
            )
        },
        {"earlier_unsynced": [1]},
        {"actor": "pm"},
    ],
)
def test_a_case_with_the_wrong_types_names_the_fact(fields: dict[str, Any]) -> None:
    """A float, an int in place of text, or a text in place of a truth value: the fact is named."""
    (name,) = fields
    problem = find_case_problem(attrs.evolve(CASE, **fields))
    assert problem is not None
    assert f"its fact {name} " in problem


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"invoice_status": "approved"},
            "its fact invoice_status must be InvoiceStatus or None, is str",
        ),
        (
            {"invoice_number": "77\0"},
            "its fact invoice_number is too large or cannot be stored (str)",
        ),
        (
            {"earlier_unsynced": (1,)},
            "its fact earlier_unsynced has a part that is not allowed in a tuple of str",
        ),
    ],
)
def test_a_case_with_the_wrong_types_names_the_types(fields: dict[str, Any], problem: str) -> None:
    """The sentence names the type that a fact must have, or says what else is wrong with it."""
    assert problem == find_case_problem(attrs.evolve(CASE, **fields))


def test_a_sound_case_has_no_problem() -> None:
    """The facts of a real invoice have the right types."""
    assert None is find_case_problem(CASE)
    assert None is find_case_problem(attrs.evolve(CASE, export_fields={"hold_code": "H1"}))
    assert "it is of type dict, not a Case" == find_case_problem({"invoice_id": "5000"})


def test_checks_for_many_combinations_of_types_are_not_all_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A host that makes a class for each case takes no more memory with each."""
    monkeypatch.setattr(case_check, "_MOST_KNOWN", 3)

    for _ in range(9):
        text = type("Text", (str,), {})("10")
        assert None is find_case_problem(attrs.evolve(CASE, project_id=text))

    assert 3 >= len(case_check._find_checks(Case)._known)


@pytest.mark.parametrize("description", ["Zinc \\u0000", "Zürich", "a\tb", "\U0001f9fe"])
def test_a_text_that_can_be_stored_is_no_problem(description: str) -> None:
    """A backslash and a control character are stored, although JSON escapes them."""
    document = build_document()
    lines = (attrs.evolve(document.lines[0], description=description),)

    case = attrs.evolve(CASE, document=attrs.evolve(document, lines=lines))

    assert None is find_case_problem(case)


def test_texts_of_a_host_class_are_walked() -> None:
    """A mapping, a key or a text may be of any class that is one."""
    word = type("Word", (str,), {})
    sound: list[Any] = [{word("number"): word("77")}, MappingProxyType({"number": "77"})]
    wrong: list[Any] = [{word("number"): word("77\0")}, MappingProxyType({"number": 77})]

    for fields in sound:
        assert None is find_case_problem(attrs.evolve(CASE, fields=fields))
    for fields in wrong:
        problem = find_case_problem(attrs.evolve(CASE, fields=fields))
        assert "its fact fields " in (problem or "")


def test_a_collection_of_a_host_class_is_walked() -> None:
    """It may say that it is empty and yet have parts."""
    codes = type("Codes", (tuple,), {"__bool__": lambda _self: False})
    case = attrs.evolve(CASE, unsynced_cost_codes=codes(("05-120\0",)))

    assert "its fact unsynced_cost_codes " in (find_case_problem(case) or "")


def test_a_document_of_a_host_class_is_walked() -> None:
    """Its class may do otherwise than ours, and so may the class of a line."""
    values = attrs.asdict(build_document(), recurse=False)
    document = type("HostDocument", (ExportDocument,), {})(**values)

    assert None is find_case_problem(attrs.evolve(CASE, document=document))
    lines = (build_host_line(),)
    mixed = attrs.evolve(build_document(), lines=lines)
    assert None is find_case_problem(attrs.evolve(CASE, document=mixed))
    object.__setattr__(document, "lines", (build_host_line(uom=5),))
    assert "its fact document " in (find_case_problem(attrs.evolve(CASE, document=document)) or "")


def test_the_lines_of_a_stored_document_are_not_read() -> None:
    """The store has checked them, so that the check does not depend on their number."""
    document = build_document()
    stored = restore_document(
        document, digest=document.digest, stored_json=document.stored_json, read_lines=pytest.fail
    )

    assert None is find_case_problem(attrs.evolve(CASE, document=stored))


def spoil(good: Mapping[str, Case], bad: str, act: Callable[[], Any]) -> Any:  # noqa: ANN401 - a facts port
    """Return facts that behave differently for one invoice."""

    def facts(ids: Sequence[str]) -> Mapping[str, Case]:
        found = {id_: good[id_] for id_ in ids}
        if bad in found:
            found[bad] = act()
        return found

    return facts


def raise_error() -> Case:
    """Fail like a host's query."""
    raise Surprise("password=hunter2")


BAD: dict[str, Callable[[], Any]] = {
    "Surprise was raised": raise_error,
    "its fact gross": lambda: replace_fields(CASE, gross=1.5),
    "its fact fields": lambda: replace_fields(CASE, fields={"invoice_number": 5}),
    "not a Case": lambda: "approved",
}


@pytest.mark.parametrize("why", BAD)
def test_one_bad_case_sinks_no_other(why: str) -> None:
    """Of three invoices sent at once the bad one is refused with the reason, two are sent."""
    harness = WorkerHarness()
    harness.add_invoices("1", "2", "3")
    harness.queue.facts = spoil(harness.host.cases, "2", BAD[why])

    results = harness.queue.send(["1", "2", "3"], SENDER, connection="erp")

    assert [True, False, True] == [bool(result.verdict) for result in results]
    assert ["facts.unusable"] == [one.code for one in results[1].verdict.denials]
    assert why in results[1].verdict.denials[0].message
    (event,) = harness.queue.history("2")
    assert (Action.SEND, "facts.unusable") == (event.action, event.denials[0].code)
    assert "hunter2" not in repr(event)
    seen = harness.queue.why_not(["1", "2", "3"], SENDER, connection="erp")
    assert ["facts.unusable"] == [one.code for one in seen[1].verdict.denials]


class Word(str):
    """A text that cannot be compared, looked up, measured or written."""

    __slots__ = ()

    def _raise(self, *_: object) -> Any:  # noqa: ANN401 - it never returns
        raise Surprise("password=hunter2")

    __eq__ = __hash__ = __len__ = __format__ = casefold = strip = _raise


class Figure(Decimal):
    """An amount that cannot be compared or computed with."""

    def _raise(self, *_: object) -> Any:  # noqa: ANN401 - it never returns
        raise SystemExit(3)

    __eq__ = __lt__ = __gt__ = __bool__ = __sub__ = __format__ = _raise
    __hash__ = Decimal.__hash__


class Later(Case):
    """A case that can be read once."""

    reads = 0

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - whatever the fact is
        if name == "gross":
            Later.reads += 1
            if Later.reads % 2 == 0:
                raise KeyboardInterrupt
        return super().__getattribute__(name)


def later(good: Case) -> Case:
    """Return a case that can be read once."""
    return Later(
        **{field.name: getattr(good, field.name) for field in attrs.fields(Case) if field.init}
    )


HOSTILE: dict[str, Callable[[Case], Case]] = {
    "currency": lambda good: replace_fields(good, currency=Word("USD")),
    "project": lambda good: replace_fields(good, project_id=Word("10")),
    "status": lambda good: replace_fields(good, commitment_status=Word("Void")),
    "number": lambda good: replace_fields(good, invoice_number=Word("ACME-2")),
    "gross": lambda good: replace_fields(good, gross=Figure(5)),
    "retained": lambda good: replace_fields(good, retained=Figure(5)),
    "case": later,
    "no lines": lambda good: replace_fields(
        good, document=replace_fields(good.document, lines=None)
    ),
    "moment": lambda good: replace_fields(
        good, document=replace_fields(good.document, billing_date=datetime(2026, 11, 2, tzinfo=UTC))
    ),
    "empty document": lambda good: replace_fields(good, document=object.__new__(ExportDocument)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_facts_that_cannot_be_judged_concern_one_invoice(name: str) -> None:
    """Facts of the host's own classes that raise refuse their invoice alone."""
    harness = WorkerHarness()
    harness.add_invoices("1", "2", "3")
    good = harness.host.cases
    harness.queue.facts = spoil(good, "2", lambda: HOSTILE[name](good["2"]))

    seen = harness.queue.why_not(["1", "2", "3"], SENDER, connection="erp")
    results = harness.queue.send(["1", "2", "3"], SENDER, connection="erp")

    for answers in (seen, results):
        assert [True, False, True] == [bool(each.verdict) for each in answers]
        (denial,) = answers[1].verdict.denials
        assert "facts.unusable" == denial.code
        assert "hunter2" not in denial.message
    (event,) = harness.queue.history("2")
    assert (Action.SEND, "facts.unusable") == (event.action, event.denials[0].code)


@pytest.mark.parametrize("answer", [None, [], "5000", 5, object()])
def test_facts_that_are_no_mapping_are_unusable(answer: Any) -> None:  # noqa: ANN401 - on purpose
    """A value that is not a mapping has the facts of no invoice."""
    asked = ask_facts(lambda _ids: answer, ["1"], NO_SECRETS)
    assert {} == asked.cases
    assert "not a mapping of ids to cases" in asked.problems["1"]


def test_facts_by_number_get_their_own_reason() -> None:
    """If the keys of the facts are ints, the reason says that ids are text."""
    answer: Any = {1: CASE}
    asked = ask_facts(lambda _ids: answer, ["1"], NO_SECRETS)
    assert {"1": "its ids are of type int, and ids are text"} == asked.problems


def test_an_invoice_that_is_not_known_is_left_out() -> None:
    """An id without facts is no error of the callback."""
    asked = ask_facts(lambda _ids: {"1": CASE}, ["1", "2"], NO_SECRETS)
    assert ({"1": CASE}, {}) == (asked.cases, asked.problems)


def test_a_store_that_is_away_is_no_problem_of_an_entry() -> None:
    """An error that a store raises inside the facts is raised to the caller."""

    def be_busy(_ids: Sequence[str]) -> Mapping[str, Case]:
        raise StoreBusy("Others hold it.")

    with pytest.raises(StoreBusy):
        ask_facts(be_busy, ["1", "2"], NO_SECRETS)


@pytest.mark.parametrize(
    "error", [ValueError("no"), KeyboardInterrupt(), asyncio.CancelledError(), SystemExit(2)]
)
def test_an_observer_that_raises_changes_nothing(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """If the observer raises, the verb answers, and the error is logged with its traceback."""
    harness = WorkerHarness()

    def observe(_event: object) -> None:
        raise error

    queue = type(harness.queue)(
        harness.store, harness.queue.connections._connections, harness.host, observe=observe
    )
    harness.add_invoices("5000")
    assert [True] == [bool(one.verdict) for one in queue.send(["5000"], SENDER, connection="erp")]
    assert [True] == [bool(one.verdict) for one in queue.accept(["5000"], APPROVER)]
    records = [one for one in caplog.records if "observer" in one.getMessage()]
    assert 2 == len(records)
    assert [None, None] == [record.exc_info for record in records]
    assert "raise error\n" in records[0].getMessage()
    assert [("5000", "send"), ("5000", "accept")] == [
        (getattr(record, "entry", None), getattr(record, "action", None)) for record in records
    ]


def test_two_invoices_are_asked_for_one_at_a_time_where_both_together_fail() -> None:
    """The facts of one are used, and the other gets the error as its reason."""
    facts = spoil({"1": CASE, "2": CASE}, "2", raise_error)

    asked = ask_facts(facts, ["1", "2"], NO_SECRETS)

    assert ({"1": CASE}, {"2": "Surprise was raised"}) == (asked.cases, asked.problems)


def test_facts_that_cannot_be_used_are_logged_with_their_invoice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log names the invoice, in the text and as a field."""
    ask_facts(lambda _ids: {"1": replace_fields(CASE, gross=1.5)}, ["1"], NO_SECRETS)

    (record,) = caplog.records
    assert "The host's facts of invoice 1: its fact gross" in record.getMessage()
    assert "1" == getattr(record, "entry", None)


def test_an_answer_that_raises_is_logged_with_its_invoice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A mapping that raises when it is read leaves its traceback in the log."""

    class Closed(dict[str, Case]):
        def __contains__(self, key: object) -> bool:
            raise Surprise(key)

    ask_facts(lambda _ids: Closed(), ["1"], NO_SECRETS)

    first, second = caplog.records
    assert first.getMessage().startswith("The host's facts cannot be read.\nTraceback")
    assert "Surprise was raised when the answer was read" in second.getMessage()
    assert ["1", "1"] == [getattr(each, "entry", None) for each in (first, second)]


def test_an_error_of_the_callback_is_logged_with_its_invoice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log has the traceback once for each invoice whose facts are missing because of it."""
    ask_facts(lambda _ids: {"1": raise_error()}, ["1"], NO_SECRETS)

    (record,) = caplog.records
    assert record.getMessage().startswith(
        "The host's facts of invoice 1 raised an error.\nTraceback"
    )
    assert "1" == getattr(record, "entry", None)


def test_facts_that_cannot_be_judged_are_logged_with_their_invoice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The reason has the class of the error alone, and the log has its traceback."""
    why = decide_contained("1", raise_error, NO_SECRETS)

    (record,) = caplog.records
    assert "Surprise was raised when the rules read them" == why
    assert record.getMessage().startswith("The facts of invoice 1 cannot be judged.\nTraceback")
    assert "1" == getattr(record, "entry", None)


@pytest.mark.parametrize(("digits", "is_sound"), [(38, True), (39, False)])
def test_an_amount_has_at_most_38_digits(digits: int, is_sound: bool) -> None:
    """A number is stored with all its digits, or refused."""
    problem = find_case_problem(attrs.evolve(CASE, gross=Decimal("1" * digits)))

    assert is_sound is (problem is None)


@pytest.mark.parametrize(
    ("count", "is_sound"),
    [
        (9_223_372_036_854_775_807, True),
        (9_223_372_036_854_775_808, False),
        (-9_223_372_036_854_775_808, False),
    ],
)
def test_a_whole_number_has_at_most_63_bits(count: int, is_sound: bool) -> None:
    """A database stores larger ones not at all, or not with all their digits."""
    problem = find_case_problem(attrs.evolve(CASE, attachments=count))

    assert is_sound is (problem is None)


def test_refused_action_with_unusable_facts_keeps_its_command() -> None:
    """The history has the command id."""
    harness = WorkerHarness()
    harness.add_invoices("1")
    harness.queue.facts = spoil(harness.host.cases, "1", BAD["its fact gross"])

    harness.queue.send(["1"], SENDER, connection="erp", command="c-1")

    (event,) = harness.queue.history("1")
    assert ("facts.unusable", "send:c-1") == (event.denials[0].code, event.command)


def test_a_command_replaces_the_handlers_of_signals_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its many calls of the host share the watch of the handlers."""
    replaced: list[object] = []
    harness = WorkerHarness()
    harness.add_invoices("1", "2", "3")
    before, put = signal.getsignal(signal.SIGINT), signal.signal

    def replace(number: int, handler: Any) -> Any:  # noqa: ANN401 - as of the module
        replaced.append(handler)
        return put(number, handler)

    monkeypatch.setattr(signal, "signal", replace)

    harness.queue.send(["1", "2", "3"], SENDER, connection="erp", command="c-1")

    assert 1 == replaced.count(before)
