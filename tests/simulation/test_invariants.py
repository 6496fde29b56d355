"""Every invariant can fail: the checks find a bug of each kind."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core.adapters import LookUp
from erp_invoice_core.events import AuditEvent
from erp_invoice_core.flow import build_request
from erp_invoice_core.flow.knowledge import is_complete
from erp_invoice_core.stores import MemoryStore
from erp_invoice_core.testing.fake_erp.ledger import Enforces
from erp_invoice_core.vocabulary import Action, ExportStatus

from .decisions import Decisions
from .erp_traits import Plan, Traits
from .invariants import check_commands, check_leases, check_times
from .mutant import replace_attribute, replace_everywhere
from .process import START, Process
from .run import simulate
from .stores import open_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.events import Change
    from erp_invoice_core.exchange import ExportRequest
    from erp_invoice_core.stores import Stored
    from erp_invoice_core.stores.protocol import Chain

_MOST = 100
#: A seed with which a mistake is found soon, for those that are rarely met.
_FIRST = {"alarm.missing": 130}
_TESTIMONY: Any = sys.modules["erp_invoice_core.flow.late_evidence"]
_POSTED = Traits(plan=Plan.POST)
_LYING = Traits(enforces=Enforces.NOTHING, look_up=LookUp.KEY, is_slow=True, lies=True)


def _do_half(entry: QueueEntry) -> bool:
    """Take one step for all of them."""
    return bool(entry.plan) and bool(entry.standing)


def _otherwise(*given: Any, **more: Any) -> ExportRequest:  # noqa: ANN401 - passed on
    """Send another content than the accepted one."""
    return attrs.evolve(build_request(*given, **more), digest="another")


def _skip_events(store: MemoryStore, after: int = 0, limit: int = 100) -> Sequence[Stored]:
    """Leave every tenth event out of the feed."""
    return [one for one in _FEED(store, after, limit) if one.place % 10]


def _cut(store: MemoryStore) -> Iterator[Chain]:
    """Lose the last event of each entry."""
    for chain in _CHAINS(store):
        yield attrs.evolve(chain, links=chain.links[:-1])


def _hide_alarm(*given: Any, **more: Any) -> Change:  # noqa: ANN401 - passed on
    """Record an alarm without its code and its document."""
    entry, _known, *rest = given
    return _RECORDED(entry, entry, *rest, **{**more, "denials": ()})


_FEED = MemoryStore.feed
_CHAINS = MemoryStore.chains
_RECORDED: Callable[..., Change] = _TESTIMONY._record

_MISTAKES: dict[str, tuple[Callable[[], AbstractContextManager[object]], Traits | None]] = {
    "booked.half": (lambda: replace_everywhere(is_complete, _do_half), _POSTED),
    "booked.otherwise": (lambda: replace_everywhere(build_request, _otherwise), None),
    "feed.skipped": (lambda: replace_attribute(MemoryStore, "feed", _skip_events), None),
    "chain.head": (lambda: replace_attribute(MemoryStore, "chains", _cut), None),
    "alarm.missing": (lambda: replace_attribute(_TESTIMONY, "_record", _hide_alarm), _LYING),
}


@pytest.mark.parametrize("code", _MISTAKES)
def test_a_mistake_is_blamed_for_what_it_breaks(code: str) -> None:
    """The checks find it within a hundred runs, under its own code."""
    applied, traits = _MISTAKES[code]
    first, found = _FIRST.get(code, 0), set[str]()
    with applied(), open_stores("memory") as new:
        for seed in range(first, first + _MOST):
            result = simulate(Decisions(seed=seed), new(), traits=traits)
            found |= {violation.code for violation in result.violations}
            if code in found:
                return
    pytest.fail(f"{code} is not among {sorted(found)}")


def _event(seq: int, seconds: float, action: Action, **more: Any) -> AuditEvent:  # noqa: ANN401 - its fields
    at = START + timedelta(seconds=seconds)
    moved = {"version": seq, "before": ExportStatus.READY, "after": ExportStatus.ACCEPTED, **more}
    return AuditEvent(entry_id="1", seq=seq, at=at, actor="ap", action=action, **moved)


def test_a_command_that_had_its_effect_twice_is_blamed() -> None:
    """A command counts twice only if both times had an effect."""
    once = _event(1, 0, Action.ACCEPT, command="accept:c1")
    refused = _event(2, 1, Action.ACCEPT, command="accept:c1", after=ExportStatus.READY)
    again = _event(3, 2, Action.ACCEPT, command="accept:c1")

    assert [] == list(check_commands([once, refused]))
    assert [("command.twice", "accept:c1 had its effect 2 times.")] == list(
        check_commands([once, refused, again])
    )


def test_time_that_goes_back_is_blamed() -> None:
    """An event may not be later than now, nor earlier than the one before."""
    events = [_event(1, 5, Action.SEND), _event(2, 4, Action.ACCEPT)]
    late = START + timedelta(seconds=9)

    assert ["time.uneven"] == [code for code, _ in check_times(events, late)]
    assert ["time.uneven"] == [code for code, _ in check_times([_event(1, 10, Action.SEND)], late)]
    assert [] == list(check_times([*events[:1], _event(2, 5, Action.ACCEPT)], late))


def _build_lost(seconds: float) -> list[AuditEvent]:
    """Return the events of a claim that was taken away that number of seconds later."""
    return [
        _event(1, 0, Action.CLAIM, facts={"holder": "w"}),
        _event(2, seconds, Action.LOSE, facts={"holder": "w"}),
    ]


def test_a_lease_that_is_taken_early_is_blamed() -> None:
    """A lease lasts a minute; losing it is a violation only if its holder could work."""
    holder = Process("worker", START)

    assert ["lease.taken_early"] == [
        code for code, _ in check_leases(_build_lost(59), {"w": holder})
    ]
    assert ["lease.not_renewed"] == [
        code for code, _ in check_leases(_build_lost(60), {"w": holder})
    ]
    holder.troubles.append((START, START + timedelta(seconds=30)))
    assert [] == list(check_leases(_build_lost(60), {"w": holder}))
    assert [] == list(check_leases(_build_lost(60), {}))
