"""Declaration of an ERP integration: support, terms of calls, field rules, losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .attachments import choose_attachment_forms
from .terms import (
    AttachmentForm,
    Fidelity,
    Handling,
    LandingState,
    LookUp,
    NumberScope,
    Prerequisite,
    Replay,
    RetainageForm,
    SettingKind,
    TaxForm,
    UnlinkForm,
    Validator,
    WithdrawForm,
)

if TYPE_CHECKING:
    from .declaration import Declaration
    from .terms import ExportField, FieldRule, Setting, StepTerms

__all__ = [
    "AttachmentForm",
    "Declaration",
    "ExportField",
    "Fidelity",
    "FieldRule",
    "Handling",
    "LandingState",
    "LookUp",
    "NumberScope",
    "Prerequisite",
    "Replay",
    "RetainageForm",
    "Setting",
    "SettingKind",
    "StepTerms",
    "TaxForm",
    "UnlinkForm",
    "Validator",
    "WithdrawForm",
    "choose_attachment_forms",
]


_TERMS = frozenset({"ExportField", "FieldRule", "Setting", "StepTerms"})


def __getattr__(name: str) -> object:
    """Import the classes when they are first used, as the rules need only the enumerations."""
    if name in _TERMS:
        from . import terms  # noqa: PLC0415 - loaded when first used

        return getattr(terms, name)
    if name == "Declaration":
        from .declaration import Declaration  # noqa: PLC0415 - loaded when first used

        return Declaration
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
