"""
The recorded path of the ledger into which a database exports.

The first run of ``work`` records the resolved path. A later run is refused if the connection names
another ledger (because of another working directory, a symbolic link to the database, or an edited
setting). A call in doubt could not be found there, and its invoice would be booked twice.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..adapters.beancount import KEY
from ..documents import Problem
from ..records.table import open_rows
from .output import BadInput

if TYPE_CHECKING:
    from ..adapters import Connections
    from ..stores.record_rows import RecordRows
    from .database import Store

_READ = "SELECT connection, path FROM erp_ledgers"
_RECORD = "INSERT INTO erp_ledgers (connection, path) VALUES (?, ?)"
_FORGET = "DELETE FROM erp_ledgers WHERE connection = ?"


def resolve_ledgers(connections: Connections) -> dict[str, str]:
    """Return the resolved path of the ledger of each connection that has one."""
    return {
        each.name: str(Path(str(each.settings["path"])).resolve())
        for each in connections
        if each.adapter == KEY and "path" in each.settings
    }


def _read_recorded(records: RecordRows) -> dict[str, str]:
    return {str(name): str(path) for name, path in records.query(_READ)}


def check_ledgers(records: RecordRows, connections: Connections) -> None:
    """
    Check that no connection names another ledger than the recorded one.

    Raises:
        BadInput: A connection names another ledger; with both paths.
    """
    recorded = _read_recorded(records)
    problems = [
        Problem(
            f"connections.{name}.path",
            "ledger.other",
            f"This database books into {recorded[name]}; connection {name} now names {path}. Name "
            "the first one as its path; or, if that ledger itself was moved, run: "
            f"erp-invoice moved {name}.",
        )
        for name, path in resolve_ledgers(connections).items()
        if recorded.get(name, path) != path
    ]
    if problems:
        raise BadInput(problems)


def require_ledgers(store: Store, connections: Connections) -> None:
    """
    Check that the ledgers into which the database exports are there.

    A missing ledger, such as one on a disk that is not mounted, looks as if it was never begun, and
    its invoices would be booked a second time. Therefore a missing ledger is refused if an entry
    has a document in it. If a call was started and no document is known, it is refused only if the
    lock file beside it is missing, too: otherwise the first export may have ended before it wrote.

    Raises:
        BadInput: A ledger is missing, and invoices of its connection may be in it; with its path.
    """
    missing = {
        name: path for name, path in resolve_ledgers(connections).items() if not Path(path).exists()
    }
    if not missing:
        return
    entries = store.entries()
    lost = {each.connection for each in entries if each.holdings}
    without_lock = {name for name, path in missing.items() if not Path(f"{path}.lock").exists()}
    lost |= without_lock & {each.connection for each in entries if each.calls}
    problems = [
        Problem(
            f"connections.{name}.path",
            "ledger.missing",
            f"The ledger {path} is missing, and invoices of connection {name} were exported into it. "
            f"Mount its disk or restore it. To begin a new ledger, create an empty file {path} "
            f"first, and delete {path}.lock if it is there.",
        )
        for name, path in missing.items()
        if name in lost
    ]
    if problems:
        raise BadInput(problems)


def record_ledgers(store: Store, connections: Connections) -> None:
    """Record the paths of ledgers that are not recorded yet."""
    with store.transaction() as writing:
        rows = open_rows(writing)
        there = _read_recorded(rows)
        for name, path in resolve_ledgers(connections).items():
            if name not in there:
                rows.count(_RECORD, name, path)


def replace_ledger(store: Store, connection: str, path: str) -> str | None:
    """Record the path for a connection, and return the former path, if any."""
    with store.transaction() as writing:
        rows = open_rows(writing)
        before = _read_recorded(rows).get(connection)
        rows.count(_FORGET, connection)
        rows.count(_RECORD, connection, path)
    return before
