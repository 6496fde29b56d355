"""The verb ``rule``: a person says, with evidence, what happened in the ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..flow import Ruling
from ..vocabulary import Role
from .acting import acted
from .answer import Answer, bad
from .looking import Id
from .options import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..documents import Actor, QueueEntry
    from ..queue import Result
    from .site import Site

__all__ = ["rule"]

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
        raise bad("rule", "usage.invalid", sentence)

    def settle(site: Site, actor: Actor) -> Sequence[Result]:
        (entry,) = site.store.entries([id_])
        ruling = _ruling(entry, ids, absent=absent, happened=happened or [], gone=step_absent or [])
        return site.queue.rule(
            [id_], actor, ruling=ruling, evidence=evidence, expect=options.expect
        )

    return acted(options, [id_], "ruled", settle)


def _ruling(
    entry: QueueEntry,
    synced: Sequence[str],
    *,
    absent: bool,
    happened: Sequence[str],
    gone: Sequence[str],
) -> Ruling:
    steps = dict(_step(entry, each) for each in happened)
    try:
        return Ruling(
            synced=_by_role(entry, synced), absent=absent, happened=steps, steps_absent=tuple(gone)
        )
    except ValueError as refusal:
        raise bad("rule", "usage.invalid", str(refusal)) from refusal


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
            raise bad("--synced", "usage.invalid", f"Say which document {each} is: ROLE={each}.")
        if role in found or not erp_id.strip():
            raise bad("--synced", "usage.invalid", "Give one ERP id for each role.")
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
        raise bad("--happened", "usage.invalid", "Write STEP=ERP_ID.")
    return step, erp_id
