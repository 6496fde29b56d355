"""Scenarios of killed workers: set-up, recovery and checks."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import (
    Action,
    Connection,
    Connections,
    ExportQueue,
    ExportStatus,
    Resolution,
    Worker,
)
from erp_invoice_core.adapters import beancount
from erp_invoice_core.documents import CallKind
from erp_invoice_core.testing import FakeLedger, TwoStepErp
from tests.crash.kill_points import Points, WatchedStore, watch_adapter
from tests.crash.sequential_calls import SequentialCalls
from tests.worker.harness import APPROVER, EVERYTHING, SENDER, Host, build_document, check_allowed

if TYPE_CHECKING:
    from erp_invoice_core import QueueEntry
    from tests.crash.clocks import KillClock

LEASE = timedelta(seconds=60)
_DATABASE, _LEDGER, _FAKE = "erp.db", "erp.beancount", "fake.json"
_DUE = "20025.45"
_ROUNDS = 12
_DAY = 90_000.0


@attrs.frozen(kw_only=True)
class Site:
    """A queue on the files of a folder, as one process opens it."""

    folder: Path
    queue: ExportQueue
    worker: Worker

    @property
    def entries(self) -> list[QueueEntry]:
        """The current entries."""
        return list(self.queue.entries())


@attrs.frozen(kw_only=True)
class Scenario:
    """
    Accepted invoices and the set-up for their export.

    Attributes:
        ids: The invoices; all of them were accepted.
        fake: The ERP of two steps, if it is not the ledger.
        faults: Faults of the ERP, once each: kind of request and fault.
        withdrawing: The export was refused at its second step, and the leftover is withdrawn.
        stride: Bytes of a write to the ledger between two points.
    """

    ids: tuple[str, ...] = ("5000",)
    fake: TwoStepErp | None = None
    faults: tuple[tuple[str, str], ...] = ()
    withdrawing: bool = False
    stride: int = 41

    @property
    def is_bounded(self) -> bool:
        """Return whether the ERP declares when a request is executed or dead."""
        return self.fake is None or self.fake.settles_within is not None

    def open(self, folder: Path, clock: KillClock, points: Points | None = None) -> Site:
        """Open the queue with these kill points."""
        points = points or Points()
        if self.fake is None:
            adapters = watch_adapter(beancount, points, clock)
            settings = {"path": str(folder / _LEDGER)}
        else:
            adapters = watch_adapter(attrs.evolve(self.fake, clock=clock), points, clock)
            settings = {"path": str(folder / _FAKE)}
        (adapter,) = adapters
        connections = Connections(adapters, [Connection("erp", adapter.key, settings)])
        host = Host()
        host.add(*(build_document(id_) for id_ in self.ids))
        store = WatchedStore(folder / _DATABASE, points)
        queue = ExportQueue(store, connections, host, clock=clock)
        worker = Worker(queue, lease=LEASE, sleep=clock.sleep, calls=SequentialCalls)
        return Site(folder=folder, queue=queue, worker=worker)

    def prepare(self, folder: Path, clock: KillClock) -> None:
        """Have the invoices accepted, and the faults prepared."""
        site = self.open(folder, clock)
        check_allowed(site.queue.send(self.ids, SENDER, connection="erp"))
        check_allowed(site.queue.accept(self.ids, APPROVER))
        ledger = FakeLedger(folder / _FAKE)
        if self.withdrawing:
            ledger.inject("post", "refuse")
            site.worker.run_until_idle()
            assert [ExportStatus.FAILED] == [entry.status for entry in site.entries]
            check_allowed(site.queue.withdraw(self.ids, APPROVER))
        for on, do in self.faults:
            ledger.inject(on, do)

    def work(self, folder: Path, clock: KillClock, points: Points | None = None) -> None:
        """Work until idle."""
        self.open(folder, clock, points).worker.run_until_idle()

    def is_done(self, site: Site) -> bool:
        """Return whether every invoice is synced, or waits for a person."""
        return all(
            entry.status is ExportStatus.SYNCED
            or (entry.status is ExportStatus.FAILED and not entry.withdrawing)
            or (entry.status is ExportStatus.UNKNOWN and entry.due_at is None)
            for entry in site.entries
        )

    def finish(self, folder: Path, clock: KillClock) -> list[str]:
        """Have truthful people act until all is synced; return the problems."""
        site = self.open(folder, clock)
        problems = self.find_problems(site)
        for _ in range(_ROUNDS):
            if all(entry.status is ExportStatus.SYNCED for entry in site.entries):
                break
            for entry in site.entries:
                self._move(site, entry)
            clock.sleep(_DAY)
            site.worker.run_until_idle()
        problems += self.find_problems(site)
        if any(entry.status is not ExportStatus.SYNCED for entry in site.entries):
            problems.append(f"never synced: {[entry.status.value for entry in site.entries]}")
        if self.is_bounded and self.acts(site)[Action.RULE]:
            problems.append("a person had to rule where the ERP declares when a call is dead")
        return problems

    def _move(self, site: Site, entry: QueueEntry) -> None:
        """Have a person act on a waiting entry."""
        if entry.status is ExportStatus.FAILED and not entry.withdrawing:
            verb = site.queue.withdraw if entry.is_left else site.queue.retry
            check_allowed(verb([entry.id], APPROVER))
        if entry.status is ExportStatus.UNKNOWN and entry.due_at is None:
            there = {document["key"]: document for document in self.documents(site.folder)}
            happened, absent = {}, []
            for call in entry.in_doubt:
                assert call.kind is CallKind.WRITE
                document = there.get(entry.build_key("create").text)
                if document and (call.key.step == "create" or document["state"] == "posted"):
                    happened[call.key.step] = str(document["id"])
                else:
                    absent.append(call.key.step)
            resolution = Resolution(happened=happened, steps_absent=tuple(absent))
            seen = "Read in the file of the fake."
            check_allowed(
                site.queue.rule(
                    [entry.id],
                    EVERYTHING,
                    resolution=resolution,
                    evidence=seen,
                    expect=entry.version,
                )
            )

    def documents(self, folder: Path) -> list[dict[str, object]]:
        """Return the bills in the fake ERP's file."""
        file = folder / _FAKE
        if not file.exists():
            return []
        return [
            {**attrs.asdict(bill), "state": bill.state} for bill in FakeLedger(file).list_bills()
        ]

    def find_problems(self, site: Site) -> list[str]:
        """Return the problems of the files, read without the queue."""
        problems = [finding.message for finding in site.queue.verify().problems]
        documents = self._documents(site.folder)
        for entry in site.entries:
            there = documents.pop(entry.id, [])
            known = {held.receipt.erp_id for held in entry.living}
            problems += [
                f"{event.seq}: {denial.code}"
                for event in site.queue.history(entry.id)
                for denial in event.denials
                if denial.code == "erp.second_document"
            ]
            if len(there) > 1:
                problems.append(f"{entry.id} is there {len(there)} times: {there}")
            if entry.status is ExportStatus.SYNCED and there != [f"{_DUE} posted"]:
                problems.append(f"{entry.id} is synced, and there is {there}")
            if there and not known and not entry.in_doubt:
                problems.append(f"{entry.id} is {entry.status.value} and knows nothing of {there}")
        problems += [f"of no entry: {key} {there}" for key, there in documents.items()]
        return problems

    def _documents(self, folder: Path) -> dict[str, list[str]]:
        """Return amount and state of each document there, by invoice."""
        found: dict[str, list[str]] = {}
        for document in self.documents(folder):
            id_ = str(document["key"]).split("/")[0]
            found.setdefault(id_, []).append(f"{document['amount']} {document['state']}")
        ledger = folder / _LEDGER
        text = ledger.read_text(encoding="utf-8") if ledger.exists() else ""
        # Each transaction has this line once, and one posting to accounts payable.
        ids = re.findall(r'^  requisition_id: "(.*)"$', text, re.MULTILINE)
        payable = re.findall(r"^  Liabilities:AccountsPayable\S* +-(\S+) USD$", text, re.MULTILINE)
        if len(ids) != len(payable):
            found["torn"] = [f"{Counter(ids)} {payable}"]
        for id_, amount in zip(ids, payable, strict=False):
            found.setdefault(id_, []).append(f"{amount} posted")
        return found

    def outcomes(self, site: Site) -> list[str]:
        """Return the status of every entry."""
        return [entry.status.value for entry in site.entries]

    def acts(self, site: Site) -> Counter[Action]:
        """Return how often each action happened."""
        return Counter(
            event.action for entry in site.entries for event in site.queue.history(entry.id)
        )


_BOUNDLESS = TwoStepErp(settles_within=None)
_REFUSED = (("post", "refuse"),)

#: By name.
SCENARIOS: dict[str, Scenario] = {
    "ledger-one": Scenario(),
    "ledger-three": Scenario(ids=("5000", "5001", "5002"), stride=211),
    "fake-plain": Scenario(fake=TwoStepErp()),
    "fake-two": Scenario(fake=TwoStepErp(), ids=("5000", "5001")),
    "fake-create-lost": Scenario(fake=TwoStepErp(), faults=(("create", "lose"),)),
    "fake-post-lost": Scenario(fake=TwoStepErp(), faults=(("post", "lose"),)),
    "fake-create-dropped": Scenario(fake=TwoStepErp(), faults=(("create", "drop"),)),
    "fake-post-refused": Scenario(fake=TwoStepErp(), faults=_REFUSED),
    "fake-boundless": Scenario(fake=_BOUNDLESS, faults=(("create", "lose"),)),
    "fake-withdraw": Scenario(fake=TwoStepErp(), withdrawing=True),
    "fake-withdraw-lost": Scenario(
        fake=TwoStepErp(), withdrawing=True, faults=(("withdraw", "lose"),)
    ),
}
