"""Vendors and their holds are stored and read back."""

from __future__ import annotations

from erp_invoice_core.documents import Actor, Attachment, Hold, Vendor
from erp_invoice_core.vocabulary import Blocks, Level, Privilege
from erp_invoice_core.wire.procore.fields import Report, Scope
from erp_invoice_core.wire.procore.party import (
    dump_actor,
    dump_attachments,
    dump_vendor,
    parse_attachments,
    parse_holds,
    parse_user,
    read_actor,
    read_vendor,
)


def test_a_vendor_is_kept_with_its_holds() -> None:
    """Each hold is stored with all of its fields; without holds there is no field."""
    hold = Hold(code="waiver", message="It is missing.", blocks=Blocks.SEND, released_by="Ann")
    vendor = Vendor(id="7", name="Acme Steel", holds=(hold,))
    kept = {"code": "waiver", "message": "It is missing.", "blocks": "send", "released_by": "Ann"}
    assert {"id": "7", "name": "Acme Steel", "holds": [kept]} == dump_vendor(vendor)
    assert vendor == read_vendor(dump_vendor(vendor))
    assert {"id": "7", "name": "Acme Steel"} == dump_vendor(Vendor(id="7", name="Acme Steel"))


def test_attachments_are_kept_where_there_are_some() -> None:
    """They are stored without their defaults."""
    assert {} == dump_attachments([])
    kept = {"id": "1", "filename": "waiver.pdf"}
    assert {"attachments": [kept]} == dump_attachments([Attachment(id="1", filename="waiver.pdf")])


def test_a_person_is_kept_with_levels_privileges_and_rights() -> None:
    """They are in the order of their names."""
    person = Actor(
        id="ap",
        name="Ann",
        commitments={"11": Level.ADMIN, "10": Level.READ_ONLY},
        erp_integrations=Level.STANDARD,
        privileges=frozenset({Privilege.CAN_EXPORT}),
        rights=frozenset({"b", "a"}),
    )
    assert {
        "id": "ap",
        "name": "Ann",
        "permissions": {
            "commitments": {"10": "read_only", "11": "admin"},
            "erp_integrations": "standard",
        },
        "privileges": ["can_export"],
        "rights": ["a", "b"],
    } == dump_actor(person)
    assert person == read_actor(dump_actor(person))


def test_a_person_may_have_no_permissions() -> None:
    """Those on commitments may be absent alone."""
    for permissions in (None, {}, {"commitments": None}):
        report = Report()
        found = parse_user(
            Scope({"id": "ap", "name": "Ann", "permissions": permissions}, "", report)
        )
        assert Actor(id="ap", name="Ann") == found
        assert [] == report.problems


def test_a_hold_says_something() -> None:
    """A blank message is refused."""
    report = Report()
    blank = {"code": "waiver", "message": " ", "blocks": "send", "released_by": "Ann"}
    assert () == parse_holds(Scope({"holds": [blank]}, "", report))
    assert [("holds[0].message", "value.blank")] == [(p.path, p.code) for p in report.problems]


def test_a_blank_field_is_reported_beside_other_problems() -> None:
    """A hold with a blank message and an unknown action has two problems."""
    report = Report()
    hold = {"code": "waiver", "message": " ", "blocks": "breakfast", "released_by": "Ann"}
    assert () == parse_holds(Scope({"holds": [hold]}, "", report))
    assert ["holds[0].message", "holds[0].blocks"] == [problem.path for problem in report.problems]


def test_an_attachment_has_an_id_of_its_own() -> None:
    """The second attachment with an id is a problem."""
    report = Report()
    file = {"id": 1, "filename": "waiver.pdf"}
    parse_attachments(Scope({"attachments": [file, file]}, "", report))
    assert [("attachments[1].id", "id.duplicate")] == [(p.path, p.code) for p in report.problems]
