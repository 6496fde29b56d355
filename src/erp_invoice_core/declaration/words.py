"""The closed words of a declaration, each with its sentence."""

from __future__ import annotations

from enum import Enum

__all__ = [
    "AttachmentForm",
    "Fidelity",
    "Handling",
    "LandingState",
    "LookUp",
    "NumberScope",
    "Prerequisite",
    "Replay",
    "RetainageForm",
    "SettingKind",
    "TaxForm",
    "UnlinkForm",
    "Validator",
    "WithdrawForm",
]


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
    """Whether what was written can be removed again."""

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
