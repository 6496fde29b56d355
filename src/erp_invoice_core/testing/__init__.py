"""Public API for test suites: contracts, strategies, samples and a fake ERP."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..lazy_names import import_later

if TYPE_CHECKING:
    from ..flow.content_differences import ContentDifference, find_content_differences
    from .adapter_contract import AdapterContract
    from .contract.trial import Trial
    from .fake_erp.fake_ledger import FakeLedger, LedgerFault
    from .fake_erp.http_adapter import ErpOverHttp
    from .fake_erp.in_process import TwoStepErp
    from .fake_erp.process import ErpProcess
    from .fake_erp.quirk_set import QuirkSet
    from .fake_erp.quirks import QUIRKS, Quirk
    from .faults import (
        FAULTS,
        Effect,
        Fault,
        FaultPlan,
        FaultPoint,
        FaultProxy,
        FaultRequest,
        FaultRow,
        FaultTransport,
        Injection,
        LoggedRequest,
        NotProved,
        is_any,
        is_read,
        is_write,
    )
    from .samples import (
        ADMIN,
        APPROVER,
        SENDER,
        one_line_document,
        sample_case,
        sample_document,
        sample_request,
    )
    from .store_agreement import StoresAgree
    from .store_contract import StoreContract
    from .strategies import allowed_cases, changed_cases

__all__ = [
    "ADMIN",
    "APPROVER",
    "FAULTS",
    "QUIRKS",
    "SENDER",
    "AdapterContract",
    "ContentDifference",
    "Effect",
    "ErpOverHttp",
    "ErpProcess",
    "FakeLedger",
    "Fault",
    "FaultPlan",
    "FaultPoint",
    "FaultProxy",
    "FaultRequest",
    "FaultRow",
    "FaultTransport",
    "Injection",
    "LedgerFault",
    "LoggedRequest",
    "NotProved",
    "Quirk",
    "QuirkSet",
    "StoreContract",
    "StoresAgree",
    "Trial",
    "TwoStepErp",
    "allowed_cases",
    "changed_cases",
    "find_content_differences",
    "is_any",
    "is_read",
    "is_write",
    "one_line_document",
    "sample_case",
    "sample_document",
    "sample_request",
]

# A fake needs no pytest, and a contract needs no Hypothesis.
_MODULES = {
    ".flow.content_differences": ("ContentDifference", "find_content_differences"),
    "adapter_contract": ("AdapterContract",),
    "contract.trial": ("Trial",),
    "fake_erp.fake_ledger": ("FakeLedger", "LedgerFault"),
    "fake_erp.http_adapter": ("ErpOverHttp",),
    "fake_erp.in_process": ("TwoStepErp",),
    "fake_erp.process": ("ErpProcess",),
    "fake_erp.quirk_set": ("QuirkSet",),
    "fake_erp.quirks": ("QUIRKS", "Quirk"),
    "faults": (
        "Effect",
        "FAULTS",
        "Fault",
        "FaultPlan",
        "FaultPoint",
        "FaultProxy",
        "FaultRequest",
        "FaultRow",
        "FaultTransport",
        "Injection",
        "LoggedRequest",
        "NotProved",
        "is_any",
        "is_read",
        "is_write",
    ),
    "samples": (
        "ADMIN",
        "APPROVER",
        "SENDER",
        "one_line_document",
        "sample_case",
        "sample_document",
        "sample_request",
    ),
    "store_agreement": ("StoresAgree",),
    "store_contract": ("StoreContract",),
    "strategies": ("allowed_cases", "changed_cases"),
}
#: The modules whose failed assertions are to show their values.
_ASSERTING = ("adapter_contract", "store_contract", "store_agreement")

_load = import_later(__name__, _MODULES)


def __getattr__(name: str) -> object:
    for module in _ASSERTING:
        full_name = f"{__name__}.{module}"
        if name in _MODULES[module] and full_name not in sys.modules:
            import pytest  # noqa: PLC0415 - a fake needs none

            pytest.register_assert_rewrite(full_name)
    return _load(name)


def __dir__() -> list[str]:
    return sorted(__all__)
