"""The ERP adapter of Beancount, for a plain-text ledger in its language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import LandingState
from ...documents import Receipt, Step
from ...exchange import Absent, CannotTell, Contents, Deferred, Done, Found, Gone, Refused, Several
from ...message_template import MessageTemplate
from ...money import ZERO
from ...verdict import Source, Verdict, deny
from ...vocabulary import Role
from ..hookspecs import hookimpl
from .accounts import find_account_denials
from .attachments import build_document_path, keep_document
from .bean_check import BeanCheck
from .booked_contents import build_contents
from .booked_payments import list_payments
from .declaration import DECLARATION, KEY
from .entry import (
    build_erp_id,
    compute_postings,
    find_objections,
    format_document,
    format_openings,
    format_transaction,
    name_payable_account,
)
from .ledger import Ledger, OpenLedger
from .parser import Booked, Damaged
from .unavailable import Unavailable, describe_error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from ...declaration import Declaration
    from ...exchange import ErpPayment, ExportRequest, Outcome, RequestAttachment, Sighting

__all__ = [
    "DECLARATION",
    "KEY",
    "Ledger",
    "erp_check",
    "erp_connect",
    "erp_declaration",
    "erp_find",
    "erp_payments",
    "erp_read",
    "erp_steps",
    "erp_write",
]


@hookimpl
def erp_declaration() -> Declaration:
    """Return the declaration: everything is supported except withdrawal and tax."""
    return DECLARATION


@hookimpl
def erp_steps(request: ExportRequest) -> tuple[Step, ...]:
    """Return the plan: a bill, or a credit for an amount below zero, then a step for each file."""
    role = Role.CREDIT if request.document.due < 0 else Role.BILL
    ids = dict.fromkeys(file.id for file in request.files)
    files = (Step(f"attach {id_}", "attach", None, id_) for id_ in ids)
    return (Step("bill", "bill", role), *files)


@hookimpl
def erp_connect(settings: Mapping[str, object]) -> Ledger:
    """Return the ledger at the ``path`` of the settings; no file is opened yet."""
    program = settings.get("bean_check")
    return Ledger(str(settings["path"]), bean_check=BeanCheck(str(program)) if program else None)


@hookimpl
def erp_check(request: ExportRequest) -> Verdict:
    """Return every reason why the request cannot be written to a ledger."""
    return find_objections(request)


def _build_receipt(request: ExportRequest, step: Step, erp_id: str) -> Receipt:
    return Receipt(
        step=step.name,
        erp_id=erp_id,
        role=step.role,
        number=request.number,
        state=LandingState.POSTED.value,
        digest=request.digest,
    )


_KEY_REUSED = MessageTemplate(
    f"{KEY}.key_reused",
    "The ledger already has an entry with the key {key} but other content, at line {lines}. Compare"
    " that entry with this invoice. If the entry books this invoice, resolve the invoice with the"
    " id of the entry; otherwise remove the entry and retry the export.",
    source=Source.ERP,
)
_INVALID = MessageTemplate(
    f"{KEY}.invalid",
    "bean-check reports errors of the ledger with this entry. Correct them: {errors}",
    source=Source.ERP,
)


def _is_same(booked: Booked, request: ExportRequest, step: Step, key: str, day: date) -> bool:
    document = request.document
    digests = {each.id: (each.digest or "").lower() for each in request.files}
    if booked.sha256 != digests.get(step.attachment or ""):
        return False
    written = (booked.key, booked.erp_id, booked.digest, booked.vendor, booked.number)
    asked = (
        key,
        build_erp_id(document.invoice_id, key),
        request.digest,
        document.vendor_origin_id,
        request.number,
    )
    currencies = {document.currency, None}
    return (
        written == asked
        and (booked.date, booked.amount) == (day, document.due)
        and booked.currency in currencies
    )


def _answer_known_key(
    request: ExportRequest, step: Step, known: list[Booked], key: str, day: date
) -> Outcome:
    """
    Return the outcome of a step whose key is in the ledger already.

    ``known`` are the entries with the key. The step is done if there is one such entry and it has
    the content of the step; otherwise the step is refused.
    """
    if len(known) == 1 and _is_same(known[0], request, step, key, day):
        return Done(_build_receipt(request, step, build_erp_id(request.document.invoice_id, key)))
    lines = ", ".join(booked.place for booked in known)
    return Refused(deny(_KEY_REUSED.deny({"key": key, "lines": lines})))


@hookimpl
def erp_write(session: Ledger, request: ExportRequest, step: Step) -> Outcome:
    """
    Append the entry of the step to the ledger, and return once it is on the disk.

    If the ledger has the key of the step already, nothing is appended: the outcome is the receipt
    of that entry, or a refusal if the content differs.
    """
    verdict = find_objections(request)
    day = request.accounting_date
    if not verdict or day is None:
        return Refused(verdict)
    try:
        with session.open() as ledger:
            return _write(session, ledger, request, step, day)
    except Damaged as error:
        return Deferred(None, str(error), needs_person=True)
    except Unavailable as error:
        return Deferred(None, str(error), needs_person=error.needs_person)


def _write(
    session: Ledger, ledger: OpenLedger, request: ExportRequest, step: Step, day: date
) -> Outcome:
    """Append the entry of a step to the open ledger, or return why it is not appended."""
    key, document = request.key(step).text, request.document
    file = next((each for each in request.files if each.id == step.attachment), None)
    if file is None and step.attachment is not None:
        why = f"The file of attachment {step.attachment} is not supplied. Nothing was written. Supply it."
        return Deferred(None, why, needs_person=True)
    path = _keep_file(session.path, file) if file is not None else ""
    known = ledger.seen.find_named(key, build_erp_id(document.invoice_id, key))
    if known:
        return _answer_known_key(request, step, known, key, day)
    roots = ledger.seen.roots
    if file is None:
        amounts = compute_postings(document, roots)
        text = format_transaction(request, key, day, roots)
    else:
        amounts = {name_payable_account(document, roots): ZERO}
        text = format_document(request, file, path, key=key, day=day, roots=roots)
    possible = Verdict(find_account_denials(ledger.seen, amounts, day, document.currency))
    if not possible:
        return Refused(possible)
    fresh = [name for name in amounts if ledger.seen.find_opening(name) is None]
    return _append(session, ledger, request, step, format_openings(fresh) + text)


def _keep_file(ledger: Path, file: RequestAttachment) -> str:
    """Store a file beside the ledger, and return its path relative to the ledger."""
    digest = (file.digest or "").lower()
    path = build_document_path(ledger, digest, file.filename)
    try:
        with file.open() as content:
            keep_document(path, digest, content)
    except OSError as error:
        raise describe_error(error) from error
    return f"{path.parent.name}/{path.name}"


def _append(
    session: Ledger, ledger: OpenLedger, request: ExportRequest, step: Step, text: str
) -> Outcome:
    left = (request.deadline - session.clock()).total_seconds()
    if errors := ledger.find_errors(text, left):
        return Refused(deny(_INVALID.deny({"errors": errors})))
    # Checked right before the write, because waiting for the lock may have taken too long.
    if session.clock() > request.deadline:
        return Deferred(None, "The deadline of the call has passed. Nothing was written.")
    ledger.append(text)
    key = request.key(step).text
    return Done(_build_receipt(request, step, build_erp_id(request.document.invoice_id, key)))


@hookimpl
def erp_find(
    session: Ledger, request: ExportRequest, step: Step, keys: tuple[str, ...]
) -> Sighting:
    """
    Look up the entry of the ledger that has one of the keys.

    The ledger is locked meanwhile, so that no other process writes an entry at the same time.
    """
    invoice_id = request.document.invoice_id
    try:
        with session.open() as ledger:
            known = ledger.seen.find_named(*keys, *(build_erp_id(invoice_id, key) for key in keys))
            files = ledger.seen.find_files(known[0].key or "") if known else []
            as_of = session.clock()
    except (Unavailable, Damaged) as error:
        return CannotTell(str(error))
    if not known:
        return Absent(as_of)
    lines = ", ".join(booked.place for booked in known)
    if len(known) > 1:
        return Several(f"The ledger has this document several times, at lines {lines}.")
    booked = known[0]
    if booked.key is None or booked.erp_id != build_erp_id(invoice_id, booked.key):
        return CannotTell(f"The key of the transaction at line {lines} was changed by hand.")
    receipt = Receipt(
        step=step.name,
        erp_id=booked.erp_id,
        role=step.role,
        number=booked.number,
        state=LandingState.POSTED.value,
        digest=booked.digest or "",
    )
    return Found(receipt, build_contents(booked, files))


@hookimpl
def erp_read(session: Ledger, receipt: Receipt) -> Contents | Gone:
    """
    Read the transaction by its id; a transaction that was deleted by hand is gone.

    If the ledger is missing or empty, the hook raises an error and does not return ``Gone``,
    because the receipt proves that the ledger had a document.
    """
    with session.open(has_documents=True) as ledger:
        known = ledger.seen.find_named(receipt.erp_id)
        files = ledger.seen.find_files(known[0].key or "") if known else []
        as_of = session.clock()
    if len(known) > 1:
        msg = f"The ledger has {receipt.erp_id} several times. Remove all but one."
        raise Damaged(msg)
    return build_contents(known[0], files) if known else Gone(as_of)


@hookimpl
def erp_payments(session: Ledger, receipt: Receipt) -> tuple[ErpPayment, ...]:
    """Return the transactions that pay the bill; a bill that was deleted by hand has none."""
    with session.open(has_documents=True) as ledger:
        known = ledger.seen.find_named(receipt.erp_id)
        if len(known) > 1:
            msg = f"The ledger has {receipt.erp_id} several times. Remove all but one."
            raise Damaged(msg)
        return list_payments(ledger.seen, known[0]) if known else ()
