"""The verb ``demo``: the bundled project walks through the queue, into an embedded ledger."""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from .answer import DONE, REFUSED, Answer, bad
from .options import Options
from .story import CORRECTED, EDITED, PROJECT, bundled, corrected, edited, scenes
from .text import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .story import Scene

__all__ = ["demo_by"]

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
            for scene in scenes(str(folder)):
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

    def play(self, scene: Scene) -> None:
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
        self._say(answer.tell)
        if scene.arguments[0] == _LEDGER_AFTER:
            self._say(self._tell_ledger)

    def _say(self, tell: Callable[[Screen], None]) -> None:
        """Tell it as it happens; when nobody listens any more, play on in silence."""
        if self.quiet:
            return
        try:
            tell(Screen())
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

        def tell(screen: Screen) -> None:
            screen.line()
            screen.line(f"The database: {self.database}")
            screen.line(f"The ledger: {self.ledger}")
            if not whole:
                screen.line("The story did not go as told.", style="red")

        return Answer(status=DONE if whole else REFUSED, document=document, tell=tell)


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
            raise bad("--dir", "usage.invalid", f"Name an empty folder: {folder} is not.")
        project = bundled()
        told = {PROJECT: project, EDITED: edited(project), CORRECTED: corrected(project)}
        for name, document in told.items():
            (folder / name).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as fault:
        sentence = f"Name a folder that can be written: {fault.strerror}."
        raise bad("--dir", "usage.invalid", sentence) from fault
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
