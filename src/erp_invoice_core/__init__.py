"""Rules, export queue and adapters for subcontractor invoices of construction projects."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from .documents import (
    Actor,
    Attachment,
    ChangeOrderPackage,
    Commitment,
    CommitmentLine,
    CostCode,
    Difference,
    ExportDocument,
    ExportLine,
    Hold,
    InvalidDocument,
    Invoice,
    InvoiceItem,
    InvoiceSummary,
    ItemExcess,
    LinkDifference,
    NumberUse,
    Payment,
    Problem,
    Project,
    PurchaseOrder,
    QueueEntry,
    Receipt,
    StatedSummary,
    Subcontract,
    Vendor,
    normalize_number,
)
from .rules import AtLeast, Case, Grant, Holds, Policy, Reaction, Right, decide
from .verdict import ALLOWED, Denial, Denied, Notice, Remedy, Source, Verdict
from .vocabulary import (
    SENDABLE,
    AccountingMethod,
    Action,
    Blocks,
    ExportStatus,
    Feature,
    InvoiceStatus,
    ItemType,
    Level,
    Privilege,
    PurchaseOrderStatus,
    Role,
    SubcontractStatus,
    Support,
    Tool,
)

if TYPE_CHECKING:
    from .adapters import Adapters, Connection, Connections, Limits
    from .billing import build_g702, build_g703, compute_period
    from .events import AuditEvent, Change, replay
    from .flow import Resolution, RetryPolicy, Wait, WaitFor, find_wait
    from .message_template import MessageKind, MessageTemplate
    from .queue import Attachments, ExportQueue, Facts, Result
    from .stores import (
        CommitUnknown,
        HostMustRetry,
        MemoryStore,
        NoTransaction,
        PostgresStore,
        SqliteStore,
        Store,
        StoreBusy,
        StoreError,
        StoreFault,
        Verification,
    )
    from .translation import message_templates, translate, translate_who
    from .worker import Worker

__all__ = [
    "ALLOWED",
    "SENDABLE",
    "AccountingMethod",
    "Action",
    "Actor",
    "Adapters",
    "AtLeast",
    "Attachment",
    "Attachments",
    "AuditEvent",
    "Blocks",
    "Case",
    "Change",
    "ChangeOrderPackage",
    "CommitUnknown",
    "Commitment",
    "CommitmentLine",
    "Connection",
    "Connections",
    "CostCode",
    "Denial",
    "Denied",
    "Difference",
    "ExportDocument",
    "ExportLine",
    "ExportQueue",
    "ExportStatus",
    "Facts",
    "Feature",
    "Grant",
    "Hold",
    "Holds",
    "HostMustRetry",
    "InvalidDocument",
    "Invoice",
    "InvoiceItem",
    "InvoiceStatus",
    "InvoiceSummary",
    "ItemExcess",
    "ItemType",
    "Level",
    "Limits",
    "LinkDifference",
    "MemoryStore",
    "MessageKind",
    "MessageTemplate",
    "NoTransaction",
    "Notice",
    "NumberUse",
    "Payment",
    "Policy",
    "PostgresStore",
    "Privilege",
    "Problem",
    "Project",
    "PurchaseOrder",
    "PurchaseOrderStatus",
    "QueueEntry",
    "Reaction",
    "Receipt",
    "Remedy",
    "Resolution",
    "Result",
    "RetryPolicy",
    "Right",
    "Role",
    "Source",
    "SqliteStore",
    "StatedSummary",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoreFault",
    "Subcontract",
    "SubcontractStatus",
    "Support",
    "Tool",
    "Vendor",
    "Verdict",
    "Verification",
    "Wait",
    "WaitFor",
    "Worker",
    "build_g702",
    "build_g703",
    "compute_period",
    "decide",
    "find_wait",
    "message_templates",
    "normalize_number",
    "replay",
    "translate",
    "translate_who",
]

#: Names that are imported at their first use: billing, flow, stores, queue, adapters and worker.
_LATER = {
    "Adapters": "adapters",
    "Attachments": "queue",
    "AuditEvent": "events",
    "Change": "events",
    "CommitUnknown": "stores",
    "Connection": "adapters",
    "Connections": "adapters",
    "ExportQueue": "queue",
    "Facts": "queue",
    "HostMustRetry": "stores",
    "MemoryStore": "stores",
    "MessageKind": "message_template",
    "MessageTemplate": "message_template",
    "NoTransaction": "stores",
    "Limits": "adapters",
    "RetryPolicy": "flow",
    "Result": "queue",
    "Resolution": "flow",
    "PostgresStore": "stores",
    "SqliteStore": "stores",
    "Store": "stores",
    "StoreBusy": "stores",
    "StoreError": "stores",
    "StoreFault": "stores",
    "Verification": "stores",
    "Wait": "flow",
    "WaitFor": "flow",
    "Worker": "worker",
    "find_wait": "flow",
    "message_templates": "translation",
    "build_g702": "billing",
    "build_g703": "billing",
    "compute_period": "billing",
    "replay": "events",
    "translate": "translation",
    "translate_who": "translation",
}

if find_spec("psycopg") is None:  # psycopg is an extra, and `import *` must work without it
    __all__.remove("PostgresStore")  # noqa: PYI056 - mypy and pyright read it


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - loaded when first asked for

        return version("erp-invoice-core")
    if name in _LATER:
        from importlib import import_module  # noqa: PLC0415 - loaded when first used

        return getattr(import_module(f".{_LATER[name]}", __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
