"""The steps that all verbs about named invoices share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ..queue import Result
from ..stores import UnreadableEntry
from ..verdict import Denial, Verdict
from .context import Site, opened
from .json_shapes import result as shape
from .options import Options
from .output import DONE, REFUSED, Answer, bad
from .text import tell_answer

if TYPE_CHECKING:
    from ..documents import Actor
    from .text import Screen


_Act: TypeAlias = Callable[["Site", "Actor"], "Sequence[Result]"]


def answer_of(results: Sequence[Result], deed: str) -> Answer:
    """Return the answer for these invoices; ``deed`` heads what was done: ``sent``."""

    def tell(screen: Screen) -> None:
        for each in results:
            said = deed if each.verdict else f"not {deed}"
            entry = each.entry
            heading = f"{each.id}: {said} ({entry.status.value}, version {entry.version})"
            tell_answer(screen, heading, each.verdict)

    refused = any(not each.verdict for each in results)
    return Answer(
        status=REFUSED if refused else DONE,
        document={"results": [shape(each.id, each.verdict, each.entry) for each in results]},
        tell=tell,
    )


def acted(
    options: Options, ids: Sequence[str], deed: str, act: _Act, *, read_only: bool = False
) -> Answer:
    """
    Do one verb to the invoices and return the answer; a *read_only* one records nothing.

    Raises:
        BadInput: A person or an invoice is unknown, or one version is said of several invoices;
            nothing was done.
    """
    if options.expect is not None and len(ids) > 1:
        raise bad("--expect", "usage.invalid", "Name one invoice where you say --expect.")
    actor_id = options.actor_id
    with opened(options, read_only=read_only) as site:
        actor = site.person(actor_id)
        site.invoices(ids)
        results = act(site, actor)
        denied = [each.id for each in results if not each.verdict]
        reasons = site.unreadable(denied) if denied else {}
        return answer_of([_explained(each, reasons) for each in results], deed)


def _explained(result: Result, reasons: Mapping[str, Denial]) -> Result:
    """Return a refused result with the reason that stands behind all: it cannot be read."""
    reason = reasons.get(result.id)
    if result.verdict or reason is None or isinstance(result.entry, UnreadableEntry):
        return result
    return Result(result.id, Verdict((reason,)), result.entry)
