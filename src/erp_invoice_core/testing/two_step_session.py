"""A session with the fake ERP of two steps: what it is asked, and what then goes wrong."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import attrs

from ..adapters import Contents, Deferred, Denial, Receipt, Refused, Source, Step, deny
from .two_step_books import Fault, Late, Paper, Shelf

__all__ = [
    "KEY",
    "AnswerLost",
    "TwoStepSession",
    "contents_of",
    "receipt_of",
    "refused",
    "unreachable",
]

KEY = "two_step_fake"


class AnswerLost(Exception):
    """The fake was told to give no answer."""


def refused(code: str, message: str) -> Refused:
    """Return the fake's definite no."""
    return Refused(deny(Denial(f"{KEY}.{code}", message, Source.ERP)))


def unreachable() -> Deferred:
    """Return that nothing was sent."""
    return Deferred(None, "The fake cannot be reached; nothing was sent.")


def receipt_of(step: Step, paper: Paper) -> Receipt:
    """Return the receipt of a step that made the paper, or acted on it."""
    return Receipt(
        step=step.name,
        erp_id=paper.id,
        role=step.role,
        number=paper.number,
        state=paper.state,
        digest=paper.digest,
    )


def contents_of(paper: Paper) -> Contents:
    """Return what the paper holds."""
    return Contents(
        vendor=paper.vendor,
        number=paper.number,
        amount=Decimal(paper.amount),
        date=date.fromisoformat(paper.date) if paper.date else None,
        key=paper.key,
        digest=paper.digest,
    )


@attrs.frozen
class TwoStepSession:
    """One thread's session: the books, the clock (UTC), and where a plan of faults may be laid."""

    shelf: Shelf
    clock: Callable[[], datetime]
    plan: Path | None = None

    def asked(self, kind: str, what: str) -> Fault | None:
        """Count the request, carry out what came late, and return the fault that is planned."""
        if self.plan:
            self.shelf.take_in(self.plan)
        with self.shelf.held() as books:
            books.requests.append((kind, what))
            books.settle(self.clock())
            return books.take_fault(kind)

    def papers(self) -> list[Paper]:
        """Return every bill that is there."""
        return self.shelf.living()

    def paper(self, erp_id: str) -> Paper | None:
        """Return the bill of that id, if it is there."""
        with self.shelf.held() as books:
            return books.papers.get(erp_id)

    def id_under(self, key: str) -> str | None:
        """Return the id of the last bill that was made under the key, there or not."""
        with self.shelf.held() as books:
            return books.keys.get(key)

    def carried_out(self, fault: Fault | None, act: str, paper: Paper) -> Paper | None:
        """
        Return the paper as it is after the act; ``None`` where nothing was sent.

        Raises:
            AnswerLost: The fault says so, whether or not the act was carried out.
        """
        do = fault.do if fault else ""
        seconds = fault.seconds if fault else 0.0
        if do == "unreachable":
            return None
        if do == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if do == "hang":
            time.sleep(seconds)
        with self.shelf.held() as books:
            if do == "late":
                at = self.clock() + timedelta(seconds=seconds)
                books.late.append(Late(at=at, act=act, paper=paper))
            elif do != "drop":
                paper = books.carry_out(act, paper)
        if do == "die_after":
            os.kill(os.getpid(), signal.SIGKILL)
        if do in {"late", "drop", "lose"}:
            raise AnswerLost(do)
        return paper
