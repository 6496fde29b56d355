"""The case: the facts of one invoice that rules read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from ..money import is_currency
from ..values import Value, evolve
from .policy import Policy

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..declaration import Declaration
    from ..documents import (
        AccountingPeriod,
        Actor,
        Commitment,
        Difference,
        ExportDocument,
        Hold,
        Invoice,
        InvoiceSummary,
        ItemExcess,
        LinkDifference,
        MappedId,
        NumberUse,
        Project,
        Vendor,
    )
    from ..verdict import Verdict
    from ..vocabulary import ExportStatus, Feature, InvoiceStatus
    from .fact_types import EntryFacts


_POLICY = Policy()
#: The facts that the queue adds and that seldom differ between the actions on one invoice.
STEADY_FACTS = (
    "policy",
    "erp",
    "entry_id",
    "today",
    "has_content",
    "export_fields",
    "mapped",
    "erp_number",
    "erp_number_uses",
)


class SteadyResults(dict[object, "tuple[int, ...]"]):
    """
    The places of steady rows that a case does not meet, by page, and the facts that were read.

    The facts are never replaced, so that each result is about them, whatever other threads decide.
    They are attributes, because a tuple of them would be one more object that lives as long as
    the case: with many cases, the garbage collector would then walk all of them (line 1c).
    """

    __slots__ = STEADY_FACTS
    policy: object
    erp: object
    entry_id: object
    today: object
    has_content: object
    export_fields: object
    mapped: object
    erp_number: object
    erp_number_uses: object

    def __init__(self, case: Case) -> None:
        """Keep the steady facts of a case, without a result yet."""
        super().__init__()
        for name in STEADY_FACTS:
            setattr(self, name, getattr(case, name))

    def has_facts_of(self, case: Case) -> bool:
        """
        Return whether the kept facts are the same objects as those of a case.

        It takes half of the time of comparing two tuples of them (line 1b).
        """
        return (
            self.entry_id is case.entry_id
            and self.today is case.today
            and self.policy is case.policy
            and self.erp is case.erp
            and self.has_content is case.has_content
            and self.export_fields is case.export_fields
            and self.mapped is case.mapped
            and self.erp_number is case.erp_number
            and self.erp_number_uses is case.erp_number_uses
        )


class Known:
    """
    The results that the cases of one host's facts share: those for the facts asked about last.

    Threads may ask about the same facts of the host for several ERPs or days. The results are
    therefore replaced as a whole.
    """

    __slots__ = ("results",)
    results: SteadyResults | None

    def __init__(self) -> None:
        """Start without results."""
        self.results = None

    def __repr__(self) -> str:
        """Return the name alone, because the results are no part of a case."""
        return "Known()"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Case(Value):
    """
    The facts about one invoice, one person and one ERP. An absent fact (``None``) denies.

    A host supplies the facts of the invoice: with :meth:`of` from documents of this package, with
    :meth:`of_document` from an export document, or one by one. The queue adds the facts of the
    entry, the ERP, the person and the action; :meth:`with_entry` returns the case with both.

    The facts of the record (``erp_status`` to ``line_8_difference``) say what speaks against an
    invoice in the system that it comes from. Their defaults mean that nothing does, as an empty
    field of the record means it: a host whose invoices come from no such system leaves them out.

    Attributes:
        connection: The name of the ERP connection, if no adapter is loaded for it.
        connections: The names of the ERP connections that can be used, sorted.
        uses: The features that the document uses.
        document: The export document; actions that send need it, a list page does not.
        link_differences: The given records to which the invoice, or its commitment, does not refer
            by their ids.
        gross: The gross amount of the period, in the document's currency; ``retained`` and
            ``released`` are the retainage of the period.
        taxed: True if the invoice carries tax; ``taxes`` lists the amounts and rates as text.
        tax: The tax that the invoice states, also that of codes which no line has; ``None``
            without tax.
        tax_codes: The tax codes of the lines; ``()``: the invoice carries tax, and no line has a
            code; ``None``: it carries no tax, or its codes are not known. Tax without known codes
            is only shown in a notice.
        is_latest: True if it is the latest invoice of its commitment.
        number_is_unique: True if no other invoice of the commitment has the same invoice number.
        previous_is_known: True if the previous certificates (line 7) are known.
        previous_agrees: True if the amount due for the period does not differ from line 8.
        has_content: True if the host supplies the content of attachments to the queue.
        over_billed: True if an item is billed beyond its scheduled value; ``over_billed_items``
            lists these items with both amounts.
        over_released: The items that release more retainage than is held.
        line_8: Line 8 of the G702, total earned less previous certificates, if it differs from the
            amount due for the period.
        erp_status: The status that another integration reports, if the invoice has no id in the
            ERP.
        is_paid: True if the invoice was paid, in part or whole; ``payment_date`` and
            ``amount_paid`` say when and how much.
        deleted_on: The day on which the invoice was deleted; ``commitment_deleted_on`` is that of
            its commitment.
        rejected_items: The items that were rejected, each by its id and description.
        is_simplified: True if it is a simplified invoice: there is no G702 for it.
        differences: The figures that the invoice states and that differ from those computed from
            the columns of its items.
        line_8_difference: The difference of line 8, if tax on the payment does not explain it.
        billing_date: The billing date to check; if it is absent, that of the document is checked.
        unsynced_cost_codes: Billed cost codes that the ERP does not know; ``unmapped_items`` are
            the ids of the items that have them.
        unsynced_change_orders: Billed change orders without an id in the ERP, with their items.
        fields: Text by field name, for the ERP's field rules.
        proposed: Values of export fields that the source states, as ``due_date`` and ``terms``.
            They are taken at the acceptance, if the ERP asks for the field and no other is given.
        earlier_unsynced: Numbers of earlier invoices of the commitment that are not synced.
        number_uses: The vendor's other invoices with its number, on any commitment.
        similar_numbers: The vendor's other invoices with a number that looks like its own.
        entry_id: The invoice whose queue entry this is.
        slot_is_free: True if no other entry of the connection holds its number slot.
        slot_holder: The entry that holds it, if any.
        version_seen: The version of the entry that the person saw, if it is given.
        leased: True if a worker holds a live lease.
        in_doubt: True if a call is not settled.
        left: True if there is a leftover document in the ERP.
        left_is_accepted: True if all leftover documents are those of the current acceptance, one
            per role.
        changes: The changes in the export document since it was sent, as text.
        mapped: The ids in the ERP that the connection maps; ``None``: they are not known.
        unmapped: The codes without an id in the ERP, of the kinds that the connection maps, other
            than tax codes: ``cost_code 05-120``.
        erp_number: The invoice number for the ERP, if a person gives another one than that of the
            invoice.
        erp_number_uses: The vendor's invoices with a number that looks like ``erp_number``, if
            the host can find them.
        accounting_periods: The accounting periods of the ERP; ``None``: they are not known.
        periods_unread: Why these periods could not be read; ``None`` if they were, or need not be.
        erp_verdict: The verdict of the adapter's check; ``None``: it was not made.
        erp_unchecked: Why this check could not be made; ``None`` if it was, or need not be.
            ``connection`` then has the name of the ERP connection.
        fields_changed: True if the given export fields differ from the accepted ones.
        complete: True if every step of the export plan has its receipt.
        today: The day (UTC) of the action; if it is absent, a billing date in the future is not
            checked.
        settled: True if a look-up or a person may find by now that the calls in doubt did not
            happen; ``settles_at`` is the time (UTC) from which they may.
        replayable: True if every call in doubt may be repeated under its key.
        gone: True if the documents of the entry were read by their ids, and all are gone.
        documents_unread: Why these documents could not be read; ``None`` if they were.
        erp_payments: The payments of these documents in the ERP, each with its amount and its date.
        payments_unread: Why these payments could not be read; ``None`` if they were.
        settles_all: True if the resolution settles every call in doubt.
        denies_receipt: True if the resolution states that a document with a receipt is absent.

    Raises:
        ValueError: The currency is not a code of ISO 4217.
    """

    actor: Actor | None = None
    policy: Policy = _POLICY
    erp: Declaration | None = None
    connection: str | None = None
    connections: tuple[str, ...] = ()

    invoice_id: str | None = None
    invoice_number: str | None = None
    project_id: str | None = None
    invoice_status: InvoiceStatus | None = None
    is_latest: bool | None = None
    document: ExportDocument | None = None
    link_differences: tuple[LinkDifference, ...] = ()
    uses: frozenset[Feature] | None = None
    currency: str | None = None
    gross: Decimal | None = None
    retained: Decimal | None = None
    released: Decimal | None = None
    stored: Decimal | None = None
    taxed: bool | None = None
    taxes: tuple[str, ...] = ()
    tax: Decimal | None = None
    tax_codes: tuple[str, ...] | None = None
    over_billed: bool | None = None
    over_billed_items: tuple[ItemExcess, ...] = ()
    over_released: tuple[ItemExcess, ...] = ()
    previous_is_known: bool | None = None
    previous_agrees: bool | None = None
    line_8: Decimal | None = None
    number_is_unique: bool | None = None
    number_uses: tuple[NumberUse, ...] = ()
    similar_numbers: tuple[NumberUse, ...] = ()
    has_period: bool | None = None
    billing_date: date | None = None
    attachments: int = 0
    has_content: bool = False
    commitment_status: str | None = None
    commitment_synced: bool | None = None
    vendor_synced: bool | None = None
    job_synced: bool | None = None
    cost_codes_synced: bool | None = None
    change_orders_synced: bool | None = None
    unsynced_cost_codes: tuple[str, ...] = ()
    unmapped_items: tuple[str, ...] = ()
    unsynced_change_orders: tuple[str, ...] = ()
    holds: tuple[Hold, ...] | None = None
    fields: Mapping[str, str | None] | None = attrs.field(default=None, hash=False)
    earlier_unsynced: tuple[str, ...] = ()
    proposed: Mapping[str, str] | None = attrs.field(default=None, hash=False)

    erp_status: str | None = None
    is_paid: bool | None = False
    payment_date: date | None = None
    amount_paid: Decimal | None = None
    deleted_on: date | None = None
    commitment_deleted_on: date | None = None
    rejected_items: tuple[str, ...] = ()
    is_simplified: bool = False
    differences: tuple[Difference, ...] = ()
    line_8_difference: Difference | None = None

    entry_id: str | None = None
    export_status: ExportStatus | None = None
    version: int | None = None
    version_seen: int | None = None
    sent_by: str | None = None
    slot_is_free: bool | None = None
    slot_holder: NumberUse | None = None
    leased: bool | None = None
    in_doubt: bool | None = None
    left: bool | None = None
    left_is_accepted: bool | None = None
    acceptance_stands: bool | None = None
    changes: tuple[str, ...] | None = None
    complete: bool | None = None
    withdrawing: bool | None = None
    settled: bool | None = None
    settles_at: datetime | None = None
    today: date | None = None
    replayable: bool | None = None
    is_due: bool | None = None
    gone: bool | None = None
    documents_unread: str | None = None
    erp_payments: tuple[str, ...] = ()
    payments_unread: str | None = None

    reason: str | None = None
    evidence: str | None = None
    export_fields: Mapping[str, str] | None = attrs.field(default=None, hash=False)
    mapped: tuple[MappedId, ...] | None = None
    unmapped: tuple[str, ...] = ()
    erp_number: str | None = None
    erp_number_uses: tuple[NumberUse, ...] = ()
    accounting_periods: tuple[AccountingPeriod, ...] | None = None
    periods_unread: str | None = None
    erp_verdict: Verdict | None = None
    erp_unchecked: str | None = None
    fields_changed: bool | None = None
    rules_absent: bool = False
    settles_all: bool | None = None
    denies_receipt: bool | None = None

    # The results of steady rows, which the cases of the same host's facts share.
    known: Known = attrs.field(factory=Known, init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.currency is not None and not is_currency(self.currency):
            msg = f"The currency of a case is a code of ISO 4217, as USD is; {self.currency!a:.40} is not."
            raise ValueError(msg)

    def with_entry(self, facts: EntryFacts) -> Case:
        """Return the case with the facts of an entry; the host's facts are not checked again."""
        return evolve(self, facts)

    @classmethod
    def of(
        cls,
        invoice: Invoice,
        commitment: Commitment,
        *,
        vendor: Vendor,
        project: Project,
        company_id: str,
        previous: Invoice | None = None,
        siblings: Sequence[Invoice | InvoiceSummary] | None = None,
        unsynced: Collection[str] = (),
        numbers: Sequence[NumberUse] = (),
    ) -> Case:
        """
        Return the case of an invoice with the facts from documents.

        Args:
            invoice: The invoice.
            commitment: The commitment that it bills.
            vendor: The commitment's contract company.
            project: The commitment's project.
            company_id: The company.
            previous: The commitment's previous invoice, where it is known.
            siblings: The commitment's other invoices; ``()``: it has none; ``None``: they are not
                known, and what depends on them is denied.
            unsynced: Ids of those siblings that are not synced.
            numbers: The numbers of the vendor's invoices, of whichever commitment.
        """
        from .facts import build_document_facts  # noqa: PLC0415 - a host with facts of its own needs no billing

        return cls(
            **build_document_facts(
                invoice,
                commitment,
                vendor=vendor,
                project=project,
                company_id=company_id,
                previous=previous,
                siblings=siblings,
                unsynced=unsynced,
                numbers=numbers,
            )
        )

    @classmethod
    def of_document(
        cls,
        document: ExportDocument,
        **facts: Any,  # noqa: ANN401 - facts of the case, which its constructor checks
    ) -> Case:
        """
        Return the case of an export document that the host has built from its own records.

        The document gives the amounts, the used features, the fields, and whether commitment,
        vendor, job, cost codes and change orders have an id in the ERP. The host adds the facts
        that the document does not contain: ``invoice_status``, ``holds``, ``taxed``,
        ``number_is_unique``, ``previous_is_known`` and ``previous_agrees``, and ``over_billed`` if
        the policy does not allow over-billing. If one of them is absent, sending the invoice is
        denied.

        Args:
            document: The export document.
            facts: Further facts by name, which take precedence over those of the document.
        """
        from .facts import export_facts  # noqa: PLC0415 - as above

        return cls(**{**export_facts(document), **facts})


def replace_facts(case: Case, facts: Mapping[str, object]) -> Case:
    """
    Return the case with other facts of the host, which need no check.

    The results of the rules that the case has kept are about its former facts, so they are left
    out.
    """
    return evolve(case, {**facts, "known": Known()})
