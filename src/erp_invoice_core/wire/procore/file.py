"""The whole document: every record in it, or every problem with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ...documents import Commitment, InvalidDocument, Invoice, Problem
from . import party
from .commitment import commitment, dump_commitment
from .currency import named_currencies, named_types
from .fields import Report, Scope
from .kinds import identity_of
from .known import Company, Records
from .reading import Loaded, Reading
from .references import References
from .requisition import dump_requisition, requisition
from .sequence import check_sequence
from .text import Inexact, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["MAX_SIZE", "read_file"]

#: The largest document that is read, in bytes, unless another size is said.
MAX_SIZE = 64 * 1024 * 1024

_NOTHING_KNOWN = Records()
T = TypeVar("T")


def read_file(data: bytes, *, max_size: int = MAX_SIZE, known: Records = _NOTHING_KNOWN) -> Reading:
    """
    Return what the document holds: its records, or its problems and then no record.

    Args:
        data: The document, JSON in UTF-8.
        max_size: In bytes; a larger document is refused.
        known: Records that were loaded before: references may point at them.
    """
    try:
        value = parse(data, max_size=max_size)
    except InvalidDocument as invalid:
        return Reading(problems=invalid.problems)
    if not isinstance(value, dict):
        return Reading(problems=(Problem("", "value.type", "Write an object at the top."),))
    report = Report()
    reading = _read(Scope(value, "", report), known)
    if not report.problems and b"N" in data and _has_constant(value):
        sentence = "Write JSON: NaN and Infinity are none."
        report.problems.append(Problem("", "file.not_json", sentence))
    if report.problems:
        return Reading(
            problems=tuple(report.problems),
            warnings=tuple(report.warnings),
            ignored_fields=report.ignored,
        )
    return reading


def _read(scope: Scope, known: Records) -> Reading:
    company = _company(scope, known)
    currency = company.currency if company else ""
    references = References(known)
    projects = _records(scope, "projects", party.project)
    references.projects.update(projects)
    vendors = _records(scope, "vendors", party.vendor)
    references.vendors.update(vendors)
    users = _records(scope, "users", party.user)
    billed_in = named_currencies(scope.value.get("requisitions"))

    types = named_types(scope.value.get("requisitions"))

    def read_commitment(child: Scope) -> Commitment | None:
        name = identity_of(child.value.get("id")) or ""
        return commitment(child, billed_in.get(name, currency), references, types.get(name))

    commitments = _records(scope, "commitments", read_commitment)
    references.commitments.update(commitments)
    opened: dict[str, tuple[Scope, Invoice]] = {}

    def read_requisition(child: Scope) -> Invoice | None:
        named = references.commitment(identity_of(child.value.get("commitment_id")) or "")
        read = requisition(child, named.currency if named else currency, references)
        if read:
            opened[read.id] = (child, read)
        return read

    requisitions = _records(scope, "requisitions", read_requisition)
    check_sequence(opened, known.requisitions)
    if scope.has_problems or company is None:
        return Reading()
    return Reading(
        warnings=tuple(scope.report.warnings),
        ignored_fields=scope.report.ignored,
        company=Loaded(company.id, company, party.dump_company(company)),
        projects=_loaded(projects.values(), party.dump_project),
        vendors=_loaded(vendors.values(), party.dump_vendor),
        users=_loaded(users.values(), party.dump_actor),
        commitments=_loaded(commitments.values(), dump_commitment),
        requisitions=_loaded(requisitions.values(), dump_requisition),
    )


def _company(scope: Scope, known: Records) -> Company | None:
    child = scope.child("company")
    if child is None:
        if scope.get("company") is None:
            scope.problem("company", "value.missing", "Give the company: it is required.")
        return None
    company = party.company(child)
    if company and known.company and company.id != known.company.id:
        sentence = (
            f"Load files of company {known.company.id!a} only: the database is that company's."
        )
        child.problem("id", "company.other", sentence)
    return company


def _records(scope: Scope, name: str, read: Callable[[Scope], T | None]) -> dict[str, T | None]:
    """Return the records of an array by id, ``None`` for one that is wrong; no id comes twice."""
    found: dict[str, T | None] = {}
    seen: set[str] = set()
    for child in scope.children(name):
        record = read(child)
        name_of_it = identity_of(child.value.get("id"))
        child.unique(seen, name_of_it)
        if name_of_it is not None:
            found[name_of_it] = record
    return found


def _loaded(
    records: Iterable[Any], dump: Callable[[Any], Mapping[str, Any]]
) -> tuple[Loaded[Any], ...]:
    return tuple(Loaded(record.id, record, dump(record)) for record in records)


def _has_constant(value: object) -> bool:
    """Return whether NaN or an infinity stands anywhere, in fields that are not read too."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
        elif isinstance(here, Inexact) and here.is_constant:
            return True
    return False
