"""The steps that all verbs about named invoices share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ..queue import Result
from ..stores import UnreadableEntry
from ..verdict import Denial, Verdict
from .context import CommandContext, open_context
from .json_shapes import result as shape
from .options import Options
from .output import DONE, REFUSED, Answer, bad_input
from .text import print_answer

if TYPE_CHECKING:
    from ..documents import Actor
    from .text import Screen


_Act: TypeAlias = Callable[["CommandContext", "Actor"], "Sequence[Result]"]


def answer_results(results: Sequence[Result], deed: str) -> Answer:
    """Return the answer for these invoices; ``deed`` heads what was done: ``sent``."""

    def write(screen: Screen) -> None:
        for each in results:
            said = deed if each.verdict else f"not {deed}"
            entry = each.entry
            heading = f"{each.id}: {said} ({entry.status.value}, version {entry.version})"
            print_answer(screen, heading, each.verdict)

    refused = any(not each.verdict for each in results)
    return Answer(
        status=REFUSED if refused else DONE,
        document={"results": [shape(each.id, each.verdict, each.entry) for each in results]},
        write=write,
    )


def run_verb(
    options: Options, ids: Sequence[str], deed: str, act: _Act, *, read_only: bool = False
) -> Answer:
    """
    Do one verb to the invoices and return the answer; a *read_only* one records nothing.

    Raises:
        BadInput: A person or an invoice is unknown, or one version is said of several invoices;
            nothing was done.
    """
    if options.expect is not None and len(ids) > 1:
        raise bad_input("--expect", "usage.invalid", "Name one invoice where you say --expect.")
    actor_id = options.actor_id
    with open_context(options, read_only=read_only) as context:
        actor = context.person(actor_id)
        context.invoices(ids)
        results = act(context, actor)
        denied = [each.id for each in results if not each.verdict]
        reasons = context.unreadable(denied) if denied else {}
        return answer_results([_explain(each, reasons) for each in results], deed)


def _explain(result: Result, reasons: Mapping[str, Denial]) -> Result:
    """Return a refused result with the reason that stands behind all: it cannot be read."""
    reason = reasons.get(result.id)
    if result.verdict or reason is None or isinstance(result.entry, UnreadableEntry):
        return result
    return Result(result.id, Verdict((reason,)), result.entry)
