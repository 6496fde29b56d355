"""The currencies and types of commitments that requisitions state."""

from __future__ import annotations

from erp_invoice_core.wire.procore.currency import collect_currencies, collect_types


def test_the_first_requisition_that_names_a_currency_counts() -> None:
    """A malformed currency is skipped here; it is a problem of its requisition."""
    named = [
        (1, None),
        (1, "EUR"),
        (1, {"currency_iso_code": "usd"}),
        (1, {"currency_iso_code": ["EUR"]}),
        (1, {"currency_iso_code": "EUR"}),
        (1, {"currency_iso_code": "USD"}),
        (2, {"currency_iso_code": "CHF"}),
        (None, {"currency_iso_code": "CHF"}),
    ]
    records = [{"commitment_id": id_, "currency_configuration": each} for id_, each in named]
    assert {"1": "EUR", "2": "CHF"} == collect_currencies(records)


def test_the_first_requisition_that_names_a_type_counts() -> None:
    """An unknown type is a problem of its requisition."""
    named = [(1, None), (1, ["x"]), (1, "First"), (1, "Second"), (2, "Third"), (None, "Fourth")]
    records = [{"commitment_id": id_, "commitment_type": kind} for id_, kind in named]
    assert {"1": "First", "2": "Third"} == collect_types(records)
