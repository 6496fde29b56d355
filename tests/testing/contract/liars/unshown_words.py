"""False adapters: words that no answer shows, and writes that nothing asks for."""

from __future__ import annotations

import logging
import warnings
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs

from erp_invoice_core import adapters as erp

from ..honest import Bill, ByNumber, Honest, StatusError

_LOG = logging.getLogger(__name__)


class ComparesDate(ByNumber):
    """Finds a bill only if it has the accounting date of the request."""

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return bill.date == request.accounting_date and super().matches(bill, request)


class DeclaresKey(ByNumber):
    """Declares a look-up by key, and looks for vendor and number."""

    def terms(self) -> erp.StepTerms:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().terms(), look_up=erp.LookUp.KEY)


class ShowsAnotherKey(Honest):
    """Shows a key that is not the one of the bill."""

    def describe(self, bill: Bill) -> dict[str, Any]:  # noqa: D102 - its class says the lie
        return {**super().describe(bill), "key": f"ref {bill.id}"}


class _WithFiles(Honest):
    """Looks a file up by its name and its digest, and counts the equal ones."""

    def declare(self) -> erp.Declaration:
        declared = super().declare()
        return attrs.evolve(declared, terms={**declared.terms, "attach": self.terms()})

    def search(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        if step.kind != "attach":
            return super().search(request, step, keys)
        found = [bill for bill in self.list_shown() if bill.digest == request.digest]
        return [bill for bill in found if self.holds(bill, request, step)]

    def holds(self, bill: Bill, request: erp.ExportRequest, step: erp.Step) -> bool:
        """Return whether the bill holds the file of a step, as often as it was sent until then."""
        ids = [each.id for each in request.files]
        sent = [
            self.mark(each.filename, each.digest)
            for each in request.files[: ids.index(step.attachment or "") + 1]
        ]
        kept = [self.mark(each.name, each.digest) for each in bill.files.values()]
        return self.count(kept, sent)

    def mark(self, name: object, digest: object) -> object:
        """Return the values by which a file is known."""
        return name, digest

    def count(self, kept: list[object], sent: list[object]) -> bool:
        """Return whether the last file is there as often as it was sent."""
        return kept.count(sent[-1]) >= sent.count(sent[-1])


class FindsFileByName(_WithFiles):
    """Finds a file by its name, not by its content."""

    def mark(self, name: object, digest: object) -> object:  # noqa: D102 - its class says the lie
        return name

    def count(self, kept: list[object], sent: list[object]) -> bool:  # noqa: D102 - its class says the lie
        return sent[-1] in kept


class CountsNames(_WithFiles):
    """Counts the files of a name, whatever they hold, as it looks a file up without its key."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        declared = super().declare()
        by_number = erp.StepTerms(look_up=erp.LookUp.NUMBER, settles_within=timedelta(minutes=5))
        return attrs.evolve(declared, terms={**declared.terms, "attach": by_number})

    def mark(self, name: object, digest: object) -> object:  # noqa: D102 - its class says the lie
        return name


class FindsAnyFile(_WithFiles):
    """Finds a file if there is any."""

    def count(self, kept: list[object], sent: list[object]) -> bool:  # noqa: D102 - its class says the lie
        return bool(kept)


class FindsEqualFileOnce(_WithFiles):
    """Finds the second of two equal files as soon as the first one is there."""

    def count(self, kept: list[object], sent: list[object]) -> bool:  # noqa: D102 - its class says the lie
        return sent[-1] in kept


class CutsFileNames(Honest):
    """Keeps thirty characters of the name of a file."""

    def build_file(self, name: str, content: bytes) -> erp.ContentsAttachment:  # noqa: D102 - its class says the lie
        return super().build_file(name[:30], content)


class CutsLongFileNames(Honest):
    """Keeps sixty characters of the name of a file."""

    def build_file(self, name: str, content: bytes) -> erp.ContentsAttachment:  # noqa: D102 - its class says the lie
        return super().build_file(name[:60], content)


class CutsLargeFiles(Honest):
    """Keeps the first 64 KiB of a file."""

    def build_file(self, name: str, content: bytes) -> erp.ContentsAttachment:  # noqa: D102 - its class says the lie
        return super().build_file(name, content[:65_536])


class ChangesLineEnds(Honest):
    """Sends a file as text, and changes its line ends."""

    def build_file(self, name: str, content: bytes) -> erp.ContentsAttachment:  # noqa: D102 - its class says the lie
        return super().build_file(name, content.replace(b"\r\n", b"\n"))


class DropsFilesOfCredits(Honest):
    """Sends no files of a credit."""

    def attach(self, bill: Bill, request: erp.ExportRequest, step: erp.Step) -> None:  # noqa: D102 - its class says the lie
        if request.document.due >= 0:
            super().attach(bill, request, step)


class KeepsOneFileOfName(Honest):
    """Keeps one of two files of a name."""

    def attach(self, bill: Bill, request: erp.ExportRequest, step: erp.Step) -> None:  # noqa: D102 - its class says the lie
        super().attach(bill, request, step)
        bill.files = {str(each.name): each for each in bill.files.values()}


class WritesInCheck(Honest):
    """Creates a bill in the check, and removes it."""

    @erp.hookimpl
    def erp_check(self, request: erp.ExportRequest) -> erp.Verdict:  # noqa: D102 - its class says the lie
        bill = self.build_bill(request, "ping")
        self.send(lambda: self.bills.append(bill))
        self.send(lambda: self.bills.remove(bill))
        return super().erp_check(request)


class WritesInFind(Honest):
    """Marks a bill that it looks for."""

    def list_page(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> tuple[list[Bill], int]:
        self.send(lambda: self.notes.update(asked=step.name))
        return super().list_page(request, step, keys)


class WritesInRead(Honest):
    """Marks a bill that it reads."""

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:  # noqa: D102 - its class says the lie
        self.send(lambda: self.notes.update(read=receipt.erp_id))
        return super().erp_read(receipt)


class BillsAgainLater(ByNumber):
    """Creates another bill if a later step is tried again."""

    def carry_out(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        if request.attempt > 1 and step.kind != "bill":
            self.bills.append(self.build_bill(request, request.key(step).text))
        return super().carry_out(request, step, receipts)


class _Silent(Honest):
    """Shows less than the ERP has."""

    hidden: tuple[str, ...] = ()

    def describe(self, bill: Bill) -> dict[str, Any]:
        shown = super().describe(bill)
        return {name: value for name, value in shown.items() if name not in self.hidden}


class EmptiesFiles(_Silent):
    """Sends empty files, and shows none."""

    hidden = ("attachments",)

    def build_file(self, name: str, content: bytes) -> erp.ContentsAttachment:  # noqa: D102 - its class says the lie
        return super().build_file(name, b"")


class EmptiesNamedFiles(Honest):
    """Sends empty files, and shows only their names."""

    def build_file(self, name: str, content: bytes) -> erp.ContentsAttachment:  # noqa: D102 - its class says the lie
        return erp.ContentsAttachment(name=name)


class SumsSilently(_Silent):
    """Books one line over the amount due, and shows no lines."""

    hidden = ("lines", "gross", "retained", "released")


class HidesCurrency(_Silent):
    """Books every bill in dollars, and shows no currency."""

    hidden = ("currency",)


class HidesRetainageOfCredits(Honest):
    """Books a credit without its retainage, and shows none of credits."""

    def describe(self, bill: Bill) -> dict[str, Any]:  # noqa: D102 - its class says the lie
        said = super().describe(bill)
        hidden = dict.fromkeys(("gross", "retained", "released", "lines"), erp.NOT_SAID)
        return {**said, **hidden} if bill.due < 0 else said


class KeepsPosted(Honest):
    """Removes drafts, and refuses to remove a posted bill."""

    def take_back(self, receipt: erp.Receipt) -> erp.Outcome:  # noqa: D102 - its class says the lie
        bill = self.find_by_id(receipt.erp_id)
        if bill is not None and bill.state is erp.LandingState.POSTED:
            return erp.Refused(erp.deny(self.deny("posted", "Reverse the bill in the ERP.")))
        return super().take_back(receipt)


class HidesKey(Honest):
    """Shows no key."""

    def describe(self, bill: Bill) -> dict[str, Any]:  # noqa: D102 - its class says the lie
        return {**super().describe(bill), "key": None}


class ReadsWhatItSent(Honest):
    """Reads what it sent, and the ERP lost the descriptions."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().build_line(line), description="")

    def create(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:  # noqa: D102 - its class says the lie
        outcome = super().create(request, step)
        if isinstance(outcome, erp.Done):
            sent = tuple(super(ReadsWhatItSent, self).build_line(x) for x in request.document.lines)
            self.notes[outcome.receipt.erp_id] = sent
        return outcome

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:  # noqa: D102 - its class says the lie
        shown = super().erp_read(receipt)
        if isinstance(shown, erp.Contents) and receipt.erp_id in self.notes:
            return attrs.evolve(shown, lines=self.notes[receipt.erp_id])
        return shown


class KnowsPostedFromMemory(Honest):
    """Reads a bill as posted if it noted the answer."""

    @erp.hookimpl
    def erp_write(  # noqa: D102 - its class says the lie
        self,
        session: object,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        outcome = super().erp_write(session, request, step, receipts)
        if step.kind == "post" and isinstance(outcome, erp.Done):
            self.notes[receipts[0].erp_id] = erp.LandingState.POSTED
        return outcome

    def describe(self, bill: Bill) -> dict[str, Any]:  # noqa: D102 - its class says the lie
        state = self.notes.get(bill.id, erp.LandingState.DRAFT)
        return {**super().describe(bill), "state": state}


class LogsSecretInConnect(Honest):
    """Logs its token as it connects."""

    def session(self, token: erp.Secret) -> object:  # noqa: D102 - its class says the lie
        _LOG.warning("Connecting with %s", token.reveal())
        return super().session(token)


class PrintsSecretInConnect(Honest):
    """Prints its token as it connects."""

    def session(self, token: erp.Secret) -> object:  # noqa: D102 - its class says the lie
        print(token.reveal())  # noqa: T201 - the lie
        return super().session(token)


class WarnsOfSecret(Honest):
    """Warns of its token as it connects."""

    def session(self, token: erp.Secret) -> object:  # noqa: D102 - its class says the lie
        warnings.warn(f"The token {token.reveal()} is old.", stacklevel=1)
        return super().session(token)


class QuotesRefusedToken(Honest):
    """Quotes the token that the ERP refuses."""

    def judge(  # noqa: D102 - its class says the lie
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        if answer.status == 401:
            return erp.Deferred(None, f"The ERP refuses {self.token}.", needs_person=True)
        return super().judge(answer, step, request)


class RoundsQuantities(Honest):
    """Keeps three decimals of a quantity."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        quantity = None if line.quantity is None else round(line.quantity, 3)
        return attrs.evolve(super().build_line(line), quantity=quantity)


class KeepsSevenDigits(Honest):
    """Keeps seven digits of an amount, as a short binary fraction does."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        shown = super().build_line(line)
        return attrs.evolve(shown, amount=Decimal(f"{float(line.gross):.7g}"))


class DropsReleasedIfHeld(Honest):
    """Drops released retainage if the bill holds some, too."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        if bill.retained:
            bill.due -= bill.released
            bill.released = Decimal(0)
        return bill


LIES = {
    RoundsQuantities: "contents.lines",
    KeepsSevenDigits: "contents.lines",
    DropsReleasedIfHeld: "feature.retainage_release",
    ReadsWhatItSent: "read.as_found",
    KnowsPostedFromMemory: "read.after_loss",
    LogsSecretInConnect: "secret.answers",
    PrintsSecretInConnect: "secret.answers",
    WarnsOfSecret: "secret.answers",
    QuotesRefusedToken: "secret.refused",
    ComparesDate: "look_up.date",
    DeclaresKey: "look_up.key",
    ShowsAnotherKey: "look_up.key",
    FindsFileByName: "attachment.found",
    CountsNames: "attachment.found",
    FindsAnyFile: "attachment.found",
    FindsEqualFileOnce: "attachment.found",
    CutsFileNames: "attachment.contents",
    CutsLongFileNames: "attachment.contents",
    CutsLargeFiles: "attachment.contents",
    ChangesLineEnds: "attachment.contents",
    DropsFilesOfCredits: "attachment.contents",
    KeepsOneFileOfName: "attachment.contents",
    WritesInCheck: "hooks.write_nothing",
    WritesInFind: "hooks.write_nothing",
    WritesInRead: "hooks.write_nothing",
    BillsAgainLater: "write.one_bill",
}
#: Adapters with words that no answer shows, and the words that must not be proved.
UNSHOWN_WORDS: dict[type[Honest], tuple[str, ...]] = {
    EmptiesFiles: ("attachments: files", "fidelity.attachments: kept"),
    EmptiesNamedFiles: ("attachments: files", "fidelity.attachments: kept"),
    SumsSilently: (
        "features.invoices: full",
        "features.amount_based: full",
        "features.unit_based: full",
        "features.change_orders: full",
        "features.stored_materials: full",
        "features.retainage: full",
        "features.retainage_release: full",
        "retainage: native",
    ),
    HidesCurrency: ("currencies.EUR: accepted", "currencies.USD: accepted"),
    HidesRetainageOfCredits: ("negative: exported",),
    KeepsPosted: ("withdraw: full", "features.withdraw: full"),
    HidesKey: ("terms.bill.look_up: key",),
}
