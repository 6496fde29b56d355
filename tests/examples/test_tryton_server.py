"""The Tryton that the demo starts, as far as it can be tested without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core import SqliteStore
from examples.tryton.server import write_configuration
from tests.worker.harness import WorkerHarness
from tools.tryton_demo import list_unfinished

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_database_has_an_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tryton runs in another folder than the demo, whose folder may be relative."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tryton").mkdir()

    written = write_configuration((tmp_path / "tryton").relative_to(tmp_path))

    assert f"path = {tmp_path / 'tryton'}\n" in written.read_text(encoding="utf-8")


def test_an_accepted_invoice_that_is_not_exported_is_unfinished(tmp_path: Path) -> None:
    """The demo ends with an error if one of its invoices is not in Tryton."""
    with SqliteStore(tmp_path / "erp.db") as store:
        harness = WorkerHarness(store=store)
        harness.accept("5000")
        harness.worker.run_once()
        harness.accept("5001")

    assert ["5001"] == list_unfinished(tmp_path)
