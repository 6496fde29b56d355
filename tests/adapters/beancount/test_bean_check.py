"""With the setting ``bean_check`` nothing is written to which Beancount's program objects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import beancount
from erp_invoice_core.adapters.beancount import bean_check
from erp_invoice_core.adapters.beancount.bean_check import BeanCheck
from erp_invoice_core.testing import sample_request
from tests.adapters.beancount.test_accounts import BIN, Books

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
BILL = erp.Step("bill", "bill", erp.Role.BILL)


def program(folder: Path, script: str) -> str:
    """Return a program in place of bean-check; ``$2`` is the ledger."""
    path = folder / "bean-check"
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return str(path)


def books(folder: Path, checker: str) -> Books:
    """Return a ledger that has each entry checked."""
    path = folder / "books.beancount"
    ledger = beancount.Ledger(path, lambda: NOW, timedelta(seconds=0.05), BeanCheck(checker))
    return Books(path, erp.Session(ledger))


def write(made: Books) -> erp.Outcome:
    """Export an invoice."""
    return made.adapter.write(made.session, sample_request(), BILL)


def list_hidden_files(folder: Path) -> list[str]:
    """Return the hidden files that a check left behind."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_sound_entry_is_written(tmp_path: Path) -> None:
    """The program sees the ledger with the entry before the entry is written."""
    script = f'cat "$2" > {tmp_path}/seen; test ! -e {tmp_path}/books.beancount'
    made = books(tmp_path, program(tmp_path, script))
    assert isinstance(write(made), erp.Done)
    assert made.path.read_bytes() == (tmp_path / "seen").read_bytes()
    assert [] == list_hidden_files(tmp_path)


def test_entry_that_makes_an_error_is_refused(tmp_path: Path) -> None:
    """The denial has the program's messages; the ledger is unchanged."""
    made = books(
        tmp_path, program(tmp_path, 'if grep -q ACME "$2"; then echo "$2:9: Odd" >&2; exit 1; fi')
    )
    made.path.write_text("2020-01-01 open Assets:Cash\n", "utf-8")
    outcome = write(made)
    assert isinstance(outcome, erp.Refused)
    assert [
        (
            "beancount.invalid",
            (
                "bean-check reports errors of the ledger with this entry. Correct them:"
                " .books.beancount.check:9: Odd"
            ),
        )
    ] == [(one.code, one.message) for one in outcome.verdict.denials]
    assert "2020-01-01 open Assets:Cash\n" == made.path.read_text("utf-8")
    assert [] == list_hidden_files(tmp_path)


def test_ledger_with_errors_is_for_a_person(tmp_path: Path) -> None:
    """Errors that exist without the entry defer it: a person repairs them first."""
    made = books(
        tmp_path, program(tmp_path, 'echo "Line 1: $(head -c 3000 /dev/zero | tr "\\0" x)"; exit 1')
    )
    outcome = write(made)
    assert isinstance(outcome, erp.Deferred)
    assert (True, True, False) == (
        outcome.needs_person,
        outcome.why.startswith("The ledger has errors already. Nothing was written."),
        made.path.exists(),
    )
    assert len(outcome.why) < 700


@pytest.mark.parametrize("checker", ["/nowhere/bean-check", "/"])
def test_program_that_cannot_be_run_is_for_a_person(tmp_path: Path, checker: str) -> None:
    """With a wrong path nothing is written."""
    made = books(tmp_path, checker)
    outcome = write(made)
    assert isinstance(outcome, erp.Deferred)
    assert (True, False) == (outcome.needs_person, made.path.exists())
    assert "Correct the setting bean_check" in outcome.why


def test_program_that_hangs_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a run is bounded; nothing is written."""
    monkeypatch.setattr(bean_check, "LIMIT", 0.2)
    made = books(tmp_path, program(tmp_path, "exec sleep 60"))
    outcome = write(made)
    assert isinstance(outcome, erp.Deferred)
    assert (False, False) == (outcome.needs_person, made.path.exists())
    assert "did not finish in time" in outcome.why


def test_silent_failure_has_a_message(tmp_path: Path) -> None:
    """The denial of a program without messages has its exit status."""
    assert "it ended with 3" == BeanCheck(program(tmp_path, "exit 3")).find_errors(tmp_path, 5)


@pytest.mark.skipif(not (BIN / "bean-check").exists(), reason="Beancount's programs are not here.")
def test_plugins_of_the_owner_are_run_by_the_program(tmp_path: Path) -> None:
    """A plug-in of the owner refuses an account: the entry is not written."""
    made = books(tmp_path, str(BIN / "bean-check"))
    made.path.write_text(
        'plugin "beancount.plugins.check_commodity"\n2020-01-01 open Assets:Cash\n', "utf-8"
    )
    outcome = write(made)
    assert isinstance(outcome, erp.Refused)
    assert "USD" in outcome.verdict.denials[0].message
    made.path.write_text("2020-01-01 open Assets:Cash\n", "utf-8")
    assert isinstance(write(made), erp.Done)
    made.check()
    assert [] == list_hidden_files(tmp_path)


def test_setting_is_read() -> None:
    """A connection's ``bean_check`` reaches the ledger; without it no program is run."""
    adapters = erp.Adapters(beancount)
    for table, expected in (({}, None), ({"bean_check": "/bin/true"}, BeanCheck("/bin/true"))):
        named = {"path": "books.beancount", **table}
        connection = erp.build_connection("beancount", named, {}, adapters)
        session = adapters["beancount"].connect(connection)
        assert isinstance(session, erp.Session)
        assert isinstance(session.value, beancount.Ledger)
        assert expected == session.value.bean_check
