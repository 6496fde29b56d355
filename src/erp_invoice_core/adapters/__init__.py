"""The public names for adapters: everything that an adapter package imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..declaration import (
    AttachmentForm,
    Declaration,
    ExportField,
    Fidelity,
    FieldRule,
    Handling,
    LandingState,
    LookUp,
    NumberScope,
    Prerequisite,
    Replay,
    RetainageForm,
    Rounding,
    RoundingMode,
    Setting,
    SettingKind,
    StepTerms,
    TaxForm,
    UnlinkForm,
    Validator,
    WithdrawForm,
)
from ..documents import (
    AccountingPeriod,
    Attachment,
    ExportDocument,
    ExportLine,
    Key,
    MappingKind,
    Problem,
    Receipt,
    Step,
    normalize_number,
)
from ..exchange import (
    NOT_SAID,
    Absent,
    AttachmentUnavailable,
    CannotTell,
    Contents,
    ContentsAttachment,
    ContentsLine,
    ContentsTax,
    Deferred,
    Done,
    ErpPayment,
    ExportRequest,
    Found,
    Gone,
    NotSaid,
    Outcome,
    PaymentState,
    Refused,
    RequestAttachment,
    Several,
    Sighting,
    Unknown,
)
from ..verdict import ALLOWED, Denial, Notice, Remedy, Source, Verdict, deny
from ..vocabulary import AccountingMethod, Feature, ItemType, Privilege, Role, Support
from .adapter import Adapter, InvalidAdapter
from .connection import Connection
from .declaration_gaps import find_undeclared
from .erp_adapter import ErpAdapter
from .hookspecs import CONTRACT, hookimpl
from .limits import Limits
from .mappings import Mappings, MappingTable, read_mappings
from .registry import (
    GROUP,
    AdapterProblem,
    Adapters,
    Connections,
    UnknownAdapter,
    UnknownConnection,
    build_connection,
    name_variable,
)
from .session import Session
from .settings import InvalidSettings, Secret, SettingValue

if TYPE_CHECKING:
    from ..wire.procore.erp_metadata import ErpMetadata, read_erp_metadata

__all__ = [
    "ALLOWED",
    "CONTRACT",
    "GROUP",
    "NOT_SAID",
    "Absent",
    "AccountingMethod",
    "AccountingPeriod",
    "Adapter",
    "AdapterProblem",
    "Adapters",
    "Attachment",
    "AttachmentForm",
    "AttachmentUnavailable",
    "CannotTell",
    "Connection",
    "Connections",
    "Contents",
    "ContentsAttachment",
    "ContentsLine",
    "ContentsTax",
    "Declaration",
    "Deferred",
    "Denial",
    "Done",
    "ErpAdapter",
    "ErpMetadata",
    "ErpPayment",
    "ExportDocument",
    "ExportField",
    "ExportLine",
    "ExportRequest",
    "Feature",
    "Fidelity",
    "FieldRule",
    "Found",
    "Gone",
    "Handling",
    "InvalidAdapter",
    "InvalidSettings",
    "ItemType",
    "Key",
    "LandingState",
    "Limits",
    "LookUp",
    "MappingKind",
    "MappingTable",
    "Mappings",
    "NotSaid",
    "Notice",
    "NumberScope",
    "Outcome",
    "PaymentState",
    "Prerequisite",
    "Privilege",
    "Problem",
    "Receipt",
    "Refused",
    "Remedy",
    "Replay",
    "RequestAttachment",
    "RetainageForm",
    "Role",
    "Rounding",
    "RoundingMode",
    "Secret",
    "Session",
    "Setting",
    "SettingKind",
    "SettingValue",
    "Several",
    "Sighting",
    "Source",
    "Step",
    "StepTerms",
    "Support",
    "TaxForm",
    "Unknown",
    "UnknownAdapter",
    "UnknownConnection",
    "UnlinkForm",
    "Validator",
    "Verdict",
    "WithdrawForm",
    "build_connection",
    "deny",
    "find_undeclared",
    "hookimpl",
    "name_variable",
    "normalize_number",
    "read_erp_metadata",
    "read_mappings",
]

_LATER = frozenset({"ErpMetadata", "read_erp_metadata"})


def __getattr__(name: str) -> object:
    """
    Return ``ErpMetadata`` or ``read_erp_metadata``, imported when it is first used.

    No export needs these two, so importing this package does not load their module.

    Raises:
        AttributeError: The package has no such name.
    """
    if name in _LATER:
        from ..wire.procore import erp_metadata  # noqa: PLC0415 - loaded when first used

        return getattr(erp_metadata, name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return [*__all__]
