"""Every promise that the judge holds can be seen broken: a mistake of each kind is blamed."""

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
from erp_invoice_core.vocabulary import Action, ExportStatus

from .decisions import Decisions
from .erp_traits import Enforces, Plan, Traits
from .invariants import commands, even, leases
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
_TESTIMONY: Any = sys.modules["erp_invoice_core.flow.late_evidence"]
_POSTED = Traits(plan=Plan.POST)
_LYING = Traits(enforces=Enforces.NOTHING, look_up=LookUp.KEY, is_slow=True, lies=True)


def _half(entry: QueueEntry) -> bool:
    """One step is as good as all of them."""
    return bool(entry.plan) and bool(entry.standing)


def _otherwise(*given: Any, **more: Any) -> ExportRequest:  # noqa: ANN401 - passed on
    """Another content is sent than was accepted."""
    return attrs.evolve(build_request(*given, **more), digest="another")


def _fewer(store: MemoryStore, after: int = 0, limit: int = 100) -> Sequence[Stored]:
    """Every tenth event is left out of the feed."""
    return [one for one in _FEED(store, after, limit) if one.place % 10]


def _cut(store: MemoryStore) -> Iterator[Chain]:
    """The last event of each entry is lost."""
    for chain in _CHAINS(store):
        yield attrs.evolve(chain, links=chain.links[:-1])


def _silent(*given: Any, **more: Any) -> Change:  # noqa: ANN401 - passed on
    """An alarm is recorded without saying so, and without what it is about."""
    entry, _known, *rest = given
    return _RECORDED(entry, entry, *rest, **{**more, "denials": ()})


_FEED = MemoryStore.feed
_CHAINS = MemoryStore.chains
_RECORDED: Callable[..., Change] = _TESTIMONY._recorded

_MISTAKES: dict[str, tuple[Callable[[], AbstractContextManager[object]], Traits | None]] = {
    "booked.half": (lambda: replace_everywhere(is_complete, _half), _POSTED),
    "booked.otherwise": (lambda: replace_everywhere(build_request, _otherwise), None),
    "feed.skipped": (lambda: replace_attribute(MemoryStore, "feed", _fewer), None),
    "chain.head": (lambda: replace_attribute(MemoryStore, "chains", _cut), None),
    "alarm.missing": (lambda: replace_attribute(_TESTIMONY, "_recorded", _silent), _LYING),
}


@pytest.mark.parametrize("code", _MISTAKES)
def test_a_mistake_is_blamed_for_what_it_breaks(code: str) -> None:
    """Within a hundred histories, and by its own code."""
    applied, traits = _MISTAKES[code]
    found: set[str] = set()
    with applied(), open_stores("memory") as new:
        for number in range(_MOST):
            result = simulate(Decisions(seed=number), new(), traits=traits)
            found |= {violation.code for violation in result.violations}
            if code in found:
                return
    pytest.fail(f"{code} is not among {sorted(found)}")


def _event(seq: int, seconds: float, action: Action, **more: Any) -> AuditEvent:  # noqa: ANN401 - its fields
    at = START + timedelta(seconds=seconds)
    moved = {"version": seq, "before": ExportStatus.READY, "after": ExportStatus.ACCEPTED, **more}
    return AuditEvent(entry_id="1", seq=seq, at=at, actor="ap", action=action, **moved)


def test_a_command_that_had_its_effect_twice_is_blamed() -> None:
    """A refused repeat has none; the same command on another day has one."""
    once = _event(1, 0, Action.ACCEPT, command="accept:c1")
    refused = _event(2, 1, Action.ACCEPT, command="accept:c1", after=ExportStatus.READY)
    again = _event(3, 2, Action.ACCEPT, command="accept:c1")

    assert [] == list(commands([once, refused]))
    assert [("command.twice", "accept:c1 had its effect 2 times.")] == list(
        commands([once, refused, again])
    )


def test_time_that_goes_back_is_blamed() -> None:
    """So is time that has not come yet."""
    events = [_event(1, 5, Action.SEND), _event(2, 4, Action.ACCEPT)]
    late = START + timedelta(seconds=9)

    assert ["time.uneven"] == [code for code, _ in even(events, late)]
    assert ["time.uneven"] == [code for code, _ in even([_event(1, 10, Action.SEND)], late)]
    assert [] == list(even([*events[:1], _event(2, 5, Action.ACCEPT)], late))


def _lost(seconds: float) -> list[AuditEvent]:
    """Return the events of a claim that was taken away so many seconds later."""
    return [
        _event(1, 0, Action.CLAIM, facts={"holder": "w"}),
        _event(2, seconds, Action.LOSE, facts={"holder": "w"}),
    ]


def test_a_lease_that_is_taken_early_is_blamed() -> None:
    """A minute is a minute; where the holder was stopped meanwhile nobody is to blame."""
    holder = Process("worker", START)

    assert ["lease.taken_early"] == [code for code, _ in leases(_lost(59), {"w": holder})]
    assert ["lease.not_renewed"] == [code for code, _ in leases(_lost(60), {"w": holder})]
    holder.troubles.append((START, START + timedelta(seconds=30)))
    assert [] == list(leases(_lost(60), {"w": holder}))
    assert [] == list(leases(_lost(60), {}))
