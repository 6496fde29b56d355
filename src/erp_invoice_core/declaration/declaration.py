"""The declaration of an ERP integration as one value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any

import attrs

from ..canonical import compute_digest
from ..documents import normalize_number
from ..values import Value
from ..vocabulary import Feature, Privilege, Support
from .terms import ExportField, FieldRule, Rounding, Setting, StepTerms, enum_field
from .versions import is_known
from .vocabulary import (
    AttachmentForm,
    Fidelity,
    Handling,
    LandingState,
    NumberScope,
    Prerequisite,
    RetainageForm,
    TaxForm,
    UnlinkForm,
    WithdrawForm,
)

_CAUTIOUS = StepTerms()
#: The amounts of tax, which an ERP that derives tax computes itself.
_TAXES = frozenset({"tax", "line_tax"})
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_KEY_CHARACTERS = f"{_LETTERS}0123456789_"


def _freeze_features(given: Mapping[Feature, Support]) -> Mapping[Feature, Support]:
    return MappingProxyType({Feature(name): Support(how) for name, how in given.items()})


def _freeze_terms(given: Mapping[str, StepTerms]) -> Mapping[str, StepTerms]:
    return MappingProxyType(dict(given))


def _freeze_fidelity(given: Mapping[str, Fidelity]) -> Mapping[str, Fidelity]:
    return MappingProxyType({name: Fidelity(how) for name, how in given.items()})


def _freeze_rounding(given: Mapping[str, Rounding]) -> Mapping[str, Rounding]:
    return MappingProxyType(dict(given))


def _freeze_lengths(given: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(given))


def _freeze_tolerances(given: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    return MappingProxyType(dict(given))


def _freeze_prerequisites(given: Iterable[Prerequisite]) -> frozenset[Prerequisite]:
    return frozenset(map(Prerequisite, given))


def _freeze_digests(given: Iterable[str]) -> frozenset[str]:
    return frozenset(given)


def _freeze_privileges(given: Iterable[Privilege]) -> frozenset[Privilege]:
    return frozenset(map(Privilege, given))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Declaration(Value):
    """
    The declaration of an ERP integration: what the ERP and its adapter can do.

    The default of each field is the cautious answer, such as that a feature is undeclared.

    Attributes:
        key: ``[a-z][a-z0-9_]*``. The codes of the adapter begin with it, and it is the name of the
            connection by default.
        name: The name of the ERP, for people.
        contract: The contract version for which the adapter was written. The declaration is judged
            by the vocabulary of that version: a feature, a prerequisite or a privilege of a later
            version is left out, as if it were not declared.
        features: Support by feature; a feature that is missing here is undeclared.
        prerequisites: The objects that must be in the ERP before an invoice is exported, such as
            its vendor; all but change orders by default.
        commitment_statuses: The statuses of commitments whose invoices the ERP takes, in Procore's
            spelling; ``None``: any.
        privileges: The rights that a person needs besides the usual levels, such as a flag of the
            company directory.
        terms: Terms by kind of step.
        zero: The treatment of an invoice of zero: exported or refused.
        negative: The treatment of an invoice below zero, which is a credit.
        release_only: The treatment of an invoice that bills nothing and releases retainage.
        number_scope: The bills among which an invoice number must be unique in the ERP.
        retainage: How the ERP keeps the retainage that a bill holds.
        tax: The treatment of tax: kept as sent, computed by the ERP, or impossible.
        attachments: The form in which attachments are sent.
        currencies: ISO 4217 codes; ``None``: any.
        field_rules: Rules about fields, such as the longest invoice number.
        extra_fields: The fields that an approver fills in at the acceptance.
        withdraw: The way to remove documents: by the integration, by hand, or not at all.
        unlink: The condition on which a synced invoice may be unlinked from its documents.
        landing: The state in the ERP of a document that was just exported.
        settings: The settings of a connection to the ERP, such as its address and token.
        fidelity: How the ERP treats the value of each field; :meth:`find_fidelity` has the default.
        is_profile: True if the declaration was made from the published rules of an ERP, without an
            adapter: it explains refusals and losses, and nothing can be sent to the ERP.
        rounding: The rounding of each field whose fidelity is ``ROUNDED``.
        lengths: The number of characters that the ERP keeps of each field whose fidelity is
            ``TRUNCATED``. It may be the limit of a field rule that truncates instead.
        tolerances: The largest allowed difference of each field whose fidelity is ``DERIVED``.
        supersedes: Digests of former declarations of this adapter to which this one only adds. An
            invoice that was accepted under one of them is exported without a new acceptance. This
            field is not part of the digest.

    Raises:
        ValueError: The key is malformed, or a member of an enumeration is not known.
        TypeError: A field takes a member of an enumeration and got text.
    """

    key: str = attrs.field()
    name: str
    contract: int = 1
    features: Mapping[Feature, Support] = attrs.field(
        factory=dict, converter=_freeze_features, hash=False
    )
    prerequisites: frozenset[Prerequisite] = attrs.field(
        default=frozenset(Prerequisite) - {Prerequisite.CHANGE_ORDERS},
        converter=_freeze_prerequisites,
    )
    commitment_statuses: frozenset[str] | None = None
    privileges: frozenset[Privilege] = attrs.field(
        default=frozenset(), converter=_freeze_privileges
    )
    terms: Mapping[str, StepTerms] = attrs.field(factory=dict, converter=_freeze_terms, hash=False)
    zero: Handling = enum_field(Handling, Handling.REFUSED)
    negative: Handling = enum_field(Handling, Handling.REFUSED)
    release_only: Handling = enum_field(Handling, Handling.REFUSED)
    number_scope: NumberScope = enum_field(NumberScope, NumberScope.VENDOR)
    retainage: RetainageForm = enum_field(RetainageForm, RetainageForm.NONE)
    tax: TaxForm = enum_field(TaxForm, TaxForm.IMPOSSIBLE)
    attachments: AttachmentForm = enum_field(AttachmentForm, AttachmentForm.NONE)
    currencies: frozenset[str] | None = None
    field_rules: tuple[FieldRule, ...] = ()
    extra_fields: tuple[ExportField, ...] = ()
    withdraw: WithdrawForm = enum_field(WithdrawForm, WithdrawForm.IMPOSSIBLE)
    unlink: UnlinkForm = enum_field(UnlinkForm, UnlinkForm.IMPOSSIBLE)
    landing: LandingState = enum_field(LandingState, LandingState.DRAFT)
    settings: tuple[Setting, ...] = ()
    fidelity: Mapping[str, Fidelity] = attrs.field(
        factory=dict, converter=_freeze_fidelity, hash=False
    )
    is_profile: bool = False
    rounding: Mapping[str, Rounding] = attrs.field(
        factory=dict, converter=_freeze_rounding, hash=False
    )
    lengths: Mapping[str, int] = attrs.field(factory=dict, converter=_freeze_lengths, hash=False)
    tolerances: Mapping[str, Decimal] = attrs.field(
        factory=dict, converter=_freeze_tolerances, hash=False
    )
    supersedes: frozenset[str] = attrs.field(
        default=frozenset(), converter=_freeze_digests, eq=False
    )

    def __attrs_post_init__(self) -> None:
        """Leave out the features, prerequisites and privileges of later contract versions."""
        contract = self.contract
        features = {
            each: how
            for each, how in self.features.items()
            if is_known(f"features.{each.value}: {how.value}", contract)
        }
        needed: dict[str, frozenset[Any]] = {
            name: frozenset(
                each for each in words if is_known(f"{name}.{each.value}: needed", contract)
            )
            for name, words in (
                ("prerequisites", self.prerequisites),
                ("privileges", self.privileges),
            )
        }
        for name, known in {"features": MappingProxyType(features), **needed}.items():
            object.__setattr__(self, name, known)

    @key.validator
    def _check_key(self, _attribute: object, key: str) -> None:
        if not key or key[0] not in _LETTERS or key.strip(_KEY_CHARACTERS):
            msg = (
                "An adapter key must be lower-case letters, digits and underscores, with a letter"
                f" first, not {key!r}."
            )
            raise ValueError(msg)

    @cached_property
    def digest(self) -> str:
        """The digest of the declaration, computed once."""
        return compute_digest(self)

    @cached_property
    def supported(self) -> frozenset[Feature]:
        """The features whose support is full."""
        return frozenset(name for name, how in self.features.items() if how is Support.FULL)

    def support(self, feature: Feature) -> Support:
        """Return the support of a feature; one that is not declared is ``UNDECLARED``."""
        return self.features.get(feature, Support.UNDECLARED)

    def find_fidelity(self, field: str) -> Fidelity:
        """
        Return the declared fidelity of a field.

        If a field has no declared fidelity: ``tax`` and ``line_tax`` are ``DERIVED`` if the field
        ``tax`` of the declaration is, a field that a rule cuts is ``TRUNCATED``, and every other
        field is ``KEPT``.
        """
        stated = self.fidelity.get(field)
        if stated is not None:
            return stated
        if field in _TAXES and self.tax is TaxForm.DERIVED:
            return Fidelity.DERIVED
        is_cut = any(rule.field == field and rule.truncates for rule in self.field_rules)
        return Fidelity.TRUNCATED if is_cut else Fidelity.KEPT

    def find_length(self, field: str) -> int | None:
        """Return how many characters the ERP keeps of a field; ``None`` if it keeps all."""
        limits = [
            rule.limit
            for rule in self.field_rules
            if rule.field == field and rule.truncates and rule.limit is not None
        ]
        if self.fidelity.get(field) is Fidelity.TRUNCATED and field in self.lengths:
            limits.append(self.lengths[field])
        return min(limits, default=None)

    def terms_of(self, kind: str) -> StepTerms:
        """Return the terms of a kind of step; if none are declared, the cautious ones."""
        return self.terms.get(kind, _CAUTIOUS)

    def truncate_number(self, number: str | None) -> str | None:
        """
        Return the invoice number as the ERP will store it: the given one after truncation.

        ``None`` if no visible character of it is left.
        """
        if number:
            number = number[: self.find_length("invoice_number")]
        return number if number and normalize_number(number) else None
