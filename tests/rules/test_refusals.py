"""Denials that no row gives have their remedies from one table, by the policy's grants."""

from __future__ import annotations

from pathlib import Path

import pytest

from erp_invoice_core.declaration import ExportField
from erp_invoice_core.rules import Case, Grant, Policy, Right
from erp_invoice_core.rules.remedy_rows import REFUSALS, TEMPLATES, with_remedies
from erp_invoice_core.verdict import Denial, Notice, Remedy, Source, Verdict
from erp_invoice_core.vocabulary import Action
from tests.worker.scripted_erp import build_declaration

CODES = (Path(__file__).parents[1] / "spec" / "codes.txt").read_text("utf-8").splitlines()
NOTICE = Notice("tax.present", "Check the tax.", Source.CONDITION)


def _denial(code: str, *remedies: tuple[Remedy, ...]) -> Denial:
    return Denial(code, "Look.", Source.ERP, {}, remedies)


def test_refusals_are_of_listed_codes_and_listed_remedies() -> None:
    """The table names codes that are public, and templates that are."""
    named = {one for ways in REFUSALS.values() for way in ways for one in way}

    assert set() == set(REFUSALS) - set(CODES)
    assert set() == named - set(TEMPLATES)


def test_remedies_are_filled_in_by_the_policy() -> None:
    """Who retries is whom the policy lets retry; notices stay."""
    policy = Policy(grants={Action.RETRY: Grant((Right("bills.release"),))})
    verdict = Verdict((_denial("export.ruled_absent"),), (NOTICE,))

    filled = with_remedies(verdict, Case(policy=policy))

    assert [
        [(Action.RETRY, "bills.release")],
        [
            (
                Action.REJECT,
                "ERP Integrations (Standard), Can Push to Accounting",
            )
        ],
    ] == [[(one.action, one.who) for one in way] for way in filled.denials[0].remedies]
    assert (NOTICE,) == filled.notices


def test_what_has_remedies_or_none_in_the_table_stays_as_it_is() -> None:
    """An adapter's own remedies, and denials of other codes, are not touched."""
    own = _denial("export.ruled_absent", (Remedy("acme.call", None, None, "Acme", "Call."),))
    other = _denial("acme.period_closed")

    assert Verdict((own, other)) == with_remedies(Verdict((own, other)), Case())


@pytest.mark.parametrize(
    ("renumber", "fields", "expected"),
    [
        (True, (ExportField(key="erp_invoice_number", label="Number"),), True),
        (True, (), False),
        (False, (ExportField(key="erp_invoice_number", label="Number"),), False),
    ],
)
def test_another_number_is_a_remedy_where_policy_and_erp_take_one(
    renumber: bool,
    fields: tuple[ExportField, ...],
    expected: bool,
) -> None:
    """A number that is taken in the ERP is replaced at a retry only if both allow it."""
    case = Case(policy=Policy(renumber=renumber), erp=build_declaration(extra_fields=fields))

    (denial,) = with_remedies(Verdict((_denial("export.number_taken"),)), case).denials

    codes = [[one.code for one in way] for way in denial.remedies]
    assert expected is (["number.give_again"] in codes)
    assert 2 + expected == len(codes)


@pytest.mark.parametrize(
    "code", ["erp.already_there", "export.restored", "export.restored_differs"]
)
def test_what_may_be_there_is_looked_at_before_a_retry(code: str) -> None:
    """No remedy retries at once what the ERP may have already."""
    assert [] == [way for way in REFUSALS[code] if way[0].action is Action.RETRY]
