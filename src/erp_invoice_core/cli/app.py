"""One run of the command: read arguments, run a verb, print the answer."""

from __future__ import annotations

import itertools
import os
import sqlite3
import sys
import traceback
from typing import TYPE_CHECKING, Any, Final, TextIO

import typer

from ..documents import Problem
from ..stores import CommitUnknown, HostMustRetry, StoreBusy, StoreError
from .commands.adapters import adapters
from .commands.approve import accept, reject, retry, rule, unlink, withdraw
from .commands.demo import demo_by
from .commands.inspect import history, list_all, show
from .commands.load import load
from .commands.maintenance import moved, restored, verify
from .commands.send import resend, retrieve, send, why_not
from .commands.summary import summary
from .commands.work import work
from .options import before_the_verb, with_options
from .output import BAD, DONE, BadInput, reserve_output, write_json
from .text import Screen, escape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .output import Answer


#: What is raised for arguments that cannot be read: of typer's classes only an heir is public.
USAGE_FAULTS: Final[tuple[type[Any], ...]] = tuple(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)
_HELP = (
    "Subcontractor invoices on their way to an ERP. Exit status: 0 done, 1 refused, 2 bad input."
)


def command(arguments: Sequence[str]) -> Answer | int:
    """
    Read the arguments and do the verb; a status where help was printed instead.

    Raises:
        BadInput: Nothing was done.
        USAGE_FAULTS: The arguments cannot be read.
    """
    answer: Answer | int = typer.main.get_command(_app()).main(
        args=list(arguments), prog_name="erp-invoice", standalone_mode=False
    )
    return answer


#: The verbs, in the order in which an invoice meets them.
VERBS: Final[Mapping[str, Callable[..., Answer]]] = {
    "load": load,
    "list": list_all,
    "show": show,
    "summary": summary,
    "why-not": why_not,
    "send": send,
    "resend": resend,
    "retrieve": retrieve,
    "accept": accept,
    "reject": reject,
    "retry": retry,
    "withdraw": withdraw,
    "rule": rule,
    "unlink": unlink,
    "work": work,
    "history": history,
    "verify": verify,
    "restored": restored,
    "moved": moved,
    "adapters": adapters,
    "demo": demo_by(command),
}


def _app() -> typer.Typer:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=False)
    before_the_verb(app, _HELP)
    for name, verb in VERBS.items():
        app.command(name)(with_options(verb))
    return app


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
        with reserve_output():  # a thread that an adapter left behind may print still
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
            answer.write(Screen(out))
    elif as_json:
        problems = [
            {"path": each.path, "code": each.code, "message": each.message}
            for each in answer.problems
        ]
        write_json({"problems": problems}, out)
    else:
        for each in answer.problems:
            where = f"{escape(each.path)}: " if each.path else ""
            sys.stderr.write(f"{where}{escape(each.message)}\n")


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


_UNKNOWN = "Look before you do anything again: the database gave no answer, and may have stored it."


def problem_of(fault: Exception) -> Problem:
    """Return the problem that a person is told when something broke."""
    if isinstance(fault, StoreError):
        return _of_store(fault)
    if isinstance(fault, sqlite3.Error):
        sentence = f"Check that the file is a database of this command: {fault}."
        return Problem("--db", "database.failed", sentence)
    if isinstance(fault, OSError):
        name = str(fault.filename or "")
        return Problem(name, "system.failed", f"The system said: {fault.strerror or fault}.")
    sentence = f"Run it again with ERP_DEBUG=1 to see where it failed ({type(fault).__name__})."
    return Problem("", "command.failed", sentence)


def _of_store(fault: StoreError) -> Problem:
    if isinstance(fault, CommitUnknown):
        return Problem("--db", "database.commit_unknown", _UNKNOWN)
    if isinstance(fault, StoreBusy | HostMustRetry):
        return Problem("--db", "database.busy", str(fault))
    return Problem("--db", "database.failed", str(fault))
