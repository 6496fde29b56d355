"""Checks that no secret setting is shown."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from typing import TYPE_CHECKING, Any

from ....adapters.redaction import Redaction
from ...faults import Fault, is_any
from ..check import Check
from ..result import NotProved, require
from .injection import find_plan, inject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..trial import Trial

#: The characters of the shortest part of a secret that is looked for.
_SHORTEST = 8
_SECRETS = ("settings.*: secret",)


def _build_redaction(trial: Trial) -> Redaction:
    if not trial.connection.secrets:
        msg = "The settings that are given have no secret."
        raise NotProved(msg)
    return Redaction(trial.connection.secrets)


def _list_parts(secrets: Iterable[str]) -> set[str]:
    """
    Return texts that give a secret away although they are not equal to it.

    They are each secret reversed, and each of its parts of half its length, at least 8 characters.
    """
    parts: set[str] = set()
    for secret in secrets:
        size = max(_SHORTEST, (len(secret) + 1) // 2)
        parts |= {secret[::-1]}
        parts |= {secret[first : first + size] for first in range(len(secret) - size + 1)}
    return parts


def check_reprs(trial: Trial) -> None:
    """No repr of the session or the adapter shows a secret, with which others could book bills."""
    redaction = _build_redaction(trial)
    shown = {
        "the connection": repr(trial.connection),
        "the session": f"{trial.session} {trial.session.value!r} {trial.session.value}",
        "the adapter": repr(trial.adapter),
    }
    for what, text in shown.items():
        require(
            not redaction.is_in(text),
            "A secret is shown nowhere.",
            f"{what} shows it",
            "erp_connect: the repr of the session",
        )


class _Records(logging.Handler):
    """Keeps the texts of log records, each with the name of its logger."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the text of a record with its exception."""
        self.texts.append((f"the log of {record.name}", self.format(record)))


@contextlib.contextmanager
def _record_log() -> Iterator[_Records]:
    """Collect what any logger writes, of every level."""
    records, root = _Records(), logging.getLogger()
    level = root.level
    root.addHandler(records)
    root.setLevel(logging.DEBUG)
    try:
        yield records
    finally:
        root.removeHandler(records)
        root.setLevel(level)


def check_answers(trial: Trial) -> None:
    """No answer, log, warning or printed text has a secret, with which others could book bills."""
    _require_kept_back(trial, lambda: _call_every_hook(trial))


def check_refused_token(trial: Trial) -> None:
    """The message about a refused token does not quote it: a reader could book bills with it."""
    inject(trial, Fault.UNAUTHORIZED, is_any, times=None)

    def ask() -> None:
        trial.adapter.connect(trial.connection)
        trial.adapter.check(trial.session, trial.request)
        trial.write(trial.steps[0])
        for step in trial.list_looked_up():
            trial.find(step)

    try:
        _require_kept_back(trial, ask)
    finally:
        find_plan(trial).clear()


def _require_kept_back(trial: Trial, call: Callable[[], None]) -> None:
    """Make the call; end the check as refuted if an answer, log, warning or print has a secret."""
    redaction = _build_redaction(trial)
    answers: list[tuple[str, str]] = []

    def keep(outcome: Any, hook: str, *_others: object) -> None:  # noqa: ANN401 - pluggy's result
        given = outcome.exception if outcome.exception is not None else outcome.get_result()
        if hook != "erp_connect" or outcome.exception is not None:
            answers.append((f"an answer of {hook}", repr(given)))

    undo = trial.adapter.monitor_hooks(keep)
    printed = io.StringIO()
    try:
        with (
            _record_log() as log,
            warnings.catch_warnings(record=True) as warned,
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            warnings.simplefilter("always")
            call()
    finally:
        undo()
    texts = [*answers, *log.texts, ("printed text", printed.getvalue())]
    texts += [(f"a warning of {each.filename}", str(each.message)) for each in warned]
    parts = _list_parts(trial.connection.secrets)
    shown = [
        where
        for where, text in texts
        if redaction.is_in(text) or any(part in text for part in parts)
    ]
    require(
        not shown,
        "A secret is shown nowhere.",
        f"{', '.join(dict.fromkeys(shown))} has it",
        "the texts of answers, logging, warnings and print",
    )


def _call_every_hook(trial: Trial) -> None:
    trial.reconnect()
    trial.check()
    receipts = trial.export()
    for step in trial.list_looked_up():
        trial.find(step)
    if trial.adapter.has_read:
        trial.adapter.read(trial.session, receipts[0])
    for receipt in receipts if trial.adapter.has_withdraw else ():
        trial.adapter.withdraw(trial.session, receipt)


# fmt: off
CHECKS = (
    Check(
        name="secret.repr", run=check_reprs, words=_SECRETS,
        lie="The repr of the session shows the token of the connection.",
    ),
    Check(
        name="secret.answers", run=check_answers, words=_SECRETS,
        lie="A secret is in a receipt, a sentence, the log, a warning or printed text.",
    ),
    Check(
        name="secret.refused", run=check_refused_token, has_faults=True, words=_SECRETS,
        lie="The reason of a wrong token quotes the token.",
    ),
)
# fmt: on
