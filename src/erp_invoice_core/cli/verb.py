"""The steps shared by all verbs that act on named invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..queue import Result
from ..stores import UnreadableEntry
from ..verdict import Denial, Verdict
from .context import CommandContext, open_context
from .json_shapes import result_to_json
from .output import DONE, REFUSED, Answer, build_bad_input
from .text import print_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..documents import Actor
    from .options import Options
    from .text import Screen


def run_verb(
    options: Options,
    ids: Sequence[str],
    headings: tuple[str, str],
    act: Callable[[CommandContext, Actor], Sequence[Result]],
    *,
    read_only: bool = False,
) -> Answer:
    """
    Run a verb for some invoices, and return the answer.

    Args:
        options: The options of the command.
        ids: The ids of the invoices.
        headings: The line for an invoice whose action was done, and that for a refused one; with
            the fields ``{id}``, ``{status}`` and ``{version}``.
        act: The function of the verb; it returns a result for each invoice.
        read_only: The verb records nothing, so that read permission is enough.

    Raises:
        BadInput: The person or an invoice is unknown, or ``--expect`` is used with several
            invoices; nothing was done.
    """
    if options.expect is not None and len(ids) > 1:
        raise build_bad_input(
            "--expect",
            "usage.invalid",
            "--expect is the version of one invoice, and {count} are named. Name one of them.",
            count=len(ids),
        )
    actor_id = options.actor_id
    with open_context(options, read_only=read_only) as context:
        actor = context.find_person(actor_id)
        context.require_loaded(ids)
        results = act(context, actor)
        denied = [each.id for each in results if not each.verdict]
        reasons = context.explain_unreadable(denied) if denied else {}
        return _answer_results([_explain(each, reasons) for each in results], headings)


def run_queue_verb(
    options: Options,
    ids: Sequence[str],
    headings: tuple[str, str],
    verb: Callable[..., Sequence[Result]],
    **given: object,
) -> Answer:
    """
    Run a method of the export queue for some invoices, as :func:`run_verb` does.

    Args:
        options: The options of the command.
        ids: The ids of the invoices.
        headings: The line for an invoice whose action was done, and that for a refused one.
        verb: The method of :class:`ExportQueue`.
        given: Further arguments of the method.
    """
    return run_verb(
        options,
        ids,
        headings,
        lambda context, actor: verb(context.queue, ids, actor, expect=options.expect, **given),
    )


def _explain(result: Result, reasons: Mapping[str, Denial]) -> Result:
    """
    Return the result; if it is refused and a record of the invoice cannot be read, say only that.

    *reasons* has the denial about the unreadable record, by invoice id.
    """
    reason = reasons.get(result.id)
    if result.verdict or reason is None or isinstance(result.entry, UnreadableEntry):
        return result
    return Result(result.id, Verdict((reason,)), result.entry)


def _answer_results(results: Sequence[Result], headings: tuple[str, str]) -> Answer:
    def write(screen: Screen) -> None:
        for each in results:
            heading = headings[0 if each.verdict else 1].format(
                id=each.id, status=each.entry.status.value, version=each.entry.version
            )
            print_answer(screen, heading, each.verdict)

    refused = any(not each.verdict for each in results)
    return Answer(
        status=REFUSED if refused else DONE,
        document={
            "results": [result_to_json(each.id, each.verdict, each.entry) for each in results]
        },
        write=write,
    )
