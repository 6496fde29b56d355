"""Answers of hooks, with every field checked and normalised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from ..declaration import LandingState
from ..documents import AccountingPeriod, Receipt, Step
from ..exchange import (
    NOT_SAID,
    Absent,
    CannotTell,
    Contents,
    ContentsAttachment,
    ContentsLine,
    ContentsTax,
    Deferred,
    Done,
    ErpPayment,
    Found,
    Gone,
    NotSaid,
    PaymentState,
    Refused,
    Several,
    Unknown,
)
from ..message_template import MessageKind, MessageTemplate
from ..verdict import Denial, Notice, Remedy, Source, Verdict
from ..vocabulary import Role
from .redaction import Redaction
from .text import BOUND, is_storable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..exchange import Outcome, Sighting


_MOST_STEPS = 1000
_LONGEST_NAME = 1000
#: The most lines and attachments of a document in the ERP.
_MOST_LINES = 10_000
_MOST_ATTACHMENTS = 1000
#: The most payments of a document in the ERP.
_MOST_PAYMENTS = 1000
#: The most accounting periods of an ERP.
_MOST_PERIODS = 10_000
_T = TypeVar("_T")


def _read_role(given: object) -> Role | None:
    if given is not None and not isinstance(given, Role):
        msg = "the role is not a Role"
        raise InvalidAnswer(msg)
    return given


class AnswerReader:
    """
    Checks the answers of hooks and copies them into values of this package.

    Each method returns a new instance of a class of this package, never the object of the adapter,
    and raises :class:`InvalidAnswer` if the answer is not valid. Times are converted to UTC and
    kept between :data:`EARLIEST` and :data:`LATEST`. Texts are shortened, and secrets are removed.
    An id is returned unchanged, or refused.
    """

    def __init__(self, redaction: Redaction) -> None:
        self._values = ValueReader(redaction)

    def read_plan(self, given: object, files: Collection[str] = ()) -> tuple[Step, ...]:
        """
        Return the plan of an export, an answer of ``erp_steps``: steps with different names.

        A plan has at least one step. ``files`` has the ids of the attachments that are sent as
        files; a step may name no other attachment.
        """
        if not isinstance(given, tuple | list) or not 0 < len(given) <= _MOST_STEPS:
            msg = f"it is not a tuple of 1 to {_MOST_STEPS} steps"
            raise InvalidAnswer(msg)
        steps = tuple(self._read_step(one) for one in tuple(given))
        if len({step.name for step in steps}) < len(steps):
            msg = "two steps have the same name"
            raise InvalidAnswer(msg)
        if any(step.attachment is not None and step.attachment not in files for step in steps):
            msg = "a step names an attachment of which no file is sent"
            raise InvalidAnswer(msg)
        return steps

    def _read_step(self, given: object) -> Step:
        if not isinstance(given, Step):
            msg = "a step is not a Step"
            raise InvalidAnswer(msg)
        name = self._values.read_id(given.name, "the name of a step", _LONGEST_NAME)
        kind = self._values.read_id(given.kind, "the kind of a step")
        attachment = self._values.read_optional_id(given.attachment, "the attachment of a step")
        return Step(name, kind, _read_role(given.role), attachment)

    def read_session(self, given: object) -> object:
        """Return an answer of ``erp_connect``: the session unchanged, or why it cannot open now."""
        return self._read_deferred(given) if isinstance(given, Deferred) else given

    def read_verdict(self, given: object) -> Verdict | Deferred:
        """Return an answer of ``erp_check``: the verdict, or why it cannot be given now."""
        if isinstance(given, Deferred):
            return self._read_deferred(given)
        return read_verdict(self._values, given)

    def read_outcome(self, given: object, step: str) -> Outcome:
        """Return the outcome of a write or a removal; its receipt must name the given step."""
        match given:
            case Done():
                return Done(self._read_receipt(given.receipt, step))
            case Refused():
                return Refused(read_verdict(self._values, given.verdict))
            case Deferred():
                return self._read_deferred(given)
            case Unknown():
                return Unknown(self._read_why(given.why))
        msg = "it is not an outcome"
        raise InvalidAnswer(msg)

    def read_sighting(self, given: object, step: str) -> Sighting:
        """Return the result of a look-up; the receipt of a found document must name the step."""
        match given:
            case Found():
                receipt = self._read_receipt(given.receipt, step)
                return Found(receipt, self._read_contents(given.contents))
            case Absent():
                return Absent(self._read_as_of(given.as_of))
            case Several():
                return Several(self._read_why(given.why))
            case CannotTell():
                return CannotTell(self._read_why(given.why))
        msg = "it is not the result of a look-up"
        raise InvalidAnswer(msg)

    def read_document(self, given: object) -> Contents | Gone | CannotTell:
        """Return an answer of ``erp_read``: contents, ``Gone``, or why the ERP cannot be read."""
        match given:
            case Gone():
                return Gone(self._read_as_of(given.as_of))
            case CannotTell():
                return CannotTell(self._read_why(given.why))
        return self._read_contents(given)

    def read_payments(self, given: object) -> tuple[ErpPayment, ...] | CannotTell:
        """Return the payments of a document, without those of zero, or why they are not known."""
        if isinstance(given, CannotTell):
            return CannotTell(self._read_why(given.why))
        rows = map(self._read_payment, _read_bounded(given, "the payments", _MOST_PAYMENTS))
        return tuple(row for row in rows if row.amount)

    def _read_payment(self, given: object) -> ErpPayment:
        if not isinstance(given, ErpPayment):
            msg = "a payment is not an ErpPayment"
            raise InvalidAnswer(msg)
        values = self._values
        amount = values.read_amount(given.amount, "the amount of a payment")
        if amount is None:
            msg = "a payment has no amount"
            raise InvalidAnswer(msg)
        return ErpPayment(
            amount=amount,
            date=read_said(given.date, "the date of a payment", values.read_day),
            reference=read_said(
                given.reference, "the reference of a payment", values.read_optional_id
            ),
            method=read_said(given.method, "the method of a payment", values.read_optional_id),
            erp_id=read_said(given.erp_id, "the id of a payment", values.read_optional_id),
        )

    def read_periods(self, given: object) -> tuple[AccountingPeriod, ...] | CannotTell:
        """Return the accounting periods of an ERP, or why they are not known."""
        if isinstance(given, CannotTell):
            return CannotTell(self._read_why(given.why))
        return tuple(
            map(self._read_period, _read_bounded(given, "the accounting periods", _MOST_PERIODS))
        )

    def _read_period(self, given: object) -> AccountingPeriod:
        if not isinstance(given, AccountingPeriod):
            msg = "a period is not an AccountingPeriod"
            raise InvalidAnswer(msg)
        values = self._values
        if not isinstance(given.is_open, bool):
            msg = "a period does not say with true or false whether it is open"
            raise InvalidAnswer(msg)
        first_day = values.read_day(given.first_day, "the first day of a period")
        last_day = values.read_day(given.last_day, "the last day of a period")
        if first_day is not None and last_day is not None and last_day < first_day:
            msg = "a period ends before it begins"
            raise InvalidAnswer(msg)
        name = values.read_sentence(given.name, "the name of a period", LONGEST_ID)
        if not name.strip():
            msg = "a period has no name"
            raise InvalidAnswer(msg)
        return AccountingPeriod(
            name=name, first_day=first_day, last_day=last_day, is_open=given.is_open
        )

    def _read_why(self, given: object) -> str:
        return self._values.read_sentence(given, "the reason")

    def _read_as_of(self, given: object) -> datetime:
        return self._values.read_moment(given, "the time as_of")

    def _read_deferred(self, given: Deferred) -> Deferred:
        flags = [field for field in attrs.fields(Deferred) if field.name not in {"until", "why"}]
        if not all(isinstance(getattr(given, flag.name), bool) for flag in flags):
            msg = "a flag of Deferred is not true or false"
            raise InvalidAnswer(msg)
        until = given.until
        return Deferred(
            None if until is None else self._values.read_moment(until, "the time to wait for"),
            self._read_why(given.why),
            **{flag.name: getattr(given, flag.name) for flag in flags},
        )

    def _read_receipt(self, given: object, step: str) -> Receipt:
        if not isinstance(given, Receipt):
            msg = "the receipt is not a Receipt"
            raise InvalidAnswer(msg)
        values = self._values
        if values.read_text(given.step, "the step of the receipt") != step:
            msg = "the receipt is of another step"
            raise InvalidAnswer(msg)
        state = given.state
        return Receipt(
            step=step,
            erp_id=values.read_id(given.erp_id, "the ERP id"),
            role=_read_role(given.role),
            number=values.read_optional_id(given.number, "the number in the ERP", LONGEST_NUMBER),
            state=None if state is None else values.read_sentence(state, "the state", LONGEST_ID),
            digest=values.read_id(given.digest, "the digest"),
        )

    def _read_contents(self, given: object) -> Contents:
        if not isinstance(given, Contents):
            msg = "it is not Contents"
            raise InvalidAnswer(msg)
        values = self._values
        return Contents(
            vendor=values.read_optional_id(given.vendor, "the vendor"),
            number=values.read_optional_id(given.number, "the number in the ERP", LONGEST_NUMBER),
            amount=values.read_amount(given.amount, "the amount"),
            date=values.read_day(given.date, "the date"),
            key=values.read_optional_id(given.key, "the key", LONGEST_NUMBER),
            digest=values.read_optional_id(given.digest, "the digest"),
            currency=read_said(given.currency, "the currency", values.read_optional_id),
            gross=read_said(given.gross, "the gross amount", values.read_amount),
            retained=read_said(given.retained, "the retainage held", values.read_amount),
            released=read_said(given.released, "the retainage released", values.read_amount),
            state=read_said(given.state, "the state", _read_state),
            lines=read_said(given.lines, "the lines", self._read_lines),
            attachments=read_said(given.attachments, "the attachments", self._read_attachments),
            paid=read_said(given.paid, "the state of payment", _read_payment_state),
            tax=read_said(given.tax, "the tax", values.read_amount),
            taxes=read_said(given.taxes, "the taxes", self._read_taxes),
            due_date=read_said(given.due_date, "the due date", values.read_day),
        )

    def _read_taxes(self, given: object, what: str) -> tuple[ContentsTax, ...]:
        return tuple(map(self._read_tax, _read_bounded(given, what, _MOST_LINES)))

    def _read_tax(self, given: object) -> ContentsTax:
        if not isinstance(given, ContentsTax):
            msg = "a tax is not a ContentsTax"
            raise InvalidAnswer(msg)
        amount = self._values.read_amount(given.amount, "the amount of a tax")
        if amount is None:
            msg = "a tax has no amount"
            raise InvalidAnswer(msg)
        return ContentsTax(
            code=self._values.read_optional_id(given.code, "the code of a tax"), amount=amount
        )

    def _read_lines(self, given: object, what: str) -> tuple[ContentsLine, ...]:
        return tuple(map(self._read_line, _read_bounded(given, what, _MOST_LINES)))

    def _read_line(self, given: object) -> ContentsLine:
        if not isinstance(given, ContentsLine):
            msg = "a line is not a ContentsLine"
            raise InvalidAnswer(msg)
        values = self._values
        return ContentsLine(
            cost_code=read_said(given.cost_code, "a cost code", values.read_optional_id),
            amount=read_said(given.amount, "the amount of a line", values.read_amount),
            quantity=read_said(given.quantity, "the quantity of a line", values.read_amount),
            description=read_said(
                given.description, "the description of a line", values.read_optional_text
            ),
            tax_code=read_said(given.tax_code, "a tax code", values.read_optional_id),
            tax=read_said(given.tax, "the tax of a line", values.read_amount),
        )

    def _read_attachments(self, given: object, what: str) -> tuple[ContentsAttachment, ...]:
        return tuple(map(self._read_attachment, _read_bounded(given, what, _MOST_ATTACHMENTS)))

    def _read_attachment(self, given: object) -> ContentsAttachment:
        if not isinstance(given, ContentsAttachment):
            msg = "an attachment is not a ContentsAttachment"
            raise InvalidAnswer(msg)
        values = self._values
        return ContentsAttachment(
            name=read_said(given.name, "the name of an attachment", values.read_optional_text),
            digest=read_said(given.digest, "the digest of an attachment", values.read_optional_id),
        )


def _read_state(given: object, what: str) -> LandingState | None:
    if given is not None and not isinstance(given, LandingState):
        msg = f"{what} is not a LandingState"
        raise InvalidAnswer(msg)
    return given


def _read_payment_state(given: object, what: str) -> PaymentState | None:
    if given is not None and not isinstance(given, PaymentState):
        msg = f"{what} is not a PaymentState"
        raise InvalidAnswer(msg)
    return given


def _read_bounded(given: object, what: str, most: int) -> tuple[Any, ...]:
    rows = _read_row(given, what)
    if len(rows) > most:
        msg = f"{what} are {len(rows):,}, more than {most:,}"
        raise InvalidAnswer(msg)
    return rows


def read_said(given: object, what: str, read: Callable[[object, str], _T]) -> _T | NotSaid:
    """
    Return the checked value of a field that the ERP need not show.

    :data:`NOT_SAID` is returned unchanged, and any other value as ``read`` returns it.
    """
    return NOT_SAID if given is NOT_SAID else read(given, what)


#: A time outside of these bounds is replaced by the nearer bound (UTC).
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
#: The largest number of characters of an ERP id.
LONGEST_ID: Final = 500
#: The largest number of characters of a number, which a person may have entered in the ERP.
LONGEST_NUMBER: Final = 2000
#: The largest number of characters of a description or a file name in the ERP.
LONGEST_TEXT: Final = 10_000
_MOST_DIGITS = 38


class InvalidAnswer(Exception):
    """The answer of a hook is not valid; the text says why, and does not quote the answer."""


@attrs.frozen
class ValueReader:
    """
    Checks the single values of an adapter's answer.

    Each method takes a value and its description for the error, such as ``"the currency"``, and
    raises :class:`InvalidAnswer` if the value is not valid.
    """

    redaction: Redaction

    def read_text(self, value: object, what: str) -> str:
        """Return a text as an instance of ``str`` itself, not of a subclass."""
        if not isinstance(value, str):
            msg = f"{what} is not text"
            raise InvalidAnswer(msg)
        return str.__str__(value)

    def read_sentence(self, value: object, what: str, bound: int = BOUND) -> str:
        """Return a text for people, shortened and without secrets."""
        return self.redaction.redact(self.read_text(value, what), bound)

    def read_id(self, value: object, what: str, longest: int = LONGEST_ID) -> str:
        """Return an id unchanged; refuse one that is too long, unstorable or has a secret."""
        text = self.read_text(value, what)
        if len(text) > longest:
            msg = f"{what} has {len(text):,} characters, more than {longest:,}"
            raise InvalidAnswer(msg)
        if not is_storable(text):
            msg = f"{what} has characters that cannot be stored"
            raise InvalidAnswer(msg)
        if self.redaction.is_in(text):
            msg = f"{what} contains a secret and is withheld"
            raise InvalidAnswer(msg)
        return text

    def read_optional_id(self, value: object, what: str, longest: int = LONGEST_ID) -> str | None:
        """Return an id as :meth:`read_id` does, or ``None`` for ``None``."""
        return None if value is None else self.read_id(value, what, longest)

    def read_optional_text(self, value: object, what: str) -> str | None:
        """Return a text of at most :data:`LONGEST_TEXT` characters unchanged, or ``None``."""
        return self.read_optional_id(value, what, LONGEST_TEXT)

    def read_moment(self, value: object, what: str) -> datetime:
        """Return a time in UTC; one before 1970 or after 2199 becomes the nearest allowed time."""
        if not isinstance(value, datetime):
            msg = f"{what} is not a datetime"
            raise InvalidAnswer(msg)
        wall = datetime.combine(_copy_day(value), value.time())
        try:
            offset = value.utcoffset()
            if offset is None:
                msg = f"{what} has no time zone"
                raise InvalidAnswer(msg)
            moment = (wall - offset).replace(tzinfo=UTC)
        except OverflowError:
            moment = EARLIEST if wall.year < LATEST.year else LATEST
        return min(max(moment, EARLIEST), LATEST)

    def read_day(self, value: object, what: str) -> date | None:
        """Return a date, or ``None`` for ``None``."""
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            msg = f"{what} is not a date"
            raise InvalidAnswer(msg)
        return _copy_day(value)

    def read_amount(self, value: object, what: str) -> Decimal | None:
        """Return a finite decimal of at most 38 digits, or ``None`` for ``None``."""
        if value is None:
            return None
        if not isinstance(value, Decimal):
            msg = f"{what} is not a Decimal"
            raise InvalidAnswer(msg)
        exact = Decimal(value)
        if not exact.is_finite():
            msg = f"{what} is not finite"
            raise InvalidAnswer(msg)
        _, digits, exponent = exact.as_tuple()
        if len(digits) + abs(int(exponent)) > _MOST_DIGITS:
            msg = f"{what} has more than {_MOST_DIGITS} digits"
            raise InvalidAnswer(msg)
        return exact


def _copy_day(value: date) -> date:
    return date(value.year, value.month, value.day)


#: The most denials, and the most notices, that are kept from one answer.
MOST_REASONS = 50
_MOST_FACTS = 20
_MOST_REMEDIES = 10
_LONGEST_CODE = 100
_LONGEST_MESSAGE = 1000
_LONGEST_FACT = 300
_CUT = MessageTemplate(
    "erp.reasons_cut",
    "The ERP gave {given} reasons, of which only the first {kept} are shown. Look in the ERP for"
    " the others.",
    source=Source.ERP,
)
_CUT_NOTICES = attrs.evolve(_CUT, kind=MessageKind.NOTICE)


def read_verdict(values: ValueReader, given: object) -> Verdict:
    """
    Return a checked copy of an adapter's verdict, with at most 50 denials and 50 notices.

    Raises:
        InvalidAnswer: ``given`` is not a verdict, or a part of it has a wrong type.
    """
    if not isinstance(given, Verdict):
        msg = "it is not a Verdict"
        raise InvalidAnswer(msg)
    denials, more = _read_reasons(values, given.denials, _read_denial)
    notices, others = _read_reasons(values, given.notices, _read_notice)
    if more:
        denials.append(_CUT.deny(_count_cut(more)))
    if others:
        notices.append(_CUT_NOTICES.note(_count_cut(others)))
    return Verdict(tuple(denials), tuple(notices))


def _read_reasons(
    values: ValueReader, given: object, read: Callable[[ValueReader, object], _T]
) -> tuple[list[_T], int]:
    """
    Return (checked reasons, count): the first :data:`MOST_REASONS` of the ``given`` reasons.

    ``read`` checks and copies one reason. The count is the number of given reasons if some of them
    are left out, and otherwise 0.
    """
    rows = _read_row(given, "the reasons")
    kept = [read(values, one) for one in rows[:MOST_REASONS]]
    return kept, len(rows) if len(rows) > MOST_REASONS else 0


def _count_cut(count: int) -> dict[str, str]:
    return {"given": str(count), "kept": str(MOST_REASONS)}


def _read_row(given: object, what: str) -> tuple[Any, ...]:
    if not isinstance(given, tuple | list):
        msg = f"{what} are not a tuple"
        raise InvalidAnswer(msg)
    return tuple(given)


def _read_reason(values: ValueReader, given: Any) -> dict[str, Any]:  # noqa: ANN401 - its fields are not trusted
    if not isinstance(given.source, Source):
        msg = "the source of a reason is not a Source"
        raise InvalidAnswer(msg)
    return {
        "code": values.read_id(given.code, "the code of a reason", _LONGEST_CODE),
        "message": values.read_sentence(given.message, "the message of a reason", _LONGEST_MESSAGE),
        "source": given.source,
        "facts": _read_facts(values, given.facts),
    }


def _read_denial(values: ValueReader, given: object) -> Denial:
    if not isinstance(given, Denial):
        msg = "a reason is not a Denial"
        raise InvalidAnswer(msg)
    rows = _read_row(given.remedies, "the remedies")[:_MOST_REMEDIES]
    remedies = tuple(_read_remedy(values, one) for one in rows)
    return Denial(**_read_reason(values, given), remedies=remedies)


def _read_notice(values: ValueReader, given: object) -> Notice:
    if not isinstance(given, Notice):
        msg = "a notice is not a Notice"
        raise InvalidAnswer(msg)
    return Notice(**_read_reason(values, given))


def _read_facts(values: ValueReader, given: object) -> dict[str, str]:
    if not isinstance(given, Mapping):
        msg = "the facts of a reason are not a mapping"
        raise InvalidAnswer(msg)
    names = list(islice(given, _MOST_FACTS + 1))
    facts = {
        values.read_sentence(name, "the name of a fact", _LONGEST_FACT): values.read_sentence(
            given[name], "a fact of a reason", _LONGEST_FACT
        )
        for name in names[:_MOST_FACTS]
    }
    if len(names) > _MOST_FACTS:
        facts["cut"] = f"Only the first {_MOST_FACTS} facts are kept."
    return facts


def _read_remedy(values: ValueReader, given: object) -> Any:  # noqa: ANN401 - a remedy, or several in a row
    """Return a checked copy of a remedy, or of a tuple of remedies that are needed together."""
    if isinstance(given, tuple | list):
        return tuple(_read_remedy(values, one) for one in given[:_MOST_REMEDIES])
    if not isinstance(given, Remedy):
        msg = "a remedy is not a Remedy"
        raise InvalidAnswer(msg)
    parts: dict[str, Any] = {
        field.name: _read_part(values, field, getattr(given, field.name))
        for field in attrs.fields(Remedy)
    }
    return Remedy(**parts)


def _read_part(values: ValueReader, field: attrs.Attribute[Any], given: object) -> object:
    """
    Return the checked value of one field of a remedy.

    The value of a field that :class:`Remedy` declares as text must be a text.
    """
    if str(field.type) == "str" or isinstance(given, str):
        return values.read_sentence(given, f"the {field.name} of a remedy", _LONGEST_FACT)
    if isinstance(given, Mapping):
        return _read_facts(values, given)
    if given is None or isinstance(given, Enum):
        return given
    msg = f"the {field.name} of a remedy is not text"
    raise InvalidAnswer(msg)
