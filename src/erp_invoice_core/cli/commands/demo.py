"""The verb ``demo``: the bundled project from loading to an embedded ledger."""

from __future__ import annotations

import copy
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from ..options import Options
from ..output import DONE, REFUSED, Answer, bad_input
from ..text import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator


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


@attrs.frozen(kw_only=True)
class Step:
    """What is said, the arguments of the command, and the exit status that it ends with."""

    says: str
    arguments: tuple[str, ...]
    status: int = 0


def read_project() -> dict[str, Any]:
    """Return the bundled project, as plain JSON values."""
    text = files("erp_invoice_core").joinpath("examples", PROJECT).read_text(encoding="utf-8")
    project: dict[str, Any] = json.loads(text)
    return project


def _only(project: dict[str, Any], id_: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a document of one requisition, and that requisition in it."""
    (found,) = (each for each in project["requisitions"] if each["id"] == id_)
    requisition = copy.deepcopy(found)
    return {"company": project["company"], "requisitions": [requisition]}, requisition


def make_edit(project: dict[str, Any]) -> dict[str, Any]:
    """Return 5004 with three more pile caps than were approved, and one more attachment."""
    document, requisition = _only(project, "5004")
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
    """Return 5007 with the fenders billed as they were ordered."""
    document, requisition = _only(project, "5007")
    requisition["items"][0] |= {
        "work_completed_this_period": "24000.00",
        "total_completed_and_stored_to_date": "84000.00",
    }
    return document


def list_steps(folder: str) -> tuple[Step, ...]:
    """Return the scenes; the files lie in that folder."""
    return (
        Step(
            says="Harbor Point Builders load their commitments and invoices.",
            arguments=("load", f"{folder}/{PROJECT}"),
        ),
        Step(says="All invoices, and who or what each waits for.", arguments=("list",)),
        Step(
            says="What can Paula, the project manager, send? And why not the rest?",
            arguments=("why-not", *_ALL, "--as", "pm"),
            status=1,
        ),
        Step(
            says="Sam, the superintendent, is no administrator of the Commitments tool.",
            arguments=("send", "5004", "--as", "super"),
            status=1,
        ),
        Step(
            says="Paula ticks twelve invoices and sends them. One bad one never sinks the others.",
            arguments=("send", *_TICKED, "--as", "pm"),
            status=1,
        ),
        Step(
            says="A file with three more pile caps on 5004, which is locked, and a lien waiver: "
            "the edit is refused, the attachment goes in.",
            arguments=("load", f"{folder}/{EDITED}"),
            status=1,
        ),
        Step(says="5004 has its new attachment.", arguments=("show", "5004")),
        Step(
            says="Ada, the accounting approver, sends 5007 back, with a reason.",
            arguments=("reject", "5007", "--reason", _REASON, "--as", "ap"),
        ),
        Step(
            says="Rejected, it can be edited again: the corrected invoice is loaded.",
            arguments=("load", f"{folder}/{CORRECTED}"),
        ),
        Step(says="Paula sends it again.", arguments=("resend", "5007", "--as", "pm")),
        Step(
            says="Ada accepts all that is ready. She sees what the ledger does not take.",
            arguments=("accept", *_SENT, "--as", "ap"),
        ),
        Step(says="A worker exports them into the ledger.", arguments=("work", "--until-idle")),
        Step(says="All of them are in the ERP now.", arguments=("list",)),
        Step(
            says="The application for payment of the last steel invoice: change orders, "
            "a negative line, retainage released.",
            arguments=("summary", "5003"),
        ),
        Step(says="What happened to 5007, refused attempts too.", arguments=("history", "5007")),
        Step(says="And the history is whole.", arguments=("verify",)),
    )


_LEDGER_AFTER = "work"
_TAIL = 24


def demo_by(command: Callable[[Sequence[str]], Answer | int]) -> Callable[..., Answer]:
    """Return the verb, which tells its story with this command."""

    def demo(
        options: Options,
        dir_: Annotated[
            Path | None,
            typer.Option("--dir", metavar="DIR", help="An empty folder; a new one by default."),
        ] = None,
    ) -> Answer:
        """Walk the bundled project through the queue, into an embedded ledger."""
        folder = _folder(dir_)
        stage = _Stage(folder=folder, command=command, quiet=options.json)
        with _without_settings():
            for scene in list_steps(str(folder)):
                stage.play(scene)
        return stage.answer()

    return demo


@attrs.define(kw_only=True)
class _Stage:
    """Where scenes are played and, unless quiet, told."""

    folder: Path
    command: Callable[[Sequence[str]], Answer | int]
    quiet: bool
    played: list[dict[str, Any]] = attrs.Factory(list)

    @property
    def database(self) -> Path:
        return self.folder / "erp.db"

    @property
    def ledger(self) -> Path:
        return self.folder / "erp.beancount"

    def play(self, scene: Step) -> None:
        arguments = [*scene.arguments, "--db", str(self.database)]
        line = shlex.join(["erp-invoice", *arguments])
        self._say(lambda screen: _announce(screen, scene.says, line))
        answer = self.command(arguments)
        assert isinstance(answer, Answer), "A scene is no call for help."
        self.played.append(
            {
                "says": scene.says,
                "command": line,
                "status": answer.status,
                "as_told": answer.status == scene.status,
            }
        )
        self._say(answer.write)
        if scene.arguments[0] == _LEDGER_AFTER:
            self._say(self._tell_ledger)

    def _say(self, write: Callable[[Screen], None]) -> None:
        """Tell it as it happens; when nobody listens any more, play on in silence."""
        if self.quiet:
            return
        try:
            write(Screen())
            sys.stdout.flush()
        except BrokenPipeError:
            self.quiet = True

    def _tell_ledger(self, screen: Screen) -> None:
        lines = self.ledger.read_text(encoding="utf-8").splitlines()
        line = shlex.join(["tail", f"-{_TAIL}", str(self.ledger)])
        _announce(screen, "The end of the ledger, in Beancount's language.", line)
        for each in lines[-_TAIL:]:
            screen.line(each)

    def answer(self) -> Answer:
        whole = all(scene["as_told"] for scene in self.played)
        document = {
            "directory": str(self.folder),
            "database": str(self.database),
            "ledger": str(self.ledger),
            "scenes": self.played,
        }

        def write(screen: Screen) -> None:
            screen.line()
            screen.line(f"The database: {self.database}")
            screen.line(f"The ledger: {self.ledger}")
            if not whole:
                screen.line("The story did not go as told.", style="red")

        return Answer(status=DONE if whole else REFUSED, document=document, write=write)


def _announce(screen: Screen, says: str, line: str) -> None:
    screen.line()
    screen.title(says)
    screen.line(f"$ {line}", style="cyan")


def _folder(given: Path | None) -> Path:
    """Return the folder with the story's files in it; what lies there already stays untouched."""
    try:
        folder = given or Path(tempfile.mkdtemp(prefix="erp-invoice-demo-"))
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise bad_input("--dir", "usage.invalid", f"Name an empty folder: {folder} is not.")
        project = read_project()
        told = {PROJECT: project, EDITED: make_edit(project), CORRECTED: make_correction(project)}
        for name, document in told.items():
            (folder / name).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as fault:
        sentence = f"Name a folder that can be written: {fault.strerror}."
        raise bad_input("--dir", "usage.invalid", sentence) from fault
    return folder


@contextmanager
def _without_settings() -> Iterator[None]:
    """Hide settings of the environment: a story must not end in somebody's real ledger."""
    hidden = {
        name: os.environ.pop(name)
        for name in list(os.environ)
        if name.startswith("ERP_") and name != "ERP_DEBUG"
    }
    try:
        yield
    finally:
        os.environ.update(hidden)
