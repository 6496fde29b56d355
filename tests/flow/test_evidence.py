"""Evidence of a sighting depends on its contents, its owner and its time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core import QueueEntry
from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import Acceptance, Answer, Call, CallKind, Key, Step
from erp_invoice_core.exchange import (
    Absent,
    CannotTell,
    Deferred,
    Done,
    Found,
    Gone,
    Several,
    Unknown,
)
from erp_invoice_core.flow import (
    Observation,
    apply_observation,
    apply_sighting,
    conclude_look_up,
    conclude_read_back,
    find_digest,
    find_matching_key,
    find_removed,
    find_step,
    has_number,
    is_as_sent,
    list_keys,
)
from erp_invoice_core.flow.evidence import describe_find, has_look_up
from erp_invoice_core.vocabulary import Action, ExportStatus
from tests.worker.harness import NOON, build_document
from tests.worker.scripted_erp import TERMS, build_contents, build_declaration, build_receipt

ERP = build_declaration()
ENTRY = QueueEntry(
    id="5000", connection="erp", document=build_document(), digest=build_document().digest
)


def call(attempt: int, generation: int = 1, step: str = "bill") -> Call:
    """Return a call under a key."""
    return Call(
        key=Key("5000", generation, attempt, step),
        kind=CallKind.WRITE,
        step_kind="bill",
        digest=ENTRY.digest,
        fencing=1,
        started_at=NOON,
        lease_until=NOON + timedelta(seconds=60),
    )


def test_a_document_that_is_as_sent() -> None:
    """Vendor, number, amount and date as sent are ours."""
    assert is_as_sent(build_contents(), ENTRY, ERP)


@pytest.mark.parametrize(
    "bent",
    [
        {"vendor": None},
        {"number": None},
        {"amount": Decimal(0)},
        {"date": None},
        {"date": date(2026, 10, 30)},
    ],
)
def test_a_document_that_disagrees_anywhere(bent: dict[str, Any]) -> None:
    """One of the four that differs, or that the ERP does not keep, is not ours."""
    assert not is_as_sent(build_contents(**bent), ENTRY, ERP)


def test_the_date_may_be_the_accounting_date() -> None:
    """The accounting date that the approver gave may stand in place of the billing date."""
    given = Acceptance(
        by="ap",
        at=NOON,
        digest=ENTRY.digest,
        declaration="",
        losses="",
        fields={"accounting_date": "2026-11-05"},
    )
    entry = attrs.evolve(ENTRY, acceptance=given)
    assert is_as_sent(build_contents(date=date(2026, 11, 5)), entry, ERP)
    assert not is_as_sent(build_contents(date=date(2026, 11, 5)), ENTRY, ERP)


def test_the_number_is_compared_as_it_is_written_there() -> None:
    """A number that the ERP cuts agrees in its cut form."""
    rule = erp.FieldRule(
        field="invoice_number", validator=erp.Validator.MAX_LENGTH, limit=6, truncates=True
    )
    cutting = build_declaration(field_rules=(rule,))
    assert is_as_sent(build_contents(number="ACME-5"), ENTRY, cutting)
    assert not is_as_sent(build_contents(), ENTRY, cutting)


def test_the_number_is_compared_as_a_person_reads_it() -> None:
    """An ERP may keep other spaces and dashes than it was given; another case is another number."""
    written = attrs.evolve(build_document(), invoice_number="A\u00e9\u201177")
    entry = attrs.evolve(ENTRY, document=written)
    assert is_as_sent(build_contents(number="\ufeffAe\u0301-77 "), entry, ERP)
    assert not is_as_sent(build_contents(number="A\u00c9-77"), entry, ERP)


def test_a_number_that_the_erp_leaves_blank_is_none() -> None:
    """A document without a number agrees where the ERP keeps an empty text for it."""
    entry = attrs.evolve(ENTRY, document=attrs.evolve(build_document(), invoice_number="\u200b"))
    assert is_as_sent(build_contents(number=""), entry, ERP)
    assert not is_as_sent(build_contents(number="1"), entry, ERP)


def test_the_state_of_a_document_does_not_matter_before_the_last_step() -> None:
    """A draft whose posting is still to come is as sent."""
    draft = build_contents(state=erp.LandingState.DRAFT)
    assert is_as_sent(draft, ENTRY, build_declaration(landing=erp.LandingState.POSTED))


def test_an_entry_without_a_document_agrees_with_nothing() -> None:
    """An entry that was never sent has no document."""
    assert not is_as_sent(build_contents(), QueueEntry(id="5000"), ERP)


def test_keys_of_a_step() -> None:
    """All keys of the step in this generation, the first try's first; none of another's."""
    calls = (call(3), call(1), call(2, generation=2), call(1, step="post"))
    entry = attrs.evolve(ENTRY, attempt=4, calls=calls)
    assert [1, 3, 4] == [key.attempt for key in list_keys(entry, "bill")]


@pytest.mark.parametrize(
    ("number", "expected"), [("ACME-1", True), ("  ", False), ("\u200b", False), (None, False)]
)
def test_a_blank_number_is_none(number: str | None, expected: bool) -> None:
    """A number of spaces is no number."""
    entry = attrs.evolve(ENTRY, document=attrs.evolve(build_document(), invoice_number=number))
    assert expected is has_number(entry, ERP)


# ── what a sighting proves ──────────────────────────────────────────────────────────────────────

SETTLED = NOON + timedelta(seconds=91)
BILL = build_receipt()
IN_DOUBT = attrs.evolve(ENTRY, calls=(call(1),))
OURS = Found(BILL, build_contents())
KEYLESS = Found(BILL, build_contents(key=None))


def _key(
    found: Found, entry: QueueEntry, *, taken: tuple[str, ...] = (), early: bool = False
) -> Key | None:
    at = NOON if early else SETTLED
    return find_matching_key(found, entry, entry.calls, erp=ERP, at=at, taken=taken)


def test_a_document_under_a_key_of_this_entry_is_its_own() -> None:
    """Its contents must be those that were sent, and no other entry may own it."""
    other = Found(BILL, build_contents(amount=Decimal(1)))

    assert IN_DOUBT.calls[0].key == _key(OURS, IN_DOUBT, early=True)
    assert _key(OURS, IN_DOUBT, taken=("B-1",)) is None
    assert _key(other, IN_DOUBT) is None
    assert _key(Found(BILL, build_contents(key="9999/1/1/bill")), IN_DOUBT) is None


def test_a_document_of_an_earlier_attempt_is_its_own_whatever_it_holds() -> None:
    """An earlier attempt left it, and the invoice may have changed since."""
    later = attrs.evolve(IN_DOUBT, attempt=2)
    assert IN_DOUBT.calls[0].key == _key(Found(BILL, build_contents(amount=Decimal(1))), later)


def test_a_document_without_a_key_counts_after_the_settle_moment() -> None:
    """Before that the look-up may show a document that another process is about to claim."""
    assert IN_DOUBT.calls[0].key == _key(KEYLESS, IN_DOUBT)
    assert _key(KEYLESS, IN_DOUBT, early=True) is None
    assert _key(Found(BILL, build_contents(key=None, vendor=None)), IN_DOUBT) is None


def test_a_number_that_others_may_share_identifies_nothing() -> None:
    """A number is enough only if it is unique for the vendor."""
    scoped = build_declaration(number_scope=erp.NumberScope.COMMITMENT)
    calls = IN_DOUBT.calls

    assert find_matching_key(KEYLESS, IN_DOUBT, calls, erp=scoped, at=SETTLED, taken=()) is None


def test_a_document_without_a_number_is_identified_by_none() -> None:
    """A bill of the same vendor, amount and day can be that of another invoice."""
    entry = attrs.evolve(IN_DOUBT, document=attrs.evolve(build_document(), invoice_number=None))
    keyless = Found(BILL, build_contents(key=None, number=None))

    assert is_as_sent(keyless.contents, entry, ERP)
    assert _key(keyless, entry) is None


def test_a_later_document_of_the_plan_may_have_a_suffix_to_its_number() -> None:
    """Its key says which document it is; a first document, or one without a key, may not."""
    steps = (Step("bill", "bill", erp.Role.BILL), Step("held", "bill", erp.Role.RELEASE))
    calls = (call(1), call(1, step="held"))
    entry = attrs.evolve(ENTRY, attempt=1, generation=1, plan=steps, calls=calls)
    first, later = (one.key for one in calls)
    held = build_contents(key=later.text, number="ACME-5000-R", amount=Decimal(1))

    def find(contents: erp.Contents) -> Key | None:
        return _key(Found(BILL, contents), entry)

    assert later == find(held)
    assert find(attrs.evolve(held, number="R-5000")) is None
    assert find(attrs.evolve(held, key=first.text)) is None
    assert find(attrs.evolve(held, key=None)) is None


def _apply(sighting: Any, entry: QueueEntry = IN_DOUBT, at: Any = SETTLED) -> QueueEntry:  # noqa: ANN401 - any sighting
    return apply_sighting(entry, 0, sighting, erp=ERP, at=at, taken=())


def test_a_find_settles_its_call() -> None:
    """The receipt is kept under the key of the call."""
    known = _apply(OURS)

    assert Answer.RECEIPT is known.calls[0].answer
    assert ["B-1"] == [holding.receipt.erp_id for holding in known.holdings]


def test_a_find_of_an_earlier_attempt_leaves_the_call_in_doubt() -> None:
    """Its receipt is kept, and says nothing about the present call."""
    entry = attrs.evolve(ENTRY, attempt=2, calls=(call(2), call(1)))
    found = Found(BILL, build_contents())

    known = apply_sighting(entry, 0, found, erp=ERP, at=SETTLED, taken=())

    assert known.calls[0].answer is None
    assert [call(1).key] == [holding.key for holding in known.holdings]


def test_absence_counts_after_the_settle_moment() -> None:
    """Both the question and what was seen must be later than it."""
    assert Answer.ABSENT is _apply(Absent(SETTLED)).calls[0].answer
    assert IN_DOUBT == _apply(Absent(SETTLED), at=NOON)
    assert IN_DOUBT == _apply(Absent(NOON))


def test_absence_needs_a_look_up() -> None:
    """An ERP without a look-up, or asked for a blank number, proves nothing."""
    blind = build_declaration(attrs.evolve(TERMS, look_up=erp.LookUp.NONE))
    by_number = build_declaration(attrs.evolve(TERMS, look_up=erp.LookUp.NUMBER))
    blank = attrs.evolve(IN_DOUBT, document=attrs.evolve(build_document(), invoice_number=" "))
    absent = Absent(SETTLED)

    assert IN_DOUBT == apply_sighting(IN_DOUBT, 0, absent, erp=blind, at=SETTLED, taken=())
    assert blank == apply_sighting(blank, 0, absent, erp=by_number, at=SETTLED, taken=())
    assert has_look_up(IN_DOUBT, "bill", by_number)


def test_other_sightings_prove_nothing() -> None:
    """Several documents, no answer, and a document of another invoice leave the call in doubt."""
    for sighting in (
        Several("Two."),
        CannotTell("No answer."),
        Found(BILL, build_contents(vendor=None)),
    ):
        assert IN_DOUBT == _apply(sighting)


def test_a_sighting_is_one_of_four() -> None:
    """Anything else is a mistake of the caller."""
    with pytest.raises(AssertionError):
        _apply("nothing")


REMOVAL = attrs.evolve(call(1), kind=CallKind.WITHDRAW, erp_id="B-1")
REMOVING = attrs.evolve(_apply(OURS), calls=(attrs.evolve(call(1), answer=Answer.RECEIPT), REMOVAL))


def _observe(shown: Any, entry: QueueEntry, place: int, at: Any = SETTLED) -> QueueEntry:  # noqa: ANN401 - anything shown
    observation = Observation(place=place, at=at, shown=shown)
    return apply_observation(entry, observation, erp=ERP, taken=())


def test_reading_a_document_settles_its_removal() -> None:
    """Gone: it happened. Still there after the settle moment: it did not."""
    gone = _observe(Gone(SETTLED), REMOVING, 1)

    assert (Answer.RECEIPT, ()) == (gone.calls[1].answer, gone.living)
    assert Answer.ABSENT is _observe(build_contents(), REMOVING, 1).calls[1].answer
    assert REMOVING == _observe(build_contents(), REMOVING, 1, NOON)


def test_a_document_that_is_there_settles_no_removal_without_a_settle_moment() -> None:
    """An ERP that declares no bound may still carry out the removal."""
    unbounded = build_declaration(attrs.evolve(TERMS, settles_within=None))
    there = Observation(place=1, at=NOON + timedelta(days=365), shown=build_contents())

    assert REMOVING == apply_observation(REMOVING, there, erp=unbounded, taken=())


def test_an_observation_of_a_settled_call_changes_nothing() -> None:
    """The call was answered while the ERP was asked."""
    assert REMOVING == _observe(Absent(SETTLED), REMOVING, 0)
    assert Answer.ABSENT is _observe(Absent(SETTLED), IN_DOUBT, 0).calls[0].answer


def _build_unknown() -> QueueEntry:
    return attrs.evolve(IN_DOUBT, status=ExportStatus.UNKNOWN, lookups=1)


def _conclude(*shown: Any) -> Any:  # noqa: ANN401 - sightings; a change
    observations = [Observation(place=0, at=SETTLED, shown=one) for one in shown]
    return conclude_look_up(_build_unknown(), observations, at=SETTLED, erp=ERP, taken=())


def test_a_look_up_that_proves_something_moves_the_entry() -> None:
    """The event names no reason for doubt."""
    change = _conclude(Absent(SETTLED))
    assert Answer.ABSENT is change.after.calls[0].answer
    assert "why" not in change.facts


def test_a_look_up_says_why_it_proves_nothing() -> None:
    """Each reason once; the document that was found in vain is described."""
    disagreeing = Found(BILL, build_contents(amount=Decimal("1.00"), vendor=None))
    other = Found(build_receipt("B-2"), build_contents(key="9999/1/1/bill"))

    assert "No answer." == _conclude(CannotTell("No answer."), Several("No answer.")).facts["why"]
    assert (
        "Document B-1 was found with another vendor: none instead of V-ACME. "
        "Document B-1 was found with another amount: 1.00 instead of 20025.45."
    ) == _conclude(disagreeing).facts["why"]
    assert _conclude(other).facts["why"].startswith("Document B-2 was found. It agrees")
    without = Found(BILL, attrs.evolve(build_contents(), lines=()))
    why = "Document B-1 was found with other lines: none instead of 05-120 | 21000.00"
    assert _conclude(without).facts["why"].startswith(why)
    assert Action.RECORD is _conclude(other).action


def test_each_document_that_was_found_in_vain_is_described_by_itself() -> None:
    """The second one is described without the differences of the first."""
    disagreeing = Found(BILL, build_contents(amount=Decimal("1.00")))
    other = Found(build_receipt("B-2"), build_contents(key="9999/1/1/bill"))

    facts = _conclude(disagreeing, other).facts

    assert "another amount: 1.00 instead of 20025.45. Document B-2 was found" in facts["why"]
    assert ("B-2", None) == (facts["erp_id"], facts.get("disagrees"))


def test_long_values_of_a_document_are_cut() -> None:
    """A description quotes 200 characters of each value."""
    facts = describe_find(Found(BILL, build_contents(vendor="V" * 300)), ENTRY, ERP)
    assert f"{'V' * 200}… (cut: 300 characters in all)" == facts["vendor_in_erp"]


def test_a_find_is_described_without_a_document_to_compare_with() -> None:
    """The facts name the document alone."""
    facts = describe_find(OURS, QueueEntry(id="5000"), ERP)
    assert {"erp_id": "B-1", "number": "ACME-5000"} == facts


def test_reading_back_gives_the_outcome_of_a_removal() -> None:
    """Gone is done; there after the settle moment is asked again; anything else is unknown."""

    def outcome(shown: Any, at: Any = SETTLED) -> object:  # noqa: ANN401 - anything shown
        return conclude_read_back(REMOVAL, BILL, shown, asked_at=at, at=SETTLED, erp=ERP)

    assert Done(BILL) == outcome(Gone(SETTLED))
    assert isinstance(outcome(build_contents()), Deferred)
    assert isinstance(outcome(build_contents(), NOON), Unknown)
    assert isinstance(outcome(CannotTell("No answer.")), Unknown)


def test_the_digest_and_the_step_of_a_call() -> None:
    """They are those of the call; without one those of the entry, or made from the call."""
    sent = attrs.evolve(call(1), digest="d" * 64)
    entry = attrs.evolve(ENTRY, calls=(sent,), plan=(Step("bill", "invoice"),))

    assert "d" * 64 == find_digest(entry, sent.key)
    assert ENTRY.digest == find_digest(entry, Key("5000", 1, 2, "bill"))
    assert Step("bill", "invoice") == find_step(entry, sent)
    assert BILL.erp_id == find_removed(REMOVING, REMOVAL).erp_id
    assert Step("bill", "bill") == find_step(ENTRY, sent)
