"""Values stored by version 0.1 are read as current values, and stay stored unchanged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from erp_invoice_core.canonical import InvalidData
from erp_invoice_core.events import AuditEvent
from erp_invoice_core.verdict import Denial, Remedy, Source
from erp_invoice_core.wire import converter
from erp_invoice_core.wire.converter import convert_denial


def _read_stored(remedies: object, code: str = "status.send") -> dict[str, Any]:
    return {
        "code": code,
        "message": "Wait.",
        "source": "status",
        "facts": {"status": "ready"},
        "remedies": remedies,
    }


def _read(stored: object) -> Denial:
    return converter.unpack(json.dumps(stored).encode(), Denial)


def _sentence(message: str, who: str) -> Remedy:
    return Remedy("stored.sentence", None, None, who, message)


def test_sentences_and_roles_become_alternatives() -> None:
    """Each remedy of version 0.1 was enough by itself."""
    former = [{"do": "Retrieve it.", "who": "Admin"}, {"do": "Reject it.", "who": "Approver"}]

    expected = Denial(
        "status.send",
        "Wait.",
        Source.STATUS,
        {"status": "ready"},
        ((_sentence("Retrieve it.", "Admin"),), (_sentence("Reject it.", "Approver"),)),
    )
    assert expected == _read(_read_stored(former))


def test_permissions_of_version_0_1_were_all_needed() -> None:
    """Two needs of one permission are one way, not two."""
    former = [{"do": "Give Standard.", "who": "A"}, {"do": "Give the privilege.", "who": "A"}]

    assert ((_sentence("Give Standard.", "A"), _sentence("Give the privilege.", "A")),) == (
        _read(_read_stored(former, "permission.accept")).remedies
    )


def test_todays_shape_is_read_as_it_is() -> None:
    """A packed denial is read back equal, and unchanged."""
    denial = Denial(
        "status.send", "Wait.", Source.STATUS, {}, ((Remedy("wait", None, None, "W", "Wait."),),)
    )
    stored = converter.dump(denial)

    assert denial == converter.unpack(converter.pack(denial), Denial)
    assert stored is convert_denial(stored)


@pytest.mark.parametrize(
    "stored",
    [
        _read_stored([]),
        {"code": "status.send", "message": "Wait.", "source": "status"},
    ],
)
def test_denials_without_remedies_have_none(stored: object) -> None:
    """An empty row, or a missing one, is no remedy."""
    assert () == _read(stored).remedies


@pytest.mark.parametrize(
    "stored",
    [
        [],
        "denial",
        _read_stored([{"do": "Wait."}]),
        _read_stored([{"do": 1, "who": "You"}]),
        _read_stored(["Wait."]),
        _read_stored([[]]),
        _read_stored([{"do": "Wait.", "who": "You"}, []]),
    ],
)
def test_what_no_version_stored_is_refused(stored: object) -> None:
    """A row that lacks a part, or has neither shape, is damaged."""
    with pytest.raises(InvalidData, match=r"This is not a Denial|Expected text"):
        _read(stored)


def test_stored_events_are_read_with_their_remedies() -> None:
    """The remedies of an event of version 0.1 have its own sentences."""
    stored = {
        "action": "reject",
        "actor": "ap",
        "after": "rejected",
        "at": "2026-11-02T09:00:00.000000+00:00",
        "before": "ready",
        "denials": [
            {
                "code": "person.rejected",
                "facts": {"by": "ap"},
                "message": "Wrong amount.",
                "remedies": [
                    {
                        "do": "Correct the invoice and send it again.",
                        "who": "Admin on Commitments",
                    }
                ],
                "source": "person",
            }
        ],
        "entry_id": "5001",
        "version": 2,
        "facts": {},
        "seq": 2,
    }
    event = converter.unpack(json.dumps(stored).encode(), AuditEvent)

    assert ((_sentence("Correct the invoice and send it again.", "Admin on Commitments"),),) == (
        event.denials[0].remedies
    )
