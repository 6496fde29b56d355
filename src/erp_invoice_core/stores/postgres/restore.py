"""
Restores of a PostgreSQL database: the cluster's identifier and its timeline.

The tables of the queue record the identifier and the timeline of the cluster at their last use. A
recovered physical backup or a promoted standby has a new timeline, and a dump that was loaded into
another cluster has another identifier. Both may lack the last commits. A dump that was loaded into
the same cluster cannot be detected, so a person records it with ``erp-invoice restored``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ...documents import Restore
from ..rows import from_micros, to_micros

if TYPE_CHECKING:
    from datetime import datetime

    from .pipeline import Pipeline
    from .sql import Row


_log = logging.getLogger(__name__)

LAST = "SELECT number, at, why FROM erp_restores ORDER BY number DESC LIMIT 1"
_MAY_ASK = """
    SELECT (has_function_privilege('pg_control_system()', 'execute')
        AND has_function_privilege('pg_current_wal_insert_lsn()', 'execute')
        AND NOT pg_is_in_recovery())::int
"""
_CLUSTER = """
    SELECT system_identifier::text, substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)
        FROM pg_control_system()
"""
_KNOWN = "SELECT system, timeline FROM erp_cluster"
_NOW = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"


def read_restore(found: list[Row]) -> Restore | None:
    """Return the restore that the query :data:`LAST` has found, or ``None`` if it found no row."""
    if not found:
        return None
    number, at, why = found[0]
    return Restore(number=number, at=from_micros(at), why=why)


def record_restore(pipeline: Pipeline, why: str, at: datetime | None = None) -> Restore:
    """Record a restore, by default at the server's current time, and return it."""
    if at is None:
        ((now,),) = pipeline.query(_NOW)
        at = from_micros(now)
    pipeline.defer(
        "INSERT INTO erp_restores (number, at, why)"
        " SELECT coalesce(max(number), 0) + 1, %s, %s FROM erp_restores",
        to_micros(at),
        why,
    )
    restore = read_restore(pipeline.query(LAST))
    assert restore is not None
    _log.warning(
        "The database was restored. Workers look up each invoice in the ERP before they export it. %s",
        why,
        extra={"restore": restore.number, "restored_at": str(at)},
    )
    return restore


def notice_restore(pipeline: Pipeline) -> None:
    """Record a restore if the cluster or its timeline is not the one that the tables record."""
    ((may_ask,),) = pipeline.query(_MAY_ASK)
    if not may_ask:
        _log.info(
            "The timeline of the server cannot be read, so that a restore is not noticed. After"
            " a restore, run erp-invoice restored."
        )
        return
    ((system, timeline),) = pipeline.query(_CLUSTER)
    known = pipeline.query(_KNOWN)
    if known and tuple(known[0]) == (system, timeline):
        return
    # Locked until the end, so that only one of several processes records the restore.
    pipeline.defer("LOCK TABLE erp_cluster IN EXCLUSIVE MODE")
    known = pipeline.query(_KNOWN)
    if known and tuple(known[0]) == (system, timeline):
        return
    pipeline.defer("DELETE FROM erp_cluster")
    pipeline.defer("INSERT INTO erp_cluster (system, timeline) VALUES (%s, %s)", system, timeline)
    if known:
        other = "timeline" if known[0][0] == system else "cluster"
        record_restore(pipeline, f"The server's {other} has changed since the tables' last use.")
