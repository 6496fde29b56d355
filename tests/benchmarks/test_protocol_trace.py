"""Statements and round trips in the messages between a client and a PostgreSQL server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.protocol_trace import Traffic, read_traffic

if TYPE_CHECKING:
    from pathlib import Path

#: A simple query, then two statements in one trip.
_MESSAGES = """\
F\t13\tQuery\t "BEGIN"
B\t10\tCommandComplete\t "BEGIN"
B\t5\tReadyForQuery\t T
F\t20\tParse\t "" "SELECT 1" 0
F\t14\tBind\t "" "" 0 0 0
F\t9\tExecute\t "" 0
F\t14\tBind\t "" "" 0 0 0
F\t9\tExecute\t "" 0
F\t4\tSync
B\t4\tBindComplete
B\t13\tCommandComplete\t "SELECT 1"
B\t5\tReadyForQuery\t T
"""


def test_statements_and_trips_are_counted(tmp_path: Path) -> None:
    """Messages that the client sends before it reads an answer are one trip."""
    (tmp_path / "0").write_text(_MESSAGES)
    (tmp_path / "1").write_text(_MESSAGES)
    assert read_traffic(tmp_path) == Traffic(statements=6, trips=4)
    assert read_traffic(tmp_path) - Traffic(statements=1, trips=1) == Traffic(statements=5, trips=3)
