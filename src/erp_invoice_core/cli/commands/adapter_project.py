"""The action ``adapters new``: writes the package of a new adapter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...scaffold import ProjectExists, write_project
from ..output import DONE, Answer, build_bad_input

if TYPE_CHECKING:
    from ..text import Screen


def write_adapter(name: str, folder: Path | None, *, http: bool) -> Answer:
    """
    Write the package of a new adapter.

    Args:
        name: The key of the adapter.
        folder: The folder of the package; by default one named like the adapter, in the current
            folder.
        http: True if the ERP is reached over HTTP.

    Raises:
        BadInput: The name is not valid, or the folder is a file or has files already.
    """
    target = folder or Path(name)
    try:
        written = write_project(name, target, http=http)
    except ValueError as problem:
        raise build_bad_input("NAME", "adapter.name", "{why}", why=problem) from None
    except ProjectExists as problem:
        raise build_bad_input("--dir", "adapter.exists", "{why}", why=problem) from None

    def write(screen: Screen) -> None:
        screen.print_line(f"The adapter {name} is in {target}. All of its tests pass as they are:")
        screen.print_line()
        for line in (f"cd {target}", "pip install -e '.[test]'", "pytest"):
            screen.print_line(line, indent=2)
        screen.print_line()
        screen.print_line("Its README says where to go next.")

    document = {"adapter": name, "folder": str(target), "files": [str(each) for each in written]}
    return Answer(status=DONE, document=document, write=write)
