"""The verb ``people``."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.cli.command_run import write_document

if TYPE_CHECKING:
    from tests.cli.command_run import Erp


def test_people_are_listed_with_their_permissions(loaded: Erp) -> None:
    """Each person has the level on both tools and the privileges, in the order of the ids."""
    found = loaded("people", "--json").document["people"]

    assert ["ap", "controller", "guest", "owner", "pm", "super"] == [each["id"] for each in found]
    assert {
        "id": "controller",
        "name": "Carla Osei, controller",
        "commitments": {"10": "admin", "20": "admin"},
        "erp_integrations": "admin",
        "privileges": ["can_export", "can_push_to_accounting"],
    } == found[1]
    out = " ".join(loaded("people").out.split())
    assert "6 people" in out
    assert "admin in 10, 20" in out


def test_one_person_is_not_many(erp: Erp, project: dict[str, Any]) -> None:
    """The line below the table counts one person."""
    del project["users"][1:]
    erp("load", write_document(project))

    assert "\n1 person\n" in erp("people").out


def test_control_characters_of_a_name_are_escaped(erp: Erp, project: dict[str, Any]) -> None:
    """A terminal receives none of them."""
    project["users"][0]["name"] = "Paula\x1b[31m\u202e"
    erp("load", write_document(project))

    assert not {"\x1b", "\u202e"} & set(erp("people").out)


def test_person_that_cannot_be_read_is_listed(loaded: Erp) -> None:
    """Its id is there, with what to do; the others are listed as usual."""
    with closing(sqlite3.connect("erp.db")) as db:
        db.execute("UPDATE erp_records SET body = '{' WHERE kind = 'user' AND id = 'pm'")
        db.commit()

    found = {each["id"]: each["name"] for each in loaded("people", "--json").document["people"]}

    assert (None, "Guy Estes, visitor") == (found["pm"], found["guest"])
    assert "load this person again" in " ".join(loaded("people").out.split())


def test_errors_name_the_verb(loaded: Erp) -> None:
    """Without a person, and with an unknown one, the sentence says where the ids are."""
    assert "erp-invoice people" in loaded("send", "5001").err
    assert "erp-invoice people lists them" in loaded("send", "5001", "--as", "nobody").err
