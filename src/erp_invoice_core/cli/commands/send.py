"""The sender's verbs: ``why-not``, ``send``, ``resend``, ``retrieve``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...vocabulary import Action
from ..connections import DEFAULT
from ..options import Ids, Options
from ..output import Answer, bad_input
from ..verb import run_verb

if TYPE_CHECKING:
    from ...documents import Actor
    from ...queue import Result
    from ..context import CommandContext


_WORDS = {action.value.replace("_", "-"): action for action in Action}


def why_not(
    options: Options,
    ids: Ids,
    action: Annotated[
        str, typer.Option("--action", metavar="ACTION", help="The action, as in: change-status.")
    ] = "send",
) -> Answer:
    """Say for each invoice whether an action is allowed, and every reason why not."""
    if action not in _WORDS:
        sentence = f"Name an action: {', '.join(sorted(_WORDS))}."
        raise bad_input("--action", "usage.invalid", sentence)
    asked = _WORDS[action]
    seen: dict[str, Any] = {} if options.expect is None else {"version_seen": options.expect}

    def ask(context: CommandContext, actor: Actor) -> Sequence[Result]:
        to = context.connection(options.to or DEFAULT)
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

    return run_verb(options, ids, f"allowed to {action}", ask, read_only=True)


def send(options: Options, ids: Ids) -> Answer:
    """Send invoices to the ERP tool."""
    return run_verb(
        options,
        ids,
        "sent",
        lambda context, actor: context.queue.send(
            ids,
            actor,
            connection=context.connection(options.to or DEFAULT),
            expect=options.expect,
        ),
    )


def resend(options: Options, ids: Ids) -> Answer:
    """Send invoices again that were rejected."""
    return run_verb(
        options,
        ids,
        "sent again",
        lambda context, actor: context.queue.resend(ids, actor, expect=options.expect),
    )


def retrieve(options: Options, ids: Ids) -> Answer:
    """Take invoices back before the accounting approver has answered."""
    return run_verb(
        options,
        ids,
        "retrieved",
        lambda context, actor: context.queue.retrieve(ids, actor, expect=options.expect),
    )
