"""Declaration of an ERP integration: support, terms of calls, field rules, losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy_names import import_later
from .attachments import choose_attachment_forms
from .vocabulary import (
    AttachmentForm,
    Fidelity,
    Handling,
    LandingState,
    LookUp,
    NumberScope,
    Prerequisite,
    Replay,
    RetainageForm,
    RoundingMode,
    SettingKind,
    TaxForm,
    UnlinkForm,
    Validator,
    WithdrawForm,
)

if TYPE_CHECKING:
    from .declaration import Declaration
    from .terms import ExportField, FieldRule, Rounding, Setting, StepTerms

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
    "Rounding",
    "RoundingMode",
    "Setting",
    "SettingKind",
    "StepTerms",
    "TaxForm",
    "UnlinkForm",
    "Validator",
    "WithdrawForm",
    "choose_attachment_forms",
]

# The rules need only the enumerations.
__getattr__ = import_later(
    __name__,
    {
        "declaration": ("Declaration",),
        "terms": ("ExportField", "FieldRule", "Rounding", "Setting", "StepTerms"),
    },
)
