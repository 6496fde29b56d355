"""The rows of a declaration: terms of its calls, rules about fields, extra fields, settings."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Any, TypeVar

import attrs

from ..values import Value
from .words import LookUp, Replay, SettingKind, Validator

__all__ = [
    "ExportField",
    "FieldRule",
    "Setting",
    "StepTerms",
    "word",
]

_NOTHING = timedelta(0)
_Word = TypeVar("_Word", bound=Enum)


def word(kind: type[_Word], default: _Word | None = None) -> Any:  # noqa: ANN401 - as ``attrs.field``
    """
    Return a field that holds a word of that kind and never its text, which would equal nothing.

    Without a default it must be given.
    """
    is_one: Any = attrs.validators.instance_of(kind)
    return attrs.field(validator=is_one, default=attrs.NOTHING if default is None else default)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class StepTerms(Value):
    """
    What holds for one kind of step.

    Attributes:
        look_up: By what a document of this step is found.
        visible_after: From written to found at the latest.
        settles_within: A request handed over is executed or dead by then; ``None``: no bound.
        replay: When the same key may be sent again.
        replay_for: For how long after the first sending; ``None``: for ever.
        compares_body: The ERP refuses the same key with other content.
        enforces_key: The ERP makes one document per key or number, also after its deletion.
        time_limit: A call that takes longer is given up.

    Raises:
        TypeError: A word is given as text.
    """

    look_up: LookUp = word(LookUp, LookUp.NONE)
    visible_after: timedelta = _NOTHING
    settles_within: timedelta | None = None
    replay: Replay = word(Replay, Replay.NONE)
    replay_for: timedelta | None = None
    compares_body: bool = False
    enforces_key: bool = False
    time_limit: timedelta = timedelta(seconds=30)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class FieldRule(Value):
    """
    A rule about a field: checked when the invoice is sent, or when it is exported.

    Attributes:
        field: Its name: ``invoice_number``, ``billing_date``, or an extra export field.
        limit: For the validators that count.
        truncates: A longer text is cut instead of refused.
        message: The vendor's own sentence, if there is one.

    Raises:
        TypeError: The validator is given as text.
    """

    field: str
    validator: Validator = word(Validator)
    limit: int | None = None
    at_export: bool = False
    truncates: bool = False
    message: str | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ExportField(Value):
    """An extra field that the approver gives: well-known (``accounting_date``) or the ERP's own."""

    key: str
    label: str
    required: bool = False
    is_date: bool = False


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Setting(Value):
    """
    A setting of a connection; a required one without default must be given.

    Raises:
        TypeError: The kind is given as text.
    """

    name: str
    kind: SettingKind = word(SettingKind, SettingKind.TEXT)
    label: str = ""
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
