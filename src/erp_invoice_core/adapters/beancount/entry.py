"""
Ledger entries of an export as text, and the reasons against writing them.

An entry is a transaction or the ``document`` directive of a file. It is written between a begin
mark and an end mark, which are comments to Beancount. An entry without its end mark is incomplete.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import attrs

from ...message_template import MessageTemplate
from ...money import ZERO, format_amount
from ...verdict import Source, Verdict
from .declaration import KEY
from .escape import escape_component, format_literal, link, mark, replace_control_characters

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from decimal import Decimal

    from ...documents import ExportDocument, ExportLine
    from ...exchange import ExportRequest, RequestAttachment
    from ...verdict import Denial


#: The marks, which are comments to Beancount. An entry between two marks is complete.
ACCOUNTS = "; erp-invoice accounts"
BEGIN = "; erp-invoice begin "
END = "; erp-invoice end "
#: The directive that links a file.
DOCUMENT = "document"
#: The day on which accounts open, before the date of any invoice.
OPENED_ON = "1970-01-01"
_PAYABLE = "AccountsPayable"
_RETAINAGE = "RetainagePayable"
_DIGITS = 12
#: The characters of a requisition's id in that of the transaction, which has at most 500.
_LONGEST = 400


@attrs.frozen
class Roots:
    """The names of the ledger's root accounts, which its options can change."""

    expenses: str = "Expenses"
    liabilities: str = "Liabilities"


#: The names in a ledger without such options.
ROOTS = Roots()


def is_payable(account: str) -> bool:
    """Return whether an account is below accounts payable, whatever its root account is named."""
    return account.split(":")[1:2] == [_PAYABLE]


def is_retainage(account: str) -> bool:
    """Return whether an account is below retainage payable, whatever its root account is named."""
    return account.split(":")[1:2] == [_RETAINAGE]


def name_payable_account(document: ExportDocument, roots: Roots = ROOTS) -> str:
    """Return the payable account of the document's vendor."""
    return f"{roots.liabilities}:{_PAYABLE}:{escape_component(document.vendor_origin_id or '')}"


def build_erp_id(invoice_id: str, key: str) -> str:
    """
    Return the id of an entry: the id of the invoice, a dash and the start of the key's SHA-256.

    The id of the invoice is cut to 400 characters, and NUL is removed from it, so that the result
    can be stored.
    """
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{invoice_id[:_LONGEST].replace(chr(0), '')}-{digest[:_DIGITS]}"


def compute_postings(document: ExportDocument, roots: Roots = ROOTS) -> dict[str, Decimal]:
    """
    Return amounts by account in the document's currency; debits are positive, and the sum is zero.

    The gross amount is posted by job and cost code, retained less released retainage to retainage
    payable, and the amount due to accounts payable. Accounts with a zero amount are left out.
    """
    job, vendor = (
        escape_component(document.job_origin_id or ""),
        escape_component(document.vendor_origin_id or ""),
    )
    amounts: dict[str, Decimal] = {}
    for line in document.lines:
        account = f"{roots.expenses}:{job}:{escape_component(line.cost_code_origin_id or '')}"
        amounts[account] = amounts.get(account, ZERO) + line.gross
    retainage = f"{roots.liabilities}:{_RETAINAGE}:{vendor}"
    amounts[retainage] = document.released - document.retained
    amounts[name_payable_account(document, roots)] = -document.due
    return {account: amount for account, amount in amounts.items() if amount}


def format_openings(accounts: Collection[str]) -> str:
    """
    Return directives that open accounts, below the comment ``; erp-invoice accounts``.

    An empty text if no account is given.
    """
    if not accounts:
        return ""
    return "\n".join(["", ACCOUNTS, *(f"{OPENED_ON} open {name}" for name in accounts), ""])


def _format_narration(request: ExportRequest) -> str:
    document = request.document
    invoice = f"Invoice {request.number or document.number}"
    commitment = " ".join(filter(None, (document.commitment_number, document.commitment_title)))
    return f"{invoice}, {commitment}" if commitment else invoice


def _build_metadata(request: ExportRequest, key: str) -> dict[str, str]:
    document = request.document
    return {
        "requisition_id": document.invoice_id,
        "invoice_number": request.number or "",
        "commitment": document.commitment_origin_id or "",
        "period": document.period_id or "",
        "key": key,
        "erp_id": build_erp_id(document.invoice_id, key),
        "vendor": document.vendor_origin_id or "",
        "digest": request.digest,
    }


def _format_line(line: ExportLine, currency: str) -> str:
    """Return the metadata of an invoice line: amount, quantity, account component, description."""
    quantity = "-" if line.quantity is None else f"{line.quantity:f}"
    code = escape_component(line.cost_code_origin_id or "")
    description = replace_control_characters(line.description)
    return f"{format_amount(line.gross, currency)} {quantity} {code} {description}"


def _build_details(request: ExportRequest) -> dict[str, str]:
    """Return metadata that postings do not show: the lines, and retainage held and released."""
    document = request.document
    lines = enumerate(document.lines, 1)
    details = {f"line_{place}": _format_line(line, document.currency) for place, line in lines}
    amounts = {"retained": document.retained, "released": document.released}
    if any(amounts.values()):
        details |= {
            name: format_amount(amount, document.currency) for name, amount in amounts.items()
        }
    return details


def _format_links(named: Mapping[str, str]) -> str:
    kinds = {
        "invoice": "invoice_number",
        "commitment": "commitment",
        "period": "period",
        "key": "key",
    }
    return " ".join(f"^{link(kind, named[meta])}" for kind, meta in kinds.items() if named[meta])


def _format_entry(head: str, named: Mapping[str, str], postings_: Iterable[str] = ()) -> str:
    """
    Return the text of an entry between its begin and end marks, with a newline at the end.

    Args:
        head: The first line of the transaction or of the ``document`` directive.
        named: The metadata by name.
        postings_: The lines of the postings.
    """
    name = mark(named["erp_id"])
    lines = [
        f"\n{BEGIN}{name}",
        head,
        *(f"  {meta}: {format_literal(value)}" for meta, value in named.items()),
        *postings_,
        f"{END}{name}\n",
    ]
    return "\n".join(lines)


def format_transaction(request: ExportRequest, key: str, day: date, roots: Roots = ROOTS) -> str:
    """
    Return the text of a transaction between its begin and end marks.

    Raises:
        UnicodeEncodeError: A text has a lone surrogate, which no file can hold.
    """
    document = request.document
    named = _build_metadata(request, key)
    links = _format_links(named)
    payee, narration = (
        format_literal(replace_control_characters(document.vendor_name)),
        format_literal(replace_control_characters(_format_narration(request))),
    )
    named |= _build_details(request)
    named |= {
        f"attachment_{place}": f"{each.filename} {each.url}"
        for place, each in enumerate(request.links, 1)
    }
    return _format_entry(
        f"{day.isoformat()} * {payee} {narration} {links}",
        named,
        (
            f"  {account}  {format_amount(amount, document.currency)} {document.currency}"
            for account, amount in compute_postings(document, roots).items()
        ),
    )


def format_document(
    request: ExportRequest,
    file: RequestAttachment,
    path: str,
    *,
    key: str,
    day: date,
    roots: Roots = ROOTS,
) -> str:
    """
    Return the text of the directive that links a file, between its begin and end marks.

    Args:
        request: The export.
        file: The attachment.
        path: The path of its file, relative to the ledger's folder.
        key: The key of the step.
        day: The day of the invoice.
        roots: The names of the root accounts.
    """
    document = request.document
    named = _build_metadata(request, key)
    links = _format_links(named)
    named |= {
        "attachment": file.filename,
        "sha256": (file.digest or "").lower(),
        "amount": format_amount(document.due, document.currency),
        "currency": document.currency,
    }
    account = name_payable_account(document, roots)
    return _format_entry(
        f"{day.isoformat()} {DOCUMENT} {account} {format_literal(path)} {links}", named
    )


_FIRST_DAY = date.fromisoformat(OPENED_ON)


_DATE_MISSING = MessageTemplate(
    f"{KEY}.date_missing",
    "The invoice has neither a billing date nor an accounting date. Give it one of them.",
    source=Source.ADAPTER,
)
_DATE_EARLY = MessageTemplate(
    f"{KEY}.date_early",
    "The invoice is dated {date}, and the accounts of the ledger open on {opened}. Date it"
    " {opened} or later.",
    source=Source.ADAPTER,
)
_NOT_LINKED = MessageTemplate(
    f"{KEY}.not_linked",
    "These records of the invoice have no id in the ledger: {records}. Link them in the host"
    " application, or add them to the mapping of the connection.",
    source=Source.ADAPTER,
)
_TAX = MessageTemplate(
    f"{KEY}.tax",
    "The ledger takes no tax, and the invoice has {tax} of it. Book this invoice without the"
    " integration.",
    source=Source.ADAPTER,
)
_NOT_TEXT = MessageTemplate(
    f"{KEY}.not_text",
    "A text of the invoice, such as a name or a description, has a character that no file can hold"
    " (a lone surrogate). Remove the character from the invoice.",
    source=Source.ADAPTER,
)


def _list_texts(request: ExportRequest) -> Iterator[str]:
    """Yield each text that is written to the ledger as it is, to check that a file can hold it."""
    document = request.document
    texts = (
        document.invoice_id,
        document.vendor_name,
        document.vendor_origin_id,
        document.commitment_number,
        document.commitment_title,
        document.commitment_origin_id,
        document.period_id,
        request.number,
    )
    described = [line.description for line in document.lines]
    attached = [text for each in request.attachments for text in (each.filename, each.url)]
    yield from (text for text in (*texts, *described, *attached) if text)


def _find_objections(request: ExportRequest) -> Iterator[Denial]:
    document, day = request.document, request.accounting_date
    if day is None:
        yield _DATE_MISSING.deny()
    elif day < _FIRST_DAY:
        yield _DATE_EARLY.deny({"date": day.isoformat(), "opened": OPENED_ON})
    origins = {
        "job": document.job_origin_id,
        "vendor": document.vendor_origin_id,
        "commitment": document.commitment_origin_id,
    }
    lacking = [name for name, origin in origins.items() if not origin]
    lacking += [
        f"cost_code {line.cost_code or line.line_item_id}"
        for line in document.lines
        if not line.cost_code_origin_id
    ]
    if document.tax:
        yield _TAX.deny({"tax": f"{document.tax:f} {document.currency}"})
    if lacking:
        yield _NOT_LINKED.deny({"records": ", ".join(dict.fromkeys(lacking))})
    try:
        "".join(_list_texts(request)).encode()
    except UnicodeEncodeError:
        yield _NOT_TEXT.deny()


def find_objections(request: ExportRequest) -> Verdict:
    """Return every reason why the request cannot be written; codes begin with ``beancount``."""
    return Verdict(_find_objections(request))
