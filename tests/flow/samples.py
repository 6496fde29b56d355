"""Entries at every place of their way, made by the moves themselves, at moments said in seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core.declaration import (
    Declaration,
    ExportField,
    FieldRule,
    Handling,
    LookUp,
    NumberScope,
    Replay,
    RetainageForm,
    StepTerms,
    UnlinkForm,
    Validator,
    WithdrawForm,
)
from erp_invoice_core.documents import Actor, ExportDocument, ExportLine, QueueEntry, Receipt, Step
from erp_invoice_core.exchange import Done, Refused, Unknown
from erp_invoice_core.flow import (
    accept,
    add_entry_facts,
    build_entry_case,
    claim,
    record,
    refuse,
    reject,
    send,
    start,
)
from erp_invoice_core.rules import Policy
from erp_invoice_core.testing.samples import sample_case
from erp_invoice_core.verdict import Denial, Source, Verdict
from erp_invoice_core.vocabulary import Action, Feature, ItemType, Level, Privilege, Role, Support

if TYPE_CHECKING:
    from erp_invoice_core.events import Change
    from erp_invoice_core.rules import Case

__all__ = [
    "CREATE",
    "CUTTING",
    "DATED",
    "DOCUMENT",
    "ERP",
    "FACTS",
    "LEASE",
    "NO",
    "PERSON",
    "PLAN",
    "POST",
    "SCOPED",
    "apply",
    "build_accepted",
    "build_case",
    "build_claimed",
    "build_created",
    "build_declaration",
    "build_draft_left",
    "build_exporting",
    "build_failed",
    "build_post_in_doubt",
    "build_ready",
    "build_receipt",
    "build_rejected",
    "build_removal_in_doubt",
    "build_started",
    "build_synced",
    "build_unknown",
]

_MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)
LEASE = timedelta(seconds=60)
CREATE = Step("create", "create", Role.BILL)
POST = Step("post", "post")
PLAN = (CREATE, POST)
NO = Verdict((Denial("ledgerly.period_closed", "Open the period.", Source.ERP),))


def apply(seconds: float) -> datetime:
    """Return the moment n seconds after midnight (UTC)."""
    return _MIDNIGHT + timedelta(seconds=seconds)


DOCUMENT = ExportDocument(
    invoice_id="5000",
    company_id="1",
    currency="USD",
    project_id="10",
    job_origin_id="JOB-9",
    vendor_id="7",
    vendor_name="Acme Steel",
    vendor_origin_id="V-ACME",
    commitment_id="100",
    commitment_kind="subcontract",
    commitment_number="SC-001",
    commitment_origin_id="C-100",
    number=1,
    invoice_number="ACME-77",
    billing_date=date(2026, 10, 31),
    lines=(
        ExportLine(
            item_id="1",
            item_type=ItemType.CONTRACT_ITEM,
            line_item_id="11",
            gross=Decimal(20000),
            retained=Decimal(2000),
            work=Decimal(20000),
        ),
    ),
)
PERSON = Actor(
    id="everything",
    commitments={"10": Level.ADMIN},
    erp_integrations=Level.ADMIN,
    privileges=[Privilege.CAN_PUSH_TO_ACCOUNTING],
)


def build_declaration(
    *,
    settles: float | None = 30,
    visible: float = 0,
    look_up: LookUp = LookUp.KEY,
    replay: Replay = Replay.NONE,
    replay_for: float | None = None,
    enforces_key: bool = False,
    **more: Any,  # noqa: ANN401 - the declaration's own fields, checked when it is built
) -> Declaration:
    """Return what an ERP of two steps declares; times in seconds."""
    terms = StepTerms(
        look_up=look_up,
        visible_after=timedelta(seconds=visible),
        settles_within=None if settles is None else timedelta(seconds=settles),
        replay=replay,
        replay_for=None if replay_for is None else timedelta(seconds=replay_for),
        enforces_key=enforces_key,
    )
    given: dict[str, Any] = {
        "key": "ledgerly",
        "name": "Ledgerly",
        "features": dict.fromkeys(Feature, Support.FULL),
        "retainage": RetainageForm.NATIVE,
        "terms": {"create": terms, "post": terms, "bill": terms},
        "withdraw": WithdrawForm.FULL,
        "unlink": UnlinkForm.DELETE_FIRST,
        "negative": Handling.EXPORTED,
    }
    return Declaration(**{**given, **more})


ERP = build_declaration()
SCOPED = build_declaration(number_scope=NumberScope.COMMITMENT)
CUTTING = build_declaration(
    field_rules=(
        FieldRule(field="invoice_number", validator=Validator.MAX_LENGTH, limit=4, truncates=True),
    )
)
DATED = build_declaration(
    extra_fields=(ExportField(key="accounting_date", label="Accounting date", required=True),)
)

FACTS = sample_case(
    DOCUMENT,
    uses=frozenset({Feature.INVOICES, Feature.SUBCONTRACTS, Feature.AMOUNT_BASED}),
    fields={"invoice_number": "ACME-77"},
    slot_is_free=True,
)


#: Made once: the model checking builds a hundred thousand cases.
_USUAL_POLICY = Policy()


def build_case(
    entry: QueueEntry,
    at: datetime,
    *,
    actor: Actor = PERSON,
    erp: Declaration | None = ERP,
    policy: Policy | None = None,
    document: ExportDocument | None = DOCUMENT,
    **given: Any,  # noqa: ANN401 - the case's own fields, checked when it is built
) -> Case:
    """Return the lawful facts of the invoice, facing its entry."""
    words: dict[str, Any] = {
        "version_seen": entry.version,
        "reason": "Wrong amount.",
        "evidence": "Read on the screen of the ERP.",
        "export_fields": {},
        "settles_all": True,
        "denies_receipt": False,
        "gone": True,
    }
    base = build_entry_case(entry)
    if document:
        number = document.invoice_number
        base = attrs.evolve(FACTS, document=document, invoice_number=number)
    return add_entry_facts(
        base,
        entry,
        at=at,
        actor=actor,
        policy=policy or _USUAL_POLICY,
        erp=erp,
        **{**words, **given},
    )


def build_receipt(
    step: str = "create", erp_id: str = "B-1", role: Role | None = Role.BILL
) -> Receipt:
    """Return what the ERP answers to a step."""
    return Receipt(step=step, erp_id=erp_id, role=role if step == "create" else None)


def _build_sent(
    entry: QueueEntry, action: Action, at: float, document: ExportDocument = DOCUMENT
) -> Change:
    case = build_case(entry, apply(at), document=document)
    return send(entry, case, action=action, at=apply(at), actor=PERSON, connection="ledger")


def build_ready(at: float = 0, document: ExportDocument = DOCUMENT) -> QueueEntry:
    """Return a sent entry."""
    return _build_sent(QueueEntry(id="5000"), Action.SEND, at, document).after


def build_accepted(at: float = 0) -> QueueEntry:
    """Return an accepted entry, due at once."""
    entry = build_ready(at)
    case = build_case(entry, apply(at))
    return accept(entry, case, at=apply(at), actor=PERSON, fields={}).after


def build_claimed(entry: QueueEntry, at: float = 0, holder: str = "w1") -> QueueEntry:
    """Return the entry in a worker's hands."""
    return claim(entry, at=apply(at), holder=holder, lease=LEASE).after


def build_exporting(at: float = 0) -> QueueEntry:
    """Return an entry that a worker has claimed for export."""
    return build_claimed(build_accepted(at), at)


def build_started(
    entry: QueueEntry | None = None, step: Step = CREATE, at: float = 0, slot: str | None = None
) -> QueueEntry:
    """Return an entry with a call begun: the first one, unless another entry is given."""
    entry = entry or build_exporting(at)
    return start(entry, step, at=apply(at), lease=LEASE, plan=PLAN, slot=slot).after


def build_created(at: float = 0) -> QueueEntry:
    """Return an exporting entry whose bill is there as a draft."""
    entry = build_started(at=at)
    return record(entry, 0, Done(build_receipt()), at=apply(at), erp=ERP).after


def build_unknown(at: float = 0, erp: Declaration | None = ERP) -> QueueEntry:
    """Return an entry whose creating call lost its answer at that moment."""
    return record(build_started(at=at), 0, Unknown("No answer."), at=apply(at), erp=erp).after


def build_failed(at: float = 0) -> QueueEntry:
    """Return an entry that was refused before anything was written."""
    return refuse(build_exporting(at), NO, at=apply(at), erp=ERP).after


def build_draft_left(at: float = 0) -> QueueEntry:
    """Return a failed entry that left its draft behind: the posting was refused."""
    entry = build_started(build_created(at), POST, at)
    return record(entry, 1, Refused(NO), at=apply(at), erp=ERP).after


def build_synced(at: float = 0) -> QueueEntry:
    """Return an entry whose bill is posted."""
    entry = build_started(build_created(at), POST, at)
    return record(entry, 1, Done(build_receipt("post")), at=apply(at), erp=ERP).after


def build_rejected(at: float = 0) -> QueueEntry:
    """Return an entry that the approver sent back."""
    entry = build_ready(at)
    return reject(
        entry, build_case(entry, apply(at)), at=apply(at), actor=PERSON, reason="No."
    ).after


def build_post_in_doubt() -> QueueEntry:
    """Return an entry whose posting lost its answer."""
    entry = build_started(build_created(), POST)
    return record(entry, 1, Unknown("Timeout."), at=apply(0), erp=ERP).after


def build_removal_in_doubt() -> QueueEntry:
    """Return an entry whose removal lost its answer and was looked up in vain."""
    asked = attrs.evolve(build_draft_left(), withdrawing=True, due_at=apply(0))
    entry = start(build_claimed(asked, at=1), CREATE, at=apply(1), lease=LEASE, erp_id="B-1").after
    return attrs.evolve(entry, withdrawing=False, lease=None, due_at=None)
