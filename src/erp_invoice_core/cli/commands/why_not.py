"""The verb ``why-not``: checks an action, and lists every denial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...vocabulary import Action
from ..connections import DEFAULT
from ..options import Options, Verb, ids_argument
from ..verb import run_verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...documents import Actor
    from ...queue import Result
    from ..context import CommandContext
    from ..output import Answer

_ACTIONS = {action.value.replace("_", "-"): action for action in Action}
# One line for an invoice that was allowed, one for an invoice that was refused.
_WHY_NOT = {
    name: (
        f"{{id}}: allowed to {name} ({{status}}, version {{version}})",
        f"{{id}}: not allowed to {name} ({{status}}, version {{version}})",
    )
    for name in _ACTIONS
}


@click.command("why-not", cls=Verb)
@ids_argument
@click.option(
    "--action",
    metavar="ACTION",
    type=click.Choice(sorted(_ACTIONS)),
    default="send",
    help="The action that is checked, as change-status. Default: send.",
)
@click.pass_obj
def why_not(options: Options, ids: Sequence[str], action: str) -> Answer:
    """Check for each invoice whether an action is allowed, and list every denial."""
    asked = _ACTIONS[action]
    seen: dict[str, Any] = {} if options.expect is None else {"version_seen": options.expect}

    def ask(context: CommandContext, actor: Actor) -> Sequence[Result]:
        to = context.require_connection(options.to or DEFAULT)
        free: list[str] = []
        bound: list[str] = []
        for entry in context.store.entries(ids):
            is_free = asked is Action.SEND or entry.connection is None
            (free if is_free else bound).append(entry.id)
        results = list(context.queue.why_not(free, actor, asked, connection=to, **seen))
        for facts, alike in _ask_erps(context, bound, actor, asked):
            results += context.queue.why_not(alike, actor, asked, **facts, **seen)
        answers = {each.id: each for each in results}
        return [answers[id_] for id_ in ids]

    return run_verb(options, ids, _WHY_NOT[action], ask, read_only=True)


def _ask_erps(
    context: CommandContext, ids: list[str], actor: Actor, action: Action
) -> list[tuple[dict[str, Any], list[str]]]:
    """Return facts from the ERPs for accept and retry, each with the ids of its invoices."""
    found: list[tuple[dict[str, Any], list[str]]] = []
    for id_, facts in context.queue.consent_facts(ids, actor, action).items():
        alike = next((known for told, known in found if told == facts), None)
        if alike is None:
            found.append((facts, [id_]))
        else:
            alike.append(id_)
    return found
