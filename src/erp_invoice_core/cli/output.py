"""The answer of a verb, its exit status, and standard output."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

import attrs

from ..documents import Problem
from ..values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .text import Screen


_OUTPUT, _ERRORS = 1, 2


@contextmanager
def reserve_output() -> Iterator[None]:
    """Send all output within the block to standard error; standard output is for the answer."""
    before = sys.stdout
    sys.stdout = sys.stderr
    try:
        yield
    finally:
        with suppress(ValueError, OSError):
            sys.stderr.flush()
        sys.stdout = before


def reserve_descriptor() -> None:
    """
    Write answers to a copy of descriptor 1 (standard output), and redirect 1 to standard error.

    So the output of a plugin's libraries and programs to descriptor 1 is not mixed with the answer.
    Call it only in a process that runs nothing but the command.
    """
    out = sys.stdout
    if out is None or sys.stderr is None:
        return
    try:
        if out.fileno() != _OUTPUT:
            return
        own = os.dup(_OUTPUT)
        os.dup2(_ERRORS, _OUTPUT)
    except (OSError, ValueError):
        return
    sys.stdout = open(  # noqa: SIM115, PTH123 - it is open until the process ends
        own, "w", encoding=out.encoding, errors=out.errors, buffering=1 if os.isatty(own) else -1
    )


DONE = 0
REFUSED = 1
BAD = 2


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Answer(Value):
    """
    The result of a verb.

    Attributes:
        status: The exit status: 0 done, 1 refused, or 128 plus the number of a signal.
        document: The output of ``--json``, in plain JSON values.
        write: Writes the answer for a person.
    """

    status: int
    document: Mapping[str, object]
    write: Callable[[Screen], None]


class BadInput(Exception):
    """The usage or the input is not valid; ``problems`` says why. The exit status is 2."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Store the problems."""
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


def build_problem(path: str, code: str, sentence: str, **values: object) -> Problem:
    """Return a problem; the values fill the named fields of its sentence."""
    shown = {name: str(value) for name, value in values.items()}
    return Problem(path, code, sentence.format(**values) if values else sentence, shown)


def build_bad_input(path: str, code: str, sentence: str, **values: object) -> BadInput:
    """Return the :class:`BadInput` of one problem; the values fill its sentence."""
    return BadInput([build_problem(path, code, sentence, **values)])


def join_names(names: Iterable[str]) -> str:
    """Return names joined for a sentence: ``a, b``, or ``none``."""
    return ", ".join(names) or "none"


def build_json(document: object) -> str:
    """Return a JSON document in ASCII, which every terminal and encoding supports."""
    return f"{json.dumps(document, indent=2)}\n"


def write_json(document: object, stream: TextIO) -> None:
    """Write a JSON document in ASCII."""
    stream.write(build_json(document))
