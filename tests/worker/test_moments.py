"""An event of a worker has the time of its transaction: a history never goes back in time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import pytest

from erp_invoice_core import MemoryStore
from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.store_wrappers import StoreWrapper

from .harness import APPROVER, NOON, WorkerHarness
from .scripted_erp import ScriptedErp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

T = TypeVar("T")

_NO = erp.Verdict((erp.Denial("scripted.no", "Ask again.", erp.Source.ERP),))


class WaitingStore(StoreWrapper):
    """A store for which a worker waits once, while a person acts on the invoice."""

    meanwhile: Callable[[], None] | None = None

    @contextmanager
    def _wrap(self, opened: AbstractContextManager[T]) -> Iterator[T]:
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        with super()._wrap(opened) as transaction:
            yield transaction


def _raise_unreachable() -> object:
    raise TimeoutError


@pytest.mark.parametrize(
    ("hook", "answer"),
    [
        ("connect", _raise_unreachable),
        ("check", lambda: _NO),
        ("check", lambda: erp.Deferred(None, "Busy.")),
        ("find", lambda: erp.Several("Two of them.")),
        ("find", lambda: erp.CannotTell("Who knows.")),
    ],
    ids=["unreachable", "refused", "deferred", "there already", "no answer"],
)
def test_what_is_written_after_a_wait_is_not_older(hook: str, answer: Callable[[], object]) -> None:
    """A person's action comes between the ERP's answer and the worker's transaction."""
    plugin, store = ScriptedErp(), WaitingStore(MemoryStore())
    harness = WorkerHarness(plugin=plugin, store=store)
    harness.accept("5000")

    def act() -> None:
        harness.clock.advance(3)
        harness.queue.accept(["5000"], APPROVER)

    def answer_late() -> object:
        store.meanwhile = act
        return answer()

    plugin.script(hook, answer_late)
    harness.worker.run_once(limit=1)

    moments = [event.at for event in harness.queue.history("5000")]
    assert (moments[-1] - NOON).total_seconds() >= 3
    assert sorted(moments) == moments
