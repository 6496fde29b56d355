"""A worker that ends in the middle of a call, as a killed process does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from erp_invoice_core.worker import ThreadCaller

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.worker import Caller

__all__ = ["WorkerKill"]

_T = TypeVar("_T")


@attrs.define
class WorkerKill:
    """Raises ``KeyboardInterrupt`` in the worker while it waits for a call."""

    is_requested: bool = False

    def request(self) -> None:
        """Make the current call the last one of the worker."""
        self.is_requested = True

    def build_caller(self) -> Caller:
        """Return a caller for the worker that is to end."""
        return _KilledCaller(self)


class _KilledCaller(ThreadCaller):
    def __init__(self, death: WorkerKill) -> None:
        super().__init__()
        self._death = death

    def call(self, act: Callable[[], _T], **how: Any) -> _T:  # noqa: ANN401 - as its parent takes it
        answer: _T = super().call(act, **how)
        if self._death.is_requested:
            self._death.is_requested = False
            raise KeyboardInterrupt
        return answer
