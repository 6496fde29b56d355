"""The verb ``why-not``: checks an action, and lists every denial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...rules.conditions.condition import CONSENTING
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
        bound: dict[str | None, list[str]] = {}
        for entry in context.store.entries(ids):
            name = None if asked is Action.SEND else entry.connection
            bound.setdefault(name, []).append(entry.id)
        free = bound.pop(None, [])
        results = list(context.queue.why_not(free, actor, asked, connection=to, **seen))
        for name, there in bound.items():
            periods = _read_periods(context, name, asked)
            results += context.queue.why_not(there, actor, asked, **periods, **seen)
        answers = {each.id: each for each in results}
        return [answers[id_] for id_ in ids]

    return run_verb(options, ids, _WHY_NOT[action], ask, read_only=True)


def _read_periods(
    context: CommandContext, connection: str | None, action: Action
) -> dict[str, Any]:
    """Return, for accept and retry, the facts about the ERP's accounting periods; else no facts."""
    if connection is None or action not in CONSENTING:
        return {}
    return context.queue.period_facts(connection)
