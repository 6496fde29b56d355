"""The closed words are those of the domain, and tables can be indexed by them."""

from __future__ import annotations

import copy
import pickle

import pytest

from erp_invoice_core.vocabulary import (
    SENDABLE,
    Action,
    ExportStatus,
    Feature,
    InvoiceStatus,
    ItemType,
    Level,
    PurchaseOrderStatus,
    SubcontractStatus,
)


def test_invoice_statuses_are_procores_six() -> None:
    """There are six invoice statuses and no void among them (domain 2.1)."""
    expected = {
        "draft",
        "under_review",
        "revise_and_resubmit",
        "approved",
        "approved_as_noted",
        "pending_owner_approval",
    }

    assert expected == {status.value for status in InvoiceStatus}


def test_three_statuses_are_sendable() -> None:
    """Approved, Approved as Noted and Pending Owner Approval can be sent (seed)."""
    expected = {"approved", "approved_as_noted", "pending_owner_approval"}

    assert expected == {status.value for status in SENDABLE}


def test_export_statuses_are_nine() -> None:
    """The queue has the nine statuses of the design, in their usual order."""
    expected = [
        "not_sent",
        "ready",
        "retrieved",
        "rejected",
        "accepted",
        "exporting",
        "failed",
        "unknown",
        "synced",
    ]

    assert expected == [status.value for status in ExportStatus]


def test_commitment_statuses_are_spelled_as_procore_does() -> None:
    """Subcontracts and purchase orders each have their own list (domain 2.3)."""
    subcontracts = {
        "Draft",
        "Out For Bid",
        "Out For Signature",
        "Approved",
        "Complete",
        "Terminated",
        "Void",
    }
    orders = {
        "Draft",
        "Processing",
        "Submitted",
        "Partially Received",
        "Received",
        "Approved",
        "Closed",
    }

    assert subcontracts == {status.value for status in SubcontractStatus}
    assert orders == {status.value for status in PurchaseOrderStatus}


def test_levels_include_those_before() -> None:
    """Levels are ordered from none to admin."""
    assert Level.NONE < Level.READ_ONLY < Level.STANDARD < Level.ADMIN


@pytest.mark.parametrize(
    ("item_type", "expected"),
    [
        ("contract_item", False),
        ("contract_detail_item", False),
        ("change_order_item", True),
        ("whole_change_order_item", True),
    ],
)
def test_two_item_types_belong_to_change_orders(item_type: str, expected: bool) -> None:
    """Change-order items and whole packages are changes, the other two are contract."""
    assert expected is ItemType(item_type).is_change


@pytest.mark.parametrize("word", [Action.SEND, ExportStatus.READY, Feature.RETAINAGE])
def test_words_are_found_again_after_copy_and_pickle(word: object) -> None:
    """A word that was copied or pickled is the same key of a table."""
    table = {word: "row"}

    assert "row" == table[copy.deepcopy(word)]
    assert "row" == table[pickle.loads(pickle.dumps(word))]  # noqa: S301  (our own bytes)
