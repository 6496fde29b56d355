"""Behaviour of the Django host alone: a view, commands, nested blocks, a pool."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core import HostMustRetry, SqliteStore
from examples.harbor_point import PM

from .on_django import DjangoHost, module

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).parents[2]
_NOT_APPROVED = (
    "The invoice is Draft. Set it to Approved, Approved as Noted or Pending Owner Approval first."
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[DjangoHost]:
    """The project on a SQLite file of the test's own."""
    with (
        closing(SqliteStore(tmp_path / "app.db")),
        DjangoHost.open(str(tmp_path / "app.db"), tmp_path) as host,
    ):
        yield host


def _post(path: str, form: dict[str, list[str]]) -> Any:  # noqa: ANN401 - as JSON has it
    answer = module("django.test").Client().post(path, form)
    assert 200 == answer.status_code
    return json.loads(answer.content)


def _statuses(host: DjangoHost) -> dict[str, str]:
    return {entry.id: entry.status.value for entry in host.store.entries()}


def test_the_view_sends(site: DjangoHost) -> None:
    """The view answers for each bill, and its work is committed although requests are atomic."""
    answer = _post("/bills/send", {"bill": ["B-1", "B-2"]})

    assert {
        "results": [
            {"id": "B-1", "allowed": True, "status": "ready", "why_not": []},
            {"id": "B-2", "allowed": False, "status": "not_sent", "why_not": [_NOT_APPROVED]},
        ]
    } == answer
    assert {"B-1": "ready", "B-2": "not_sent"} == _statuses(site)


def test_the_view_runs_its_transaction_again(
    site: DjangoHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that the database asks to repeat is run again, completely, in the request."""
    views = module("examples.django_host.billing.views")
    send, tries = views.send, []

    def meets_others_once(*given: object) -> object:
        tries.append(site.connection.in_atomic_block)
        if len(tries) == 1:
            raise HostMustRetry
        return send(*given)

    monkeypatch.setattr(views, "send", meets_others_once)
    answer = _post("/bills/send", {"bill": ["B-1"]})

    assert [False, False] == tries
    assert ["ready"] == [result["status"] for result in answer["results"]]


def test_only_a_whole_transaction_is_run_again(site: DjangoHost) -> None:
    """Inside ``atomic()`` the retry refuses, because the reads before it would not be repeated."""
    with site.transaction(), pytest.raises(RuntimeError, match="outside of atomic"):
        site.run_with_retry(lambda: site.send(["B-1"]))

    assert {} == _statuses(site)


def test_an_inner_block_that_is_rolled_back_takes_its_sending(site: DjangoHost) -> None:
    """A nested ``atomic()`` is a savepoint: rolled back, it undoes only its own sending."""
    transaction = module("django.db").transaction
    with site.transaction() as work:
        work.queue.send(["B-1"], PM, connection="books", on=work.on)
        inner = transaction.atomic()
        with inner:
            work.queue.send(["B-3"], PM, connection="books", on=work.on)
            transaction.set_rollback(True)

    assert {"B-1": "ready"} == _statuses(site)


def _manage(folder: Path, *words: str) -> str:
    """Run Django's command line in a process of its own; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "examples.django_host.manage", *words],
        cwd=_ROOT,
        env={**os.environ, "HOST_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def test_the_commands_send_and_export(tmp_path: Path) -> None:
    """From an empty folder: migrate, send, and a run of a worker that finds nothing accepted."""
    _manage(tmp_path, "migrate", "--verbosity", "0")
    sent = _manage(tmp_path, "send_bills", "B-1", "B-2")

    assert f"B-1 ready\nB-2 not_sent {_NOT_APPROVED}\n" == sent
    assert not _manage(tmp_path, "export_bills")
    assert "No changes detected" in _manage(tmp_path, "makemigrations", "--check", "--dry-run")
