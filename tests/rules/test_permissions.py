"""Permissions ask for levels, privileges and rights, and say in words what is missing."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from erp_invoice_core.declaration import Declaration
from erp_invoice_core.documents import POLICY, WORKER, Actor
from erp_invoice_core.rules import Case, decide
from erp_invoice_core.rules.grants import GRANTS, AtLeast, Grant, Holds, Right
from erp_invoice_core.rules.permissions import denials, find_missing, has_no_level, is_stranger
from erp_invoice_core.rules.policy import Policy
from erp_invoice_core.vocabulary import Action, Level, Privilege, Tool

STANDARD = AtLeast(Tool.ERP_INTEGRATIONS, Level.STANDARD)
PUSH = Holds(Privilege.CAN_PUSH_TO_ACCOUNTING)
EXPORT = Holds(Privilege.CAN_EXPORT)
SENDER = Right("billing.send")


def _case(actor: Actor | None, *, policy: Policy | None = None, asks: bool = False) -> Case:
    erp = Declaration(
        key="ledgerly", name="Ledgerly", privileges=[Privilege.CAN_EXPORT] if asks else []
    )
    return Case(actor=actor, project_id="10", policy=policy or Policy(), erp=erp, sent_by="pm")


def _messages(action: Action, case: Case) -> list[str]:
    return [denial.message for denial in denials(action, GRANTS[action], case)]


def test_there_is_one_row_per_action() -> None:
    """Every action has its needs, or is the system's."""
    assert set(Action) == set(GRANTS)
    assert [] == [action for action, grant in GRANTS.items() if grant.system is bool(grant.needs)]


def test_one_sentence_says_what_to_ask_for() -> None:
    """The message names the level and the tool that a person lacks."""
    case = _case(Actor(id="pm", commitments={"10": Level.READ_ONLY}))

    expected = (
        "You need these permissions to send invoices: Commitments (Admin). Ask an administrator"
        " for them."
    )
    assert [expected] == _messages(Action.SEND, case)


def test_one_sentence_lists_all_that_is_missing() -> None:
    """A level and a privilege that are missing stand in one reason, each with a remedy."""
    case = _case(Actor(id="pm", commitments={"10": Level.ADMIN}))
    (denial,) = denials(Action.ACCEPT, GRANTS[Action.ACCEPT], case)

    assert (
        "You need these permissions to accept invoices for export: ERP Integrations (Standard),"
        " Can Push to Accounting. Ask an administrator for them."
    ) == denial.message
    assert {
        "action": "accept",
        "missing": "ERP Integrations (Standard); Can Push to Accounting",
        "needs": "ERP Integrations (Standard), Can Push to Accounting",
    } == dict(denial.facts)
    assert [
        "Grant this person the permission ERP Integrations (Standard).",
        "Grant this person the permission Can Push to Accounting.",
    ] == [remedy.message for together in denial.remedies for remedy in together]


def test_level_counts_in_its_own_project() -> None:
    """An administrator of another project is not an administrator here."""
    assert [AtLeast(Tool.COMMITMENTS, Level.ADMIN)] == list(
        find_missing(GRANTS[Action.SEND], _case(Actor(id="pm", commitments={"11": Level.ADMIN})))
    )


def test_erp_may_ask_for_more() -> None:
    """A privilege of the declaration is needed too, and listed once."""
    approver = Actor(
        id="ap", erp_integrations=Level.STANDARD, privileges=[Privilege.CAN_PUSH_TO_ACCOUNTING]
    )

    assert [EXPORT] == list(find_missing(GRANTS[Action.ACCEPT], _case(approver, asks=True)))
    assert [] == list(find_missing(GRANTS[Action.ACCEPT], _case(approver)))
    assert [EXPORT] == list(
        find_missing(Grant((EXPORT,), asks_erp=True), _case(approver, asks=True))
    )


def test_without_an_erp_nothing_more_is_asked() -> None:
    """Where no adapter is known, the row's own needs remain."""
    approver = Actor(
        id="ap", erp_integrations=Level.STANDARD, privileges=[Privilege.CAN_PUSH_TO_ACCOUNTING]
    )
    case = attrs.evolve(_case(approver), erp=None)

    assert () == find_missing(GRANTS[Action.REJECT], case)


def test_no_person_lacks_everything() -> None:
    """Without an actor all needs are missing."""
    case = _case(None)

    assert GRANTS[Action.ACCEPT].needs == find_missing(GRANTS[Action.ACCEPT], case)
    assert is_stranger(case)


def test_people_leave_the_systems_acts_alone() -> None:
    """A claim by a person is denied, whatever their levels."""
    admin = Actor(id="x", commitments={"10": Level.ADMIN}, erp_integrations=Level.ADMIN)

    assert ["Only the worker does this action (claim). Leave it to the worker."] == _messages(
        Action.CLAIM, _case(admin)
    )


def test_system_leaves_peoples_acts_alone() -> None:
    """The worker may claim, and may not send."""
    assert [] == _messages(Action.CLAIM, _case(WORKER))
    assert ["Only people do this action (send). Leave it to a person."] == _messages(
        Action.SEND, _case(WORKER)
    )


@pytest.mark.parametrize(("direct", "expected"), [(True, 0), (False, 1)])
def test_policy_accepts_only_with_direct_export(direct: bool, expected: int) -> None:
    """The policy itself accepts where direct export is on, and nowhere else."""
    case = _case(POLICY, policy=Policy(direct_export=direct))

    assert expected == len(_messages(Action.ACCEPT, case))


def test_sender_does_not_accept_where_duties_are_separated() -> None:
    """The sender has to ask another person; others accept."""
    policy = Policy(separation_of_duties=True)
    sender, other = (
        Actor(
            id=name,
            erp_integrations=Level.STANDARD,
            privileges=[Privilege.CAN_PUSH_TO_ACCOUNTING],
        )
        for name in ("pm", "ap")
    )

    assert [
        (
            "The person who sent an invoice does not accept it, retry its export or resolve it. Ask"
            " another person."
        )
    ] == _messages(Action.ACCEPT, _case(sender, policy=policy))
    assert [] == _messages(Action.ACCEPT, _case(other, policy=policy))
    assert [] == _messages(Action.REJECT, _case(sender, policy=policy))


def test_host_replaces_a_row_by_its_own_right() -> None:
    """A host's right stands in place of our level, and its holder is no stranger."""
    policy = Policy(grants={Action.SEND: Grant((SENDER,))})
    holder = _case(Actor(id="pm", project_rights={"10": ["billing.send"]}), policy=policy)
    admin = _case(Actor(id="pm", commitments={"10": Level.ADMIN}), policy=policy)

    assert not is_stranger(holder)
    assert [] == [
        denial.code
        for denial in decide(Action.SEND, holder).denials
        if denial.code.startswith("permission.")
    ]
    assert [
        "You need these permissions to send invoices: billing.send. Ask an administrator for them."
    ] == [
        denial.message
        for denial in decide(Action.SEND, admin).denials
        if denial.code == "permission.send"
    ]


@pytest.mark.parametrize(
    ("right", "held", "allowed"),
    [
        (SENDER, {"project_rights": {"10": {"billing.send"}}}, True),
        (SENDER, {"project_rights": {"11": {"billing.send"}}}, False),
        (SENDER, {"rights": {"billing.send"}}, False),
        (Right("billing.send", for_company=True), {"rights": {"billing.send"}}, True),
        (
            Right("billing.send", for_company=True),
            {"project_rights": {"10": {"billing.send"}}},
            False,
        ),
    ],
)
def test_right_is_held_in_its_project_or_for_the_company(
    right: Right, held: dict[str, Any], allowed: bool
) -> None:
    """The manager of project 11 sends nothing in project 10; neither kind stands for the other."""
    policy = Policy(grants={Action.SEND: Grant((right,))})
    actor = Actor(id="pm", **held)
    case = _case(actor, policy=policy)
    codes = {denial.code for denial in decide(Action.SEND, case).denials}

    assert allowed is codes.isdisjoint({"permission.send", "permission.none"})
    assert allowed is not is_stranger(case)


def test_right_for_the_company_is_named_so() -> None:
    """The label of a right for the company says so."""
    assert "billing.send (company)" == Right("billing.send", for_company=True).label


def test_right_in_a_project_needs_a_project() -> None:
    """Without a known project no actor has a right in it."""
    actor = Actor(id="pm", project_rights={"10": {"billing.send"}})

    assert not SENDER.is_held_by(actor, None)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({}, True),
        ({"rights": {"payroll"}, "project_rights": {"10": {"payroll"}}}, True),
        ({"project_rights": {"11": {"billing.send"}}}, False),
        ({"commitments": {"11": Level.READ_ONLY}}, False),
        ({"commitments": {"11": Level.NONE}}, True),
        ({"erp_integrations": Level.READ_ONLY}, False),
    ],
)
def test_person_has_no_level_anywhere(held: dict[str, Any], expected: bool) -> None:
    """A level in any project, in the company, or a right that a row names is one."""
    policy = Policy(grants={Action.SEND: Grant((SENDER,))})

    assert expected is has_no_level(Actor(id="pm", **held), policy)


def test_right_that_no_row_names_does_not_count() -> None:
    """A person whose rights no row names is a stranger."""
    policy = Policy(grants={Action.SEND: Grant((SENDER,))})

    assert is_stranger(_case(Actor(id="x", rights=["payroll"]), policy=policy))


@pytest.mark.parametrize(
    ("grants", "message"),
    [
        ({Action.SEND: Grant()}, "at least one need"),
        ({Action.CLAIM: Grant((SENDER,))}, "belongs to the system"),
        ({Action.SEND: Grant((SENDER,), system=True)}, "belongs to the system"),
    ],
)
def test_no_row_can_be_dropped(grants: dict[Action, Grant], message: str) -> None:
    """An empty row and a row of the system are refused."""
    with pytest.raises(ValueError, match=message):
        Policy(grants=grants)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"grants": [Action.SEND]},
            "grants is of the type list. Give a mapping of Action to Grant.",
        ),
        (
            {"grants": {Action.SEND: ()}},
            "The row Action.SEND of grants is of the type tuple. Give a Grant.",
        ),
        (
            {"grants": {"send": Grant((SENDER,))}},
            "Policy.grants, key 'send' is of the type str. Give Action.",
        ),
        (
            {"billing_date_years": 2.5},
            "Policy.billing_date_years is of the type float. Give int.",
        ),
        ({"free_erp_statuses": 5}, "Statuses must be a collection of texts, not of the type int."),
    ],
)
def test_fields_of_other_types_are_refused(given: dict[str, Any], sentence: str) -> None:
    """The sentence names the field, its type and the type of the value."""
    with pytest.raises(TypeError) as raised:
        Policy(**given)
    assert sentence == str(raised.value)


def test_reaction_is_one_of_its_words() -> None:
    """Another word is refused with the words that there are."""
    with pytest.raises(ValueError, match=r"Reaction\.DENY or Reaction\.NOTICE, not 'no'"):
        Policy(over_release="no")


def test_needs_of_other_types_are_refused() -> None:
    """A level is a member of its enumeration, and a need is no text."""
    with pytest.raises(TypeError, match=r"AtLeast\.level is of the type str\. Give Level\."):
        AtLeast(Tool.COMMITMENTS, "admin")  # type: ignore[arg-type]  # the same
    with pytest.raises(TypeError, match=r"Grant\.needs\[0\] is of the type str\."):
        Grant(("send",))  # type: ignore[arg-type]  # that it is refused is tested


@pytest.mark.parametrize("name", ["separation_of_duties", "reason_required", "over_billing"])
@pytest.mark.parametrize("value", ["no", "", 0, None])
def test_a_switch_is_true_or_false(name: str, value: Any) -> None:  # noqa: ANN401 - anything
    """The text ``no`` would switch it on."""
    with pytest.raises(TypeError, match=f"{name} must be True or False, not {value!r}"):
        Policy(**{name: value})


def test_separation_and_direct_export_exclude_each_other() -> None:
    """A policy with both is refused when it is made."""
    with pytest.raises(ValueError, match="cannot have both"):
        Policy(separation_of_duties=True, direct_export=True)


@pytest.mark.parametrize(
    ("need", "expected"),
    [
        (STANDARD, "ERP Integrations (Standard)"),
        (AtLeast(Tool.COMMITMENTS, Level.READ_ONLY), "Commitments (Read only)"),
        (PUSH, "Can Push to Accounting"),
        (SENDER, "billing.send"),
    ],
)
def test_needs_are_said_in_the_fields_words(need: AtLeast | Holds | Right, expected: str) -> None:
    """A need reads as accountants and project managers say it."""
    assert expected == need.label
