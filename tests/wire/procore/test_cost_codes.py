"""The cost codes that are known, and those that lines show."""

from __future__ import annotations

from erp_invoice_core.documents import CostCode
from erp_invoice_core.wire.procore.cost_codes import CostCodes, line_cost_code
from erp_invoice_core.wire.procore.fields import Report, Scope


def test_a_code_without_its_id_in_the_erp_has_that_of_its_namesake() -> None:
    """The code of the same id in Procore has none itself."""
    codes = CostCodes()
    codes.add(CostCode(full_code="05-120", id="1"))
    codes.add(CostCode(full_code="05-120", origin_id="GL-5", id="2"))
    bare = CostCode(full_code="05-120", id="1")
    assert CostCode(full_code="05-120", origin_id="GL-5", id="1") == codes.filled(bare)


def test_a_code_that_a_line_shows_takes_no_place_of_a_listed_one() -> None:
    """The list of cost codes has the id in the ERP that counts."""
    codes = CostCodes()
    listed = CostCode(full_code="05-120", origin_id="GL-5", id="1")
    codes.add(listed)
    shown = {"cost_code": {"id": 1, "full_code": "05-120", "origin_id": "OLD"}}
    found = line_cost_code(Scope(shown, "", Report()), codes)
    assert CostCode(full_code="05-120", origin_id="OLD", id="1") == found
    assert listed == codes.by_id("1") == codes.by_code("05-120")


def test_a_code_that_a_line_shows_is_known_to_later_lines() -> None:
    """No list has it."""
    codes = CostCodes()
    shown = {"cost_code": {"id": 1, "full_code": "05-120", "origin_id": "GL-5"}}
    found = line_cost_code(Scope(shown, "", Report()), codes)
    assert found == codes.by_id("1") == codes.by_code("05-120")
    assert codes.by_id(None) is None
