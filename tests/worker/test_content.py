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
from tests.worker.harness import (
    APPROVER,
    SENDER,
    WorkerHarness,
    build_case,
    build_document,
    check_allowed,
)
from tests.worker.scripted_erp import ScriptedErp, build_declaration, build_receipt

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


class Clerk(ScriptedErp):
    """An ERP that receives a bill and then its files, one step each."""

    def __init__(self) -> None:
        terms = dict.fromkeys(("bill", "attach"), TERMS)
        declaration = build_declaration(attachments=erp.AttachmentForm.FILES)
        super().__init__(attrs.evolve(declaration, terms=terms))
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
        made = build_receipt(f"{step.name}-1", step.name, step.role)
        return self._pop_answer("write", erp.Done(made), (request.key(step).text, len(receipts)))


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


def build_harness(
    cabinet: Cabinet | None,
    plugin: Clerk | None = None,
    **more: Any,  # noqa: ANN401 - its fields
) -> WorkerHarness:
    """Return a set-up with an accepted invoice that has two files."""
    made = WorkerHarness(plugin=plugin or Clerk(), attachments=cabinet, **more)
    written = attrs.evolve(build_document(), attachments=FILES)
    made.host.cases["5000"] = attrs.evolve(build_case(written), attachments=2)
    check_allowed(made.queue.send(["5000"], SENDER, connection="erp"))
    check_allowed(made.queue.accept(["5000"], APPROVER))
    return made


def list_received_files(harness: WorkerHarness) -> list[tuple[str, bytes]]:
    """Return the files that the ERP received."""
    assert isinstance(harness.plugin, Clerk)
    return harness.plugin.got


def find_reason(harness: WorkerHarness) -> str:
    """Return the reason why the entry waits."""
    return harness.queue.history("5000")[-1].facts["why"]


def test_each_file_is_a_step_with_the_accepted_bytes() -> None:
    """The bill is written first, then each file with its content; each leaves a receipt."""
    harness = build_harness(Cabinet())
    harness.worker.run_once()

    assert list(BYTES.items()) == list_received_files(harness)
    assert ExportStatus.SYNCED is harness.get_status()
    assert ["bill", "attach 1", "attach 2"] == [
        one.receipt.step for one in harness.get_entry().standing
    ]
    harness.check_audit_log()


@pytest.mark.parametrize(
    "bent", [b"Another document.", OSError("disk"), KeyError("9"), SystemExit()]
)
def test_missing_content_stops_the_export_before_anything_is_written(bent: Any) -> None:  # noqa: ANN401 - as above
    """If a file is missing or has other bytes, no bill is written without it."""
    harness = build_harness(Cabinet(_2=bent))
    harness.worker.run_once()

    assert (ExportStatus.ACCEPTED, 0) == (harness.get_status(), len(harness.get_entry().calls))
    assert "attachment 2 (2.pdf)" in find_reason(harness)
    delay = harness.get_entry().delay
    assert delay is not None
    assert isinstance(bent, bytes) is delay.needs_person
    assert [] == list_received_files(harness)
    harness.check_audit_log()


def test_content_that_comes_back_is_sent_later() -> None:
    """The export waits, and continues once the content is there."""
    cabinet = Cabinet(_2=OSError("disk"))
    harness = build_harness(cabinet)
    harness.worker.run_once()
    cabinet.files["2"] = BYTES["2"]
    harness.clock.advance(600)
    harness.worker.run_once()

    assert (ExportStatus.SYNCED, list(BYTES.items())) == (
        harness.get_status(),
        list_received_files(harness),
    )
    harness.check_audit_log()


def test_content_lost_between_the_steps_leaves_the_receipts() -> None:
    """The step of the file does not start, and the bill is not written a second time."""

    class Fading(Cabinet):
        def __call__(self, attachment: Attachment) -> BinaryIO:
            if len(self.asked) == 3:
                self.asked.append("lost")
                raise OSError
            return super().__call__(attachment)

    harness = build_harness(Fading())
    harness.worker.run_once()
    assert (ExportStatus.ACCEPTED, ["bill", "attach 1"]) == (
        harness.get_status(),
        [one.receipt.step for one in harness.get_entry().standing],
    )
    assert ["bill", "attach 1"] == [call.key.step for call in harness.get_entry().calls]

    harness.clock.advance(600)
    harness.worker.run_once()

    assert (ExportStatus.SYNCED, list(BYTES.items())) == (
        harness.get_status(),
        list_received_files(harness),
    )
    harness.check_audit_log()


def test_content_that_stays_away_is_given_up_with_the_reason() -> None:
    """After twenty deferrals the export has failed, with the missing file; nothing was written."""
    harness = build_harness(Cabinet(_1=OSError("disk")))
    for _ in range(20):
        harness.clock.advance(86_400)
        harness.worker.run_once()

    assert (ExportStatus.FAILED, ["export.gave_up"]) == (
        harness.get_status(),
        harness.list_refusal_codes(),
    )
    assert "attachment 1 (1.pdf)" in harness.get_entry().refusal[0].message
    assert [] == list_received_files(harness)


def test_port_that_is_gone_at_the_export_is_a_new_loss() -> None:
    """Without the port, an invoice accepted with files is refused until a person decides."""
    harness = build_harness(Cabinet())
    harness.queue.content = None
    harness.worker.run_once()

    assert (ExportStatus.FAILED, ["export.new_loss"]) == (
        harness.get_status(),
        harness.list_refusal_codes(),
    )


def test_attachment_added_after_the_acceptance_changes_nothing() -> None:
    """A later attachment is not sent: the accepted files are sent, and no new consent is needed."""
    harness = build_harness(Cabinet())
    more = (*FILES, Attachment(id="3", filename="late.pdf"))
    written = attrs.evolve(build_document(), attachments=more)
    harness.host.cases["5000"] = attrs.evolve(build_case(written), attachments=3)
    harness.worker.run_once()

    assert (ExportStatus.SYNCED, list(BYTES.items())) == (
        harness.get_status(),
        list_received_files(harness),
    )


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

    harness = build_harness(Asked(), store=store)
    harness.worker.run_once()

    assert ([0] * 4, ExportStatus.SYNCED) == (opened, harness.get_status())


def test_lost_answer_of_a_file_step_is_looked_up() -> None:
    """A file whose write is in doubt is found by its key; it is not sent twice."""
    plugin = Clerk()
    plugin.script("write", erp.Done(build_receipt("bill-1")), erp.Unknown("Cut off."))
    harness = build_harness(Cabinet(), plugin)
    harness.worker.run_once()
    assert (ExportStatus.UNKNOWN, ["attach 1"]) == (
        harness.get_status(),
        [call.key.step for call in harness.get_entry().in_doubt],
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
            made = build_receipt(f"{step.name}-1", step.name, step.role)
            return self._pop_answer(
                "write", erp.Done(made), (request.key(step).text, len(receipts))
            )

    cabinet = Cabinet()
    harness = build_harness(cabinet, Twice())
    harness.worker.run_once()

    assert [("1", BYTES["1"])] * 2 + [("2", BYTES["2"])] * 2 == list_received_files(harness)
    assert ["1", "2", "1", "1", "2", "2"] == cabinet.asked


def test_port_that_hangs_is_left_behind() -> None:
    """A host that never answers leads to a deferral within the limit of the step."""

    class Hanging(Cabinet):
        def __call__(self, attachment: Attachment) -> BinaryIO:
            time.sleep(0.5)
            return super().__call__(attachment)

    terms = attrs.evolve(TERMS, time_limit=timedelta(milliseconds=50))
    plugin = Clerk()
    plugin.declared = attrs.evolve(plugin.declared, terms=dict.fromkeys(("bill", "attach"), terms))
    harness = build_harness(Hanging(), plugin)
    harness.worker.run_once()

    assert (ExportStatus.ACCEPTED, 0) == (harness.get_status(), len(harness.get_entry().calls))
    assert "was not read in time" in find_reason(harness)


def _build_former_declaration(has_files: bool) -> erp.Declaration:
    declaration = Clerk().declared
    return (
        declaration if has_files else attrs.evolve(declaration, attachments=erp.AttachmentForm.NONE)
    )


@pytest.mark.parametrize("has_files", [False, True])
@pytest.mark.parametrize("is_superseded", [False, True])
def test_declaration_that_only_adds_needs_no_new_consent(
    *, has_files: bool, is_superseded: bool
) -> None:
    """A declaration that only adds features needs no new consent; any other change does."""
    plugin = Clerk()
    present = attrs.evolve(plugin.declared, landing=erp.LandingState.POSTED)
    plugin.declared = _build_former_declaration(has_files)
    harness = build_harness(Cabinet(), plugin)
    supersedes = {plugin.declared.digest} if is_superseded else set()
    newer = Clerk()
    newer.declared = attrs.evolve(present, supersedes=supersedes)
    later = WorkerHarness(
        plugin=newer, store=harness.store, host=harness.host, attachments=Cabinet()
    )
    later.worker.run_once()

    expected = ExportStatus.SYNCED if is_superseded else ExportStatus.FAILED
    assert expected is later.get_status()
    assert is_superseded or "export.declaration_changed" in later.list_refusal_codes()


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
        made = build_receipt("B-1", step.name, step.role)
        return self._pop_answer("write", erp.Done(made), (request.key(step).text, len(receipts)))


def test_files_of_one_call_are_checked_before_it() -> None:
    """An adapter that sends all files with the bill is not called while a file is missing."""
    cabinet = Cabinet(_2=b"Another document.")
    harness = build_harness(cabinet, Embedding())
    harness.worker.run_once()
    assert (ExportStatus.ACCEPTED, 0, []) == (
        harness.get_status(),
        len(harness.get_entry().calls),
        list_received_files(harness),
    )

    cabinet.files["2"] = BYTES["2"]
    harness.clock.advance(600)
    harness.worker.run_once()
    assert (ExportStatus.SYNCED, list(BYTES.items())) == (
        harness.get_status(),
        list_received_files(harness),
    )


def test_file_that_is_lost_within_a_call_leaves_it_in_doubt() -> None:
    """If an adapter cannot open a file during its call, the outcome of the call is unknown."""

    class Fading(Cabinet):
        def __call__(self, attachment: Attachment) -> BinaryIO:
            if len(self.asked) > 2:
                raise OSError
            return super().__call__(attachment)

    harness = build_harness(Fading(), Embedding())
    harness.worker.run_once()
    assert (ExportStatus.UNKNOWN, ["bill"]) == (
        harness.get_status(),
        [call.key.step for call in harness.get_entry().in_doubt],
    )
