"""The attachments of an export are fetched and checked before their step, outside transactions."""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs
import pytest

from erp_invoice_core import Attachment, ExportStatus, MemoryStore
from erp_invoice_core import adapters as erp
from tests.worker.harness import APPROVER, SENDER, Office, case, document, ok
from tests.worker.scripted_erp import Scripted, declaration, receipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.stores import WorkTransaction

BYTES = {"1": b"Lien waiver, signed.", "2": b"Photo of the frames."}
FILES = tuple(
    Attachment(id=id_, filename=f"{id_}.pdf", digest=hashlib.sha256(content).hexdigest())
    for id_, content in BYTES.items()
)
TERMS = erp.StepTerms(
    look_up=erp.LookUp.KEY,
    visible_after=timedelta(0),
    settles_within=timedelta(seconds=30),
    time_limit=timedelta(seconds=20),
)


class Clerk(Scripted):
    """An ERP that receives a bill and then its files, one step each."""

    def __init__(self) -> None:
        terms = dict.fromkeys(("bill", "attach"), TERMS)
        told = declaration(attachments=erp.AttachmentForm.FILES)
        super().__init__(attrs.evolve(told, terms=terms))
        self.got: list[tuple[str, bytes]] = []

    @erp.hookimpl
    def erp_steps(  # type: ignore[override]  # the plan follows from the files
        self, request: erp.ExportRequest
    ) -> tuple[erp.Step, ...]:
        """Return a step for the bill and one for each file."""
        files = (erp.Step(f"attach {one.id}", "attach", None, one.id) for one in request.files)
        return (erp.Step("bill", "bill", erp.Role.BILL), *files)

    @erp.hookimpl
    def erp_write(
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> Any:  # noqa: ANN401 - any scripted value
        """Store the bill, or the content of the file."""
        for each in request.files:
            if each.id == step.attachment:
                with each.open() as content:
                    self.got.append((each.id, content.read()))
        made = receipt(f"{step.name}-1", step.name, step.role)
        return self._next("write", erp.Done(made), (request.key(step).text, len(receipts)))


class Cabinet:
    """The files of the host, and how often each was asked for."""

    def __init__(self, **bent: Any) -> None:  # noqa: ANN401 - bytes, or an error to raise
        self.files: dict[str, Any] = {**BYTES, **{key[1:]: value for key, value in bent.items()}}
        self.asked: list[str] = []

    def __call__(self, attachment: Attachment) -> BinaryIO:
        """Return the content."""
        self.asked.append(attachment.id)
        content = self.files[attachment.id]
        if isinstance(content, BaseException):
            raise content
        return BytesIO(content)


def office(cabinet: Cabinet | None, plugin: Clerk | None = None, **more: Any) -> Office:  # noqa: ANN401 - its fields
    """Return a set-up with an accepted invoice that has two files."""
    made = Office(plugin=plugin or Clerk(), attachments=cabinet, **more)
    written = attrs.evolve(document(), attachments=FILES)
    made.host.cases["5000"] = attrs.evolve(case(written), attachments=2)
    ok(made.queue.send(["5000"], SENDER, connection="erp"))
    ok(made.queue.accept(["5000"], APPROVER))
    return made


def got(desk: Office) -> list[tuple[str, bytes]]:
    """Return the files that the ERP received."""
    assert isinstance(desk.plugin, Clerk)
    return desk.plugin.got


def why(desk: Office) -> str:
    """Return the reason why the entry waits."""
    return desk.queue.history("5000")[-1].facts["why"]


def test_each_file_is_a_step_with_the_accepted_bytes() -> None:
    """The bill is written first, then each file with its content; each leaves a receipt."""
    desk = office(Cabinet())
    desk.worker.run_once()

    assert list(BYTES.items()) == got(desk)
    assert ExportStatus.SYNCED is desk.status()
    assert ["bill", "attach 1", "attach 2"] == [one.receipt.step for one in desk.entry().standing]
    desk.check()


@pytest.mark.parametrize("bent", [b"Another paper.", OSError("disk"), KeyError("9"), SystemExit()])
def test_missing_content_stops_the_export_before_anything_is_written(bent: Any) -> None:  # noqa: ANN401 - as above
    """If a file is missing or has other bytes, no bill is written without it."""
    desk = office(Cabinet(_2=bent))
    desk.worker.run_once()

    assert (ExportStatus.ACCEPTED, 0) == (desk.status(), len(desk.entry().calls))
    assert "attachment 2 (2.pdf)" in why(desk)
    delay = desk.entry().delay
    assert delay is not None
    assert isinstance(bent, bytes) is delay.needs_person
    assert [] == got(desk)
    desk.check()


def test_content_that_comes_back_is_sent_later() -> None:
    """The export waits, and continues once the content is there."""
    cabinet = Cabinet(_2=OSError("disk"))
    desk = office(cabinet)
    desk.worker.run_once()
    cabinet.files["2"] = BYTES["2"]
    desk.clock.advance(600)
    desk.worker.run_once()

    assert (ExportStatus.SYNCED, list(BYTES.items())) == (desk.status(), got(desk))
    desk.check()


def test_content_lost_between_the_steps_leaves_the_receipts() -> None:
    """The step of the file does not start, and the bill is not written a second time."""

    class Fading(Cabinet):
        def __call__(self, attachment: Attachment) -> BinaryIO:
            if len(self.asked) == 3:
                self.asked.append("lost")
                raise OSError
            return super().__call__(attachment)

    desk = office(Fading())
    desk.worker.run_once()
    assert (ExportStatus.ACCEPTED, ["bill", "attach 1"]) == (
        desk.status(),
        [one.receipt.step for one in desk.entry().standing],
    )
    assert ["bill", "attach 1"] == [call.key.step for call in desk.entry().calls]

    desk.clock.advance(600)
    desk.worker.run_once()

    assert (ExportStatus.SYNCED, list(BYTES.items())) == (desk.status(), got(desk))
    desk.check()


def test_content_that_stays_away_is_given_up_with_the_reason() -> None:
    """After twenty deferrals the export has failed, with the missing file; nothing was written."""
    desk = office(Cabinet(_1=OSError("disk")))
    for _ in range(20):
        desk.clock.advance(86_400)
        desk.worker.run_once()

    assert (ExportStatus.FAILED, ["export.gave_up"]) == (desk.status(), desk.codes())
    assert "attachment 1 (1.pdf)" in desk.entry().refusal[0].message
    assert [] == got(desk)


def test_port_that_is_gone_at_the_export_is_a_new_loss() -> None:
    """Without the port, an invoice accepted with files is refused until a person decides."""
    desk = office(Cabinet())
    desk.queue.content = None
    desk.worker.run_once()

    assert (ExportStatus.FAILED, ["export.new_loss"]) == (desk.status(), desk.codes())


def test_attachment_added_after_the_acceptance_changes_nothing() -> None:
    """A later attachment is not sent: the accepted files are sent, and no new consent is needed."""
    desk = office(Cabinet())
    more = (*FILES, Attachment(id="3", filename="late.pdf"))
    written = attrs.evolve(document(), attachments=more)
    desk.host.cases["5000"] = attrs.evolve(case(written), attachments=3)
    desk.worker.run_once()

    assert (ExportStatus.SYNCED, list(BYTES.items())) == (desk.status(), got(desk))


def test_no_bytes_are_read_inside_a_transaction() -> None:
    """When the worker asks the host for content, no transaction of the worker is open."""
    opened: list[int] = []

    class Watched(MemoryStore):
        depth = 0

        @contextmanager
        def work(self) -> Iterator[WorkTransaction]:
            with super().work() as transaction:
                self.depth += 1
                try:
                    yield transaction
                finally:
                    self.depth -= 1

    store = Watched()

    class Asked(Cabinet):
        def __call__(self, attachment: Attachment) -> BinaryIO:
            opened.append(store.depth)
            return super().__call__(attachment)

    desk = office(Asked(), store=store)
    desk.worker.run_once()

    assert ([0] * 4, ExportStatus.SYNCED) == (opened, desk.status())


def test_lost_answer_of_a_file_step_is_looked_up() -> None:
    """A file whose write is in doubt is found by its key; it is not sent twice."""
    plugin = Clerk()
    plugin.answer("write", erp.Done(receipt("bill-1")), erp.Unknown("Cut off."))
    desk = office(Cabinet(), plugin)
    desk.worker.run_once()
    assert (ExportStatus.UNKNOWN, ["attach 1"]) == (
        desk.status(),
        [call.key.step for call in desk.entry().in_doubt],
    )


def test_second_opening_in_one_step_is_checked_again() -> None:
    """An adapter that reads a file twice gets the same bytes, checked both times."""

    class Twice(Clerk):
        @erp.hookimpl
        def erp_write(
            self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
        ) -> Any:  # noqa: ANN401 - an outcome
            for each in request.files:
                if each.id == step.attachment:
                    for _ in range(2):
                        with each.open() as content:
                            self.got.append((each.id, content.read()))
            made = receipt(f"{step.name}-1", step.name, step.role)
            return self._next("write", erp.Done(made), (request.key(step).text, len(receipts)))

    cabinet = Cabinet()
    desk = office(cabinet, Twice())
    desk.worker.run_once()

    assert [("1", BYTES["1"])] * 2 + [("2", BYTES["2"])] * 2 == got(desk)
    assert ["1", "2", "1", "1", "2", "2"] == cabinet.asked


def test_port_that_hangs_is_left_behind() -> None:
    """A host that never answers leads to a deferral within the limit of the step."""

    class Hanging(Cabinet):
        def __call__(self, attachment: Attachment) -> BinaryIO:
            time.sleep(0.5)
            return super().__call__(attachment)

    terms = attrs.evolve(TERMS, time_limit=timedelta(milliseconds=50))
    plugin = Clerk()
    plugin.told = attrs.evolve(plugin.told, terms=dict.fromkeys(("bill", "attach"), terms))
    desk = office(Hanging(), plugin)
    desk.worker.run_once()

    assert (ExportStatus.ACCEPTED, 0) == (desk.status(), len(desk.entry().calls))
    assert "was not read in time" in why(desk)


def _former(has_files: bool) -> erp.Declaration:
    told = Clerk().told
    return told if has_files else attrs.evolve(told, attachments=erp.AttachmentForm.NONE)


@pytest.mark.parametrize("has_files", [False, True])
@pytest.mark.parametrize("is_superseded", [False, True])
def test_declaration_that_only_adds_needs_no_new_consent(
    *, has_files: bool, is_superseded: bool
) -> None:
    """A declaration that only adds features needs no new consent; any other change does."""
    plugin = Clerk()
    present = attrs.evolve(plugin.told, landing=erp.LandingState.POSTED)
    plugin.told = _former(has_files)
    desk = office(Cabinet(), plugin)
    supersedes = {plugin.told.digest} if is_superseded else set()
    newer = Clerk()
    newer.told = attrs.evolve(present, supersedes=supersedes)
    later = Office(plugin=newer, store=desk.store, host=desk.host, attachments=Cabinet())
    later.worker.run_once()

    expected = ExportStatus.SYNCED if is_superseded else ExportStatus.FAILED
    assert expected is later.status()
    assert is_superseded or "export.declaration_changed" in later.codes()


class Embedding(Clerk):
    """An ERP that receives the bill with its files in one call."""

    @erp.hookimpl
    def erp_steps(self) -> tuple[erp.Step, ...]:  # type: ignore[override]  # one step for all
        """Return the one step."""
        return (erp.Step("bill", "bill", erp.Role.BILL),)

    @erp.hookimpl
    def erp_write(
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> Any:  # noqa: ANN401 - an outcome
        """Store the bill and the content of every file."""
        for each in request.files:
            with each.open() as content:
                self.got.append((each.id, content.read()))
        made = receipt("B-1", step.name, step.role)
        return self._next("write", erp.Done(made), (request.key(step).text, len(receipts)))


def test_files_of_one_call_are_checked_before_it() -> None:
    """An adapter that sends all files with the bill is not called while a file is missing."""
    cabinet = Cabinet(_2=b"Another paper.")
    desk = office(cabinet, Embedding())
    desk.worker.run_once()
    assert (ExportStatus.ACCEPTED, 0, []) == (desk.status(), len(desk.entry().calls), got(desk))

    cabinet.files["2"] = BYTES["2"]
    desk.clock.advance(600)
    desk.worker.run_once()
    assert (ExportStatus.SYNCED, list(BYTES.items())) == (desk.status(), got(desk))


def test_file_that_is_lost_within_a_call_leaves_it_in_doubt() -> None:
    """If an adapter cannot open a file during its call, the outcome of the call is unknown."""

    class Fading(Cabinet):
        def __call__(self, attachment: Attachment) -> BinaryIO:
            if len(self.asked) > 2:
                raise OSError
            return super().__call__(attachment)

    desk = office(Fading(), Embedding())
    desk.worker.run_once()
    assert (ExportStatus.UNKNOWN, ["bill"]) == (
        desk.status(),
        [call.key.step for call in desk.entry().in_doubt],
    )
