"""The ids that a connection maps are asked once, are needed at ACCEPT, and then stay."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import Action, Adapters, Connection, Connections, ExportQueue, Policy
from erp_invoice_core import adapters as erp
from erp_invoice_core.flow import build_request, find_document_slot, find_slot
from erp_invoice_core.stores import StoreBusy
from tests.worker.harness import APPROVER, EVERYTHING, SENDER, WorkerHarness, check_allowed
from tests.worker.scripted_erp import ScriptedErp, build_declaration, build_receipt

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

TAX = erp.MappingKind.TAX_CODE
BILL = erp.Step("bill", "bill", erp.Role.BILL)


@attrs.define
class Asked:
    """A mapping of a host that remembers what it was asked."""

    ids: dict[str, str]
    calls: list[tuple[erp.MappingKind, tuple[str, ...]]] = attrs.Factory(list)

    def __call__(self, kind: erp.MappingKind, codes: Collection[str]) -> Mapping[str, str] | None:
        """Return the ids."""
        self.calls.append((kind, tuple(codes)))
        if kind is not TAX:
            return None
        return {code: erp_id for code, erp_id in self.ids.items() if code in codes}

    def list_tax(self) -> list[tuple[str, ...]]:
        """Return the tax codes of each call."""
        return [codes for kind, codes in self.calls if kind is TAX]


def _build(
    mappings: erp.Mappings | None,
    *ids: str,
    policy: Policy | None = None,
    needs: tuple[erp.Prerequisite, ...] = (),
) -> tuple[WorkerHarness, ScriptedErp]:
    """Return a harness whose ERP keeps tax, with taxed invoices."""
    plugin = ScriptedErp(build_declaration(tax=erp.TaxForm.KEPT, prerequisites=needs), BILL)
    harness = WorkerHarness(plugin=plugin, policy=policy or Policy())
    connection = Connection("erp", "scripted", mappings=mappings)
    harness.queue = ExportQueue(
        harness.store,
        Connections(Adapters(plugin), [connection]),
        harness.host,
        harness.policy,
        harness.clock,
    )
    harness.worker = harness.build_worker("worker-1")
    harness.add_invoices(*(ids or ("5000",)))
    for id_ in ids or ("5000",):
        _add_tax(harness, id_)
    return harness, plugin


def _add_tax(harness: WorkerHarness, id_: str) -> None:
    case = harness.host.cases[id_]
    assert case.document is not None
    lines = tuple(
        attrs.evolve(line, tax_code="GST", tax=Decimal("50.00")) for line in case.document.lines
    )
    document = attrs.evolve(case.document, lines=lines)
    harness.host.cases[id_] = attrs.evolve(
        case, document=document, taxed=True, tax=document.tax, tax_codes=("GST",)
    )


def _deny(harness: WorkerHarness, verb: str = "accept") -> list[tuple[str, str]]:
    results = getattr(harness.queue, verb)(["5000"], APPROVER)
    return [(each.code, each.message) for each in results[0].verdict.denials]


def _send(harness: WorkerHarness, *ids: str) -> None:
    check_allowed(harness.queue.send(ids or ("5000",), SENDER, connection="erp"))


@pytest.mark.parametrize("mappings", [None, Asked({}), Asked({"GST": " "}), Asked({"HST": "H"})])
def test_a_code_without_an_id_denies_accepting(mappings: Asked | None) -> None:
    """Sending does not need it; the sentence names the code and the remedy."""
    harness, _ = _build(mappings)
    _send(harness)
    assert [
        (
            "tax.not_mapped",
            (
                "The connection maps these tax codes to no tax code of Scripted: GST. Add them to the"
                " mapping of the connection, then try again."
            ),
        )
    ] == _deny(harness)


def test_the_adapter_gets_the_mapped_id() -> None:
    """The acceptance keeps it, and so does its event."""
    harness, plugin = _build(erp.MappingTable([(TAX, "GST", "G5")]))
    plugin.script("write", erp.Done(build_receipt()))
    _send(harness)
    check_allowed(harness.queue.accept(["5000"], APPROVER))

    acceptance = harness.get_entry().acceptance
    assert acceptance is not None
    assert [(TAX, "GST", "G5")] == [(one.kind, one.code, one.erp_id) for one in acceptance.mapped]
    assert {"mapped.tax_code.GST": "G5"} == dict(harness.queue.history("5000")[-1].facts)
    request = harness_request(harness)
    assert {"G5"} == {line.tax_code_origin_id for line in request.document.lines}
    assert harness.get_entry().digest == request.digest == request.document.digest


def harness_request(harness: WorkerHarness) -> erp.ExportRequest:
    """Return the request that the worker would export."""
    declared = harness.queue.connections.find_declaration("erp")
    assert declared is not None
    return build_request(harness.get_entry(), declared, harness.clock())


def test_an_accepted_id_stays_until_the_next_consent() -> None:
    """The export uses what was accepted; a retry takes the mapping as it is then."""
    mappings = Asked({"GST": "G5"})
    harness, plugin = _build(mappings)
    _send(harness)
    check_allowed(harness.queue.accept(["5000"], APPROVER))
    mappings.ids["GST"] = "G6"
    assert {"G5"} == {line.tax_code_origin_id for line in harness_request(harness).document.lines}

    plugin.script("write", erp.Refused(erp.deny(erp.Denial("scripted.no", "No.", erp.Source.ERP))))
    harness.worker.run_once()
    check_allowed(harness.queue.retry(["5000"], APPROVER))
    assert {"G6"} == {line.tax_code_origin_id for line in harness_request(harness).document.lines}


def test_mappings_are_asked_once_for_all_invoices() -> None:
    """
    A batch and a page cost one call per kind, and a verb that needs none costs none.

    An acceptance asks once more if the adapter checks the request, which has the ids.
    """
    mappings = Asked({"GST": "G5"})
    harness, _ = _build(mappings, "5000", "5001", "5002")
    _send(harness, "5000", "5001", "5002")
    mappings.calls.clear()

    found = harness.queue.why_not(["5000", "5001", "5002"], APPROVER, Action.ACCEPT)
    assert [True, True, True] == [each.verdict.allowed for each in found]
    assert [("GST",)] == mappings.list_tax()
    check_allowed(harness.queue.accept(["5000", "5001"], APPROVER))
    assert [("GST",)] * 3 == mappings.list_tax()
    check_allowed(harness.queue.reject(["5002"], APPROVER, reason="No."))
    assert 3 == len(mappings.list_tax())


def test_direct_export_needs_the_ids_too() -> None:
    """Without them the invoice waits for the approver."""
    ready, _ = _build(Asked({}), policy=Policy(direct_export=True))
    check_allowed(ready.queue.send(["5000"], EVERYTHING, connection="erp"))
    accepted, _ = _build(Asked({"GST": "G5"}), policy=Policy(direct_export=True))
    check_allowed(accepted.queue.send(["5000"], EVERYTHING, connection="erp"))
    assert ("ready", "accepted") == (ready.get_status().value, accepted.get_status().value)


def test_a_vendor_of_the_mapping_is_enough_for_sending() -> None:
    """The adapter gets its id, and the number slot is that of the vendor in the ERP."""
    rows = [(TAX, "GST", "G5"), (erp.MappingKind.VENDOR, "7", "V-9")]
    harness, _ = _build(erp.MappingTable(rows), needs=(erp.Prerequisite.VENDOR,))
    case = harness.host.cases["5000"]
    assert case.document is not None
    bare = attrs.evolve(case.document, vendor_origin_id=None)
    harness.host.cases["5000"] = attrs.evolve(case, document=bare, vendor_synced=False)

    _send(harness)
    check_allowed(harness.queue.accept(["5000"], APPROVER))

    assert "V-9" == harness_request(harness).document.vendor_origin_id
    declared = harness.queue.connections.find_declaration("erp")
    assert declared is not None
    assert find_slot(harness.get_entry(), declared) == find_document_slot(
        attrs.evolve(bare, vendor_origin_id="V-9"), "erp", declared, number=bare.invoice_number
    )


def test_a_kind_that_is_mapped_is_mapped_whole() -> None:
    """A record without an id of its own denies accepting; a kind without rows asks for nothing."""
    rows = [(TAX, "GST", "G5"), (erp.MappingKind.COST_TYPE, "EQUIPMENT", "E1")]
    harness, _ = _build(erp.MappingTable(rows))
    _send(harness)
    assert [
        (
            "mapping.missing",
            (
                "These codes have no id in Scripted, and the connection maps them to none: cost_type"
                " SUB. Add them to the mapping of the connection, then try again."
            ),
        )
    ] == _deny(harness)
    rows = [(TAX, "GST", "G5"), (erp.MappingKind.VENDOR, "8", "V-8")]
    other, _ = _build(erp.MappingTable(rows))
    _send(other)
    check_allowed(other.queue.accept(["5000"], APPROVER))


@pytest.mark.parametrize("answer", [["GST"], {"GST": 5}, {5: "G5"}, ZeroDivisionError()])
def test_a_mapping_that_cannot_be_used_denies(answer: Any) -> None:  # noqa: ANN401 - any answer of a host
    """It is logged, and the person hears that the ids are not known."""

    def give(_kind: erp.MappingKind, _codes: Collection[str]) -> Any:  # noqa: ANN401 - as above
        if isinstance(answer, Exception):
            raise answer
        return answer

    harness, _ = _build(give)
    _send(harness)
    assert [
        (
            "tax.not_mapped",
            (
                "It is not known to which tax codes of Scripted the connection maps the tax codes"
                " of this invoice: GST. Have the host application supply the mapping."
            ),
        )
    ] == _deny(harness)


def test_a_busy_store_of_a_mapping_is_the_callers() -> None:
    """The host tries again, as with every other callback."""

    def give(_kind: erp.MappingKind, _codes: Collection[str]) -> Mapping[str, str]:
        raise StoreBusy

    harness, _ = _build(None)
    _send(harness)
    harness.queue.connections = type(harness.queue.connections)(
        Connections(
            harness.queue.connections._connections.adapters,
            [Connection("erp", "scripted", mappings=give)],
        )
    )
    with pytest.raises(StoreBusy):
        harness.queue.accept(["5000"], APPROVER)
