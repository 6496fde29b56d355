"""Every move from every world that can be reached: the five properties hold, and laws besides."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core.rules import list_sources
from erp_invoice_core.vocabulary import Action, ExportStatus
from tests.long_runs import keep_rows

from .configurations import ROWS, WHOLE
from .search import Search

if TYPE_CHECKING:
    from collections.abc import Callable

    Counter = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def _cheap_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute no digests: here documents say theirs, and declarations never change."""
    room: Any = sys.modules["erp_invoice_core.flow.accept"]  # a function has its name
    monkeypatch.setattr(room, "compute_digest", lambda _value: "d")
    monkeypatch.setattr(room, "losses", lambda _case: ())


def _record_counts(search: Search, record_property: Counter) -> None:
    """Have the counts printed at the end of the run."""
    record_property("worlds", len(search.seen))
    record_property("moves", sum(search.moves.values()))


@pytest.mark.parametrize("row", ROWS)
def test_properties_hold_wherever_moves_lead(row: str, record_property: Counter) -> None:
    """
    One document per role, no evidence lost, no dead end, the lock, booked as accepted.

    Workers crash, answers are lost or late, requests are carried out late, what was written shows
    late, documents are edited or deleted in the ERP, the adapter disappears; two invoices have one
    number; people do any lawful thing, truthfully.
    """
    terms, bounds = ROWS[row]

    search = Search(terms, bounds).run()

    _record_counts(search, record_property)
    assert bounds.states <= len(search.seen)


@pytest.mark.parametrize("row", keep_rows(WHOLE, list(WHOLE)[1:]))
def test_properties_hold_everywhere_within_small_bounds(row: str, record_property: Counter) -> None:
    """The same where few calls are made and few things go wrong: every single world is seen."""
    terms, bounds = WHOLE[row]

    search = Search(terms, bounds).run()

    _record_counts(search, record_property)
    assert search.is_whole


def test_hundred_thousand_worlds_are_searched() -> None:
    """Each run searches at least this many worlds; each row asserts its share."""
    assert 100_000 <= sum(bounds.states for _, bounds in ROWS.values())


@pytest.mark.soak
@pytest.mark.parametrize("row", ROWS)
def test_properties_hold_far_out(row: str, record_property: Counter) -> None:
    """The same, with more faults, more calls, and many times as many worlds."""
    terms, bounds = ROWS[row]
    faults = 3 if bounds.entries == 1 else 2
    far = attrs.evolve(bounds, faults=faults, calls=bounds.calls + 1, states=150_000)

    _record_counts(Search(terms, far).run(), record_property)


def test_every_status_has_a_person_or_worker_who_can_move_it() -> None:
    """People or a worker, in every status; what is synced can be unlinked."""
    movers = {
        status: [action for action in Action if status in list_sources(action)]
        for status in ExportStatus
    }

    assert [] == [status for status, actions in movers.items() if len(actions) < 2]
