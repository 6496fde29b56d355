"""Beancount's own programs accept the ledger, and read the same figures."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import beancount
from erp_invoice_core.testing import sample_document, sample_request

_DEFAULT = Path(__file__).parents[3] / ".tools" / "beancount" / "bin"
BIN = Path(os.environ.get("ERP_TEST_BEANCOUNT", _DEFAULT))
pytestmark = pytest.mark.skipif(
    not (BIN / "bean-check").exists(),
    reason=f"Beancount's programs are not in {BIN}; `make test` puts them there.",
)
BILL = erp.Step("bill", "bill", erp.Role.BILL)
NASTY = 'Ac"me\\" {Steel}\n2026-01-01 open Assets:Stolen\n; \\n\\\r\t\b\f "" é 日本'


#: The characters that every store can store.
KEPT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def export(path: Path, *documents: erp.ExportDocument) -> None:
    """Write the documents to the ledger."""
    adapter, session = erp.Adapter(beancount), erp.Session(beancount.Ledger(path))
    for document in documents:
        outcome = adapter.write(session, sample_request(document), BILL)
        assert isinstance(outcome, erp.Done), outcome


def check(path: Path) -> None:
    """Have ``bean-check`` accept the ledger."""
    result = subprocess.run(
        [BIN / "bean-check", "--no-cache", path], capture_output=True, text=True, check=False
    )
    assert (0, "", "") == (result.returncode, result.stdout, result.stderr)


def query(path: Path, question: str) -> list[list[str]]:
    """Return the rows of ``bean-query``, without their header."""
    result = subprocess.run(
        [BIN / "bean-query", "-f", "csv", path, question], capture_output=True, check=True
    )
    # Its rows end in one newline; a carriage return in a text is left alone.
    return list(csv.reader(io.StringIO(result.stdout.decode(), newline="")))[1:]


def test_balances_are_those_of_the_documents(tmp_path: Path) -> None:
    """The balances of three invoices, one a credit, one a release, were added up by hand."""
    first = sample_document()
    line = first.lines[0]
    back = attrs.evolve(line, gross=Decimal("-500.00"), retained=Decimal("-50.00"))
    release = attrs.evolve(line, gross=Decimal(0), retained=Decimal(0), released=Decimal("2175.05"))
    path = tmp_path / "books.beancount"
    export(
        path,
        first,
        attrs.evolve(first, invoice_id="5001", invoice_number="ACME-78", lines=(back,)),
        attrs.evolve(first, invoice_id="5002", invoice_number="ACME-79", lines=(release,)),
    )
    check(path)
    rows = query(path, "SELECT account, sum(position) GROUP BY account ORDER BY account")
    assert [
        ["Expenses:JOB-9:05-120", "20500.00 USD"],
        ["Expenses:JOB-9:05-130", "1250.50 USD"],
        ["Liabilities:AccountsPayable:V-ACME", "-21750.50 USD"],
        ["Liabilities:RetainagePayable:V-ACME", "0"],
    ] == [[cell.strip() or "0" for cell in row] for row in rows]


@pytest.mark.parametrize("name", [NASTY, "x" * 10_000, "{}" * 5_000, '"' * 10_000, "\\" * 10_001])
def test_names_cannot_break_out_of_their_string(tmp_path: Path, name: str) -> None:
    """With any characters in a name, Beancount reads that name, and one transaction only."""
    number = name[:2000]  # the longest that can come back as a number of the ERP
    document = attrs.evolve(
        sample_document(),
        vendor_name=name,
        commitment_title=name,
        invoice_number=number,
        period_id=name,
        invoice_id=name,
    )
    path = tmp_path / "books.beancount"
    export(path, document)
    check(path)
    meta = "any_meta('invoice_number'), any_meta('period'), any_meta('requisition_id')"
    rows = query(path, f"SELECT DISTINCT payee, {meta}")
    assert [[name, number, name, name]] == rows
    accounts = query(path, "SELECT DISTINCT account")
    assert 4 == len(accounts)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(KEPT, min_size=1), min_size=20))
def test_any_codes_and_names_are_taken(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    """Any text that can be stored works as job, vendor, cost code, number, name and id."""
    path = tmp_path_factory.mktemp("any") / "books.beancount"
    line = sample_document().lines[0]
    export(
        path,
        *(
            attrs.evolve(
                sample_document(),
                invoice_id=f"{place}{name}",
                job_origin_id=name,
                vendor_origin_id=name,
                vendor_name=name,
                commitment_origin_id=name,
                invoice_number=name,
                lines=(attrs.evolve(line, cost_code_origin_id=name),),
            )
            for place, name in enumerate(names)
        ),
    )
    check(path)
    jobs = {row[0] for row in query(path, "SELECT DISTINCT account WHERE account ~ 'Expenses'")}
    assert len(set(names)) == len(jobs)


def test_ledger_stays_accepted_after_deletion_by_hand(tmp_path: Path) -> None:
    """After one transaction was deleted by hand and another written, the ledger is accepted."""
    path = tmp_path / "books.beancount"
    first = sample_document()
    export(path, first)
    text = path.read_text("utf-8")
    start = text.index("\n2026-10-31 *")
    path.write_text(text[:start] + text[text.index("\n; erp-invoice end") :], "utf-8")
    check(path)
    export(path, attrs.evolve(first, invoice_id="5001", invoice_number="ACME-78"))
    check(path)
    assert [["ACME-78"]] == query(path, "SELECT DISTINCT any_meta('invoice_number')")
