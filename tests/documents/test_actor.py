"""A person has one level per project on Commitments, and one level on ERP Integrations."""

from __future__ import annotations

from typing import Any

import pytest

from erp_invoice_core.documents import POLICY, WORKER, Actor, InvalidDocument
from erp_invoice_core.vocabulary import Level, Privilege, Tool

ANN = Actor(
    id="ann",
    commitments={"10": Level.ADMIN},
    erp_integrations=Level.STANDARD,
    privileges=[Privilege.CAN_EXPORT],
    rights=["audit"],
    project_rights={"10": ["bills.send"]},
)


def test_level_on_commitments_is_the_projects() -> None:
    """An admin of one project has no level in another."""
    assert Level.ADMIN is ANN.find_level(Tool.COMMITMENTS, "10")
    assert Level.NONE is ANN.find_level(Tool.COMMITMENTS, "11")
    assert Level.NONE is ANN.find_level(Tool.COMMITMENTS, None)


def test_level_on_erp_integrations_is_the_companys() -> None:
    """It is the same in every project, and without one."""
    assert Level.STANDARD is ANN.find_level(Tool.ERP_INTEGRATIONS, "11")
    assert Level.STANDARD is ANN.find_level(Tool.ERP_INTEGRATIONS, None)


def test_levels_privileges_and_rights_are_frozen() -> None:
    """The actor does not change with the list or dictionary that it was made from."""
    given = {"10": Level.ADMIN}
    actor = Actor(id="ann", commitments=given)
    given["11"] = Level.ADMIN

    assert {"10": Level.ADMIN} == dict(actor.commitments)
    assert (frozenset({Privilege.CAN_EXPORT}), frozenset({"audit"})) == (
        ANN.privileges,
        ANN.rights,
    )
    assert {"10": frozenset({"bills.send"})} == dict(ANN.project_rights)


def test_person_needs_an_id() -> None:
    """A blank id is refused, because every event has an actor."""
    with pytest.raises(InvalidDocument) as raised:
        Actor(id=" ")

    assert ["id"] == [problem.path for problem in raised.value.problems]


@pytest.mark.parametrize("id_", ["system:worker", "system:policy", "system:x"])
def test_ids_of_the_system_are_reserved(id_: str) -> None:
    """A host's person is never taken for the worker or the policy in the audit log."""
    with pytest.raises(InvalidDocument) as raised:
        Actor(id=id_)

    assert [("id", "person.reserved")] == [(one.path, one.code) for one in raised.value.problems]


def test_a_person_is_not_the_system() -> None:
    """Only the ids of the system act as the system."""
    with pytest.raises(ValueError, match="reserved"):
        Actor(id="ann", is_system=True)


@pytest.mark.parametrize("given", [{"rights": "a.b"}, {"project_rights": {"10": "a.b"}}])
def test_rights_are_a_collection(given: dict[str, Any]) -> None:
    """One text would be taken for one-letter rights."""
    with pytest.raises(ValueError, match="is not a collection of rights"):
        Actor(id="ann", **given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"erp_integrations": "standard"}, "'standard' is not a Level"),
        ({"commitments": {"10": "admin"}}, "'admin' is not a Level"),
        ({"privileges": "can_export"}, "'can_export'.* is not a collection of privileges"),
        ({"privileges": {"can_export"}}, "'can_export'.* is not a collection of privileges"),
    ],
)
def test_levels_and_privileges_are_members(given: dict[str, Any], message: str) -> None:
    """A text in place of a level or a privilege would give no permission, or fail later."""
    with pytest.raises(ValueError, match=message):
        Actor(id="ann", **given)


def test_system_is_no_person() -> None:
    """The worker and the policy act without levels."""
    assert (True, True, False) == (WORKER.is_system, POLICY.is_system, ANN.is_system)
