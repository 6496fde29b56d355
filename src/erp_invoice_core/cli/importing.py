"""Invoices that come with an ERP id from elsewhere: synced, on a connection of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..documents import Problem
from ..stores import UnreadableEntry
from .answer import BadInput
from .settings import IMPORTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..documents import Invoice
    from ..wire.procore import Loaded
    from .database import Writing
    from .site import Site

__all__ = ["import_all"]


def import_all(
    site: Site,
    connection: Writing,
    given: Sequence[Loaded[Invoice]],
) -> None:
    """
    Make synced entries of the invoices with an ERP id that have no entry yet.

    Raises:
        BadInput: An ERP id belongs to another invoice.
    """
    erp_ids = {each.id: each.value.origin_id for each in given if each.value.origin_id}
    known = {
        entry.id
        for entry in site.store.entries(list(erp_ids))
        if entry.version or isinstance(entry, UnreadableEntry)
    }
    fresh = {id_: erp_id for id_, erp_id in erp_ids.items() if id_ not in known}
    if not fresh:
        return
    results = site.queue.import_synced(fresh, connection=IMPORTED, on=connection)
    by_id = {each.id: each for each in given}
    problems = [
        Problem(by_id[each.id].at("origin_id"), reason.code, reason.message)
        for each in results
        for reason in each.verdict.denials
    ]
    if problems:
        raise BadInput(problems)
