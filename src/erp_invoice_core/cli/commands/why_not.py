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
    help="The action, as in change-status. Default: send.",
)
@click.pass_obj
def why_not(options: Options, ids: Sequence[str], action: str) -> Answer:
    """Check for each invoice whether an action is allowed, and list every denial."""
    asked = _ACTIONS[action]
    seen: dict[str, Any] = {} if options.expect is None else {"version_seen": options.expect}

    def ask(context: CommandContext, actor: Actor) -> Sequence[Result]:
        to = context.require_connection(options.to or DEFAULT)
        bound = [
            entry.id
            for entry in context.store.entries(ids)
            if entry.connection is not None and asked is not Action.SEND
        ]
        free = [id_ for id_ in ids if id_ not in set(bound)]
        results = [
            *context.queue.why_not(bound, actor, asked, **seen),
            *context.queue.why_not(free, actor, asked, connection=to, **seen),
        ]
        answers = {each.id: each for each in results}
        return [answers[id_] for id_ in ids]

    return run_verb(options, ids, _WHY_NOT[action], ask, read_only=True)
