"""A verb is imported when it is used, and a start imports no more than it needs."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.cli.app import VERBS
from tests.cli.test_process import environment
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from tests.cli.command_run import Erp

_PROGRAM = """
import sys
from erp_invoice_core.cli import main
status = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(status)
"""
#: Modules that no run needs without a server or a worker.
_RARE = {
    "asyncio",
    "erp_invoice_core.cli.commands.demo",
    "erp_invoice_core.cli.commands.load",
    "erp_invoice_core.cli.commands.work",
    "erp_invoice_core.cli.faults",
    "erp_invoice_core.stores.postgres",
    "erp_invoice_core.testing",
    "erp_invoice_core.translation",
    "erp_invoice_core.worker",
    "http.client",
    "psycopg",
    "rich.progress",
}
#: Modules that only a verb needs.
_OF_VERBS = {
    "cattrs",
    "erp_invoice_core.adapters",
    "erp_invoice_core.cli.commands",
    "erp_invoice_core.flow",
    "erp_invoice_core.queue",
    "erp_invoice_core.records",
    "erp_invoice_core.stores",
    "erp_invoice_core.wire",
    "pluggy",
    "rich",
    "sqlite3",
    "tomllib",
}


def list_imports(*arguments: str, **variables: str) -> set[str]:
    """Return the names of the modules that a run of the command imports."""
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=True,
        timeout=TIME_LIMIT,
    )
    assert run.stdout
    return set(run.stderr.split())


@pytest.mark.parametrize("arguments", [("--version",), ("--help",)])
def test_a_start_without_a_verb_imports_no_verb(arguments: tuple[str, ...]) -> None:
    """Version and help need neither the library behind the verbs nor what it depends on."""
    imported = list_imports(*arguments)
    assert "erp_invoice_core.cli.lazy_verb" in imported
    assert set() == imported & (_RARE | _OF_VERBS)


def test_help_does_not_read_the_version() -> None:
    """The metadata of the package are read only to print its version."""
    assert "importlib.metadata" not in list_imports("--help")


def test_the_completion_of_a_name_imports_no_verb() -> None:
    """The names of the verbs are completed without their modules."""
    imported = list_imports(
        _ERP_INVOICE_COMPLETE="bash_complete", COMP_WORDS="erp-invoice re", COMP_CWORD="1"
    )
    assert set() == imported & (_RARE | _OF_VERBS)


def test_list_imports_no_other_verb(loaded: Erp) -> None:
    """The verb ``list`` imports neither a worker nor what only other verbs need."""
    assert 0 == loaded("list").status
    imported = list_imports("list")
    assert "erp_invoice_core.cli.commands.inspect" in imported
    assert set() == imported & _RARE


@pytest.mark.parametrize("name", VERBS)
def test_the_short_help_begins_the_help_of_the_verb(name: str) -> None:
    """Name and short help in the group are those of the verb."""
    lazy = VERBS[name]
    verb = lazy.load()
    first, _, _ = inspect.cleandoc(verb.help or "").partition("\n\n")
    assert (name, lazy.help) == (verb.name, first)


def test_an_option_of_a_verb_is_completed() -> None:
    """The options of a verb are completed from the verb itself."""
    run = subprocess.run(
        [sys.executable, "-m", "erp_invoice_core.cli"],
        env=environment(
            _ERP_INVOICE_COMPLETE="bash_complete",
            COMP_WORDS="erp-invoice work --until",
            COMP_CWORD="2",
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIME_LIMIT,
    )
    assert ("plain,--until-idle\n", "") == (run.stdout, run.stderr)
