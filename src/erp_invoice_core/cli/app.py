"""One run of the command, from the arguments to the printed answer."""

from __future__ import annotations

import itertools
import os
import sys
import traceback
from typing import TYPE_CHECKING, Final, TextIO

import click
from click.shell_completion import shell_complete

from .escape import escape
from .lazy_verb import LazyVerb, VerbNotImported
from .options import PROGRAM, SHARED, parse_and_run, pass_to_verb
from .output import BAD, DONE, BadInput, build_problem, reserve_output, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..documents import Problem
    from .output import Answer

_HELP = """
Take subcontractor invoices to an ERP.

Exit status: 0 done, 1 refused, 2 bad input.
"""
#: The verbs, in the order of the life of an invoice: name, module and function, short help.
VERBS: Final[dict[str, LazyVerb]] = {
    name: LazyVerb(name, source, short_help)
    for name, source, short_help in (
        (
            "load",
            "load:load",
            "Load commitments and invoices from JSON files, all of them or nothing.",
        ),
        (
            "list",
            "inspect:list_all",
            "List all invoices with their status and the person or thing that each waits for.",
        ),
        (
            "show",
            "inspect:show",
            "Show one invoice: its status, its documents in the ERP, its attachments.",
        ),
        (
            "summary",
            "summary:summary",
            "Show the G702 and the G703 of an invoice, and the amount due for its period.",
        ),
        (
            "people",
            "people:people",
            "List the loaded people, whose ids --as takes, and their permissions.",
        ),
        (
            "why-not",
            "why_not:why_not",
            "Check for each invoice whether an action is allowed, and list every denial.",
        ),
        ("send", "send:send", "Send invoices to the ERP tool."),
        ("resend", "send:resend", "Send rejected invoices again."),
        (
            "retrieve",
            "send:retrieve",
            "Take back invoices that the accounting approver has not answered yet.",
        ),
        ("accept", "accept:accept", "Accept invoices for export."),
        ("reject", "accept:reject", "Reject invoices, with a reason for the sender."),
        ("retry", "accept:retry", "Export invoices again after a failure."),
        ("withdraw", "accept:withdraw", "Remove the leftover documents of invoices from the ERP."),
        ("rule", "rule:rule", "Resolve a call in doubt, with evidence."),
        (
            "unlink",
            "accept:unlink",
            "Separate synced invoices from documents that are gone from the ERP.",
        ),
        ("work", "work:work", "Export accepted invoices, and look up calls in doubt."),
        (
            "reconcile",
            "reconcile:reconcile",
            "Compare synced invoices with their documents and payments in the ERP.",
        ),
        (
            "history",
            "inspect:history",
            "Show the events of one invoice, refused ones included, oldest first.",
        ),
        ("verify", "verify:verify", "Verify the audit log and the loaded records."),
        (
            "restored",
            "verify:record_restore",
            "Record that the database was restored from a backup.",
        ),
        ("moved", "verify:record_move", "Record the new path of a ledger that was moved."),
        (
            "adapters",
            "adapters:adapters",
            "Show what each installed adapter supports, writes and promises.",
        ),
        (
            "mappings",
            "mappings:mappings",
            "List the codes of loaded invoices for which a connection has no id in its ERP.",
        ),
        (
            "demo",
            "demo:demo",
            "Take the bundled project through the queue into an embedded ledger.",
        ),
    )
}


class _Program(click.Group):
    """A group of verbs, listed in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the verbs."""
        del ctx  # the same verbs in every context
        return list(self.commands)


program: Final = click.version_option(
    package_name="erp-invoice-core",  # click reads the version if it is asked for
    message=f"{PROGRAM} %(version)s",
    help="Print the version and exit.",
)(
    _Program(
        name=PROGRAM,
        help=_HELP,
        commands=dict(VERBS),
        params=list(SHARED),
        callback=pass_to_verb,
        no_args_is_help=False,
    )
)
#: The variable through which a shell asks for completions.
_COMPLETION: Final = "_ERP_INVOICE_COMPLETE"
_INTERRUPTED: Final = 130


def run(argv: Sequence[str]) -> int:
    """
    Run the command with these arguments and return its exit status.

    Raises:
        VerbNotImported: A module that the verb needs is missing; nothing was done.
    """
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
    except (BrokenPipeError, VerbNotImported):
        raise
    except Exception as fault:  # noqa: BLE001 - an unexpected fault, of which a person gets a sentence
        if os.environ.get("ERP_DEBUG") == "1":
            traceback.print_exc()
        if isinstance(fault, click.ClickException):
            return BadInput([_explain_usage(fault)])
        from .faults import explain_fault  # noqa: PLC0415 - it needs the stores, the start does not

        return BadInput([explain_fault(fault)])


def _explain_usage(fault: click.ClickException) -> Problem:
    parameter = getattr(fault, "param", None)
    names = [*getattr(parameter, "opts", ()), getattr(fault, "option_name", ""), ""]
    text = getattr(fault, "format_message", fault.__str__)()
    text = str(text).rstrip(".")
    end = "" if text.endswith("?") else "."
    return build_problem(
        str(names[0]), "usage.invalid", "{text}{end} See erp-invoice --help.", text=text, end=end
    )


def _print_answer(answer: Answer | BadInput, out: TextIO, *, as_json: bool) -> int:
    """
    Print the answer, and return its exit status, or 2 if it could not be written.

    It is not an error if the program that reads the output, such as ``head``, has already ended.
    """
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
            from .text import Screen  # noqa: PLC0415 - it needs rich, which only an answer needs

            answer.write(Screen(out))
    elif as_json:
        problems = [
            {
                "path": each.path,
                "code": each.code,
                "message": each.message,
                "facts": dict(each.facts),
            }
            for each in answer.problems
        ]
        write_json({"problems": problems}, out)
    else:
        for each in answer.problems:
            where = f"{escape(each.path)}: " if each.path else ""
            sys.stderr.write(f"{where}{escape(each.message)}\n")


def _prepare_streams() -> None:
    """
    Replace closed standard streams by the null device.

    Both output streams then escape a character that their encoding lacks, instead of raising an
    error.
    """
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
