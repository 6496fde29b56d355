"""The look-up of an entry in doubt: which answers count as found, as absent, or as neither."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core import Action, ExportStatus
from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import Answer
from tests.worker.harness import NOON, WorkerHarness
from tests.worker.scripted_erp import ScriptedErp, build_contents, build_declaration, build_receipt

ACCEPTED, SYNCED, UNKNOWN = ExportStatus.ACCEPTED, ExportStatus.SYNCED, ExportStatus.UNKNOWN
BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
#: 60 s of lease and 30 s to settle after noon: from then on absence counts.
SETTLED = 90.0
NUMBER = erp.StepTerms(look_up=erp.LookUp.NUMBER, settles_within=timedelta(seconds=30))
BOUNDLESS = erp.StepTerms(look_up=erp.LookUp.KEY, settles_within=None)


def build_in_doubt(
    *steps: erp.Step, terms: erp.StepTerms | None = None
) -> tuple[WorkerHarness, ScriptedErp]:
    """Return a set-up whose invoice's last call gave no answer, and its ERP."""
    plugin = ScriptedErp(build_declaration(terms) if terms else None, *steps)
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    plugin.script("write", *(erp.Done(build_receipt()) for _ in steps[1:]), TimeoutError())
    harness.worker.run_once()
    assert UNKNOWN is harness.get_status()
    return harness, plugin


def look_up(
    harness: WorkerHarness, plugin: ScriptedErp, sighting: object, seconds: float = SETTLED
) -> None:
    """Let a number of seconds pass, and make one look-up with this answer."""
    harness.clock.advance(seconds)
    plugin.script("find", sighting)
    harness.worker.run_once(limit=1)


def test_the_first_look_is_due_when_absence_counts() -> None:
    """The first look-up waits for the lease's nominal end and the time to settle, no longer."""
    harness, _ = build_in_doubt()
    assert NOON + timedelta(seconds=SETTLED) == harness.get_entry().due_at


def test_the_first_look_waits_five_minutes_where_nothing_settles() -> None:
    """If the ERP declares no bound, the first look-up comes after five minutes."""
    harness, _ = build_in_doubt(terms=BOUNDLESS)
    assert NOON + timedelta(minutes=5) == harness.get_entry().due_at


def test_found_under_our_key_is_the_receipt() -> None:
    """A document under our key that agrees in every field is ours: synced, written once."""
    harness, plugin = build_in_doubt()
    look_up(harness, plugin, erp.Found(build_receipt("B-7"), build_contents()))

    assert (SYNCED, ["B-7"], 1) == (
        harness.get_status(),
        [held.receipt.erp_id for held in harness.get_entry().living],
        plugin.count_calls("write"),
    )
    harness.check_audit_log()


def test_a_later_step_is_found_on_the_document_of_the_first() -> None:
    """The posting is found on the bill, which has the key that created it."""
    harness, plugin = build_in_doubt(BILL, POST)
    look_up(
        harness,
        plugin,
        erp.Found(build_receipt("B-1", "post", None), build_contents("5000/1/1/bill")),
    )

    assert (SYNCED, 2) == (harness.get_status(), plugin.count_calls("write"))
    assert [Answer.RECEIPT, Answer.RECEIPT] == [call.answer for call in harness.get_entry().calls]


def test_absence_after_the_moment_begins_a_new_try() -> None:
    """Absence that counts ends the doubt; the next write has another key."""
    harness, plugin = build_in_doubt()
    look_up(harness, plugin, lambda: erp.Absent(harness.clock()))
    assert (ACCEPTED, 2) == (harness.get_status(), harness.get_entry().attempt)

    harness.worker.run_once()

    assert ["5000/1/1/bill", "5000/1/2/bill"] == [key for key, _ in plugin.writes]
    assert SYNCED is harness.get_status()


def test_absence_as_of_an_earlier_moment_proves_nothing() -> None:
    """An answer from before the settle moment leaves the doubt."""
    harness, plugin = build_in_doubt()
    look_up(harness, plugin, erp.Absent(NOON + timedelta(seconds=SETTLED - 1)))

    assert (UNKNOWN, 1, 1) == (
        harness.get_status(),
        len(harness.get_entry().in_doubt),
        plugin.count_calls("write"),
    )


def test_absence_never_counts_without_a_bound() -> None:
    """Without a declared bound, seven look-ups that find nothing leave the entry to a person."""
    harness, plugin = build_in_doubt(terms=BOUNDLESS)
    for _ in range(9):
        harness.clock.advance(86_400)
        harness.worker.run_once()

    entry = harness.get_entry()
    assert (UNKNOWN, None, 1) == (entry.status, entry.due_at, plugin.count_calls("write"))
    # One look-up before the write, seven after it.
    assert 8 == plugin.count_calls("find")


@pytest.mark.parametrize(
    "bent",
    [
        {"vendor": "V-OTHER"},
        {"number": "ACME-1"},
        {"amount": Decimal("20025.46")},
        {"date": date(2026, 11, 1)},
        {"amount": None},
    ],
)
def test_a_match_that_disagrees_proves_nothing(bent: dict[str, Any]) -> None:
    """A document under our key with other contents is neither found nor absent."""
    harness, plugin = build_in_doubt()
    look_up(harness, plugin, erp.Found(build_receipt("B-7"), build_contents(**bent)))

    assert (UNKNOWN, 1, ()) == (
        harness.get_status(),
        len(harness.get_entry().in_doubt),
        harness.get_entry().holdings,
    )


@pytest.mark.parametrize("seen", [erp.Several("Two."), erp.CannotTell("?"), RuntimeError("down")])
def test_no_clear_sighting_proves_nothing(seen: object) -> None:
    """Several documents, no answer, or an error leave the doubt; the next look-up is planned."""
    harness, plugin = build_in_doubt()
    look_up(harness, plugin, seen)

    entry = harness.get_entry()
    assert (UNKNOWN, 1, None) == (entry.status, len(entry.in_doubt), entry.lease)
    assert harness.clock() + timedelta(hours=1) == entry.due_at


def test_found_without_our_key_counts_after_the_settle_moment() -> None:
    """A document without our key is ours only once no request of ours can still arrive."""
    harness, plugin = build_in_doubt(terms=NUMBER)
    harness.clock.advance(SETTLED)
    found = erp.Found(build_receipt("B-7"), build_contents(key=None))
    look_up(harness, plugin, found, 0.0)
    assert SYNCED is harness.get_status()


def test_found_without_our_key_counts_never_without_a_bound() -> None:
    """If nothing bounds a late request, a document without our key may be anyone's."""
    terms = attrs.evolve(NUMBER, settles_within=None)
    harness, plugin = build_in_doubt(terms=terms)
    look_up(harness, plugin, erp.Found(build_receipt("B-7"), build_contents(key=None)), 300.0)

    assert (UNKNOWN, ()) == (harness.get_status(), harness.get_entry().holdings)


def test_a_document_of_another_invoice_proves_nothing() -> None:
    """An ERP id has one owner: a document of another invoice is not adopted."""
    harness, plugin = build_in_doubt()
    harness.accept("5001")
    plugin.script("write", erp.Done(build_receipt("B-7")))
    harness.worker.run_once()
    assert SYNCED is harness.get_status("5001")

    look_up(harness, plugin, erp.Found(build_receipt("B-7"), build_contents()))

    assert (UNKNOWN, ()) == (harness.get_status(), harness.get_entry().holdings)


def test_a_receipt_of_another_invoice_is_doubt() -> None:
    """A write that answers with another invoice's ERP id proves nothing either."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000", "5001")
    plugin.script("write", erp.Done(build_receipt("B-7")), erp.Done(build_receipt("B-7")))
    harness.worker.run_once()

    assert (SYNCED, UNKNOWN) == (harness.get_status("5000"), harness.get_status("5001"))
    assert 1 == len(harness.get_entry("5001").in_doubt)


def test_a_stale_look_up_may_bring_found() -> None:
    """A look-up after the end of its lease still records a document that it found."""
    harness, plugin = build_in_doubt()

    def slow() -> erp.Sighting:
        harness.clock.advance(61)
        plugin.script("find", erp.CannotTell("Not now."))
        harness.build_worker("worker-2").run_once(limit=1)
        return erp.Found(build_receipt("B-7"), build_contents())

    look_up(harness, plugin, slow)
    harness.worker.run_once()

    assert (SYNCED, 1) == (harness.get_status(), plugin.count_calls("write"))
    assert Action.SIGHT in harness.list_actions()


def test_a_stale_look_up_never_brings_absent() -> None:
    """A look-up after the end of its lease does not record absence."""
    harness, plugin = build_in_doubt()

    def slow() -> erp.Sighting:
        harness.clock.advance(61)
        plugin.script("find", erp.CannotTell("Not now."))
        harness.build_worker("worker-2").run_once(limit=1)
        return erp.Absent(harness.clock())

    look_up(harness, plugin, slow)

    assert (UNKNOWN, 1, 1) == (
        harness.get_status(),
        len(harness.get_entry().in_doubt),
        plugin.count_calls("write"),
    )


def test_keys_resolved_as_absent_are_looked_up_before_the_next_write() -> None:
    """Before the next attempt's first write all keys are looked up; a find is not adopted."""
    harness, plugin = build_in_doubt()
    look_up(harness, plugin, lambda: erp.Absent(harness.clock()))
    late = erp.Found(build_receipt("B-7"), build_contents("5000/1/1/bill"))
    plugin.script("find", late)
    harness.worker.run_once(limit=1)

    assert ("find", ("5000/1/1/bill", "5000/1/2/bill")) == plugin.calls[-1]
    entry = harness.get_entry()
    assert (UNKNOWN, ["B-7"], 1) == (
        entry.status,
        [held.receipt.erp_id for held in entry.living],
        plugin.count_calls("write"),
    )


def test_a_document_is_not_looked_for_where_no_look_up_is_declared() -> None:
    """Without a declared look-up a find proves nothing: a person may have typed the document."""
    terms = erp.StepTerms(settles_within=timedelta(seconds=30))
    harness, plugin = build_in_doubt(terms=terms)
    look_up(
        harness, plugin, erp.Found(build_receipt("B-7"), build_contents(key=None)), seconds=3600
    )

    assert (UNKNOWN, 0) == (harness.get_status(), plugin.count_calls("find"))
    assert 1 == len(harness.get_entry().in_doubt)
