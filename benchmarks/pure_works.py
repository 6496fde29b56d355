"""The works without input or output, ours and those of the peers, by line and peer."""

from __future__ import annotations

import gc
import json
import tracemalloc
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import Action, ExportDocument, InvoiceStatus, QueueEntry, decide
from erp_invoice_core.billing import build_g702, build_g703
from erp_invoice_core.flow import add_entry_facts, send
from erp_invoice_core.rules import Case, Policy
from erp_invoice_core.wire.converter import unpack_document
from erp_invoice_core.wire.procore import read_requisition

from . import handwritten_rules
from .cost import BYTES, Cost, time_work
from .procore_file import build_requisition
from .same import write_text
from .samples import NOON, SENDER, OneStepErp, case_of, connections, document, invoice_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SMALL, USUAL, LARGE = 10, 50, 1_000
_SUPPORTED = frozenset({"invoices", "subcontracts", "amount_based", "retainage"})
_SEND = Action.SEND
_HAND = handwritten_rules.Person("pm", {"10": 3})
_ASKED = {"levels": {"10": 3}, "at": NOON, "actor": "pm"}
_DOCUMENT = document(1)
_PLAIN = case_of(_DOCUMENT)
_UNFIT = attrs.evolve(_PLAIN, invoice_status=InvoiceStatus.DRAFT)
_FACED: dict[str, Any] = {
    "at": NOON,
    "actor": SENDER,
    "policy": Policy(),
    "erp": OneStepErp().erp_declaration(),
    "slot_is_free": True,
}


@attrs.frozen
class PureWork:
    """
    A work on each of some things.

    Attributes:
        make: Returns a number of things; this is not measured.
        do: Does the work on one of them.
        begin: Does what all of them need before, and is measured; by default nothing.
    """

    make: Callable[[int], Sequence[Any]]
    do: Callable[[Any], object]
    begin: Callable[[Sequence[Any]], object] = len


def _repeat(count: int) -> Sequence[int]:
    return range(count)


# ── rules ─────────────────────────────────────────────────────────────────────────────────────


@cache
def _build_sendable() -> tuple[QueueEntry, Case]:
    entry = QueueEntry(id="1")
    return entry, add_entry_facts(_PLAIN, entry, **_FACED)


def _send(_: object) -> object:
    entry, case = _build_sendable()
    # The digest of a document is made once per document, not once per transition: it is there.
    change = send(entry, case, action=_SEND, at=NOON, actor=SENDER, connection="erp")
    return change.event


def _repeat_case(count: int) -> list[Case]:
    return [_build_sendable()[1]] * count


def _build_cases(count: int) -> list[Case]:
    """Return cases of which each has facts of the host of its own."""
    entry = QueueEntry(id="1")
    return [add_entry_facts(attrs.evolve(_PLAIN), entry, **_FACED) for _ in range(count)]


def _decide(case: Case) -> object:
    return decide(_SEND, case)


def _repeat_adapter(count: int) -> list[Any]:
    """Return an adapter without a check of its own."""
    return [connections(OneStepErp()).resolve("erp")[0]] * count


def _check_and_send(adapter: Any) -> object:  # noqa: ANN401 - an adapter
    entry, case = _build_sendable()
    adapter.check(None, None)
    change = send(entry, case, action=_SEND, at=NOON, actor=SENDER, connection="erp")
    return change.event


def _build_by_hand(number: int) -> handwritten_rules.Invoice:
    return handwritten_rules.Invoice(
        id=str(number),
        number=f"ACME-{number}",
        project_id="10",
        approval="approved" if number % 5 else "draft",
        status="not_sent",
        version=0,
        uses=frozenset({"invoices", "subcontracts", "amount_based"}),
        gross=_DOCUMENT.gross,
        retained=_DOCUMENT.retained,
    )


def _build_approved_by_hand(count: int) -> list[handwritten_rules.Invoice]:
    return [_build_by_hand(5 * number + 1) for number in range(count)]


def _send_by_hand(invoice: handwritten_rules.Invoice) -> object:
    return handwritten_rules.send(invoice, _HAND, _SUPPORTED, NOON)


def _decide_by_hand(invoice: handwritten_rules.Invoice) -> list[str]:
    return handwritten_rules.reasons(invoice, _HAND, _SUPPORTED)


def _judge_and_send_by_hand(invoice: handwritten_rules.Invoice) -> object:
    return None if _decide_by_hand(invoice) else _send_by_hand(invoice)


def _build_pairs(count: int) -> list[tuple[QueueEntry, Case]]:
    # Each has facts of its own, as each invoice of a peer is an object of its own.
    facts = (attrs.evolve(_PLAIN if number % 5 else _UNFIT) for number in range(count))
    return [(QueueEntry(id="1"), each) for each in facts]


def _judge_and_send(pair: tuple[QueueEntry, Case]) -> object:
    entry, facts = pair
    case = add_entry_facts(facts, entry, **_FACED)
    if not decide(_SEND, case):
        return None
    return send(entry, case, action=_SEND, at=NOON, actor=SENDER, connection="erp").event


def _use_django(what: str) -> PureWork:
    from . import peer_django  # noqa: PLC0415 - it sets Django up

    person = peer_django.Person("pm", 3)

    def make(count: int) -> list[peer_django.Invoice]:
        invoices = [peer_django.Invoice(id=str(number)) for number in range(count)]
        for invoice in invoices[::5] if what == "both" else ():
            invoice.approval = "draft"
        return invoices

    def judge_and_send(invoice: peer_django.Invoice) -> object:
        if not peer_django.may_send(invoice, person):
            return None
        return peer_django.send_invoice(invoice, person, "")

    if what == "decide":
        return PureWork(make, lambda invoice: peer_django.may_send(invoice, person))
    if what == "send":
        return PureWork(make, lambda invoice: peer_django.send_invoice(invoice, person, ""))
    return PureWork(make, judge_and_send)


def _use_transitions(what: str) -> PureWork:
    from .peer_machines import MachineInvoice, machine_of  # noqa: PLC0415 - as above

    def make(count: int) -> list[MachineInvoice]:
        invoices = [MachineInvoice(str(number)) for number in range(count)]
        for invoice in invoices[::5] if what == "both" else ():
            invoice.approval = "draft"
        if what != "both":
            machine_of(invoices)
        return invoices

    def judge_and_send(invoice: MachineInvoice) -> object:
        return invoice.send(**_ASKED) if invoice.may_send(**_ASKED) else None

    if what == "decide":
        return PureWork(make, lambda invoice: invoice.may_send(**_ASKED))
    if what == "send":
        return PureWork(make, lambda invoice: invoice.send(**_ASKED))
    # Each object needs the machine, therefore it is measured where objects are new.
    return PureWork(make, judge_and_send, machine_of)


def _use_statemachine() -> PureWork:
    from .peer_machines import InvoiceMachine, MachineInvoice  # noqa: PLC0415 - as above

    return PureWork(
        lambda count: [InvoiceMachine(MachineInvoice(str(number))) for number in range(count)],
        lambda machine: machine.send("send", **_ASKED),
    )


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────


def _build_documents(count: int) -> list[ExportDocument]:
    return [document(number, USUAL) for number in range(count)]


def _build_texts(count: int) -> list[bytes]:
    return [each.stored_json for each in _build_documents(count)]


def _build_small_documents(count: int) -> list[ExportDocument]:
    return [document(number, SMALL) for number in range(count)]


def _build_dicts(count: int) -> list[dict[str, Any]]:
    return [invoice_of(number, SMALL) for number in range(count)]


def _read_document(data: bytes) -> ExportDocument:
    """Return the document with its lines, which are read at their first use."""
    found = unpack_document(data)
    assert len(found.lines) == USUAL
    return found


def _write_document(each: ExportDocument) -> bytes:
    """Return the bytes, which a document computes once."""
    return each.stored_json


def _dump_by_hand(invoice: dict[str, Any]) -> str:
    return json.dumps(invoice, default=write_text, separators=(",", ":"), sort_keys=True)


def _use_pydantic(what: str) -> PureWork:
    from .peer_pydantic import Document  # noqa: PLC0415 - as above

    if what == "read":
        return PureWork(_build_texts, Document.model_validate_json)
    return PureWork(
        lambda count: [Document.model_validate_json(each) for each in _build_texts(count)],
        lambda invoice: invoice.model_dump_json(exclude_none=True),
    )


# ── billing ───────────────────────────────────────────────────────────────────────────────────


def _build_invoices(count: int) -> list[Any]:
    invoice = read_requisition(
        {
            **build_requisition(1, LARGE, 2),
            "currency_configuration": {"currency_iso_code": "USD"},
        }
    )
    return [invoice] * count


def _bill(invoice: Any) -> object:  # noqa: ANN401 - an invoice
    return build_g703(invoice), build_g702(invoice)


_AMOUNTS = (
    "scheduled_value",
    "work_previous",
    "work_this_period",
    "stored",
    "work_retainage_previous",
    "work_retainage_retained",
    "work_retainage_released",
    "stored_retainage_held",
)


def _build_rows(count: int) -> list[list[tuple[Decimal, ...]]]:
    """Return the amounts of the items as tuples."""
    (invoice,) = _build_invoices(1)
    rows = [tuple(getattr(item, name) for name in _AMOUNTS) for item in invoice.items]
    return [rows] * count


def _bill_by_hand(rows: list[tuple[Decimal, ...]]) -> object:
    """Return the columns of each line and their totals, with plain decimals."""
    cent, zero = Decimal("0.01"), Decimal(0)
    contract = done_to_date = held_on_work = held_on_stored = certified = zero
    sheet = []
    for scheduled, before, work, stored, kept, retained, released, on_stored in rows:
        done = before + work + stored
        on_work = kept + retained - released
        percent = (done * 100 / scheduled).quantize(cent, ROUND_HALF_UP) if scheduled else None
        sheet.append(
            (scheduled, before, work, stored, done, percent, scheduled - done, on_work + on_stored)
        )
        contract += scheduled
        done_to_date += done
        held_on_work += on_work
        held_on_stored += on_stored
        certified += before - kept
    earned = done_to_date - held_on_work - held_on_stored
    percent = (done_to_date * 100 / contract).quantize(cent, ROUND_HALF_UP)
    due = earned - certified
    return sheet, (contract, done_to_date, earned, certified, due, contract - earned, percent)


#: The works by the number of the line and the name of the peer. They are made when they are used,
#: because what one peer needs should not slow the others.
WORKS: dict[tuple[str, str], Callable[[], PureWork]] = {
    ("1a", "ours"): lambda: PureWork(_repeat, _send),
    ("1a", "django-fsm-2"): lambda: _use_django("send"),
    ("1a", "transitions"): lambda: _use_transitions("send"),
    ("1a", "python-statemachine"): _use_statemachine,
    ("1a", "by hand"): lambda: PureWork(_build_approved_by_hand, _send_by_hand),
    ("1b", "ours"): lambda: PureWork(_repeat_case, _decide),
    ("1b", "new facts"): lambda: PureWork(_build_cases, _decide),
    ("1b", "django-fsm-2"): lambda: _use_django("decide"),
    ("1b", "transitions"): lambda: _use_transitions("decide"),
    ("1b", "by hand"): lambda: PureWork(_build_approved_by_hand, _decide_by_hand),
    ("1c", "ours"): lambda: PureWork(_build_pairs, _judge_and_send),
    ("1c", "django-fsm-2"): lambda: _use_django("both"),
    ("1c", "transitions"): lambda: _use_transitions("both"),
    ("1c", "by hand"): lambda: PureWork(
        lambda count: [_build_by_hand(number) for number in range(count)], _judge_and_send_by_hand
    ),
    ("2a", "ours"): lambda: PureWork(_build_texts, _read_document),
    ("2a", "pydantic"): lambda: _use_pydantic("read"),
    ("2c", "ours"): lambda: PureWork(_build_documents, _write_document),
    ("2c", "pydantic"): lambda: _use_pydantic("write"),
    ("2e", "ours"): lambda: PureWork(_build_small_documents, _write_document),
    ("2e", "json.dumps"): lambda: PureWork(_build_dicts, _dump_by_hand),
    ("3", "ours"): lambda: PureWork(_build_invoices, _bill),
    ("3", "decimals on tuples"): lambda: PureWork(_build_rows, _bill_by_hand),
    ("6", "ours"): lambda: PureWork(_repeat_adapter, _check_and_send),
    ("6", "without an adapter"): lambda: PureWork(_repeat, _send),
}


class PureContestant:
    """A pure work in a process of its own."""

    def __init__(self, where: str) -> None:
        """Prepare the work of a line and a peer, as ``1a/ours``."""
        line, _, peer = where.partition("/")
        self._work = WORKS[line, peer]()

    def run(self, count: int) -> Cost:
        """Make a number of things, and do the work on them; return the time of each work."""
        work = self._work
        things = work.make(count)

        def do_all() -> None:
            work.begin(things)
            do = work.do
            for thing in things:
                do(thing)

        return time_work(do_all, count)

    def measure_memory(self, count: int) -> Cost:
        """Do the work a number of times, and keep the results; return the memory of each."""
        things = self._work.make(count)
        gc.collect()
        tracemalloc.start()
        kept = [self._work.do(thing) for thing in things]
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return Cost({BYTES: size / len(kept)})

    def close(self) -> None:
        """Do nothing."""
