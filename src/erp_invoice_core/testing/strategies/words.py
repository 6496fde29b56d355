"""Strategies for the smallest parts: texts, ids, amounts, moments, percentages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from ...money import count_digits

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_MOST = 99_999_999_99
_ALPHABET = st.characters(codec="utf-8", exclude_characters="\x00")


def _is_not_blank(text: str) -> bool:
    return bool(text.strip())


@cache
def ids() -> SearchStrategy[str]:
    """Ids: mostly short numbers, sometimes any text that is not blank."""
    odd = st.text(_ALPHABET, min_size=1, max_size=8).filter(_is_not_blank)
    return st.integers(1, 9999).map(str) | odd


@cache
def optional_ids() -> SearchStrategy[str | None]:
    """Ids in the ERP, or ``None`` for a record without one."""
    return st.none() | ids()


@cache
def names() -> SearchStrategy[str]:
    """Names, titles, sentences: any text but a blank one."""
    odd = st.text(_ALPHABET, min_size=1, max_size=20).filter(_is_not_blank)
    return st.sampled_from(["Acme Steel", "Line 1", "O'Brien & S\u00f8n"]) | odd


@cache
def currencies() -> SearchStrategy[str]:
    """ISO 4217 codes of currencies with two, no and three decimals."""
    return st.sampled_from(["USD", "EUR", "CAD", "JPY", "KWD"])


@cache
def amounts(
    currency: str = "USD", *, least: int = -_MOST, most: int = _MOST
) -> SearchStrategy[Decimal]:
    """Amounts with the decimals of the currency; *least* and *most* are in its smallest unit."""
    places = count_digits(currency)
    return st.integers(least, most).map(lambda count: Decimal(count).scaleb(-places))


@cache
def percents() -> SearchStrategy[Decimal]:
    """Percentages from 0 to 100 with two decimals."""
    return st.integers(0, 100_00).map(lambda count: Decimal(count).scaleb(-2))


@cache
def days() -> SearchStrategy[date]:
    """Days from 2020 to 2035."""
    return st.dates(date(2020, 1, 1), date(2035, 12, 31))


@cache
def moments() -> SearchStrategy[datetime]:
    """Moments (UTC) from 2020 to 2035."""
    first, last = datetime(2020, 1, 1), datetime(2035, 12, 31)  # noqa: DTZ001 - made aware below
    return st.datetimes(first, last, timezones=st.just(UTC))
