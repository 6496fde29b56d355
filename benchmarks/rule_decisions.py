"""Lines 1a, 1b, 1c and 6: the rules alone, in memory, of one invoice and of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from erp_invoice_core import Action, InvoiceStatus, QueueEntry, decide
from erp_invoice_core.flow import add_entry_facts, send
from erp_invoice_core.rules import Case, Policy

from . import handwritten_rules, peer_django
from .cost import CPU, time_work
from .peer_machines import Paper, PaperMachine, machine_of
from .ratio import SHOWN, Result, at_least, at_most, contest
from .samples import NOON, SENDER, OneStepErp, case_of, document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .cost import Cost
    from .effort import Effort

COUNT = 2_000
FEW = 100
#: Nothing waits here, so that CPU time is what counts, whatever else the machine does.
JUDGED = (CPU,)
_POLICY = Policy()
_ERP = OneStepErp().erp_declaration()
_SUPPORTED = frozenset({"invoices", "subcontracts", "amount_based", "retainage"})
_HAND = handwritten_rules.Person("pm", {"10": 3})
_DJANGO = peer_django.Person("pm", 3)
_ASKED = {"levels": {"10": 3}, "at": NOON, "actor": "pm"}

T = TypeVar("T")


def _time(things: Iterable[T], work: Callable[[T], object]) -> Cost:
    """Return the cost of the work on each of the things, which are made before."""
    ready = list(things)

    def do_all() -> None:
        for thing in ready:
            work(thing)

    return time_work(do_all, len(ready))


_DOCUMENT = document(1)
_PLAIN = case_of(_DOCUMENT)
_UNFIT = attrs.evolve(_PLAIN, invoice_status=InvoiceStatus.DRAFT)
_FACED: dict[str, Any] = {
    "at": NOON,
    "actor": SENDER,
    "policy": _POLICY,
    "erp": _ERP,
    "slot_is_free": True,
}
_CASE = add_entry_facts(_PLAIN, QueueEntry(id="1"), **_FACED)
_ENTRY = QueueEntry(id="1")


def _ours(_: object) -> object:
    change = send(_ENTRY, _CASE, action=Action.SEND, at=NOON, actor=SENDER, connection="erp")
    return change.event


def _by_hand(invoice: handwritten_rules.Invoice) -> object:
    return handwritten_rules.send(invoice, _HAND, _SUPPORTED, NOON)


def _invoice(number: int, approval: str = "approved") -> handwritten_rules.Invoice:
    return handwritten_rules.Invoice(
        id=str(number),
        number=f"ACME-{number}",
        project_id="10",
        approval=approval,
        status="not_sent",
        version=0,
        uses=frozenset({"invoices", "subcontracts", "amount_based"}),
        gross=_DOCUMENT.gross,
        retained=_DOCUMENT.retained,
    )


def _papers(count: int) -> list[Paper]:
    papers = [Paper(str(number)) for number in range(count)]
    machine_of(papers)
    return papers


def _django(count: int) -> list[peer_django.Invoice]:
    return [peer_django.Invoice(id=str(number)) for number in range(count)]


def _machines(count: int) -> list[PaperMachine]:
    return [PaperMachine(Paper(str(number))) for number in range(count)]


def measure_transition(effort: Effort) -> list[Result]:
    """
    Line 1a.

    The digest of a document is made once per document, not once per transition: it is there.
    """
    return contest(
        "1a",
        "one transition",
        lambda: _time(range(COUNT), _ours),
        {
            "django-fsm-2": (
                lambda: _time(
                    _django(COUNT), lambda invoice: peer_django.send_invoice(invoice, _DJANGO, "")
                ),
                at_least(1),
            ),
            "transitions": (
                lambda: _time(_papers(COUNT), lambda paper: paper.send(**_ASKED)),
                at_least(2),
            ),
            "python-statemachine": (
                lambda: _time(_machines(FEW), lambda machine: machine.send("send", **_ASKED)),
                SHOWN,
            ),
            "by hand": (lambda: _time(map(_invoice, range(COUNT)), _by_hand), at_least(0.4)),
        },
        rounds=effort.rounds(15),
        judged=JUDGED,
    )


def measure_eligibility(effort: Effort) -> list[Result]:
    """Line 1b."""
    return contest(
        "1b",
        "eligibility",
        lambda: _time(range(COUNT), lambda _: decide(Action.SEND, _CASE)),
        {
            "django-fsm-2": (
                lambda: _time(
                    _django(COUNT), lambda invoice: peer_django.may_send(invoice, _DJANGO)
                ),
                at_least(2),
            ),
            "transitions": (
                lambda: _time(_papers(COUNT), lambda paper: paper.may_send(**_ASKED)),
                at_least(5),
            ),
            "by hand": (
                lambda: _time(
                    map(_invoice, range(COUNT)),
                    lambda invoice: handwritten_rules.reasons(invoice, _HAND, _SUPPORTED),
                ),
                at_least(0.15),
            ),
        },
        rounds=effort.rounds(15),
        judged=JUDGED,
    )


def _our_many(count: int) -> Cost:
    """Return the cost of each of so many invoices: judged and, where eligible, sent."""
    cases = [_PLAIN if number % 5 else _UNFIT for number in range(count)]
    entries = [QueueEntry(id=str(number)) for number in range(count)]

    def work(pair: tuple[QueueEntry, Case]) -> object:
        entry, facts = pair
        case = add_entry_facts(facts, entry, **_FACED)
        if not decide(Action.SEND, case):
            return None
        made = send(entry, case, action=Action.SEND, at=NOON, actor=SENDER, connection="erp")
        return made.event

    return _time(zip(entries, cases, strict=True), work)


def _many_by_hand(count: int) -> Cost:
    def work(invoice: handwritten_rules.Invoice) -> object:
        if handwritten_rules.reasons(invoice, _HAND, _SUPPORTED):
            return None
        return handwritten_rules.send(invoice, _HAND, _SUPPORTED, NOON)

    return _time((_invoice(n, "approved" if n % 5 else "draft") for n in range(count)), work)


def _many_of_django(count: int) -> Cost:
    def work(invoice: peer_django.Invoice) -> object:
        if not peer_django.may_send(invoice, _DJANGO):
            return None
        return peer_django.send_invoice(invoice, _DJANGO, "")

    invoices = _django(count)
    for invoice in invoices[::5]:
        invoice.approval = "draft"
    return _time(invoices, work)


def _many_machines(count: int) -> Cost:
    """Return the cost, the making of its machine included, which each object needs."""
    papers = [Paper(str(number)) for number in range(count)]
    for paper in papers[::5]:
        paper.approval = "draft"

    def work() -> None:
        machine_of(papers)
        for paper in papers:
            if paper.may_send(**_ASKED):
                paper.send(**_ASKED)

    return time_work(work, count)


def measure_many(effort: Effort) -> list[Result]:
    """Line 1c: the machines are fewer, as each takes longer the more there are."""
    many = effort.choose(100_000, 20_000)
    machines = effort.choose(10_000, 4_000)
    title = f"{many:,} invoices"
    return [
        *contest(
            "1c",
            title,
            lambda: _our_many(many),
            {
                f"{many // 10:,} of them": (lambda: _our_many(many // 10), at_most(1.1)),
                "django-fsm-2": (lambda: _many_of_django(many), at_least(0.6)),
                "transitions": (lambda: _many_machines(machines), at_least(5)),
                "by hand": (lambda: _many_by_hand(many), at_least(0.2)),
            },
            rounds=effort.rounds(5),
            judged=JUDGED,
        ),
    ]


LINES = {"1a": measure_transition, "1b": measure_eligibility, "1c": measure_many}
