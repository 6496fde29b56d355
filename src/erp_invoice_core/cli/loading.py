"""The verb ``load``: files go in whole, in one transaction, or nothing of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from ..documents import Problem
from ..stores.document_records import records
from ..stores.documents import DocumentKind, DocumentTable
from ..wire.procore import KINDS, MAX_SIZE, Reading, Source, read_files
from . import shapes
from .answer import DONE, REFUSED, Answer, BadInput, bad
from .attaching import Found, keep_files, with_digests
from .database import database
from .file_cleanup import remove_unreferenced_files
from .importing import import_all
from .locking import Sent, Settled, settled
from .options import Options
from .site import Site, file_store, opened
from .sources import sources_of
from .telling import tell_answer

if TYPE_CHECKING:
    from ..stores.document_rows import Documents
    from ..wire.procore import Records
    from .database import Writing
    from .text import Screen

__all__ = ["load"]

_File = Annotated[
    list[str],
    typer.Argument(
        metavar="[KIND=]FILE...",
        help=f"JSON files; - is standard input. KIND is one of {', '.join(KINDS)}.",
        show_default=False,
    ),
]
_Files = Annotated[
    Path | None,
    typer.Option("--files", metavar="DIR", help="Where the attachments lie, by file name."),
]
_MaxSize = Annotated[
    int,
    typer.Option("--max-size", metavar="BYTES", help="How large the files may be together.", min=1),
]
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
        return {
            name: len(self.changed[kind])
            for kind, name in _PLURALS.items()
            if kind is not DocumentKind.COST_CODE or self.reading.cost_codes
        }

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
    """Load commitments and invoices from documents and API answers, all of them or nothing."""
    if files is not None and not files.is_dir():
        raise bad("--files", "usage.invalid", f"Name a directory: {files} is none.")
    given = _Given(sources=sources_of(file, max_size), max_size=max_size)
    found: Mapping[str, Found] = {}
    # A load that is refused must not leave an empty database behind.
    is_new = not database(options).is_there()
    if is_new:
        rehearsed = _rehearse(options, given)
        if files is not None:
            found = keep_files(_named(rehearsed), files, file_store(options))
    with opened(options, create=True, any_ledger=True) as site:
        if files is not None and not is_new:
            known = _known(site, site.documents.connection)
            found = keep_files(_named(given.read(known)), files, site.files)
        with site.store.transaction() as connection:
            outcome = _load(site, connection, given, found=found)
        remove_unreferenced_files(site)
    return _answer(outcome)


@attrs.frozen(kw_only=True)
class _Given:
    """The files of a load, and how large they may be together."""

    sources: Sequence[Source]
    max_size: int

    def read(self, known: Records) -> Reading:
        """
        Return what the files hold.

        Raises:
            BadInput: Something is wrong with them.
        """
        reading = read_files(self.sources, max_size=self.max_size, known=known)
        if reading.problems:
            raise BadInput(reading.problems)
        return reading


def _rehearse(options: Options, given: _Given) -> Reading:
    """
    Load the files into a database that is thrown away, and return what they hold.

    Raises:
        BadInput: The load would be refused.
    """
    with TemporaryDirectory(prefix="erp-invoice-") as folder:
        elsewhere = attrs.evolve(options, db=str(Path(folder) / "rehearsal.db"))
        with opened(elsewhere, create=True) as site, site.store.transaction() as connection:
            return _load(site, connection, given, found={}).reading


def _known(site: Site, documents: Documents) -> Records:
    return attrs.evolve(records(documents), sent=Sent(site.store))


def _named(reading: Reading) -> list[str]:
    """Return the file names of the attachments."""
    return [file.filename for each in reading.requisitions for file in each.value.attachments]


def _load(
    site: Site, connection: Writing, given: _Given, *, found: Mapping[str, Found]
) -> _Outcome:
    """Load the files, with the content of attachments that was kept before the transaction."""
    table = DocumentTable(connection)
    reading = given.read(_known(site, connection))
    warnings = list(reading.warnings)
    invoices = with_digests(reading.requisitions, found, warnings)
    stored = table.many(DocumentKind.REQUISITION, [each.id for each in invoices])
    outcome = settled(site, connection, invoices, stored)
    changed = table.put_all(attrs.evolve(reading, requisitions=outcome.kept))
    import_all(site, connection, invoices)
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
        f"{count} {name.removesuffix('s') if count == 1 else name}".replace("_", " ")
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
