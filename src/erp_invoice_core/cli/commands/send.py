"""The sender's verbs: ``send``, ``resend``, ``retrieve``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...queue import ExportQueue
from ..connections import DEFAULT
from ..options import Options, Verb, ids_argument
from ..verb import run_queue_verb, run_verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..output import Answer

# One line for an invoice that was allowed, one for an invoice that was refused.
_SEND = ("{id}: sent ({status}, version {version})", "{id}: not sent ({status}, version {version})")
_RESEND = (
    "{id}: sent again ({status}, version {version})",
    "{id}: not sent again ({status}, version {version})",
)
_RETRIEVE = (
    "{id}: retrieved ({status}, version {version})",
    "{id}: not retrieved ({status}, version {version})",
)


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
    return run_queue_verb(options, ids, _RESEND, ExportQueue.resend)


@click.command("retrieve", cls=Verb)
@ids_argument
@click.pass_obj
def retrieve(options: Options, ids: Sequence[str]) -> Answer:
    """Take back invoices that the accounting approver has not answered yet."""
    return run_queue_verb(options, ids, _RETRIEVE, ExportQueue.retrieve)
