"""Enumerations of a declaration: what an ERP does with invoices and calls."""

from __future__ import annotations

from enum import Enum


class Handling(Enum):
    """The treatment of an unusual invoice: zero, below zero, or with retainage released alone."""

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
    """The treatment of the tax of an invoice at export."""

    IMPOSSIBLE = "impossible"  #: A taxed invoice cannot be exported.
    KEPT = "kept"  #: Exported as it is, with the tax code and the tax of each line.
    DERIVED = "derived"  #: The ERP computes it from the tax code of each line.


class AttachmentForm(Enum):
    """The form in which attachments reach the ERP."""

    FILES = "files"  #: The files are sent.
    LINK = "link"  #: A link back is sent.
    NONE = "none"  #: Nothing is sent.


class WithdrawForm(Enum):
    """How documents that were written can be removed again."""

    FULL = "full"  #: The integration does it.
    BY_HAND = "by_hand"  #: A person does it in the ERP and confirms it with evidence.
    IMPOSSIBLE = "impossible"  #: Not at all.


class UnlinkForm(Enum):
    """The conditions on which a synced invoice may be unlinked from its document in the ERP."""

    DELETE_FIRST = "delete_first"  #: Once its documents are gone from the ERP.
    FREE = "free"  #: At any time.
    IMPOSSIBLE = "impossible"  #: Never.


class LandingState(Enum):
    """The state in the ERP of a document that was just exported."""

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
    """The treatment of the value of a field by the ERP."""

    KEPT = "kept"  #: As it is.
    ROUNDED = "rounded"  #: With fewer digits; ``rounding`` says how.
    TRUNCATED = "truncated"  #: Cut to a length, which ``lengths`` or a field rule says.
    DERIVED = "derived"  #: Computed anew by the ERP, within ``tolerances``.
    DROPPED = "dropped"  #: Lost.
    REFUSED = "refused"  #: The ERP refuses it.


class RoundingMode(Enum):
    """The direction in which an ERP rounds."""

    HALF_UP = "half_up"  #: To the nearest; a half away from zero.
    HALF_EVEN = "half_even"  #: To the nearest; a half to the even digit.
    UP = "up"  #: Away from zero.
    DOWN = "down"  #: Towards zero.


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
