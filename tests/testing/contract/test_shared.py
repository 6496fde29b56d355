"""Nothing that the declaration lacks is written into an ERP that other people see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.rules.used_features import list_features_of_document
from erp_invoice_core.testing.contract.run import run_contract

from .honest import Bill, Honest, build_target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@attrs.define(eq=False, slots=False)
class Lax(Honest):
    """Takes whatever it is sent, and declares that something is lacking."""

    lacking: dict[str, Any] = attrs.Factory(dict)
    requests: list[erp.ExportRequest] = attrs.Factory(list)

    def declare(self) -> erp.Declaration:
        """Declare less."""
        return attrs.evolve(super().declare(), **self.lacking)

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:
        """Refuse nothing."""
        del request
        return iter(())

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        """Note what is written."""
        self.requests.append(request)
        return super().build_bill(request, key)


def _without(*features: erp.Feature) -> dict[str, Any]:
    full = dict.fromkeys(erp.Feature, erp.Support.FULL)
    return {"features": {**full, **dict.fromkeys(features, erp.Support.IMPOSSIBLE)}}


LACKING: dict[str, dict[str, Any]] = {
    "amounts": _without(erp.Feature.AMOUNT_BASED),
    "units": _without(erp.Feature.UNIT_BASED),
    "orders": _without(erp.Feature.PURCHASE_ORDERS),
    "retainage": {
        **_without(erp.Feature.RETAINAGE, erp.Feature.RETAINAGE_RELEASE),
        "retainage": erp.RetainageForm.NONE,
        "release_only": erp.Handling.REFUSED,
    },
    "credits": {"negative": erp.Handling.REFUSED},
    "zero": {"zero": erp.Handling.REFUSED},
    "releases": {"release_only": erp.Handling.REFUSED},
    "currencies": {"currencies": frozenset({"USD"})},
}


@pytest.mark.filterwarnings("ignore:The token")
@pytest.mark.parametrize("lacking", LACKING.values(), ids=list(LACKING))
def test_nothing_undeclared_is_written(lacking: dict[str, Any], tmp_path: Path) -> None:
    """No check writes an invoice that needs what the declaration lacks."""

    def make_folder(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        return folder

    adapter = Lax(lacking=lacking)
    run_contract(attrs.evolve(build_target(adapter), is_shared=True), make_folder)

    assert adapter.requests
    declared = adapter.declare()
    wrong = [erp.find_undeclared(each, declared).denials for each in adapter.requests]
    assert [] == [denials for denials in wrong if denials]
    used = [list_features_of_document(each.document) for each in adapter.requests]
    assert set() == {feature.value for each in used for feature in each - declared.supported}
