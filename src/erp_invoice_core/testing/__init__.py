"""Public API for test suites: contracts, strategies, samples and a fake ERP."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .adapter_contract import AdapterContract, Trial
    from .fake_erp.fake_ledger import FakeLedger, Fault
    from .fake_erp.in_process import TwoStepErp
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
    "SENDER",
    "AdapterContract",
    "FakeLedger",
    "Fault",
    "StoreContract",
    "StoresAgree",
    "Trial",
    "TwoStepErp",
    "allowed_cases",
    "changed_cases",
    "one_line_document",
    "sample_case",
    "sample_document",
    "sample_request",
]

# Each name is loaded on first use, as a fake needs no pytest and a contract needs no Hypothesis.
_MODULES = {
    "ADMIN": "samples",
    "APPROVER": "samples",
    "AdapterContract": "adapter_contract",
    "Fault": "fake_erp.fake_ledger",
    "SENDER": "samples",
    "FakeLedger": "fake_erp.fake_ledger",
    "StoreContract": "store_contract",
    "StoresAgree": "store_agreement",
    "Trial": "adapter_contract",
    "TwoStepErp": "fake_erp.in_process",
    "changed_cases": "strategies",
    "allowed_cases": "strategies",
    "one_line_document": "samples",
    "sample_case": "samples",
    "sample_document": "samples",
    "sample_request": "samples",
}
#: The modules whose failed assertions are to show their values.
_ASSERTING = ("adapter_contract", "store_contract", "store_agreement")


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        msg = f"{__name__} has no {name!r}."
        raise AttributeError(msg)
    module = f"{__name__}.{_MODULES[name]}"
    if _MODULES[name] in _ASSERTING and module not in sys.modules:
        import pytest  # noqa: PLC0415 - a fake needs none

        pytest.register_assert_rewrite(module)
    return getattr(import_module(module), name)


def __dir__() -> list[str]:
    return sorted(__all__)
