"""The verb ``verify``: whether the stored history is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..stores import Finding
from ..stores.documents import DocumentKind
from .answer import DONE, REFUSED, Answer
from .options import Options
from .site import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .site import Site
    from .text import Screen

__all__ = ["verify"]


def verify(
    options: Options,
    *,
    seal: Annotated[
        bool, typer.Option("--seal", help="Print one digest over everything, to keep elsewhere.")
    ] = False,
) -> Answer:
    """Check that no event, entry or loaded document was edited, removed, added or swapped."""
    with opened(options, read_only=True) as site:
        found = site.queue.verify()
        problems = [*found.problems, *_document_findings(site)]
    document: dict[str, Any] = {
        "ok": not problems,
        "entries": found.entries,
        "events": found.events,
        "problems": [
            {"path": each.entry_id, "code": each.code, "message": each.message} for each in problems
        ],
    }
    if seal:
        document["seal"] = found.seal

    def tell(screen: Screen) -> None:
        for each in problems:
            screen.line(f"{each.code}: {each.message}", style="red")
        verdict = "not whole" if problems else "whole"
        screen.line(f"{found.entries} entries, {found.events} events: {verdict}.")
        if seal:
            screen.line(f"Seal: {found.seal}")

    return Answer(status=REFUSED if problems else DONE, document=document, tell=tell)


def _document_findings(site: Site) -> Iterator[Finding]:
    """Yield what is wrong with the loaded documents, and which invoices of the queue lack one."""
    company, stored = site.documents.company(), site.documents.company_id()
    if stored is not None and (company is None or company.id != stored):
        sentence = f"The row of company {stored!a} was edited, or cannot be read: restore it."
        yield Finding(ascii(stored)[1:-1], "document.edited", sentence)
    for each in site.documents.findings():
        yield Finding(each.id, each.code, each.message)
    loaded = site.documents.digests(DocumentKind.REQUISITION)
    for entry in site.store.entries():
        if entry.seq and entry.id not in loaded:
            sentence = f"What was loaded of invoice {entry.id} is missing: load it again."
            yield Finding(entry.id, "document.lost", sentence)
