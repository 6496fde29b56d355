"""The search notices each rule that is weakened, and nothing where nothing is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from tests.long_runs import keep_rows

from .search import Search
from .transition_checks import Violation
from .weakened_rules import NOTICED

if TYPE_CHECKING:
    from collections.abc import Callable


#: The rules of these histories are missed only in searches of several seconds.
_LONG = {
    "01",
    "04",
    "05",
    "08",
    "09",
    "15, not while in doubt",
    "15, until the lease runs out",
    "17",
}


@pytest.fixture(autouse=True)
def _cheap_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute no digests: here documents say theirs, and declarations never change."""
    room: Any = sys.modules["erp_invoice_core.flow.accept"]  # a function has its name
    monkeypatch.setattr(room, "compute_digest", lambda _value: "d")
    monkeypatch.setattr(room, "losses", lambda _case: ())


@pytest.mark.parametrize("name", keep_rows(NOTICED, set(NOTICED) - _LONG))
def test_search_notices_a_weakened_rule(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule that closed a history of that number is needed: without it a property breaks."""
    weaken, terms, bounds = NOTICED[name]
    weaken(monkeypatch)

    with pytest.raises(Violation):
        Search(attrs.evolve(terms, name=f"{terms.name}, {name}"), bounds).run()


@pytest.mark.soak
@pytest.mark.parametrize("name", NOTICED)
def test_search_finds_nothing_where_nothing_is_weakened(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    """It is the weakened rule that the search notices."""
    _, terms, bounds = NOTICED[name]

    search = Search(terms, bounds).run()

    record_property("worlds", len(search.seen))


def test_nearly_every_history_has_a_rule_that_is_weakened() -> None:
    """All but those of the stores: the guard, the two ports, the transaction, the lost commit."""
    named = {int(name[:2]) for name in NOTICED}

    assert set(range(1, 24)) - {19, 20, 21, 23} == named
