"""The rows of a declaration, and its closed sets of words."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Any, TypeVar

import attrs

from ..values import Value


class Handling(Enum):
    """What becomes of an unusual invoice."""

    EXPORTED = "exported"  #: It is exported.
    REFUSED = "refused"  #: It cannot be sent.


class Prerequisite(Enum):
    """What must be synced (carry an ERP id) before an invoice."""

    COMMITMENT = "commitment"  #: The commitment.
    VENDOR = "vendor"  #: The contract company.
    JOB = "job"  #: The project's job.
    COST_CODES = "cost_codes"  #: Every billed line's cost code.
    CHANGE_ORDERS = "change_orders"  #: Every billed change-order line.


class NumberScope(Enum):
    """Among which bills the ERP tells invoice numbers apart."""

    VENDOR = "vendor"  #: A vendor may use a number once.
    COMMITMENT = "commitment"  #: Once per commitment.


class RetainageForm(Enum):
    """How the ERP holds retainage."""

    NATIVE = "native"  #: In a field or account of its own.
    LINE = "line"  #: As a line of the bill.
    DOCUMENT = "document"  #: As a document of its own.
    NONE = "none"  #: Not at all.


class TaxForm(Enum):
    """What becomes of tax."""

    IMPOSSIBLE = "impossible"  #: A taxed invoice cannot be exported.
    KEPT = "kept"  #: Exported as it is.
    DERIVED = "derived"  #: The ERP computes it.


class AttachmentForm(Enum):
    """What becomes of attachments."""

    FILES = "files"  #: The files are sent.
    LINK = "link"  #: A link back is sent.
    NONE = "none"  #: They stay here.


class WithdrawForm(Enum):
    """Return whether what was written can be removed again."""

    FULL = "full"  #: The integration does it.
    BY_HAND = "by_hand"  #: A person does it over there and says so, with evidence.
    IMPOSSIBLE = "impossible"  #: Nobody can.


class UnlinkForm(Enum):
    """When a synced invoice may be unlinked."""

    DELETE_FIRST = "delete_first"  #: Once its documents are gone from the ERP.
    FREE = "free"  #: At any time.
    IMPOSSIBLE = "impossible"  #: Never.


class LandingState(Enum):
    """The state in which a document lands over there."""

    ON_HOLD = "on_hold"  #: Waits for a person there.
    DRAFT = "draft"  #: Not posted.
    POSTED = "posted"  #: In the books.


class LookUp(Enum):
    """By what the ERP can be asked whether it has a document."""

    KEY = "key"  #: By our key.
    NUMBER = "number"  #: By vendor and invoice number.
    NONE = "none"  #: Not at all.


class Replay(Enum):
    """When sending the same key again is safe."""

    NONE = "none"  #: Never.
    SUCCESSES = "successes"  #: A success is answered again; anything else may execute.
    EVERYTHING = "everything"  #: Every answer is repeated; nothing executes twice.


class Fidelity(Enum):
    """What becomes of a field's value over there."""

    KEPT = "kept"  #: As it is.
    ROUNDED = "rounded"  #: With fewer digits.
    TRUNCATED = "truncated"  #: Cut to a length.
    DERIVED = "derived"  #: Computed anew by the ERP.
    DROPPED = "dropped"  #: Lost.
    REFUSED = "refused"  #: The ERP refuses it.


class Validator(Enum):
    """Procore's seven validators of a field (domain 1.8)."""

    PRESENT = "present"  #: Not blank.
    NUMERIC = "numeric"  #: A decimal.
    POSITIVE = "positive"  #: A decimal above zero.
    MAX_LENGTH = "max_length"  #: So many characters.
    MAX_LENGTH_UNITS = "max_length_units"  #: So many digits before the point.
    MAX_LENGTH_DECIMAL = "max_length_decimal"  #: So many digits after the point.
    MAX_LINE_LENGTH = "max_line_length"  #: So many characters in each line.


class SettingKind(Enum):
    """What a connection's setting is."""

    TEXT = "text"  #: Text.
    SECRET = "secret"  # noqa: S105 - the kind, not one  #: Text that is never shown.
    NUMBER = "number"  #: A decimal.
    CHOICE = "choice"  #: One of a few words.
    MAPPING = "mapping"  #: Text to text: cost type to account.


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
