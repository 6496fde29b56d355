"""An honest adapter over an ERP in memory; each liar differs from it in one thing."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import attrs

from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import normalize_number
from erp_invoice_core.testing import sample_document
from erp_invoice_core.testing.contract.trial import Target
from erp_invoice_core.testing.faults import Fault, FaultPoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from erp_invoice_core.testing.faults.point import Raises

_T = TypeVar("_T")
FIRST_PAGE = 20


def shorten_page(page: tuple[list[Bill], int]) -> tuple[list[Bill], int]:
    """Return the first half of a page, with the number of all bills."""
    found, total = page
    return found[: len(found) // 2], total


class StatusError(Exception):
    """An answer with a status; a rate limit may name the seconds to wait."""

    def __init__(self, status: int, seconds: float | None = None) -> None:
        super().__init__(status)
        self.status, self.seconds = status, seconds


#: The exceptions of the faults that are answers of an ERP.
ERRORS: Mapping[Fault, Raises] = {
    Fault.TOO_MANY: lambda: StatusError(429),
    Fault.TOO_MANY_RETRY_AFTER: lambda seconds: StatusError(429, seconds),
    Fault.UNAUTHORIZED: lambda: StatusError(401),
    Fault.BAD_REQUEST: lambda: StatusError(400),
    Fault.UNPROCESSABLE: lambda: StatusError(422),
    Fault.CONFLICT: lambda: StatusError(409),
    Fault.PRECONDITION_FAILED: lambda: StatusError(412),
    Fault.NOT_FOUND: lambda: StatusError(404),
    Fault.NOT_FOUND_PAGE: lambda: StatusError(404),
    Fault.REQUEST_TIMEOUT: lambda: StatusError(408),
    Fault.HTML_PAGE: lambda: StatusError(200),
    Fault.BAD_GATEWAY: lambda: StatusError(502),
    Fault.UNAVAILABLE: lambda: StatusError(503),
    Fault.UNAVAILABLE_RETRY_AFTER: lambda seconds: StatusError(503, seconds),
    Fault.ERROR_WITH_REASON: lambda: StatusError(500),
    Fault.OTHER_STATUS: StatusError,
}
#: A day, in a class that has a field of the name ``date``.
_Day: TypeAlias = date


@attrs.define(kw_only=True, eq=False)
class Bill:
    """A bill in the ERP; a removed one stays there and is not shown."""

    id: str
    key: str
    digest: str
    vendor: str | None
    number: str | None
    commitment: str | None
    currency: str
    date: date | None
    due: Decimal
    gross: Decimal
    retained: Decimal
    released: Decimal
    lines: tuple[erp.ContentsLine, ...]
    tax: Decimal = Decimal(0)
    taxes: tuple[erp.ContentsTax, ...] = ()
    due_date: _Day | None = None
    files: dict[str, erp.ContentsAttachment] = attrs.Factory(dict)
    keys: set[str] = attrs.Factory(set)
    state: erp.LandingState = erp.LandingState.DRAFT
    exists: bool = True
    paid: Decimal = Decimal(0)
    paid_on: _Day | None = None


@attrs.frozen
class Session:
    """A session that keeps its token to itself."""

    token: object = attrs.field(repr=False)


@attrs.define(eq=False, slots=False)
class Honest:
    """
    A complete adapter: it creates a bill, attaches files and posts it.

    Each method below a hook is one thing that a liar does otherwise.
    """

    bills: list[Bill] = attrs.Factory(list)
    ids: Iterator[int] = attrs.field(factory=lambda: count(1))
    token: str = ""
    notes: dict[str, Any] = attrs.Factory(dict)
    closed_until: date = date(2025, 12, 31)

    # ── the declaration ─────────────────────────────────────────────────────────────────────────

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Declare every capability."""
        return self.declare()

    def declare(self) -> erp.Declaration:
        """Return the declaration."""
        return erp.Declaration(
            key="honest",
            name="Honest",
            features=dict.fromkeys(erp.Feature, erp.Support.FULL),
            terms={
                "bill": self.terms(),
                "attach": erp.StepTerms(),
                "post": attrs.evolve(self.terms(), compares_body=False),
            },
            zero=erp.Handling.EXPORTED,
            negative=erp.Handling.EXPORTED,
            release_only=erp.Handling.EXPORTED,
            retainage=erp.RetainageForm.NATIVE,
            attachments=erp.AttachmentForm.FILES,
            currencies=frozenset({"USD", "EUR", "JPY"}),
            field_rules=(
                erp.FieldRule(
                    field="invoice_number",
                    validator=erp.Validator.MAX_LENGTH,
                    limit=15,
                    truncates=True,
                ),
            ),
            extra_fields=(
                erp.ExportField(key="accounting_date", label="Accounting date", is_date=True),
                erp.ExportField(key="due_date", label="Due date", is_date=True),
            ),
            withdraw=erp.WithdrawForm.FULL,
            unlink=erp.UnlinkForm.DELETE_FIRST,
            landing=erp.LandingState.POSTED,
            settings=(
                erp.Setting(name="token", kind=erp.SettingKind.SECRET, default="hush-hush-token"),
            ),
        )

    def terms(self) -> erp.StepTerms:
        """Return the terms of the steps that change the books."""
        return erp.StepTerms(
            look_up=erp.LookUp.KEY,
            settles_within=timedelta(minutes=5),
            replay=erp.Replay.EVERYTHING,
            compares_body=True,
            enforces_key=True,
        )

    # ── the plan and the session ────────────────────────────────────────────────────────────────

    @erp.hookimpl
    def erp_steps(self, request: erp.ExportRequest) -> Sequence[erp.Step]:
        """Plan the bill, its files, and posting it."""
        return (*self.plan_bill(request), *self.plan_files(request), *self.plan_post())

    def plan_bill(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:
        """Return the step that makes the bill."""
        role = erp.Role.CREDIT if request.document.due < 0 else erp.Role.BILL
        return (erp.Step("bill", "bill", role),)

    def plan_files(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:
        """Return a step for each file."""
        return tuple(
            erp.Step(f"attach {each.id}", "attach", None, each.id) for each in request.files
        )

    def plan_post(self) -> tuple[erp.Step, ...]:
        """Return the step that posts the bill."""
        return (erp.Step("post", "post"),)

    @erp.hookimpl
    def erp_connect(self, settings: Mapping[str, object]) -> object:
        """Open a session."""
        token = settings["token"]
        assert isinstance(token, erp.Secret)
        self.token = token.reveal()
        return self.session(token)

    def session(self, token: erp.Secret) -> object:
        """Return the session."""
        return Session(token)

    # ── checks ──────────────────────────────────────────────────────────────────────────────────

    @erp.hookimpl
    def erp_check(self, request: erp.ExportRequest) -> erp.Verdict:
        """Refuse what is declared absent."""
        return erp.Verdict(tuple(self.refuse(request)))

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:
        """Yield a denial of each capability that the invoice needs and the declaration lacks."""
        declared, document = self.declare(), request.document
        if declared.currencies is not None and document.currency not in declared.currencies:
            yield self.deny("currency", f"Bill in another currency than {document.currency}.")
        if document.due < 0 and declared.negative is erp.Handling.REFUSED:
            yield self.deny("negative", "Bill an amount above zero.")
        if document.tax and declared.tax is erp.TaxForm.IMPOSSIBLE:
            yield self.deny("tax", "Bill without tax.")
        day = request.accounting_date
        if day is not None and day <= self.closed_until:
            yield self.deny("closed", f"Bill after {self.closed_until}.")
        for feature, is_used in self.list_used(document).items():
            if is_used and declared.support(feature) is not erp.Support.FULL:
                yield self.deny(feature.value, f"Bill without {feature.value}.")

    def list_used(self, document: erp.ExportDocument) -> dict[erp.Feature, bool]:
        """Return which features the invoice uses whose absence the ERP would not notice."""
        is_order = document.commitment_kind == "purchase_order"
        return {
            erp.Feature.SUBCONTRACTS: not is_order,
            erp.Feature.PURCHASE_ORDERS: is_order,
            erp.Feature.RETAINAGE: any(line.retained for line in document.lines),
            erp.Feature.RETAINAGE_RELEASE: any(line.released for line in document.lines),
        }

    def deny(self, code: str, message: str) -> erp.Denial:
        """Return a denial of the adapter."""
        return erp.Denial(f"honest.{code}", message, erp.Source.ADAPTER)

    # ── writing ─────────────────────────────────────────────────────────────────────────────────

    @erp.hookimpl
    def erp_write(
        self,
        session: object,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        """Carry out a step, once for each key."""
        del session
        try:
            self.prepare(step)
            if self.is_late(request, step):
                return erp.Deferred(None, "It was too late; nothing was sent.")
            if busy := self.find_busy(request, step):
                return busy
            return self.hand_over(request, step, receipts)
        except ConnectionRefusedError:
            return erp.Deferred(None, "The ERP cannot be reached; nothing was sent.")
        except StatusError as answer:
            return self.judge(answer, step, request)

    def judge(
        self, answer: StatusError, _step: erp.Step, _request: erp.ExportRequest | None
    ) -> erp.Outcome:
        """Return the outcome that an answer with a status means."""
        if answer.status == 429:
            return erp.Deferred(self.find_next_try(answer), "There are too many requests.")
        if answer.status == 401:
            return erp.Deferred(None, "Give a valid token.", needs_person=True)
        if answer.status in {400, 422}:
            return erp.Refused(erp.deny(self.deny("rejected", "Correct the invoice.")))
        return erp.Unknown(f"The ERP answered {answer.status}.")

    def find_next_try(self, answer: StatusError) -> datetime | None:
        """Return when the ERP takes requests again."""
        if answer.seconds is None:
            return None
        return datetime.now(UTC) + timedelta(seconds=answer.seconds)

    def hand_over(
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        """Send the requests of a step."""
        return self.send(lambda: self.carry_out(request, step, receipts))

    def prepare(self, step: erp.Step) -> None:
        """Ask the ERP for the vendor before a step, as many adapters do."""
        self.ask(lambda: step.name)

    def find_busy(self, request: erp.ExportRequest, step: erp.Step) -> erp.Deferred | None:
        """Return that the ERP takes no requests for now, if it does not."""

    def send(self, carry_out: Callable[[], _T]) -> _T:
        """Send a request that writes; the faults of a test come in between."""
        return carry_out()

    def ask(self, answer: Callable[[], _T]) -> _T:
        """Send a request that reads; the faults of a test come in between."""
        return answer()

    def carry_out(
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        """Send the request of a step."""
        if step.kind == "bill":
            return self.create(request, step)
        bill = self.find_by_id(receipts[0].erp_id)
        if bill is None:
            return erp.Refused(erp.deny(self.deny("no_bill", "Create the bill again.")))
        if step.kind == "attach":
            self.attach(bill, request, step)
        else:
            self.post(bill)
        bill.keys.add(request.key(step).text)
        return erp.Done(self.build_receipt(bill, step, request))

    def is_late(self, request: erp.ExportRequest, _step: erp.Step) -> bool:
        """Return whether the deadline is over."""
        return datetime.now(UTC) > request.deadline

    def create(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:
        """Create the bill."""
        key = request.key(step).text
        known = self.find_key(key)
        if known is not None:
            return self.repeat(known, request, step)
        bill = self.build_bill(request, key)
        self.bills.append(bill)
        return erp.Done(self.build_receipt(bill, step, request))

    def find_key(self, key: str) -> Bill | None:
        """Return the bill that was made under a key, also if it was removed."""
        return next((bill for bill in self.bills if bill.key == key), None)

    def repeat(self, known: Bill, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:
        """Answer a key that was carried out before."""
        if known.digest != request.digest:
            return erp.Refused(erp.deny(self.deny("key_reused", "Use another key.")))
        if not known.exists:
            return erp.Refused(erp.deny(self.deny("removed", "Send it as a new attempt.")))
        return erp.Done(self.build_receipt(known, step, request))

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        """Return the bill of a request."""
        document = request.document
        lines = self.build_lines(document)
        return Bill(
            id=self.build_id(),
            key=key,
            digest=request.digest,
            vendor=document.vendor_origin_id,
            number=request.number,
            commitment=document.commitment_origin_id,
            currency=document.currency,
            date=request.accounting_date,
            due=document.due,
            gross=document.gross,
            retained=document.retained,
            released=document.released,
            lines=lines,
            due_date=request.due_date,
        )

    def build_lines(self, document: erp.ExportDocument) -> tuple[erp.ContentsLine, ...]:
        """Return the lines of the bill."""
        return tuple(self.build_line(line) for line in document.lines)

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:
        """Return a line of the bill."""
        return erp.ContentsLine(
            cost_code=line.cost_code_origin_id or line.cost_code,
            amount=line.gross,
            quantity=line.quantity,
            description=line.description,
            tax_code=None,
            tax=Decimal(0),
        )

    def build_id(self) -> str:
        """Return a new id."""
        return f"B-{next(self.ids)}"

    def build_receipt(self, bill: Bill, step: erp.Step, request: erp.ExportRequest) -> erp.Receipt:
        """Return the receipt of a step."""
        return erp.Receipt(
            step=step.name,
            erp_id=bill.id,
            role=step.role,
            number=bill.number,
            state=bill.state.value,
            digest=request.digest,
        )

    def attach(self, bill: Bill, request: erp.ExportRequest, step: erp.Step) -> None:
        """Attach a file to the bill."""
        file = next(each for each in request.files if each.id == step.attachment)
        with file.open() as content:
            bill.files[file.id] = self.build_file(file.filename, content.read())

    def build_file(self, name: str, content: bytes) -> erp.ContentsAttachment:
        """Return a file as the ERP keeps it."""
        return erp.ContentsAttachment(name=name, digest=hashlib.sha256(content).hexdigest())

    def post(self, bill: Bill) -> None:
        """Post the bill."""
        bill.state = erp.LandingState.POSTED

    # ── looking up, reading, removing ───────────────────────────────────────────────────────────

    @erp.hookimpl
    def erp_find(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        """Look the step up by its keys."""
        found, total = self.ask(lambda: self.list_page(request, step, keys))
        if len(found) < total:
            return erp.CannotTell(f"The ERP has {total} bills and shows {len(found)}.")
        if len(found) > 1:
            return erp.Several(f"There are {len(found)} bills under these keys.")
        if not found:
            return erp.Absent(self.now())
        return erp.Found(self.build_receipt(found[0], step, request), self.show(found[0]))

    def list_page(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> tuple[list[Bill], int]:
        """Return a page of the bills that a look-up finds, and how many there are."""
        found = self.search(request, step, keys)
        return found, len(found)

    def search(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        """Return the bills that a look-up finds."""
        del request
        if step.kind == "bill":
            return [bill for bill in self.list_shown() if bill.key in keys]
        return [bill for bill in self.list_shown() if bill.keys & set(keys)]

    def list_shown(self) -> list[Bill]:
        """Return the bills that the ERP shows."""
        return [bill for bill in self.bills if bill.exists]

    def now(self) -> datetime:
        """Return the time of asking."""
        return datetime.now(UTC)

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:
        """Read the bill by its id."""
        bill = self.ask(lambda: self.find_by_id(receipt.erp_id))
        return erp.Gone(self.now()) if bill is None else self.show(bill)

    def find_by_id(self, erp_id: str) -> Bill | None:
        """Return the bill of an id, if the ERP shows it."""
        return next((bill for bill in self.list_shown() if bill.id == erp_id), None)

    def show(self, bill: Bill) -> erp.Contents:
        """Return what the bill holds."""
        return erp.Contents(**self.describe(bill))

    def describe(self, bill: Bill) -> dict[str, Any]:
        """Return the fields of what the bill holds."""
        return {
            "vendor": bill.vendor,
            "number": bill.number,
            "amount": bill.due,
            "date": bill.date,
            "key": bill.key,
            "digest": bill.digest,
            "currency": bill.currency,
            "gross": bill.gross,
            "retained": bill.retained,
            "released": bill.released,
            "state": bill.state,
            "lines": bill.lines,
            "attachments": tuple(bill.files.values()),
            "tax": bill.tax,
            "taxes": bill.taxes,
            "due_date": bill.due_date,
            "paid": self.find_paid(bill),
        }

    @erp.hookimpl
    def erp_payments(self, receipt: erp.Receipt) -> tuple[erp.ErpPayment, ...]:
        """Return the payments of the bill."""
        bill = self.ask(lambda: self.find_by_id(receipt.erp_id))
        return () if bill is None else self.list_payments(bill)

    def list_payments(self, bill: Bill) -> tuple[erp.ErpPayment, ...]:
        """Return the payments of a bill."""
        return (erp.ErpPayment(amount=bill.paid, date=bill.paid_on),) if bill.paid else ()

    def pay(self, receipt: erp.Receipt, amount: Decimal) -> _Day:
        """Pay a bill as a bank does; an amount of the other sign voids every payment."""
        bill = self.find_by_id(receipt.erp_id)
        assert bill is not None
        bill.paid = bill.paid + amount if amount * bill.due > 0 else Decimal(0)
        bill.paid_on = self.now().date()
        return bill.paid_on

    def edit(self, receipt: erp.Receipt) -> bool:
        """Give a bill another number as an accountant does."""
        bill = self.find_by_id(receipt.erp_id)
        if bill is not None:
            bill.number = f"{bill.number}-A"
        return bill is not None

    def reverse(self, receipt: erp.Receipt) -> bool:
        """Reverse a bill as an accountant does."""
        bill = self.find_by_id(receipt.erp_id)
        if bill is None:
            return False
        bill.exists = False
        return True

    def find_paid(self, bill: Bill) -> erp.PaymentState:
        """Return how far a bill is paid."""
        if not bill.paid:
            return erp.PaymentState.OPEN
        is_paid = bill.paid == bill.due + bill.tax
        return erp.PaymentState.PAID if is_paid else erp.PaymentState.PART_PAID

    @erp.hookimpl
    def erp_periods(self) -> tuple[erp.AccountingPeriod, ...]:
        """Return the accounting periods."""
        return self.ask(self.list_periods)

    def list_periods(self) -> tuple[erp.AccountingPeriod, ...]:
        """Return a closed period and an open one after it."""
        after = self.closed_until + timedelta(days=1)
        return (
            erp.AccountingPeriod(
                name="closed", first_day=None, last_day=self.closed_until, is_open=False
            ),
            erp.AccountingPeriod(name="open", first_day=after, last_day=None, is_open=True),
        )

    @erp.hookimpl
    def erp_withdraw(self, receipt: erp.Receipt) -> erp.Outcome:
        """Remove the bill."""
        try:
            return self.send(lambda: self.take_back(receipt))
        except ConnectionRefusedError:
            return erp.Deferred(None, "The ERP cannot be reached; nothing was sent.")
        except StatusError as answer:
            return self.judge(answer, erp.Step(receipt.step, receipt.step, receipt.role), None)

    def take_back(self, receipt: erp.Receipt) -> erp.Outcome:
        """Send the request that removes the bill."""
        bill = self.find_by_id(receipt.erp_id)
        if bill is not None:
            self.remove(bill)
        return self.confirm(receipt, bill)

    def remove(self, bill: Bill) -> None:
        """Remove the bill."""
        bill.exists = False

    def confirm(self, receipt: erp.Receipt, _bill: Bill | None) -> erp.Outcome:
        """Answer a removal."""
        return erp.Done(receipt)


def build_sample() -> erp.ExportDocument:
    """Return the sample with a tax code of the ERP on its second line."""
    document = sample_document()
    first, second = document.lines
    taxed = attrs.evolve(second, tax_code="GST", tax_code_origin_id="G5", tax=Decimal("62.53"))
    return attrs.evolve(document, lines=(first, taxed))


def build_target(adapter: Honest) -> Target:
    """Return the adapter as a target, with a transport into which faults can be injected."""
    return Target(
        plugin=adapter,
        document=build_sample,
        pay=adapter.pay,
        reverse=adapter.reverse,
        edit=adapter.edit,
        closed_days=lambda: [adapter.closed_until - timedelta(days=30), adapter.closed_until],
        pause=timedelta(0),
        transport=lambda: FaultPoint(
            writes=[(adapter, "send")],
            reads=[(adapter, "ask")],
            errors=ERRORS,
            shorten=shorten_page,
        ),
    )


def is_same_number(one: str | None, other: str | None) -> bool:
    """Return whether two numbers are the same for the ERP."""
    return normalize_number(one or "") == normalize_number(other or "")


@attrs.define(eq=False, slots=False)
class ByNumber(Honest):
    """An honest adapter over an ERP that knows no keys: it looks for vendor and number."""

    def terms(self) -> erp.StepTerms:
        """Return terms without a key."""
        return erp.StepTerms(look_up=erp.LookUp.NUMBER, settles_within=timedelta(minutes=5))

    def create(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:
        """Create a bill each time."""
        bill = self.build_bill(request, request.key(step).text)
        self.bills.append(bill)
        return erp.Done(self.build_receipt(bill, step, request))

    def search(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        """Return the bills with the vendor and the number."""
        del keys
        found = [bill for bill in self.list_shown() if self.matches(bill, request)]
        if step.kind == "post":
            return [bill for bill in found if bill.state is erp.LandingState.POSTED]
        return found

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:
        """Return whether a bill has the vendor and the number of a request."""
        is_vendor = bill.vendor == request.document.vendor_origin_id
        return is_vendor and is_same_number(bill.number, request.number)

    def describe(self, bill: Bill) -> dict[str, Any]:
        """Show no key."""
        return {**super().describe(bill), "key": None, "digest": None}
