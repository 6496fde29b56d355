"""The simulated network to a fake ERP, with its faults."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from erp_invoice_core.adapters import Deferred, Done, Refused
from erp_invoice_core.testing.fake_erp.ledger import MAKES, Enforces, Ledger, build_outcome

from .faults import Fault
from .network_faults import (
    ASKED,
    BOUNDED,
    LATE_REPLIES,
    LIE,
    NETWORK_FAULTS,
    SHOWN,
    UNBOUNDED,
    AnswerLost,
    NetworkFault,
)
from .process import LEASE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from erp_invoice_core.adapters import Step
    from erp_invoice_core.testing.fake_erp.ledger import ErpDocument, Refusal, Request

    from .erp_traits import Traits
    from .recorder import Recorder
    from .scheduler import Scheduler


#: The first part of the codes of its refusals.
PREFIX = "simulated"
_LATENCY = 0.2
_TIME_OUT = 30.0


class Network:
    """
    The network between the workers and one ERP, with the ERP's ledger.

    Attributes:
        lies: Number of breaches of the ERP's own declaration, by kind.
        poisoned: An invoice of which every request ends in an error.
        refuses: A step that the ERP refuses.
    """

    def __init__(
        self,
        name: str,
        scheduler: Scheduler,
        traits: Traits,
        made: Callable[[ErpDocument], None],
        recorder: Recorder,
    ) -> None:
        """Begin with an empty ledger; ``made`` is called with every new document."""
        self.name = name
        self.traits = traits
        self.ledger = Ledger(
            rules=traits.rules,
            prefix=name.upper(),
            choose_visible_from=self.choose_visible_from,
            can_forget=self.can_forget,
            note=made,
        )
        self.lies: Counter[Fault] = Counter()
        self.poisoned: str | None = None
        self.refuses: str | None = None
        self._witness = recorder
        self._scheduler = scheduler

    @property
    def now(self) -> datetime:
        """The ERP's own clock (UTC)."""
        return self._scheduler.now

    def counts(self, fault: Fault) -> None:
        """Count a fault."""
        self._scheduler.counts[fault] += 1

    def tells_lie(self, lie: Fault) -> bool:
        """Return whether the ERP breaks its declaration here."""
        if not self.traits.lies or not self._scheduler.decisions.choose(LIE):
            return False
        self.lies[lie] += 1
        self.counts(lie)
        return True

    @property
    def lease_until(self) -> datetime:
        """The end of the lease of the running call, by the wall clock of its machine (UTC)."""
        return self._scheduler.lease_until + (self._scheduler.wall - self._scheduler.now)

    def hand_over(self, request: Request, deadline: datetime) -> Done | Refused | Deferred:
        """
        Send a request to be carried out, and return the answer.

        The deadline is checked right before, as transports do, without a switch in between.

        Raises:
            AnswerLost: There was no answer, or one without a meaning.
        """
        scheduler = self._scheduler
        scheduler.pause()
        outcome = scheduler.choose(NETWORK_FAULTS)
        if scheduler.wall > deadline:
            return Deferred(None, "It was too late; nothing was sent.")
        if outcome is NetworkFault.UNREACHABLE:
            self.counts(Fault.UNREACHABLE)
            return Deferred(None, "The fake cannot be reached; nothing was sent.")
        if request.content and request.content.invoice_id == self.poisoned:
            self.counts(Fault.POISONED)
            outcome = NetworkFault.ERROR
        self._witness.asks(request)
        answer = self._deliver(outcome, request)
        scheduler.sleep(_LATENCY)
        scheduler.pause()
        self._witness.record_answer(request, answer, scheduler.current)
        if scheduler.wall > deadline + max(timedelta(0), LEASE - self.traits.time_limit):
            self.counts(Fault.STALE_HOLDER)
        return answer

    def _deliver(self, outcome: NetworkFault, request: Request) -> Done | Refused:
        if outcome is NetworkFault.REFUSED or request.step.name == self.refuses:
            self.counts(Fault.REFUSED)
            return self._answer(request, self.ledger.refuse(request))
        if outcome is NetworkFault.LOST_REQUEST or outcome is NetworkFault.ERROR:
            self._lose(outcome)
        if outcome in {NetworkFault.LATE, NetworkFault.HELD}:
            return self._later(request, answers=outcome is NetworkFault.HELD)
        if outcome is NetworkFault.TWICE and self._is_harmless_twice(request):
            self.counts(Fault.DUPLICATED)
            self._plan(request)
        answer = self._carry_out(request)
        if outcome is NetworkFault.LOST_REPLY:
            self.counts(Fault.LOST_REPLY)
            self._time_out("It was carried out.")
        if outcome is NetworkFault.LATE_REPLY:
            self.counts(Fault.LATE_REPLY)
            self._scheduler.sleep(self._scheduler.decisions.choose(LATE_REPLIES))
        return answer

    def _carry_out(self, request: Request) -> Done | Refused:
        return self._answer(request, self.ledger.carry_out(request))

    def _answer(self, request: Request, answer: ErpDocument | Refusal) -> Done | Refused:
        return build_outcome(PREFIX, request.step, answer)

    def _lose(self, outcome: NetworkFault) -> None:
        if outcome is NetworkFault.ERROR:
            self.counts(Fault.ERROR_BODY)
            shown = next(iter(self.ledger.documents), f"{self.name.upper()}-1")
            raise AnswerLost(f'500 {{"error": "conflict", "id": "{shown}"}}')
        self.counts(Fault.LOST_REQUEST)
        self._time_out("It never arrived.")

    def _time_out(self, why: str) -> None:
        self._scheduler.sleep(_TIME_OUT)
        raise AnswerLost(why)

    def _is_harmless_twice(self, request: Request) -> bool:
        """Return whether two deliveries of one call make one document, as the fake declares."""
        traits = self.traits
        return traits.enforces is not Enforces.NOTHING or request.step.kind not in MAKES

    def _plan(self, request: Request) -> list[Done | Refused]:
        """Plan the request for later, and return a list that will have its answer."""
        if self.traits.is_bounded:
            seconds = self._scheduler.decisions.choose(BOUNDED)
            if self.tells_lie(Fault.LIE_LATE):
                seconds += 4_000.0
        else:
            seconds = self._scheduler.decisions.choose(UNBOUNDED)
        answers: list[Done | Refused] = []
        self._scheduler.plan(seconds, lambda: answers.append(self._carry_out(request)))
        return answers

    def _later(self, request: Request, *, answers: bool) -> Done | Refused:
        answered = self._plan(request)
        if not answers:
            self.counts(Fault.LATE_EXECUTION)
            self._time_out("It is still on its way.")
        self.counts(Fault.HELD)
        while not answered:
            self._scheduler.sleep(30.0)
        return answered[0]

    def simulate_request(self) -> None:
        """
        Simulate a request that changes nothing.

        Raises:
            AnswerLost: The ERP does not answer.
        """
        scheduler = self._scheduler
        scheduler.pause()
        wait = scheduler.choose(ASKED)
        if wait < 0:
            self.counts(Fault.UNREACHABLE)
            raise AnswerLost("The fake cannot be reached.")
        if scheduler.current is None or scheduler.current.is_hindered:
            scheduler.sleep(wait + _LATENCY)

    def choose_visible_from(self) -> float:
        """Return the moment from which a document that is written now is found (timestamp)."""
        scheduler, traits = self._scheduler, self.traits
        wait = scheduler.decisions.choose(SHOWN) if traits.is_slow else 0.0
        return scheduler.after(wait + 4_000.0 * self.tells_lie(Fault.LIE_HIDDEN)).timestamp()

    def can_forget(self) -> bool:
        """Return whether the ERP breaks its declaration by forgetting a key or a number now."""
        return self.traits.enforces is not Enforces.NOTHING and self.tells_lie(Fault.LIE_KEY)

    def look_up(self, step: Step, keys: tuple[str, ...], content: ErpDocument) -> list[ErpDocument]:
        """Return the documents that a look-up shows now."""
        there = self.ledger.look_up(step.kind, keys, content, until=self.now.timestamp())
        all_ = self.ledger.look_up(step.kind, keys, content, until=math.inf)
        self._scheduler.counts[Fault.SHOWN_LATE] += len(there) < len(all_)
        return there
