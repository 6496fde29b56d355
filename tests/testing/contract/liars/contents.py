"""False adapters: what a look-up compares, and where the contents come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import normalize_number

from ..honest import Bill, ByNumber, Honest
from ..odd import CutsDescriptions

if TYPE_CHECKING:
    from collections.abc import Iterator


class FindsHalfMade(ByNumber):
    """Finds the posting as soon as the bill is there."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        return [bill for bill in self.list_shown() if self.matches(bill, request)]


class FindsFileWithoutFile(Honest):
    """Finds the step of a file as soon as the bill is there."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        declared = super().declare()
        return attrs.evolve(declared, terms={**declared.terms, "attach": self.terms()})

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        if step.kind != "attach":
            return super().search(request, step, keys)
        return [bill for bill in self.list_shown() if bill.digest == request.digest]


class TakesFirst(Honest):
    """Takes the first of several bills."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        return super().search(request, step, keys)[:1]


class TakesLast(ByNumber):
    """Takes the last of several bills of a number."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        return super().search(request, step, keys)[-1:]


class TakesFirstPosting(Honest):
    """Takes the first of several bills, only as it looks for the posting."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        found = super().search(request, step, keys)
        return found[:1] if step.kind == "post" else found


class ComparesAmount(ByNumber):
    """Finds a bill only if it has the amount of the invoice."""

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return bill.due == request.document.due and super().matches(bill, request)


class ComparesContent(Honest):
    """Finds a bill of a key only if it has the content of the invoice."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        found = super().search(request, step, keys)
        return [bill for bill in found if bill.digest == request.digest]


class ShowsRequest(Honest):
    """Fills the contents of a look-up from the request."""

    @erp.hookimpl
    def erp_find(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        sighting = super().erp_find(request, step, keys)
        if not isinstance(sighting, erp.Found):
            return sighting
        copied = self.build_bill(request, sighting.contents.key or "")
        return erp.Found(sighting.receipt, self.show(copied))


class ShowsAmountOfRequest(ByNumber):
    """Fills the amount of a look-up from the request, and everything else from the ERP."""

    @erp.hookimpl
    def erp_find(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        sighting = super().erp_find(request, step, keys)
        if not isinstance(sighting, erp.Found):
            return sighting
        contents = attrs.evolve(sighting.contents, amount=request.document.due)
        return erp.Found(sighting.receipt, contents)


class ComparesRawNumber(ByNumber):
    """Compares numbers as they are written."""

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        is_vendor = bill.vendor == request.document.vendor_origin_id
        return is_vendor and bill.number == request.number


class ComparesStartOfNumber(ByNumber):
    """Finds a bill whose number the other one begins with."""

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        is_vendor = bill.vendor == request.document.vendor_origin_id
        own = normalize_number(bill.number or "")
        return is_vendor and normalize_number(request.number or "").startswith(own)


class FindsNumberWithin(ByNumber):
    """Finds a bill whose number contains the other one."""

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        is_vendor = bill.vendor == request.document.vendor_origin_id
        asked = normalize_number(request.number or "")
        return is_vendor and asked in normalize_number(bill.number or "")


class ComparesTwelveCharacters(ByNumber):
    """Compares the first twelve characters of numbers alone."""

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        is_vendor = bill.vendor == request.document.vendor_origin_id
        own, asked = (normalize_number(each or "")[:12] for each in (bill.number, request.number))
        return is_vendor and own == asked


class ComparesLettersOfNumber(ByNumber):
    """Compares letters and digits of numbers alone."""

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        is_vendor = bill.vendor == request.document.vendor_origin_id
        numbers = (bill.number or "", request.number or "")
        one, other = ("".join(filter(str.isalnum, each)) for each in numbers)
        return is_vendor and one == other


class DropsLeadingZeros(ByNumber):
    """Compares numbers without their leading zeros."""

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        is_vendor = bill.vendor == request.document.vendor_origin_id
        numbers = (bill.number or "", request.number or "")
        one, other = (normalize_number(each).lstrip("0") for each in numbers)
        return is_vendor and one == other


class ReadsDeclaredState(Honest):
    """Reads the declared state of a bill, whatever the ERP says."""

    def describe(self, bill: Bill) -> dict[str, Any]:  # noqa: D102 - its class says the lie
        return {**super().describe(bill), "state": self.declare().landing}


class HidesDescriptions(Honest):
    """Drops the descriptions of lines, and says nothing of them."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().build_line(line), description=erp.NOT_SAID)


class CutsShorterThanDeclared(CutsDescriptions):
    """Keeps twelve characters of a description, and declares twenty."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().build_line(line), description=line.description[:12])


class _WithoutLimit(Honest):
    """Declares no limit of numbers."""

    def declare(self) -> erp.Declaration:
        return attrs.evolve(super().declare(), field_rules=())


class CutsLongNumbers(_WithoutLimit):
    """Keeps 40 characters of a number, and declares no limit."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        bill.number = (bill.number or "")[:40]
        return bill


class RefusesLongNumbers(_WithoutLimit):
    """Refuses numbers of more than 20 characters, and declares no limit."""

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:  # noqa: D102 - its class says the lie
        yield from super().refuse(request)
        if len(request.number or "") > 20:
            yield self.deny("number", "Use a shorter number.")

    def create(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:  # noqa: D102 - its class says the lie
        if len(request.number or "") > 20:
            return erp.Refused(erp.deny(self.deny("number", "Use a shorter number.")))
        return super().create(request, step)


class NeedsOptionalField(Honest):
    """Refuses an invoice without a field that it declares as optional."""

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:  # noqa: D102 - its class says the lie
        yield from super().refuse(request)
        if "accounting_date" not in request.fields:
            yield self.deny("date", "Give the accounting date.")


class ConfirmsWithoutBill(Honest):
    """Confirms every invoice, and keeps no bill."""

    def list_shown(self) -> list[Bill]:  # noqa: D102 - its class says the lie
        return []

    def carry_out(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        bill = self.build_bill(request, request.key(step).text)
        return erp.Done(self.build_receipt(bill, step, request))


class ShowsNoLinesYet(Honest):
    """Shows a draft as a bill without lines, as if the ERP said that there are none."""

    def describe(self, bill: Bill) -> dict[str, Any]:  # noqa: D102 - its class says the lie
        said = super().describe(bill)
        return said if bill.state is erp.LandingState.POSTED else {**said, "lines": ()}


LIES = {
    ShowsNoLinesYet: "look_up.agrees",
    FindsHalfMade: "look_up.half_made",
    FindsFileWithoutFile: "look_up.half_made",
    TakesFirst: "look_up.several",
    TakesLast: "look_up.several",
    TakesFirstPosting: "look_up.several",
    ComparesAmount: "look_up.amount",
    ComparesContent: "look_up.amount",
    ShowsRequest: "look_up.contents",
    ShowsAmountOfRequest: "look_up.contents",
    ComparesRawNumber: "look_up.number",
    ComparesStartOfNumber: "look_up.number",
    FindsNumberWithin: "look_up.number",
    ComparesTwelveCharacters: "look_up.number",
    ComparesLettersOfNumber: "look_up.number",
    DropsLeadingZeros: "look_up.number",
    ReadsDeclaredState: "contents.half_made",
    CutsShorterThanDeclared: "contents.fidelity",
    HidesDescriptions: "contents.lines",
    CutsLongNumbers: "number.long",
    RefusesLongNumbers: "number.long",
    NeedsOptionalField: "field.required",
    ConfirmsWithoutBill: "feature.invoices",
}
