"""A person has a level per tool: on Commitments per project, on ERP Integrations everywhere."""

from __future__ import annotations

import pytest

from erp_invoice_core.documents import POLICY, WORKER, Actor, InvalidDocument
from erp_invoice_core.vocabulary import Level, Privilege, Tool

ANN = Actor(
    id="ann",
    commitments={"10": Level.ADMIN},
    erp_integrations=Level.STANDARD,
    privileges=[Privilege.CAN_EXPORT],
    rights=["audit"],
)


def test_level_on_commitments_is_the_projects() -> None:
    """Admin here is nobody there."""
    assert Level.ADMIN is ANN.level(Tool.COMMITMENTS, "10")
    assert Level.NONE is ANN.level(Tool.COMMITMENTS, "11")
    assert Level.NONE is ANN.level(Tool.COMMITMENTS, None)


def test_level_on_erp_integrations_is_the_companys() -> None:
    """It is the same in every project, and without one."""
    assert Level.STANDARD is ANN.level(Tool.ERP_INTEGRATIONS, "11")
    assert Level.STANDARD is ANN.level(Tool.ERP_INTEGRATIONS, None)


def test_levels_privileges_and_rights_are_frozen() -> None:
    """What was given as list or dictionary cannot change afterwards."""
    given = {"10": Level.ADMIN}
    actor = Actor(id="ann", commitments=given)
    given["11"] = Level.ADMIN

    assert {"10": Level.ADMIN} == dict(actor.commitments)
    assert (frozenset({Privilege.CAN_EXPORT}), frozenset({"audit"})) == (
        ANN.privileges,
        ANN.rights,
    )


def test_person_needs_an_id() -> None:
    """Nobody acts without a name for the audit trail."""
    with pytest.raises(InvalidDocument) as raised:
        Actor(id=" ")

    assert ["id"] == [problem.path for problem in raised.value.problems]


def test_system_is_no_person() -> None:
    """The worker and the policy act without levels."""
    assert (True, True, False) == (WORKER.is_system, POLICY.is_system, ANN.is_system)
