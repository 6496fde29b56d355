"""The verb ``demo``: the bundled project from loading to an embedded ledger."""

from __future__ import annotations

import copy
import json
import os
import shlex
import sys
import tempfile
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from ...values import Value
from ..options import Options, Verb, parse_and_run
from ..output import DONE, REFUSED, Answer, build_bad_input
from ..text import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


PROJECT = "harbor-point.json"
EDITED = "edited.json"
CORRECTED = "corrected.json"

_ALL = tuple(str(number) for number in range(5000, 5015))
_TICKED = (
    "5001",
    "5002",
    "5003",
    "5004",
    "5006",
    "5007",
    "5008",
    "5010",
    "5011",
    "5012",
    "5013",
    "5014",
)
_SENT = ("5001", "5002", "5003", "5004", "5006", "5007", "5008", "5013", "5014")
_REASON = "Fenders are billed at 90,000 of 84,000: bill what was delivered."


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DemoStep(Value):
    """
    One command of the demo.

    Attributes:
        says: The sentence that introduces it.
        arguments: The arguments of the command.
        status: The expected exit status.
    """

    says: str
    arguments: tuple[str, ...]
    status: int = 0


def read_project() -> dict[str, Any]:
    """Return the bundled project, as plain JSON values."""
    text = files("erp_invoice_core").joinpath("examples", PROJECT).read_text(encoding="utf-8")
    project: dict[str, Any] = json.loads(text)
    return project


def _select_requisition(project: dict[str, Any], id_: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a JSON document for ``load`` with a copy of one requisition, and that copy."""
    (found,) = (each for each in project["requisitions"] if each["id"] == id_)
    requisition = copy.deepcopy(found)
    return {"company": project["company"], "requisitions": [requisition]}, requisition


def make_edit(project: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON document that loads invoice 5004 with three more pile caps and another file."""
    document, requisition = _select_requisition(project, "5004")
    requisition["items"][0] |= {
        "work_completed_this_period_quantity": "43",
        "work_completed_this_period": "79550.00",
        "work_completed_retainage_retained_this_period": "7955.00",
        "total_completed_and_stored_to_date": "79550.00",
    }
    waiver = {"id": "2", "filename": "lien-waiver-september.pdf", "content_type": "application/pdf"}
    requisition["attachments"].append(waiver)
    return document


def make_correction(project: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON document that loads invoice 5007 with fenders billed at 84,000, not 90,000."""
    document, requisition = _select_requisition(project, "5007")
    requisition["items"][0] |= {
        "work_completed_this_period": "24000.00",
        "total_completed_and_stored_to_date": "84000.00",
    }
    return document


#: Stands for the folder of the demo in the arguments of a step.
_FOLDER = "FOLDER"
_STEPS = (
    DemoStep(
        says="Harbor Point Builders load their commitments and invoices.",
        arguments=("load", f"{_FOLDER}/{PROJECT}"),
    ),
    DemoStep(says="All invoices, and who or what each waits for.", arguments=("list",)),
    DemoStep(
        says="What can Paula, the project manager, send? And why not the rest?",
        arguments=("why-not", *_ALL, "--as", "pm"),
        status=1,
    ),
    DemoStep(
        says="Sam, the superintendent, is not an administrator of the Commitments tool.",
        arguments=("send", "5004", "--as", "super"),
        status=1,
    ),
    DemoStep(
        says="Paula sends twelve invoices at once. A refused one does not stop the others.",
        arguments=("send", *_TICKED, "--as", "pm"),
        status=1,
    ),
    DemoStep(
        says="A file with three more pile caps on 5004, which is locked, and a lien waiver: "
        "the edit is refused, the attachment is added.",
        arguments=("load", f"{_FOLDER}/{EDITED}"),
        status=1,
    ),
    DemoStep(says="5004 has its new attachment.", arguments=("show", "5004")),
    DemoStep(
        says="Ada, the accounting approver, sends 5007 back, with a reason.",
        arguments=("reject", "5007", "--reason", _REASON, "--as", "ap"),
    ),
    DemoStep(
        says="Rejected, it can be edited again: the corrected invoice is loaded.",
        arguments=("load", f"{_FOLDER}/{CORRECTED}"),
    ),
    DemoStep(says="Paula sends it again.", arguments=("resend", "5007", "--as", "pm")),
    DemoStep(
        says="Ada accepts all that is ready. She sees what the ledger does not take.",
        arguments=("accept", *_SENT, "--as", "ap"),
    ),
    DemoStep(says="A worker exports them into the ledger.", arguments=("work", "--until-idle")),
    DemoStep(says="Which of them are in the ERP now?", arguments=("list",)),
    DemoStep(
        says="The application for payment of the last steel invoice: change orders, "
        "a negative line, retainage released.",
        arguments=("summary", "5003"),
    ),
    DemoStep(says="The history of 5007 lists refused actions too.", arguments=("history", "5007")),
    DemoStep(says="No event was changed or removed.", arguments=("verify",)),
)


def list_steps(folder: str) -> tuple[DemoStep, ...]:
    """Return the steps of the demo, with the paths of their files in the folder."""
    return tuple(
        attrs.evolve(
            step,
            arguments=tuple(
                f"{folder}/{each.removeprefix(f'{_FOLDER}/')}"
                if each.startswith(f"{_FOLDER}/")
                else each
                for each in step.arguments
            ),
        )
        for step in _STEPS
    )


_LEDGER_AFTER = "work"
_TAIL = 24


@click.command("demo", cls=Verb)
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="An empty directory for the files of the demo. Default: a new one.",
)
@click.pass_obj
def demo(options: Options, folder: Path | None) -> Answer:
    """Take the bundled project through the queue into an embedded ledger."""
    program = click.get_current_context().find_root().command
    presentation = _Demo(folder=_prepare_folder(folder), program=program, quiet=options.json)
    with _hide_settings():
        for step in list_steps(str(presentation.folder)):
            presentation.run(step)
    return presentation.answer()


@attrs.define(kw_only=True)
class _Demo:
    """Runs the steps, and prints each command with its answer unless it is quiet."""

    folder: Path
    program: click.Command
    quiet: bool
    results: list[dict[str, Any]] = attrs.Factory(list)

    @property
    def database(self) -> Path:
        return self.folder / "erp.db"

    @property
    def ledger(self) -> Path:
        return self.folder / "erp.beancount"

    def run(self, step: DemoStep) -> None:
        arguments = [*step.arguments, "--db", str(self.database)]
        line = shlex.join(["erp-invoice", *arguments])
        self._print(lambda screen: _print_command(screen, step.says, line))
        answer = parse_and_run(self.program, arguments)
        assert isinstance(answer, Answer), "A step of the demo asks for no help."
        self.results.append(
            {
                "says": step.says,
                "command": line,
                "status": answer.status,
                "as_told": answer.status == step.status,
            }
        )
        self._print(answer.write)
        if step.arguments[0] == _LEDGER_AFTER:
            self._print(self._print_ledger)

    def _print(self, write: Callable[[Screen], None]) -> None:
        """Print immediately, or do nothing if the reader of the output is gone."""
        if self.quiet:
            return
        try:
            write(Screen())
            sys.stdout.flush()
        except BrokenPipeError:
            self.quiet = True

    def _print_ledger(self, screen: Screen) -> None:
        lines = self.ledger.read_text(encoding="utf-8").splitlines()
        line = shlex.join(["tail", f"-{_TAIL}", str(self.ledger)])
        _print_command(screen, "The end of the ledger, in Beancount's language.", line)
        for each in lines[-_TAIL:]:
            screen.print_line(each)

    def answer(self) -> Answer:
        is_complete = all(result["as_told"] for result in self.results)
        document = {
            "directory": str(self.folder),
            "database": str(self.database),
            "ledger": str(self.ledger),
            "scenes": self.results,
        }

        def write(screen: Screen) -> None:
            screen.print_line()
            screen.print_line(f"The database: {self.database}")
            screen.print_line(f"The ledger: {self.ledger}")
            if not is_complete:
                screen.print_line(
                    "A step of the demo ended with another exit status than expected.", style="red"
                )

        return Answer(status=DONE if is_complete else REFUSED, document=document, write=write)


def _print_command(screen: Screen, says: str, line: str) -> None:
    screen.print_line()
    screen.print_title(says)
    screen.print_line(f"$ {line}", style="cyan")


def _prepare_folder(given: Path | None) -> Path:
    """Return the folder after writing the files of the demo into it."""
    try:
        folder = given or Path(tempfile.mkdtemp(prefix="erp-invoice-demo-"))
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise build_bad_input(
                "--dir",
                "usage.invalid",
                "The directory {folder} is not empty. Name an empty one.",
                folder=folder,
            )
        project = read_project()
        documents = {
            PROJECT: project,
            EDITED: make_edit(project),
            CORRECTED: make_correction(project),
        }
        for name, document in documents.items():
            (folder / name).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as fault:
        raise build_bad_input(
            "--dir",
            "usage.invalid",
            "The directory cannot be written ({reason}). Name another one.",
            reason=fault.strerror,
        ) from fault
    return folder


@contextmanager
def _hide_settings() -> Iterator[None]:
    """Hide settings in environment variables, so that the demo never writes to a real ledger."""
    hidden = {
        name: os.environ.pop(name)
        for name in list(os.environ)
        if name.startswith("ERP_") and name != "ERP_DEBUG"
    }
    try:
        yield
    finally:
        os.environ.update(hidden)
