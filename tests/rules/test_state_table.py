"""The table of moves, and what it says where a move is not lawful."""

from __future__ import annotations

import pytest

from erp_invoice_core.rules import Case, list_sources, list_targets
from erp_invoice_core.rules.state_table import TRANSITIONS, denials, list_templates
from erp_invoice_core.vocabulary import Action, ExportStatus


def test_every_action_has_a_row() -> None:
    """No action is without a place from which it is lawful."""
    assert set(Action) == {row.action for row in TRANSITIONS}


def test_rows_of_one_action_do_not_overlap() -> None:
    """An action leads from a status in one way only."""
    pairs = [(row.action, source) for row in TRANSITIONS for source in row.sources]

    assert len(set(pairs)) == len(pairs)


def test_claim_moves_the_accepted_and_leaves_the_unknown() -> None:
    """An accepted entry is exported, an unknown or failed one is only looked at."""
    expected = {
        ExportStatus.ACCEPTED: (ExportStatus.EXPORTING,),
        ExportStatus.UNKNOWN: (ExportStatus.UNKNOWN,),
        ExportStatus.FAILED: (ExportStatus.FAILED,),
        ExportStatus.READY: (),
    }

    assert expected == {status: list_targets(Action.CLAIM, status) for status in expected}


def test_sources_are_those_of_all_rows() -> None:
    """The sources of an action with several rows are joined."""
    expected = {ExportStatus.ACCEPTED, ExportStatus.UNKNOWN, ExportStatus.FAILED}

    assert expected == list_sources(Action.CLAIM)


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        (
            Action.SEND,
            ExportStatus.READY,
            "This invoice waits for the accounting approver. Retrieve it first.",
        ),
        (
            Action.EDIT,
            ExportStatus.READY,
            (
                "This invoice waits for the accounting approver. Retrieve it, or have it rejected"
                " with a reason."
            ),
        ),
        (
            Action.SEND,
            ExportStatus.REJECTED,
            "The accounting approver rejected this invoice. Re-send it.",
        ),
        (
            Action.EDIT,
            ExportStatus.SYNCED,
            "This invoice is in the ERP. Delete its documents there and unlink it first.",
        ),
        (
            Action.RETRIEVE,
            ExportStatus.NOT_SENT,
            "This invoice is not sent to the ERP tool. Leave it as it is.",
        ),
        (
            Action.ACCEPT,
            ExportStatus.FAILED,
            (
                "The export of this invoice failed. Retry the export, or reject the invoice with a"
                " reason and have it sent again."
            ),
        ),
        (
            Action.CLAIM,
            ExportStatus.READY,
            "This invoice waits for the accounting approver. Leave it as it is.",
        ),
    ],
)
def test_denial_says_what_to_do_instead(
    action: Action, status: ExportStatus, expected: str
) -> None:
    """The message has the status of the invoice and the alternative."""
    (denial,) = denials(action, Case(export_status=status, acceptance_stands=True))

    assert (f"status.{action.value}", expected) == (denial.code, denial.message)
    assert {"action": action.value, "status": status.value} == dict(denial.facts)


def test_remedies_say_who_can_do_it() -> None:
    """A locked invoice can be retrieved by its sender or rejected by the approver."""
    (denial,) = denials(Action.EDIT, Case(export_status=ExportStatus.READY))

    assert [
        [("Retrieve the invoice from the ERP tool first.", "Commitments (Admin)")],
        [
            (
                "Reject the invoice with a reason.",
                "ERP Integrations (Standard), Can Push to Accounting",
            )
        ],
    ] == [[(one.message, one.who) for one in together] for together in denial.remedies]


def test_failed_export_that_was_never_accepted_is_not_retried() -> None:
    """Accepting it takes a rejection and a new sending first; the retry leads the same way."""
    case = Case(export_status=ExportStatus.FAILED, acceptance_stands=False)
    (denial,) = denials(Action.ACCEPT, case)

    assert [[Action.REJECT, Action.RESEND]] == [
        [one.action for one in together] for together in denial.remedies
    ]
    assert (
        "The export of this invoice failed, and its current version is not accepted. Reject the"
        " invoice with a reason, and have it sent again."
    ) == denial.message
    assert {"action": "accept", "status": "failed", "acceptance": "none"} == dict(denial.facts)


def test_people_always_get_a_remedy() -> None:
    """An act of a person that is not lawful now names a way, unless nothing is left to do."""
    people = [row for row in TRANSITIONS if row.action in _PEOPLE]
    blank = {
        (row.action, status)
        for row in people
        for status in ExportStatus
        if status not in list_sources(row.action)
        and not denials(row.action, Case(export_status=status))[0].remedies
    }

    assert _POINTLESS == blank


def test_unknown_standing_denies() -> None:
    """Without a known status no action is lawful."""
    (denial,) = denials(Action.SEND, Case())

    assert (
        "The export status of this invoice is not known. Have the host application supply it."
        == denial.message
    )


_OPEN = (ExportStatus.NOT_SENT, ExportStatus.RETRIEVED, ExportStatus.REJECTED)
_ONWARD = (ExportStatus.ACCEPTED, ExportStatus.EXPORTING, ExportStatus.SYNCED)
#: Actions on an invoice that is open or pending already, or was never written.
_POINTLESS = {
    *((Action.RETRIEVE, status) for status in _OPEN),
    *((Action.UNLINK, status) for status in _OPEN),
    *((Action.REJECT, status) for status in _OPEN),
    *((Action.WITHDRAW, status) for status in (*_OPEN, ExportStatus.READY)),
    *((Action.RECONCILE, status) for status in ExportStatus if status is not ExportStatus.SYNCED),
    *((Action.RULE, status) for status in (*_OPEN, ExportStatus.READY, ExportStatus.SYNCED)),
    *((Action.ACCEPT, status) for status in _ONWARD),
    *((Action.RETRY, status) for status in _ONWARD),
}
_PEOPLE = {
    Action.SEND,
    Action.RESEND,
    Action.RETRIEVE,
    Action.ACCEPT,
    Action.REJECT,
    Action.RETRY,
    Action.WITHDRAW,
    Action.RULE,
    Action.UNLINK,
    Action.RECONCILE,
    Action.EDIT,
    Action.DELETE,
    Action.CHANGE_STATUS,
    Action.SUBMIT,
    Action.REVIEW,
}


def test_each_sentence_about_a_status_has_a_template() -> None:
    """The catalogue has the sentence of every action and status, also without an acceptance."""
    found = {(template.code, *sorted(template.when.items())) for template in list_templates()}

    assert ("status.send", ("status", "synced")) in found
    assert ("status.retry", ("acceptance", "none"), ("status", "failed")) in found
    assert ("status.retry", ("acceptance", "none"), ("status", "synced")) not in found
