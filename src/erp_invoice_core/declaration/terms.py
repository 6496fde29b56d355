"""Parts of a declaration: step terms, field rules, export fields, settings."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..values import Value
from .vocabulary import LookUp, Replay, RoundingMode, SettingKind, Validator

if TYPE_CHECKING:
    from enum import Enum


_NOTHING = timedelta(0)
_ROUNDINGS = {
    RoundingMode.HALF_UP: ROUND_HALF_UP,
    RoundingMode.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingMode.UP: ROUND_UP,
    RoundingMode.DOWN: ROUND_DOWN,
}
_Word = TypeVar("_Word", bound="Enum")


def enum_field(kind: type[_Word], default: _Word | None = None) -> Any:  # noqa: ANN401 - as ``attrs.field``
    """
    Return an attrs field that takes a member of the enumeration, and not the text of a member.

    Without a default the field is required.
    """
    is_one: Any = attrs.validators.instance_of(kind)
    return attrs.field(validator=is_one, default=attrs.NOTHING if default is None else default)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class StepTerms(Value):
    """
    The guarantees of the ERP for one kind of step.

    Attributes:
        look_up: The value by which a document of this step can be found.
        visible_after: The longest time after a document was written until a look-up finds it.
        settles_within: How long after it was sent a request may still be executed; ``None`` if
            there is no limit.
        replay: When it is safe to send the same key again.
        replay_for: How long after its first call a key may be sent again; ``None``: without end.
        compares_body: The ERP refuses the same key with other content.
        enforces_key: The ERP makes one document per key or number, and no second one even after the
            first was deleted.
        time_limit: The longest time of a call; the worker abandons one that takes longer.

    Raises:
        TypeError: A field takes a member of an enumeration and got text.
    """

    look_up: LookUp = enum_field(LookUp, LookUp.NONE)
    visible_after: timedelta = _NOTHING
    settles_within: timedelta | None = None
    replay: Replay = enum_field(Replay, Replay.NONE)
    replay_for: timedelta | None = None
    compares_body: bool = False
    enforces_key: bool = False
    time_limit: timedelta = timedelta(seconds=30)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Rounding(Value):
    """
    The rounding of a field whose fidelity is ``ROUNDED``.

    Attributes:
        digits: The number of digits after the decimal point that are kept.
        mode: The direction in which the ERP rounds.

    Raises:
        TypeError: The mode is given as text.
    """

    digits: int
    mode: RoundingMode = enum_field(RoundingMode)

    def apply(self, value: Decimal) -> Decimal:
        """Return the value as the ERP rounds it."""
        return value.quantize(Decimal(1).scaleb(-self.digits), _ROUNDINGS[self.mode])


@attrs.frozen(kw_only=True, eq=False, repr=False)
class FieldRule(Value):
    """
    A rule about a field, checked when the invoice is sent or when it is accepted.

    Attributes:
        field: The name of the field, as ``invoice_number``, or the key of an extra export field.
        validator: The kind of the check, such as the largest number of characters.
        limit: The largest allowed number, for the kinds that count characters or digits.
        at_export: True if it is checked when the invoice is accepted, false if at sending.
        truncates: A longer text is cut instead of refused.
        message: The ERP vendor's own message, if there is one.

    Raises:
        TypeError: The validator is a text and not a member of :class:`Validator`.
    """

    field: str
    validator: Validator = enum_field(Validator)
    limit: int | None = None
    at_export: bool = False
    truncates: bool = False
    message: str | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ExportField(Value):
    """
    An extra field that the approver fills in, as ``accounting_date`` or one of the ERP's own.

    Attributes:
        key: Its name among the export fields of an acceptance, and in ``fields`` of a request.
        label: Its name for people.
        required: True if an invoice is not accepted without a value.
        is_date: True if its value is a day, written as ``2026-10-31``.
    """

    key: str
    label: str
    required: bool = False
    is_date: bool = False


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Setting(Value):
    """
    A setting of a connection; a required one that has no default must be given.

    Attributes:
        name: Its name in a settings file.
        kind: The kind of its value, such as text or a secret.
        label: Its name for people.
        required: True if a connection must give it.
        default: The value of a connection that does not give it.
        choices: The allowed values; empty: any.

    Raises:
        TypeError: The kind is given as text.
    """

    name: str
    kind: SettingKind = enum_field(SettingKind, SettingKind.TEXT)
    label: str = ""
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
