"""Cases for the decisions of the queue, and denials that need no case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ..documents import CallKind, QueueEntry
from ..exchange import CannotTell, Contents, Deferred, Gone
from ..flow import add_entry_facts, build_entry_case
from ..flow.revalidate import INVOICE_MISSING
from ..message_template import MessageTemplate
from ..rules import STRANGER, Case, decide, has_no_level
from ..rules.conditions.condition import SUBMITTING
from ..rules.remedy_rows import with_remedies
from ..verdict import Source, Verdict
from ..vocabulary import Action
from .callbacks import deny_unusable_facts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Actor, NumberUse, Receipt, Restore
    from ..flow import Resolution
    from ..rules import Policy
    from ..stores import UnreadableEntry
    from .connections import ErpConnections


#: The answers of an ERP about documents, by their ids.
Answers: TypeAlias = "Mapping[str, Contents | Gone | CannotTell]"
#: The only answer to an actor without any permission.
STRANGER_VERDICT = Verdict((STRANGER,))

#: The actions for which the host's facts are needed.
ASKS_FACTS = frozenset(
    {
        Action.SEND,
        Action.RESEND,
        Action.ACCEPT,
        Action.RETRY,
        Action.UNLINK,
        Action.EDIT,
        Action.EDIT_ATTACHMENTS,
        Action.CHANGE_STATUS,
        Action.SUBMIT,
        Action.REVIEW,
        Action.DELETE,
    }
)


_ERP_ID_TAKEN = MessageTemplate(
    "export.erp_id_taken",
    "The given ERP id belongs to another invoice, or to an earlier sending of this one. Give the id"
    " of the document of this invoice.",
)
_UNKNOWN_INVOICE = MessageTemplate(
    "invoice.unknown", "There is no invoice with this id. Correct the id."
)
_UNREADABLE = MessageTemplate(
    "entry.unreadable",
    "The stored row of invoice {id} cannot be read, so that no action on it is possible. Stop the"
    " workers, and restore a database backup in which verify finds nothing. The reason is: {why}",
)

ERP_ID_TAKEN = with_remedies(Verdict((_ERP_ID_TAKEN.deny(),)), Case())
UNKNOWN_INVOICE = with_remedies(Verdict((_UNKNOWN_INVOICE.deny(),)), Case())


#: The actions that are decided without the host's facts if the entry has events.
WITHOUT_FACTS = frozenset(Action) - {Action.SEND, Action.RESEND, Action.ACCEPT, Action.RETRY}


def decide_without_facts(action: Action, case: Case) -> Verdict:
    """
    Return the denial of an action on an invoice with an entry but without facts of the host.

    It has the denials for missing permissions, or else says that the invoice is missing.
    """
    verdict = decide(action, case)
    denials = tuple(each for each in verdict.denials if each.source is Source.PERMISSION)
    if denials:
        return Verdict(denials)
    if action in SUBMITTING:
        return UNKNOWN_INVOICE
    return with_remedies(Verdict((INVOICE_MISSING.deny(),)), case)


def deny_unknown(actor: Actor, policy: Policy) -> Verdict:
    """
    Return the denial of an action on an invoice that neither the host nor the queue knows.

    An actor without any permission gets the same denial as for any other invoice.
    """
    return STRANGER_VERDICT if has_no_level(actor, policy) else UNKNOWN_INVOICE


def deny_unusable(actor: Actor, policy: Policy, entry_id: str, why: str) -> Verdict:
    """
    Return the denial of an action because the host's facts cannot be used.

    An actor without any permission gets the same denial as for any other invoice.
    """
    return STRANGER_VERDICT if has_no_level(actor, policy) else deny_unusable_facts(entry_id, why)


def redact_entry(entry: QueueEntry, verdict: Verdict) -> QueueEntry:
    """Return the entry, or a blank one if the actor has no permission to see it."""
    return QueueEntry(id=entry.id) if verdict == STRANGER_VERDICT else entry


def deny_unreadable(entry: UnreadableEntry, actor: Actor, policy: Policy) -> Verdict:
    """
    Return the denial of an action on an entry whose row cannot be read.

    An actor without any permission gets the same denial as for any other invoice.
    """
    if has_no_level(actor, policy):
        return STRANGER_VERDICT
    facts = {"id": entry.id, "why": entry.why}
    return Verdict((_UNREADABLE.deny(facts),))


def build_case(
    case: Case | None,
    entry: QueueEntry,
    *,
    at: datetime,
    actor: Actor,
    policy: Policy,
    erp: Declaration | None,
    holder: NumberUse | None,
    given: Mapping[str, Any],
) -> Case:
    """
    Return the host's case, completed with facts of the entry, the actor and the ERP.

    Args:
        case: The facts of the host; ``None`` to use those that the entry records.
        entry: The entry.
        at: The current time.
        actor: The actor.
        policy: The company's settings for the rules.
        erp: The declaration of the ERP, if its adapter is loaded.
        holder: Another entry that holds or will take the invoice's number in the ERP, if any.
        given: Further facts, such as those that a person gives.
    """
    number = entry.acceptance.number if entry.acceptance else None
    words = {
        "slot_is_free": holder is None,
        "slot_holder": holder,
        "erp_number": number,
        **given,
    }
    return add_entry_facts(
        case or build_entry_case(entry), entry, at=at, actor=actor, policy=policy, erp=erp, **words
    )


def build_given_facts(
    entry: QueueEntry,
    evidence: str | None,
    resolution: Resolution | None = None,
    gone: Collection[str] = (),
    restore: Restore | None = None,
) -> dict[str, Any]:
    """
    Return the facts that follow from a person's evidence or resolution.

    Args:
        entry: The entry.
        evidence: The person's text about what happened in the ERP.
        resolution: The person's statement about calls in doubt; ``None`` for other actions.
        gone: The ERP ids of documents that are shown to be gone.
        restore: The last restore of the database, if any.
    """
    given: dict[str, Any] = {"evidence": evidence}
    if resolution is not None:
        given |= {
            "rules_absent": resolution.rules_absent(entry),
            "settles_all": resolution.settles_all(entry),
            "denies_receipt": not {one.erp_id for one in resolution.list_denied_receipts(entry)}
            <= set(gone),
            "restore": restore,
        }
    elif evidence and evidence.strip():
        writes = any(call.kind is CallKind.WRITE for call in entry.in_doubt)
        given |= {"in_doubt": writes, "withdrawing": False}
    return given


def read_documents(
    connections: ErpConnections, connection: str | None, receipts: Iterable[Receipt]
) -> Answers | None:
    """
    Return the ERP's answers about the documents of the receipts, by ERP id.

    The result is ``None`` if no adapter that can read documents is loaded for the connection.
    """
    adapter = connections.find_adapter(connection)
    if adapter is None or connection is None or not adapter.has_read:
        return None
    documents = {receipt.erp_id: receipt for receipt in receipts}
    session = connections.open_session(connection)
    if isinstance(session, Deferred):
        return dict.fromkeys(documents, CannotTell(session.why))
    return {erp_id: adapter.read(session, receipt) for erp_id, receipt in documents.items()}


def build_gone_facts(answers: Answers | None, evidence: str | None) -> dict[str, Any]:
    """
    Return the facts ``gone`` and ``documents_unread``, from the ERP's answers about documents.

    ``gone`` is true if the ERP has none of these documents any more. Without answers (``None``), as
    no adapter can read documents, it is true if there is evidence. ``documents_unread`` is the
    ERP's reason if no document was found and one could not be read, else ``None``.
    """
    if answers is None:
        return {"gone": bool(evidence and evidence.strip()), "documents_unread": None}
    there = [answer for answer in answers.values() if not isinstance(answer, Gone)]
    # A document that is there denies whatever the others are, so that its reason comes first.
    unread = [answer.why for answer in there if isinstance(answer, CannotTell)]
    is_known = not there or len(unread) < len(there)
    return {"gone": not there, "documents_unread": None if is_known else unread[0]}


def find_gone_ids(
    connections: ErpConnections, entry: QueueEntry, resolution: Resolution, evidence: str | None
) -> Collection[str]:
    """
    Return the ERP ids of recorded documents that a resolution states to be absent.

    The result is empty if the ERP does not show that all of them are gone. If no adapter can read
    documents, the evidence is enough.
    """
    denied = resolution.list_denied_receipts(entry)
    answers = read_documents(connections, entry.connection, denied)
    if denied and build_gone_facts(answers, evidence)["gone"]:
        return {receipt.erp_id for receipt in denied}
    return ()
