"""Vendors and their holds, written and read back."""

from __future__ import annotations

from erp_invoice_core.documents import Attachment, Hold, Vendor
from erp_invoice_core.vocabulary import Blocks
from erp_invoice_core.wire.procore.party import dump_attachments, dump_vendor, read_vendor


def test_a_vendor_is_kept_with_its_holds() -> None:
    """Each hold with all of its fields; without any there is no field."""
    hold = Hold(code="waiver", message="It is missing.", blocks=Blocks.SEND, released_by="Ann")
    vendor = Vendor(id="7", name="Acme Steel", holds=(hold,))
    kept = {"code": "waiver", "message": "It is missing.", "blocks": "send", "released_by": "Ann"}
    assert {"id": "7", "name": "Acme Steel", "holds": [kept]} == dump_vendor(vendor)
    assert vendor == read_vendor(dump_vendor(vendor))
    assert {"id": "7", "name": "Acme Steel"} == dump_vendor(Vendor(id="7", name="Acme Steel"))


def test_attachments_are_kept_where_there_are_some() -> None:
    """Without their defaults."""
    assert {} == dump_attachments([])
    kept = {"id": "1", "filename": "waiver.pdf"}
    assert {"attachments": [kept]} == dump_attachments([Attachment(id="1", filename="waiver.pdf")])
