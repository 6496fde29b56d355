"""The sender's verbs: ``why-not``, ``send``, ``resend``, ``retrieve``."""

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
_SEND = ("{id}: sent ({status}, version {version})", "{id}: not sent ({status}, version {version})")
_RESEND = (
    "{id}: sent again ({status}, version {version})",
    "{id}: not sent again ({status}, version {version})",
)
_RETRIEVE = (
    "{id}: retrieved ({status}, version {version})",
    "{id}: not retrieved ({status}, version {version})",
)


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


@click.command("send", cls=Verb)
@ids_argument
@click.pass_obj
def send(options: Options, ids: Sequence[str]) -> Answer:
    """Send invoices to the ERP tool."""
    return run_verb(
        options,
        ids,
        _SEND,
        lambda context, actor: context.queue.send(
            ids,
            actor,
            connection=context.require_connection(options.to or DEFAULT),
            expect=options.expect,
        ),
    )


@click.command("resend", cls=Verb)
@ids_argument
@click.pass_obj
def resend(options: Options, ids: Sequence[str]) -> Answer:
    """Send rejected invoices again."""
    return run_verb(
        options,
        ids,
        _RESEND,
        lambda context, actor: context.queue.resend(ids, actor, expect=options.expect),
    )


@click.command("retrieve", cls=Verb)
@ids_argument
@click.pass_obj
def retrieve(options: Options, ids: Sequence[str]) -> Answer:
    """Take back invoices that the accounting approver has not answered yet."""
    return run_verb(
        options,
        ids,
        _RETRIEVE,
        lambda context, actor: context.queue.retrieve(ids, actor, expect=options.expect),
    )
