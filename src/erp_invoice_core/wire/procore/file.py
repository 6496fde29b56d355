"""The files of one load: every record in them, or every problem with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ...documents import Problem
from . import party
from .answer_kinds import DOCUMENT_ARRAYS
from .answers import Piece, Source, answers_of, changed
from .assembly import assembled
from .commitment import commitment, dump_commitment
from .cost_codes import cost_code, dump_cost_code
from .currency import named_currencies, named_types
from .fields import Report, Scope, joined
from .known_records import Company, Records
from .outcome import Loaded, Reading
from .payments import with_payments
from .references import References
from .requisition import dump_requisition, requisition
from .sequence import check_sequence
from .values import identity_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ...documents import Commitment, CostCode, Invoice
    from .answers import Answers


#: The largest document that is read, in bytes, unless another size is said.
MAX_SIZE = 64 * 1024 * 1024

_NOTHING_KNOWN = Records()
T = TypeVar("T")


def read_file(data: bytes, *, max_size: int = MAX_SIZE, known: Records = _NOTHING_KNOWN) -> Reading:
    """
    Return what a file holds: its records, or its problems and then no record.

    Args:
        data: The document or the answer, JSON in UTF-8.
        max_size: In bytes; a larger file is refused.
        known: Records that were loaded before: references may point at them.
    """
    return read_files([Source(data=data)], max_size=max_size, known=known)


def read_files(
    sources: Sequence[Source], *, max_size: int = MAX_SIZE, known: Records = _NOTHING_KNOWN
) -> Reading:
    """
    Return what the files hold together: their records, or their problems and then no record.

    Args:
        sources: Documents and answers; problems name the file where there are several.
        max_size: In bytes, of each file and of all together.
        known: Records that were loaded before: references may point at them.
    """
    report = Report()
    answers = answers_of(sources, report, max_size=max_size)
    return _Files(answers, report, known).read() if answers else _refused(report)


def _refused(report: Report) -> Reading:
    return Reading(
        problems=tuple(report.problems),
        warnings=tuple(report.warnings),
        ignored_fields=report.ignored,
    )


@attrs.define
class _Files:
    """The files of one load while they are read."""

    answers: Answers
    report: Report
    known: Records
    _opened: dict[str, tuple[Scope, Invoice]] = attrs.field(factory=dict)

    def read(self) -> Reading:
        """Return the records, or the problems and no record."""
        company = self._company()
        currency = company.currency if company else ""
        references = References(self.known)
        codes = self._cost_codes(references)
        references.projects.update(self._records("projects", party.project))
        references.vendors.update(self._records("vendors", party.vendor))
        users = self._records("users", party.user)
        self._commitments(references, currency)
        requisitions = self._requisitions(references, currency)
        check_sequence(self._opened, self.known.requisitions, self.known.sent)
        for piece in self.answers.of("tax_codes"):
            Scope(piece.value, piece.path, self.report)  # counted as ignored
        paid = with_payments(self.answers, requisitions, self.known.requisitions, self.report)
        if not self.report.problems:
            sentence = "Write JSON: NaN and Infinity are not JSON."
            names = self.answers.with_constants
            self.report.problems += [Problem(name, "file.not_json", sentence) for name in names]
        if self.report.problems or company is None:
            return _refused(self.report)
        return Reading(
            warnings=tuple(self.report.warnings),
            ignored_fields=self.report.ignored,
            company=Loaded(company.id, company, party.dump_company(company)),
            projects=_loaded(references.projects.values(), party.dump_project),
            vendors=_loaded(references.vendors.values(), party.dump_vendor),
            users=_loaded(users.values(), party.dump_actor),
            cost_codes=_loaded(codes.values(), dump_cost_code),
            commitments=_loaded(references.commitments.values(), dump_commitment),
            requisitions=tuple(
                Loaded(each.id, each, dump_requisition(each), self._path(each.id)) for each in paid
            ),
        )

    def _path(self, id_: str) -> str:
        return self._opened[id_][0].path if id_ in self._opened else ""

    def _company(self) -> Company | None:
        """Return the company of the documents, else the one that is known; take their arrays."""
        pieces = []
        for document in self.answers.documents:
            scope = Scope(document.value, document.path, self.report)
            child = scope.child("company")
            if child is not None:
                pieces.append(Piece(value=child.value, path=child.path, source=document.source))
                self.report.ignored -= len(child.value)
            for name in DOCUMENT_ARRAYS:
                places = scope.places(name)
                found = [
                    Piece(value=value, path=path, source=document.source) for value, path in places
                ]
                self.answers.add(name, found)
        self.answers.add("company", pieces)
        if pieces:
            companies = self._records("company", self._read_company)
            if len(companies) > 1:
                sentence = f"Load the files of one company: these are of {', '.join(companies)}."
                at = joined(pieces[-1].path, "id")
                self.report.problems.append(Problem(at, "company.other", sentence))
            return next(iter(companies.values()), None)
        if self.known.company is None and not self.report.problems:
            sentence = "Give the company: it is required. A file with company and people has it."
            self.report.problems.append(Problem("company", "value.missing", sentence))
        return self.known.company

    def _read_company(self, scope: Scope) -> Company | None:
        company = party.company(scope)
        known = self.known.company
        if company and known and company.id != known.id:
            sentence = f"Load files of company {known.id!a} only: the database is that company's."
            scope.problem("id", "company.other", sentence)
        return company

    def _cost_codes(self, references: References) -> dict[str, CostCode | None]:
        def read(scope: Scope) -> CostCode | None:
            code = cost_code(scope)
            if code is not None:
                references.cost_codes.add(code)
            return code

        return self._records("cost_codes", read)

    def _commitments(self, references: References, currency: str) -> None:
        requisitions = [piece.value for piece in self.answers.of("requisitions")]
        billed_in, types = named_currencies(requisitions), named_types(requisitions)

        def read(child: Scope) -> Commitment | None:
            name = identity_of(child.value.get("id")) or ""
            return commitment(child, billed_in.get(name, currency), references, types.get(name))

        pieces = assembled(self.answers, self.known.commitments, self.report)
        references.commitments.update(self._read_all(pieces, read))

    def _requisitions(self, references: References, currency: str) -> dict[str, Invoice | None]:
        def read(child: Scope) -> Invoice | None:
            named = references.commitment(identity_of(child.value.get("commitment_id")) or "")
            found = requisition(child, named.currency if named else currency, references)
            if found:
                self._opened[found.id] = (child, found)
            return found

        return self._read_all(_with_items(self.answers.of("requisitions")), read)

    def _records(self, name: str, read: Callable[[Scope], T | None]) -> dict[str, T | None]:
        return self._read_all(self.answers.of(name), read)

    def _read_all(
        self, pieces: Iterable[Piece], read: Callable[[Scope], T | None]
    ) -> dict[str, T | None]:
        """
        Return the records by id, ``None`` for one that is wrong.

        No id comes twice in one file; in two files it may, with the same record.
        """
        first: dict[str, tuple[Piece, T | None]] = {}
        for piece in pieces:
            warned = len(self.report.warnings)
            scope = Scope(piece.value, piece.path, self.report)
            record = read(scope)
            name = identity_of(piece.value.get("id"))
            if name is None:
                continue
            if name not in first:
                first[name] = (piece, record)
                continue
            other, before = first[name]
            if other.source == piece.source:
                scope.problem("id", "id.duplicate", f"Give each its own id: {name!a} is taken.")
            elif record is not None and before is not None and record != before:
                there = joined(other.path, "") or "the other file"
                sentence = (
                    f"Give one version of {name!a}: {_differing(before, record)} is not the same "
                    f"in {there}."
                )
                scope.problem("id", "record.differs", sentence)
            else:
                del self.report.warnings[warned:]  # said of the first one
        return {name: record for name, (_, record) in first.items()}


def _with_items(pieces: Sequence[Piece]) -> list[Piece]:
    """
    Return the requisitions, those of the default view with what another file shows of them.

    The default view has no items; the record must be the same in what it does have.
    """
    extended = {
        identity_of(piece.value.get("id")): piece
        for piece in pieces
        if piece.value.get("items") is not None
    }
    filled = []
    for piece in pieces:
        other = extended.get(identity_of(piece.value.get("id")))
        if piece.value.get("items") is None and other and other.source != piece.source:
            absent = {
                name: value for name, value in other.value.items() if piece.value.get(name) is None
            }
            filled.append(attrs.evolve(piece, value=changed(piece.value, absent)))
        else:
            filled.append(piece)
    return filled


def _differing(before: Any, record: Any) -> str:  # noqa: ANN401 - two records of one class
    """Return the names of the attributes in which two records differ."""
    names = [
        field.name.replace("_", " ")
        for field in attrs.fields(type(record))
        if type(before) is type(record)
        and getattr(before, field.name) != getattr(record, field.name)
    ]
    return ", ".join(names) or "its type"


def _loaded(
    records: Iterable[Any], dump: Callable[[Any], Mapping[str, Any]]
) -> tuple[Loaded[Any], ...]:
    return tuple(Loaded(record.id, record, dump(record)) for record in records)
