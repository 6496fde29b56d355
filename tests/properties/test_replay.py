"""Replaying an entry's events gives its status after any sequence of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp_invoice_core.adapters import Adapters
from erp_invoice_core.events import replay
from erp_invoice_core.flow import Resolution
from erp_invoice_core.queue import ExportQueue
from erp_invoice_core.stores import MemoryStore, verify
from erp_invoice_core.testing import TwoStepErp
from erp_invoice_core.testing.fake_erp.in_process import KEY
from erp_invoice_core.testing.store_agreement import IDS, PEOPLE, Host
from erp_invoice_core.vocabulary import ExportStatus
from erp_invoice_core.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from erp_invoice_core.documents import Actor

    Verb = Callable[[ExportQueue, list[str], Actor], object]

VERBS: dict[str, Verb] = {
    "send": lambda queue, ids, who: queue.send(ids, who, connection=KEY),
    "resend": lambda queue, ids, who: queue.resend(ids, who),
    "retrieve": lambda queue, ids, who: queue.retrieve(ids, who),
    "accept": lambda queue, ids, who: queue.accept(ids, who),
    "reject": lambda queue, ids, who: queue.reject(ids, who, reason="Wrong job."),
    "retry": lambda queue, ids, who: queue.retry(ids, who),
    "withdraw": lambda queue, ids, who: queue.withdraw(ids, who),
    "rule": lambda queue, ids, who: queue.rule(
        ids,
        who,
        resolution=Resolution(absent=True),
        evidence="Seen.",
        expect={entry.id: entry.version for entry in queue.entries(ids)},
    ),
    "unlink": lambda queue, ids, who: queue.unlink(ids, who, evidence="Seen."),
    "work": lambda queue, ids, _: Worker(queue).run_once(limit=len(ids)),
}
ACTS = st.tuples(
    st.sampled_from([*VERBS, "send", "accept", "work"]),
    st.lists(st.sampled_from(IDS), min_size=1, max_size=4),
    st.sampled_from([PEOPLE[0], PEOPLE[1], PEOPLE[2], PEOPLE[2]]),
    st.sampled_from([0, 30, 400]),
)
FAULTS = st.sampled_from([("create", "lose"), ("post", "refuse"), ("post", "lose")])


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ACTS, min_size=4, max_size=25), st.lists(FAULTS, max_size=3))
def test_replay_gives_the_status(
    acts: Sequence[tuple[str, list[str], Actor, int]], faults: Sequence[tuple[str, str]]
) -> None:
    """After every action, allowed or not, the events of each entry lead to its status."""
    host, store = Host(), MemoryStore()
    erp = TwoStepErp(clock=host.clock)
    queue = ExportQueue(store, Adapters(erp), host.facts, clock=host.clock)
    for on, do in faults:
        erp.ledger.inject(on, do)
    for verb, ids, who, seconds in acts:
        VERBS[verb](queue, ids, who)
        host.wait(seconds)
        for entry in queue.entries():
            events = queue.history(entry.id)
            assert entry.status is replay(events)
            assert entry.seq == len(events)
            assert all(event.entry_id == entry.id for event in events)
    assert verify(store.chains()).ok


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ACTS, min_size=4, max_size=25))
def test_refused_attempts_move_nothing(
    acts: Sequence[tuple[str, list[str], Actor, int]],
) -> None:
    """A refused action leaves an event, and changes neither status nor version."""
    host = Host()
    queue = ExportQueue(MemoryStore(), Adapters(TwoStepErp()), host.facts, clock=host.clock)
    for verb, ids, who, _ in acts:
        VERBS[verb](queue, ids, who)
    for entry in queue.entries():
        version = 0
        for event in queue.history(entry.id):
            if event.denials and event.actor != "system:worker" and event.before is event.after:
                assert version == event.version
            version = event.version
        assert version == entry.version


def test_no_events_lead_to_not_sent() -> None:
    """An entry without events was never sent."""
    assert ExportStatus.NOT_SENT is replay([])


@pytest.mark.parametrize("order", [(1, 0), (1,), (0, 0)])
def test_events_out_of_order_are_refused(order: tuple[int, ...]) -> None:
    """Events that do not follow from each other are refused."""
    host = Host()
    queue = ExportQueue(MemoryStore(), Adapters(TwoStepErp()), host.facts, clock=host.clock)
    queue.send(["1"], PEOPLE[2], connection=KEY)
    queue.accept(["1"], PEOPLE[2])
    events = queue.history("1")

    with pytest.raises(ValueError, match="does not follow"):
        replay([events[place] for place in order])
