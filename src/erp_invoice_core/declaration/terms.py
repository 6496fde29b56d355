"""Parts of a declaration: step terms, field rules, settings, and their enumerations."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Any, TypeVar

import attrs

from ..values import Value


class Handling(Enum):
    """The treatment of an unusual invoice."""

    EXPORTED = "exported"  #: It is exported.
    REFUSED = "refused"  #: It cannot be sent.


class Prerequisite(Enum):
    """A record that must be synced (have an ERP id) before an invoice."""

    COMMITMENT = "commitment"  #: The commitment.
    VENDOR = "vendor"  #: The contract company.
    JOB = "job"  #: The project's job.
    COST_CODES = "cost_codes"  #: Every billed line's cost code.
    CHANGE_ORDERS = "change_orders"  #: Every billed change-order line.


class NumberScope(Enum):
    """The bills among which the ERP requires invoice numbers to be unique."""

    VENDOR = "vendor"  #: A vendor may use a number once.
    COMMITMENT = "commitment"  #: Once per commitment.


class RetainageForm(Enum):
    """How the ERP holds retainage."""

    NATIVE = "native"  #: In a field or account of its own.
    LINE = "line"  #: As a line of the bill.
    DOCUMENT = "document"  #: As a document of its own.
    NONE = "none"  #: Not at all.


class TaxForm(Enum):
    """The treatment of tax."""

    IMPOSSIBLE = "impossible"  #: A taxed invoice cannot be exported.
    KEPT = "kept"  #: Exported as it is.
    DERIVED = "derived"  #: The ERP computes it.


class AttachmentForm(Enum):
    """The treatment of attachments."""

    FILES = "files"  #: The files are sent.
    LINK = "link"  #: A link back is sent.
    NONE = "none"  #: Nothing is sent.


class WithdrawForm(Enum):
    """How documents that were written can be removed again."""

    FULL = "full"  #: The integration does it.
    BY_HAND = "by_hand"  #: A person does it in the ERP and confirms it with evidence.
    IMPOSSIBLE = "impossible"  #: Not at all.


class UnlinkForm(Enum):
    """When a synced invoice may be unlinked."""

    DELETE_FIRST = "delete_first"  #: Once its documents are gone from the ERP.
    FREE = "free"  #: At any time.
    IMPOSSIBLE = "impossible"  #: Never.


class LandingState(Enum):
    """The state of a new document in the ERP."""

    ON_HOLD = "on_hold"  #: Waits for a person in the ERP.
    DRAFT = "draft"  #: Not posted.
    POSTED = "posted"  #: In the books.


class LookUp(Enum):
    """The value by which the ERP can look up a document."""

    KEY = "key"  #: By the idempotency key.
    NUMBER = "number"  #: By vendor and invoice number.
    NONE = "none"  #: Not at all.


class Replay(Enum):
    """When sending the same key again is safe."""

    NONE = "none"  #: Never.
    SUCCESSES = "successes"  #: The ERP repeats a success; after any other answer it may execute.
    EVERYTHING = "everything"  #: The ERP repeats every answer; nothing executes twice.


class Fidelity(Enum):
    """The treatment of a field's value in the ERP."""

    KEPT = "kept"  #: As it is.
    ROUNDED = "rounded"  #: With fewer digits.
    TRUNCATED = "truncated"  #: Cut to a length.
    DERIVED = "derived"  #: Computed anew by the ERP.
    DROPPED = "dropped"  #: Lost.
    REFUSED = "refused"  #: The ERP refuses it.


class Validator(Enum):
    """A check of a field; Procore's ERP Integrations tool has the same seven."""

    PRESENT = "present"  #: Not blank.
    NUMERIC = "numeric"  #: A decimal.
    POSITIVE = "positive"  #: A decimal above zero.
    MAX_LENGTH = "max_length"  #: At most ``limit`` characters.
    MAX_LENGTH_UNITS = "max_length_units"  #: At most ``limit`` digits before the point.
    MAX_LENGTH_DECIMAL = "max_length_decimal"  #: At most ``limit`` digits after the point.
    MAX_LINE_LENGTH = "max_line_length"  #: At most ``limit`` characters in each line.


class SettingKind(Enum):
    """The type of a connection's setting."""

    TEXT = "text"  #: Text.
    #: Text that is never shown.
    SECRET = "secret"  # noqa: S105 - the kind, not one
    NUMBER = "number"  #: A decimal.
    CHOICE = "choice"  #: One of a few words.
    MAPPING = "mapping"  #: Text to text: cost type to account.


_NOTHING = timedelta(0)
_Word = TypeVar("_Word", bound=Enum)


def enum_field(kind: type[_Word], default: _Word | None = None) -> Any:  # noqa: ANN401 - as ``attrs.field``
    """
    Return an attrs field that takes a member of the enumeration and refuses its text.

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
        visible_after: The longest time until a look-up finds a document that was written.
        settles_within: The time after which a request that was sent is executed or never will be;
            ``None`` if there is no bound.
        replay: When the same key may be sent again.
        replay_for: How long after the first call it may be sent again; ``None``: without end.
        compares_body: The ERP refuses the same key with other content.
        enforces_key: The ERP makes one document per key or number, also after its deletion.
        time_limit: The worker abandons a call that takes longer.

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
class FieldRule(Value):
    """
    A rule about a field, checked when the invoice is sent or when it is exported.

    Attributes:
        field: Its name, as ``invoice_number``, ``billing_date`` or an extra export field.
        limit: The bound of the validators that count.
        truncates: A longer text is cut instead of refused.
        message: The ERP vendor's own message, if there is one.

    Raises:
        TypeError: The validator is given as text.
    """

    field: str
    validator: Validator = enum_field(Validator)
    limit: int | None = None
    at_export: bool = False
    truncates: bool = False
    message: str | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ExportField(Value):
    """An extra field that the approver fills in, as ``accounting_date`` or one of the ERP's own."""

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
    kind: SettingKind = enum_field(SettingKind, SettingKind.TEXT)
    label: str = ""
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
