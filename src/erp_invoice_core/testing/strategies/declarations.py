"""Strategies for declarations of ERP adapters."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st

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
    StepTerms,
    TaxForm,
    UnlinkForm,
    Validator,
    WithdrawForm,
)
from ...vocabulary import Feature, Privilege, Support
from .words import names

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_FIELDS = ("invoice_number", "billing_date", "vendor_name", "accounting_date")
_KEYS = st.from_regex(r"[a-h][a-h0-9_]{0,7}", fullmatch=True)


@cache
def _terms() -> SearchStrategy[StepTerms]:
    seconds = st.integers(0, 86_400).map(lambda count: timedelta(seconds=count))
    return st.builds(
        StepTerms,
        look_up=st.sampled_from(LookUp),
        visible_after=seconds,
        settles_within=st.none() | seconds,
        replay=st.sampled_from(Replay),
        replay_for=st.none() | seconds,
        compares_body=st.booleans(),
        enforces_key=st.booleans(),
    )


@cache
def declarations() -> SearchStrategy[Declaration]:
    """Declarations of any kind, most of which refuse something."""
    rule = st.builds(
        FieldRule,
        field=st.sampled_from(_FIELDS),
        validator=st.sampled_from(Validator),
        limit=st.integers(1, 60),
        at_export=st.booleans(),
        truncates=st.booleans(),
    )
    extra = st.builds(
        ExportField,
        key=st.sampled_from(_FIELDS[-1:]),
        label=names(),
        required=st.booleans(),
        is_date=st.booleans(),
    )
    few = st.sampled_from([None, frozenset({"USD"}), frozenset({"EUR", "USD"})])
    return st.builds(
        Declaration,
        key=_KEYS,
        name=names(),
        features=st.dictionaries(st.sampled_from(Feature), st.sampled_from(Support)),
        prerequisites=st.frozensets(st.sampled_from(Prerequisite)),
        commitment_statuses=st.sampled_from([None, frozenset({"Approved"})]),
        privileges=st.frozensets(st.sampled_from(Privilege)),
        terms=st.dictionaries(st.sampled_from(["bill", "post"]), _terms(), max_size=2),
        zero=st.sampled_from(Handling),
        negative=st.sampled_from(Handling),
        release_only=st.sampled_from(Handling),
        number_scope=st.sampled_from(NumberScope),
        retainage=st.sampled_from(RetainageForm),
        tax=st.sampled_from(TaxForm),
        attachments=st.sampled_from(AttachmentForm),
        currencies=few,
        field_rules=st.lists(rule, max_size=2).map(tuple),
        extra_fields=st.lists(extra, max_size=1).map(tuple),
        withdraw=st.sampled_from(WithdrawForm),
        unlink=st.sampled_from(UnlinkForm),
        landing=st.sampled_from(LandingState),
        fidelity=st.dictionaries(st.sampled_from(_FIELDS), st.sampled_from(Fidelity), max_size=2),
    )


@cache
def permissive_declarations() -> SearchStrategy[Declaration]:
    """Declarations that support everything, with any prerequisites, and refuse no amount."""
    return st.builds(
        Declaration,
        key=_KEYS,
        name=names(),
        features=st.just(dict.fromkeys(Feature, Support.FULL)),
        prerequisites=st.frozensets(st.sampled_from(Prerequisite)),
        terms=st.dictionaries(st.sampled_from(["bill", "post"]), _terms(), max_size=2),
        zero=st.just(Handling.EXPORTED),
        negative=st.just(Handling.EXPORTED),
        release_only=st.just(Handling.EXPORTED),
        number_scope=st.sampled_from(NumberScope),
        retainage=st.sampled_from(RetainageForm),
        tax=st.sampled_from([TaxForm.KEPT, TaxForm.DERIVED]),
        attachments=st.sampled_from(AttachmentForm),
        withdraw=st.just(WithdrawForm.FULL),
        unlink=st.sampled_from([UnlinkForm.DELETE_FIRST, UnlinkForm.FREE]),
        landing=st.sampled_from(LandingState),
    )
