"""Each history fails when the rule that closes it is weakened."""

from __future__ import annotations

import pytest

from erp_invoice_core.stores import MemoryStore

from .weakened_rules import WEAKENED


@pytest.mark.parametrize("name", WEAKENED)
def test_history_notices_the_weakened_rule(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the rule the history passes; without it, it fails."""
    weaken, history = WEAKENED[name]
    history(MemoryStore())

    weaken(monkeypatch)

    with pytest.raises((AssertionError, ValueError)):
        history(MemoryStore())


def test_every_history_of_this_folder_is_weakened() -> None:
    """Every rule is weakened, except the three that belong to the stores."""
    named = {int(name[:2]) for name in WEAKENED}

    assert set(range(1, 24)) - {19, 20, 21} == named
