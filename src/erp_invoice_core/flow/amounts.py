"""The amounts of an invoice, or of several, on one side of a reconciliation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from ..money import ZERO
from ..values import Value

if TYPE_CHECKING:
    from decimal import Decimal


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Amounts(Value):
    """
    The amounts of an invoice, or of several, on one side of a reconciliation: ours or the ERP's.

    An amount is ``None`` if it is not known.

    Attributes:
        billed: The amount before retainage is held or released.
        retained: The retainage that was held.
        released: The retainage that was released.
        due: The amount due, without tax.
        tax: The tax. The payments include it; the other amounts do not.
        paid: The payments.
    """

    billed: Decimal | None = None
    retained: Decimal | None = None
    released: Decimal | None = None
    due: Decimal | None = None
    tax: Decimal | None = None
    paid: Decimal | None = None

    @property
    def open_retainage(self) -> Decimal | None:
        """The retainage that is held and not released."""
        return _subtract(self.retained, self.released)

    def add(self, other: Amounts) -> Amounts:
        """Return the sum for each amount; it is ``None`` if one of the two is not known."""
        return Amounts(
            billed=_add(self.billed, other.billed),
            retained=_add(self.retained, other.retained),
            released=_add(self.released, other.released),
            due=_add(self.due, other.due),
            tax=_add(self.tax, other.tax),
            paid=_add(self.paid, other.paid),
        )

    def subtract(self, other: Amounts) -> Amounts:
        """Return each amount less that of ``other``; it is ``None`` if one is not known."""
        return Amounts(
            billed=_subtract(self.billed, other.billed),
            retained=_subtract(self.retained, other.retained),
            released=_subtract(self.released, other.released),
            due=_subtract(self.due, other.due),
            tax=_subtract(self.tax, other.tax),
            paid=_subtract(self.paid, other.paid),
        )


#: The amounts of an invoice of which none is known.
UNKNOWN_AMOUNTS: Final = Amounts()
#: The amounts of an invoice without any.
NOTHING: Final = Amounts(billed=ZERO, retained=ZERO, released=ZERO, due=ZERO, tax=ZERO, paid=ZERO)


def _add(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


def _subtract(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other
