"""Plug-ins that print, fail or leave threads behind do not change the command's answer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.command_run import Erp, Run, write_document
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable


NOISY = """
import os, subprocess, sys, threading
from erp_invoice_core import adapters as erp
from tests.worker.scripted_erp import ScriptedErp, build_declaration
import attrs

print("printed at import")
os.write(1, b"written to the descriptor at import\\\\n")

class Noisy(ScriptedErp):
    @erp.hookimpl
    def erp_write(self, request, step, receipts):
        print("printed in a hook")
        subprocess.run([sys.executable, "-c", "print('printed by a program')"], check=True)
        threading.Thread(target=threading.Event().wait).start()
        return super().erp_write(request, step, receipts)

PLUGIN = Noisy(attrs.evolve(build_declaration(), key="noisy", name="Noisy"))
"""
FAILING = {
    "import": "raise {error}",
    "declaration": """
from erp_invoice_core import adapters as erp

class Plugin:
    @erp.hookimpl
    def erp_declaration(self):
        raise {error}

    @erp.hookimpl
    def erp_write(self):
        return erp.Unknown("no answer")

PLUGIN = Plugin()
""",
}
ERRORS = (
    "KeyboardInterrupt",
    "SystemExit(1)",
    "GeneratorExit",
    "BaseException('base')",
    "__import__('asyncio').CancelledError()",
    "RuntimeError('the token is ' + __import__('os').environ['ERP_ODD_TOKEN'])",
)


@pytest.fixture
def install(tmp_path: Path) -> Callable[[str, str], None]:
    """Return what installs the source of a plug-in under a name, as a package would."""

    def install(name: str, source: str) -> None:
        (tmp_path / f"{name}_plugin.py").write_text(source)
        info = tmp_path / f"{name}_plugin-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}-plugin\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(
            f"[erp_invoice_core.adapters]\n{name} = {name}_plugin:PLUGIN\n"
        )

    return install


def run(*arguments: str) -> Run:
    """Run the command in a process of its own."""
    path = os.pathsep.join([str(Path.cwd()), *(entry for entry in sys.path if entry)])
    done = subprocess.run(
        [sys.executable, "-m", "erp_invoice_core.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    return Run(done.returncode, done.stdout, done.stderr)


def test_standard_output_is_the_answer_alone(
    install: Callable[[str, str], None], project: dict[str, Any]
) -> None:
    """Output of a plug-in at import, in a hook, or by a program goes to standard error."""
    install("noisy", NOISY)
    write_document(project)
    assert 0 == run("load", "given.json", "--json").status
    assert "printed at import" in run("adapters", "--json").err
    assert ["beancount", "tryton", "noisy"] == [
        each["key"] for each in run("adapters", "--json").document["adapters"]
    ]
    assert 0 == run("send", "5001", "--as", "pm", "--to", "noisy", "--json").status
    assert 0 == run("accept", "5001", "--as", "ap", "--json").status

    worked = run("work", "--json")

    # The adapter's own thread would keep the process alive for ever.
    assert ["synced"] == [each["status"] for each in worked.document["results"]]
    assert 0 == worked.status
    for text in ("at import", "to the descriptor", "in a hook", "by a program"):
        assert text in worked.err


@pytest.mark.parametrize("when", FAILING)
@pytest.mark.parametrize("error", ERRORS)
def test_a_plugin_that_fails_is_reported_and_skipped(
    install: Callable[[str, str], None],
    erp: Erp,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
    error: str,
) -> None:
    """If a plug-in raises while it loads or declares itself, the others still work."""
    name = f"odd_{when}_{ERRORS.index(error)}"  # a module is imported once
    install(name, FAILING[when].format(error=error))
    monkeypatch.syspath_prepend(Path.cwd())
    monkeypatch.setenv("ERP_ODD_TOKEN", "tok-12345678")

    shown = erp("adapters", "--json")

    assert 0 == shown.status
    assert ["beancount", "tryton"] == [each["key"] for each in shown.document["adapters"]]
    (problem,) = shown.document["problems"]
    assert (name, "adapter.skipped") == (problem["path"], problem["code"])
    assert error.split("(", maxsplit=1)[0].split(".", maxsplit=1)[0].strip("_") in problem[
        "message"
    ] or ("CancelledError" in problem["message"])
    assert "tok-12345678" not in shown.out + shown.err


def test_a_connection_of_a_plugin_that_fails_stops_no_verb(
    install: Callable[[str, str], None],
    erp: Erp,
    project: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The settings name a connection of a plug-in that does not load: the verbs still work."""
    install("absent", FAILING["import"].format(error="RuntimeError('no licence')"))
    monkeypatch.syspath_prepend(Path.cwd())
    write_document(project)
    Path("erp.toml").write_text('[connections.books]\nadapter = "absent"\n')
    settings = ("--settings", "erp.toml")

    assert 0 == erp("load", "given.json", *settings).status
    assert 0 == erp("send", "5001", "--as", "pm", *settings).status
    assert 0 == erp("accept", "5001", "--as", "ap", *settings).status

    worked = erp("work", "--json", *settings)

    assert (0, "synced") == (worked.status, worked.results["5001"]["status"])
    named = erp("send", "5004", "--as", "pm", "--to", "books", "--json", *settings)
    assert (2, ["connection.unknown"]) == (named.status, named.codes)


@pytest.mark.parametrize("arguments", [["--help"], ["work", "--help"], ["--version"]])
def test_help_into_a_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    """``erp-invoice --help | head`` ends with 0 and prints nothing on standard error."""
    command = subprocess.Popen(
        [sys.executable, "-m", "erp_invoice_core.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
            "PYTHONUNBUFFERED": "1",
        },
    )
    assert command.stdout is not None
    assert command.stderr is not None
    command.stdout.close()
    with command.stderr:
        assert (0, b"") == (command.wait(TIME_LIMIT), command.stderr.read())


@pytest.mark.parametrize(
    "settings",
    [
        f"[connections.beancount.patience]\ndeferrals = {'9' * 5000}\n",
        f"[connections.beancount.pace]\ncalls_per_minute = {'9' * 400}\n",
        "[connections.beancount.pace]\ncalls_per_minute = 1e308\n",
        "[connections.beancount.pace]\npause = inf\nlongest_pause = inf\n",
        "[connections.beancount.pace]\npause = nan\n",
        f"[connections.beancount.pace]\nfailures = 0x{'f' * 100_000}\n",
        f"[connections.beancount.patience]\nlook_ups = [0x{'f' * 100_000}]\n",
        f"[connections.beancount.patience]\ndeferrals = 0x{'f' * 100_000}\n",
        "[connections.beancount.patience]\nlook_ups = [inf]\n",
        f"[policy]\nover_billing = {'9' * 5000}\n",
    ],
)
def test_a_huge_number_in_the_settings_has_a_sentence(erp: Erp, settings: str) -> None:
    """The message names a number above every limit of a setting."""
    Path("settings.toml").write_text(settings)
    shown = erp("adapters", "--settings", "settings.toml", "--json")
    assert 2 == shown.status
    assert set(shown.codes) <= {"setting.kind", "settings.not_toml", "settings.type"}


def test_the_log_is_on_standard_error_at_the_level_asked_for(
    install: Callable[[str, str], None],
    erp: Erp,
    monkeypatch: pytest.MonkeyPatch,
    project: dict[str, Any],
) -> None:
    """``--log-level`` shows the steps of the worker; without it only errors are shown."""
    install("quiet", FAILING["import"].format(error="ValueError('no')"))
    monkeypatch.syspath_prepend(Path.cwd())
    write_document(project)
    loud = erp("load", "given.json", "--log-level", "warning", "--json")
    assert "WARNING erp_invoice_core.adapters.registry: The plugin quiet was skipped" in loud.err
    assert 0 == loud.status
    assert "" == erp("--log-level", "error", "list", "--json").err
    assert "" == erp("list", "--json").err
    assert ("usage.invalid", 2) == (
        (wrong := erp("list", "--log-level", "loud", "--json")).codes[0],
        wrong.status,
    )
