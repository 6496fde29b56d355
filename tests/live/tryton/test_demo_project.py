"""The bundled project in Tryton: its books come to what the subcontractors billed."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import ExportStatus, SqliteStore
from erp_invoice_core.cli import main
from tests.live.tryton.ledger import TrytonLedger
from tools.tryton_demo import run_demo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from examples.tryton.server import TrytonServer

#: Completed and stored to date, from the last exported invoice of each commitment in the project.
COSTS = {
    ("JOB-9", "02-410"): "96000.00",
    ("JOB-9", "03-310"): "74000.00",
    ("JOB-9", "03-320"): "29100.00",
    ("JOB-9", "05-120"): "430000.00",
    ("JOB-9", "05-310"): "132000.00",
    ("JOB-9", "05-510"): "10000.00",
    ("JOB-9", "05-520"): "-8500.00",
    ("JOB-9", "26-050"): "14687.50",
    ("JOB-9", "26-560"): "21500.00",
    ("JOB-9", "35-590"): "84000.00",
    ("JOB-9", "35-591"): "26500.00",
}
#: Retainage to date of the same invoices: 42,350 of the steel and 10,310 of the piles.
RETAINAGE = "-52660.00"
#: The costs less the retainage.
PAYABLE = "-856627.50"


@pytest.fixture(scope="module")
def project(server: TrytonServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo, whose commands were all run against the server, in this process."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    for done in run_demo(folder, server, run=_run_here, say=lambda _sentence: None):
        assert done.expected == done.status, done.command
    return folder


def _run_here(given: Sequence[str], folder: Path, environ: Mapping[str, str]) -> int:
    """Run a command without the start of another process, and return its exit status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in set(environ) - set(os.environ):
            patch.setenv(name, environ[name])
        return main([*given])


def test_the_books_come_to_what_was_billed(server: TrytonServer, project: Path) -> None:
    """Payable, retainage, and costs by job and cost code are those of the project, to the cent."""
    del project
    ledger = TrytonLedger.of(server)
    balances = {code: f"{amount:.2f}" for code, amount in ledger.read_balances().items()}
    costs = {key: f"{amount:.2f}" for key, amount in ledger.read_costs().items()}

    assert {"5100": "909287.50", "2100": RETAINAGE, "2000": PAYABLE} == balances
    assert COSTS == costs


def test_the_books_equal_the_billing(server: TrytonServer, project: Path) -> None:
    """They are also the sums of the documents that the billing of this library made."""
    costs: defaultdict[tuple[str | None, str | None], Decimal] = defaultdict(Decimal)
    held = due = Decimal(0)
    with closing(SqliteStore(project / "erp.db")) as store:
        synced = [each for each in store.entries() if each.status is ExportStatus.SYNCED]
        documents = [each.document for each in synced if each.document is not None]
        for document in documents:
            held += document.retained - document.released
            due += document.due
            for line in document.lines:
                costs[document.job_origin_id, line.cost_code_origin_id] += line.gross
    ledger = TrytonLedger.of(server)

    assert 9 == len(documents)
    assert (-held, -due) == tuple(ledger.read_balances()[code] for code in ("2100", "2000"))
    assert costs == ledger.read_costs()


def test_the_files_are_at_their_bills(server: TrytonServer, project: Path) -> None:
    """Each attachment of an exported invoice is in Tryton with its bytes."""
    ledger = TrytonLedger.of(server)
    stored = ledger.query(
        "SELECT bill.reference, file.name, file.file_id FROM ir_attachment AS file"
        " JOIN account_invoice AS bill ON file.resource = 'account.invoice,' || bill.id"
        " ORDER BY bill.reference, file.name"
    )

    assert [
        ("ACME-1041", "lien-waiver-august.pdf"),
        ("ACME-1058", "delivery-notes.pdf"),
        ("ACME-1058", "lien-waiver-september.pdf"),
        ("ACME-1077", "lien-waiver-october.pdf"),
        ("CC-290", "lien-waiver-final.pdf"),
        ("CC-318", "lien-waiver-september.pdf"),
        ("CC-318", "pile-log.pdf"),
        ("DMS-70014", "packing-list.pdf"),
    ] == [(number, name) for number, name, _ in stored]
    for _, name, file in stored:
        assert (project / "files" / name).read_bytes() == ledger.read_file(file)
