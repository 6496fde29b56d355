"""A denial by an absent fact says that the fact is not known, and asserts nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core.declaration import FieldRule, TaxForm, Validator
from erp_invoice_core.documents import MappedId, MappingKind
from erp_invoice_core.rules import CONDITIONS, Case, Policy, decide
from erp_invoice_core.vocabulary import Action
from tests.spec.allowed_cases import LEDGERLY, build_allowed_case

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from erp_invoice_core.rules.conditions import Condition
    from erp_invoice_core.rules.conditions.condition import Reason

_ERP = attrs.evolve(
    LEDGERLY,
    commitment_statuses=frozenset({"Approved"}),
    currencies=frozenset({"USD"}),
    field_rules=(
        FieldRule(field="number", validator=Validator.PRESENT),
        FieldRule(field="title", validator=Validator.PRESENT, message="No title.", at_export=True),
    ),
)
_TAXED = attrs.evolve(_ERP, tax=TaxForm.KEPT)
_GST = MappedId(kind=MappingKind.TAX_CODE, code="GST", erp_id="G5")
_POLICY = Policy(over_billing=False)
#: Facts that a company or a person gives: their absence is not the absence of knowledge.
_GIVEN = {
    "reason": "a person gives none",
    "evidence": "a person gives none",
    "version_seen": "a person gives none; the sentence asks for it",
    "export_fields": "an approver gives none",
    "erp": "a host gives no integration, and a person acts with evidence",
}
#: Denials whose own sentence says that something is not known.
_SAY_SO = {
    "billing.previous_unknown": "these are not known",
    "document.missing": "are not known",
    "export.draft_left": "It is not known what",
    "export.in_doubt": "It is not known what",
    "export.doubt_remains": "It is not known what",
    "hold.unknown": "It is not known whether",
}
#: An invoice may have no number, so that its absence is a value.
_VALUES = {("document.differs", "invoice_number")}
#: Rows that no absent fact denies, as they deny a value.
_NEVER = {
    "evidence.required",
    "reason.required",
    "billing.summary_differs",
    "tax.differs",
    "tax.no_code",
    "commitment.not_active",
    "export.paid",
    "field.<name>.range",
    "field.accounting_date.closed",
    "field.<name>.refused",
    "hold.<code>",
    "integration.profile",
    "invoice.deleted",
    "invoice.in_another_integration",
    "invoice.item_rejected",
    "invoice.negative",
    "invoice.over_released",
    "invoice.release_only",
    "invoice.synced",
    "invoice.zero",
    "mapping.missing",
    "number.not_allowed",
    "number.unsupported",
    "document.other_invoice",
}
_FACTS = tuple(
    field.name
    for field in attrs.fields(Case)
    if "None" in str(field.type) and field.name not in {*_GIVEN, "connection", "policy"}
)


def _change(case: Case, facts: Mapping[str, Any]) -> Case:
    return attrs.evolve(case, **facts)


def _list_allowed(row: Condition) -> Iterator[Case]:
    """Yield cases that the row allows, with each of its actions."""
    for action in sorted(row.acts, key=lambda action: action.value):
        lawful = attrs.evolve(build_allowed_case(action), erp=_ERP, policy=_POLICY)
        lawful = attrs.evolve(lawful, fields={"number": "1", "title": "Steel"})
        worker = attrs.evolve(lawful, actor=None)
        for case in (lawful, worker):
            for changes in (
                {},
                {"left": True},
                {"rules_absent": True},
                {"in_doubt": True},
                {"erp": _TAXED, "taxed": True, "tax_codes": ("GST",), "mapped": (_GST,)},
            ):
                allowed = _change(case, changes)
                if row.is_met(allowed):
                    yield allowed


def _list_absent(row: Condition) -> Iterator[tuple[str, Case]]:
    for allowed in _list_allowed(row):
        for fact in _FACTS:
            case = _change(allowed, {fact: None})
            if not row.is_met(case):
                yield fact, case


def _is_said_to_be_unknown(finding: Reason, fact: str) -> bool:
    """Return whether the template is one for a fact that is not known, which the host supplies."""
    _, template, facts, remedies = finding
    is_unknown = facts.get("unknown") == fact or facts.get("known") == "no"
    return (
        is_unknown
        and "not known" in template.text
        and ("fact.supply" if "unknown" in facts else "field.supply") == remedies[0][0].code
        and all(one.by_admin or one.who == "Host application" for (one,) in remedies)
    )


def test_absent_fact_is_said_to_be_unknown() -> None:
    """No sentence asserts what is not known, and each remedy is the host's."""
    asserting = {
        (code, fact, template.text)
        for row in CONDITIONS
        for fact, case in _list_absent(row)
        for code, template, facts, remedies in row.findings(case)
        if (row.code, fact) not in _VALUES
        and _SAY_SO.get(row.code, template.text + ".") not in template.text
        and not _is_said_to_be_unknown((code, template, facts, remedies), fact)
    }

    assert set() == asserting


def test_rows_that_no_absent_fact_denies_are_known() -> None:
    """Every other row is denied by an absent fact in some case."""
    denied = {row.code for row in CONDITIONS if any(_list_absent(row))}

    assert _NEVER == {row.code for row in CONDITIONS} - denied


def test_absent_fact_is_named_to_the_host() -> None:
    """The remedy names the fact of the case, and no correction of the invoice."""
    case = attrs.evolve(build_allowed_case(Action.SEND), policy=_POLICY, over_billed=None)
    (denial,) = decide(Action.SEND, case).denials
    ((remedy,),) = denial.remedies

    assert (
        "It is not known whether an item is billed beyond its scheduled value, which the company"
        " does not allow. Have the host application supply this fact." == denial.message
    )
    assert (
        "fact.supply",
        "over_billed",
        "Host application",
        "Have the host application supply the fact over_billed of this invoice to the export queue.",
    ) == (
        remedy.code,
        remedy.fact,
        remedy.who,
        remedy.message,
    )
