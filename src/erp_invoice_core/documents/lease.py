"""
Lease and fencing token of a worker's claim.

A worker that is slow or paused may go on after its lease has expired, while another worker has
claimed the entry. The fencing token distinguishes the two claims: each claim of an entry gets a
greater one, each call and each change has that of its claim, and a change with an older token is
refused.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from ..values import Value


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Lease(Value):
    """
    A worker's time-limited right to an entry.

    Attributes:
        holder: The name of the worker.
        fencing: The fencing token; it grows with every claim of the entry.
        until: When the lease expires (UTC), unless the heartbeat renews it.
    """

    holder: str
    fencing: int
    until: datetime
