"""Remedies name who can do it from the policy's own grants, and never book twice."""

from __future__ import annotations

import attrs
import pytest

from erp_invoice_core.declaration import Declaration
from erp_invoice_core.documents import Actor
from erp_invoice_core.rules import AtLeast, Case, Grant, Policy, Right, decide
from erp_invoice_core.rules.remedies import (
    CORRECT_BY_HAND,
    REJECT,
    RemedyTemplate,
    all_of,
    describe_who,
    fill,
    fill_one,
    one_of,
)
from erp_invoice_core.rules.remedy_rows import (
    BOOK_BY_HAND,
    CORRECT_BILLED,
    EDIT_AS_ADMIN,
    MAP_COST_CODES,
    RELEASE_HOLD,
    RESOLVE,
    UNLINK,
)
from erp_invoice_core.vocabulary import Action, ExportStatus, InvoiceStatus, Level, Privilege, Tool
from tests.spec.allowed_cases import build_allowed_case

PUSH = "Can Push to Accounting"


def test_unlinking_names_all_that_it_takes() -> None:
    """The remedy names both levels and the privilege of those who can unlink."""
    expected = f"Commitments (Admin), ERP Integrations (Standard), {PUSH}"

    assert expected == fill_one(UNLINK, Case(), {}).who


def test_resolving_names_the_privilege() -> None:
    """The remedy names the level and the privilege of those who can resolve an entry."""
    assert f"ERP Integrations (Admin), {PUSH}" == fill_one(RESOLVE, Case(), {}).who


@pytest.mark.parametrize("status", [ExportStatus.SYNCED, ExportStatus.UNKNOWN])
def test_denials_name_who_can_unlink_and_resolve(status: ExportStatus) -> None:
    """Where the status is in the way, the remedies name the privilege."""
    case = attrs.evolve(build_allowed_case(Action.SEND), export_status=status)
    (denial,) = (each for each in decide(Action.SEND, case).denials if "status" in each.code)

    assert PUSH in denial.remedies[-1][-1].who


def test_hosts_grants_stand_in_the_remedies() -> None:
    """A row that a host replaced is the row that the remedy names."""
    policy = Policy(grants={Action.UNLINK: Grant((Right("bills.unlink"),))})

    assert "bills.unlink" == fill_one(UNLINK, Case(policy=policy), {}).who


def test_privileges_that_the_erp_asks_for_stand_in_the_remedies() -> None:
    """A privilege that the ERP asks for is needed to reject too."""
    erp = Declaration(key="ledgerly", name="Ledgerly", privileges=[Privilege.CAN_EXPORT])
    case = Case(erp=erp)

    assert f"ERP Integrations (Standard), {PUSH}, Can Export" == (describe_who(Action.REJECT, case))
    assert f"ERP Integrations (Admin), {PUSH}" == describe_who(Action.RULE, case)


def test_sender_is_left_out_where_duties_are_separated() -> None:
    """The remedy says that the sender may not accept."""
    case = Case(policy=Policy(separation_of_duties=True))

    assert f"ERP Integrations (Standard), {PUSH}, but not the sender" == (
        describe_who(Action.ACCEPT, case)
    )
    assert f"ERP Integrations (Standard), {PUSH}" == describe_who(Action.REJECT, case)


def test_another_person_is_named_by_what_they_need() -> None:
    """The remedy names who can accept instead of the sender."""
    policy = Policy(separation_of_duties=True)
    case = attrs.evolve(build_allowed_case(Action.ACCEPT), policy=policy, sent_by="everything")
    (denial,) = decide(Action.ACCEPT, case).denials
    ((remedy,),) = denial.remedies

    assert ("permission.another_person", Action.ACCEPT) == (remedy.code, remedy.action)
    assert remedy.who.endswith("but not the sender")


def test_system_is_the_worker() -> None:
    """Actions of the system are done by the worker."""
    assert "Worker" == describe_who(Action.CLAIM, Case())


def test_administrator_is_named_where_others_may_not() -> None:
    """An approved invoice is changed by an administrator, whatever else a host asks for."""
    right = Policy(grants={Action.EDIT: Grant((Right("bills.edit"),))})
    level = Policy(grants={Action.EDIT: Grant((AtLeast(Tool.ERP_INTEGRATIONS, Level.ADMIN),))})

    assert "Commitments (Admin)" == fill_one(EDIT_AS_ADMIN, Case(), {}).who
    assert "Commitments (Admin), bills.edit" == (
        fill_one(CORRECT_BILLED, Case(policy=right), {}).who
    )
    assert "Commitments (Admin), ERP Integrations (Admin)" == (
        fill_one(CORRECT_BILLED, Case(policy=level), {}).who
    )


def test_message_names_values_and_keeps_them_as_facts() -> None:
    """The facts of a remedy are those that its message names, and no others."""
    facts = {"erp": "Ledgerly", "cost_codes": "05-100, 06-200"}
    remedy = fill_one(MAP_COST_CODES, Case(), facts)

    assert "Map the cost codes 05-100, 06-200 to those of the ERP." == remedy.message
    assert {"cost_codes": "05-100, 06-200"} == dict(remedy.facts)


def test_role_may_be_a_fact() -> None:
    """A hold is released by whom the host named, braces in its code included."""
    remedy = fill_one(RELEASE_HOLD, Case(), {"hold": "{lien}", "released_by": "{Owner}"})

    assert ("Release the hold {lien}.", "{Owner}") == (remedy.message, remedy.who)


def test_template_without_action_and_role_names_no_one_who_can_do_it() -> None:
    """Nothing is made up where a template says nothing."""
    assert "" == fill_one(RemedyTemplate(code="wait", message="Wait."), Case(), {}).who


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, [BOOK_BY_HAND]),
        ({"export_status": ExportStatus.NOT_SENT}, [BOOK_BY_HAND]),
        ({"export_status": ExportStatus.REJECTED}, [BOOK_BY_HAND]),
        ({"export_status": ExportStatus.READY}, [REJECT, BOOK_BY_HAND]),
        ({"export_status": ExportStatus.ACCEPTED}, [REJECT, BOOK_BY_HAND]),
        ({"export_status": ExportStatus.FAILED}, [REJECT, BOOK_BY_HAND]),
        ({"export_status": ExportStatus.FAILED, "left": True}, [CORRECT_BY_HAND]),
        ({"export_status": ExportStatus.FAILED, "in_doubt": True}, [CORRECT_BY_HAND]),
        ({"export_status": ExportStatus.UNKNOWN}, [CORRECT_BY_HAND]),
        ({"export_status": ExportStatus.SYNCED}, [CORRECT_BY_HAND]),
    ],
)
def test_nothing_is_entered_by_hand_that_may_be_there(
    facts: dict[str, object], expected: list[RemedyTemplate]
) -> None:
    """A document in the ERP is corrected there; a pending invoice is rejected first."""
    (together,) = fill(one_of(BOOK_BY_HAND), Case(**facts))  # type: ignore[arg-type] # facts by name

    assert [template.code for template in expected] == [remedy.code for remedy in together]


def test_alternatives_and_needs_keep_their_order() -> None:
    """One of several is enough, all of several are needed."""
    assert [["action.unlink"], ["action.rule"]] == [
        [one.code for one in together] for together in fill(one_of(UNLINK, RESOLVE), Case())
    ]
    assert [["action.unlink", "action.rule"]] == [
        [one.code for one in together] for together in fill(all_of(UNLINK, RESOLVE), Case())
    ]


def test_what_was_never_accepted_is_rejected_sent_again_and_accepted() -> None:
    """The remedies of a retry of a version that is not accepted lead out, and not back."""
    case = attrs.evolve(build_allowed_case(Action.RETRY), acceptance_stands=False)
    (denial,) = decide(Action.RETRY, case).denials

    assert "export.not_accepted" == denial.code
    assert [[Action.REJECT, Action.RESEND, Action.ACCEPT]] == [
        [one.action for one in way] for way in denial.remedies
    ]


@pytest.mark.parametrize("is_latest", [False, None])
def test_others_submit_the_latest_invoice_only(is_latest: bool | None) -> None:
    """A person without Admin on Commitments is referred to an administrator, as for an edit."""
    standard = Actor(id="standard", commitments={"10": Level.STANDARD})
    case = attrs.evolve(build_allowed_case(Action.SUBMIT), actor=standard, is_latest=is_latest)
    (denial,) = decide(Action.SUBMIT, case).denials
    (*_, (remedy,)) = denial.remedies

    assert "invoice.not_latest" == denial.code
    assert (Action.SUBMIT, "Commitments (Admin)") == (remedy.action, remedy.who)


def test_rejecting_in_doubt_has_one_reason() -> None:
    """With a call in doubt and no leftover document the only reason is the doubt."""
    case = attrs.evolve(build_allowed_case(Action.REJECT), in_doubt=True, left=False)

    assert ["export.in_doubt"] == [denial.code for denial in decide(Action.REJECT, case).denials]


def test_editing_in_doubt_does_not_report_a_leftover() -> None:
    """With a call in doubt and nothing left, the sentence is about the doubt."""
    case = attrs.evolve(build_allowed_case(Action.EDIT), in_doubt=True, left=False)
    (denial,) = decide(Action.EDIT, case).denials

    assert "export.draft_left" == denial.code
    assert [["wait.look_up"], ["action.rule"]] == [
        [one.code for one in way] for way in denial.remedies
    ]


def test_current_status_is_named() -> None:
    """Who sends a draft reads that it is one."""
    case = attrs.evolve(
        build_allowed_case(Action.SEND), invoice_status=InvoiceStatus.REVISE_AND_RESUBMIT
    )
    (denial,) = decide(Action.SEND, case).denials

    assert (
        "The invoice is Revise & Resubmit. Set it to Approved, Approved as Noted or Pending Owner"
        " Approval first."
    ) == denial.message
    assert {"status": "revise_and_resubmit", "label": "Revise & Resubmit"} == dict(denial.facts)
