"""
The own facts of a loaded invoice: those from its own records.

They are stored when it is loaded. The facts that depend on other invoices of the commitment or the
vendor are added for each decision, because a load or an export of another invoice changes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Any

import attrs

from ..canonical import InvalidData, build_digest, encode_json
from ..documents import Attachment, InvoiceSummary, restore_document
from ..documents.export import TOTALS
from ..rules import Case
from ..rules.case import replace_facts
from ..rules.fact_types import ENTRY_FACTS
from ..rules.facts import build_number_facts, build_own_facts, build_sequence_facts
from ..rules.field_hints import list_field_types
from ..stores.blobs import read_document
from ..values import Value, evolve
from ..wire.converter import find_plain_type, find_reader, load, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..documents import Commitment, ExportDocument, Invoice, NumberUse, Project, Vendor
    from .siblings import Siblings


_TEXTS = frozenset({str, NoneType})


@attrs.frozen(kw_only=True, eq=False, repr=False)
class OwnInvoiceFacts(Value):
    """
    The facts of an invoice from its own records.

    They include the amounts that are carried over from the previous invoice.

    Attributes:
        invoice: The ids and numbers of the invoice.
        vendor_id: The vendor of the commitment, Procore's contract company.
        commitment_number: The number of the commitment.
        case: The case, still without the facts for which other invoices are searched: which
            invoices come before and after it, and which ones have similar numbers.
    """

    invoice: InvoiceSummary
    vendor_id: str
    commitment_number: str
    case: Case

    @classmethod
    def of(
        cls,
        invoice: Invoice,
        commitment: Commitment,
        *,
        vendor: Vendor,
        project: Project,
        company_id: str,
        previous: Invoice | None,
    ) -> OwnInvoiceFacts:
        """Return the facts of an invoice from its records."""
        facts = build_own_facts(
            invoice,
            commitment,
            vendor=vendor,
            project=project,
            company_id=company_id,
            previous=previous,
        )
        return cls(
            invoice=InvoiceSummary(
                id=invoice.id,
                commitment_id=invoice.commitment_id,
                number=invoice.number,
                invoice_number=invoice.invoice_number,
            ),
            vendor_id=commitment.vendor_id,
            commitment_number=commitment.number,
            case=Case(**facts),
        )

    def complete(self, siblings: Siblings, numbers: Sequence[NumberUse]) -> Case:
        """Return the case, completed with the facts that depend on other invoices."""
        others, number = siblings.invoices, self.commitment_number
        facts: dict[str, object] = {
            **build_sequence_facts(self.invoice, others, siblings.unsynced),
            **build_number_facts(self.invoice, number, siblings=others, numbers=numbers),
        }
        return replace_facts(self.case, facts)

    def encode(self) -> tuple[str, str | None]:
        """
        Return the facts as JSON, and the canonical JSON of the export document, if any.

        Raises:
            InvalidData: An amount has too many digits.
            UnicodeError: A text has half a surrogate pair, which no database stores.
        """
        document = self.case.document
        plain: dict[str, object] = {
            "case": evolve(self.case, {"document": None}),
            "commitment_number": self.commitment_number,
            "invoice": self.invoice,
            "vendor_id": self.vendor_id,
        }
        if document is None:
            return encode_json(plain), None
        plain |= {
            "document_sha256": document.stored_sha256,
            "files": document.attachments,
            "totals": {name: getattr(document, name) for name in TOTALS},
        }
        return encode_json(plain), document.stored_json.decode()


def decode_own_facts(body: str, document_json: str | None) -> OwnInvoiceFacts:
    """
    Return the facts of an invoice from the texts that :meth:`OwnInvoiceFacts.encode` wrote.

    The lines of the export document stay JSON until they are first read.

    Raises:
        InvalidData: The texts are not such facts, or not the export document that the facts name.
    """
    plain = parse(body.encode(), OwnInvoiceFacts)
    try:
        readers = _list_readers()
        facts: dict[str, Any] = {}
        for name, part in plain["case"].items():
            kind, read = readers[name]
            facts[name] = part if type(part) is kind else read(part)
        if "document_sha256" in plain:
            facts["document"] = _restore_document(plain, document_json)
        return OwnInvoiceFacts(
            invoice=load(plain["invoice"], InvoiceSummary),
            vendor_id=plain["vendor_id"],
            commitment_number=plain["commitment_number"],
            case=Case(**facts),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        msg = f"This is not the facts of an invoice: {type(error).__name__}: {error}"
        raise InvalidData(msg) from error


def _restore_document(plain: Mapping[str, Any], document_json: str | None) -> ExportDocument:
    """Return the export document with its attachments and totals; its lines are decoded later."""
    sha = plain["document_sha256"]
    data = None if document_json is None else document_json.encode()
    document = read_document(sha, data, build_digest(sha))
    return restore_document(
        document,
        digest=document.digest,
        stored_json=document.stored_json,
        stored_sha256=sha,
        attachments=load(plain["files"], tuple[Attachment, ...]),
        totals=load(plain["totals"], dict[str, Decimal]),
        read_lines=lambda: document.lines,
    )


@cache
def _list_readers() -> Mapping[str, tuple[type | None, Callable[[object], Any]]]:
    """
    Return, by the name of each fact of a case, how it is read from JSON.

    A value of the type, as most facts have, is the fact itself; the function reads any other.
    """
    return {
        name: (find_plain_type(kind), _find_reader(kind))
        for name, kind in list_field_types(Case).items()
        if name not in ENTRY_FACTS and name not in {"document", "known"}
    }


def _find_reader(kind: object) -> Callable[[object], Any]:
    """Return the reader of a type; the texts of a table are checked together (line 4b)."""
    read = find_reader(kind)
    if kind != Mapping[str, str | None] | None:
        return read

    def read_table(value: Any) -> Any:  # noqa: ANN401 - any plain JSON value
        if type(value) is dict and _TEXTS.issuperset(map(type, value.values())):
            return value
        return read(value)

    return read_table
