"""The samples of every benchmark: invoices of ten lines, people, an ERP of one step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import (
    Adapters,
    Case,
    Connection,
    Connections,
    ExportDocument,
    ExportLine,
    Feature,
    ItemType,
)
from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.samples import APPROVER, SENDER, sample_case, sample_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "APPROVER",
    "LINES",
    "NOON",
    "PLUGIN",
    "SENDER",
    "Host",
    "OneStepErp",
    "case_of",
    "connections",
    "document",
    "invoice_of",
]

LINES = 10
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def _line(invoice: int, place: int) -> ExportLine:
    gross = Decimal(100000 + 37 * invoice % 5000 + place) / 100
    retained = (gross / 10).quantize(Decimal("0.01"))
    return ExportLine(
        item_id=f"{invoice}-{place}",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id=f"{1000 + place}",
        description=f"Structural steel, level {place}",
        gross=gross,
        retained=retained,
        work=gross,
        cost_code=f"05-{120 + place}",
        cost_code_origin_id=f"05-{120 + place}",
        cost_type_origin_id="SUB",
        line_origin_id=f"L-{place}",
    )


def document(invoice: int, lines: int = LINES) -> ExportDocument:
    """Return the invoice of that number as it is sent, never the same object twice."""
    return sample_document(
        invoice_id=str(invoice),
        invoice_number=f"ACME-{invoice}",
        lines=tuple(_line(invoice, place) for place in range(lines)),
    )


def invoice_of(number: int, lines: int = LINES) -> dict[str, Any]:
    """Return the invoice of that number as a program without this library holds it: a dict."""
    return _drop_absent(attrs.asdict(document(number, lines)))


def _drop_absent(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values without those that are ``None``, which our store omits, too."""
    return {
        name: tuple(map(_drop_absent, value)) if name == "lines" else value
        for name, value in values.items()
        if value is not None
    }


def case_of(written: ExportDocument) -> Case:
    """Return the facts of an approved invoice, all of it linked."""
    return sample_case(
        written,
        uses=frozenset({Feature.INVOICES, Feature.SUBCONTRACTS, Feature.AMOUNT_BASED}),
        fields={"invoice_number": written.invoice_number, "billing_date": "2026-10-31"},
    )


@attrs.define
class Host:
    """The facts port: the facts that the host has at hand, or else makes when it is asked."""

    cases: dict[str, Case] = attrs.Factory(dict)

    def prepare(self, numbers: Sequence[int], lines: int = LINES) -> list[str]:
        """Have these invoices and no others; return their ids."""
        self.cases = {str(number): case_of(document(number, lines)) for number in numbers}
        return list(self.cases)

    def __call__(self, ids: Sequence[str]) -> Mapping[str, Case]:
        """Return the cases of the invoices."""
        return {key: self.cases.get(key) or case_of(document(int(key))) for key in ids}


@attrs.define
class OneStepErp:
    """
    An ERP in memory that takes a bill in one step, and makes one bill per key.

    Attributes:
        bills: Key to ERP id.
        repeated: How often a key came a second time.
    """

    bills: dict[str, str] = attrs.Factory(dict)
    repeated: int = 0

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return that keys are enforced, and that what was written is found at once."""
        terms = erp.StepTerms(
            look_up=erp.LookUp.KEY,
            settles_within=timedelta(seconds=1),
            replay=erp.Replay.EVERYTHING,
            enforces_key=True,
        )
        return erp.Declaration(
            key="one_step",
            name="One-step ERP",
            features=dict.fromkeys(erp.Feature, erp.Support.FULL),
            prerequisites=(),
            terms={"bill": terms},
            retainage=erp.RetainageForm.NATIVE,
            withdraw=erp.WithdrawForm.BY_HAND,
            unlink=erp.UnlinkForm.FREE,
        )

    @erp.hookimpl
    def erp_write(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:
        """Book the bill, or name the one that has the key."""
        # An adapter sends the lines, so that they are read.
        assert request.document.lines
        key = request.key(step).text
        if key in self.bills:
            self.repeated += 1
        erp_id = self.bills.setdefault(key, f"B-{key}")
        return erp.Done(erp.Receipt(step=step.name, erp_id=erp_id, role=step.role, state="posted"))

    @erp.hookimpl
    def erp_find(self) -> erp.Sighting:
        """Find nothing: every bill's receipt was given at once."""
        return erp.Absent(datetime.now(UTC))


#: The adapter that the command finds installed, in the environment of the benchmarks.
PLUGIN = OneStepErp()


def connections(plugin: object) -> Connections:
    """Return one connection, named ``erp``, to the plugin."""
    return Connections(Adapters(plugin), [Connection("erp", "one_step")])
