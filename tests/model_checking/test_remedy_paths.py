"""Remedies of every denied state, followed: they end, and never book a second time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core.declaration import UnlinkForm
from erp_invoice_core.documents import Actor
from erp_invoice_core.rules import CONDITIONS, Case, decide, index, remedies, state_table
from erp_invoice_core.rules.alternatives import Alternative, find_alternative
from erp_invoice_core.rules.remedies import one_of
from erp_invoice_core.rules.remedy_rows import ACCEPT, RETRY, UNLINK
from erp_invoice_core.vocabulary import Action, ExportStatus, Level

from ..spec.allowed_cases import EVERYTHING, LEDGERLY, PEOPLE_ACTS, build_allowed_case
from ..spec.scenarios import bend_cases
from .configurations import BLIND, BY_NUMBER, FINITE, REPLAYED, TWO_STEPS, UNBOUND, Bounds
from .people import case_of
from .remedy_paths import RemedyFollower, State, Wrong
from .search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from erp_invoice_core.rules.remedies import Alternatives

    Counter = Callable[[str, object], None]

#: The facts of a case that an entry gives.
_ENTRY = (
    *("export_status", "leased", "in_doubt", "left", "left_is_accepted", "acceptance_stands"),
    *("complete", "withdrawing", "settled", "replayable"),
)
_TERMS = (FINITE, UNBOUND, TWO_STEPS, BLIND, BY_NUMBER, REPLAYED)
_STANDARD = Actor(id="standard", commitments={"10": Level.STANDARD})
_STRANGER = Actor(id="stranger")


@pytest.fixture(scope="module")
def standing() -> list[dict[str, Any]]:
    """The facts that entries give, wherever moves lead: each combination once."""
    module: Any = sys.modules["erp_invoice_core.flow.accept"]
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "compute_digest", lambda _value: "d")
        patch.setattr(module, "digest_losses", lambda *_: "d", raising=False)
        for terms in _TERMS:
            search = Search(terms, Bounds(states=1500, calls=4)).run()
            for world in search.seen:
                case = case_of(search._stage, world, 0)
                facts = {name: getattr(case, name) for name in _ENTRY}
                found.setdefault(tuple(facts.values()), facts)
    return list(found.values())


def _docs(case: Case) -> int:
    return int(case.export_status is ExportStatus.SYNCED or bool(case.left))


def _cases(standing: list[dict[str, Any]]) -> Iterator[tuple[Action, Case]]:
    """Every action of a person from every standing, by three kinds of people; and every bend."""
    for action in sorted(PEOPLE_ACTS, key=lambda act: act.value):
        for facts in standing:
            gone = facts["export_status"] is not ExportStatus.SYNCED
            for actor in (EVERYTHING, _STANDARD, _STRANGER):
                yield (
                    action,
                    attrs.evolve(build_allowed_case(action), actor=actor, gone=gone, **facts),
                )
    first = {facts["export_status"]: facts for facts in reversed(standing)}
    for bend, action, case, _ in bend_cases("Bent cases"):
        bent = {part.partition(" = ")[0] for part in bend.split(", ")}
        # These facts are taken from entries: changed alone they are never reached.
        if action not in PEOPLE_ACTS or bent & set(_ENTRY) or decide(action, case).allowed:
            continue
        yield action, case
        for facts in first.values():
            yield action, attrs.evolve(case, **facts)


def test_following_remedies_ends(standing: list[dict[str, Any]], record_property: Counter) -> None:
    """
    From every denied state they lead to where the action is allowed, or no remedy is offered.

    None leads back to where it began, and none to a second booking.
    """
    followed = RemedyFollower()
    started = 0

    for action, case in _cases(standing):
        started += not decide(action, case).allowed
        followed.follow(action, State(case, _docs(case)))

    record_property("denied states", started)
    record_property("remedies", followed.steps)
    record_property("ends allowed", followed.allowed)
    record_property("ends without remedy", followed.unremedied + followed.by_hand)
    assert 9 == len({facts["export_status"] for facts in standing})
    assert 1_000 < started
    assert 0 < followed.allowed


def _build_failed() -> Case:
    return attrs.evolve(build_allowed_case(Action.RETRY), acceptance_stands=False)


def _offer(monkeypatch: pytest.MonkeyPatch, alternatives: Alternatives) -> None:
    """Have every denial of a status offer the same remedies."""

    def find(action: Action, status: ExportStatus, *, is_accepted: bool) -> Alternative:
        found = find_alternative(action, status, is_accepted=is_accepted)
        return attrs.evolve(found, remedies=alternatives)

    monkeypatch.setattr(state_table, "find_alternative", find)


def test_remedies_that_lead_back_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a retry says *accept it*, and accepting says *retry*, following does not end."""
    rows = [
        attrs.evolve(row, remedies=one_of(ACCEPT)) if row.code == "export.not_accepted" else row
        for row in CONDITIONS
    ]
    _offer(monkeypatch, one_of(RETRY))

    with pytest.raises(Wrong, match=r"lead back: retry from .*FAILED > accept .* > retry"):
        RemedyFollower(index(conditions=rows)).follow(Action.RETRY, State(_build_failed()))


def test_remedies_that_book_twice_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unlinking alone, where the ERP lets a synced invoice go at any time, is a second booking."""
    erp = attrs.evolve(LEDGERLY, unlink=UnlinkForm.FREE)
    synced = attrs.evolve(build_allowed_case(Action.UNLINK), erp=erp, gone=False)
    assert RemedyFollower().follow(Action.SEND, State(synced, docs=1))
    _offer(monkeypatch, one_of(UNLINK))

    with pytest.raises(Wrong, match="send would book a second time"):
        RemedyFollower().follow(Action.SEND, State(synced, docs=1))


def test_entering_by_hand_beside_an_export_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An invoice that may still be exported is not entered by hand."""
    monkeypatch.setattr(remedies, "_prevent_double_booking", lambda together, _case: together)
    ready = attrs.evolve(
        build_allowed_case(Action.SEND), taxed=True, export_status=ExportStatus.NOT_SENT, left=True
    )

    with pytest.raises(Wrong, match="Entered by hand"):
        RemedyFollower()._do_all(
            decide(Action.SEND, ready).denials[0].remedies[0], State(ready, docs=1)
        )
