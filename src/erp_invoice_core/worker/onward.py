"""The next entry: prepared while a call is made, claimed in the transaction of its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..documents import QueueEntry
    from ..events import Change
    from ..stores import WorkTransaction

__all__ = ["Onward", "Taken"]


@attrs.frozen(kw_only=True)
class Taken:
    """
    An entry that was taken.

    Attributes:
        is_ours: It was claimed, and not only freed or put down to be watched.
        is_started: The start of its first step is committed, too.
    """

    entry: QueueEntry
    is_ours: bool
    is_started: bool = False


class Onward(Protocol):
    """What can be done for the next entry while the present one is finished."""

    def prepare(self) -> None:
        """Find the next entry, and ask about it all that can be asked without the ERP."""
        ...

    def claim(self, transaction: WorkTransaction) -> list[Change]:
        """Claim the next entry, and start it if it was prepared; return what was saved."""
        ...

    def take(self, changes: Sequence[Change]) -> None:
        """Take what was claimed, if anything was, among changes that are committed by now."""
        ...
