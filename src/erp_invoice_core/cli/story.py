"""The story that the demo tells: its scenes, and the files that people hand in on the way."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from typing import Any

import attrs

__all__ = ["CORRECTED", "EDITED", "PROJECT", "Scene", "bundled", "corrected", "edited", "scenes"]

PROJECT = "harbor-point.json"
EDITED = "edited.json"
CORRECTED = "corrected.json"

_ALL = tuple(str(number) for number in range(5000, 5015))
_TICKED = (
    "5001",
    "5002",
    "5003",
    "5004",
    "5006",
    "5007",
    "5008",
    "5010",
    "5011",
    "5012",
    "5013",
    "5014",
)
_SENT = ("5001", "5002", "5003", "5004", "5006", "5007", "5008", "5013", "5014")
_REASON = "Fenders are billed at 90,000 of 84,000: bill what was delivered."


@attrs.frozen(kw_only=True)
class Scene:
    """What is said, the arguments of the command, and the exit status that it ends with."""

    says: str
    arguments: tuple[str, ...]
    status: int = 0


def bundled() -> dict[str, Any]:
    """Return the bundled project, as plain JSON values."""
    text = files("erp_invoice_core").joinpath("examples", PROJECT).read_text(encoding="utf-8")
    project: dict[str, Any] = json.loads(text)
    return project


def _only(project: dict[str, Any], id_: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a document of one requisition, and that requisition in it."""
    (found,) = (each for each in project["requisitions"] if each["id"] == id_)
    requisition = copy.deepcopy(found)
    return {"company": project["company"], "requisitions": [requisition]}, requisition


def edited(project: dict[str, Any]) -> dict[str, Any]:
    """Return 5004 with three more pile caps than were approved, and one more attachment."""
    document, requisition = _only(project, "5004")
    requisition["items"][0] |= {
        "work_completed_this_period_quantity": "43",
        "work_completed_this_period": "79550.00",
        "work_completed_retainage_retained_this_period": "7955.00",
        "total_completed_and_stored_to_date": "79550.00",
    }
    waiver = {"id": "2", "filename": "lien-waiver-september.pdf", "content_type": "application/pdf"}
    requisition["attachments"].append(waiver)
    return document


def corrected(project: dict[str, Any]) -> dict[str, Any]:
    """Return 5007 with the fenders billed as they were ordered."""
    document, requisition = _only(project, "5007")
    requisition["items"][0] |= {
        "work_completed_this_period": "24000.00",
        "total_completed_and_stored_to_date": "84000.00",
    }
    return document


def scenes(folder: str) -> tuple[Scene, ...]:
    """Return the scenes; the files lie in that folder."""
    return (
        Scene(
            says="Harbor Point Builders load their commitments and invoices.",
            arguments=("load", f"{folder}/{PROJECT}"),
        ),
        Scene(says="All invoices, and who or what each waits for.", arguments=("list",)),
        Scene(
            says="What can Paula, the project manager, send? And why not the rest?",
            arguments=("why-not", *_ALL, "--as", "pm"),
            status=1,
        ),
        Scene(
            says="Sam, the superintendent, is no administrator of the Commitments tool.",
            arguments=("send", "5004", "--as", "super"),
            status=1,
        ),
        Scene(
            says="Paula ticks twelve invoices and sends them. One bad one never sinks the others.",
            arguments=("send", *_TICKED, "--as", "pm"),
            status=1,
        ),
        Scene(
            says="A file with three more pile caps on 5004, which is locked, and a lien waiver: "
            "the edit is refused, the attachment goes in.",
            arguments=("load", f"{folder}/{EDITED}"),
            status=1,
        ),
        Scene(says="5004 has its new attachment.", arguments=("show", "5004")),
        Scene(
            says="Ada, the accounting approver, sends 5007 back, with a reason.",
            arguments=("reject", "5007", "--reason", _REASON, "--as", "ap"),
        ),
        Scene(
            says="Rejected, it can be edited again: the corrected invoice is loaded.",
            arguments=("load", f"{folder}/{CORRECTED}"),
        ),
        Scene(says="Paula sends it again.", arguments=("resend", "5007", "--as", "pm")),
        Scene(
            says="Ada accepts all that is ready. She sees what the ledger does not take.",
            arguments=("accept", *_SENT, "--as", "ap"),
        ),
        Scene(says="A worker exports them into the ledger.", arguments=("work", "--until-idle")),
        Scene(says="All of them are in the ERP now.", arguments=("list",)),
        Scene(
            says="The application for payment of the last steel invoice: change orders, "
            "a negative line, retainage released.",
            arguments=("summary", "5003"),
        ),
        Scene(says="What happened to 5007, refused attempts too.", arguments=("history", "5007")),
        Scene(says="And the history is whole.", arguments=("verify",)),
    )
