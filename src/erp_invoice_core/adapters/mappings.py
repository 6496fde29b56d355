"""Mappings of a connection: ids in the ERP for codes of the source."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol
from unicodedata import category

import attrs

from ..documents import MappingKind, Problem
from ..values import Value
from .settings import InvalidSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

#: The columns of a mapping file.
COLUMNS: Final = ("kind", "code", "erp_id")
_HEADER: Final = ",".join(COLUMNS)
#: Separators that programs write in place of commas, with their names.
_OTHER_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}
_LARGEST: Final = 16 * 1024 * 1024
_MOST_ROWS: Final = 100_000
_LONGEST: Final = 255
#: Unicode's categories of control characters and of lone surrogates.
_CONTROL: Final = frozenset({"Cc", "Cs"})
#: The most problems of a file that are listed.
_MOST_PROBLEMS: Final = 100
_KINDS: Final = {kind.value: kind for kind in MappingKind}


class Mappings(Protocol):
    """
    Returns ids in the ERP, by kind and code: a :class:`MappingTable`, or a callable of the host.

    It is called with all codes of a kind at once: when invoices are sent, accepted or accepted
    again, and when a host asks why an invoice cannot be sent or accepted.
    """

    def __call__(self, kind: MappingKind, codes: Collection[str], /) -> Mapping[str, str] | None:
        """Return the id in the ERP of each code that has one; ``None``: the kind is not mapped."""
        ...


def _index(
    rows: Iterable[tuple[MappingKind, str, str]],
) -> Mapping[MappingKind, Mapping[str, str]]:
    found: dict[MappingKind, dict[str, str]] = {}
    for kind, code, erp_id in rows:
        of_kind = found.setdefault(kind, {})
        if code in of_kind:
            msg = f"The {kind.value} {code!r} is mapped twice. Map it once."
            raise ValueError(msg)
        of_kind[code] = erp_id
    return MappingProxyType({kind: MappingProxyType(ids) for kind, ids in found.items()})


@attrs.frozen(eq=False, repr=False)
class MappingTable(Value):
    """
    A table of ids in the ERP.

    Attributes:
        ids: The ids in the ERP, by kind and code. Give the constructor rows of kind, code and id.

    Raises:
        ValueError: A code of a kind is mapped twice.
    """

    ids: Mapping[MappingKind, Mapping[str, str]] = attrs.field(converter=_index, hash=False)

    @property
    def rows(self) -> tuple[tuple[MappingKind, str, str], ...]:
        """The table as rows of kind, code and id in the ERP."""
        return tuple(
            (kind, code, erp_id)
            for kind, of_kind in self.ids.items()
            for code, erp_id in of_kind.items()
        )

    def __call__(self, kind: MappingKind, codes: Collection[str], /) -> Mapping[str, str] | None:
        """Return the id in the ERP of each code that has one; ``None``: no row is of the kind."""
        of_kind = self.ids.get(kind)
        if of_kind is None:
            return None
        return {code: of_kind[code] for code in codes if code in of_kind}


def read_mappings(path: Path, said_in: str = "mappings") -> MappingTable:
    """
    Return the table of a CSV file with the columns ``kind``, ``code`` and ``erp_id``.

    The first row is the header; at least one row follows.

    Args:
        path: The file, in UTF-8.
        said_in: The path of the setting that names the file, which each problem states.

    Raises:
        InvalidSettings: The file cannot be read, or has no header or no row, or rows are not
            valid; the text names each wrong row by its number.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise _refuse(said_in, f"The mapping file {path.name} is larger than 16 MiB.")
        text = content.decode("utf-8-sig")
    except OSError as fault:
        sentence = f"The mapping file {path.name} cannot be read: {fault.strerror}."
        raise _refuse(said_in, f"{sentence} Name another one.") from None
    except UnicodeDecodeError:
        sentence = f"The mapping file {path.name} is not UTF-8. Save it as CSV in UTF-8."
        raise _refuse(said_in, sentence) from None
    return parse_mappings(text, said_in, path.name)


def parse_mappings(text: str, said_in: str = "mappings", name: str = "") -> MappingTable:
    """
    Return the table of a CSV text, which begins with the names of its columns.

    Args:
        text: The text.
        said_in: The path of the setting that names the file, which each problem states.
        name: The name of the file, for the sentences of problems.

    Raises:
        InvalidSettings: There is no header or no row, or rows are not valid; the text names each
            wrong row by its number; the header is row 1.
    """
    import csv  # noqa: PLC0415 - most connections have no mapping file

    file = f"The mapping file {name}".rstrip()
    problems: list[Problem] = []
    found: dict[tuple[MappingKind, str], tuple[str, int]] = {}
    try:
        rows = _read_rows(text)
        _require_header(next(rows, None), said_in, file)
        count = 0
        for count, (number, row) in enumerate(rows, 1):
            problems += _take_row(found, said_in, number, row)
            if len(problems) > _MOST_PROBLEMS or count > _MOST_ROWS:
                break
    except csv.Error as fault:
        raise _refuse(said_in, f"{file} is not CSV: {fault}. Correct it.") from None
    if count > _MOST_ROWS:
        sentence = f"{file} has more than {_MOST_ROWS} rows. Leave out what is not used."
        raise _refuse(said_in, sentence)
    if problems:
        raise InvalidSettings(problems)
    if not found:
        # A kind without a row is not mapped, so that the ids of the source would be booked.
        raise _refuse(said_in, f"{file} has a header and no rows. Write them, or name no file.")
    return MappingTable((kind, code, erp_id) for (kind, code), (erp_id, _) in found.items())


def _require_header(first: tuple[int, list[str]] | None, said_in: str, file: str) -> None:
    """Raise ``InvalidSettings`` unless the first row has the names of the columns."""
    if first is None:
        raise _refuse(said_in, f"{file} is empty. Write its header {_HEADER} and its rows.")
    _, row = first
    if tuple(cell.lower() for cell in row) == COLUMNS:
        return
    sentence = f"{file} does not begin with the header {_HEADER}. Write it in the first row."
    for separator, word in _OTHER_SEPARATORS.items():
        if tuple(cell.strip() for cell in row[0].lower().split(separator)) == COLUMNS:
            sentence = f"{file} separates its cells by {word}. Separate them by commas."
    raise _refuse(said_in, sentence)


def _refuse(path: str, sentence: str) -> InvalidSettings:
    return InvalidSettings([Problem(path, "mapping.invalid", sentence)])


def _read_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, with the number of the line at which each ends."""
    import csv  # noqa: PLC0415 - as above
    from io import StringIO  # noqa: PLC0415 - the same

    reader = csv.reader(StringIO(text, newline=""), strict=True)
    for row in reader:
        if any(cell.strip() for cell in row):
            yield reader.line_num, [_strip(cell) for cell in row]


def _strip(cell: str) -> str:
    """Return a cell without the spaces around it; control characters stay, to be refused."""
    return cell.strip(" \t") if _has_controls(cell.strip(" \t")) else cell.strip()


def _has_controls(text: str) -> bool:
    return not text.isprintable() and any(category(char) in _CONTROL for char in text)


def _take_row(
    found: dict[tuple[MappingKind, str], tuple[str, int]], path: str, number: int, row: list[str]
) -> Iterator[Problem]:
    """
    Add a row to ``found``, or yield a problem that says what is wrong with the row.

    ``found`` has, by kind and code, the id in the ERP and the number of the row.
    """
    where = f"{path}, row {number}"
    if len(row) != len(COLUMNS):
        sentence = f"The row has {len(row)} cells. Write three: kind, code and erp_id."
        yield Problem(where, "mapping.invalid", sentence)
        return
    kind, name, erp_id = row
    if kind not in _KINDS:
        sentence = f"{kind[:_LONGEST]!r} is no kind. Write one of: {', '.join(_KINDS)}."
        yield Problem(where, "mapping.invalid", sentence)
    elif not name or not erp_id:
        sentence = f"The {'erp_id' if name else 'code'} is blank. Write one, or remove the row."
        yield Problem(where, "mapping.invalid", sentence)
    elif _has_controls(name) or _has_controls(erp_id):
        sentence = "A text has control characters, as a line break. Write it without them."
        yield Problem(where, "mapping.invalid", sentence)
    elif max(len(name), len(erp_id)) > _LONGEST:
        sentence = f"A text is longer than {_LONGEST} characters. Shorten it."
        yield Problem(where, "mapping.invalid", sentence)
    elif found.setdefault((_KINDS[kind], name), (erp_id, number))[1] != number:
        before = found[_KINDS[kind], name][1]
        sentence = f"The {kind} {name!r} is in row {before} already. Write it once."
        yield Problem(where, "mapping.invalid", sentence)
