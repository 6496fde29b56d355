"""The result of reading files: complete records or problems."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from ...documents import (
    Actor,
    Commitment,
    CostCode,
    InvalidDocument,
    Invoice,
    Problem,
    Project,
    Vendor,
)
from ...values import Value
from .fields import Field, Report, Scope, join_path
from .known_records import Company

if TYPE_CHECKING:
    from collections.abc import Sequence


T = TypeVar("T")


@attrs.frozen
class LoadedRecord(Generic[T]):
    """
    A record that was read: its value, and the function that returns its plain object.

    The plain object is stored, and the same value can be read from it. ``path`` is the record's
    path in its file, for problems that are found later.
    """

    id: str
    value: T
    dump: Callable[[T], Mapping[str, Any]] = attrs.field(eq=False, repr=False)
    path: str = attrs.field(default="", eq=False)

    def build_path(self, name: str) -> str:
        """Return the path of a field of the record."""
        return join_path(self.path, name)

    def encode(self) -> str:
        """Return the plain object as canonical JSON text, in ASCII; each call computes it."""
        return json.dumps(self.dump(self.value), separators=(",", ":"), sort_keys=True)


def compute_digest(body: str) -> str:
    """Return the SHA-256 of a record's text in hexadecimal, to notice a change."""
    return hashlib.sha256(body.encode()).hexdigest()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Reading(Value):
    """
    The result of reading the files of one load; with a problem, nothing is loaded.

    Attributes:
        problems: All problems, each with its path in its file.
        warnings: All warnings, each with its path.
        ignored_fields: The number of fields that are not read.
    """

    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    ignored_fields: int = 0
    company: LoadedRecord[Company] | None = None
    projects: tuple[LoadedRecord[Project], ...] = ()
    vendors: tuple[LoadedRecord[Vendor], ...] = ()
    users: tuple[LoadedRecord[Actor], ...] = ()
    cost_codes: tuple[LoadedRecord[CostCode], ...] = ()
    commitments: tuple[LoadedRecord[Commitment], ...] = ()
    requisitions: tuple[LoadedRecord[Invoice], ...] = ()


def build_record(
    scope: Scope, kind: Callable[..., T], values: Mapping[str, Any], fields: Sequence[Field]
) -> T | None:
    """
    Return the record with the values, or ``None`` if a problem was reported.

    A problem that the constructor finds is reported with the field's name in the document.
    """
    if scope.has_problems:
        return None
    try:
        return kind(**values)
    except InvalidDocument as invalid:
        names = {field.attribute: field.name for field in fields}
        for problem in invalid.problems:
            name = names.get(problem.path, problem.path)
            scope.report.problems.append(attrs.evolve(problem, path=scope.build_path(name)))
        return None


def read_back(data: Mapping[str, Any], read: Callable[[Scope], T | None]) -> T:
    """
    Read a plain object that a ``dump`` function has written.

    Raises:
        InvalidDocument: It is not such an object.
    """
    report = Report(takes_nul=True)
    record = read(Scope(dict(data), "", report))
    if record is None:
        raise InvalidDocument(report.problems)
    return record
