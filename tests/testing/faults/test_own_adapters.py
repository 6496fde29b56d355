"""The adapters of this project answer every fault cautiously, and write nothing twice."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import beancount
from erp_invoice_core.adapters.beancount.ledger import OpenLedger
from erp_invoice_core.testing import (
    FAULTS,
    Effect,
    ErpOverHttp,
    Fault,
    FaultPoint,
    FaultProxy,
    FaultTransport,
    Injection,
    TwoStepErp,
    sample_request,
)
from erp_invoice_core.testing.fake_erp import PROMISES, Chances, Row
from erp_invoice_core.testing.fake_erp.http_server import ErpServer, RequestFaults
from erp_invoice_core.testing.fake_erp.in_process import TwoStepSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

#: The faults after which an adapter has the ERP's own answer.
ANSWERED = {Fault.SLOW, Fault.CUT_LIST}


@attrs.frozen(kw_only=True)
class Subject:
    """An adapter with its transport, and a count of the documents in its ERP."""

    plugin: object
    settings: dict[str, str]
    transport: FaultTransport
    count: Callable[[], int]

    def write(self) -> erp.Outcome:
        """Carry out the first step of an export."""
        adapter = erp.Adapter(self.plugin)
        session = adapter.connect(erp.Connection("subject", adapter.key, self.settings))
        assert isinstance(session, erp.Session)
        request = sample_request()
        plan = adapter.steps(request)
        assert not isinstance(plan, erp.Deferred)
        return adapter.write(session, request, plan[0])


@contextmanager
def open_http() -> Iterator[Subject]:
    """Return the fake over HTTP behind a proxy."""
    faults = RequestFaults(Chances(), 0)
    with ErpServer(PROMISES[Row.BOUNDLESS], faults, 0.0) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        with FaultProxy(server.url) as proxy:
            yield Subject(
                plugin=ErpOverHttp(),
                settings={"base_url": proxy.url},
                transport=proxy,
                count=lambda: len(server.state.ledger.documents),
            )
        server.shutdown()


@contextmanager
def open_ledger(path: Path) -> Iterator[Subject]:
    """Return the bundled ledger, wrapped where it appends to its file."""
    with FaultPoint(writes=[(OpenLedger, "append")]) as point:
        yield Subject(
            plugin=beancount,
            settings={"path": str(path)},
            transport=point,
            count=lambda: path.read_text().count("ACME-77") // 2 if path.exists() else 0,
        )


@contextmanager
def open_fake() -> Iterator[Subject]:
    """Return the fake in process, wrapped where it carries out a request."""
    fake = TwoStepErp()
    with FaultPoint(writes=[(TwoStepSession, "carry_out")]) as point:
        yield Subject(
            plugin=fake, settings={}, transport=point, count=lambda: len(fake.ledger.list_bills())
        )


def check(subject: Subject, fault: Fault) -> None:
    """Provoke a fault, and compare the outcome with the effect in the ERP."""
    faults = subject.transport.faults
    injection = faults.inject(fault, seconds=0.01 if fault is Fault.SLOW else None)
    assert isinstance(injection, Injection)
    outcome = subject.write()
    assert 1 == injection.hits or fault is Fault.CLOSED_PORT
    effect = FAULTS[fault].effect
    faults.release()
    assert (effect is not Effect.NEVER) == subject.count()
    if fault in ANSWERED:
        assert isinstance(outcome, erp.Done)
    elif effect is Effect.NEVER:
        assert isinstance(outcome, erp.Unknown | erp.Deferred)
    else:
        assert isinstance(outcome, erp.Unknown)
    faults.clear()
    assert (effect is not Effect.NEVER) == subject.count()


@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.LATE_WRITE_SILENT])
def test_fake_over_http(fault: Fault) -> None:
    """The adapter over HTTP makes an unknown outcome of every answer that is not the ERP's."""
    with open_http() as subject:
        check(subject, fault)


_CALLS = [fault for fault, row in FAULTS.items() if row.call and fault is not Fault.CUT_LIST]


@pytest.mark.parametrize("fault", _CALLS)
def test_ledger(tmp_path: Path, fault: Fault) -> None:
    """The bundled ledger does the same, where it appends to its file."""
    with open_ledger(tmp_path / "books.beancount") as subject:
        check(subject, fault)


@pytest.mark.parametrize("fault", _CALLS)
def test_fake_in_process(fault: Fault) -> None:
    """The fake in process does the same."""
    with open_fake() as subject:
        check(subject, fault)
