"""The accounting approver's verbs, from ``accept`` to ``unlink``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ...flow import Resolution
from ...vocabulary import Role
from ..options import Ids, Options
from ..output import Answer, bad_input
from ..verb import run_verb
from .inspect import Id

if TYPE_CHECKING:
    from ...documents import Actor, QueueEntry
    from ...queue import Result
    from ..context import CommandContext


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
    return run_verb(
        options,
        ids,
        "accepted",
        lambda context, actor: context.queue.accept(
            ids, actor, fields=fields, expect=options.expect
        ),
    )


def _pairs(given: Sequence[str]) -> Mapping[str, str]:
    pairs: dict[str, str] = {}
    for each in given:
        key, sign, value = each.partition("=")
        if not (key and sign):
            raise bad_input("--field", "usage.invalid", "Write each field as KEY=VALUE.")
        if key in pairs:
            raise bad_input("--field", "usage.invalid", f"Give the field {key} once.")
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
    return run_verb(
        options,
        ids,
        "rejected",
        lambda context, actor: context.queue.reject(
            ids, actor, reason=reason, expect=options.expect
        ),
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
    return run_verb(
        options,
        ids,
        "released again",
        lambda context, actor: context.queue.retry(
            ids, actor, fields=fields, expect=options.expect
        ),
    )


def withdraw(options: Options, ids: Ids, evidence: _Evidence = None) -> Answer:
    """Have what was left in the ERP removed there, or say with evidence that it is."""
    return run_verb(
        options,
        ids,
        "asked to be withdrawn",
        lambda context, actor: context.queue.withdraw(
            ids, actor, evidence=evidence, expect=options.expect
        ),
    )


def unlink(options: Options, ids: Ids, evidence: _Evidence = None) -> Answer:
    """Part synced invoices from their documents, which are gone from the ERP."""
    return run_verb(
        options,
        ids,
        "unlinked",
        lambda context, actor: context.queue.unlink(
            ids, actor, evidence=evidence, expect=options.expect
        ),
    )


_ROLES = frozenset(role.value for role in Role)
_Texts = list[str] | None


def rule(
    options: Options,
    id_: Id,
    *,
    more: Annotated[
        _Texts, typer.Argument(metavar="[ERP_ID...]", help="Further ERP ids of --synced.")
    ] = None,
    evidence: Annotated[
        str | None, typer.Option("--evidence", metavar="TEXT", help="What was seen over there.")
    ] = None,
    synced: Annotated[
        _Texts,
        typer.Option("--synced", metavar="[ROLE=]ERP_ID", help="It is there, with these ids."),
    ] = None,
    absent: Annotated[bool, typer.Option("--absent", help="Nothing of it is there.")] = False,
    happened: Annotated[
        _Texts, typer.Option("--happened", metavar="STEP=ERP_ID", help="This step happened.")
    ] = None,
    step_absent: Annotated[
        _Texts, typer.Option("--step-absent", metavar="STEP", help="This step did not happen.")
    ] = None,
) -> Answer:
    """Say with evidence what happened in the ERP, where a call is in doubt."""
    ids = [*(synced or []), *(more or [])]
    if bool(ids) + absent + bool(happened or step_absent) != 1 or (more and not synced):
        sentence = "Say one of --synced, --absent, or --happened and --step-absent for each step."
        raise bad_input("rule", "usage.invalid", sentence)

    def settle(context: CommandContext, actor: Actor) -> Sequence[Result]:
        (entry,) = context.store.entries([id_])
        ruling = _ruling(entry, ids, absent=absent, happened=happened or [], gone=step_absent or [])
        return context.queue.rule(
            [id_], actor, ruling=ruling, evidence=evidence, expect=options.expect
        )

    return run_verb(options, [id_], "ruled", settle)


def _ruling(
    entry: QueueEntry,
    synced: Sequence[str],
    *,
    absent: bool,
    happened: Sequence[str],
    gone: Sequence[str],
) -> Resolution:
    steps = dict(_step(entry, each) for each in happened)
    try:
        return Resolution(
            synced=_by_role(entry, synced), absent=absent, happened=steps, steps_absent=tuple(gone)
        )
    except ValueError as refusal:
        raise bad_input("rule", "usage.invalid", str(refusal)) from refusal


def _by_role(entry: QueueEntry, given: Sequence[str]) -> dict[str, str]:
    """Return ERP ids by role; those without a word get the roles of the plan, in its order."""
    planned = [step.role.value for step in entry.plan if step.role is not None]
    free = [role for role in planned or [Role.BILL.value] if not _says(given, role)]
    found: dict[str, str] = {}
    for each in given:
        word, _, rest = each.partition("=")
        if word in _ROLES and rest:
            role, erp_id = word, rest
        elif free:
            role, erp_id = free.pop(0), each
        else:
            raise bad_input(
                "--synced", "usage.invalid", f"Say which document {each} is: ROLE={each}."
            )
        if role in found or not erp_id.strip():
            raise bad_input("--synced", "usage.invalid", "Give one ERP id for each role.")
        found[role] = erp_id
    return found


def _says(given: Sequence[str], role: str) -> bool:
    return any(each.startswith(f"{role}=") for each in given)


def _step(entry: QueueEntry, given: str) -> tuple[str, str]:
    """Return step and ERP id; a step's own name may hold an equals sign."""
    planned = sorted((step.name for step in entry.plan), key=len, reverse=True)
    for name in planned:
        if given.startswith(f"{name}=") and given != f"{name}=":
            return name, given[len(name) + 1 :]
    step, sign, erp_id = given.partition("=")
    if not (step and sign and erp_id):
        raise bad_input("--happened", "usage.invalid", "Write STEP=ERP_ID.")
    return step, erp_id
