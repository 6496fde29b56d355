"""The accounting approver's verbs, from ``accept`` to ``unlink``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import click

from ...queue import ExportQueue
from ...queue.arguments import find_line_problem
from ...rules.accounting_date import parse_day
from ...rules.erp_number import ERP_NUMBER
from ..options import Options, Verb, ids_argument
from ..output import Answer, BadInput, build_bad_input
from ..verb import run_queue_verb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


# One line for an invoice that was allowed, one for an invoice that was refused.
_ACCEPT = (
    "{id}: accepted ({status}, version {version})",
    "{id}: not accepted ({status}, version {version})",
)
_REJECT = (
    "{id}: rejected ({status}, version {version})",
    "{id}: not rejected ({status}, version {version})",
)
_RETRY = (
    "{id}: accepted for another export ({status}, version {version})",
    "{id}: not accepted for another export ({status}, version {version})",
)
_WITHDRAW = (
    "{id}: withdrawal recorded ({status}, version {version})",
    "{id}: withdrawal not recorded ({status}, version {version})",
)
#: The options of ``accept`` that are days, by their export fields.
_DAYS = ("accounting_date", "due_date")
_UNLINK = (
    "{id}: unlinked ({status}, version {version})",
    "{id}: not unlinked ({status}, version {version})",
)


@click.command("accept", cls=Verb)
@ids_argument
@click.option(
    "--field",
    metavar="KEY=VALUE",
    multiple=True,
    help="A further export field; may be repeated.",
)
@click.option(
    "--accounting-date",
    metavar="DATE",
    help="The day of the entry in the books, as 2026-11-30. Default: that of the invoice, or the "
    "next open day if the ERP says that its period is closed.",
)
@click.option(
    "--due-date",
    metavar="DATE",
    help="The day of payment, as 2026-11-30. Default: that of the invoice, if the ERP asks for it.",
)
@click.option(
    "--terms",
    metavar="TEXT",
    help="The terms of payment. Default: those of the commitment, if the ERP asks for them.",
)
@click.option(
    "--number",
    metavar="NUMBER",
    help="Another invoice number for the ERP, where policy and ERP allow one.",
)
@click.pass_obj
def accept(
    options: Options,
    /,
    ids: Sequence[str],
    field: Sequence[str],
    number: str | None,
    **given: str | None,
) -> Answer:
    """Accept invoices for export."""
    for name in _DAYS:
        _check_day(f"--{name.replace('_', '-')}", given[name])
    more = [f"{name}={value}" for name, value in given.items() if value is not None]
    fields = _parse_fields([*field, *more])
    _check_number(ids, number, fields)
    return run_queue_verb(options, ids, _ACCEPT, ExportQueue.accept, fields=fields, number=number)


def _check_day(option: str, given: str | None) -> None:
    """Check that an option is a day, such as 2026-11-30, or blank; raise :class:`BadInput`."""
    if given and given.strip() and parse_day(given.strip()) is None:
        sentence = "{given} is not a day. Write it as 2026-11-30."
        raise build_bad_input(option, "usage.invalid", sentence, given=given)


def _check_number(ids: Sequence[str], number: str | None, fields: Mapping[str, str]) -> None:
    """
    Check the option ``--number``.

    Raises:
        BadInput: Several invoices are named, or the number is blank, is also given as a field, is
            too long, or has control characters.
    """
    if number is None:
        return
    if len(ids) > 1:
        sentence = "--number is the number of one invoice. Name one of them."
        raise build_bad_input("--number", "usage.invalid", sentence)
    if not number.strip() or ERP_NUMBER in fields:
        sentence = "Write --number with a number that is not blank, and give it once."
        raise build_bad_input("--number", "usage.invalid", sentence)
    _check_lines("--number", {ERP_NUMBER: number})


def _parse_fields(given: Sequence[str]) -> Mapping[str, str]:
    fields: dict[str, str] = {}
    for each in given:
        key, sign, value = each.partition("=")
        if not (key and sign):
            raise build_bad_input(
                "--field",
                "usage.invalid",
                "{given} is not an export field. Write it as KEY=VALUE.",
                given=each,
            )
        if key in fields:
            raise build_bad_input(
                "--field",
                "usage.invalid",
                "The export field {key} is given more than once. Give it once.",
                key=key,
            )
        fields[key] = value
    _check_lines("--field", fields)
    return fields


def _check_lines(option: str, fields: Mapping[str, str]) -> None:
    """
    Check that the terms of payment and the invoice number are one short line of text each.

    Args:
        option: The option that the error names.
        fields: The export fields, by name.

    Raises:
        BadInput: One of the two is too long, or has control characters.
    """
    problem = find_line_problem(fields)
    if problem is not None:
        raise BadInput([attrs.evolve(problem, path=option)])


@click.command("reject", cls=Verb)
@ids_argument
@click.option("--reason", metavar="TEXT", help="The reason, which the sender sees.")
@click.pass_obj
def reject(options: Options, ids: Sequence[str], reason: str | None) -> Answer:
    """Reject invoices, with a reason for the sender."""
    return run_queue_verb(options, ids, _REJECT, ExportQueue.reject, reason=reason)


@click.command("retry", cls=Verb)
@ids_argument
@click.option(
    "--field",
    metavar="KEY=VALUE",
    multiple=True,
    help="An export field that replaces the accepted one; a blank value removes it; may be "
    "repeated.",
)
@click.option(
    "--number",
    metavar="NUMBER",
    help="Another invoice number for the ERP, where policy and ERP allow one.",
)
@click.pass_obj
def retry(options: Options, ids: Sequence[str], field: Sequence[str], number: str | None) -> Answer:
    """Export invoices again after a failure."""
    fields = _parse_fields(field)
    _check_number(ids, number, fields)
    return run_queue_verb(options, ids, _RETRY, ExportQueue.retry, fields=fields, number=number)


@click.command("withdraw", cls=Verb)
@ids_argument
@click.option(
    "--evidence",
    metavar="TEXT",
    help="How you know that the leftover documents are gone from the ERP.",
)
@click.pass_obj
def withdraw(options: Options, ids: Sequence[str], evidence: str | None) -> Answer:
    """
    Remove the leftover documents of invoices from the ERP.

    With --evidence, only record that these documents are gone already.
    """
    return run_queue_verb(options, ids, _WITHDRAW, ExportQueue.withdraw, evidence=evidence)


@click.command("unlink", cls=Verb)
@ids_argument
@click.option(
    "--evidence", metavar="TEXT", help="How you know that the documents are gone from the ERP."
)
@click.pass_obj
def unlink(options: Options, ids: Sequence[str], evidence: str | None) -> Answer:
    """Separate synced invoices from documents that are gone from the ERP."""
    return run_queue_verb(options, ids, _UNLINK, ExportQueue.unlink, evidence=evidence)
