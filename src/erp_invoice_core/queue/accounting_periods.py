"""Accounting periods of connections, read from their ERPs outside of any transaction."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from ..exchange import CannotTell
from ..rules.accounting_date import find_date_field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..adapters import Adapter
    from ..documents import AccountingPeriod
    from ..stores import Store
    from .client import Pacing
    from .connections import ErpConnections

_LOG = logging.getLogger(__name__)
#: The most seconds of a call, as a person waits for the answer; no longer than its time limit.
_TIME_LIMIT: Final = 10.0
#: The facts about the periods of an ERP that is not asked.
_UNKNOWN: Final = {"accounting_periods": None, "periods_unread": None}


def read_period_facts(
    connections: ErpConnections, name: str | None, pacing: Pacing | None = None
) -> dict[str, Any]:
    """
    Return the facts ``accounting_periods`` and ``periods_unread`` of a connection.

    ``accounting_periods`` has the periods of the ERP, or ``None`` if they are not known.
    ``periods_unread`` has the reason if the ERP was asked and could not be read, which is also
    logged as a warning; otherwise it is ``None``. The ERP is asked only if it takes an accounting
    date and its adapter can read periods.
    """
    adapter = connections.find_adapter(name)
    if adapter is None or name is None or find_date_field(adapter.declaration) is None:
        return dict(_UNKNOWN)
    about = {"adapter": adapter.key, "connection": name}
    if not adapter.has_periods:
        _LOG.debug("The adapter of %s cannot read accounting periods.", adapter.name, extra=about)
        return dict(_UNKNOWN)
    answer = _ask(connections, name, adapter, pacing)
    if isinstance(answer, CannotTell):
        text = "The accounting periods of connection %s are not known: %s"
        _LOG.warning(text, name, answer.why, extra=about)
        return {"accounting_periods": None, "periods_unread": answer.why}
    return {"accounting_periods": answer, "periods_unread": None}


def _ask(
    connections: ErpConnections, name: str, adapter: Adapter, pacing: Pacing | None
) -> tuple[AccountingPeriod, ...] | CannotTell:
    from .client import Pacing, build_client  # noqa: PLC0415 - needed for an ERP with periods alone

    client = build_client(connections, name, adapter, pacing or Pacing(), _TIME_LIMIT)
    try:
        return client.periods()
    finally:
        client.channel.close()


def read_period_facts_of(
    ids: Iterable[str], store: Store, connections: ErpConnections
) -> dict[str | None, dict[str, Any]]:
    """
    Return the result of :func:`read_period_facts` for each connection of the entries, by its name.

    The mapping is empty if no loaded adapter can read periods.
    """
    adapters = (connections.find_adapter(name) for name in connections.names)
    if not any(adapter is not None and adapter.has_periods for adapter in adapters):
        return {}
    names = {entry.connection for entry in store.entries(list(ids))}
    return {name: read_period_facts(connections, name) for name in names}
