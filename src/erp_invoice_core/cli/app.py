"""One run of the command, from the arguments to the printed answer."""

from __future__ import annotations

import itertools
import os
import sqlite3
import sys
import traceback
from typing import TYPE_CHECKING, Final, TextIO

import click
from click.shell_completion import shell_complete

import erp_invoice_core

from ..documents import Problem
from ..stores import CommitUnknown, HostMustRetry, StoreBusy, StoreError
from .commands.accept import accept, reject, retry, unlink, withdraw
from .commands.adapters import adapters
from .commands.demo import demo
from .commands.inspect import history, list_all, show
from .commands.load import load
from .commands.maintenance import moved, restored, verify
from .commands.rule import rule
from .commands.send import resend, retrieve, send
from .commands.summary import summary
from .commands.why_not import why_not
from .commands.work import work
from .options import PROGRAM, SHARED, parse_and_run, pass_to_verb
from .output import BAD, DONE, BadInput, build_problem, reserve_output, write_json
from .text import Screen, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .output import Answer

_HELP = """
Take subcontractor invoices to an ERP.

Exit status: 0 done, 1 refused, 2 bad input.
"""
#: The verbs, in the order of the life of an invoice.
VERBS: Final[dict[str, click.Command]] = {
    str(verb.name): verb
    for verb in (
        load,
        list_all,
        show,
        summary,
        why_not,
        send,
        resend,
        retrieve,
        accept,
        reject,
        retry,
        withdraw,
        rule,
        unlink,
        work,
        history,
        verify,
        restored,
        moved,
        adapters,
        demo,
    )
}


class _Program(click.Group):
    """A group of verbs, listed in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the verbs."""
        del ctx  # the same verbs in every context
        return list(self.commands)


program: Final = click.version_option(
    str(erp_invoice_core.__version__),
    message=f"{PROGRAM} %(version)s",
    help="Print the version and exit.",
)(
    _Program(
        name=PROGRAM,
        help=_HELP,
        commands=VERBS,
        params=list(SHARED),
        callback=pass_to_verb,
        no_args_is_help=False,
    )
)
#: The variable through which a shell asks for completions.
_COMPLETION: Final = "_ERP_INVOICE_COMPLETE"
_INTERRUPTED: Final = 130


def run(argv: Sequence[str]) -> int:
    """Run the command with these arguments and return its exit status."""
    _prepare_streams()
    as_json = "--json" in itertools.takewhile(lambda word: word != "--", argv)
    out = sys.stdout
    try:
        instruction = os.environ.get(_COMPLETION)
        if instruction:
            return shell_complete(program, {}, PROGRAM, _COMPLETION, instruction)
        answer = _answer(argv)
        if isinstance(answer, int):  # help was printed
            out.flush()
            status = answer
        else:
            status = _print_answer(answer, out, as_json=as_json)
    except BrokenPipeError:
        _close_silently(out)
        status = DONE
    except KeyboardInterrupt:
        status = _INTERRUPTED
    finally:
        sys.stdout = out
    if status == _INTERRUPTED:
        sys.stderr.write("Interrupted.\n")
    return status


def _answer(argv: Sequence[str]) -> Answer | BadInput | int:
    try:
        return parse_and_run(program, argv)
    except BadInput as refusal:
        return refusal
    except BrokenPipeError:
        raise
    except Exception as fault:  # noqa: BLE001 - an unexpected fault, of which a person gets a sentence
        if os.environ.get("ERP_DEBUG") == "1":
            traceback.print_exc()
        usage = isinstance(fault, click.ClickException)
        return BadInput([_explain_usage(fault) if usage else explain_fault(fault)])


def _explain_usage(fault: Exception) -> Problem:
    parameter = getattr(fault, "param", None)
    names = [*getattr(parameter, "opts", ()), getattr(fault, "option_name", ""), ""]
    text = getattr(fault, "format_message", fault.__str__)()
    text = str(text).rstrip(".")
    end = "" if text.endswith("?") else "."
    return build_problem(
        str(names[0]), "usage.invalid", "{text}{end} See erp-invoice --help.", text=text, end=end
    )


def _print_answer(answer: Answer | BadInput, out: TextIO, *, as_json: bool) -> int:
    """Print the answer and return the exit status, also if the reader of the output is gone."""
    status = BAD if isinstance(answer, BadInput) else answer.status
    try:
        with reserve_output():  # a thread of an adapter may still print
            _write_answer(answer, out, as_json=as_json)
        out.flush()
    except BrokenPipeError:
        _close_silently(out)
    except OSError as fault:
        sys.stderr.write(f"The answer could not be written: {fault.strerror}.\n")
        _close_silently(out)
        return BAD
    return status


def _write_answer(answer: Answer | BadInput, out: TextIO, *, as_json: bool) -> None:
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


def _prepare_streams() -> None:
    """Replace closed standard streams, and let the streams accept every character."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - it is open until the process ends
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - the same
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _close_silently(out: TextIO) -> None:
    """Redirect the output to nothing, so that the interpreter's last flush does not fail."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device, no path
        try:
            os.dup2(nowhere.fileno(), out.fileno())
        except (OSError, ValueError):
            sys.stdout = None


def explain_fault(fault: Exception) -> Problem:
    """Return the problem for a fault of the disk, the database or the program."""
    if isinstance(fault, CommitUnknown):
        return build_problem(
            "--db",
            "database.commit_unknown",
            "The database did not confirm the commit and may have stored the change. List the "
            "invoices before you repeat anything.",
        )
    if isinstance(fault, StoreBusy | HostMustRetry):
        return Problem("--db", "database.busy", str(fault))
    if isinstance(fault, StoreError):
        return Problem("--db", "database.failed", str(fault))
    if isinstance(fault, sqlite3.Error):
        return build_problem(
            "--db",
            "database.failed",
            "SQLite reports: {fault}. Check that the file is a database of this command.",
            fault=fault,
        )
    if isinstance(fault, OSError):
        return build_problem(
            str(fault.filename or ""),
            "system.failed",
            "The operating system reports: {fault}.",
            fault=fault.strerror or fault,
        )
    return build_problem(
        "",
        "command.failed",
        "The command failed ({kind}). Set ERP_DEBUG=1 and run it again to see the traceback.",
        kind=type(fault).__name__,
    )
