"""The circuit breaker stops calls to an ERP without answers."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

from erp_invoice_core import Limits
from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters.circuit_breaker import CircuitBreaker

RECEIPT = erp.Receipt(step="bill", erp_id="B-1")
LATER = datetime(2026, 11, 3, tzinfo=UTC)


@attrs.define
class Watch:
    """Seconds that grow only when the test advances them."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.seconds


def build_breaker(chance: float = 0.0) -> tuple[CircuitBreaker, Watch]:
    """Return a breaker that opens after two failures for 10 s, for 40 s at most."""
    watch = Watch()
    limits = Limits(failures=2, pause=10.0, longest_pause=40.0)
    return CircuitBreaker(limits, watch, lambda: chance), watch


def open_breaker(made: CircuitBreaker) -> None:
    """Record two calls without an answer."""
    made.record_answer(erp.Unknown("?"))
    made.record_answer(erp.Unknown("?"))


@pytest.mark.parametrize(
    "answer", [erp.Unknown("?"), erp.CannotTell("?"), erp.Deferred(None, "No line.")]
)
def test_calls_without_answer_open_the_breaker(answer: object) -> None:
    """After two calls in a row without an answer, nothing is claimed."""
    made, _ = build_breaker()
    made.record_answer(answer)
    assert not made.is_open
    made.record_answer(answer)

    assert made.is_open


@pytest.mark.parametrize(
    "answer",
    [
        erp.Done(RECEIPT),
        erp.Refused(erp.deny(erp.Denial("scripted.closed", "Open it.", erp.Source.ERP))),
        erp.Absent(LATER),
        erp.ALLOWED,
    ],
)
def test_an_answer_begins_the_count_anew(answer: object) -> None:
    """Any answer of the ERP, a refusal included, resets the count of failures."""
    made, _ = build_breaker()
    made.record_answer(erp.Unknown("?"))
    made.record_answer(answer)
    made.record_answer(erp.Unknown("?"))

    assert not made.is_open


def test_an_erp_that_says_when_is_not_down() -> None:
    """A deferral until a moment is an answer of the ERP: it counts neither way."""
    made, _ = build_breaker()
    made.record_answer(erp.Unknown("?"))
    made.record_answer(erp.Deferred(LATER, "Closed for the night."))
    assert not made.is_open
    made.record_answer(erp.Unknown("?"))
    assert made.is_open


def test_one_tries_again_after_the_pause() -> None:
    """After the pause one lane may try, and no other at the same time."""
    made, watch = build_breaker()
    open_breaker(made)
    watch.seconds = 9.9
    assert not made.begin_trial()
    watch.seconds = 10.0

    assert (True, False) == (made.begin_trial(), made.begin_trial())
    made.end_trial()
    assert made.begin_trial()


def test_an_answer_to_the_trial_closes_the_breaker() -> None:
    """If the trial is answered, everything may be claimed again, and pauses start short again."""
    made, watch = build_breaker()
    open_breaker(made)
    watch.seconds = 10.0
    assert made.begin_trial()
    made.record_answer(erp.Done(RECEIPT))
    assert not made.is_open

    open_breaker(made)
    watch.seconds = 20.0
    assert made.begin_trial()


def test_pauses_grow_to_the_longest() -> None:
    """Each trial that fails doubles the pause: 10, 20, 40, 40 seconds."""
    made, watch = build_breaker()
    open_breaker(made)
    pauses = []
    for _ in range(4):
        before = watch.seconds
        while not made.begin_trial():
            watch.seconds += 1
        pauses.append(watch.seconds - before)
        made.record_failure()

    assert [10, 20, 40, 40] == pauses


def test_jitter_takes_up_to_half_of_a_pause() -> None:
    """Jitter shortens a pause by up to half, so that workers do not return at once."""
    made, watch = build_breaker(chance=0.5)
    open_breaker(made)
    watch.seconds = 7.4
    assert not made.begin_trial()
    watch.seconds = 7.5
    assert made.begin_trial()


def test_calls_in_flight_when_it_opens_do_not_lengthen_the_pause() -> None:
    """Several lanes that lose the ERP at once count as one failure."""
    made, watch = build_breaker()
    open_breaker(made)
    open_breaker(made)
    watch.seconds = 10.0
    assert made.begin_trial()
