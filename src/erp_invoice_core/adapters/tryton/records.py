"""The records in Tryton that an invoice refers to, found by their codes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import attrs

from ...verdict import Denial, Verdict
from . import reasons
from .rounding import find_small_taxes
from .taxes import find_taxes
from .terms import find_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from ...documents import ExportDocument
    from ...exchange import ExportRequest
    from .books import Books
    from .client import Row, TrytonClient
    from .taxes import Tax
    from .terms import PaymentTerms

#: The fields of a party that are read.
_PARTY: Final = ["account_payable", "supplier_payment_term"]
#: The number of codes that one question names.
_CODES: Final = 50


@attrs.frozen(kw_only=True)
class Records:
    """
    The ids in Tryton of the records that an invoice refers to.

    Attributes:
        address: The id of the party's address for invoices.
        payable: The id of the payable account.
        job: The id of the analytic account of the job.
        cost_codes: The ids of the analytic accounts, by cost code.
        expenses: The ids of the expense accounts, by cost type.
        taxes: The taxes, by their names in Tryton.
    """

    party: int
    address: int
    payable: int
    currency: int
    job: int
    cost_codes: Mapping[str, int]
    expenses: Mapping[str, int]
    taxes: Mapping[str, Tax]
    terms: PaymentTerms


@attrs.frozen
class _Payee:
    """The ids of a party, its invoice address, its payable account and its usual payment terms."""

    party: int
    address: int
    payable: int
    usual_terms: int | None


def find_records(client: TrytonClient, books: Books, request: ExportRequest) -> Records | Verdict:
    """Return the records of an invoice, or every reason why Tryton cannot book the invoice."""
    if not (verdict := Verdict(_find_gaps(request))):
        return verdict
    document = request.document
    payee = _find_payee(client, books, document.vendor_origin_id or "")
    taxes, tax_denials = find_taxes(client, books, request)
    currency = _find_currency(client, document.currency)
    if not isinstance(currency, Denial):
        unit, rounds_lines = currency["rounding"], books.rounds_lines
        tax_denials += find_small_taxes(document, taxes, unit, rounds_lines=rounds_lines)
    analytic = _find_job_and_cost_codes(client, books, document)
    usual_terms = payee.usual_terms if isinstance(payee, _Payee) else None
    terms = find_terms(client, books, request, usual_terms)
    denials = [
        *(payee if isinstance(payee, list) else ()),
        *((currency,) if isinstance(currency, Denial) else ()),
        *(analytic if isinstance(analytic, list) else ()),
        *_find_account_gaps(books, request),
        *tax_denials,
        *((terms,) if isinstance(terms, Denial) else ()),
    ]
    if (
        denials
        or isinstance(payee, list)
        or isinstance(analytic, list)
        or isinstance(currency, Denial)
        or isinstance(terms, Denial)
    ):
        return Verdict(denials)
    job, cost_codes = analytic
    return Records(
        party=payee.party,
        address=payee.address,
        payable=payee.payable,
        currency=currency["id"],
        job=job,
        cost_codes=cost_codes,
        expenses={kind: id_ for kind, (_, id_) in books.expenses.items() if id_ is not None},
        taxes=taxes,
        terms=terms,
    )


def _find_gaps(request: ExportRequest) -> Iterator[Denial]:
    """Yield a denial for a missing date, and one for ids in the ERP that the invoice lacks."""
    document = request.document
    if request.accounting_date is None:
        yield reasons.DATE_MISSING.deny()
    origins = {"vendor": document.vendor_origin_id, "job": document.job_origin_id}
    lacking = [name for name, origin in origins.items() if not origin]
    lacking += [
        f"cost code {line.cost_code or line.line_item_id}"
        for line in document.lines
        if not line.cost_code_origin_id
    ]
    lacking += [
        f"tax code {line.tax_code or line.line_item_id}"
        for line in document.lines
        if (line.tax or line.tax_code) and not line.tax_code_origin_id
    ]
    if lacking:
        yield reasons.NOT_LINKED.deny({"records": ", ".join(dict.fromkeys(lacking))})


def _find_party(client: TrytonClient, code: str) -> Row | Denial:
    found = client.search("party.party", [["code", "=", code]], *_PARTY)
    if len(found) == 1:
        return found[0]
    reason = reasons.VENDOR_AMBIGUOUS if found else reasons.VENDOR_UNKNOWN
    return reason.deny({"vendor": code})


def _find_payee(client: TrytonClient, books: Books, vendor: str) -> _Payee | list[Denial]:
    """Return the party of a vendor with its address and account, or every denial for the vendor."""
    party = _find_party(client, vendor)
    if isinstance(party, Denial):
        return [party]
    address = _find_address(client, party["id"])
    payable = books.payable or party.get("account_payable") or books.default_payable
    if address is not None and payable is not None:
        return _Payee(party["id"], address, payable, party.get("supplier_payment_term"))
    denials = []
    if address is None:
        denials.append(reasons.ADDRESS_MISSING.deny({"vendor": vendor}))
    if payable is None:
        denials.append(reasons.PAYABLE_MISSING.deny({"vendor": vendor}))
    return denials


def _find_address(client: TrytonClient, party: int) -> int | None:
    """Return the id of a party's invoice address, else of its first address, else ``None``."""
    found = client.search("party.address", [["party", "=", party]], "invoice")
    ids = [row["id"] for row in sorted(found, key=lambda row: not row["invoice"])]
    return ids[0] if ids else None


def _find_currency(client: TrytonClient, code: str) -> Row | Denial:
    found = client.search("currency.currency", [["code", "=", code]], "rounding")
    return found[0] if len(found) == 1 else reasons.CURRENCY_UNKNOWN.deny({"currency": code})


def _find_job_and_cost_codes(
    client: TrytonClient, books: Books, document: ExportDocument
) -> tuple[int, dict[str, int]] | list[Denial]:
    """Return (id of the job, ids of the cost codes by code), or denials of missing ones."""
    job = document.job_origin_id or ""
    wanted = list(dict.fromkeys(line.cost_code_origin_id or "" for line in document.lines))
    by_root = {books.job_root: [job]}
    by_root[books.cost_root] = by_root.get(books.cost_root, []) + wanted
    found = _find_analytic(client, by_root)
    jobs, codes = found[books.job_root], found[books.cost_root]
    denials = []
    if job not in jobs:
        denials.append(reasons.JOB_UNKNOWN.deny({"job": job, "root": books.job_code}))
    if lacking := [code for code in wanted if code not in codes]:
        facts = {"codes": ", ".join(lacking), "root": books.cost_code}
        denials.append(reasons.COST_CODE_UNKNOWN.deny(facts))
    return denials or (jobs[job], codes)


def _find_analytic(
    client: TrytonClient, codes: Mapping[int, Sequence[str]]
) -> dict[int, dict[str, int]]:
    """
    Return, by root, the ids of its analytic accounts by code, without ambiguous codes.

    ``codes`` are the wanted codes, by root.
    """
    wanted = list(dict.fromkeys(code for each in codes.values() for code in each))
    rows: list[Row] = []
    for place in range(0, len(wanted), _CODES):
        some = wanted[place : place + _CODES]
        domain: list[Any] = [
            ["code", "in", some],
            ["root", "in", [*codes]],
            ["type", "=", "normal"],
        ]
        rows += client.search("analytic_account.account", domain, "code", "root")
    known = Counter((row["root"], row["code"]) for row in rows)
    found: dict[int, dict[str, int]] = {root: {} for root in codes}
    for row in rows:
        root, code = row["root"], row["code"]
        if known[root, code] == 1 and code in codes[root]:
            found[root][code] = row["id"]
    return found


def _find_account_gaps(books: Books, request: ExportRequest) -> Iterator[Denial]:
    """Yield a denial for each cost type whose expense account Tryton does not have."""
    kinds = dict.fromkeys(line.cost_type_origin_id or "" for line in request.document.lines)
    for kind in kinds:
        code, id_ = books.expenses.get(kind, ("", 0))
        if id_ is None:
            yield reasons.EXPENSE_UNKNOWN.deny({"code": code, "cost_type": kind})


def has_open_period(client: TrytonClient, books: Books, day: date) -> bool:
    """Return whether a day is in an open period of the company."""
    domain = [
        ["start_date", "<=", day],
        ["end_date", ">=", day],
        ["state", "=", "open"],
        ["type", "=", "standard"],
        ["company", "=", books.company],
    ]
    return bool(client.search("account.period", domain, "id"))
