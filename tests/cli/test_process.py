"""The command as a process: streams that break, signals, faults, a missing extra."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.cli import app
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from tests.cli.command_run import Erp

COMMAND = [sys.executable, "-m", "erp_invoice_core.cli"]


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which the package is found as in this process."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**os.environ, "PYTHONPATH": path, **more}


def process(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 - as run takes
    """Run the command in a process of its own."""
    more.setdefault("capture_output", True)
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(),
        text=True,
        check=False,
        timeout=TIME_LIMIT,
        **more,
    )


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line in which $ERP is the command."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        env=environment(ERP=" ".join(COMMAND)),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIME_LIMIT,
    )


def test_a_process(loaded: Erp) -> None:
    """The command answers in a process as it does in this one."""
    run = process("send", "5001", "5010", "--as", "pm", "--json")
    assert (1, ["5001", "5010"], "") == (
        run.returncode,
        [each["id"] for each in json.loads(run.stdout)["results"]],
        run.stderr,
    )


def test_a_reader_that_goes_away(loaded: Erp) -> None:
    """A pipe that breaks changes neither the work nor the status, and no error is printed."""
    run = shell("$ERP send 5001 5004 --as pm | true")
    assert (0, "") == (run.returncode, run.stderr)
    assert "ready" == loaded("show", "5001", "--json").document["status"]


def test_a_reader_of_the_demo_that_goes_away() -> None:
    """The demo continues although its reader has closed the pipe."""
    run = shell("$ERP demo --dir d | head -1")
    assert (0, "") == (run.returncode, run.stderr)
    assert Path("d/erp.beancount").is_file()


def test_no_standard_output(loaded: Erp) -> None:
    """Without standard output or error the verb still does its work."""
    run = shell("$ERP send 5001 --as pm >&- 2>&-")
    assert (0, "") == (run.returncode, run.stderr)
    assert "ready" == loaded("show", "5001", "--json").document["status"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_under_the_answer(loaded: Erp) -> None:
    """An answer that cannot be written is status 2 and a sentence."""
    run = shell("$ERP list > /dev/full")
    assert (2, "The answer could not be written: No space left on device.\n") == (
        run.returncode,
        run.stderr,
    )


def test_an_interrupt() -> None:
    """Ctrl-C ends the command with one word, and stores nothing."""
    os.mkfifo("given.json")
    with (
        subprocess.Popen(
            [*COMMAND, "load", "given.json"], env=environment(), stderr=subprocess.PIPE, text=True
        ) as running,
        # This opens once the command has opened its end: it reads, and waits.
        Path("given.json").open("wb"),
    ):
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=TIME_LIMIT)
    assert (130, "Interrupted.\n") == (running.returncode, err)
    assert ["given.json"] == [path.name for path in Path().iterdir()]


def test_an_encoding_without_letters(loaded: Erp, project: dict[str, Any]) -> None:
    """A terminal with ASCII only gets escapes, not an error."""
    project["vendors"][0]["name"] = "Stål & Söhne"
    Path("given.json").write_text(json.dumps(project), encoding="utf-8")
    loaded("load", "given.json")
    run = subprocess.run(
        [*COMMAND, "list"],
        env=environment(PYTHONIOENCODING="ascii"),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIME_LIMIT,
    )
    assert (0, "") == (run.returncode, run.stderr)
    assert r"St\xe5l" in run.stdout


def run_on_terminal(*arguments: str, **more: str) -> str:
    """Return what the command writes on a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        env=environment(TERM="xterm-256color", COLUMNS="80", **more),
        stdout=theirs,
        stderr=theirs,
        stdin=theirs,
    ) as running:
        os.close(theirs)
        written = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:
                break
            if not chunk:
                break
            written += chunk
        running.wait(timeout=TIME_LIMIT)
    os.close(ours)
    return written.decode()


def test_colours_on_a_terminal_only(loaded: Erp) -> None:
    """A terminal gets colours, a pipe gets none, whatever the environment says."""
    assert "\x1b[" in run_on_terminal("why-not", "5010", "--as", "pm")
    assert "\x1b[3" not in run_on_terminal("why-not", "5010", "--as", "pm", NO_COLOR="1")
    run = shell("FORCE_COLOR=1 $ERP why-not 5010 --as pm")
    assert "\x1b" not in run.stdout


def test_progress_on_a_terminal_only(loaded: Erp) -> None:
    """Long work shows a bar on a terminal, and nothing of it in a pipe."""
    loaded("send", "5001", "5004", "--as", "pm")
    loaded("accept", "5001", "5004", "--as", "ap")
    assert "Exporting" in run_on_terminal("work", "--limit", "1")
    run = process("work")
    assert (0, "") == (run.returncode, run.stderr)
    assert "Exporting" not in run.stdout


def test_a_fault_is_a_sentence(
    loaded: Erp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault of the program is one sentence and status 2; ``ERP_DEBUG`` shows the traceback."""

    def fail(*_: object, **__: object) -> None:
        msg = "secret"
        raise RuntimeError(msg)

    monkeypatch.setattr("erp_invoice_core.cli.commands.verify.open_context", fail)
    plain, as_json = loaded("verify"), loaded("verify", "--json")
    assert (2, "", 1) == (plain.status, plain.out, len(plain.err.splitlines()))
    assert (2, ["command.failed"], "") == (as_json.status, as_json.codes, as_json.err)
    assert "secret" not in plain.err
    monkeypatch.setenv("ERP_DEBUG", "1")
    assert "RuntimeError: secret" in loaded("verify").err


@pytest.mark.parametrize(
    ("verb", "module", "code"),
    [
        ("list", "click", "extra.missing"),
        ("list", "rich", "extra.missing"),
        ("list", "fcntl", "system.unsupported"),
        ("list", "erp_invoice_core.stores", "install.broken"),
        ("work", "erp_invoice_core.worker", "install.broken"),
    ],
)
def test_what_is_not_installed(verb: str, module: str, code: str) -> None:
    """Without the extra, or a part of it, the command says what to install."""
    program = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from erp_invoice_core.cli import main; sys.exit(main())"
    )
    plain, as_json = (
        subprocess.run(
            [sys.executable, "-c", program, verb, *words],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=TIME_LIMIT,
        )
        for words in ((), ("--json",))
    )
    assert (2, "", 1) == (plain.returncode, plain.stdout, len(plain.stderr.splitlines()))
    assert (2, [code]) == (
        as_json.returncode,
        [each["code"] for each in json.loads(as_json.stdout)["problems"]],
    )


def test_every_verb_has_a_help_text() -> None:
    """The help text of each verb is a sentence."""
    assert all((verb.load().help or "").rstrip().endswith(".") for verb in app.VERBS.values())
