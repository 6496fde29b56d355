"""A loaded adapter contains every error and wrong answer of its plug-in."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing import sample_document, sample_request

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = erp.Step("bill", "bill", erp.Role.BILL)
RECEIPT = erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
TOKEN = "tok-12345678"
OCTOBER = erp.AccountingPeriod(
    name="2026-10", first_day=date(2026, 10, 1), last_day=date(2026, 10, 31), is_open=True
)


def plugin(**hooks: Callable[..., object]) -> object:
    """Return a plug-in with these hooks, a declaration and, unless given, a write."""

    class Plugin:
        @erp.hookimpl
        def erp_declaration(self) -> erp.Declaration:
            return erp.Declaration(key="acme", name="Acme ERP")

        @erp.hookimpl
        def erp_write(self) -> Any:  # noqa: ANN401 - it answers whatever the test says
            return erp.Unknown("no answer")

    for name, hook in hooks.items():
        setattr(Plugin, name, erp.hookimpl(staticmethod(hook)))
    return Plugin()


def session() -> erp.Session:
    """Return a session that has a secret."""
    return erp.Session(object(), (TOKEN,))


def boom() -> object:
    """Raise an error with a secret in the message."""
    msg = f"401 for {TOKEN}"
    raise RuntimeError(msg)


def leave() -> object:
    """Try to end the process."""
    sys.exit(3)


def test_absent_hooks_are_absent_capabilities() -> None:
    """Without its hooks an adapter plans one step, objects to nothing, finds nothing."""
    adapter = erp.Adapter(plugin())
    request = sample_request()
    assert (STEP,) == adapter.steps(request)
    assert erp.ALLOWED == adapter.check(session(), request)
    assert (False, False, False) == (adapter.has_find, adapter.has_read, adapter.has_withdraw)
    assert isinstance(adapter.find(session(), request, STEP, ["k"]), erp.CannotTell)
    assert isinstance(adapter.read(session(), RECEIPT), erp.CannotTell)
    assert isinstance(adapter.withdraw(session(), RECEIPT), erp.Deferred)
    assert not adapter.has_payments
    assert isinstance(adapter.payments(session(), RECEIPT), erp.CannotTell)
    assert erp.Session(None) == adapter.connect(erp.Connection("acme", "acme"))


def test_credit_is_planned_where_due_is_negative() -> None:
    """The one step of an adapter without a plan is a credit for a negative invoice."""
    line = erp.ExportLine(
        item_id="1", item_type=erp.ItemType.CONTRACT_ITEM, line_item_id="1", gross=Decimal(-5)
    )
    credit = attrs.evolve(sample_document(), lines=(line,))
    steps = erp.Adapter(plugin()).steps(sample_request(credit))
    assert (erp.Step("bill", "bill", erp.Role.CREDIT),) == steps


@pytest.mark.parametrize("failing", [boom, leave])
def test_exceptions_become_the_cautious_word(failing: Callable[[], object]) -> None:
    """An exception is Unknown for a write, CannotTell for a look-up, Deferred before writing."""
    names = ("steps", "connect", "check", "write", "find", "read", "withdraw", "payments")
    adapter = erp.Adapter(plugin(**{f"erp_{name}": failing for name in names}))
    request = sample_request()
    answers: list[object] = [
        adapter.steps(request),
        adapter.connect(erp.Connection("acme", "acme", {"token": erp.Secret(TOKEN)})),
        adapter.check(session(), request),
        adapter.write(session(), request, STEP),
        adapter.find(session(), request, STEP, ["k"]),
        adapter.read(session(), RECEIPT),
        adapter.withdraw(session(), RECEIPT),
        adapter.payments(session(), RECEIPT),
    ]
    kinds = ["Deferred", "Deferred", "Deferred", "Unknown", "CannotTell", "CannotTell", "Unknown"]
    kinds += ["CannotTell"]
    assert kinds == [type(answer).__name__ for answer in answers]
    # The plan is made without a session, hence without a secret to hide.
    assert [] == [answer for answer in answers[1:] if TOKEN in str(answer)]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "B-1",
        {"id": "B-1"},
        RECEIPT,
        erp.Done(erp.Receipt(step="other", erp_id="B-1")),
        erp.Done(erp.Receipt(step="bill", erp_id=17)),  # type: ignore[arg-type]  # on purpose
        erp.Done(erp.Receipt(step="bill", erp_id=RuntimeError("no"))),  # type: ignore[arg-type]  # on purpose
        erp.Done("B-1"),  # type: ignore[arg-type]  # on purpose
        erp.Deferred(datetime(2026, 1, 1), "naive"),  # noqa: DTZ001 - on purpose
        erp.Unknown(None),  # type: ignore[arg-type]  # on purpose
    ],
)
def test_write_that_answers_no_outcome_is_unknown(answer: object) -> None:
    """Only an outcome of that step, with an id that is text, becomes a receipt."""
    adapter = erp.Adapter(plugin(erp_write=lambda: answer))
    assert isinstance(adapter.write(session(), sample_request(), STEP), erp.Unknown)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        RECEIPT,
        erp.Absent(datetime(2026, 1, 1)),  # noqa: DTZ001 - on purpose
        erp.Found(RECEIPT, "contents"),  # type: ignore[arg-type]  # on purpose
        erp.Found(
            RECEIPT,
            erp.Contents(vendor="V", number="1", amount=1.5, date=None),  # type: ignore[arg-type]  # on purpose
        ),
        erp.Found(RECEIPT, erp.Contents(vendor="V", number="1", amount=Decimal("NaN"), date=None)),
        erp.Found(RECEIPT, erp.Contents(vendor="V", number="1", amount=None, date=NOW)),
    ],
)
def test_look_up_that_answers_no_sighting_cannot_tell(answer: object) -> None:
    """A malformed sighting never counts, least of all as absence."""
    adapter = erp.Adapter(plugin(erp_find=lambda: answer))
    assert isinstance(adapter.find(session(), sample_request(), STEP, ["k"]), erp.CannotTell)


@pytest.mark.parametrize("answer", [None, (), (STEP, STEP), ("bill",)])
def test_bad_plan_is_deferred(answer: object) -> None:
    """A plan without steps, or with two of one name, starts nothing."""
    adapter = erp.Adapter(plugin(erp_steps=lambda: answer))
    assert isinstance(adapter.steps(sample_request()), erp.Deferred)


def test_good_answers_pass() -> None:
    """Correct answers of the hooks are returned unchanged."""
    contents = erp.Contents(vendor="V", number="1", amount=Decimal(1), date=None)
    adapter = erp.Adapter(
        plugin(
            erp_connect=lambda settings: settings["path"],
            erp_write=lambda: erp.Done(RECEIPT),
            erp_find=lambda: erp.Found(RECEIPT, contents),
            erp_read=lambda: erp.Gone(NOW),
            erp_withdraw=lambda: erp.Done(RECEIPT),
            erp_payments=lambda: [erp.ErpPayment(amount=Decimal("12.50"))],
            erp_periods=lambda: [OCTOBER],
            erp_check=lambda: erp.deny(erp.Denial("acme.no", "No.", erp.Source.ADAPTER)),
        )
    )
    opened = adapter.connect(erp.Connection("acme", "acme", {"path": "here"}))
    assert erp.Session("here") == opened
    assert isinstance(opened, erp.Session)
    verdict = adapter.check(opened, sample_request())
    assert isinstance(verdict, erp.Verdict)
    assert ["acme.no"] == [denial.code for denial in verdict.denials]
    assert erp.Done(RECEIPT) == adapter.write(opened, sample_request(), STEP)
    assert erp.Found(RECEIPT, contents) == adapter.find(opened, sample_request(), STEP, ["k"])
    assert erp.Gone(NOW) == adapter.read(opened, RECEIPT)
    assert erp.Done(RECEIPT) == adapter.withdraw(opened, RECEIPT)
    assert (erp.ErpPayment(amount=Decimal("12.50")),) == adapter.payments(opened, RECEIPT)
    assert (OCTOBER,) == adapter.periods(opened)


def test_a_hook_that_reads_can_say_why_the_erp_cannot_be_read() -> None:
    """Its sentence arrives as it is, without the name of the hook and without secrets."""
    why = erp.CannotTell("Acme is closed for the night; the key is hush-hush.")
    adapter = erp.Adapter(
        plugin(erp_read=lambda: why, erp_payments=lambda: why, erp_periods=lambda: why)
    )
    settings = {"key": erp.Secret("hush-hush")}
    opened = adapter.connect(erp.Connection("acme", "acme", settings))
    assert isinstance(opened, erp.Session)
    answers = (
        adapter.read(opened, RECEIPT),
        adapter.payments(opened, RECEIPT),
        adapter.periods(opened),
    )

    for answer in answers:
        assert isinstance(answer, erp.CannotTell)
        assert answer.why.startswith("Acme is closed for the night; the key is ")
        assert "hush-hush" not in answer.why


def test_periods_that_cannot_be_read_are_not_known() -> None:
    """An adapter without the hook, one that raises, and one with another answer say nothing."""

    def fail() -> object:
        raise ConnectionRefusedError

    def answer_nothing() -> object:
        return None

    without = erp.Adapter(plugin())
    assert not without.has_periods
    assert isinstance(without.periods(session()), erp.CannotTell)
    for hook in (fail, answer_nothing, lambda: ("October",)):
        adapter = erp.Adapter(plugin(erp_periods=hook))
        assert adapter.has_periods
        assert isinstance(adapter.periods(session()), erp.CannotTell)
