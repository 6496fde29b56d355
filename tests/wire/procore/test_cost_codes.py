"""The known cost codes, and the codes that lines show."""

from __future__ import annotations

from typing import Any

import pytest

from erp_invoice_core.documents import CostCode
from erp_invoice_core.wire.procore.cost_codes import (
    CostCodes,
    dump_cost_code,
    read_cost_code,
    read_line_cost_code,
    read_own_cost_code,
    read_wbs_cost_type,
)
from erp_invoice_core.wire.procore.fields import Report, Scope


def test_a_code_without_its_id_in_the_erp_has_that_of_its_namesake() -> None:
    """The code of the same id in Procore has none itself."""
    codes = CostCodes()
    codes.add(CostCode(full_code="05-120", id="1"))
    codes.add(CostCode(full_code="05-120", origin_id="GL-5", id="2"))
    bare = CostCode(full_code="05-120", id="1")
    assert CostCode(full_code="05-120", origin_id="GL-5", id="1") == codes.fill_origin(bare)


def test_a_code_that_a_line_shows_takes_no_place_of_a_listed_one() -> None:
    """The list of cost codes has the ERP id that counts."""
    codes = CostCodes()
    listed = CostCode(full_code="05-120", origin_id="GL-5", id="1")
    codes.add(listed)
    shown = {"cost_code": {"id": 1, "full_code": "05-120", "origin_id": "OLD"}}
    found = read_line_cost_code(Scope(shown, "", Report()), codes)
    assert CostCode(full_code="05-120", origin_id="OLD", id="1") == found
    assert listed == codes.find_by_id("1") == codes.find_by_code("05-120")


def test_a_code_that_a_line_shows_is_known_to_later_lines() -> None:
    """No list has it."""
    codes = CostCodes()
    shown = {"cost_code": {"id": 1, "full_code": "05-120", "origin_id": "GL-5"}}
    found = read_line_cost_code(Scope(shown, "", Report()), codes)
    assert found == codes.find_by_id("1") == codes.find_by_code("05-120")
    assert codes.find_by_id(None) is None


def test_a_code_that_was_numbered_anew_is_another_one() -> None:
    """The ERP id of the earlier code is not used."""
    codes = CostCodes()
    codes.add(CostCode(full_code="05-121", origin_id="GL-5", id="1"))
    bare = CostCode(full_code="05-120", id="1")
    assert bare == codes.fill_origin(bare)


def test_an_item_names_a_code_by_its_id() -> None:
    """An item names a known code by id, or shows the code."""
    codes = CostCodes({"1": CostCode(full_code="05-120", origin_id="GL-5", id="1")})
    shown = {"full_code": "09-900"}
    for id_, full_code in ((1, "05-120"), (2, "09-900"), (None, "09-900")):
        scope = Scope({"cost_code_id": id_, "cost_code": shown}, "", Report())
        found = read_own_cost_code(scope, codes)
        assert found
        assert full_code == found.full_code


def wbs(*segments: object, flat: str | None = None) -> dict[str, Any]:
    """Return a WBS code of segments."""
    return {"flat_code": flat, "segment_items": list(segments)}


STEEL = {"segment_type": "cost_code", "code": "05-120"}
SUBCONTRACT = {"segment_type": "line_item_type", "code": "S", "origin_id": "SUB"}
KNOWN = CostCode(full_code="05-120", origin_id="GL-5", id="1")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (wbs(STEEL, SUBCONTRACT), KNOWN),
        (wbs({"code": "05-120"}), KNOWN),
        (wbs(flat="05-120"), KNOWN),
        (wbs({"segment_type": "area", "code": "05-120"}), CostCode(full_code="05-120")),
        (wbs(SUBCONTRACT), CostCode(full_code="S")),
        (wbs({"segment_type": "cost_code", "code": "01"}), CostCode(full_code="01")),
        (
            wbs({"segment_type": "cost_code", "code": "02", "origin_id": "GL-2"}, SUBCONTRACT),
            CostCode(full_code="02.S", origin_id="GL-2"),
        ),
        (wbs(7, {"segment_type": "cost_code"}, {"code": "03"}), CostCode(full_code="03")),
        (wbs({"code": "03"}, flat="03.X"), CostCode(full_code="03.X")),
        (wbs({"segment_type": "cost_code"}), None),
        ("05-120", None),
        ({"flat_code": "05-120", "segment_items": 7}, KNOWN),
    ],
)
def test_a_wbs_code_is_a_known_code_or_one_itself(code: object, found: CostCode | None) -> None:
    """Only a segment for the cost code is looked up, and only codes in the ERP are known."""
    codes = CostCodes()
    codes.add(KNOWN)
    codes.add(CostCode(full_code="S", origin_id="GL-S"))
    codes.add(CostCode(full_code="01", id="9"))
    assert found == read_line_cost_code(Scope({"wbs_code": code}, "", Report()), codes)


def test_without_known_codes_a_code_is_what_is_written() -> None:
    """A blank code is that of the WBS code."""
    blank = {"cost_code": {"id": 1, "full_code": ""}, "wbs_code": wbs(STEEL)}
    assert CostCode(full_code="05-120") == read_line_cost_code(Scope(blank, "", Report()), None)
    named = {"cost_code_id": 1, "wbs_code": wbs(STEEL)}
    assert CostCode(full_code="05-120") == read_own_cost_code(Scope(named, "", Report()), None)


def test_a_cost_code_is_read_back_as_it_was_kept() -> None:
    """All its fields are stored."""
    assert {"full_code": "05-120", "origin_id": "GL-5", "id": "1"} == dump_cost_code(KNOWN)
    assert KNOWN == read_cost_code(dump_cost_code(KNOWN))


def test_a_listed_code_takes_the_place_of_an_older_one() -> None:
    """The files count before the records that were loaded earlier."""
    codes = CostCodes({"1": KNOWN})
    newer = CostCode(full_code="05-120", origin_id="GL-6", id="1")
    codes.add(newer)
    assert newer == codes.find_by_id("1") == codes.find_by_code("05-120")


def test_a_code_that_a_line_shows_takes_the_place_of_one_that_is_not_synced() -> None:
    """Later lines get its ERP id too."""
    codes = CostCodes({"1": CostCode(full_code="05-120", id="1")})
    codes.add(KNOWN, is_listed=False)
    assert KNOWN == codes.find_by_id("1") == codes.find_by_code("05-120")


@pytest.mark.parametrize(
    ("code", "found"),
    [(wbs(STEEL, SUBCONTRACT), "S"), (wbs(STEEL), None), (wbs({**SUBCONTRACT, "code": " "}), None)],
)
def test_the_cost_type_is_that_of_its_segment(code: object, found: str | None) -> None:
    """A blank segment gives no cost type."""
    assert found == read_wbs_cost_type(Scope({"wbs_code": code}, "", Report()))
