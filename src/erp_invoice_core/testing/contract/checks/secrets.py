"""Checks that no secret setting is shown."""

from __future__ import annotations

import contextlib
import io
import logging
from typing import TYPE_CHECKING, Any

from ....adapters.redaction import Redaction
from ..check import Check
from ..result import NotProved, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..trial import Trial

_SECRETS = ("settings.*: secret",)


def _build_redaction(trial: Trial) -> Redaction:
    if not trial.connection.secrets:
        msg = "The settings that are given have no secret."
        raise NotProved(msg)
    return Redaction(trial.connection.secrets)


def check_reprs(trial: Trial) -> None:
    """No object of the adapter shows a secret, as tracebacks and debuggers print them."""
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
    """Keeps the texts of log records."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the text of a record with its exception."""
        self.texts.append(self.format(record))


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
    """No answer, log line or printed text has a secret, plain or encoded: they are stored."""
    redaction = _build_redaction(trial)
    answers: list[str] = []

    def keep(outcome: Any, *_others: object) -> None:  # noqa: ANN401 - pluggy's result
        answers.append(
            repr(outcome.get_result()) if outcome.exception is None else repr(outcome.exception)
        )

    undo = trial.adapter.monitor_hooks(keep)
    printed = io.StringIO()
    try:
        with (
            _record_log() as log,
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            _call_every_hook(trial)
    finally:
        undo()
    for what, texts in (
        ("an answer", answers),
        ("the log", log.texts),
        ("printed text", [printed.getvalue()]),
    ):
        require(
            not any(map(redaction.is_in, texts)),
            "A secret is shown nowhere.",
            f"{what} has it",
            "the texts of answers, logging and print",
        )


def _call_every_hook(trial: Trial) -> None:
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
        lie="The session shows its token.",
    ),
    Check(
        name="secret.answers", run=check_answers, words=_SECRETS,
        lie="A secret is in a receipt, a sentence, the log or printed text.",
    ),
)
# fmt: on
