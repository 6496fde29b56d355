"""Exact amounts as decimals, with the digits of their currency."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)

#: A decimal string: at most 18 digits before and 10 after the point, no exponent.
DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,10})?\Z")

#: The codes of ISO 4217 (list one), and those withdrawn since 2020, which older documents have.
#: XXX (no currency) and XTS (tests) are left out.
_CODES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN
    BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP
    ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR
    ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD
    MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR
    PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL
    THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF
    XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG ZWL
    """.split()  # noqa: SIM905 - two hundred quoted codes are harder to compare with the standard
)

#: Minor digits where they are not two (ISO 4217, list one).
# fmt: off
_DIGITS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
}
# fmt: on
_MOST_DIGITS = 18  # before the point
_UNITS = {places: Decimal(1).scaleb(-places) for places in range(11)}
_CENT = _UNITS[2]
_HUNDRED = Decimal(100)


def is_currency(code: str) -> bool:
    """Return whether the text is the ISO 4217 code of a currency, in capital letters."""
    return code in _CODES


def count_digits(currency: str) -> int:
    """Return the number of digits after the point of a currency: 2 for USD, 0 for JPY."""
    return _DIGITS.get(currency, 2)


def parse_decimal(text: str) -> Decimal:
    """
    Return the decimal that a text such as ``-12.50`` writes.

    Raises:
        ValueError: The text is not a decimal string (it has an exponent, a plus sign or a space,
            or is NaN), or has more than 18 digits before or 10 after the point.
    """
    if not DECIMAL.match(text):
        msg = "Write a plain decimal: at most 18 digits before and 10 after the point, no exponent."
        raise ValueError(msg)
    value = Decimal(text)
    return value or ZERO


def find_unit(currency: str) -> Decimal:
    """Return the smallest amount of an ISO 4217 currency: 0.01 for USD, 1 for JPY."""
    return _UNITS[count_digits(currency)]


def round_to(amount: Decimal, currency: str, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Return the amount with the currency's digits; half up unless another mode is given."""
    return amount.quantize(find_unit(currency), rounding)


def has_currency_digits(amount: Decimal, currency: str) -> bool:
    """Return whether the amount has no more digits than its currency, trailing zeros aside."""
    return amount.same_quantum(find_unit(currency)) or amount == round_to(amount, currency)


def strip_zeros(value: Decimal) -> Decimal:
    """
    Return a decimal without zeros at its end after the point, and without an exponent above 0.

    Any zero becomes ``ZERO``. A value that is not a number, or is too large to be an amount, is
    returned unchanged.
    """
    if not value:
        return ZERO
    text = str(value)
    if "E" not in text and not ("." in text and text.endswith("0")):
        return value
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or value.adjusted() >= _MOST_DIGITS:
        return value
    if exponent > 0:
        return Decimal((sign, digits + (0,) * exponent, 0))
    while exponent < 0 and not digits[-1]:
        digits, exponent = digits[:-1], exponent + 1
    return Decimal((sign, digits, exponent))


def compute_percentage(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return part of whole in percent, two digits, half up; ``None`` if the whole is zero."""
    if not whole:
        return None
    percent = (part * _HUNDRED / whole).quantize(_CENT, ROUND_HALF_UP)
    return percent or abs(percent)  # a negative zero would be shown as -0.00 percent


def format_amount(amount: Decimal, currency: str) -> str:
    """Return the amount as a decimal string with the currency's digits, never an exponent."""
    rounded = round_to(amount, currency)
    return format(rounded or abs(rounded), "f")
