"""Projects, vendors, holds and attachments have ids and names."""

from __future__ import annotations

from typing import Any

import pytest

from erp_invoice_core.documents import Attachment, Hold, InvalidDocument, Project, Vendor
from erp_invoice_core.vocabulary import Blocks


@pytest.mark.parametrize(
    ("kind", "given", "paths"),
    [
        (Project, {"id": "", "name": "Harbor Point"}, ["id"]),
        (Vendor, {"id": " ", "name": "Acme"}, ["id"]),
        (Attachment, {"id": "9", "filename": ""}, ["filename"]),
        (
            Hold,
            {"code": "", "message": "", "blocks": Blocks.SEND, "released_by": ""},
            ["code", "message", "released_by"],
        ),
    ],
)
def test_blank_fields_are_reported(kind: type, given: dict[str, Any], paths: list[str]) -> None:
    """Every blank field that must not be blank is reported."""
    with pytest.raises(InvalidDocument) as raised:
        kind(**given)

    assert paths == [problem.path for problem in raised.value.problems]


def test_vendor_is_linked_once_it_has_an_erp_id() -> None:
    """Without an ERP id a vendor is not linked."""
    assert Vendor(id="7", name="Acme").origin_id is None
    assert "V-1" == Vendor(id="7", name="Acme", origin_id="V-1").origin_id
