"""Accounting periods of connections, read from their ERPs outside of any transaction."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from ..exchange import CannotTell, Deferred
from ..rules.accounting_date import find_date_field

if TYPE_CHECKING:
    from .client import ErpClients, Pacing
    from .connections import ErpConnections

_LOG = logging.getLogger(__name__)
#: The facts about the periods of an ERP that is not asked.
_UNKNOWN: Final = {"accounting_periods": None, "periods_unread": None}


def read_period_facts(
    connections: ErpConnections, name: str | None, pacing: Pacing | None = None
) -> dict[str, Any]:
    """Return the result of :func:`find_period_facts`, read in a session of its own."""
    if not takes_periods(connections, name):
        return dict(_UNKNOWN)
    from .client import ErpClients, Pacing  # noqa: PLC0415 - needed for an ERP with periods alone

    clients = ErpClients(connections, pacing or Pacing())
    try:
        return find_period_facts(clients, name)
    finally:
        clients.close()


def takes_periods(connections: ErpConnections, name: str | None) -> bool:
    """
    Return whether the ERP of a connection is asked for its accounting periods.

    It is asked if it takes an accounting date and its adapter can read periods.
    """
    adapter = connections.find_adapter(name)
    if adapter is None or name is None or find_date_field(adapter.declaration) is None:
        return False
    if not adapter.has_periods:
        about = {"adapter": adapter.key, "connection": name}
        _LOG.debug("The adapter of %s cannot read accounting periods.", adapter.name, extra=about)
    return adapter.has_periods


def find_period_facts(clients: ErpClients, name: str | None) -> dict[str, Any]:
    """
    Return the facts ``accounting_periods`` and ``periods_unread`` of a connection.

    ``accounting_periods`` has the periods of the ERP, or ``None`` if they are not known.
    ``periods_unread`` has the reason if the ERP was asked and could not be read, which is also
    logged as a warning; otherwise it is ``None``. The ERP is asked if :func:`takes_periods`.
    """
    adapter = clients.connections.find_adapter(name)
    if adapter is None or name is None or not takes_periods(clients.connections, name):
        return dict(_UNKNOWN)
    client = clients.open(name, adapter)
    answer = CannotTell(client.why) if isinstance(client, Deferred) else client.periods()
    if isinstance(answer, CannotTell):
        about = {"adapter": adapter.key, "connection": name}
        text = "The accounting periods of connection %s are not known: %s"
        _LOG.warning(text, name, answer.why, extra=about)
        return {"accounting_periods": None, "periods_unread": answer.why}
    return {"accounting_periods": answer, "periods_unread": None}
