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
    "accepted",
    "after",
    "case_for",
    "claimed",
    "created",
    "declared",
    "draft_left",
    "exporting",
    "failed",
    "post_in_doubt",
    "ready",
    "receipt",
    "rejected",
    "removal_in_doubt",
    "started",
    "synced",
    "unknown",
]

_MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)
LEASE = timedelta(seconds=60)
CREATE = Step("create", "create", Role.BILL)
POST = Step("post", "post")
PLAN = (CREATE, POST)
NO = Verdict((Denial("ledgerly.period_closed", "Open the period.", Source.ERP),))


def after(seconds: float) -> datetime:
    """Return the moment so many seconds after midnight (UTC)."""
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


def declared(
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
        "terms": {"create": terms, "post": terms, "bill": terms},
        "withdraw": WithdrawForm.FULL,
        "unlink": UnlinkForm.DELETE_FIRST,
        "negative": Handling.EXPORTED,
    }
    return Declaration(**{**given, **more})


ERP = declared()
SCOPED = declared(number_scope=NumberScope.COMMITMENT)
CUTTING = declared(
    field_rules=(
        FieldRule(field="invoice_number", validator=Validator.MAX_LENGTH, limit=4, truncates=True),
    )
)
DATED = declared(
    extra_fields=(ExportField(key="accounting_date", label="Accounting date", required=True),)
)

FACTS = sample_case(
    DOCUMENT,
    uses=frozenset({Feature.INVOICES, Feature.SUBCONTRACTS, Feature.AMOUNT_BASED}),
    fields={"invoice_number": "ACME-77"},
    slot_is_free=True,
)


def case_for(
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
        base, entry, at=at, actor=actor, policy=policy or Policy(), erp=erp, **{**words, **given}
    )


def receipt(step: str = "create", erp_id: str = "B-1", role: Role | None = Role.BILL) -> Receipt:
    """Return what the ERP answers to a step."""
    return Receipt(step=step, erp_id=erp_id, role=role if step == "create" else None)


def _sent(
    entry: QueueEntry, action: Action, at: float, document: ExportDocument = DOCUMENT
) -> Change:
    case = case_for(entry, after(at), document=document)
    return send(entry, case, action=action, at=after(at), actor=PERSON, connection="ledger")


def ready(at: float = 0, document: ExportDocument = DOCUMENT) -> QueueEntry:
    """Return a sent entry."""
    return _sent(QueueEntry(id="5000"), Action.SEND, at, document).after


def accepted(at: float = 0) -> QueueEntry:
    """Return an accepted entry, due at once."""
    entry = ready(at)
    case = case_for(entry, after(at))
    return accept(entry, case, at=after(at), actor=PERSON, fields={}).after


def claimed(entry: QueueEntry, at: float = 0, holder: str = "w1") -> QueueEntry:
    """Return the entry in a worker's hands."""
    return claim(entry, at=after(at), holder=holder, lease=LEASE).after


def exporting(at: float = 0) -> QueueEntry:
    """Return an entry that a worker has claimed for export."""
    return claimed(accepted(at), at)


def started(
    entry: QueueEntry | None = None, step: Step = CREATE, at: float = 0, slot: str | None = None
) -> QueueEntry:
    """Return an entry with a call begun: the first one, unless another entry is given."""
    entry = entry or exporting(at)
    return start(entry, step, at=after(at), lease=LEASE, plan=PLAN, slot=slot).after


def created(at: float = 0) -> QueueEntry:
    """Return an exporting entry whose bill is there as a draft."""
    entry = started(at=at)
    return record(entry, 0, Done(receipt()), at=after(at), erp=ERP).after


def unknown(at: float = 0, erp: Declaration | None = ERP) -> QueueEntry:
    """Return an entry whose creating call lost its answer at that moment."""
    return record(started(at=at), 0, Unknown("No answer."), at=after(at), erp=erp).after


def failed(at: float = 0) -> QueueEntry:
    """Return an entry that was refused before anything was written."""
    return refuse(exporting(at), NO, at=after(at), erp=ERP).after


def draft_left(at: float = 0) -> QueueEntry:
    """Return a failed entry that left its draft behind: the posting was refused."""
    entry = started(created(at), POST, at)
    return record(entry, 1, Refused(NO), at=after(at), erp=ERP).after


def synced(at: float = 0) -> QueueEntry:
    """Return an entry whose bill is posted."""
    entry = started(created(at), POST, at)
    return record(entry, 1, Done(receipt("post")), at=after(at), erp=ERP).after


def rejected(at: float = 0) -> QueueEntry:
    """Return an entry that the approver sent back."""
    entry = ready(at)
    return reject(entry, case_for(entry, after(at)), at=after(at), actor=PERSON, reason="No.").after


def post_in_doubt() -> QueueEntry:
    """Return an entry whose posting lost its answer."""
    entry = started(created(), POST)
    return record(entry, 1, Unknown("Timeout."), at=after(0), erp=ERP).after


def removal_in_doubt() -> QueueEntry:
    """Return an entry whose removal lost its answer and was looked up in vain."""
    asked = attrs.evolve(draft_left(), withdrawing=True, due_at=after(0))
    entry = start(claimed(asked, at=1), CREATE, at=after(1), lease=LEASE, erp_id="B-1").after
    return attrs.evolve(entry, withdrawing=False, lease=None, due_at=None)
