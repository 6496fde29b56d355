"""The verb ``load``: a whole file goes in, in one transaction, or nothing of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import attrs
import typer

from ..documents import Problem
from ..stores.document_records import records
from ..stores.documents import DocumentKind, DocumentTable
from ..wire.procore import MAX_SIZE, Reading, read_file
from . import shapes
from .answer import DONE, REFUSED, Answer, BadInput, bad
from .attaching import Found, keep_files, with_digests
from .database import database
from .file_cleanup import remove_unreferenced_files
from .importing import import_all
from .locking import Sent, Settled, settled
from .options import Options
from .site import Site, opened
from .telling import tell_answer

if TYPE_CHECKING:
    from .database import Writing
    from .text import Screen

__all__ = ["load"]

_File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="A JSON file; - is standard input.", show_default=False),
]
_Files = Annotated[
    Path | None,
    typer.Option("--files", metavar="DIR", help="Where the attachments lie, by file name."),
]
_MaxSize = Annotated[
    int, typer.Option("--max-size", metavar="BYTES", help="The largest file taken.", min=1)
]
_PIECE = 1024 * 1024
_PLURALS = {kind: f"{kind.value}s" for kind in DocumentKind}


@attrs.frozen(kw_only=True)
class _Outcome:
    """What came of loading: counts by kind, what stayed as it was, what was refused."""

    reading: Reading
    warnings: Sequence[Problem]
    changed: Mapping[DocumentKind, Sequence[str]]
    settled: Settled

    @property
    def loaded(self) -> dict[str, int]:
        """How many records are new or changed, by kind."""
        return {name: len(self.changed[kind]) for kind, name in _PLURALS.items()}

    @property
    def unchanged(self) -> int:
        """How many records were there already, the same."""
        total = sum(len(getattr(self.reading, name)) for name in _PLURALS.values())
        touched = {*self.changed[DocumentKind.REQUISITION], *self.settled.refused_ids}
        others = sum(
            len(ids) for kind, ids in self.changed.items() if kind is not DocumentKind.REQUISITION
        )
        return total - others - len(touched)


def load(
    options: Options, file: _File, files: _Files = None, max_size: _MaxSize = MAX_SIZE
) -> Answer:
    """Load commitments and invoices from a file, all of it or nothing."""
    if files is not None and not files.is_dir():
        raise bad("--files", "usage.invalid", f"Name a directory: {files} is none.")
    data = _bytes(file, max_size)
    # A bad file must not leave an empty database behind.
    if not database(options).is_there():
        _checked(read_file(data, max_size=max_size))
    with opened(options, create=True) as site:
        found = {} if files is None else _kept(site, data, max_size, files)
        with site.store.transaction() as connection:
            outcome = _load(site, connection, data, max_size=max_size, found=found)
        remove_unreferenced_files(site)
    return _answer(outcome)


def _kept(site: Site, data: bytes, max_size: int, files: Path) -> Mapping[str, Found]:
    """Keep the files of the attachments, before the transaction begins: it reads no bytes."""
    known = records(site.documents.connection)
    reading = _checked(read_file(data, max_size=max_size, known=known))
    named = [file.filename for each in reading.requisitions for file in each.value.attachments]
    return keep_files(named, files, site.files)


def _bytes(file: str, max_size: int) -> bytes:
    """Return the content, one byte more than allowed at most."""
    try:
        if file == "-":
            return _up_to(max_size + 1, sys.stdin.buffer)
        with Path(file).open("rb") as content:
            return _up_to(max_size + 1, content)
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise bad("FILE", "file.unreadable", f"Name a file that can be read: {reason}.") from fault


def _up_to(size: int, content: BinaryIO) -> bytes:
    """Return so many bytes at most; a read of a huge size would reserve it all."""
    found = bytearray()
    while len(found) < size:
        piece = content.read(min(size - len(found), _PIECE))
        if not piece:
            break
        found += piece
    return bytes(found)


def _checked(reading: Reading) -> Reading:
    if reading.problems:
        raise BadInput(reading.problems)
    return reading


def _load(
    site: Site,
    connection: Writing,
    data: bytes,
    *,
    max_size: int,
    found: Mapping[str, Found],
) -> _Outcome:
    table = DocumentTable(connection)
    known = attrs.evolve(records(connection), sent=Sent(site.store))
    reading = _checked(read_file(data, max_size=max_size, known=known))
    warnings = list(reading.warnings)
    given = with_digests(reading.requisitions, found, warnings)
    stored = table.many(DocumentKind.REQUISITION, [each.id for each in given])
    outcome = settled(site, connection, given, stored)
    changed = table.put_all(attrs.evolve(reading, requisitions=outcome.kept))
    import_all(site, connection, given)
    return _Outcome(reading=reading, warnings=warnings, changed=changed, settled=outcome)


def _answer(outcome: _Outcome) -> Answer:
    refused = outcome.settled.refused
    document: dict[str, Any] = {
        "loaded": outcome.loaded,
        "unchanged": outcome.unchanged,
        "ignored_fields": outcome.reading.ignored_fields,
        "warnings": shapes.problems(outcome.warnings),
        "problems": [],
        "results": [shapes.result(each.id, each.verdict, each.entry) for each in refused],
    }
    return Answer(
        status=REFUSED if refused else DONE,
        document=document,
        tell=lambda screen: _tell(screen, outcome),
    )


def _tell(screen: Screen, outcome: _Outcome) -> None:
    counts = ", ".join(
        f"{count} {name.removesuffix('s') if count == 1 else name}"
        for name, count in outcome.loaded.items()
        if count
    )
    screen.line(f"Loaded: {counts or 'nothing new'}.")
    screen.line(f"Unchanged: {outcome.unchanged}.")
    if outcome.reading.ignored_fields:
        screen.line(f"Ignored, as they are not read: {outcome.reading.ignored_fields} fields.")
    for warning in outcome.warnings:
        screen.line(f"{warning.path}: {warning.message} ({warning.code})", style="yellow", indent=2)
    for each in outcome.settled.refused:
        heading = f"{each.id}: stays as it is ({each.entry.status.value})"
        tell_answer(screen, heading, each.verdict)
