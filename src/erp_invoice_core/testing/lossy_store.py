"""A store whose commits can lose their answer: they went through, or they did not."""

from __future__ import annotations

from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from ..stores import CommitUnknown
from .fronted_store import FrontedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from ..stores import Store

__all__ = ["Loss", "LossyStore"]

T = TypeVar("T")


class Loss(Enum):
    """What became of a commit whose answer was lost."""

    KEPT = "kept"  #: It went through.
    DROPPED = "dropped"  #: It did not.


class _Dropped(Exception):
    """Undoes a transaction whose commit is lost."""


def _drop_if(is_dropped: bool) -> None:  # noqa: FBT001 - the condition that the name asks for
    if is_dropped:
        raise _Dropped


class LossyStore(FrontedStore):
    """
    Any store, with commits that can be lost; everything else is the store's.

    Attributes:
        loss: What becomes of the next transaction's commit, once; ``None``: it is answered.
    """

    def __init__(self, store: Store) -> None:
        """Stand before a store."""
        super().__init__(store)
        self.loss: Loss | None = None

    @contextmanager
    def _between(self, opened: AbstractContextManager[T]) -> Iterator[T]:
        loss, self.loss = self.loss, None
        try:
            with opened as transaction:
                yield transaction
                _drop_if(loss is Loss.DROPPED)
        except _Dropped:
            pass
        if loss is not None:
            msg = "Read the entry again before anything else: the commit gave no answer."
            raise CommitUnknown(msg)
