"""A host's connection: whether people's verbs can run on it."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus

from ..errors import HostMustRetry, NoTransaction

__all__ = ["in_transaction"]


def in_transaction(connection: object) -> psycopg.Connection[Any]:
    """
    Return a host's connection if it has a transaction open.

    Raises:
        NoTransaction: It has none, or is no connection.
        HostMustRetry: The transaction has failed already.
    """
    if isinstance(connection, psycopg.Connection) and not connection.closed:
        status = connection.info.transaction_status
        if status == TransactionStatus.INERROR:
            msg = "Roll back and run the transaction again: it has failed already."
            raise HostMustRetry(msg)
        if connection.pgconn.pipeline_status != PipelineStatus.OFF:
            msg = "End the pipeline on the connection, then call again."
            raise NoTransaction(msg)
        if status == TransactionStatus.INTRANS:
            return connection
    msg = "Begin a transaction on the connection, then call again."
    raise NoTransaction(msg)
