"""Kinds of loaded records, and the readers of their stored text."""

from __future__ import annotations

import hashlib
import json
from enum import Enum
from typing import TYPE_CHECKING, Any

from ..stores.cache import Recent
from ..stores.unreadable_rows import set_aside_record
from ..wire.procore import (
    read_actor,
    read_commitment,
    read_cost_code,
    read_project,
    read_requisition,
    read_vendor,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class RecordKind(Enum):
    """The kind of a loaded record; an invoice is a requisition, as in Procore's API."""

    PROJECT = "project"  #: A project.
    VENDOR = "vendor"  #: A contract company.
    USER = "user"  #: A person.
    COMMITMENT = "commitment"  #: A subcontract or purchase order.
    REQUISITION = "requisition"  #: An invoice.
    COST_CODE = "cost_code"  #: A cost code of a list.


_READERS: Mapping[RecordKind, Callable[[Mapping[str, Any]], Any]] = {
    RecordKind.PROJECT: read_project,
    RecordKind.VENDOR: read_vendor,
    RecordKind.USER: read_actor,
    RecordKind.COMMITMENT: read_commitment,
    RecordKind.REQUISITION: read_requisition,
    RecordKind.COST_CODE: read_cost_code,
}


# A worker reads the same related records for many invoices, and the values are immutable. The key
# has the digest of the text, so that a row which is edited by hand is read anew. An invoice of 50
# lines has some 16 KB.
_VALUES: Recent[tuple[RecordKind, bytes], Any] = Recent(8_000_000)


def _read_value(kind: RecordKind, body: bytes) -> Any:  # noqa: ANN401 - a record of any kind
    key = kind, hashlib.sha256(body).digest()
    value = _VALUES.get(key)
    if value is None:
        value = _READERS[kind](json.loads(body))
        _VALUES.put(key, value, len(body))
    return value


def read_if_possible(kind: RecordKind, identity: str, body: object) -> Any:  # noqa: ANN401 - a record of any kind
    """Return the record of a stored text; if it cannot be read, log that and return ``None``."""
    try:
        if isinstance(body, str):
            return _read_value(kind, body.encode())  # fails for text that is not UTF-8
        why = f"Expected text, found {type(body).__name__}."
    except Exception as error:  # noqa: BLE001 - a reader may fail in any way for a row that was edited by hand
        why = f"{type(error).__name__}: {error}"
    set_aside_record(kind.value, identity, why, body)
    return None
