"""Checks of a ledger's accounts before an invoice is posted to them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import attrs

from ...message_template import MessageTemplate
from ...money import ZERO, format_amount
from ...verdict import Source
from .declaration import KEY
from .entry import ROOTS, Roots
from .parser import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from decimal import Decimal

    from ...verdict import Denial
    from .parser import Assertion, Booked, Opening, Place, Scan, Settlement


def _is_root(name: str) -> bool:
    """Return whether a root account may have the name: a capital, then letters, digits, dashes."""
    kinds = [unicodedata.category(char) for char in name.replace("-", "0")]
    return kinds[:1] == ["Lu"] and all(kind[0] == "L" or kind == "Nd" for kind in kinds)


@attrs.frozen
class WholeLedger:
    """The contents of the ledger and of the files that it includes."""

    main: Scan
    included: tuple[Scan, ...] = ()

    @property
    def _scans(self) -> tuple[Scan, ...]:
        return (self.main, *self.included)

    def find_bills(self, number: str) -> list[Booked]:
        """Return the bills with an invoice number, of any vendor."""
        return [each for scan in self._scans for each in scan.find_bills(number)]

    def find_settlements(self, number: str) -> list[Settlement]:
        """Return the payments, written by people or other programs, that name an invoice number."""
        return [each for scan in self._scans for each in scan.find_settlements(number)]

    @property
    def roots(self) -> Roots:
        """
        Return the names of the root accounts; options of included files do not count.

        Raises:
            Damaged: An option gives a name that no account can have.
        """
        options = self.main.options
        roots = Roots(
            options.get("name_expenses", ROOTS.expenses),
            options.get("name_liabilities", ROOTS.liabilities),
        )
        for name in (roots.expenses, roots.liabilities):
            if not _is_root(name):
                msg = (
                    f"The ledger's option names the root account {name!r}, and no account can have "
                    "this name. Repair it by hand."
                )
                raise Damaged(msg)
        return roots

    def find_files(self, key: str) -> list[Booked]:
        """Return the ``document`` entries of the export attempt to which the key belongs."""
        return [booked for scan in self._scans for booked in scan.find_files(key)]

    def find_named(self, *names: str) -> list[Booked]:
        """Return this package's entries with any of these keys or ERP ids, main file first."""
        return [booked for scan in self._scans for booked in scan.find_named(*names)]

    def find_opening(self, account: str) -> Opening | None:
        """Return the directive that opens an account, or ``None``."""
        found = (scan.opened.get(account) for scan in self._scans)
        return next((opening for opening in found if opening), None)

    def find_closing(self, account: str) -> Place | None:
        """Return the place at which an account is closed, or ``None``."""
        found = (scan.closed.get(account) for scan in self._scans)
        return next((place for place in found if place), None)

    def list_assertions(self) -> Iterator[tuple[str, Assertion]]:
        """Yield every balance assertion with its account."""
        for scan in self._scans:
            for account, assertions in scan.asserted.items():
                for assertion in assertions:
                    yield account, assertion


_NOT_OPEN = MessageTemplate(
    f"{KEY}.account_not_open",
    "The ledger opens {account} on {opened} ({place}), and the invoice is dated {date}. Open the"
    " account earlier, or date the invoice {opened} or later.",
    source=Source.ADAPTER,
)
_CLOSED = MessageTemplate(
    f"{KEY}.account_closed",
    "The ledger closes {account} on {closed} ({place}), and the invoice is dated {date}. Remove the"
    " closing of the account, or date the invoice {closed} or earlier.",
    source=Source.ADAPTER,
)
_CURRENCY = MessageTemplate(
    f"{KEY}.account_currency",
    "The ledger opens {account} for {allowed} only ({place}), and the invoice is in {currency}. Allow"
    " {currency} on the account.",
    source=Source.ADAPTER,
)
_ASSERTED = MessageTemplate(
    f"{KEY}.balance_asserted",
    "The invoice of {date} changes the balance of {account} by {amount} {currency}, and the ledger"
    " asserts this balance on {asserted} ({place}). Date the invoice {asserted} or later, or correct"
    " the assertion.",
    source=Source.ADAPTER,
)


def find_account_denials(
    whole: WholeLedger, amounts: Mapping[str, Decimal], day: date, currency: str
) -> Iterator[Denial]:
    """
    Yield a denial for each error that Beancount would find if these amounts were posted that day.

    Args:
        whole: The ledger.
        amounts: The posted amounts, by account.
        day: The day of the entry.
        currency: The currency of the amounts.
    """
    for account in amounts:
        yield from _check_account(whole, account, day, currency)
    for account, assertion in whole.list_assertions():
        yield from _check_assertion(account, assertion, amounts, day, currency)


def _check_account(whole: WholeLedger, account: str, day: date, currency: str) -> Iterator[Denial]:
    facts = {"account": account, "date": day.isoformat()}
    opening, closing = whole.find_opening(account), whole.find_closing(account)
    if opening is not None and (opened := opening.place.date) is not None and day < opened:
        place = {"opened": opened.isoformat(), "place": str(opening.place)}
        yield _NOT_OPEN.deny({**facts, **place})
    if closing is not None and (closed := closing.date) is not None and day > closed:
        place = {"closed": closed.isoformat(), "place": str(closing)}
        yield _CLOSED.deny({**facts, **place})
    if opening is not None and opening.currencies and currency not in opening.currencies:
        allowed = ", ".join(sorted(opening.currencies))
        place = {"currency": currency, "allowed": allowed, "place": str(opening.place)}
        yield _CURRENCY.deny({**facts, **place})


def _check_assertion(
    account: str, assertion: Assertion, amounts: Mapping[str, Decimal], day: date, currency: str
) -> Iterator[Denial]:
    asserted = assertion.place.date
    if asserted is None or asserted <= day or assertion.currency != currency:
        return
    below = f"{account}:"
    change = sum(
        (amount for name, amount in amounts.items() if name == account or name.startswith(below)),
        ZERO,
    )
    if change:
        yield _ASSERTED.deny(
            {
                "account": account,
                "date": day.isoformat(),
                "asserted": asserted.isoformat(),
                "amount": format_amount(change, currency),
                "currency": currency,
                "place": str(assertion.place),
            }
        )
