"""
Calls of the host's callbacks, with their errors contained.

The host's code may raise any exception, or return a value of a wrong type. Such an error does not
end a worker and does not affect other entries. The error is logged, and a denial says why the facts
of the entry cannot be used.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import attrs

from ..adapters.containment import Raised, call_contained, format_traceback, read_class_name
from ..message_template import MessageTemplate
from ..stores import StoreError
from ..values import Value
from ..verdict import Verdict
from .case_check import find_case_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..adapters.redaction import Redaction
    from ..events import AuditEvent
    from ..rules import Case
    from .types import Facts


_UNUSABLE = MessageTemplate(
    "facts.unusable",
    "The facts of invoice {invoice_id} that the host application supplies cannot be used ({why})."
    " Correct them, then try again.",
)
_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")


@attrs.frozen(eq=False, repr=False)
class FactsAnswer(Value):
    """
    The host's answer to the question for the facts of invoices.

    Attributes:
        cases: The usable cases, by id.
        problems: Why facts cannot be used, by id, as the end of a sentence.
    """

    cases: dict[str, Case] = attrs.Factory(dict)
    problems: dict[str, str] = attrs.Factory(dict)


def ask_facts(
    facts: Facts, ids: Sequence[str], redaction: Redaction, *, propagate: bool = False
) -> FactsAnswer:
    """
    Ask the host for the facts of invoices; if that fails, ask for each one alone.

    Args:
        facts: The callable of the host.
        ids: The invoices.
        redaction: Removes secrets from the log.
        propagate: True to raise the callable's exception to the host if the callable raises for
            every invoice. No other entry is affected then.

    Raises:
        StoreError: The callable used a store that is busy or unavailable.
    """
    answer = call_contained(lambda: (facts(ids),))
    if isinstance(answer, Raised):
        if isinstance(answer.error, StoreError):
            raise answer.error
        asked = _ask_each(facts, ids, redaction) if len(ids) > 1 else None
        if asked is None and propagate:
            raise answer.error
        return asked or _record_failure(ids, answer.error, redaction)
    return _read(answer[0], ids, redaction)


def _read(answer: object, ids: Sequence[str], redaction: Redaction) -> FactsAnswer:
    """Return the usable cases of the host's answer, and the problems of the others."""
    asked = FactsAnswer()
    for id_ in dict.fromkeys(ids):
        _take(asked, id_, answer, redaction)
    for id_, why in asked.problems.items():
        _LOG.error("The host's facts of invoice %s: %s.", id_, why, extra={"entry": id_})
    return asked


def _ask_each(facts: Facts, ids: Sequence[str], redaction: Redaction) -> FactsAnswer | None:
    """Return the answers for one invoice at a time, or ``None`` if all calls raise."""
    answers = {id_: call_contained(partial(_ask_one, facts, id_)) for id_ in dict.fromkeys(ids)}
    if all(isinstance(answer, Raised) for answer in answers.values()):
        return None
    asked = FactsAnswer()
    for id_, answer in answers.items():
        if isinstance(answer, Raised):
            alone = _record_failure([id_], answer.error, redaction)
        else:
            alone = _read(answer[0], [id_], redaction)
        asked.cases.update(alone.cases)
        asked.problems.update(alone.problems)
    return asked


def _ask_one(facts: Facts, id_: str) -> tuple[Mapping[str, Case]]:
    return (facts([id_]),)


def _record_failure(ids: Sequence[str], error: BaseException, redaction: Redaction) -> FactsAnswer:
    text = format_traceback(error, redaction)
    for id_ in ids:
        extra = {"entry": id_}
        _LOG.error("The host's facts of invoice %s raised an error.\n%s", id_, text, extra=extra)
    # Only the class, because the text of a host's error may have a password, and events are
    # stored.
    return FactsAnswer(problems=dict.fromkeys(ids, f"{read_class_name(error)} was raised"))


def _take(asked: FactsAnswer, id_: str, answer: object, redaction: Redaction) -> None:
    """
    Add the case of one id from the host's answer to ``asked``, or the problem with it.

    An exception that the answer raises for this id affects no other id.
    """

    def read() -> tuple[Case | None, str | None]:
        if not isinstance(answer, Mapping):
            kind = type(answer).__name__
            return None, f"the answer is of type {kind}, not a mapping of ids to cases"
        if id_ in answer:
            case = answer[id_]
            return case, find_case_problem(case)
        keys: Iterable[object] = answer
        others = [type(key).__name__ for key in keys if not isinstance(key, str)]
        return None, f"its ids are of type {others[0]}, and ids are text" if others else None

    found = call_contained(read)
    if isinstance(found, Raised):
        text = format_traceback(found.error, redaction)
        _LOG.error("The host's facts cannot be read.\n%s", text, extra={"entry": id_})
        asked.problems[id_] = f"{read_class_name(found.error)} was raised when the answer was read"
        return
    case, problem = found
    if problem is not None:
        asked.problems[id_] = problem
    elif case is not None:
        asked.cases[id_] = case


def decide_contained(id_: str, judge: Callable[[], _T], redaction: Redaction) -> _T | str:
    """
    Return the result of ``judge``, or the reason why the host's facts cannot be used.

    ``judge`` decides with the host's facts of the invoice. They may be instances of a host's
    subclass, which may raise when it is read, compared or written.

    Raises:
        StoreError: A fact used a store that is busy or unavailable.
    """
    found = call_contained(lambda: (judge(),))
    if not isinstance(found, Raised):
        return found[0]
    if isinstance(found.error, StoreError):
        raise found.error
    text = format_traceback(found.error, redaction)
    _LOG.error("The facts of invoice %s cannot be judged.\n%s", id_, text, extra={"entry": id_})
    return f"{read_class_name(found.error)} was raised when the rules read them"


def deny_unusable_facts(entry_id: str, why: str) -> Verdict:
    """Return the denial of an action because the host's facts of the invoice cannot be used."""
    return Verdict((_UNUSABLE.deny({"invoice_id": entry_id, "why": why}),))


def contain_observer(
    observe: Callable[[AuditEvent], object] | None, redaction: Callable[[], Redaction]
) -> Callable[[AuditEvent], None]:
    """Return a function that calls the host's observer, and logs its exceptions."""

    def call(event: AuditEvent) -> None:
        if observe is None:
            return
        done = call_contained(lambda: (observe(event),))
        if isinstance(done, Raised):
            _LOG.error(
                "The host's observer raised %s.\n%s",
                read_class_name(done.error),
                format_traceback(done.error, redaction()),
                extra={"entry": event.entry_id, "action": event.action.value},
            )

    return call
