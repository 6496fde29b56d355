"""One run of the command: read the arguments, do it, print the answer, never a traceback."""

from __future__ import annotations

import itertools
import os
import sys
import traceback
from typing import TYPE_CHECKING, Final, TextIO

from ..documents import Problem
from .answer import BAD, DONE, BadInput, write_json
from .faults import problem_of
from .grammar import USAGE_FAULTS, command
from .output import output_reserved
from .text import Screen, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .answer import Answer

__all__ = ["run"]

_INTERRUPTED: Final = 130


def run(argv: Sequence[str]) -> int:
    """Run the command with these arguments and return its exit status."""
    _steady_streams()
    as_json = "--json" in itertools.takewhile(lambda word: word != "--", argv)
    out = sys.stdout
    try:
        answer = _answer(argv)
        if isinstance(answer, int):  # help was printed
            out.flush()
            status = answer
        else:
            status = _printed(answer, out, as_json=as_json)
    except BrokenPipeError:
        _abandon(out)
        status = DONE
    except KeyboardInterrupt:
        status = _INTERRUPTED
    except SystemExit:  # the library that prints the help ends so when its reader goes away
        _abandon(out)
        status = DONE
    finally:
        sys.stdout = out
    if status == _INTERRUPTED:
        sys.stderr.write("Interrupted.\n")
    return status


def _answer(argv: Sequence[str]) -> Answer | BadInput | int:
    try:
        return command(argv)
    except BadInput as refusal:
        return refusal
    except BrokenPipeError:
        raise
    except Exception as fault:  # noqa: BLE001 - the last resort: a person gets a sentence
        if os.environ.get("ERP_DEBUG") == "1":
            traceback.print_exc()
        return BadInput([_usage(fault) if isinstance(fault, USAGE_FAULTS) else problem_of(fault)])


def _usage(fault: Exception) -> Problem:
    parameter = getattr(fault, "param", None)
    names = [*getattr(parameter, "opts", ()), getattr(fault, "option_name", ""), ""]
    said = getattr(fault, "format_message", fault.__str__)()
    said = str(said).rstrip(".")
    sentence = f"{said if said.endswith('?') else f'{said}.'} See erp-invoice --help."
    return Problem(str(names[0]), "usage.invalid", sentence)


def _printed(answer: Answer | BadInput, out: TextIO, *, as_json: bool) -> int:
    """Print the answer and return the status; a reader that went away changes nothing of it."""
    status = BAD if isinstance(answer, BadInput) else answer.status
    try:
        with output_reserved():  # a thread that an adapter left behind may print still
            _print(answer, out, as_json=as_json)
        out.flush()
    except BrokenPipeError:
        _abandon(out)
    except OSError as fault:
        sys.stderr.write(f"The answer could not be written: {fault.strerror}.\n")
        _abandon(out)
        return BAD
    return status


def _print(answer: Answer | BadInput, out: TextIO, *, as_json: bool) -> None:
    if not isinstance(answer, BadInput):
        if as_json:
            write_json(answer.document, out)
        else:
            answer.tell(Screen(out))
    elif as_json:
        problems = [
            {"path": each.path, "code": each.code, "message": each.message}
            for each in answer.problems
        ]
        write_json({"problems": problems}, out)
    else:
        for each in answer.problems:
            where = f"{shown(each.path)}: " if each.path else ""
            sys.stderr.write(f"{where}{shown(each.message)}\n")


def _steady_streams() -> None:
    """Have streams that take every character, also where they were closed before the start."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as we
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - the same
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _abandon(out: TextIO) -> None:
    """Let nothing more be written to a reader that is gone, not even at the interpreter's end."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device, no path
        try:
            os.dup2(nowhere.fileno(), out.fileno())
        except (OSError, ValueError):
            sys.stdout = None
