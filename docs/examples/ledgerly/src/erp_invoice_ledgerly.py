"""Export to Ledgerly, which keeps bills under our key and holds no retainage."""

from datetime import UTC, datetime, timedelta
from itertools import count

from erp_invoice_core import adapters as erp

NUMBERS = count(1)  # Ledgerly numbers its bills; the threads of a worker write at the same time
BILLS: dict[str, tuple[erp.Receipt, erp.Contents]] = {}  # stands for Ledgerly's API, by key
SUPPORTED = (erp.Feature.INVOICES, erp.Feature.SUBCONTRACTS, erp.Feature.PURCHASE_ORDERS,
             erp.Feature.AMOUNT_BASED, erp.Feature.UNIT_BASED, erp.Feature.CHANGE_ORDERS,
             erp.Feature.STORED_MATERIALS, erp.Feature.UNLINK)  # fmt: skip
LACKING = (erp.Feature.RETAINAGE, erp.Feature.RETAINAGE_RELEASE, erp.Feature.WITHDRAW)  # fmt: skip


@erp.hookimpl
def erp_declaration() -> erp.Declaration:
    """Declare what Ledgerly can do; what is left out counts as the cautious answer."""
    return erp.Declaration(
        key="ledgerly",
        name="Ledgerly",
        features=dict.fromkeys(SUPPORTED, erp.Support.FULL)
        | dict.fromkeys(LACKING, erp.Support.IMPOSSIBLE),
        terms={"bill": erp.StepTerms(look_up=erp.LookUp.KEY, settles_within=timedelta(minutes=5))},
        currencies=frozenset({"USD"}),
        unlink=erp.UnlinkForm.DELETE_FIRST,
        settings=(erp.Setting(name="token", kind=erp.SettingKind.SECRET, required=True),),
    )


@erp.hookimpl
def erp_check(request: erp.ExportRequest) -> erp.Verdict:
    """Refuse before anything is written what Ledgerly would book wrongly."""
    return erp.find_undeclared(request, erp_declaration())


@erp.hookimpl
def erp_write(request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:
    """Create the bill."""
    vendor, amount, number = request.document.vendor_origin_id, request.document.due, request.number
    if datetime.now(UTC) > request.deadline:
        return erp.Deferred(None, "It was too late; nothing was sent.")
    bill_id = f"L-{next(NUMBERS)}"  # what Ledgerly answers
    receipt = erp.Receipt(step=step.name, erp_id=bill_id, role=step.role, digest=request.digest)
    bill = erp.Contents(vendor=vendor, number=number, amount=amount, date=request.accounting_date)
    BILLS[request.key(step).text] = (receipt, bill)
    return erp.Done(receipt)


@erp.hookimpl
def erp_find(keys: tuple[str, ...]) -> erp.Sighting:
    """Look the bill up by our keys."""
    found = [BILLS[key] for key in keys if key in BILLS]
    if len(found) > 1:
        return erp.Several(f"Ledgerly has {len(found)} bills under these keys.")
    return erp.Found(*found[0]) if found else erp.Absent(datetime.now(UTC))


@erp.hookimpl
def erp_read(receipt: erp.Receipt) -> erp.Contents | erp.Gone:
    """Read the bill by Ledgerly's id."""
    held = {bill.erp_id: contents for bill, contents in BILLS.values()}
    return held.get(receipt.erp_id, erp.Gone(datetime.now(UTC)))
