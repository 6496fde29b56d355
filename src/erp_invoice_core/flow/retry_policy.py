"""Retry policy: when to look up or retry, and when to ask a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import attrs

from ..documents.field_types import refuse_wrong_types
from ..message_template import MessageTemplate, choose_template
from ..values import Value
from ..verdict import Source, Verdict

_GAVE_UP = (
    MessageTemplate(
        "export.gave_up",
        "The answers of {times} tries of this export were lost. Find out the cause, then retry or reject"
        " the export.",
        source=Source.ERP,
        when={"cause": "answers_lost"},
    ),
    MessageTemplate(
        "export.gave_up",
        "The workers of this export stopped {times} times without an answer. Find out the cause, then"
        " retry or reject the export.",
        source=Source.ERP,
        when={"cause": "workers_stopped"},
    ),
    MessageTemplate(
        "export.gave_up",
        "The ERP was tried {times} times without success. Find out the cause, then retry or reject the"
        " export. The last reason is: {why}",
        source=Source.ERP,
    ),
    MessageTemplate(
        "export.gave_up",
        "The ERP was tried {times} times without success. Find out the cause, then retry or reject the"
        " export.",
        source=Source.ERP,
    ),
)
_LOOK_UPS = (timedelta(minutes=5), timedelta(hours=1), *(timedelta(days=1),) * 5)
_NOTHING = timedelta(0)


def _copy_row(waits: Iterable[timedelta]) -> tuple[timedelta, ...]:
    if not isinstance(waits, Iterable):
        msg = f"look_ups is of the type {type(waits).__name__}. Give a tuple of timedelta."
        raise TypeError(msg)
    return tuple(waits)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RetryPolicy(Value):
    """
    How often and for how long the worker tries before a person is asked.

    Attributes:
        look_ups: The waiting times before the look-ups of an unknown export, one for each look-up.
        deferrals: The number of deferrals after which an export fails.
        lost_claims: The number of claims without an answer after which an export fails.

    Raises:
        TypeError: A field is not of its type.
        ValueError: ``look_ups`` is empty, or a value is not above 0.
    """

    look_ups: tuple[timedelta, ...] = attrs.field(default=_LOOK_UPS, converter=_copy_row)
    deferrals: int = 20
    lost_claims: int = 5

    def __attrs_post_init__(self) -> None:
        refuse_wrong_types(self)
        if not self.look_ups or min(self.look_ups) <= _NOTHING:
            raise ValueError("look_ups must have a waiting time, and each must be above 0.")
        for name in ("deferrals", "lost_claims"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}. Give 1 or more.")


#: The retry policy if neither the connection nor the worker has one.
DEFAULT_RETRY_POLICY = RetryPolicy()

_FIRST_WAIT = 5.0
_LONGEST_WAIT = 3600.0


def compute_backoff(times: int, chance: float) -> timedelta:
    """
    Return the wait after n deferrals: 5 s, 10 s, 20 s and so on, at most an hour.

    ``chance``, from 0 to 1, is the jitter. It shortens the wait by up to half, so that entries that
    were deferred together are not retried together.
    """
    longest = min(_FIRST_WAIT * 2 ** (times - 1), _LONGEST_WAIT)
    return timedelta(seconds=longest * (1 - chance / 2))


def give_up(times: int, *, why: str = "", cause: str = "") -> Verdict:
    """
    Return the refusal that ends an export after too many tries without success.

    Args:
        times: The number of tries.
        why: The last reason of the ERP.
        cause: The cause if the ERP gave no reason: ``answers_lost`` or ``workers_stopped``.
    """
    facts = {"times": str(times), "why": why}
    if cause:
        facts["cause"] = cause
    template = choose_template(_GAVE_UP, facts) or _GAVE_UP[-1]
    return Verdict((template.deny(facts),))
