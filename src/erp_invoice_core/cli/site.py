"""What a verb works on: the database, its people and invoices, the queue and its connections."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from ..adapters import Adapters, Connections
from ..documents import Actor, Problem
from ..queue import ExportQueue
from ..stores.document_facts import facts
from ..stores.documents import DocumentKind, DocumentTable
from ..vocabulary import ExportStatus
from .answer import BadInput, bad
from .connections import connections_of
from .database import database
from .settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ..documents import Invoice
    from ..events import AuditEvent
    from .database import Store
    from .options import Options

__all__ = ["Site", "opened"]


@attrs.frozen(kw_only=True)
class Site:
    """
    An open database with everything around it.

    Attributes:
        documents: The loaded documents as they are committed.
    """

    store: Store
    documents: DocumentTable
    queue: ExportQueue
    connections: Connections

    def person(self, person: str) -> Actor:
        """
        Return the person of that id.

        Raises:
            BadInput: There is none.
        """
        found: Actor | None = self.documents.get(DocumentKind.USER, person)
        if found is None:
            raise bad("--as", "person.unknown", f"Name a person who was loaded: {person} was not.")
        return found

    def invoices(self, ids: Sequence[str]) -> dict[str, Invoice]:
        """
        Return the invoices of those ids.

        Raises:
            BadInput: Some were not loaded; a problem for each.
        """
        found: dict[str, Invoice] = self.documents.many(DocumentKind.REQUISITION, ids)
        problems = [
            Problem(
                f"ids[{place}]", "invoice.unknown", f"Load invoice {id_} first: it is not here."
            )
            for place, id_ in enumerate(ids)
            if id_ not in found
        ]
        if problems:
            raise BadInput(problems)
        return found

    def connection(self, name: str) -> str:
        """
        Return the name of a connection that is there.

        Raises:
            BadInput: It is not.
        """
        if name not in self.connections:
            there = ", ".join(sorted(each.name for each in self.connections)) or "none"
            sentence = f"Name a connection that is there ({there}): {name} is not."
            raise bad("--to", "connection.unknown", sentence)
        return name


@contextmanager
def opened(
    options: Options,
    *,
    create: bool = False,
    observe: Callable[[AuditEvent], None] | None = None,
) -> Iterator[Site]:
    """
    Open the database; with ``create`` it is made where it is missing.

    Raises:
        BadInput: It is not there, or the settings are wrong.
    """
    named = database(options)
    settings = read_settings(options.settings)
    connections = connections_of(settings, Adapters.installed(), named.beside, os.environ)
    if not create and not named.is_there():
        sentence = f"Load a file first: there is no database {named.name}."
        raise bad("--db", "database.missing", sentence)
    with named.open() as (store, documents):
        yield Site(
            store=store,
            documents=DocumentTable(documents),
            queue=ExportQueue(
                store,
                connections,
                lambda ids: facts(documents, ids, unsynced=lambda among: _unsynced(store, among)),
                settings.policy,
                observe=observe,
            ),
            connections=connections,
        )


def _unsynced(store: Store, ids: Collection[str]) -> list[str]:
    entries = store.entries(list(ids))
    return [entry.id for entry in entries if entry.status is not ExportStatus.SYNCED]
