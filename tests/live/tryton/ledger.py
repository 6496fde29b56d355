"""Tryton's own records, read from its database and by no code of the adapter."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from pathlib import Path

    from examples.tryton.server import TrytonServer

_BALANCES = """
    SELECT account.code, line.debit, line.credit
    FROM account_move_line AS line
    JOIN account_account AS account ON account.id = line.account
    JOIN account_move AS move ON move.id = line.move
    WHERE move.state = 'posted'
"""
_ANALYTIC = """
    SELECT job.code, code.code, first.debit, first.credit
    FROM analytic_account_line AS first
    JOIN analytic_account_line AS second ON second.move_line = first.move_line
    JOIN analytic_account_account AS job ON job.id = first.account
    JOIN analytic_account_account AS code ON code.id = second.account
    JOIN analytic_account_account AS jobs ON jobs.id = job.root AND jobs.code = 'JOBS'
    JOIN analytic_account_account AS codes ON codes.id = code.root AND codes.code = 'COST'
"""
_BILLS = """
    SELECT bill.id, bill.reference, bill.state, party.code, bill.move, bill.invoice_date
    FROM account_invoice AS bill JOIN party_party AS party ON party.id = bill.party
    WHERE bill.reference LIKE ? ORDER BY bill.id
"""


def _decimal(stored: bytes | str | float) -> Decimal:
    return Decimal(stored.decode() if isinstance(stored, bytes) else str(stored))


class TrytonLedger:
    """
    The books of a running Tryton.

    Args:
        folder: The folder of the server, with its database of SQLite.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "tryton.sqlite"

    @classmethod
    def of(cls, server: TrytonServer) -> TrytonLedger:
        """Return the books of a server, on whatever database it runs."""
        return cls(server.folder) if server.uri is None else PostgresLedger(server)

    def query(self, statement: str, *values: object) -> list[Any]:
        """Return the rows of a statement."""
        with closing(sqlite3.connect(self._file, timeout=30)) as database:
            return database.execute(statement, values).fetchall()

    def change(self, statement: str, *values: object) -> None:
        """Carry out a statement, as an administrator who changes Tryton."""
        with closing(sqlite3.connect(self._file, timeout=30)) as database, database:
            database.execute(statement, values)

    def read_file(self, file: str) -> bytes:
        """Return the content of a file of Tryton's store by its id."""
        (path,) = self._file.parent.rglob(file)
        return path.read_bytes()

    def list_bills(self, number: str) -> list[tuple[str, str]]:
        """Return vendor and state of the bills with a number."""
        return [(row[3], row[2]) for row in self.query(_BILLS, number)]

    def count_moves(self, number: str) -> int:
        """Return the number of moves of the bills with a number."""
        return sum(row[4] is not None for row in self.query(_BILLS, number))

    def read_balances(self) -> dict[str, Decimal]:
        """Return the balance of each account, debit above zero."""
        found: defaultdict[str, Decimal] = defaultdict(Decimal)
        for code, debit, credit in self.query(_BALANCES):
            found[code] += _decimal(debit) - _decimal(credit)
        return dict(found)

    def read_costs(self) -> dict[tuple[str, str], Decimal]:
        """Return the costs by job and cost code."""
        found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for job, code, debit, credit in self.query(_ANALYTIC):
            found[job, code] += _decimal(debit) - _decimal(credit)
        return {key: amount for key, amount in found.items() if amount}


class PostgresLedger(TrytonLedger):
    """The books of a Tryton on PostgreSQL."""

    def __init__(self, server: TrytonServer) -> None:
        super().__init__(server.folder)
        self._uri = str(server.uri)

    def query(self, statement: str, *values: object) -> list[Any]:
        """Return the rows of a statement."""
        with psycopg.connect(self._uri) as database:
            cursor = database.execute(statement.replace("?", "%s"), values)
            return cursor.fetchall()

    def change(self, statement: str, *values: object) -> None:
        """Carry out a statement, as an administrator who changes Tryton."""
        with psycopg.connect(self._uri) as database:
            database.execute(statement.replace("?", "%s"), values)
