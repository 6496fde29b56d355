"""The accounting approver's verbs: accept, reject, retry, withdraw, unlink."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from .acting import acted
from .answer import Answer, bad
from .options import Ids, Options

__all__ = ["accept", "reject", "retry", "unlink", "withdraw"]

_Evidence = Annotated[
    str | None, typer.Option("--evidence", metavar="TEXT", help="What was seen over there.")
]


def accept(
    options: Options,
    ids: Ids,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="KEY=VALUE", help="An extra export field; repeatable."),
    ] = None,
) -> Answer:
    """Accept invoices for export."""
    fields = _pairs(field or [])
    return acted(
        options,
        ids,
        "accepted",
        lambda site, actor: site.queue.accept(ids, actor, fields=fields, expect=options.expect),
    )


def _pairs(given: Sequence[str]) -> Mapping[str, str]:
    pairs: dict[str, str] = {}
    for each in given:
        key, sign, value = each.partition("=")
        if not (key and sign):
            raise bad("--field", "usage.invalid", "Write each field as KEY=VALUE.")
        if key in pairs:
            raise bad("--field", "usage.invalid", f"Give the field {key} once.")
        pairs[key] = value
    return pairs


def reject(
    options: Options,
    ids: Ids,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="What the sender is told.")
    ] = None,
) -> Answer:
    """Send invoices back to their sender, with a reason."""
    return acted(
        options,
        ids,
        "rejected",
        lambda site, actor: site.queue.reject(ids, actor, reason=reason, expect=options.expect),
    )


def retry(
    options: Options,
    ids: Ids,
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            metavar="KEY=VALUE",
            help="An export field in place of the accepted one; repeatable, blank removes it.",
        ),
    ] = None,
) -> Answer:
    """Export invoices again after a failure."""
    fields = _pairs(field or [])
    return acted(
        options,
        ids,
        "released again",
        lambda site, actor: site.queue.retry(ids, actor, fields=fields, expect=options.expect),
    )


def withdraw(options: Options, ids: Ids, evidence: _Evidence = None) -> Answer:
    """Have what was left in the ERP removed there, or say with evidence that it is."""
    return acted(
        options,
        ids,
        "asked to be withdrawn",
        lambda site, actor: site.queue.withdraw(
            ids, actor, evidence=evidence, expect=options.expect
        ),
    )


def unlink(options: Options, ids: Ids, evidence: _Evidence = None) -> Answer:
    """Part synced invoices from their documents, which are gone from the ERP."""
    return acted(
        options,
        ids,
        "unlinked",
        lambda site, actor: site.queue.unlink(ids, actor, evidence=evidence, expect=options.expect),
    )
