"""Console blocks of a page: their commands, run by a shell, and the output that is shown."""

from __future__ import annotations

import re
import subprocess
from doctest import ELLIPSIS, ELLIPSIS_MARKER, NORMALIZE_WHITESPACE, OutputChecker
from typing import TYPE_CHECKING

from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FLAGS = ELLIPSIS | NORMALIZE_WHITESPACE
_MARK = "--- end of output ---"
_PROMPT = "$ "
#: The exit status of a command that was called in a wrong way.
_USAGE = 2


def _commands(source: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with the output that the page shows."""
    command, shown = "", ""
    for line in source.splitlines():
        if line.startswith(_PROMPT):
            if command:
                yield command, shown
            command, shown = line.removeprefix(_PROMPT), ""
        else:
            shown += f"{line}\n"
    if command:
        yield command, shown


def _run(commands: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield what each command prints, on either stream, and its exit status; one shell runs all."""
    lines = [f'{each}\nlast=$?; echo "{_MARK}$last"; (exit $last)' for each in commands]
    done = subprocess.run(
        ["/bin/sh", "-c", "exec 2>&1\n" + "\n".join(lines)],
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    parts = re.split(rf"{_MARK}(\d+)\n", done.stdout)
    return zip(parts[0::2], map(int, parts[1::2]), strict=False)


def find_difference(source: str) -> str | None:
    """
    Run a console block, and return the first difference to the page, or ``None``.

    Only output that the page shows is compared. A command that ends as called in a wrong way is
    a difference too, unless the page shows a part of its message.
    """
    pairs = list(_commands(source))
    outputs = list(_run(command for command, _ in pairs))
    if len(outputs) < len(pairs):
        return f"{pairs[len(outputs)][0]}\n\nended the shell"
    for (command, shown), (printed, status) in zip(pairs, outputs, strict=True):
        differs = shown and not OutputChecker().check_output(shown, printed, FLAGS)
        is_shown = bool(shown.replace(ELLIPSIS_MARKER, "").strip())
        if differs or (status == _USAGE and not is_shown):
            return f"{command}\n\nshown:\n{shown}\nprinted:\n{printed}\nexit status: {status}"
    return None
