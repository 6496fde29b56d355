"""The books of the connection's company in Tryton: journal, accounts, analytic roots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from .errors import Rejected, WrongSetting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..settings import SettingValue
    from .client import Row, TrytonClient


@attrs.frozen(kw_only=True)
class Books:
    """
    Ids and options of the company's accounting in Tryton, found by the settings of a connection.

    Attributes:
        company: The id of the company.
        journal: The id of the expense journal.
        expense: The id of the expense account.
        expenses: The code and the id of each further expense account, by cost type; the id is
            ``None`` if Tryton has no such account.
        retainage: The id of the retainage account.
        retainage_name: The name of the retainage account, which is the text of its lines.
        payable: The id of the payable account; ``None``: that of the vendor.
        default_payable: The id of the payable account of vendors without one of their own.
        job_root: The id of the analytic root of jobs; ``job_code`` is its code.
        cost_root: The id of the analytic root of cost codes; ``cost_code`` is its code.
        payment_terms: The names of payment terms in Tryton, by the terms that the approver enters.
        expenses_tax: True if the company books the tax on purchases as an expense.
        rounds_lines: True if the company rounds the tax of each line, false if it rounds only the
            sum of the document.
    """

    company: int
    journal: int
    expense: int
    expenses: Mapping[str, tuple[str, int | None]]
    retainage: int
    retainage_name: str
    payable: int | None
    default_payable: int | None
    job_root: int
    job_code: str
    cost_root: int
    cost_code: str
    payment_terms: Mapping[str, str]
    expenses_tax: bool
    rounds_lines: bool


def read_books(client: TrytonClient, settings: Mapping[str, SettingValue]) -> Books:
    """
    Find the records that the settings name, and set the company for later requests of the client.

    Raises:
        WrongSetting: Tryton does not have one of them.
    """
    company_row = _find_company(client, _text(settings, "company"))
    company = int(company_row["id"])
    client.set_company(company)
    by_type = _read_mapping(settings, "expense_accounts")
    codes = {
        name: _text(settings, name)
        for name in ("expense_account", "retainage_account", "payable_account")
    }
    accounts = _find_accounts(client, company, [*codes.values(), *by_type.values()])
    expense = _pick_account(accounts, "expense_account", codes["expense_account"])
    retainage = _pick_account(accounts, "retainage_account", codes["retainage_account"])
    payable = codes["payable_account"]
    job_code, cost_code = _text(settings, "job_root"), _text(settings, "cost_code_root")
    _require_analytic_lines(client)
    configuration = _read_configuration(client)
    return Books(
        company=company,
        journal=_find_journal(client, _text(settings, "journal")),
        expense=expense["id"],
        expenses={
            kind: (code, accounts[code]["id"] if code in accounts else None)
            for kind, code in by_type.items()
        },
        retainage=retainage["id"],
        retainage_name=retainage["name"],
        payable=_pick_account(accounts, "payable_account", payable)["id"] if payable else None,
        default_payable=configuration.get("default_account_payable"),
        job_root=_find_root(client, company, "job_root", job_code),
        job_code=job_code,
        cost_root=_find_root(client, company, "cost_code_root", cost_code),
        cost_code=cost_code,
        payment_terms=_read_mapping(settings, "payment_terms"),
        expenses_tax=bool(company_row["purchase_taxes_expense"]),
        rounds_lines=configuration.get("tax_rounding") == "line",
    )


def _text(settings: Mapping[str, SettingValue], name: str) -> str:
    value = settings.get(name)
    return value.strip() if isinstance(value, str) else ""


def _read_mapping(settings: Mapping[str, SettingValue], name: str) -> Mapping[str, str]:
    value = settings.get(name)
    return value if isinstance(value, Mapping) else {}


def _find_company(client: TrytonClient, name: str) -> Row:
    domain = ["OR", ["party.name", "=", name], ["party.code", "=", name]] if name else []
    found = client.search("company.company", domain, "purchase_taxes_expense")
    if len(found) != 1:
        what = f"{len(found) or 'no'} companies" + (f" of the name or code {name}" if name else "")
        msg = (
            f"The key sees {what} in Tryton. Set company of the connection to the name or code of a"
            " company that it sees."
        )
        raise WrongSetting(msg)
    return found[0]


def _find_journal(client: TrytonClient, code: str) -> int:
    found = client.search("account.journal", [["code", "=", code], ["type", "=", "expense"]], "id")
    if len(found) != 1:
        msg = (
            f"Tryton has {len(found) or 'no'} expense journals with the code {code}. Set journal of"
            " the connection to the code of one expense journal."
        )
        raise WrongSetting(msg)
    return int(found[0]["id"])


def _find_accounts(client: TrytonClient, company: int, codes: Iterable[str]) -> dict[str, Row]:
    """Return the accounts of these codes; a code that several accounts have is left out."""
    wanted = sorted({code for code in codes if code})
    rows = client.search(
        "account.account",
        [["code", "in", wanted], ["company", "=", company], ["closed", "!=", True]],
        "code",
        "name",
    )
    known = [row["code"] for row in rows]
    return {row["code"]: row for row in rows if known.count(row["code"]) == 1}


def _pick_account(accounts: Mapping[str, Row], setting: str, code: str) -> Row:
    if code not in accounts:
        msg = (
            f"Tryton does not have exactly one open account with the code {code}. Set {setting} of"
            " the connection to the code of one open account."
        )
        raise WrongSetting(msg)
    return accounts[code]


def _read_configuration(client: TrytonClient) -> Row:
    """Return the default payable account and the tax rounding; empty if they were never set."""
    fields = "default_account_payable", "tax_rounding"
    found = client.search("account.configuration", [], *fields)
    return found[0] if found else {}


def _find_root(client: TrytonClient, company: int, setting: str, code: str) -> int:
    domain = [["code", "=", code], ["type", "=", "root"], ["company", "=", company]]
    found = client.search("analytic_account.account", domain, "id")
    if len(found) != 1:
        msg = (
            f"Tryton has {len(found) or 'no'} analytic roots with the code {code}. Set {setting} of"
            " the connection to the code of one analytic root."
        )
        raise WrongSetting(msg)
    return int(found[0]["id"])


def _require_analytic_lines(client: TrytonClient) -> None:
    """
    Raise :class:`WrongSetting` if lines of invoices in Tryton cannot have analytic accounts.

    Without this check, Tryton would answer a bill with such accounts by an error of the server
    (500), which could not be distinguished from a lost answer.
    """
    field = [["model", "=", "account.invoice.line"], ["name", "=", "analytic_accounts"]]
    try:
        found = client.search("ir.model.field", field, "id")
    except Rejected:  # the key may not read it
        return
    if not found:
        msg = "Tryton lacks the module analytic_invoice. Activate it."
        raise WrongSetting(msg)
