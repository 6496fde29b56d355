"""The declaration of the Beancount adapter."""

from __future__ import annotations

from datetime import timedelta

from ...declaration import (
    AttachmentForm,
    Declaration,
    ExportField,
    FieldRule,
    Handling,
    LandingState,
    LookUp,
    NumberScope,
    Prerequisite,
    Replay,
    RetainageForm,
    Setting,
    StepTerms,
    TaxForm,
    UnlinkForm,
    Validator,
    WithdrawForm,
)
from ...vocabulary import Feature, Support

KEY = "beancount"
_AT_ONCE = timedelta(0)

_TERMS = StepTerms(
    look_up=LookUp.KEY,
    visible_after=_AT_ONCE,
    settles_within=_AT_ONCE,
    replay=Replay.EVERYTHING,
    compares_body=True,
    enforces_key=True,
)
#: The declaration of version 0.1, which took no files of attachments.
_WITHOUT_FILES = "8bfcd8e352d9b31d8317e474303bbe25957829d93ebe5e8ab320c4527a816ee6"

DECLARATION = Declaration(
    key=KEY,
    name="Beancount ledger",
    features={
        **dict.fromkeys(Feature, Support.FULL),
        Feature.WITHDRAW: Support.IMPOSSIBLE,
    },
    prerequisites=frozenset(
        {
            Prerequisite.COMMITMENT,
            Prerequisite.VENDOR,
            Prerequisite.JOB,
            Prerequisite.COST_CODES,
        }
    ),
    terms=dict.fromkeys(("bill", "attach"), _TERMS),
    zero=Handling.REFUSED,
    negative=Handling.EXPORTED,
    release_only=Handling.EXPORTED,
    number_scope=NumberScope.COMMITMENT,
    retainage=RetainageForm.NATIVE,
    tax=TaxForm.IMPOSSIBLE,
    attachments=AttachmentForm.FILES,
    field_rules=(
        FieldRule(field="invoice_number", validator=Validator.PRESENT),
        FieldRule(field="billing_date", validator=Validator.PRESENT),
    ),
    extra_fields=(ExportField(key="accounting_date", label="Accounting date", is_date=True),),
    withdraw=WithdrawForm.IMPOSSIBLE,
    unlink=UnlinkForm.DELETE_FIRST,
    landing=LandingState.POSTED,
    settings=(
        Setting(name="path", label="Path of the ledger file", required=True),
        Setting(name="bean_check", label="Path of bean-check, run before each entry"),
    ),
    supersedes=frozenset({_WITHOUT_FILES}),
)
