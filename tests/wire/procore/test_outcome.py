"""A record with the plain object that reads back as it."""

from __future__ import annotations

from erp_invoice_core.documents import Project
from erp_invoice_core.wire.procore.outcome import Loaded


def test_a_record_is_kept_as_canonical_ascii() -> None:
    """Its digest is the same on every system."""
    project = Project(id="10", name="Café")
    loaded = Loaded("10", project, {"name": "Café", "id": "10"})
    assert r'{"id":"10","name":"Caf\u00e9"}' == loaded.body


def test_two_records_are_the_same_by_their_value() -> None:
    """Where a file has them does not count, and they may be members of a set."""
    project = Project(id="10", name="Pier 9")
    first = Loaded("10", project, {"id": "10", "name": "Pier 9"}, "projects[0]")
    again = Loaded("10", project, {"name": "Pier 9", "id": "10"}, "projects[1]")
    assert 1 == len({first, again})
