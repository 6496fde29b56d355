"""Answers of Procore's API in the files of one load."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import attrs

from ...documents import InvalidDocument
from ...values import Value
from .answer_kinds import CONTRACT_TYPES, DOCUMENT, KINDS, LISTS, find_common_kinds, find_kinds
from .fields import join_path
from .json_text import InexactNumber, RepeatedKeys, decode, parse
from .problem_rows import build_problem
from .values import quote_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .fields import Report


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Source(Value):
    """
    A file to load: its content, which is JSON in UTF-8, and its name.

    Attributes:
        name: The name of the file in problems, if there are several files.
        kind: The kind of its records; ``None`` to recognise the kind by their fields.
    """

    data: bytes = attrs.field(repr=False)
    name: str = ""
    kind: str | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Piece(Value):
    """One record as a plain object, with its path, and the number of its file within the load."""

    value: dict[str, Any]
    path: str
    source: int


@attrs.define
class Answers:
    """The content of the files: documents of the input format, and records of answers by kind."""

    documents: list[Piece] = attrs.field(factory=list)
    records: dict[str, list[Piece]] = attrs.field(factory=dict)
    #: The names of files with NaN or an infinity in any field, also in one that is not read.
    with_constants: list[str] = attrs.field(factory=list)

    def get_pieces(self, kind: str) -> list[Piece]:
        """Return the records of a kind of answer."""
        return self.records.get(kind, [])

    def take(self, kind: str) -> deque[Piece]:
        """Remove the records of a kind and return them, so that each is dropped once it is read."""
        return deque(self.records.pop(kind, ()))

    def add(self, kind: str, pieces: Sequence[Piece]) -> None:
        """Store records of a kind."""
        self.records.setdefault(kind, []).extend(pieces)


def read_answers(
    sources: list[Source], report: Report, *, max_size: int, drop: bool = False
) -> Answers | None:
    """
    Return the content of the files; ``None`` if a file cannot be read or its kind is not clear.

    Args:
        sources: At least one file.
        report: Collects the problems, and a warning for each empty list.
        max_size: The largest size of each file and of all together, in bytes.
        drop: Replace each source by one without data before it is parsed, to free its memory.
    """
    several = len(sources) > 1
    if several and sum(len(source.data) for source in sources) > max_size:
        facts = {"count": len(sources), "most": max_size}
        report.problems.append(build_problem("", "file.too_large", **facts))
        return None
    opened: list[tuple[Source, object, bool]] = []
    for place in range(len(sources)):
        # Checking every value takes time, and few files have one of these words.
        named = any(word in sources[place].data for word in (b"NaN", b"Infinity"))
        source = attrs.evolve(sources[place], data=b"")
        try:
            text = decode(sources[place].data, max_size=max_size)
            if drop:
                sources[place] = source
            opened.append((source, parse(text), named))
        except InvalidDocument as invalid:
            name = source.name if several else ""
            report.problems += [attrs.evolve(problem, path=name) for problem in invalid.problems]
    if report.problems:
        return None
    answers = Answers()
    for number, (source, value, named) in enumerate(opened):
        prefix = f"{source.name}: " if several else ""
        _take(answers, _OpenedFile(value, prefix, number), source.kind, report)
        if named and _has_constant(value):
            answers.with_constants.append(source.name if several else "")
    return None if report.problems else answers


@attrs.frozen(eq=False, repr=False)
class _OpenedFile(Value):
    """The parsed value of a file, the prefix of paths in it, and the number of the file."""

    value: object
    prefix: str
    source: int

    def unwrap(self) -> _OpenedFile:
        """
        Return the content of an answer of Procore's API v2.0, which wraps it in ``data``.

        Another value is returned unchanged.
        """
        inner = self.value.get("data") if isinstance(self.value, dict) else None
        is_wrapped = isinstance(self.value, dict) and "id" not in self.value
        if not is_wrapped or not isinstance(inner, (dict, list)):
            return self
        return attrs.evolve(self, value=inner, prefix=f"{self.prefix}data")

    def split(self, report: Report) -> Iterator[Piece]:
        """Yield the objects in the list of a file, or its only object; report other elements."""
        if isinstance(self.value, dict):
            yield Piece(value=self.value, path=self.prefix, source=self.source)
            return
        assert isinstance(self.value, list)
        for place, element in enumerate(self.value):
            opened = _OpenedFile(element, f"{self.prefix}[{place}]", self.source)
            if isinstance(element, dict) and "id" not in element:
                inner = element.get("data")
                if isinstance(inner, dict):
                    opened = _OpenedFile(inner, f"{opened.prefix}.data", self.source)
            if isinstance(opened.value, dict):
                yield Piece(value=opened.value, path=opened.prefix, source=self.source)
            else:
                facts = {"type": "object", "value": quote_value(opened.value)}
                report.problems.append(build_problem(opened.prefix, "value.type", **facts))


def _take(answers: Answers, opened: _OpenedFile, kind: str | None, report: Report) -> None:
    if kind != DOCUMENT and not (kind is None and _find_fitting_kinds(opened.value) == {DOCUMENT}):
        opened = opened.unwrap()
    where = opened.prefix.removesuffix(": ")
    if not isinstance(opened.value, (dict, list)):
        report.problems.append(build_problem(where, "value.type", type="file"))
        return
    if opened.value == []:
        report.warnings.append(build_problem(where, "file.empty"))
        return
    found = kind or _recognize(opened, where, report)
    if found is None:
        return
    if found == DOCUMENT:
        if isinstance(opened.value, list):
            report.problems.append(build_problem(where, "value.type", type="document"))
            return
        answers.documents.extend(opened.split(report))
        return
    pieces = list(opened.split(report))
    if kind in LISTS:
        _check_kind(pieces, kind, report)
    if found in CONTRACT_TYPES:
        pieces = [_add_type(piece, CONTRACT_TYPES[found]) for piece in pieces]
        found = "commitments"
    answers.add(found, pieces)


def _check_kind(pieces: Sequence[Piece], kind: str, report: Report) -> None:
    """Report each record whose kind is not the kind that a person named for the file."""
    for piece in pieces:
        fitting = find_kinds(piece.value)
        if fitting and not fitting & LISTS:
            other = next(name for name in KINDS if name in fitting)
            path = join_path(piece.path, "")
            report.problems.append(build_problem(path, "file.kind_differs", kind=other, named=kind))


def _find_fitting_kinds(value: object) -> frozenset[str]:
    return find_kinds(value) if isinstance(value, dict) else frozenset()


def _recognize(opened: _OpenedFile, where: str, report: Report) -> str | None:
    """Return the kind of a file; report a problem if no kind or several fit."""
    if isinstance(opened.value, dict):
        fitting = find_kinds(opened.value)
    else:
        assert isinstance(opened.value, list)
        fitting = find_common_kinds(_unwrap_element(element) for element in opened.value)
    if len(fitting) == 1:
        return next(iter(fitting))
    candidates = ", ".join(kind for kind in KINDS if kind in (fitting or KINDS))
    code = "file.kind_ambiguous" if fitting else "file.kind_unknown"
    report.problems.append(build_problem(where, code, kinds=candidates))
    return None


def _unwrap_element(element: object) -> object:
    if isinstance(element, dict) and "id" not in element and isinstance(element.get("data"), dict):
        return element["data"]
    return element


def _add_type(piece: Piece, type_name: str) -> Piece:
    """Return a contract with the type of its endpoint, unless it states a type."""
    if piece.value.get("type") is not None:
        return piece
    return attrs.evolve(piece, value=copy_changed(piece.value, {"type": type_name}))


def copy_changed(value: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a plain object with changes; it keeps the mark of repeated keys."""
    copy: dict[str, Any] = {**value, **changes}
    if not isinstance(value, RepeatedKeys):
        return copy
    marked = RepeatedKeys(copy)
    marked.repeated = value.repeated
    return marked


def _has_constant(value: object) -> bool:
    """Return whether any field has NaN or an infinity, even a field that is not read."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
        elif isinstance(here, InexactNumber) and here.is_constant:
            return True
    return False
