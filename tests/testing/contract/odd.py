"""Honest adapters of unusual ERPs; each passes every check."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from erp_invoice_core import adapters as erp

from .honest import Bill, ByNumber, Honest, StatusError, is_same_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_T = TypeVar("_T")
_ZERO = Decimal(0)
_DOLLAR = Decimal(1)


class TwoDocuments(Honest):
    """Holds retainage as a document of its own."""

    def declare(self) -> erp.Declaration:
        """Declare the form of retainage."""
        declared = super().declare()
        return attrs.evolve(
            declared,
            retainage=erp.RetainageForm.DOCUMENT,
            terms={**declared.terms, "hold": declared.terms["bill"]},
        )

    def plan_bill(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:
        """Plan the bill, and a document for what is held or released."""
        bill = super().plan_bill(request)
        document = request.document
        if not document.retained and not document.released:
            return bill
        return (*bill, erp.Step("hold", "hold", erp.Role.RELEASE))

    def carry_out(
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        """Create the second document like the first; post both."""
        if step.kind == "hold":
            return self.create(request, step)
        if step.kind == "post":
            for receipt in receipts:
                second = self.find_by_id(receipt.erp_id) if receipt.role else None
                if second is not None:
                    self.post(second)
        return super().carry_out(request, step, receipts)

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        """Split the amounts between the documents."""
        bill = super().build_bill(request, key)
        held = bill.released - bill.retained
        if not held:
            return bill
        if key.endswith("/hold"):
            bill.number = f"{bill.number}R"
            line = erp.ContentsLine(
                cost_code=None, amount=held, quantity=None, description="Retainage"
            )
            bill.due, bill.gross, bill.lines = held, _ZERO, (line,)
        else:
            bill.due, bill.retained, bill.released = bill.gross, _ZERO, _ZERO
        return bill

    def search(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        """Look both documents up by the key that made them."""
        if step.kind == "hold":
            return [bill for bill in self.list_shown() if bill.key in keys]
        return super().search(request, step, keys)


class RoundsToDollars(Honest):
    """Keeps whole units of money, and declares how it rounds."""

    def declare(self) -> erp.Declaration:
        """Declare the rounding."""
        rounding = erp.Rounding(digits=0, mode=erp.RoundingMode.HALF_UP)
        fields = ("due", "gross", "line_amount")
        return attrs.evolve(
            super().declare(),
            fidelity=dict.fromkeys(fields, erp.Fidelity.ROUNDED),
            rounding=dict.fromkeys(fields, rounding),
        )

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        """Round the amounts."""
        bill = super().build_bill(request, key)
        bill.due, bill.gross = self.round(bill.due), self.round(bill.gross)
        return bill

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:
        """Round the amount of a line."""
        kept = super().build_line(line)
        return attrs.evolve(kept, amount=self.round(line.gross))

    def round(self, amount: Decimal) -> Decimal:
        """Return an amount in whole units."""
        return amount.quantize(_DOLLAR, ROUND_HALF_UP)


class CutsDescriptions(Honest):
    """Keeps 20 characters of a description."""

    def declare(self) -> erp.Declaration:
        """Declare the length."""
        return attrs.evolve(
            super().declare(),
            fidelity={"line_description": erp.Fidelity.TRUNCATED},
            lengths={"line_description": 20},
        )

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:
        """Cut the description."""
        return attrs.evolve(super().build_line(line), description=line.description[:20])


class DropsDescriptionsAsDeclared(Honest):
    """Keeps no descriptions of lines, and declares it."""

    def declare(self) -> erp.Declaration:
        """Declare the loss."""
        return attrs.evolve(super().declare(), fidelity={"line_description": erp.Fidelity.DROPPED})

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:
        """Leave the description out."""
        return attrs.evolve(super().build_line(line), description="")


class TooBusy(Honest):
    """Takes no request at first: each step is put off once."""

    def find_busy(self, request: erp.ExportRequest, step: erp.Step) -> erp.Deferred | None:
        """Put each key off once."""
        key = request.key(step).text
        if key in self.notes:
            return None
        self.notes[key] = True
        return erp.Deferred(datetime.now(UTC), "There are too many requests.")


class SlowIndex(Honest):
    """Finds a bill some time after it was written."""

    _DELAY = timedelta(seconds=0.02)

    def terms(self) -> erp.StepTerms:
        """Declare the time."""
        return attrs.evolve(super().terms(), visible_after=self._DELAY)

    def carry_out(
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        """Note when a key was carried out."""
        self.notes.setdefault(request.key(step).text, datetime.now(UTC))
        return super().carry_out(request, step, receipts)

    def search(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        """Search what is in the index by now."""
        shown_until = datetime.now(UTC) - self._DELAY
        indexed = tuple(key for key in keys if self.notes.get(key, shown_until) <= shown_until)
        return super().search(request, step, indexed)


class RefusesReleaseOnly(Honest):
    """Takes no invoice that only releases retainage."""

    def declare(self) -> erp.Declaration:
        """Declare the refusal."""
        return attrs.evolve(super().declare(), release_only=erp.Handling.REFUSED)

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:
        """Refuse it, too."""
        yield from super().refuse(request)
        if not request.document.gross and request.document.released:
            yield self.deny("release_only", "Bill some work with the release.")


class FileDrop(Honest):
    """Writes files into a folder that another program reads: nothing can be looked up."""

    def declare(self) -> erp.Declaration:
        """Declare that nothing comes back."""
        declared = super().declare()
        features = {
            **declared.features,
            erp.Feature.WITHDRAW: erp.Support.IMPOSSIBLE,
            erp.Feature.UNLINK: erp.Support.IMPOSSIBLE,
        }
        return attrs.evolve(
            declared,
            features=features,
            withdraw=erp.WithdrawForm.IMPOSSIBLE,
            unlink=erp.UnlinkForm.IMPOSSIBLE,
        )

    def terms(self) -> erp.StepTerms:
        """Promise nothing."""
        return erp.StepTerms()

    erp_find = erp_read = erp_withdraw = None  # type: ignore[assignment] # hooks that it lacks


class PerCommitment(ByNumber):
    """Distinguishes bills of one number by their commitments."""

    def declare(self) -> erp.Declaration:
        """Declare the scope of numbers."""
        return attrs.evolve(super().declare(), number_scope=erp.NumberScope.COMMITMENT)

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:
        """Compare the commitment, too."""
        is_commitment = bill.commitment == request.document.commitment_origin_id
        return is_commitment and super().matches(bill, request)


class SaysLittle(Honest):
    """Reads vendor, number, amount and date of a bill, and nothing else."""

    def describe(self, bill: Bill) -> dict[str, Any]:
        """Leave out what the ERP does not show."""
        fields = ("vendor", "number", "amount", "date", "key", "digest")
        said = super().describe(bill)
        return {name: said[name] for name in fields}


class Strict(Honest):
    """Refuses in the ERP whatever it declares that the ERP cannot do."""

    _NUMBER_LENGTH = 15

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:
        """Refuse records without an id in the ERP, too."""
        yield from super().refuse(request)
        document = request.document
        ids = {
            "commitment": document.commitment_origin_id,
            "vendor": document.vendor_origin_id,
            "job": document.job_origin_id,
            "cost_code": all(line.cost_code_origin_id for line in document.lines),
        }
        for name, known in ids.items():
            if not known:
                yield self.deny(name, f"Synchronize the {name}.")

    def create(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:
        """Take a number of a vendor once."""
        key = request.key(step).text
        for bill in self.list_shown():
            is_used = bill.vendor == request.document.vendor_origin_id and bill.key != key
            if is_used and is_same_number(bill.number, request.number):
                return erp.Refused(erp.deny(self.deny("number", "Use another number.")))
        return super().create(request, step)

    def search(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        """Find no file, as the ERP keeps no key of it."""
        return [] if step.kind == "attach" else super().search(request, step, keys)

    def attach(self, bill: Bill, request: erp.ExportRequest, step: erp.Step) -> None:
        """Attach a file again if it is sent again."""
        before = dict(bill.files)
        super().attach(bill, request, step)
        name = step.attachment or ""
        if name in before:
            bill.files = {**before, f"{name}.{len(before)}": bill.files[name]}

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        """Cut the number."""
        bill = super().build_bill(request, key)
        bill.number = (bill.number or "")[: self._NUMBER_LENGTH]
        return bill


class InTwoRequests(Honest):
    """Creates a bill without amounts, and sends its lines in a second request of the step."""

    def hand_over(
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        """Send the lines after the bill; until then the ERP shows none."""
        outcome = super().hand_over(request, step, receipts)
        if step.kind == "bill" and isinstance(outcome, erp.Done):
            self.send(lambda: self.fill(request, step))
        return outcome

    def fill(self, request: erp.ExportRequest, step: erp.Step) -> None:
        """Give the bill its lines and amounts."""
        bill = self.find_key(request.key(step).text)
        whole = super().build_bill(request, request.key(step).text)
        assert bill is not None
        for name in ("due", "gross", "retained", "released", "lines"):
            setattr(bill, name, getattr(whole, name))

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        """Return a bill without lines."""
        bill = super().build_bill(request, key)
        bill.due = bill.gross = bill.retained = bill.released = _ZERO
        bill.lines = ()
        return bill


class KeepsTax(Honest):
    """Books the tax code and the tax of each line."""

    def declare(self) -> erp.Declaration:
        """Declare that tax is kept."""
        return attrs.evolve(super().declare(), tax=erp.TaxForm.KEPT)

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:
        """Add code and tax of the line."""
        booked = super().build_line(line)
        return attrs.evolve(booked, tax_code=line.tax_code_origin_id, tax=line.tax)

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        """Add the tax of the document, and the same by code."""
        bill = super().build_bill(request, key)
        bill.tax = request.document.tax
        bill.taxes = tuple(
            erp.ContentsTax(code=line.tax_code_origin_id, amount=line.tax)
            for line in request.document.lines
            if line.tax
        )
        return bill


class ComputesTax(Honest):
    """Books tax codes, and computes ten percent of tax itself."""

    def declare(self) -> erp.Declaration:
        """Declare that tax is derived."""
        return attrs.evolve(super().declare(), tax=erp.TaxForm.DERIVED)

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:
        """Compute the tax of a line that has a code."""
        code = line.tax_code_origin_id
        tax = line.gross / 10 if code else _ZERO
        return attrs.evolve(super().build_line(line), tax_code=code, tax=tax)

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        """Add the tax of the lines up."""
        bill = super().build_bill(request, key)
        amounts = (line.tax for line in bill.lines)
        bill.tax = sum((each for each in amounts if isinstance(each, Decimal)), _ZERO)
        return bill


class UniqueNumbers(KeepsTax, ByNumber):
    """Knows no keys, and takes a number of a vendor once, whatever else is sent."""

    def create(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:
        """Refuse a number that a bill of the vendor has, also of the same invoice."""
        if any(self.matches(bill, request) for bill in self.list_shown()):
            return erp.Refused(erp.deny(self.deny("number", "Use another number.")))
        return super().create(request, step)


class RenewsToken(Honest):
    """Gets a new token after status 401, and sends the declined request once more."""

    def hand_over(
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        """Send the requests of a step, with a new token after 401."""
        try:
            return super().hand_over(request, step, receipts)
        except StatusError as answer:
            if answer.status != HTTPStatus.UNAUTHORIZED:
                raise
        return super().hand_over(request, step, receipts)


class RefusesEmptyFiles(Honest):
    """Takes no file without content, and says so before an invoice is accepted."""

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:
        """Yield a denial for each file that is empty, beside those of what is declared absent."""
        yield from super().refuse(request)
        empty = hashlib.sha256(b"").hexdigest()
        if any(file.digest == empty for file in request.files):
            yield self.deny("empty_file", "Attach files with content only.")


class LimitsRequests(Honest):
    """Answers each seventh request with a rate limit, also while it is looked up and read."""

    counted = 0

    def meter(self, send: Callable[[], _T]) -> _T:
        """Count a request, and send it unless the limit is reached."""
        self.counted += 1
        if self.counted % 7 == 0:
            raise StatusError(429, 0.001 if self.counted % 2 else None)
        return send()

    def ask(self, answer: Callable[[], _T]) -> _T:
        """Send a request that reads."""
        return self.meter(lambda: super(LimitsRequests, self).ask(answer))

    def send(self, carry_out: Callable[[], _T]) -> _T:
        """Send a request that writes."""
        return self.meter(lambda: super(LimitsRequests, self).send(carry_out))


class ShowsLinesOnceDone(Honest):
    """Says nothing about the lines of a bill that is not posted."""

    def describe(self, bill: Bill) -> dict[str, Any]:
        """Leave the lines of a draft out."""
        said = super().describe(bill)
        return said if bill.state is erp.LandingState.POSTED else {**said, "lines": erp.NOT_SAID}


class InPages(ByNumber):
    """Lists its bills in pages; a look-up reads every page."""

    page = 20

    @erp.hookimpl
    def erp_find(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        """Look the step up in the whole list."""
        listed: list[Bill] = []
        while True:
            found, total = self.read_page(len(listed))
            listed += found
            if len(listed) >= total or len(found) < self.page:
                break
        if not self.is_whole(listed, total):
            return erp.CannotTell(f"The ERP has {total} bills and shows {len(listed)}.")
        ids = {bill.id for bill in listed}
        matching = [bill for bill in self.search(request, step, keys) if bill.id in ids]
        if len(matching) > 1:
            return erp.Several(f"There are {len(matching)} bills with this number.")
        if not matching:
            return erp.Absent(self.now())
        return erp.Found(self.build_receipt(matching[0], step, request), self.show(matching[0]))

    def read_page(self, first: int) -> tuple[Sequence[Bill], int]:
        """Return the bills of a page, and the number of all bills."""

        def answer() -> tuple[list[Bill], int]:
            shown = self.list_shown()
            return shown[first : first + self.page], len(shown)

        return self.ask(answer)

    def is_whole(self, found: Sequence[Bill], total: int) -> bool:
        """Return whether the list has every bill."""
        return len(found) >= total


class InTime(Honest):
    """Carries out no request that arrives late, also none that removes."""

    _BOUND = timedelta(seconds=0.02)

    def terms(self) -> erp.StepTerms:
        """Declare the bound."""
        return attrs.evolve(super().terms(), settles_within=self._BOUND)

    def limit(self, carry_out: Callable[[], erp.Outcome]) -> Callable[[], erp.Outcome]:
        """Return a request that is not carried out after its caller has given up."""
        caller = threading.get_ident()

        def carry_out_in_time() -> erp.Outcome:
            if threading.get_ident() != caller:
                raise TimeoutError
            return carry_out()

        return carry_out_in_time

    def hand_over(
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        """Send a request with its time."""
        return self.send(self.limit(lambda: self.carry_out(request, step, receipts)))

    @erp.hookimpl
    def erp_withdraw(self, receipt: erp.Receipt) -> erp.Outcome:
        """Send the removal with its time."""
        try:
            return self.send(self.limit(lambda: self.take_back(receipt)))
        except ConnectionRefusedError:
            return erp.Deferred(None, "The ERP cannot be reached; nothing was sent.")
        except StatusError as answer:
            return self.judge(answer, erp.Step(receipt.step, receipt.step, receipt.role), None)


ODD = (
    Honest,
    KeepsTax,
    ComputesTax,
    ByNumber,
    TwoDocuments,
    RoundsToDollars,
    CutsDescriptions,
    DropsDescriptionsAsDeclared,
    TooBusy,
    SlowIndex,
    RefusesReleaseOnly,
    FileDrop,
    PerCommitment,
    SaysLittle,
    Strict,
    InTwoRequests,
    InPages,
    InTime,
    UniqueNumbers,
    LimitsRequests,
    RenewsToken,
    RefusesEmptyFiles,
    ShowsLinesOnceDone,
)
