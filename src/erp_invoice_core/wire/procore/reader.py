"""Reader of the files of one load."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from . import party
from .answer_kinds import DOCUMENT_ARRAYS
from .answers import Piece, Source, copy_changed, read_answers
from .assembly import assemble_contracts, name_file
from .commitment import dump_commitment, parse_commitment
from .cost_codes import dump_cost_code, parse_cost_code
from .currency import collect_currencies, collect_types
from .fields import Report, Scope, join_path
from .known_records import Company, Records
from .outcome import LoadedRecord, Reading
from .payments import add_payments
from .problem_rows import build_problem
from .references import References
from .requisition import dump_requisition, parse_requisition
from .sequence import check_sequence
from .values import find_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ...documents import Commitment, CostCode, Invoice
    from .answers import Answers


#: The default largest size of a document, in bytes.
MAX_SIZE = 64 * 1024 * 1024

_NOTHING_KNOWN = Records()
T = TypeVar("T")


def read_file(data: bytes, *, max_size: int = MAX_SIZE, known: Records = _NOTHING_KNOWN) -> Reading:
    """
    Return the records of a file, or its problems and no record.

    Args:
        data: The document or the answer, JSON in UTF-8.
        max_size: The largest size, in bytes.
        known: Records loaded before, to which references may point.
    """
    return read_files([Source(data=data)], max_size=max_size, known=known)


def read_files(
    sources: Sequence[Source],
    *,
    max_size: int = MAX_SIZE,
    known: Records = _NOTHING_KNOWN,
    drop: bool = False,
) -> Reading:
    """
    Return the records of all files, or their problems and no record.

    Args:
        sources: Documents and answers; if there are several, problems name the file.
        max_size: The largest size of each file and of all together, in bytes.
        known: Records loaded before, to which references may point.
        drop: True to remove the data from the given list of sources, which frees its memory.
    """
    report = Report()
    given = sources if drop and isinstance(sources, list) else list(sources)
    answers = read_answers(given, report, max_size=max_size, drop=drop)
    return _Files(answers, report, known).read() if answers else _refuse(report)


def _refuse(report: Report) -> Reading:
    return Reading(
        problems=tuple(report.problems),
        warnings=tuple(report.warnings),
        ignored_fields=report.ignored,
    )


@attrs.define
class _Files:
    """The files of one load during reading."""

    answers: Answers
    report: Report
    known: Records
    _opened: dict[str, tuple[Scope, Invoice]] = attrs.field(factory=dict)

    def read(self) -> Reading:
        """Return the records, or the problems and no record."""
        company = self._find_company()
        currency = company.currency if company else ""
        references = References(self.known)
        codes = self._read_cost_codes(references)
        references.projects.update(self._read_records("projects", party.parse_project))
        references.vendors.update(self._read_records("vendors", party.parse_vendor))
        users = self._read_records("users", party.parse_user)
        self._read_commitments(references, currency)
        requisitions = self._read_requisitions(references, currency)
        check_sequence(self._opened, self.known.requisitions, self.known.sent)
        for piece in self.answers.get_pieces("tax_codes"):
            Scope(piece.value, piece.path, self.report)  # counted as ignored fields
        paid = add_payments(self.answers, requisitions, self.known.requisitions, self.report)
        if not self.report.problems:
            names = self.answers.with_constants
            self.report.problems += [build_problem(name, "file.not_json") for name in names]
        if self.report.problems or company is None:
            return _refuse(self.report)
        return Reading(
            warnings=tuple(self.report.warnings),
            ignored_fields=self.report.ignored,
            company=LoadedRecord(company.id, company, party.dump_company),
            projects=_dump_loaded(references.projects.values(), party.dump_project),
            vendors=_dump_loaded(references.vendors.values(), party.dump_vendor),
            users=_dump_loaded(users.values(), party.dump_actor),
            cost_codes=_dump_loaded(codes.values(), dump_cost_code),
            commitments=_dump_loaded(references.commitments.values(), dump_commitment),
            requisitions=tuple(
                LoadedRecord(each.id, each, dump_requisition, self._find_path(each.id))
                for each in paid
            ),
        )

    def _find_path(self, id_: str) -> str:
        return self._opened[id_][0].path if id_ in self._opened else ""

    def _find_company(self) -> Company | None:
        """
        Return the company that the documents state, or else the company loaded before.

        The records in the arrays of the documents, such as ``requisitions``, are added to the
        answers of the same kind and read with them later.
        """
        pieces = []
        for document in self.answers.documents:
            scope = Scope(document.value, document.path, self.report)
            child = scope.read_child("company")
            if child is not None:
                pieces.append(Piece(value=child.value, path=child.path, source=document.source))
                self.report.ignored -= len(child.value)
            for name in DOCUMENT_ARRAYS:
                places = scope.read_objects(name)
                found = [
                    Piece(value=value, path=path, source=document.source) for value, path in places
                ]
                self.answers.add(name, found)
        self.answers.documents.clear()
        self.answers.add("company", pieces)
        if pieces:
            companies = self._read_records("company", self._read_company)
            if len(companies) > 1:
                at, several = join_path(pieces[-1].path, "id"), ", ".join(companies)
                self.report.problems.append(build_problem(at, "company.other", companies=several))
            return next(iter(companies.values()), None)
        if self.known.company is None and not self.report.problems:
            missing = build_problem("company", "value.missing", missing="company")
            self.report.problems.append(missing)
        return self.known.company

    def _read_company(self, scope: Scope) -> Company | None:
        company = party.parse_company(scope)
        known = self.known.company
        if company and known and company.id != known.id:
            scope.report_problem("id", "company.other", company=ascii(known.id))
        return company

    def _read_cost_codes(self, references: References) -> dict[str, CostCode | None]:
        def read(scope: Scope) -> CostCode | None:
            code = parse_cost_code(scope)
            if code is not None:
                references.cost_codes.add(code)
            return code

        return self._read_records("cost_codes", read)

    def _read_commitments(self, references: References, currency: str) -> None:
        requisitions = [piece.value for piece in self.answers.get_pieces("requisitions")]
        billed_in, types = collect_currencies(requisitions), collect_types(requisitions)

        def read(child: Scope) -> Commitment | None:
            name = find_id(child.value.get("id")) or ""
            return parse_commitment(
                child, billed_in.get(name, currency), references, types.get(name)
            )

        pieces = assemble_contracts(self.answers, self.known.commitments, self.report)
        references.commitments.update(self._read_all(deque(pieces), read))

    def _read_requisitions(
        self, references: References, currency: str
    ) -> dict[str, Invoice | None]:
        def read(child: Scope) -> Invoice | None:
            named = references.find_commitment(find_id(child.value.get("commitment_id")) or "")
            found = parse_requisition(child, named.currency if named else currency, references)
            if found:
                self._opened[found.id] = (Scope({}, child.path, self.report), found)
            return found

        return self._read_all(_merge_items(self.answers.take("requisitions")), read)

    def _read_records(self, name: str, read: Callable[[Scope], T | None]) -> dict[str, T | None]:
        return self._read_all(self.answers.take(name), read)

    def _read_all(
        self, pieces: deque[Piece], read: Callable[[Scope], T | None]
    ) -> dict[str, T | None]:
        """
        Return the records by id, with ``None`` for a record with a problem.

        An id must be unique in a file; in two files it may occur with an equal record. The pieces
        are removed from the queue, so that a large file is dropped record by record.
        """
        first: dict[str, tuple[Piece, T | None]] = {}
        while pieces:
            piece = pieces.popleft()
            warned = len(self.report.warnings)
            scope = Scope(piece.value, piece.path, self.report)
            record = read(scope)
            name = find_id(piece.value.get("id"))
            if name is None:
                continue
            if name not in first:
                first[name] = (attrs.evolve(piece, value={}), record)
                continue
            other, before = first[name]
            if other.source == piece.source:
                scope.report_problem("id", "id.duplicate", id=ascii(name))
            elif record is not None and before is not None and record != before:
                facts = {"record": ascii(name), **_name_differences(before, record)}
                there = join_path(other.path, "")
                scope.report_problem("id", "record.differs", **facts, **name_file(there))
            else:
                del self.report.warnings[warned:]  # reported for the first one
        return {name: record for name, (_, record) in first.items()}


def _merge_items(pieces: deque[Piece]) -> deque[Piece]:
    """
    Return the requisitions; fill gaps of one without items from its record in another file.

    Procore's default view of a requisition has no items. The fields that it has must be equal in
    all files.
    """
    extended = {
        find_id(piece.value.get("id")): piece
        for piece in pieces
        if piece.value.get("items") is not None
    }
    filled: deque[Piece] = deque()
    while pieces:
        piece = pieces.popleft()
        other = extended.get(find_id(piece.value.get("id")))
        if piece.value.get("items") is None and other and other.source != piece.source:
            absent = {
                name: value for name, value in other.value.items() if piece.value.get(name) is None
            }
            filled.append(attrs.evolve(piece, value=copy_changed(piece.value, absent)))
        else:
            filled.append(piece)
    return filled


def _name_differences(before: Any, record: Any) -> dict[str, str]:  # noqa: ANN401 - two records of one kind
    """Return the fact ``fields`` with the names that differ; an empty dict for different types."""
    names = [
        field.name.replace("_", " ")
        for field in attrs.fields(type(record))
        if type(before) is type(record)
        and getattr(before, field.name) != getattr(record, field.name)
    ]
    return {"fields": ", ".join(names)} if names else {}


def _dump_loaded(
    records: Iterable[Any], dump: Callable[[Any], Mapping[str, Any]]
) -> tuple[LoadedRecord[Any], ...]:
    return tuple(LoadedRecord(record.id, record, dump) for record in records)
