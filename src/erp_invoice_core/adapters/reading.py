"""Values inside an answer, read one by one: of the type promised, bounded, without secrets."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

import attrs

from .redaction import Redaction
from .text import BOUND, is_storable

__all__ = ["EARLIEST", "LATEST", "LONGEST_ID", "LONGEST_NUMBER", "NotPromised", "Values"]

#: A moment outside of these is taken as the nearer one of them (UTC).
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
#: An id of the ERP has at most so many characters.
LONGEST_ID: Final = 500
#: A number, which the ERP may have from a person, has at most so many characters.
LONGEST_NUMBER: Final = 2000
_MOST_DIGITS = 38


class NotPromised(Exception):
    """A value is not what the hook promises; the text says why, and never the value."""


@attrs.frozen
class Values:
    """Reads values of an adapter; every method raises :class:`NotPromised`."""

    redaction: Redaction

    def plain(self, value: object, what: str) -> str:
        """Return text as it is, of an exact class."""
        if not isinstance(value, str):
            msg = f"{what} is not text"
            raise NotPromised(msg)
        return str.__str__(value)

    def words(self, value: object, what: str, bound: int = BOUND) -> str:
        """Return text for people: bounded and without secrets."""
        return self.redaction.text(self.plain(value, what), bound)

    def identity(self, value: object, what: str, longest: int = LONGEST_ID) -> str:
        """Return text that identifies something: unchanged, or not at all."""
        text = self.plain(value, what)
        if len(text) > longest:
            msg = f"{what} has {len(text):,} characters, more than {longest:,}"
            raise NotPromised(msg)
        if not is_storable(text):
            msg = f"{what} has characters that cannot be stored"
            raise NotPromised(msg)
        if self.redaction.is_in(text):
            msg = f"{what} contains a secret and is withheld"
            raise NotPromised(msg)
        return text

    def identity_or_none(self, value: object, what: str, longest: int = LONGEST_ID) -> str | None:
        """Return the identity, or ``None`` where there is none."""
        return None if value is None else self.identity(value, what, longest)

    def moment(self, value: object, what: str) -> datetime:
        """Return a moment in UTC, within :data:`EARLIEST` and :data:`LATEST`."""
        if not isinstance(value, datetime):
            msg = f"{what} is not a moment"
            raise NotPromised(msg)
        wall = datetime.combine(_day(value), value.time())
        try:
            offset = value.utcoffset()
            if offset is None:
                msg = f"{what} has no time zone"
                raise NotPromised(msg)
            moment = (wall - offset).replace(tzinfo=UTC)
        except OverflowError:
            moment = EARLIEST if wall.year < LATEST.year else LATEST
        return min(max(moment, EARLIEST), LATEST)

    def day(self, value: object, what: str) -> date | None:
        """Return a day, or ``None`` where there is none."""
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            msg = f"{what} is not a day"
            raise NotPromised(msg)
        return _day(value)

    def amount(self, value: object, what: str) -> Decimal | None:
        """Return a finite decimal of a sane size, or ``None`` where there is none."""
        if value is None:
            return None
        if not isinstance(value, Decimal):
            msg = f"{what} is not a Decimal"
            raise NotPromised(msg)
        exact = Decimal(value)
        if not exact.is_finite():
            msg = f"{what} is not finite"
            raise NotPromised(msg)
        _, digits, exponent = exact.as_tuple()
        if len(digits) + abs(int(exponent)) > _MOST_DIGITS:
            msg = f"{what} has more than {_MOST_DIGITS} digits"
            raise NotPromised(msg)
        return exact


def _day(value: date) -> date:
    return date(value.year, value.month, value.day)
