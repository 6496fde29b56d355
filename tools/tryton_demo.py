"""
The demo in a Tryton that it starts: ``python -m tools.tryton_demo [--keep] FOLDER``.

The folder of an earlier demo is replaced, unless its Tryton still runs: it would go on without its
database.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import ExportStatus, SqliteStore
from erp_invoice_core.cli.commands.demo import (
    CORRECTED,
    EDITED,
    PROJECT,
    list_steps,
    make_correction,
    make_edit,
    read_project,
)
from examples.tryton.server import (
    CONNECTION,
    TrytonFailed,
    TrytonServer,
    find_running,
    prepare,
    write_settings,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

SETTINGS = "erp.toml"
FILES = "files"
_SERVER = "tryton"
#: The statuses of an accepted invoice that is not in the ERP.
_UNFINISHED = frozenset(
    {ExportStatus.ACCEPTED, ExportStatus.EXPORTING, ExportStatus.UNKNOWN, ExportStatus.FAILED}
)


@attrs.frozen
class Done:
    """A command of the demo, its exit status and the expected one."""

    command: str
    status: int
    expected: int


def write_files(folder: Path, project: Mapping[str, Any]) -> None:
    """Write a file for each attachment of the project."""
    folder.mkdir()
    named = [each for requisition in project["requisitions"] for each in requisition["attachments"]]
    for each in named:
        text = f"%PDF-1.4\n{each['filename']}\n"
        (folder / each["filename"]).write_text(text, encoding="utf-8")


def prepare_folder(folder: Path, server: TrytonServer) -> None:
    """Write the documents, the attachments and the settings of the demo into a new folder."""
    folder.mkdir(parents=True, exist_ok=True)
    project = read_project()
    edited = make_edit(project)
    for name, document in (
        (PROJECT, project),
        (EDITED, edited),
        (CORRECTED, make_correction(project)),
    ):
        (folder / name).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    write_files(folder / FILES, {"requisitions": project["requisitions"] + edited["requisitions"]})
    write_settings(folder / SETTINGS, server.settings())


def run_command(given: Sequence[str], folder: Path, environ: Mapping[str, str]) -> int:
    """Run a command in a folder and show its output; return its exit status."""
    print(f"$ {shlex.join(['erp-invoice', *given])}", flush=True)
    program = [sys.executable, "-m", "erp_invoice_core.cli", *given]
    return subprocess.run(program, cwd=folder, env=environ, check=False).returncode


def run_demo(
    folder: Path,
    server: TrytonServer,
    run: Callable[[Sequence[str], Path, Mapping[str, str]], int] = run_command,
    say: Callable[[str], object] = print,
) -> Iterator[Done]:
    """
    Run the commands of the demo against a server, one after the other.

    Args:
        folder: A new folder for the documents and the database of the queue.
        server: The server.
        run: Runs a command with its arguments, folder and environment; returns its exit status.
        say: Called with a sentence about each command before it is run.
    """
    prepare_folder(folder, server)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ERP_")}
    environ[f"ERP_{CONNECTION.upper()}_KEY"] = server.key
    for step in list_steps("."):
        given = [*step.arguments, "--to", CONNECTION, "--settings", SETTINGS]
        given += ["--files", FILES] if step.arguments[0] == "load" else []
        say(f"\n{step.says}")
        status = run(given, folder, environ)
        yield Done(shlex.join(["erp-invoice", *given]), status, step.status)


def list_unfinished(folder: Path) -> list[str]:
    """Return the ids of the invoices that were accepted, and are not in Tryton."""
    with SqliteStore(folder / "erp.db") as store:
        return [entry.id for entry in store.entries() if entry.status in _UNFINISHED]


def start_server(folder: Path) -> TrytonServer:
    """
    Replace the folder of an earlier demo, and start a Tryton with a company in it.

    Raises:
        TrytonFailed: It cannot be started, or that of an earlier demo runs.
    """
    if (running := find_running(folder / _SERVER)) is not None:
        msg = f"The Tryton of an earlier demo runs in {folder}. Stop it first with: kill {running}"
        raise TrytonFailed(msg)
    company = prepare()
    shutil.rmtree(folder, ignore_errors=True)
    server = TrytonServer(company, folder / _SERVER)
    server.start()
    return server


def report(folder: Path, server: TrytonServer, wrong: Sequence[Done]) -> int:
    """Print what went otherwise than expected, and return the exit status."""
    for step in wrong:
        print(f"{step.command} ended with {step.status}, not {step.expected}.", file=sys.stderr)
    left = list_unfinished(folder)
    if left:
        text = f"Not in Tryton: {', '.join(left)}. The log of Tryton: {server.log_file}."
        print(text, file=sys.stderr)
    else:
        print("\nEvery accepted invoice is in Tryton.")
    return 1 if wrong or left else 0


def describe_further_commands(folder: Path, server: TrytonServer) -> str:
    """Return the commands with which a person goes on in the folder of the demo."""
    command = Path(sys.executable).with_name("erp-invoice")
    variable = f"ERP_{CONNECTION.upper()}_KEY"
    return (
        f"To go on:\n  cd {folder.resolve()}\n"
        f'  export {variable}="$(cat {server.key_file.resolve()})"\n'
        f"  {command} reconcile --connection {CONNECTION} --as ap --settings {SETTINGS}"
    )


def main() -> int:
    """Run the demo, and print where to look; the exit status is 1 if a step went otherwise."""
    parser = argparse.ArgumentParser(description="The demo in a Tryton that it starts.")
    parser.add_argument("folder", type=Path, help="the folder of the demo, which is replaced")
    parser.add_argument("--keep", action="store_true", help="leave Tryton running at the end")
    given = parser.parse_args()
    print("Setting up a company in Tryton; the first time takes a minute.", flush=True)
    try:
        server = start_server(given.folder)
    except TrytonFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    try:
        wrong = [step for step in run_demo(given.folder, server) if step.status != step.expected]
    except BaseException:
        server.stop()
        raise
    status = report(given.folder, server, wrong)
    print(f"The queue: {given.folder / 'erp.db'}. Tryton's database: {server.folder}.")
    if given.keep:
        print(f"{server.describe()}\n{describe_further_commands(given.folder, server)}")
    else:
        server.stop()
        print("Tryton is stopped. To leave it running: make demo ERP=tryton KEEP=1")
    return status


if __name__ == "__main__":
    sys.exit(main())
