"""After a restore of the database the ERP, or a person, is asked before anything is created."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from erp_invoice_core import ExportStatus, MemoryStore, Resolution, Result
from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import Restore
from tests.worker.harness import (
    APPROVER,
    EVERYTHING,
    NOON,
    SENDER,
    WorkerHarness,
    build_document,
    check_allowed,
)
from tests.worker.scripted_erp import (
    TERMS,
    ScriptedErp,
    WriteOnlyErp,
    build_contents,
    build_declaration,
    build_receipt,
)

ACCEPTED, FAILED = ExportStatus.ACCEPTED, ExportStatus.FAILED
SYNCED, UNKNOWN = ExportStatus.SYNCED, ExportStatus.UNKNOWN
#: The ERP makes one document per key, and is not looked up before the first write.
ENFORCED = attrs.evolve(TERMS, enforces_key=True, replay=erp.Replay.EVERYTHING)
LONG_AGO = NOON - timedelta(days=1)
#: A reason that says nothing of an earlier document.
NO = erp.deny(erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP))


def _build_restored(plugin: WriteOnlyErp, at: object = LONG_AGO) -> WorkerHarness:
    store = MemoryStore()
    store._restore = Restore(number=1, at=at, why="Said by hand.")  # type: ignore[arg-type]  # a moment
    made = WorkerHarness(plugin=plugin, store=store)
    made.accept("5000")
    return made


def _list_codes(harness: WorkerHarness) -> list[str]:
    return [denial.code for denial in harness.get_entry().refusal]


def test_the_erp_is_asked_first_though_it_enforces_the_key() -> None:
    """The ERP has no document: after one look-up the invoice is exported as usual."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    harness = _build_restored(plugin)
    harness.worker.run_once()
    assert (SYNCED, ["find", "write"]) == (
        harness.get_status(),
        [hook for hook, _ in plugin.calls if hook in {"find", "write"}],
    )


def test_what_was_made_before_the_restore_is_taken_up() -> None:
    """The document under our key equals the accepted one: it is adopted, and not made again."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    plugin.script("find", *[erp.Found(build_receipt("B-9"), build_contents())] * 3)
    harness = _build_restored(plugin)
    harness.worker.run_until_idle()
    assert (SYNCED, 0) == (harness.get_status(), plugin.count_calls("write"))
    assert ["B-9"] == [held.receipt.erp_id for held in harness.get_entry().living]
    harness.check_audit_log()


def test_what_was_made_before_is_taken_up_though_the_invoice_may_not_be_exported() -> None:
    """A refusal for another reason must not leave the document from before the restore unknown."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    plugin.script("find", *[erp.Found(build_receipt("B-9"), build_contents())] * 3)
    harness = _build_restored(plugin)
    harness.host.cases.clear()
    harness.worker.run_until_idle()
    assert (SYNCED, 0) == (harness.get_status(), plugin.count_calls("write"))
    assert ["B-9"] == [held.receipt.erp_id for held in harness.get_entry().living]
    harness.check_audit_log()


def test_an_invoice_that_may_not_be_exported_is_refused_after_the_look_up() -> None:
    """The ERP has nothing: the invoice is refused for its own reason, and nothing is written."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    harness = _build_restored(plugin)
    harness.host.cases.clear()
    harness.worker.run_once()
    assert (FAILED, ["export.invoice_missing"]) == (harness.get_status(), _list_codes(harness))
    assert (1, 0) == (plugin.count_calls("find"), plugin.count_calls("write"))


def test_what_was_made_before_is_taken_up_though_the_adapter_refuses() -> None:
    """A reason of the adapter's check comes after the look-up: the document is adopted."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    plugin.script("find", *[erp.Found(build_receipt("B-9"), build_contents())] * 3)
    harness = _build_restored(plugin)
    plugin.script("check", NO)
    harness.worker.run_until_idle()
    assert (SYNCED, 0) == (harness.get_status(), plugin.count_calls("write"))


def test_other_content_under_our_key_is_a_persons() -> None:
    """A document with the same amount and other lines is not adopted, and nothing is written."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    plugin.script("find", erp.Found(build_receipt("B-9"), build_contents(digest="0" * 64)))
    harness = _build_restored(plugin)
    harness.worker.run_once()
    assert (FAILED, ["export.restored_differs"], 0) == (
        harness.get_status(),
        _list_codes(harness),
        plugin.count_calls("write"),
    )


def test_a_document_of_another_invoice_is_not_taken_up() -> None:
    """A found document whose ERP id belongs to another entry stays with that entry."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    harness = _build_restored(plugin)
    harness.worker.run_once()
    (owned,) = harness.get_entry("5000").living
    plugin.script(
        "find",
        erp.Found(
            build_receipt(owned.receipt.erp_id),
            build_contents(key="5001/1/1/bill", number="ACME-5001"),
        ),
    )
    harness.accept("5001")
    harness.worker.run_once()
    assert (FAILED, 1) == (harness.get_status("5001"), plugin.count_calls("write"))
    assert () == harness.get_entry("5001").living
    harness.check_audit_log()


def test_a_restore_that_is_said_while_a_worker_runs_counts() -> None:
    """A running worker learns of the restore within seconds: it looks up its next invoice first."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    harness.worker.run_once()
    assert isinstance(harness.store, MemoryStore)
    harness.store._restore = Restore(number=1, at=LONG_AGO, why="Said by hand.")
    harness.clock.advance(6)
    harness.accept("5001")
    harness.worker.run_once()
    assert (SYNCED, 1) == (harness.get_status("5001"), plugin.count_calls("find"))


class Remembering(ScriptedErp):
    """An ERP that already has both documents of every invoice."""

    @erp.hookimpl
    def erp_find(self, step: erp.Step, keys: tuple[str, ...]) -> erp.Found:
        """Find the document of the step under its first key."""
        self.calls.append(("find", keys))
        number = 1 + self.steps.index(step)
        return erp.Found(
            build_receipt(f"B-{number}", step.name, step.role), build_contents(key=keys[0])
        )


def test_every_document_of_a_plan_is_asked_for() -> None:
    """The first is adopted, so the second is looked up too: both are from before the restore."""
    steps = [erp.Step(name, "bill", erp.Role(name)) for name in ("bill", "release")]
    plugin = Remembering(build_declaration(ENFORCED), *steps)
    harness = _build_restored(plugin)
    for _ in range(3):
        harness.worker.run_until_idle()
    assert (SYNCED, 0) == (harness.get_status(), plugin.count_calls("write"))
    assert ["B-1", "B-2"] == [held.receipt.erp_id for held in harness.get_entry().living]
    harness.check_audit_log()


def test_another_amount_under_our_key_is_a_persons() -> None:
    """A document under our key with another amount is refused with both amounts, not written."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    old = erp.Found(build_receipt("B-9"), build_contents(amount=Decimal("18000.00")))
    plugin.script("find", old)
    harness = _build_restored(plugin)
    harness.worker.run_once()
    (denial,) = harness.get_entry().refusal
    assert (FAILED, 0, "export.restored_differs") == (
        harness.get_status(),
        plugin.count_calls("write"),
        denial.code,
    )
    assert ("B-9", "18000.00", "20025.45") == (
        denial.facts["erp_id"],
        denial.facts["amount"],
        denial.facts["accepted"],
    )


def test_a_document_of_a_try_after_the_backup_is_a_persons() -> None:
    """A document under a key that the restored entry does not know is looked up, not doubled."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    harness = _build_restored(plugin)
    later = harness.get_entry().build_key("bill").text.replace("/1/1/", "/1/2/")
    plugin.script("find", erp.Found(build_receipt("B-9"), build_contents(key=later)))
    harness.worker.run_once()
    assert (FAILED, 0, ["export.restored_differs"]) == (
        harness.get_status(),
        plugin.count_calls("write"),
        _list_codes(harness),
    )
    (asked,) = [given for hook, given in plugin.calls if hook == "find"]
    assert later in str(asked)


def test_a_foreign_document_stays_foreign() -> None:
    """A document without our key is not adopted because of a restore."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    plugin.script("find", erp.Found(build_receipt("B-9"), build_contents(key=None)))
    harness = _build_restored(plugin)
    harness.worker.run_once()
    assert (FAILED, ["erp.already_there"]) == (harness.get_status(), _list_codes(harness))


def test_a_look_up_waits_until_it_counts() -> None:
    """The look-up waits until no request from before the restore can still arrive."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    harness = _build_restored(plugin, at=NOON)
    harness.worker.run_once()
    assert (ACCEPTED, 0, 0) == (
        harness.get_status(),
        plugin.count_calls("find"),
        plugin.count_calls("write"),
    )
    assert NOON + timedelta(seconds=30) == harness.get_entry().due_at
    harness.clock.advance(30)
    harness.worker.run_once()
    assert (SYNCED, 1) == (harness.get_status(), plugin.count_calls("find"))


def _build_blind_erp(plugin: type[WriteOnlyErp] = ScriptedErp) -> WriteOnlyErp:
    terms = attrs.evolve(ENFORCED, look_up=erp.LookUp.NONE, replay=erp.Replay.NONE)
    return plugin(build_declaration(terms, withdraw=erp.WithdrawForm.IMPOSSIBLE))


def test_the_document_is_read_back_where_it_cannot_be_looked_up() -> None:
    """The ERP answers with a document; it is read, and equals the accepted one."""
    plugin = _build_blind_erp()
    harness = _build_restored(plugin)
    harness.worker.run_once()
    assert (SYNCED, 1) == (harness.get_status(), plugin.count_calls("read"))


def test_an_old_document_under_the_key_is_not_believed() -> None:
    """The ERP answers with a document from before the restore: unknown, a person decides."""
    plugin = _build_blind_erp()
    plugin.script("read", build_contents(amount=Decimal("18000.00")))
    harness = _build_restored(plugin)
    harness.worker.run_once()
    entry = harness.get_entry()
    assert (UNKNOWN, None, 1) == (entry.status, entry.due_at, plugin.count_calls("write"))
    assert entry.delay is not None
    assert "18000.00" in entry.delay.why


def test_other_content_that_is_read_back_is_not_believed() -> None:
    """The ERP answers with a document of the same amount and other contents: unknown."""
    plugin = _build_blind_erp()
    plugin.script("read", build_contents(digest="0" * 64))
    harness = _build_restored(plugin)
    harness.worker.run_once()
    assert (UNKNOWN, 1) == (harness.get_status(), plugin.count_calls("write"))


def test_a_document_that_cannot_be_read_back_is_not_believed() -> None:
    """If the document cannot be read, the answer to the write proves nothing."""
    for answer in (erp.Gone(NOON), RuntimeError("no answer")):
        plugin = _build_blind_erp()
        plugin.script("read", answer)
        harness = _build_restored(plugin)
        harness.worker.run_once()
        assert UNKNOWN is harness.get_status()


@pytest.mark.parametrize(
    ("hook", "answer", "writes"), [("write", erp.Refused(NO), 1), ("check", NO, 0)]
)
def test_a_refusal_does_not_say_that_there_is_no_document(
    hook: str, answer: object, writes: int
) -> None:
    """The ERP cannot be asked, and refuses for another reason: a person looks for a document."""
    plugin = _build_blind_erp()
    harness = _build_restored(plugin)
    plugin.script(hook, answer)
    harness.worker.run_once()
    assert (FAILED, ["scripted.closed", "export.restored"], writes) == (
        harness.get_status(),
        _list_codes(harness),
        plugin.count_calls("write"),
    )
    harness.queue.retry(["5000"], APPROVER)
    harness.worker.run_once()
    assert SYNCED is harness.get_status()


def test_an_invoice_that_may_not_be_exported_is_asked_about_where_it_cannot_be_looked_up() -> None:
    """A reason of the queue's own says nothing of a document from before the restore either."""
    plugin = _build_blind_erp()
    harness = _build_restored(plugin)
    harness.host.cases.clear()
    harness.worker.run_once()
    assert (FAILED, ["export.invoice_missing", "export.restored"], 0) == (
        harness.get_status(),
        _list_codes(harness),
        plugin.count_calls("write"),
    )


def test_an_invoice_whose_number_is_taken_is_asked_about_where_it_cannot_be_looked_up() -> None:
    """Another invoice took the number since: that does not say that this one is not in the ERP."""
    plugin = _build_blind_erp()
    harness = _build_restored(plugin)
    harness.host.add(attrs.evolve(build_document("5001"), invoice_number="ACME-5000"))
    check_allowed(harness.queue.send(["5001"], SENDER, connection="erp"))
    check_allowed(harness.queue.accept(["5001"], APPROVER))
    harness.worker.run_once()
    assert (SYNCED, FAILED) == (harness.get_status("5000"), harness.get_status("5001"))
    assert ["export.number_taken", "export.restored"] == harness.list_refusal_codes("5001")
    assert 1 == plugin.count_calls("write")


def test_a_person_looks_where_the_erp_can_do_neither() -> None:
    """If the ERP can neither look up nor read, the export fails once; a retry writes it."""
    plugin = WriteOnlyErp()
    harness = _build_restored(plugin)
    harness.worker.run_once()
    assert (FAILED, ["export.restored"], 0) == (
        harness.get_status(),
        _list_codes(harness),
        plugin.count_calls("write"),
    )
    harness.queue.retry(["5000"], APPROVER)
    harness.worker.run_once()
    assert (SYNCED, 1) == (harness.get_status(), plugin.count_calls("write"))


def test_a_person_is_asked_once_requests_before_the_restore_are_over() -> None:
    """A person who looks earlier may miss a document that is still being made."""
    terms = attrs.evolve(ENFORCED, look_up=erp.LookUp.NONE, enforces_key=False)
    bounded = attrs.evolve(terms, replay=erp.Replay.NONE)
    plugin = ScriptedErp(build_declaration(bounded, withdraw=erp.WithdrawForm.IMPOSSIBLE))
    harness = _build_restored(plugin, at=NOON)
    harness.worker.run_once()
    assert ACCEPTED is harness.get_status()
    harness.clock.advance(30)
    harness.worker.run_once()
    assert (FAILED, ["export.restored"], 0) == (
        harness.get_status(),
        _list_codes(harness),
        plugin.count_calls("write"),
    )


def test_several_invoices_are_each_asked_about() -> None:
    """The next invoice is not started together with the last answer: it is looked up first."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    harness = _build_restored(plugin)
    harness.accept("5001", "5002")
    harness.worker.run_until_idle()
    assert (3, 3) == (plugin.count_calls("find"), plugin.count_calls("write"))


class Unchecked(WriteOnlyErp):
    """An ERP without a check: usually the next invoice is started with the last answer."""

    @erp.hookimpl
    def erp_find(self, keys: tuple[str, ...]) -> erp.Absent:
        """Find nothing."""
        self.calls.append(("find", keys))
        return erp.Absent(NOON)


def _order(*, is_restored: bool) -> list[str]:
    terms = build_declaration(
        ENFORCED, withdraw=erp.WithdrawForm.IMPOSSIBLE, unlink=erp.UnlinkForm.FREE
    )
    features = {**terms.features, erp.Feature.WITHDRAW: erp.Support.IMPOSSIBLE}
    plugin = Unchecked(attrs.evolve(terms, features=features))
    harness = _build_restored(plugin) if is_restored else WorkerHarness(plugin=plugin)
    harness.accept(*(["5001", "5002"] if is_restored else ["5000", "5001", "5002"]))
    harness.worker.run_until_idle()
    assert {SYNCED} == {harness.get_status(id_) for id_ in ("5000", "5001", "5002")}
    return [hook for hook, _ in plugin.calls]


def test_no_invoice_is_started_before_its_look_up() -> None:
    """The next invoice is usually started with the last answer; after a restore it is not."""
    assert ["write"] * 3 == _order(is_restored=False)
    assert ["find", "write"] * 3 == _order(is_restored=True)


def test_without_a_restore_nothing_more_is_asked() -> None:
    """An ERP that enforces the key is not looked up before the first write."""
    plugin = ScriptedErp(build_declaration(ENFORCED))
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    harness.worker.run_once()
    assert (SYNCED, 0) == (harness.get_status(), plugin.count_calls("find"))


def _resolve_as_absent(harness: WorkerHarness) -> Result:
    (result,) = harness.queue.rule(
        ["5000"],
        EVERYTHING,
        resolution=Resolution(absent=True),
        evidence="Seen in the list of bills.",
        expect=harness.get_entry().version,
    )
    return result


def test_absence_is_stated_once_requests_from_before_the_restore_are_over() -> None:
    """A request that the backup does not know is executed within 30 seconds of the restore."""
    harness = _build_restored(ScriptedErp(), at=NOON)

    harness.clock.advance(29)
    (denial,) = _resolve_as_absent(harness).verdict.denials
    assert ("export.not_settled", "2026-11-02 12:00:30 UTC") == (denial.code, denial.facts["until"])
    assert harness.get_status() is ACCEPTED

    harness.clock.advance(1)
    check_allowed([_resolve_as_absent(harness)])
    assert (FAILED, ["export.ruled_absent"]) == (harness.get_status(), _list_codes(harness))


def test_a_restore_is_no_reason_against_a_document_that_was_seen() -> None:
    """A document that exists in the ERP can be stated at once."""
    harness = _build_restored(ScriptedErp(), at=NOON)
    (result,) = harness.queue.rule(
        ["5000"],
        EVERYTHING,
        resolution=Resolution(synced={"": "B-9"}),
        evidence="Seen in the list of bills.",
        expect=harness.get_entry().version,
    )

    assert (True, SYNCED) == (result.verdict.allowed, harness.get_status())
