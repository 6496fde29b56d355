"""Answers are checked in every field and normalised before they are stored."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters.answers import AnswerReader, InvalidAnswer
from erp_invoice_core.adapters.redaction import Redaction
from erp_invoice_core.wire.converter import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "tok-12345678"
ANSWERS = AnswerReader(Redaction((TOKEN,)))
RECEIPT = erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL, number="77", state="posted")
CONTENTS = erp.Contents(vendor="V", number="77", amount=Decimal("1.50"), date=date(2026, 10, 31))
DENIAL = erp.Denial("acme.closed", "Open the period.", erp.Source.ERP, {"period": "10"})


class Text(str):
    """A text of a subclass, as some libraries return it."""

    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


class NoOffset(tzinfo):
    """A time zone without an offset."""

    def utcoffset(self, _moment: datetime | None) -> None:
        """Return none."""

    dst = utcoffset

    def tzname(self, _moment: datetime | None) -> str:
        """Return a name."""
        return "nowhere"


def replace_fields(value: Any, **fields: Any) -> Any:  # noqa: ANN401 - a plug-in may do anything
    """Return a copy of a value with fields that its class would refuse."""
    copy = attrs.evolve(value)
    for name, field in fields.items():
        object.__setattr__(copy, name, field)
    return copy


def find_refusal(read: Callable[[], object]) -> str:
    """Return the reason why an answer is refused."""
    with pytest.raises(InvalidAnswer) as caught:
        read()
    return str(caught.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (datetime(2026, 11, 2, 12, tzinfo=UTC), datetime(2026, 11, 2, 12, tzinfo=UTC)),
        (
            datetime(2026, 11, 2, 12, tzinfo=timezone(timedelta(hours=-5))),
            datetime(2026, 11, 2, 17, tzinfo=UTC),
        ),
        (
            datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
            datetime(2200, 1, 1, tzinfo=UTC),
        ),
        (
            datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
            datetime(1970, 1, 1, tzinfo=UTC),
        ),
    ],
)
def test_moments_are_in_utc_and_within_bounds(given: datetime, kept: datetime) -> None:
    """Every accepted moment can be stored and read again."""
    assert erp.Deferred(kept, "Later.") == ANSWERS.read_outcome(
        erp.Deferred(given, "Later."), "bill"
    )
    assert erp.Absent(kept) == ANSWERS.read_sighting(erp.Absent(given), "bill")
    assert erp.Gone(kept) == ANSWERS.read_document(erp.Gone(given))
    assert kept == unpack(pack(erp.Absent(kept)), erp.Absent).as_of


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=NoOffset()), "2026-01-01", 5],  # noqa: DTZ001 - on purpose
)
def test_a_wrong_moment_is_refused(moment: Any) -> None:  # noqa: ANN401 - on purpose
    """A moment without an offset, or another type, is refused."""
    assert "time zone" in (
        why := find_refusal(lambda: ANSWERS.read_document(erp.Gone(moment)))
    ) or ("not a datetime" in why)
    find_refusal(lambda: ANSWERS.read_sighting(erp.Absent(moment), "bill"))
    find_refusal(lambda: ANSWERS.read_outcome(erp.Deferred(moment, "Later."), "bill"))


def test_texts_are_of_the_exact_class() -> None:
    """A text of a subclass is stored as a plain text."""
    outcome = ANSWERS.read_outcome(erp.Done(replace_fields(RECEIPT, erp_id=Text("B-1"))), "bill")
    assert isinstance(outcome, erp.Done)
    assert ("B-1", str) == (outcome.receipt.erp_id, type(outcome.receipt.erp_id))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"erp_id": "x" * 5_000_000}, "the ERP id has 5,000,000 characters, more than 500"),
        ({"erp_id": "B\0"}, "the ERP id has characters that cannot be stored"),
        ({"erp_id": "B\ud800"}, "the ERP id has characters that cannot be stored"),
        ({"erp_id": f"B-{TOKEN}"}, "the ERP id contains a secret and is withheld"),
        ({"number": f"N-{TOKEN}"}, "the number in the ERP contains a secret and is withheld"),
        ({"number": 77}, "the number in the ERP is not text"),
        ({"state": 1}, "the state is not text"),
        ({"digest": None}, "the digest is not text"),
        ({"role": "bill"}, "the role is not a Role"),
        ({"step": "other"}, "the receipt is of another step"),
    ],
)
def test_identity_is_taken_unchanged_or_not_at_all(fields: dict[str, Any], why: str) -> None:
    """An id or number that is too long, cannot be stored or has a secret in it is refused."""
    given = replace_fields(RECEIPT, **fields)
    assert why == find_refusal(lambda: ANSWERS.read_outcome(erp.Done(given), "bill"))
    assert why == find_refusal(lambda: ANSWERS.read_sighting(erp.Found(given, CONTENTS), "bill"))


@pytest.mark.parametrize(
    "fields",
    [
        {"vendor": f"V {TOKEN}"},
        {"key": f"5000/{TOKEN}"},
        {"digest": 5},
        {"amount": 1.5},
        {"amount": Decimal("Infinity")},
        {"amount": Decimal("1E+999999")},
        {"amount": Decimal("sNaN")},
        {"date": datetime(2026, 1, 1, tzinfo=UTC)},
        {"date": "2026-01-01"},
    ],
)
def test_contents_are_of_their_types(fields: dict[str, Any]) -> None:
    """A float, an amount without end, a moment for a day, a secret: none is in a bill."""
    find_refusal(lambda: ANSWERS.read_document(replace_fields(CONTENTS, **fields)))
    find_refusal(
        lambda: ANSWERS.read_sighting(
            erp.Found(RECEIPT, replace_fields(CONTENTS, **fields)), "bill"
        )
    )


WHOLE = attrs.evolve(
    CONTENTS,
    currency="USD",
    gross=Decimal(2),
    retained=None,
    released=Decimal(0),
    state=erp.LandingState.ON_HOLD,
    paid=erp.PaymentState.PART_PAID,
    lines=(
        erp.ContentsLine(
            cost_code="05-120", amount=Decimal(2), quantity=None, description="F" * 10_000
        ),
        erp.ContentsLine(),
    ),
    attachments=(erp.ContentsAttachment(name="a.pdf", digest="ab" * 32), erp.ContentsAttachment()),
    taxes=(
        erp.ContentsTax(code="HST", amount=Decimal(1)),
        erp.ContentsTax(code=None, amount=Decimal(2)),
    ),
    due_date=date(2026, 12, 15),
)

_TAX = erp.ContentsTax(code="HST", amount=Decimal(1))


def test_contents_are_read_in_every_field() -> None:
    """A field that the ERP does not say stays one, and an empty one is empty."""
    read = ANSWERS.read_document(WHOLE)

    assert WHOLE == read
    assert isinstance(read, erp.Contents)
    assert erp.NOT_SAID is ANSWERS.read_document(CONTENTS).lines  # type: ignore[union-attr]
    assert ((), None) == (
        ANSWERS.read_document(attrs.evolve(WHOLE, lines=())).lines,  # type: ignore[union-attr]
        ANSWERS.read_document(attrs.evolve(WHOLE, state=None)).state,  # type: ignore[union-attr]
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"currency": TOKEN},
        {"currency": 5},
        {"gross": 1.5},
        {"retained": Decimal("NaN")},
        {"released": "0"},
        {"state": "posted"},
        {"paid": "paid"},
        {"lines": "05-120"},
        {"lines": (erp.ContentsLine(),) * 10_001},
        {"lines": ("05-120",)},
        {"lines": (replace_fields(erp.ContentsLine(), cost_code=5),)},
        {"lines": (replace_fields(erp.ContentsLine(), amount=1.5),)},
        {"lines": (replace_fields(erp.ContentsLine(), quantity="4"),)},
        {"lines": (replace_fields(erp.ContentsLine(), description="F" * 10_001),)},
        {"lines": (replace_fields(erp.ContentsLine(), description=TOKEN),)},
        {"taxes": ("HST",)},
        {"taxes": (replace_fields(_TAX, code=5),)},
        {"taxes": (replace_fields(_TAX, amount=None),)},
        {"taxes": (replace_fields(_TAX, amount=1.5),)},
        {"taxes": (_TAX,) * 10_001},
        {"due_date": "2026-12-15"},
        {"attachments": None},
        {"attachments": (erp.ContentsAttachment(),) * 1001},
        {"attachments": ("a.pdf",)},
        {"attachments": (replace_fields(erp.ContentsAttachment(), name=b"a.pdf"),)},
        {"attachments": (replace_fields(erp.ContentsAttachment(), digest=5),)},
    ],
)
def test_later_fields_of_contents_are_of_their_types(fields: dict[str, Any]) -> None:
    """Another type, too many rows, a long description or a secret make the answer invalid."""
    find_refusal(lambda: ANSWERS.read_document(replace_fields(WHOLE, **fields)))


def test_the_state_is_bounded_and_redacted() -> None:
    """The state of a document is text for people: cut, and without secrets."""
    outcome = ANSWERS.read_outcome(
        erp.Done(replace_fields(RECEIPT, state=f"{TOKEN} {'x' * 9000}")), "bill"
    )
    assert isinstance(outcome, erp.Done)
    assert outcome.receipt.state is not None
    assert outcome.receipt.state.startswith("[secret] xxx")
    assert outcome.receipt.state.endswith("… (cut: 9,013 characters in all)")


def test_reasons_are_counted_and_cut() -> None:
    """Of three thousand denials fifty are stored, and one with their number."""
    verdict = erp.Verdict((DENIAL,) * 3000, (erp.Notice("acme.a", "A.", erp.Source.ERP),) * 60)
    outcome = ANSWERS.read_outcome(erp.Refused(verdict), "bill")
    assert isinstance(outcome, erp.Refused)
    denials, notices = outcome.verdict.denials, outcome.verdict.notices
    assert (51, 51) == (len(denials), len(notices))
    assert ("erp.reasons_cut", {"given": "3000", "kept": "50"}) == (
        denials[-1].code,
        dict(denials[-1].facts),
    )
    assert (
        "The ERP gave 3000 reasons, of which only the first 50 are shown. Look in the ERP for the"
        " others."
    ) == (denials[-1].message)


def test_facts_of_a_reason_are_bounded() -> None:
    """Facts are cut like any text, and so is their number."""
    facts = {f"fact {place}": "x" * 400 for place in range(100)}
    verdict = ANSWERS.read_verdict(erp.deny(attrs.evolve(DENIAL, facts=facts)))
    assert isinstance(verdict, erp.Verdict)
    (denial,) = verdict.denials
    assert 21 == len(denial.facts)
    assert "Only the first 20 facts are kept." == denial.facts["cut"]
    assert denial.facts["fact 0"].endswith("… (cut: 400 characters in all)")


class Liar(dict[str, str]):
    """A mapping that lists keys that it does not have."""

    def __getitem__(self, name: str) -> str:
        raise KeyError(name)


@pytest.mark.parametrize(
    "fields",
    [
        {"facts": {"amount": 5}},
        {"facts": {5: "amount"}},
        {"facts": [("a", "b")]},
        {"facts": None},
        {"message": None},
        {"message": b"closed"},
        {"source": "erp"},
        {"code": 5},
        {"code": "closed"},
        {"code": "tok-12345678.x"},
        {"remedies": None},
        {"remedies": ("Open it.",)},
        {"remedies": ({"do": "x"},)},
    ],
)
def test_reasons_are_of_their_types(fields: dict[str, Any]) -> None:
    """A denial with facts, remedies or other fields of the wrong type is refused."""
    with pytest.raises((InvalidAnswer, ValueError)):
        ANSWERS.read_outcome(
            erp.Refused(
                replace_fields(erp.deny(DENIAL), denials=(replace_fields(DENIAL, **fields),))
            ),
            "bill",
        )


def test_a_mapping_that_lies_is_no_answer() -> None:
    """An error that the facts of a denial raise only ends the reading of the answer."""
    denial = replace_fields(DENIAL, facts=Liar(amount="5"))
    with pytest.raises(KeyError):
        ANSWERS.read_verdict(replace_fields(erp.deny(DENIAL), denials=(denial,)))


@pytest.mark.parametrize(
    "denials", [None, "no", [5], (None,), (RECEIPT,), iter(()), {"acme.closed": DENIAL}]
)
def test_a_verdict_has_denials(denials: Any) -> None:  # noqa: ANN401 - on purpose
    """A wrong value in place of the denials does not count as no denial."""
    find_refusal(lambda: ANSWERS.read_verdict(replace_fields(erp.ALLOWED, denials=denials)))


@pytest.mark.parametrize(
    "plan",
    [
        None,
        (),
        "bill",
        [erp.Step("bill", "bill"), erp.Step("bill", "post")],
        (erp.Step("x" * 2000, "bill"),),
        (erp.Step(f"attach {TOKEN}", "bill"),),
        (replace_fields(erp.Step("bill", "bill"), role="bill"),),
        (replace_fields(erp.Step("bill", "bill"), kind=7),),
        tuple(erp.Step(f"step {place}", "bill") for place in range(2000)),
    ],
)
def test_a_plan_has_steps_with_names(plan: Any) -> None:  # noqa: ANN401 - on purpose
    """A plan without steps, with a name twice, or with a secret as a name is refused."""
    find_refusal(lambda: ANSWERS.read_plan(plan))


def test_reasons_of_unknown_outcomes_are_redacted_and_bounded() -> None:
    """The reason of an unknown outcome is text for people: without secrets, and cut."""
    why = f"Bearer {TOKEN} was refused. {'x' * 10_000}"
    outcomes: list[Any] = [
        ANSWERS.read_outcome(erp.Unknown(why), "bill"),
        ANSWERS.read_outcome(erp.Deferred(None, why), "bill"),
        ANSWERS.read_sighting(erp.CannotTell(why), "bill"),
        ANSWERS.read_sighting(erp.Several(why), "bill"),
        ANSWERS.read_verdict(erp.Deferred(None, why)),
        ANSWERS.read_session(erp.Deferred(None, why)),
    ]
    for outcome in outcomes:
        assert outcome.why.startswith("Bearer [secret] was refused. xxx")
        assert outcome.why.endswith("… (cut: 10,033 characters in all)")


def test_a_flag_is_true_or_false() -> None:
    """The flag for a person is a boolean."""
    find_refusal(
        lambda: ANSWERS.read_outcome(
            replace_fields(erp.Deferred(None, "x"), needs_person="yes"), "bill"
        )
    )
    needed = erp.Deferred(None, "The token is wrong.", needs_person=True)
    assert needed == ANSWERS.read_outcome(needed, "bill")


PAYMENT = erp.ErpPayment(
    amount=Decimal("-12.50"),
    date=date(2026, 11, 30),
    reference="CHK-1",
    method=None,
    erp_id="P-1",
)


def test_payments_are_read_in_every_field() -> None:
    """A field that the ERP does not say stays one; an amount of zero is no payment."""
    bare, none = erp.ErpPayment(amount=Decimal(3)), erp.ErpPayment(amount=Decimal("0.00"))

    assert (PAYMENT, bare) == ANSWERS.read_payments([PAYMENT, none, bare])
    assert () == ANSWERS.read_payments(())
    payments = ANSWERS.read_payments([bare])
    assert isinstance(payments, tuple)
    assert erp.NOT_SAID is payments[0].reference


@pytest.mark.parametrize(
    "given",
    [
        None,
        PAYMENT,
        "P-1",
        (Decimal(1),),
        (erp.ErpPayment(amount=Decimal(1)),) * 1001,
        (replace_fields(PAYMENT, amount=None),),
        (replace_fields(PAYMENT, amount=1.5),),
        (replace_fields(PAYMENT, amount=Decimal("Infinity")),),
        (replace_fields(PAYMENT, date="2026-11-30"),),
        (replace_fields(PAYMENT, reference=TOKEN),),
        (replace_fields(PAYMENT, method=5),),
        (replace_fields(PAYMENT, erp_id="P" * 501),),
    ],
)
def test_payments_are_of_their_types(given: Any) -> None:  # noqa: ANN401 - an answer of any type
    """Another type, too many rows, no amount or a secret make the answer invalid."""
    find_refusal(lambda: ANSWERS.read_payments(given))


OCTOBER = erp.AccountingPeriod(
    name="2026-10", first_day=date(2026, 10, 1), last_day=date(2026, 10, 31), is_open=True
)


def test_periods_are_read_in_every_field() -> None:
    """A period without a beginning or an end keeps that."""
    locked = erp.AccountingPeriod(
        name="locked", first_day=None, last_day=date(2026, 9, 30), is_open=False
    )

    assert (OCTOBER, locked) == ANSWERS.read_periods([OCTOBER, locked])
    assert () == ANSWERS.read_periods(())


@pytest.mark.parametrize(
    "given",
    [
        None,
        OCTOBER,
        "2026-10",
        ("2026-10",),
        (OCTOBER,) * 10_001,
        (replace_fields(OCTOBER, name=5),),
        (replace_fields(OCTOBER, name=" "),),
        (replace_fields(OCTOBER, first_day="2026-10-01"),),
        (replace_fields(OCTOBER, last_day=date(2026, 9, 30)),),
        (replace_fields(OCTOBER, is_open=None),),
    ],
)
def test_periods_are_of_their_types(given: Any) -> None:  # noqa: ANN401 - an answer of any type
    """Another type, too many rows, no name or an end before the beginning make it invalid."""
    find_refusal(lambda: ANSWERS.read_periods(given))
