"""
Set-up of a company in Tryton: a program for Tryton's own environment.

It runs beside the package, in an environment that has ``trytond`` and ``proteus``, and nothing of
this repository imports it. It takes the configuration of trytond, the URI of the database, a
description of the company in JSON, and the file into which it writes the key of the REST interface.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company
from trytond.modules.currency.tests.tools import get_currency

#: A record of Tryton, whose class is made at run time.
Record: TypeAlias = Any


def build(model: str, **values: object) -> Record:
    """Return a new record that is not saved yet."""
    return Model.get(model)(**values)


def create(model: str, **values: object) -> Record:
    """Create a record and return it."""
    record = build(model, **values)
    record.save()
    return record


def find(model: str, *domain: object) -> Record:
    """Return the only record of a domain."""
    (record,) = Model.get(model).find(list(domain))
    return record


def create_books(plan: dict[str, Any]) -> Record:
    """Create the company with its chart of accounts and its fiscal years, and return it."""
    create_company(party=create("party.party", name=plan["company"]), currency=plan["currency"])
    company = get_company()
    create_chart(company, chart=f"account.account_template_root_{plan['chart']}")
    for year in plan["years"]:
        days = date(year, 1, 1), date(year, 12, 31)
        fiscal_year = set_fiscalyear_invoice_sequences(create_fiscalyear(company, days))
        fiscal_year.name = str(year)
        fiscal_year.start_date, fiscal_year.end_date = days
        fiscal_year.save()
        fiscal_year.click("create_period")
    for month in plan["closed"]:
        find("account.period", ("start_date", "=", date.fromisoformat(f"{month}-01"))).click(
            "close"
        )
    return company


def create_accounts(company: Record, plan: dict[str, Any]) -> None:
    """Give journal and accounts the codes of the plan, and create the others."""
    journal = find("account.journal", ("type", "=", "expense"))
    journal.code = plan["journal"]
    journal.save()
    accounts = get_accounts(company)
    for name in ("expense", "payable"):
        accounts[name].code, accounts[name].name = plan[f"{name}_account"]
        accounts[name].save()
    for key, is_debt in (("retainage_account", True), ("tax_account", False)):
        code, name = plan[key]
        kind = create(
            "account.account.type",
            name=name,
            company=company,
            parent=accounts["payable"].type.parent,
            statement="balance",
            debt=is_debt,
        )
        create("account.account", name=name, code=code, company=company, type=kind, parent=None)
    code, name = plan["exchange_account"]
    exchange = create(
        "account.account", name=name, code=code, company=company, type=accounts["expense"].type
    )
    # The amounts of a bill in another currency are converted one by one, and rounded.
    configuration = Model.get("account.configuration")(1)
    configuration.currency_exchange_debit_account = exchange
    configuration.currency_exchange_credit_account = exchange
    configuration.save()


def create_taxes(company: Record, code: str, taxes: list[dict[str, Any]]) -> None:
    """Create the taxes, each of a rate or of several parts that have one, with their account."""
    account = find("account.account", ("code", "=", code))
    groups = {
        kind: create("account.tax.group", name=kind, code=kind, kind=kind)
        for kind in ("purchase", "sale")
    }

    def build_tax(name: str, rate: str | None, **values: object) -> Record:
        tax = build("account.tax", name=name, description=name, company=company, **values)
        tax.type = "none" if rate is None else "percentage"
        if rate is not None:
            tax.rate = Decimal(rate)
            tax.invoice_account = tax.credit_note_account = account
        return tax

    for each in taxes:
        kind = groups[each.get("kind", "purchase")]
        tax = build_tax(each["name"], each.get("rate"), group=kind)
        if "end_date" in each:
            tax.end_date = date.fromisoformat(each["end_date"])
        tax.save()
        for name, rate in each.get("parts", {}).items():
            build_tax(name, rate, parent=tax).save()
        if not each.get("active", True):
            tax.active = False
            tax.save()


def create_payment_terms(terms: list[tuple[str, list[dict[str, Any]]]]) -> None:
    """Create the payment terms, each with the parts that are due; the last has the remainder."""
    for name, parts in terms:
        term = build("account.invoice.payment_term", name=name)
        for part in parts:
            line = term.lines.new(type="remainder")
            if "ratio" in part:
                line.type, line.ratio = "percent_on_total", Decimal(part["ratio"])
            (delta,) = line.relativedeltas or [line.relativedeltas.new()]
            delta.months, delta.days = part.get("months", 0), part.get("days", 0)
            delta.day = part.get("day")
        term.save()


def create_currencies(currencies: dict[str, tuple[str, int]]) -> None:
    """Create further currencies, each with a rate and its digits after the point."""
    for code, (rate, digits) in currencies.items():
        currency = get_currency(code)
        currency.digits = digits
        currency.rounding = Decimal(1).scaleb(-digits)
        if not currency.rates:
            currency.rates.new(date=date(2000, 1, 1))
        for known in currency.rates:
            known.rate = Decimal(rate)
        currency.save()


def create_analytic_accounts(company: Record, code: str, name: str, codes: dict[str, str]) -> None:
    """Create a root of analytic accounts, and an account below it for each code."""
    model = "analytic_account.account"
    root = create(model, name=name, code=code, type="root", company=company)
    for each, title in codes.items():
        create(model, name=title, code=each, root=root, parent=root, company=company)


def create_vendors(vendors: dict[str, str], terms: dict[str, str]) -> None:
    """Create the vendors by their codes, each with an address, and some with payment terms."""
    for code, name in vendors.items():
        party = build("party.party", name=name, code=code)
        (address,) = party.addresses
        address.street, address.city = "1 Harbor Street", "Harbor Point"
        if code in terms:
            party.supplier_payment_term = find(
                "account.invoice.payment_term", ("name", "=", terms[code])
            )
        party.save()


def create_bank(company: Record) -> None:
    """Create a journal of bank statements, by which bills are paid."""
    journal = create("account.journal", name="Bank", code="BANK", type="statement")
    create(
        "account.statement.journal",
        name="Bank",
        journal=journal,
        account=get_accounts(company)["cash"],
        validation="balance",
        company=company,
    )


#: The group whose users may cancel bank statements.
_ADMINISTRATION = "Accounting Administration"


def create_key(company: Record, name: str, groups: list[str], language: str) -> str:
    """Create a key of the REST interface, for a user of its own in these groups."""
    login = name.lower()
    user = build("res.user", name=name, login=login, email=f"{login}@example.com")
    own = find("company.company", ("id", "=", company.id))  # a record is in one list only
    user.companies.append(own)
    user.company = own
    user.language = find("ir.lang", ("code", "=", language))
    for group in groups:
        user.groups.append(find("res.group", ("name", "=", group)))
    user.save()
    return str(create("res.user.application", application="rest", user=user).key)


def main() -> None:
    """Set the company up, and write the keys and the ids that tests need."""
    configuration, database, plan_file, result = sys.argv[1:]
    plan = json.loads(Path(plan_file).read_text(encoding="utf-8"))
    config.set_trytond(database, user="admin", config_file=configuration)
    company = create_books(plan)
    create_accounts(company, plan)
    create_taxes(company, plan["tax_account"][0], plan["taxes"])
    create_payment_terms(plan["payment_terms"])
    create_currencies(plan["currencies"])
    for code, name, codes in plan["analytic"]:
        create_analytic_accounts(company, code, name, codes)
    create_vendors(plan["vendors"], plan["vendor_terms"])
    create_bank(company)
    groups, language = plan["groups"], plan["chart"]
    ids = {
        "key": create_key(company, "Invoices", groups, language),
        "accountant_key": create_key(company, "Accountant", [*groups, _ADMINISTRATION], language),
        "company": company.id,
    }
    Path(result).write_text(json.dumps(ids) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
