"""The gate of a connection: a rate, and a breaker that spares an ERP that does not answer."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

from erp_invoice_core import Pace
from erp_invoice_core import adapters as erp
from erp_invoice_core.worker.pace import Gate

RECEIPT = erp.Receipt(step="bill", erp_id="B-1")
LATER = datetime(2026, 11, 3, tzinfo=UTC)


@attrs.define
class Watch:
    """Seconds that only grow, when told to."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """Tell the seconds."""
        return self.seconds


def gate(chance: float = 0.0, **pace: float) -> tuple[Gate, Watch]:
    """Return a gate that shuts after two failures for 10 s, for 40 s at most."""
    watch = Watch()
    told = {"failures": 2, "pause": 10.0, "longest_pause": 40.0, **pace}
    return Gate(Pace(**told), watch, lambda: chance), watch  # type: ignore[arg-type]  # as told


def shut(made: Gate) -> None:
    """Have two calls get no answer."""
    made.note(erp.Unknown("?"))
    made.note(erp.Unknown("?"))


@pytest.mark.parametrize(
    "answer", [erp.Unknown("?"), erp.CannotTell("?"), erp.Deferred(None, "No line.")]
)
def test_calls_without_answer_shut_the_gate(answer: object) -> None:
    """After so many calls in a row without an answer nothing is claimed any more."""
    made, _ = gate()
    made.note(answer)
    assert not made.is_shut
    made.note(answer)

    assert made.is_shut


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
    """An ERP that answers in between, with a refusal even, is not down."""
    made, _ = gate()
    made.note(erp.Unknown("?"))
    made.note(answer)
    made.note(erp.Unknown("?"))

    assert not made.is_shut


def test_an_erp_that_says_when_is_not_down() -> None:
    """A deferral until a moment is the ERP's own word: it counts neither way."""
    made, _ = gate()
    made.note(erp.Unknown("?"))
    made.note(erp.Deferred(LATER, "Closed for the night."))
    assert not made.is_shut
    made.note(erp.Unknown("?"))
    assert made.is_shut


def test_one_tries_again_after_the_pause() -> None:
    """Once the pause is over one lane may try, and no other beside it."""
    made, watch = gate()
    shut(made)
    watch.seconds = 9.9
    assert not made.tries()
    watch.seconds = 10.0

    assert (True, False) == (made.tries(), made.tries())
    made.untried()
    assert made.tries()


def test_an_answer_to_the_trial_opens_the_gate() -> None:
    """If the trial is answered everything may be claimed again, and pauses begin anew."""
    made, watch = gate()
    shut(made)
    watch.seconds = 10.0
    assert made.tries()
    made.note(erp.Done(RECEIPT))
    assert not made.is_shut

    shut(made)
    watch.seconds = 20.0
    assert made.tries()


def test_pauses_grow_to_the_longest() -> None:
    """Each trial that fails doubles the pause: 10, 20, 40, 40 seconds."""
    made, watch = gate()
    shut(made)
    pauses = []
    for _ in range(4):
        before = watch.seconds
        while not made.tries():
            watch.seconds += 1
        pauses.append(watch.seconds - before)
        made.miss()

    assert [10, 20, 40, 40] == pauses


def test_chance_takes_up_to_half_of_a_pause() -> None:
    """Workers that lost one ERP at once do not all come back at once."""
    made, watch = gate(chance=0.5)
    shut(made)
    watch.seconds = 7.4
    assert not made.tries()
    watch.seconds = 7.5
    assert made.tries()


def test_calls_in_flight_when_it_shuts_do_not_lengthen_the_pause() -> None:
    """Several lanes that lose the ERP at once count as one failure of it."""
    made, watch = gate()
    shut(made)
    shut(made)
    watch.seconds = 10.0
    assert made.tries()


def test_a_rate_spaces_calls() -> None:
    """With six calls a minute the next one is ten seconds away; two at once make it twenty."""
    made, watch = gate(calls_per_minute=6)
    assert 0.0 == made.wait
    made.spend()
    assert 10.0 == made.wait
    made.spend()
    assert 20.0 == made.wait
    watch.seconds = 20.0

    assert 0.0 == made.wait


def test_without_a_rate_calls_follow_at_once() -> None:
    """Where no rate is given none is kept."""
    made, _ = gate()
    made.spend()
    assert 0.0 == made.wait
