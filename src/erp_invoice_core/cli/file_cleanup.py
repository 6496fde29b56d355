"""The removal of attachments' content to which no document and no entry refers any more."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..stores.documents import DocumentKind
from .file_store import FileStoreBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..documents import Attachment, Invoice
    from .site import Site

__all__ = ["remove_unreferenced_files"]

_LOG = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


def remove_unreferenced_files(site: Site, clock: Callable[[], datetime] = _now) -> None:
    """
    Remove content that nothing has referred to for seven days; at most once a day.

    Call it after a commit, outside of transactions. A failure is logged and fails nothing.
    """
    if site.files is None:
        return
    try:
        removed = site.files.remove_unreferenced(lambda: _referenced(site), clock())
    except (OSError, FileStoreBusy) as error:
        _LOG.warning(
            "Content of attachments could not be removed.", extra={"error": type(error).__name__}
        )
        return
    if removed:
        _LOG.info("Content of attachments was removed.", extra={"count": len(removed)})


def _referenced(site: Site) -> set[str]:
    """Return the digests of the attachments of all loaded invoices and of all entries."""
    invoices: Iterable[Invoice] = site.documents.all(DocumentKind.REQUISITION).values()
    attachments: list[Attachment] = [file for each in invoices for file in each.attachments]
    for entry in site.store.entries():
        if entry.document is not None:
            attachments += entry.document.attachments
    return {file.digest for file in attachments if file.digest}
