"""
Record of a database restore.

After a restore the database lacks the latest calls, so that the ERP may have documents of which the
queue knows nothing. The record makes the worker check for them.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from ..values import Value


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Restore(Value):
    """
    A restore of the database from a backup. Calls made since the backup are not on record.

    Attributes:
        number: Counts the restores of this database, from 1.
        at: The time at which the queue noticed it or a person reported it (UTC).
        why: The evidence of the restore, as a sentence.
    """

    number: int
    at: datetime
    why: str
