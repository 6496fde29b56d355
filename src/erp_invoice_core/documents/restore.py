"""A restore: the database went back to an earlier state."""

from __future__ import annotations

from datetime import datetime

import attrs

from ..values import Value


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Restore(Value):
    """
    The database was restored from a backup: calls made since the backup are not on record.

    Attributes:
        number: Counts the restores of this database, from 1.
        at: When it was noticed, or said by a person (UTC).
        why: What showed it.
    """

    number: int
    at: datetime
    why: str
