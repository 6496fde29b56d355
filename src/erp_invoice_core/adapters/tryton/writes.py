"""
The writes of an export: draft bill, attachments, posting and removal.

An error before the write defers the step. The status of the answer to the write decides the
outcome. After a rejection the state of the bill in Tryton decides, too, but never the text of the
answer. A warning of Tryton, such as that of a similar bill, is a rejection: it is not overridden.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ...exchange import AttachmentUnavailable, Deferred, Done, Refused, Unknown
from ...verdict import Verdict, deny
from . import reasons
from .bill import build_bill
from .contents import IN_BOOKS
from .declaration import BILL, POST
from .errors import AnswerLost, NotSent, Rejected, TrytonError, defer
from .look_up import LINK, build_receipt, clean_name, find_bills, read_bill, require_sight
from .records import find_records, has_open_period
from .taxes import find_tax_gap, sum_taxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...documents import Receipt, Step
    from ...exchange import ExportRequest, Outcome
    from ...verdict import Denial
    from .session import TrytonSession


def check_request(session: TrytonSession, request: ExportRequest) -> Verdict | Deferred:
    """Return every reason for which Tryton would refuse the bill, as its records show it."""
    try:
        books = session.find_books()
        records = find_records(session.client, books, request)
        if isinstance(records, Verdict):
            return records
        denials: list[Denial] = []
        day = request.accounting_date
        if day is not None and not has_open_period(session.client, books, day):
            denials.append(reasons.PERIOD_CLOSED.deny({"date": day.isoformat()}))
        if not request.keys:  # after the first call, the bill may be that of this export
            denials += _find_number_use(session, request)
    except TrytonError as error:
        return defer(error)
    session.keep_records(request, records)
    return Verdict(denials)


def _find_number_use(
    session: TrytonSession, request: ExportRequest, own: int | None = None
) -> list[Denial]:
    """Return a denial if another bill of the vendor than ``own`` has the invoice number."""
    vendor, number = request.document.vendor_origin_id or "", request.number or ""
    bills = find_bills(session.client, session.find_books(), vendor, number)
    others = [f"{bill['id']} ({bill['state']})" for bill in bills if bill["id"] != own]
    facts = {"vendor": vendor, "number": number, "bills": ", ".join(others)}
    return [reasons.NUMBER_TAKEN.deny(facts)] if others else []


def write_step(
    session: TrytonSession, request: ExportRequest, step: Step, receipts: Sequence[Receipt]
) -> Outcome:
    """Create the draft bill, attach a file or a link to it, or post it, by the kind of the step."""
    if step.kind == BILL:
        return _create_bill(session, request, step)
    bill = int(receipts[0].erp_id)
    if step.kind == POST:
        return _post(session, request, step, bill)
    return _attach(session, request, step, bill)


def _create_bill(session: TrytonSession, request: ExportRequest, step: Step) -> Outcome:
    try:
        books = session.find_books()
        # The check that came right before has read them, which saves five requests.
        records = session.take_records(request) or find_records(session.client, books, request)
    except TrytonError as error:
        return defer(error)
    if isinstance(records, Verdict):
        return Refused(records)
    values = build_bill(request, books, records)
    try:
        bill = session.client.create("account.invoice", values, request.deadline)
    except NotSent as error:
        return defer(error)
    except AnswerLost as error:
        return Unknown(str(error))
    except Rejected as error:
        session.forget_books()
        return _refuse(error)
    shown = {"id": bill, "reference": (request.number or "").strip(), "state": "draft"}
    return Done(build_receipt(request, step, shown))


def _refuse(error: Rejected) -> Outcome:
    """Return the outcome that follows from the HTTP status of a rejection alone."""
    if error.status == HTTPStatus.LOCKED:
        return Deferred(None, str(error))
    if error.status == HTTPStatus.NOT_FOUND:
        return Deferred(None, str(error), needs_person=True)
    return Refused(deny(reasons.REFUSED.deny({"why": str(error)})))


def _attach(session: TrytonSession, request: ExportRequest, step: Step, bill: int) -> Outcome:
    try:
        values = _build_attachment(request, step, bill)
    except AttachmentUnavailable as missing:
        return Deferred(None, str(missing), needs_person=missing.needs_person)
    if values is None:
        facts = {"attachment": step.attachment or step.name.removeprefix(LINK)}
        return Refused(deny(reasons.FILE_MISSING.deny(facts)))
    try:
        session.client.create("ir.attachment", values, request.deadline)
    except NotSent as error:
        return defer(error)
    except AnswerLost as error:
        return Unknown(str(error))
    except Rejected as error:
        return _explain(session, request, step, bill, error)
    shown = {"id": bill, "reference": (request.number or "").strip(), "state": "draft"}
    return Done(build_receipt(request, step, shown))


def _build_attachment(request: ExportRequest, step: Step, bill: int) -> dict[str, Any] | None:
    """Return the values of an attachment; ``None`` if the request has no such attachment."""
    resource = f"account.invoice,{bill}"
    if step.attachment is None:
        link = next((each for each in request.links if f"{LINK}{each.id}" == step.name), None)
        if link is None:
            return None
        return {
            "name": clean_name(link.filename),
            "type": "link",
            "link": link.url,
            "resource": resource,
        }
    file = next((each for each in request.files if each.id == step.attachment), None)
    if file is None:
        return None
    with file.open() as content:
        data = content.read()
    return {"name": clean_name(file.filename), "type": "data", "data": data, "resource": resource}


def _post(session: TrytonSession, request: ExportRequest, step: Step, bill: int) -> Outcome:
    try:
        if gap := _find_tax_gap(session, request, bill):
            return Refused(deny(gap))
    except TrytonError as error:
        return defer(error)
    try:
        session.client.act("account.invoice", bill, "post", request.deadline)
    except NotSent as error:
        return defer(error)
    except AnswerLost as error:
        return Unknown(str(error))
    except Rejected as error:
        return _explain(session, request, step, bill, error)
    shown = {"id": bill, "reference": (request.number or "").strip(), "state": "posted"}
    return Done(build_receipt(request, step, shown))


def _find_tax_gap(session: TrytonSession, request: ExportRequest, bill: int) -> Denial | None:
    """Return the denial of posting a draft whose taxes differ from the invoice, or ``None``."""
    if not sum_taxes(request.document):
        return None
    shown = read_bill(session.client, str(bill))
    is_draft = shown is not None and shown["state"] == "draft"
    return find_tax_gap(shown, request.document) if shown and is_draft else None


def _explain(
    session: TrytonSession, request: ExportRequest, step: Step, bill: int, error: Rejected
) -> Outcome:
    """Return the outcome of a rejected step, from the current state of the bill in Tryton."""
    try:
        shown = read_bill(session.client, str(bill))
        if shown is None:
            require_sight(session.client, session.find_books())
            return Refused(deny(reasons.GONE.deny({"bill": str(bill)})))
        if step.kind == POST and shown["state"] in IN_BOOKS:
            return Done(build_receipt(request, step, shown))
        if error.status in {HTTPStatus.LOCKED, HTTPStatus.NOT_FOUND}:
            return _refuse(error)
        if step.kind == POST and (denials := _find_causes(session, request, bill)):
            return Refused(Verdict(denials))
    except TrytonError as problem:
        return Unknown(f"Tryton rejected the step, and the bill cannot be read. {problem}")
    return _refuse(error)


def _find_causes(session: TrytonSession, request: ExportRequest, bill: int) -> list[Denial]:
    """Return a denial for each cause that Tryton shows: a used number, a closed period."""
    denials = _find_number_use(session, request, own=bill)
    day = request.accounting_date
    if day is not None and not has_open_period(session.client, session.find_books(), day):
        denials.append(reasons.PERIOD_CLOSED.deny({"date": day.isoformat()}))
    return denials


def withdraw_bill(session: TrytonSession, receipt: Receipt) -> Outcome:
    """Delete the draft of a receipt; a bill that is gone already counts as removed."""
    try:
        if known := _find_removal(session, receipt):
            return known
    except TrytonError as error:
        return defer(error)
    try:
        session.client.delete("account.invoice", int(receipt.erp_id))
    except NotSent as error:
        return defer(error)
    except AnswerLost as error:
        return Unknown(str(error))
    except Rejected as error:
        return _explain_removal(session, receipt, error)
    return Done(receipt)


def _find_removal(session: TrytonSession, receipt: Receipt) -> Outcome | None:
    """Return the outcome for a bill that is gone, or that is not a draft; ``None`` for a draft."""
    shown = read_bill(session.client, receipt.erp_id)
    if shown is None:
        require_sight(session.client, session.find_books())
        return Done(receipt)
    if shown["state"] != "draft":
        facts = {"bill": receipt.erp_id, "state": str(shown["state"])}
        return Refused(deny(reasons.NOT_DRAFT.deny(facts)))
    return None


def _explain_removal(session: TrytonSession, receipt: Receipt, error: Rejected) -> Outcome:
    """Return the outcome of a rejected deletion, from the current state of the bill in Tryton."""
    try:
        known = _find_removal(session, receipt)
    except TrytonError as problem:
        return Unknown(f"Tryton rejected the deletion, and the bill cannot be read. {problem}")
    facts = {"bill": receipt.erp_id, "why": str(error)}
    return known or Refused(deny(reasons.NOT_DELETED.deny(facts)))
