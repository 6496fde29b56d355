"""Door 3, for test suites: contracts to subclass, fakes that are honest about faults."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .adapter_contract import AdapterContract
    from .adapter_samples import sample_document, sample_request
    from .adapter_trial import Trial
    from .machine import StoresAgree
    from .store_contract import StoreContract
    from .strategies import bent_cases, lawful_cases
    from .two_step_books import Fault, Shelf
    from .two_step_erp import TwoStepErp

__all__ = [
    "AdapterContract",
    "Fault",
    "Shelf",
    "StoreContract",
    "StoresAgree",
    "Trial",
    "TwoStepErp",
    "bent_cases",
    "lawful_cases",
    "sample_document",
    "sample_request",
]

# Each name is loaded when it is first used: a fake must not need pytest, nor a contract Hypothesis.
_HOMES = {
    "AdapterContract": "adapter_contract",
    "Fault": "two_step_books",
    "Shelf": "two_step_books",
    "StoreContract": "store_contract",
    "StoresAgree": "machine",
    "Trial": "adapter_trial",
    "TwoStepErp": "two_step_erp",
    "bent_cases": "strategies",
    "lawful_cases": "strategies",
    "sample_document": "adapter_samples",
    "sample_request": "adapter_samples",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"{__name__} has no {name!r}."
        raise AttributeError(msg)
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
