"""The rules alone, in memory: one transition, eligibility, and a hundred thousand of both."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from erp_invoice_core import Action, InvoiceStatus, QueueEntry, decide
from erp_invoice_core.flow import add_entry_facts, send
from erp_invoice_core.rules import Case, Policy

from . import handwritten_rules, peer_django
from .peer_machines import Paper, PaperMachine, machine_of
from .ratio import Result, Target, contest
from .samples import NOON, SENDER, OneStepErp, case_of, document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["measure"]

ROUNDS = 15
COUNT = 2_000
FEW = 100
MANY = 100_000
OF_MACHINES = 10_000
MANY_ROUNDS = 3
_POLICY = Policy()
_ERP = OneStepErp().erp_declaration()
_SUPPORTED = frozenset({"invoices", "subcontracts", "amount_based", "retainage"})
_HAND = handwritten_rules.Person("pm", {"10": 3})
_DJANGO = peer_django.Person("pm", 3)
_ASKED = {"levels": {"10": 3}, "at": NOON, "actor": "pm"}

T = TypeVar("T")


def _rate(things: Iterable[T], work: Callable[[T], object]) -> float:
    ready = list(things)
    began = time.perf_counter()
    for thing in ready:
        work(thing)
    return len(ready) / (time.perf_counter() - began)


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


def one() -> list[Result]:
    """
    Line 1a.

    The digest of a document is made once per document, not once per transition: it is there.
    """

    def at_least(limit: float) -> Target:
        return Target(limit=limit, at_most=False)

    return contest(
        lambda: _rate(range(COUNT), _ours),
        {
            "1a transition / django-fsm-2": (
                lambda: _rate(
                    _django(COUNT), lambda invoice: peer_django.send_invoice(invoice, _DJANGO, "")
                ),
                at_least(2.5),
            ),
            "1a transition / transitions": (
                lambda: _rate(_papers(COUNT), lambda paper: paper.send(**_ASKED)),
                at_least(4),
            ),
            "1a transition / statemachine": (
                lambda: _rate(_machines(FEW), lambda machine: machine.send("send", **_ASKED)),
                at_least(50),
            ),
            "1a transition / by hand": (
                lambda: _rate(map(_invoice, range(COUNT)), _by_hand),
                at_least(0.8),
            ),
        },
        rounds=ROUNDS,
    )


def eligible() -> list[Result]:
    """Line 1b."""
    return contest(
        lambda: _rate(range(COUNT), lambda _: decide(Action.SEND, _CASE)),
        {
            "1b eligible / django-fsm-2": (
                lambda: _rate(
                    _django(COUNT), lambda invoice: peer_django.may_send(invoice, _DJANGO)
                ),
                Target(limit=5, at_most=False),
            ),
            "1b eligible / transitions": (
                lambda: _rate(_papers(COUNT), lambda paper: paper.may_send(**_ASKED)),
                Target(limit=14, at_most=False),
            ),
            "1b eligible / by hand": (
                lambda: _rate(
                    map(_invoice, range(COUNT)),
                    lambda invoice: handwritten_rules.reasons(invoice, _HAND, _SUPPORTED),
                ),
                Target(limit=0.4, at_most=False),
            ),
        },
        rounds=ROUNDS,
    )


def _our_many(count: int) -> float:
    """Return how many of so many invoices are judged and, where eligible, sent in a second."""
    cases = [_PLAIN if number % 5 else _UNFIT for number in range(count)]
    entries = [QueueEntry(id=str(number)) for number in range(count)]

    def work(pair: tuple[QueueEntry, Case]) -> object:
        entry, facts = pair
        case = add_entry_facts(facts, entry, **_FACED)
        if not decide(Action.SEND, case):
            return None
        made = send(entry, case, action=Action.SEND, at=NOON, actor=SENDER, connection="erp")
        return made.event

    return _rate(zip(entries, cases, strict=True), work)


def _many_by_hand(count: int) -> float:
    def work(invoice: handwritten_rules.Invoice) -> object:
        if handwritten_rules.reasons(invoice, _HAND, _SUPPORTED):
            return None
        return handwritten_rules.send(invoice, _HAND, _SUPPORTED, NOON)

    return _rate((_invoice(n, "approved" if n % 5 else "draft") for n in range(count)), work)


def _many_of_django(count: int) -> float:
    def work(invoice: peer_django.Invoice) -> object:
        if not peer_django.may_send(invoice, _DJANGO):
            return None
        return peer_django.send_invoice(invoice, _DJANGO, "")

    invoices = _django(count)
    for invoice in invoices[::5]:
        invoice.approval = "draft"
    return _rate(invoices, work)


def _many_machines(count: int) -> float:
    """Return the rate of transitions, the making of its machine included: each object needs it."""
    papers = [Paper(str(number)) for number in range(count)]
    for paper in papers[::5]:
        paper.approval = "draft"
    began = time.perf_counter()
    machine_of(papers)
    for paper in papers:
        if paper.may_send(**_ASKED):
            paper.send(**_ASKED)
    return count / (time.perf_counter() - began)


def many() -> list[Result]:
    """Line 1c: the machines are fewer, as they take ever longer the more they are."""
    sizes = (MANY // 10, MANY)
    linear = [tuple(_our_many(size) for size in sizes) for _ in range(MANY_ROUNDS)]
    return [
        Result(
            id="1c 100,000 / 10,000 of them",
            ours=linear[0][1],
            peer=linear[0][0],
            ratios=tuple(large / small for small, large in linear),
            target=Target(limit=0.9, at_most=False),
        ),
        *contest(
            lambda: _our_many(MANY),
            {
                "1c 100,000 / django-fsm-2": (
                    lambda: _many_of_django(MANY),
                    Target(limit=1.7, at_most=False),
                ),
                "1c 100,000 / transitions": (
                    lambda: _many_machines(OF_MACHINES),
                    Target(limit=4, at_most=False),
                ),
                "1c 100,000 / by hand": (
                    lambda: _many_by_hand(MANY),
                    Target(limit=1, at_most=False),
                ),
            },
            rounds=MANY_ROUNDS,
        ),
    ]


def measure() -> list[Result]:
    """Lines 1a, 1b and 1c."""
    return [*one(), *eligible(), *many()]
