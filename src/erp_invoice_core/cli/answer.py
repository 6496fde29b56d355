"""What a verb answers: an exit status, one JSON document, and how a person is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TextIO

import attrs

from ..documents import Problem
from .text import Screen

__all__ = ["BAD", "DONE", "REFUSED", "Answer", "BadInput", "bad", "write_json"]

DONE = 0
REFUSED = 1
BAD = 2


@attrs.frozen(kw_only=True)
class Answer:
    """
    The outcome of a verb.

    Attributes:
        status: 0 done, 1 refused.
        document: What ``--json`` prints, in plain JSON values.
        tell: Writes the same for a person.
    """

    status: int
    document: Mapping[str, object]
    tell: Callable[[Screen], None]


class BadInput(Exception):
    """Bad usage or bad input: nothing was done, exit status 2; ``problems`` says why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems."""
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


def bad(path: str, code: str, message: str) -> BadInput:
    """Return the :class:`BadInput` of one problem."""
    return BadInput([Problem(path, code, message)])


def write_json(document: object, stream: TextIO) -> None:
    """Write one document, in ASCII: no terminal or encoding can stumble over it."""
    stream.write(json.dumps(document, indent=2))
    stream.write("\n")
