"""An ERP with scripted answers, and a store that loses the answers of commits."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from erp_invoice_core import CommitUnknown, MemoryStore
from erp_invoice_core import adapters as erp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from erp_invoice_core.stores import WorkTransaction

__all__ = [
    "ALLOWED",
    "FlakyStore",
    "ScriptedErp",
    "WriteOnlyErp",
    "build_contents",
    "build_declaration",
    "build_receipt",
]

ALLOWED = erp.Verdict()
TERMS = erp.StepTerms(
    look_up=erp.LookUp.KEY,
    visible_after=timedelta(0),
    settles_within=timedelta(seconds=30),
    time_limit=timedelta(seconds=20),
)


def build_declaration(terms: erp.StepTerms = TERMS, **more: Any) -> erp.Declaration:  # noqa: ANN401 - its fields
    """Return a declaration that supports everything; ``terms`` apply to every kind of step."""
    features = dict.fromkeys(erp.Feature, erp.Support.FULL)
    if more.get("withdraw") is erp.WithdrawForm.IMPOSSIBLE:
        features[erp.Feature.WITHDRAW] = erp.Support.IMPOSSIBLE
    if more.get("unlink") is erp.UnlinkForm.IMPOSSIBLE:
        features[erp.Feature.UNLINK] = erp.Support.IMPOSSIBLE
    given: dict[str, Any] = {
        "features": features,
        "prerequisites": (),
        "terms": dict.fromkeys(("bill", "post"), terms),
        "withdraw": erp.WithdrawForm.FULL,
        "unlink": erp.UnlinkForm.DELETE_FIRST,
        "negative": erp.Handling.EXPORTED,
        "retainage": erp.RetainageForm.NATIVE,
    }
    return erp.Declaration(key="scripted", name="Scripted", **{**given, **more})


def build_receipt(
    erp_id: str = "B-1", step: str = "bill", role: erp.Role | None = erp.Role.BILL
) -> erp.Receipt:
    """Return a receipt of a step."""
    return erp.Receipt(step=step, erp_id=erp_id, role=role, number="ACME-5000", state="posted")


def build_contents(key: str | None = "5000/1/1/bill", **bent: Any) -> erp.Contents:  # noqa: ANN401 - its fields
    """Return the contents of invoice 5000's bill, under the key of the first attempt."""
    given: dict[str, Any] = {
        "vendor": "V-ACME",
        "number": "ACME-5000",
        "amount": Decimal("20025.45"),
        "date": date(2026, 10, 31),
    }
    return erp.Contents(key=key, **{**given, **bent})


class WriteOnlyErp:
    """An ERP that can only write: every write makes a bill with the next number."""

    def __init__(self, declaration: erp.Declaration | None = None) -> None:
        self.declared = declaration or erp.Declaration(
            key="mute",
            name="Mute",
            features=dict.fromkeys(
                set(erp.Feature) - {erp.Feature.WITHDRAW, erp.Feature.UNLINK}, erp.Support.FULL
            ),
            prerequisites=(),
            retainage=erp.RetainageForm.NATIVE,
        )
        self.answers: defaultdict[str, list[Any]] = defaultdict(list)
        self.calls: list[tuple[str, Any]] = []
        self.deadlines: list[datetime] = []

    def script(self, hook: str, *answers: Any) -> None:  # noqa: ANN401 - whatever the hook answers
        """Script the next answers of a hook: a value, an error to raise, or a function to call."""
        self.answers[hook] += answers

    def _pop_answer(self, hook: str, usual: Any, asked: Any = None) -> Any:  # noqa: ANN401 - the same
        self.calls.append((hook, asked))
        answer = self.answers[hook].pop(0) if self.answers[hook] else usual
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    def count_calls(self, hook: str) -> int:
        """Return how often a hook was called."""
        return sum(called == hook for called, _ in self.calls)

    @property
    def writes(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the key of each write, and the steps of the receipts that it received."""
        return [asked for called, asked in self.calls if called == "write"]

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the scripted declaration."""
        return self.declared

    @erp.hookimpl
    def erp_write(
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> Any:  # noqa: ANN401 - any scripted value
        """Return the next scripted answer; else a receipt of a new document."""
        self.deadlines.append(request.deadline)
        asked = (request.key(step).text, tuple(one.step for one in receipts))
        number = len({called[1][0].split("/")[0] for called in self.calls if called[0] == "write"})
        made = build_receipt(f"B-{number + 1}", step.name, step.role)
        return self._pop_answer("write", erp.Done(made), asked)


class ScriptedErp(WriteOnlyErp):
    """An ERP with every hook; a plan of one step, ``bill``, unless scripted otherwise."""

    def __init__(self, declaration: erp.Declaration | None = None, *steps: erp.Step) -> None:
        super().__init__(declaration or build_declaration())
        self.clock: Callable[[], datetime] = partial(datetime.now, UTC)
        self.steps = steps or (erp.Step("bill", "bill", erp.Role.BILL),)

    @erp.hookimpl
    def erp_steps(self) -> Any:  # noqa: ANN401 - any scripted value
        """Return the plan."""
        return self._pop_answer("steps", self.steps)

    @erp.hookimpl
    def erp_connect(self) -> Any:  # noqa: ANN401 - the same
        """Open nothing."""
        return self._pop_answer("connect", object())

    @erp.hookimpl
    def erp_check(self) -> Any:  # noqa: ANN401 - the same
        """Object to nothing."""
        return self._pop_answer("check", ALLOWED)

    @erp.hookimpl
    def erp_find(self, step: erp.Step, keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - the same
        """Find nothing, as of now."""
        return self._pop_answer("find", erp.Absent(self.clock()), keys)

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> Any:  # noqa: ANN401 - the same
        """Read the document, which is always there."""
        return self._pop_answer("read", build_contents(), receipt.erp_id)

    @erp.hookimpl
    def erp_withdraw(self, receipt: erp.Receipt) -> Any:  # noqa: ANN401 - the same
        """Remove the document."""
        return self._pop_answer("withdraw", erp.Done(receipt), receipt.erp_id)


class FlakyStore(MemoryStore):
    """A store that loses answers of workers' commits, each ``before`` or ``after`` storing."""

    def __init__(self) -> None:
        super().__init__()
        self.losses: list[str] = []

    @contextmanager
    def work(self) -> Iterator[WorkTransaction]:
        """Open the worker's port; the next loss, if it is not blank, affects this transaction."""
        loss = self.losses.pop(0) if self.losses else ""
        with super().work() as transaction:
            yield transaction
            if loss == "before":
                raise CommitUnknown(loss)
        if loss == "after":
            raise CommitUnknown(loss)
