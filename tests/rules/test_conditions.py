"""Conditions say which fact is in the way, and what to do about it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.declaration import (
    ExportField,
    Fidelity,
    FieldRule,
    NumberScope,
    TaxForm,
    Validator,
)
from erp_invoice_core.documents import Difference, ExportDocument, Hold, NumberUse
from erp_invoice_core.rules import CONDITIONS, NOTICES, Case, Condition, decide, losses
from erp_invoice_core.rules.case import STEADY_FACTS
from erp_invoice_core.rules.conditions.condition import word
from erp_invoice_core.rules.conditions.fields import meets_rule
from erp_invoice_core.rules.fact_types import ENTRY_FACTS
from erp_invoice_core.vocabulary import Action, Blocks
from tests.spec.allowed_cases import DOCUMENT, LEDGERLY, align_document, build_allowed_case
from tests.spec.scenarios import bend_cases

#: An ERP that limits what it takes in every way.
STRICT = attrs.evolve(
    LEDGERLY,
    commitment_statuses=frozenset({"Approved"}),
    currencies=frozenset({"USD"}),
    prerequisites=(),
    field_rules=(FieldRule(field="commitment_title", validator=Validator.MAX_LENGTH, limit=4),),
    extra_fields=(ExportField(key="branch", label="Branch", required=True),),
    fidelity={"gross": Fidelity.ROUNDED, "commitment_title": Fidelity.REFUSED},
)


def _change(case: Case, bend: dict[str, Any]) -> Case:
    return align_document(attrs.evolve(case, **bend))


def _list_denials(action: Action, **change_facts: object) -> list[tuple[str, str]]:
    verdict = decide(action, _change(build_allowed_case(action), change_facts))
    return [(denial.code, denial.message) for denial in verdict.denials]


def _list_notices(**change_facts: object) -> list[str]:
    verdict = decide(Action.SEND, _change(build_allowed_case(Action.SEND), change_facts))
    return [notice.message for notice in verdict.notices]


def _keeps(value: str | None, validator: Validator, limit: int | None = None) -> bool:
    rule = FieldRule(field="amount", validator=validator, limit=limit)
    return meets_rule(rule, attrs.evolve(build_allowed_case(Action.SEND), fields={"amount": value}))


@pytest.mark.parametrize("row", [row for row in (*CONDITIONS, *NOTICES) if row.usual is not None])
def test_usual_value_alone_meets_its_row(row: Condition) -> None:
    """A row may be skipped where its usual fact has its usual value, whatever else is true."""
    assert row.usual is not None
    name, value = row.usual
    bare: dict[str, Any] = {name: value}

    assert row.is_met(Case(**bare))
    assert row.is_met(Case(erp=LEDGERLY, **bare))


def test_usual_fact_alone_can_be_the_condition() -> None:
    """A row without a predicate is met by the usual value only, and needs one."""
    row = Condition(code="a.code", acts=frozenset(), usual=("leased", False), sentence="It is.")

    assert [False, True, False] == [row.is_met(Case(leased=each)) for each in (None, False, True)]
    with pytest.raises(TypeError, match=r"The row of a\.code needs is_met, or usual"):
        Condition(code="a.code", acts=frozenset(), sentence="It is.")


class SteadyFacts:
    """The facts of a case that steady rows may read; any other is an error."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def __getattr__(self, name: str) -> object:
        assert name not in ENTRY_FACTS - set(STEADY_FACTS)
        return getattr(self._case, name)


@pytest.mark.parametrize("row", [row for row in (*CONDITIONS, *NOTICES) if row.steady])
def test_steady_row_reads_no_fact_that_differs_between_actions(row: Condition) -> None:
    """Its result holds for every action on the invoice until one of the steady facts changes."""
    cases = [Case(), Case(erp=LEDGERLY), Case(erp=STRICT)]
    for action in row.acts:
        cases += [case for _, asked, case, _ in bend_cases("Bent cases") if asked is action]

    for case in cases:
        view: Any = SteadyFacts(case)
        assert row.is_met(case) is row.is_met(view)


def test_unsynced_cost_codes_are_listed() -> None:
    """The sentence names the cost codes that are to be mapped."""
    expected = [
        (
            "cost_code.not_synced",
            (
                "Ledgerly does not know these cost codes: 05-120, 05-130. Map each of them to a"
                " cost code of Ledgerly."
            ),
        )
    ]

    assert expected == _list_denials(
        Action.SEND, cost_codes_synced=False, unsynced_cost_codes=("05-120", "05-130")
    )


@pytest.mark.parametrize(("items", "where"), [(("1",), "(items 1)"), (("1", "3"), "(items 1, 3)")])
def test_items_of_unsynced_cost_codes_are_listed(items: tuple[str, ...], where: str) -> None:
    """The sentence names the items that bill them."""
    ((_, sentence),) = _list_denials(
        Action.SEND,
        cost_codes_synced=False,
        unsynced_cost_codes=("05-120",),
        unmapped_items=items,
    )

    assert f"these cost codes: 05-120 {where}. Map each" in sentence


@pytest.mark.parametrize(
    ("taxes", "denied", "shown"),
    [
        (
            ("1500.00 USD applied", "8.25 % on item 1"),
            "this one carries tax (1500.00 USD applied; 8.25 % on item 1)",
            "This invoice carries tax (1500.00 USD applied; 8.25 % on item 1).",
        ),
        (
            (),
            "this one carries tax",
            "This invoice carries tax, and its amount is not known.",
        ),
    ],
)
def test_tax_is_named_with_its_amounts(taxes: tuple[str, ...], denied: str, shown: str) -> None:
    """The reason against a taxed invoice, and the notice where the ERP takes tax, name it."""
    erp = attrs.evolve(LEDGERLY, tax=TaxForm.KEPT)

    assert [
        (
            "tax.unsupported",
            (
                f"Ledgerly takes no invoice with tax, and {denied}. Remove the tax, or enter the"
                " invoice in the ERP by hand."
            ),
        )
    ] == _list_denials(Action.SEND, taxed=True, taxes=taxes)
    assert [f"{shown} Check how Ledgerly books it."] == _list_notices(
        taxed=True, taxes=taxes, erp=erp
    )


def test_tax_is_booked_by_its_code() -> None:
    """The sentences name the codes, both totals, and what to do."""
    erp = attrs.evolve(LEDGERLY, tax=TaxForm.KEPT)
    differs = Difference(
        name="GST", computed=Decimal(65), stated=Decimal("65.02"), code="tax.differs"
    )
    assert [
        (
            "tax.no_code",
            (
                "Ledgerly books tax by its code, and this invoice carries tax (13.00 USD) without a"
                " tax code on any billed line. Give these lines their tax codes, and load the invoice"
                " again."
            ),
        ),
        (
            "tax.differs",
            (
                "Ledgerly books the tax of each line. By the tax rates of the lines, tax GST is"
                " 65.00 USD, but the invoice states 65.02 USD in all. Correct the rates or the"
                " stated total."
            ),
        ),
    ] == _list_denials(
        Action.SEND,
        taxed=True,
        taxes=("13.00 USD",),
        tax_codes=(),
        differences=(differs,),
        erp=erp,
    )
    unstated, unshared = (
        attrs.evolve(differs, stated=None),
        attrs.evolve(differs, stated=Decimal(65)),
    )
    assert [
        (
            "Ledgerly books the tax of each line. By the tax rates of the lines, tax GST is 65.00"
            " USD, but the tax summary of the invoice has no total of this tax. Add the total."
        ),
        (
            "Ledgerly books the tax of each line. The invoice states 65.00 USD in all for tax GST,"
            " but the tax of each single line cannot be computed from its tax rate and its"
            " amounts. Correct both on each line."
        ),
    ] == [
        sentence
        for code, sentence in _list_denials(
            Action.SEND, taxed=True, tax_codes=("GST",), differences=(unstated, unshared), erp=erp
        )
        if code == "tax.differs"
    ]
    shown = _list_notices(taxed=True, tax_codes=("GST",), differences=(differs,), erp=erp)
    assert not any("65.02" in sentence for sentence in shown)
    unknown = _list_denials(Action.SEND, taxed=True, tax_codes=(), erp=erp)
    assert "this invoice carries tax without a tax code on any billed line" in unknown[0][1]


def test_unsynced_cost_codes_need_not_be_known() -> None:
    """Where a host does not say which, the sentence speaks of the billed lines."""
    expected = [
        (
            "cost_code.not_synced",
            (
                "Ledgerly does not know some cost codes of the billed lines. Map each of them to a"
                " cost code of Ledgerly."
            ),
        )
    ]

    assert expected == _list_denials(Action.SEND, cost_codes_synced=False)


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        (
            ("CO-1 (item 2)",),
            (
                "These change orders are not synced with Ledgerly: CO-1 (item 2). Send them to the"
                " ERP tool first."
            ),
        ),
        (
            (),
            (
                "Some change orders of the billed lines are not synced with Ledgerly. Send them to"
                " the ERP tool first."
            ),
        ),
    ],
)
def test_unsynced_change_orders_are_listed(orders: tuple[str, ...], expected: str) -> None:
    """The sentence names the change orders that are to be synced, where they are known."""
    said = _list_denials(Action.SEND, change_orders_synced=False, unsynced_change_orders=orders)

    assert [("change_order.not_synced", expected)] == said


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (
            datetime(2026, 11, 26, 12, 30, 5, tzinfo=UTC),
            (
                "Until 2026-11-26 12:30:05 UTC the ERP may still carry out a delayed request of"
                " this export. Wait until then before you state that a document is absent."
            ),
        ),
        (
            None,
            (
                "The ERP may still carry out a delayed request of this export. Wait before you"
                " state that a document is absent."
            ),
        ),
    ],
)
def test_resolution_as_absent_says_how_long_it_waits(
    moment: datetime | None, expected: str
) -> None:
    """The message has the moment from which a person may state absence, if it is known."""
    said = _list_denials(Action.RULE, rules_absent=True, settled=False, settles_at=moment)

    assert [("export.not_settled", expected)] == said


def test_commitment_statuses_are_named() -> None:
    """The sentence names the statuses that the ERP takes."""
    erp = attrs.evolve(LEDGERLY, commitment_statuses=frozenset({"Complete", "Approved"}))
    sentence = (
        'The status of the commitment is "{}", and Ledgerly takes only these: Approved, Complete.'
        " Set the commitment to one of them."
    )

    assert [("commitment.status", sentence.format("Draft"))] == _list_denials(
        Action.SEND, erp=erp, commitment_status="Draft"
    )
    unknown = (
        "The status of the commitment is not known, and Ledgerly takes only these: Approved,"
        " Complete. Have the host application supply this fact."
    )
    assert [("commitment.status", unknown)] == _list_denials(
        Action.SEND, erp=erp, commitment_status=None
    )


def test_credit_is_reported_with_its_amount() -> None:
    """A negative invoice is refused with what is due."""
    expected = [
        (
            "invoice.negative",
            (
                "Ledgerly takes no invoice below zero; -10.00 USD is due on this one. Correct the"
                " amounts, or enter the invoice in Ledgerly by hand."
            ),
        )
    ]
    zero = Decimal(0)

    assert expected == _list_denials(Action.SEND, gross=Decimal(-10), retained=zero, released=zero)


def test_credit_without_currency_is_shown_as_a_number() -> None:
    """An amount without a known currency is written as a number."""
    (_, message), *_ = _list_denials(
        Action.SEND, gross=Decimal(-10), retained=Decimal(0), released=Decimal(0), currency=None
    )

    assert "-10 is due" in message


def test_number_taken_is_reported_once() -> None:
    """A number that is taken in the commitment and in the ERP is one reason."""
    expected = [
        (
            "invoice.number_taken",
            (
                "Another invoice of the commitment has the invoice number ACME-77, too. Change the"
                " number of this invoice."
            ),
        )
    ]

    assert expected == _list_denials(Action.SEND, number_is_unique=False, slot_is_free=False)


_SIBLING = NumberUse(
    invoice_id="5001", number="ACME\u201177", commitment_id="100", commitment_number="SC-001"
)
_ELSEWHERE = NumberUse(
    invoice_id="6000", number="ACME-77", commitment_id="101", commitment_number="SC-002"
)


@pytest.mark.parametrize("document", [DOCUMENT, None])
def test_number_taken_names_the_other_invoice_of_the_commitment(
    document: ExportDocument | None,
) -> None:
    """The sentence and the facts say which invoice has the number, in its own spelling."""
    uses = (_SIBLING,) if document is None else (_SIBLING, _ELSEWHERE)
    change_facts = {"number_is_unique": False, "number_uses": uses, "document": document}
    verdict = decide(Action.SEND, _change(build_allowed_case(Action.SEND), change_facts))
    denial = next(one for one in verdict.denials if one.code == "invoice.number_taken")

    assert (
        "These invoices of the commitment have the invoice number ACME-77, too:"
        " 5001 (ACME\u201177, SC-001). Change the number of this invoice."
    ) == denial.message
    assert ("ACME-77", "5001", "ACME\u201177", "100") == tuple(
        denial.facts[name] for name in ("number", "invoices", "numbers", "commitments")
    )


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (
            Action.SEND,
            (
                "The invoice number ACME-77 is used in Ledgerly, or reserved for it, by invoice"
                " 6000 (ACME-77, SC-002). Change the number of this invoice."
            ),
        ),
        (
            Action.ACCEPT,
            (
                "The invoice number ACME-77 is used in Ledgerly, or reserved for it, by invoice"
                " 6000 (ACME-77, SC-002). Reject this invoice, so that its number can be changed."
            ),
        ),
    ],
)
def test_number_taken_names_who_has_it_in_the_erp(action: Action, expected: str) -> None:
    """The sender and the approver see which invoice has the number, and in which ERP."""
    said = _list_denials(action, slot_is_free=False, slot_holder=_ELSEWHERE)

    assert [("invoice.number_taken", expected)] == said


def test_number_taken_of_an_unknown_commitment() -> None:
    """An entry whose document cannot be read is named by its id."""
    holder = NumberUse(invoice_id="6000", number="unknown")
    ((_, message),) = _list_denials(Action.SEND, slot_is_free=False, slot_holder=holder)

    assert "by invoice 6000 (unknown)." in message


def test_number_on_another_commitment_is_reported() -> None:
    """Where the ERP takes the first of them the notice says so."""
    assert [
        (
            "Ledgerly takes the invoice number ACME-77 only once for each vendor, and it is also the"
            " number of 6000 (ACME-77, SC-002). Change the number of one of these invoices."
        )
    ] == _list_notices(number_uses=(_ELSEWHERE,))
    apart = attrs.evolve(LEDGERLY, number_scope=NumberScope.COMMITMENT)
    assert [
        (
            "The vendor uses the invoice number ACME-77 more than once, also for 6000 (ACME-77,"
            " SC-002). Check that this is not the same invoice."
        )
    ] == _list_notices(number_uses=(_ELSEWHERE,), erp=apart)


def test_many_invoices_with_one_number_are_counted() -> None:
    """The sentence names five of them and counts the others; the facts name all."""
    uses = tuple(
        NumberUse(invoice_id=f"600{place}", number="ACME-77", commitment_id="101")
        for place in range(7)
    )
    verdict = decide(Action.SEND, _change(build_allowed_case(Action.SEND), {"number_uses": uses}))
    (notice,) = verdict.notices

    assert "6004 (ACME-77, 101), \u2026." in notice.message
    assert "6000, 6001, 6002, 6003, 6004, 6005, 6006" == notice.facts["invoices"]
    assert "101" == notice.facts["commitments"]


def test_number_that_is_easily_mistaken_is_reported() -> None:
    """The notice names the other invoice and both numbers."""
    other = NumberUse(invoice_id="5001", number="acme 77", commitment_id="100")

    assert [
        (
            "The invoice number ACME-77 is similar to the number of 5001 (acme 77, 100). Check that"
            " this is not the same invoice."
        )
    ] == _list_notices(similar_numbers=(other,))


def test_another_number_in_the_erp_is_compared_by_itself() -> None:
    """Notices name the number that is compared; those of the invoice's own are not shown for it."""
    alike = NumberUse(invoice_id="5001", number="acme 77", commitment_id="100")
    same = NumberUse(invoice_id="6001", number="ACME-77", commitment_id="101")
    words = {"number_uses": (same,), "similar_numbers": (alike,)}
    accepting = build_allowed_case(Action.ACCEPT)

    def find(number: str) -> list[tuple[str, str, str]]:
        verdict = decide(Action.ACCEPT, _change(accepting, {**words, "erp_number": number}))
        return [
            (each.code, each.facts["number"], each.facts["invoices"])
            for each in verdict.notices
            if each.code.startswith("invoice.number_")
        ]

    assert [] == find("R-1")
    assert [("invoice.number_alike", "A.C.M.E.77", "6001, 5001")] == find("A.C.M.E.77")
    assert ("invoice.number_alike", "ACME-77", "5001") in find("ACME-77")


def test_missing_document_is_not_reported_if_amounts_are_unknown() -> None:
    """Without the previous certificate there is no document: one reason is enough."""
    said = _list_denials(Action.SEND, document=None, previous_is_known=False)

    assert ["billing.previous_unknown"] == [code for code, _ in said]


def test_every_hold_speaks() -> None:
    """Two holds are two reasons, in the host's own words, with who releases them."""
    holds = tuple(
        Hold(code=code, message=message, blocks=Blocks.SEND, released_by="Project accountant")
        for code, message in [
            ("lien-waiver", "Lien waiver missing."),
            ("1099", "Tax form missing."),
        ]
    )
    later = Hold(code="dispute", message="Disputed.", blocks=Blocks.EXPORT, released_by="Owner")
    holds = (later, *holds)
    case = attrs.evolve(build_allowed_case(Action.SEND), holds=holds)
    denials = decide(Action.SEND, case).denials

    assert [("hold.lien_waiver", "Lien waiver missing."), ("hold._", "Tax form missing.")] == [
        (denial.code, denial.message) for denial in denials
    ]
    assert "lien-waiver" == denials[0].facts["hold"]
    assert "Project accountant" == denials[0].remedies[0][0].who


@pytest.mark.parametrize(
    ("text", "expected"), [("lien-waiver", "lien_waiver"), ("Größe 2", "gr_e_"), ("", "_")]
)
def test_any_text_becomes_a_word_of_a_code(text: str, expected: str) -> None:
    """Each character besides small letters and underscores becomes an underscore."""
    assert expected == word(text)


@pytest.mark.parametrize(
    ("validator", "limit", "good", "bad"),
    [
        (Validator.PRESENT, None, "x", " "),
        (Validator.NUMERIC, None, "-1.50", "1e3"),
        (Validator.POSITIVE, None, "0.01", "0"),
        (Validator.POSITIVE, None, "1", "-1"),
        (Validator.POSITIVE, None, "1", "one"),
        (Validator.MAX_LENGTH, 3, "abc", "abcd"),
        (Validator.MAX_LENGTH_UNITS, 3, "-0999.12345", "1000"),
        (Validator.MAX_LENGTH_DECIMAL, 2, "1000.1200", "0.123"),
        (Validator.MAX_LINE_LENGTH, 3, "abc\nabc", "abc\nabcd"),
    ],
)
def test_validators_distinguish_good_from_bad(
    validator: Validator, limit: int | None, good: str, bad: str
) -> None:
    """Each of Procore's seven validators takes the one and refuses the other."""
    assert _keeps(good, validator, limit)
    assert not _keeps(bad, validator, limit)


@pytest.mark.parametrize("validator", [one for one in Validator if one is not Validator.PRESENT])
def test_blank_keeps_to_every_rule_but_one(validator: Validator) -> None:
    """A blank field breaks only the rule that it be present."""
    assert _keeps(None, validator, 1)
    assert not _keeps(None, Validator.PRESENT)


def test_rule_without_limit_counts_nothing() -> None:
    """A rule about a length that names none is always kept."""
    assert _keeps("a" * 500, Validator.MAX_LENGTH)


def test_every_broken_rule_speaks_and_no_kept_one() -> None:
    """Of three rules the two that are broken give a reason."""
    erp = attrs.evolve(
        LEDGERLY,
        field_rules=(
            FieldRule(field="invoice_number", validator=Validator.MAX_LENGTH, limit=4),
            FieldRule(field="invoice_number", validator=Validator.PRESENT),
            FieldRule(field="billing_date", validator=Validator.NUMERIC),
        ),
    )

    assert ["field.invoice_number.max_length", "field.billing_date.numeric"] == [
        code for code, _ in _list_denials(Action.SEND, erp=erp)
    ]


def test_vendors_sentence_wins() -> None:
    """A rule's own message is shown, with its limit filled in and nothing else."""
    rule = FieldRule(
        field="invoice_number",
        validator=Validator.MAX_LENGTH,
        limit=4,
        message="At most %{length} characters, {erp}!",
    )
    erp = attrs.evolve(LEDGERLY, field_rules=(rule,))

    assert [("field.invoice_number.max_length", "At most 4 characters, {erp}!")] == _list_denials(
        Action.SEND, erp=erp
    )


def test_field_is_named_in_the_sentence() -> None:
    """Without a message of the vendor's, the sentence names field, limit and ERP."""
    rule = FieldRule(field="invoice_number", validator=Validator.MAX_LENGTH, limit=4)
    erp = attrs.evolve(LEDGERLY, field_rules=(rule,))
    sentence = (
        'Ledgerly takes at most 4 characters for "invoice number"; ACME-77 has 7. Shorten it.'
    )

    assert [("field.invoice_number.max_length", sentence)] == _list_denials(Action.SEND, erp=erp)


def test_rule_about_an_extra_field_reads_what_the_approver_gave() -> None:
    """A rule at the export sees the extra field, and finds it blank where it was not given."""
    rule = FieldRule(field="description", validator=Validator.PRESENT, at_export=True)
    erp = attrs.evolve(
        LEDGERLY,
        field_rules=(rule,),
        extra_fields=(ExportField(key="description", label="Description"),),
    )

    assert [] == _list_denials(Action.ACCEPT, erp=erp, export_fields={"description": "Steel"})
    sentence = 'Ledgerly requires a value for "description", and it is empty. Enter one.'
    assert [("field.description.present", sentence)] == _list_denials(Action.ACCEPT, erp=erp)


def test_fields_that_are_absent_deny() -> None:
    """Where a host supplies no fields, a rule about one is not kept."""
    rule = FieldRule(field="invoice_number", validator=Validator.MAX_LENGTH, limit=40)
    erp = attrs.evolve(LEDGERLY, field_rules=(rule,))

    assert ["field.invoice_number.max_length"] == [
        code for code, _ in _list_denials(Action.SEND, erp=erp, fields=None)
    ]


@pytest.mark.parametrize("text", ["2026-13-01", "20261031", "2026-W01-1", "31.10.2026"])
def test_dates_of_extra_fields_are_iso_dates(text: str) -> None:
    """A date is year, month and day with hyphens, and one that the calendar has."""
    field = ExportField(key="due_date", label="the due date", is_date=True)
    erp = attrs.evolve(LEDGERLY, extra_fields=(field,))

    sentence = (
        f'Ledgerly requires a date as 2026-10-31 for "the due date"; it is {text}. Correct it.'
    )
    assert [("field.due_date.date", sentence)] == _list_denials(
        Action.ACCEPT, erp=erp, export_fields={"due_date": text}
    )


def test_losses_are_reported_in_amounts() -> None:
    """A value that the ERP drops, shortens or computes itself is named with its amount."""
    rule = FieldRule(
        field="invoice_number", validator=Validator.MAX_LENGTH, limit=4, truncates=True
    )
    erp = attrs.evolve(
        LEDGERLY,
        field_rules=(rule, FieldRule(field="invoice_number", validator=Validator.PRESENT)),
        fidelity={
            "stored_materials": Fidelity.DROPPED,
            "retainage": Fidelity.DERIVED,
            "unit_based": Fidelity.DROPPED,
            "billing_date": Fidelity.TRUNCATED,
            "due_date": Fidelity.DROPPED,
            "gross": Fidelity.KEPT,
        },
    )

    assert [
        'Ledgerly shortens "billing date" to "2026-10-31". Check that this is enough.',
        'Ledgerly shortens "invoice number" to "ACME". Check that this is enough.',
        'Ledgerly computes "retainage" itself; the invoice has 2100.00 USD. Compare the two.',
        (
            'Ledgerly does not keep "stored materials" apart: 1000.00 USD becomes a part of the'
            " gross amount. Check this."
        ),
        'Ledgerly does not keep "unit based". Check that it is not needed.',
    ] == _list_notices(erp=erp)


def test_losses_of_an_unknown_currency_are_plain_numbers() -> None:
    """An amount without a known currency is written as a number."""
    erp = attrs.evolve(LEDGERLY, fidelity={"stored_materials": Fidelity.DROPPED})
    case = attrs.evolve(build_allowed_case(Action.SEND), erp=erp, currency=None)

    assert [
        (
            'Ledgerly does not keep "stored materials" apart: 1000 becomes a part of the gross'
            " amount. Check this."
        )
    ] == [notice.message for notice in losses(case)]


def test_losses_are_what_acceptance_records() -> None:
    """The losses are among the notices of a sending, and nothing else is a loss."""
    erp = attrs.evolve(LEDGERLY, fidelity={"retainage": Fidelity.ROUNDED})
    case = attrs.evolve(build_allowed_case(Action.ACCEPT), erp=erp, has_period=False)

    assert ["loss.retainage"] == [notice.code for notice in losses(case)]
    assert ["loss.retainage", "invoice.no_period"] == [
        notice.code for notice in decide(Action.ACCEPT, case).notices
    ]


def test_nothing_is_lost_without_an_erp() -> None:
    """Without a known integration there is no loss."""
    assert () == losses(Case())


def test_earlier_invoices_are_named() -> None:
    """The notice names the earlier invoices that are not in the ERP."""
    sentence = (
        "These earlier invoices of the commitment are not in the ERP yet: 3, 4. Check whether they"
        " have to be sent first."
    )
    assert [sentence] == _list_notices(earlier_unsynced=("3", "4"))


def test_document_of_another_invoice_is_named() -> None:
    """Both invoices are named: the entry's, and the one of the document."""
    case = build_allowed_case(Action.SEND)
    assert case.document is not None
    other = attrs.evolve(case.document, invoice_id="5")
    (denial,) = decide(Action.SEND, attrs.evolve(case, document=other)).denials

    assert "document.other_invoice" == denial.code
    assert {"invoice": "5000", "named": "5"} == dict(denial.facts)
    assert (
        "The queue entry is of invoice 5000, and the export document or the facts are of invoice 5."
        " Have the host application supply those of invoice 5000." == denial.message
    )


def test_document_that_says_another_amount_is_reported_with_both() -> None:
    """Lines of 999,999.00 for an invoice over 21,000.00 give a reason with both amounts."""
    case = build_allowed_case(Action.SEND)
    assert case.document is not None
    (line,) = case.document.lines
    lines = (attrs.evolve(line, gross=Decimal("999999.00")),)
    other = attrs.evolve(case.document, lines=lines)
    (denial,) = decide(Action.SEND, attrs.evolve(case, document=other)).denials

    assert "document.differs" == denial.code
    assert (
        "The export document has 999999.00 USD as its gross; the invoice has 21000.00 USD. Have the"
        " host application supply an export document of the current invoice." == denial.message
    )
    assert {
        "field": "gross",
        "document": "999999.00 USD",
        "invoice": "21000.00 USD",
    } == dict(denial.facts)


def test_amount_beyond_the_currency_is_shown_as_it_is() -> None:
    """A stated amount with a third decimal is not rounded in the sentence."""
    case = attrs.evolve(build_allowed_case(Action.SEND), gross=Decimal("21000.001"), currency=None)
    messages = [denial.message for denial in decide(Action.SEND, case).denials]

    then = "Have the host application supply an export document of the current invoice."
    assert [
        (
            "The export document has USD as its currency, and the currency of the invoice is not"
            " known. Have the host application supply the currency of the invoice."
        ),
        f"The export document has 21000.00 USD as its gross; the invoice has 21000.001 USD. {then}",
    ] == messages


def test_case_without_a_document_has_none_that_differs() -> None:
    """A list page needs no document: the act alone asks for it."""
    case = attrs.evolve(build_allowed_case(Action.START), document=None)

    assert () == decide(Action.START, case).denials
