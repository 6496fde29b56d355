"""The declaration of the Tryton adapter."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ...declaration import (
    AttachmentForm,
    Declaration,
    ExportField,
    Fidelity,
    FieldRule,
    Handling,
    LandingState,
    LookUp,
    NumberScope,
    Prerequisite,
    Replay,
    RetainageForm,
    Setting,
    SettingKind,
    StepTerms,
    TaxForm,
    UnlinkForm,
    Validator,
    WithdrawForm,
)
from ...vocabulary import Feature, Support

KEY: Final = "tryton"
#: The kinds of steps.
BILL, ATTACH, POST = "bill", "attach", "post"
#: Tryton carries a request out while its connection is open, and the client closes the connection
#: at the time limit. A reverse proxy before it may hold a request longer, by default one minute.
SETTLES_WITHIN: Final = timedelta(minutes=5)
TIME_LIMIT: Final = timedelta(seconds=30)

_SETTINGS = (
    Setting(name="base_url", label="Address of the server", required=True),
    Setting(name="database", label="Name of the database", required=True),
    Setting(name="key", kind=SettingKind.SECRET, label="Key of the REST API", required=True),
    Setting(name="company", label="Name or code of the company, if the key sees several"),
    Setting(name="journal", label="Code of the expense journal", required=True, default="EXP"),
    Setting(name="expense_account", label="Code of the expense account", required=True),
    Setting(
        name="expense_accounts",
        kind=SettingKind.MAPPING,
        label="Codes of other expense accounts, by the ERP id of the cost type",
    ),
    Setting(
        name="payment_terms",
        kind=SettingKind.MAPPING,
        label="Names of payment terms in Tryton, by the words of the source",
    ),
    Setting(name="retainage_account", label="Code of the retainage account", required=True),
    Setting(name="payable_account", label="Code of the payable account, if not the vendor's"),
    Setting(name="job_root", label="Code of the analytic root of jobs", required=True),
    Setting(name="cost_code_root", label="Code of the analytic root of cost codes", required=True),
)
_FEATURES = (
    Feature.INVOICES,
    Feature.SUBCONTRACTS,
    Feature.PURCHASE_ORDERS,
    Feature.AMOUNT_BASED,
    Feature.UNIT_BASED,
    Feature.CHANGE_ORDERS,
    Feature.STORED_MATERIALS,
    Feature.RETAINAGE,
    Feature.RETAINAGE_RELEASE,
    Feature.WITHDRAW,
    Feature.UNLINK,
)
#: Tryton has no field for these values; it has an amount of tax for each tax, and none for a line.
_DROPPED = ("stored_materials", "commitment_origin_id", "period_id", "line_tax")


def build_declaration(
    *, settles_within: timedelta = SETTLES_WITHIN, time_limit: timedelta = TIME_LIMIT
) -> Declaration:
    """
    Return the declaration.

    Args:
        settles_within: How long after it was sent a request may still be executed.
        time_limit: The time limit of each call of a hook.
    """
    terms = StepTerms(
        look_up=LookUp.NUMBER,
        # Tryton commits its transaction before it answers.
        visible_after=timedelta(0),
        settles_within=settles_within,
        replay=Replay.NONE,
        time_limit=time_limit,
    )
    return Declaration(
        key=KEY,
        name="Tryton",
        features=dict.fromkeys(_FEATURES, Support.FULL),
        prerequisites=frozenset({Prerequisite.VENDOR, Prerequisite.JOB, Prerequisite.COST_CODES}),
        terms=dict.fromkeys((BILL, ATTACH, POST), terms),
        zero=Handling.EXPORTED,
        negative=Handling.EXPORTED,
        release_only=Handling.EXPORTED,
        number_scope=NumberScope.VENDOR,
        retainage=RetainageForm.LINE,
        tax=TaxForm.KEPT,
        attachments=AttachmentForm.FILES,
        field_rules=(
            FieldRule(field="invoice_number", validator=Validator.PRESENT),
            FieldRule(field="billing_date", validator=Validator.PRESENT),
        ),
        extra_fields=(
            ExportField(key="accounting_date", label="Accounting date", is_date=True),
            ExportField(key="due_date", label="Due date", is_date=True),
            ExportField(key="terms", label="Payment terms"),
        ),
        withdraw=WithdrawForm.FULL,
        unlink=UnlinkForm.DELETE_FIRST,
        landing=LandingState.POSTED,
        settings=_SETTINGS,
        # An amount is quantity times price, a price has four decimals, and a quantity is a float:
        # where these do not come to the amount, the line is one unit at the amount.
        fidelity={"line_quantity": Fidelity.DERIVED, **dict.fromkeys(_DROPPED, Fidelity.DROPPED)},
    )
