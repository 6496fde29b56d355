"""
Look-up of a step by vendor and invoice number.

Tryton keeps no idempotency keys. The draft, its files and its posting are all looked up in one
bill: the step of a file is found if the bill has the file, and that of posting if the bill is
posted.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ...documents import Receipt, normalize_number
from ...exchange import Absent, CannotTell, ContentsAttachment, Found, Gone, Several
from .contents import FIELDS, IN_BOOKS, VOIDED, read_contents
from .declaration import ATTACH, POST
from .errors import AnswerLost, TrytonError

if TYPE_CHECKING:
    from ...documents import Step
    from ...exchange import Contents, ExportRequest, RequestAttachment, Sighting
    from .books import Books
    from .client import Row, TrytonClient
    from .session import TrytonSession

#: The begin of the name of a step that sends a link.
LINK: Final = "link "
_OTHER: Final = re.compile("[^A-Za-z0-9]+")


def find_bills(client: TrytonClient, books: Books, vendor: str, number: str) -> list[Row]:
    """Return the bills with a vendor and an invoice number, without those that were voided."""
    # A superset of the numbers that are equal once they are normalized.
    pattern = _OTHER.sub("%", f" {number} ")
    domain = [
        ["type", "=", "in"],
        ["company", "=", books.company],
        ["party.code", "=", vendor],
        ["state", "!=", VOIDED],
        ["reference", "ilike", pattern],
    ]
    wanted = normalize_number(number)
    found = client.search("account.invoice", domain, *FIELDS)
    return [row for row in found if normalize_number(row["reference"] or "") == wanted]


def find_step(session: TrytonSession, request: ExportRequest, step: Step) -> Sighting:
    """
    Look up in Tryton whether a step was carried out, in the bill of its vendor and invoice number.

    For a draft, the bill must exist; for an attachment, the bill must have it; for the posting, the
    bill must be posted.
    """
    asked_at = datetime.now(UTC)
    try:
        books = session.find_books()
        vendor = request.document.vendor_origin_id or ""
        bills = find_bills(session.client, books, vendor, request.number or "")
        if len(bills) > 1:
            ids = ", ".join(str(bill["id"]) for bill in bills)
            return Several(f"Tryton has {len(bills)} bills of this number (ids {ids}).")
        if not bills or (step.kind == POST and bills[0]["state"] not in IN_BOOKS):
            if not bills:
                require_sight(session.client, books)
            return Absent(asked_at)
        contents = read_contents(session.client, books, bills[0])
    except TrytonError as error:
        return CannotTell(str(error))
    if step.kind == ATTACH and not has_attachment(contents, request, step):
        return Absent(asked_at)
    return Found(build_receipt(request, step, bills[0]), contents)


def require_sight(client: TrytonClient, books: Books) -> None:
    """
    Raise unless the key of the REST interface has access to the company.

    Without access, Tryton returns empty lists, which would look as if the bill were absent.

    Raises:
        AnswerLost: The key has no access to the company.
    """
    if not client.search("company.company", [["id", "=", books.company]], "id"):
        msg = "The key does not see the company any more. Give its user the access."
        raise AnswerLost(msg)


def has_attachment(contents: Contents, request: ExportRequest, step: Step) -> bool:
    """
    Return whether a bill has the attachment of a step.

    Of several equal attachments in an export, the n-th counts as present if the bill has n of
    them.
    """
    planned: list[tuple[str, ContentsAttachment]] = [
        *((each.id, _build_expected(each, is_file=True)) for each in request.files),
        *((f"{LINK}{each.id}", _build_expected(each, is_file=False)) for each in request.links),
    ]
    ids = [id_ for id_, _ in planned]
    place = ids.index(step.attachment or step.name)
    expected = [attachment for _, attachment in planned]
    wanted = expected[: place + 1].count(expected[place])
    there = contents.attachments
    assert isinstance(there, tuple)
    return there.count(expected[place]) >= wanted


def _build_expected(sent: RequestAttachment, *, is_file: bool) -> ContentsAttachment:
    digest = (sent.digest or "").lower() if is_file else None
    return ContentsAttachment(name=clean_name(sent.filename), digest=digest)


def clean_name(name: str) -> str:
    """Return the name of a file as Tryton stores it, without spaces around it."""
    return name.strip()


def build_receipt(request: ExportRequest, step: Step, bill: Row) -> Receipt:
    """Return the receipt of a step, with the bill that it made or changed."""
    return Receipt(
        step=step.name,
        erp_id=str(bill["id"]),
        role=step.role,
        number=bill["reference"],
        state="posted" if bill["state"] in IN_BOOKS else "draft",
        digest=request.digest,
    )


def read_bill(client: TrytonClient, bill: str) -> Row | None:
    """Return a bill by its id; ``None`` if Tryton does not have it, or if it was voided."""
    domain = [["id", "=", int(bill)], ["type", "=", "in"]]
    found = client.search("account.invoice", domain, *FIELDS)
    # An id with zeros before it is that of no record.
    there = [row for row in found if str(row["id"]) == bill and row["state"] != VOIDED]
    return there[0] if there else None


def read_document(session: TrytonSession, receipt: Receipt) -> Contents | Gone | CannotTell:
    """Return the contents of the bill of a receipt, or that it is gone."""
    asked_at = datetime.now(UTC)
    try:
        books = session.find_books()
        bill = read_bill(session.client, receipt.erp_id)
        if bill is None:
            require_sight(session.client, books)
            return Gone(asked_at)
        return read_contents(session.client, books, bill)
    except TrytonError as error:
        return CannotTell(str(error))
