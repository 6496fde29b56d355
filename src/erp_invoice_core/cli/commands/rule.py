"""The verb ``rule``: a person resolves a call in doubt, with evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...flow import Resolution
from ...vocabulary import Role
from ..options import Options, Verb, id_argument
from ..output import Answer, build_bad_input
from ..verb import run_verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...documents import Actor, QueueEntry
    from ...queue import Result
    from ..context import CommandContext

_ROLES = frozenset(role.value for role in Role)
# One line for an invoice that was allowed, one for an invoice that was refused.
_RULE = (
    "{id}: resolved ({status}, version {version})",
    "{id}: not resolved ({status}, version {version})",
)


@click.command("rule", cls=Verb)
@id_argument
@click.argument("more", metavar="[ERP_ID...]", nargs=-1)
@click.option("--evidence", metavar="TEXT", help="How you know what is in the ERP.")
@click.option(
    "--synced",
    metavar="[ROLE=]ERP_ID",
    multiple=True,
    help="The invoice is in the ERP, as the document with this id; ids of its other documents may "
    "follow.",
)
@click.option("--absent", is_flag=True, help="Nothing of the invoice is in the ERP.")
@click.option(
    "--happened",
    metavar="STEP=ERP_ID",
    multiple=True,
    help="The ERP executed this step, on the document with this id; may be repeated.",
)
@click.option(
    "--step-absent",
    metavar="STEP",
    multiple=True,
    help="The ERP did not execute this step; may be repeated.",
)
@click.pass_obj
def rule(
    options: Options,
    id_: str,
    *,
    more: Sequence[str],
    evidence: str | None,
    synced: Sequence[str],
    absent: bool,
    happened: Sequence[str],
    step_absent: Sequence[str],
) -> Answer:
    """Resolve a call in doubt, with evidence."""
    ids = [*synced, *more]
    if bool(ids) + absent + bool(happened or step_absent) != 1 or (more and not synced):
        raise build_bad_input(
            "rule",
            "usage.invalid",
            "The options contradict each other or are missing. Give --synced, or --absent, or "
            "--happened or --step-absent for each step.",
        )

    def resolve(context: CommandContext, actor: Actor) -> Sequence[Result]:
        (entry,) = context.store.entries([id_])
        resolution = _build_resolution(
            entry, ids, absent=absent, happened=happened, gone=step_absent
        )
        return context.queue.rule(
            [id_], actor, resolution=resolution, evidence=evidence, expect=options.expect
        )

    return run_verb(options, [id_], _RULE, resolve)


def _build_resolution(
    entry: QueueEntry,
    synced: Sequence[str],
    *,
    absent: bool,
    happened: Sequence[str],
    gone: Sequence[str],
) -> Resolution:
    steps = dict(_parse_step(entry, each) for each in happened)
    try:
        return Resolution(
            synced=_assign_roles(entry, synced),
            absent=absent,
            happened=steps,
            steps_absent=tuple(gone),
        )
    except ValueError as refusal:
        raise build_bad_input("rule", "usage.invalid", str(refusal)) from refusal


def _assign_roles(entry: QueueEntry, given: Sequence[str]) -> dict[str, str]:
    """
    Return the ids of ``--synced`` by the role of their documents, such as ``bill``.

    An id without ``ROLE=`` gets the next role of the export plan that no other id has.

    Raises:
        BadInput: An id has no role, or a role has no id or two.
    """
    planned = [step.role.value for step in entry.plan if step.role is not None]
    free = [role for role in planned or [Role.BILL.value] if not _is_role_given(given, role)]
    found: dict[str, str] = {}
    for each in given:
        word, _, rest = each.partition("=")
        if word in _ROLES and rest:
            role, erp_id = word, rest
        elif free:
            role, erp_id = free.pop(0), each
        else:
            raise build_bad_input(
                "--synced",
                "usage.invalid",
                "The role of the document {erp_id} is not clear. Write ROLE={erp_id}.",
                erp_id=each,
            )
        if role in found or not erp_id.strip():
            raise build_bad_input(
                "--synced",
                "usage.invalid",
                "The role {role} has no ERP id or more than one. Give one.",
                role=role,
            )
        found[role] = erp_id
    return found


def _is_role_given(given: Sequence[str], role: str) -> bool:
    return any(each.startswith(f"{role}=") for each in given)


def _parse_step(entry: QueueEntry, given: str) -> tuple[str, str]:
    """
    Return the step name and the ERP id of an argument ``STEP=ERP_ID``.

    The names of planned steps are tried first, because such a name may have an equals sign.
    """
    planned = sorted((step.name for step in entry.plan), key=len, reverse=True)
    for name in planned:
        if given.startswith(f"{name}=") and given != f"{name}=":
            return name, given[len(name) + 1 :]
    step, sign, erp_id = given.partition("=")
    if not (step and sign and erp_id):
        raise build_bad_input(
            "--happened",
            "usage.invalid",
            "{given} names no step with its ERP id. Write STEP=ERP_ID.",
            given=given,
        )
    return step, erp_id
