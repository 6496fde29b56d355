"""The declaration of an ERP integration as one value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType

import attrs

from ..documents import canonical_number, digest_of
from ..values import Value
from ..vocabulary import Feature, Privilege, Support
from .terms import (
    AttachmentForm,
    ExportField,
    Fidelity,
    FieldRule,
    Handling,
    LandingState,
    NumberScope,
    Prerequisite,
    RetainageForm,
    Setting,
    StepTerms,
    TaxForm,
    UnlinkForm,
    WithdrawForm,
    word,
)

_CAUTIOUS = StepTerms()
_LETTERS = "abcdefghijklmnopqrstuvwxyz_"


def _features(given: Mapping[Feature, Support]) -> Mapping[Feature, Support]:
    return MappingProxyType({Feature(name): Support(how) for name, how in given.items()})


def _terms(given: Mapping[str, StepTerms]) -> Mapping[str, StepTerms]:
    return MappingProxyType(dict(given))


def _fidelity(given: Mapping[str, Fidelity]) -> Mapping[str, Fidelity]:
    return MappingProxyType({name: Fidelity(how) for name, how in given.items()})


def _prerequisites(given: Iterable[Prerequisite]) -> frozenset[Prerequisite]:
    return frozenset(map(Prerequisite, given))


def _digests(given: Iterable[str]) -> frozenset[str]:
    return frozenset(given)


def _privileges(given: Iterable[Privilege]) -> frozenset[Privilege]:
    return frozenset(map(Privilege, given))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Declaration(Value):
    """
    The declaration of an ERP integration. The default of each field is the cautious answer.

    Attributes:
        key: ``[a-z_]+``. Its codes begin with it, and its default connection is named after it.
        features: Support by feature; a feature that is missing here is undeclared.
        commitment_statuses: The commitment statuses that it takes, in Procore's spelling;
            ``None``: any.
        terms: Terms by kind of step.
        currencies: ISO 4217 codes; ``None``: any.
        fidelity: Fidelity by field; a field that is missing here is kept.
        supersedes: Digests of former declarations of this adapter to which this one only adds.
            An invoice that was accepted under one of them is exported without a new acceptance. It
            is not part of the digest.

    Raises:
        ValueError: The key is malformed, or a member of an enumeration is not known.
        TypeError: A field takes a member of an enumeration and got text.
    """

    key: str = attrs.field()
    name: str
    contract: int = 1
    features: Mapping[Feature, Support] = attrs.field(factory=dict, converter=_features, hash=False)
    prerequisites: frozenset[Prerequisite] = attrs.field(
        default=frozenset(Prerequisite) - {Prerequisite.CHANGE_ORDERS}, converter=_prerequisites
    )
    commitment_statuses: frozenset[str] | None = None
    privileges: frozenset[Privilege] = attrs.field(default=frozenset(), converter=_privileges)
    terms: Mapping[str, StepTerms] = attrs.field(factory=dict, converter=_terms, hash=False)
    zero: Handling = word(Handling, Handling.REFUSED)
    negative: Handling = word(Handling, Handling.REFUSED)
    release_only: Handling = word(Handling, Handling.REFUSED)
    number_scope: NumberScope = word(NumberScope, NumberScope.VENDOR)
    retainage: RetainageForm = word(RetainageForm, RetainageForm.NONE)
    tax: TaxForm = word(TaxForm, TaxForm.IMPOSSIBLE)
    attachments: AttachmentForm = word(AttachmentForm, AttachmentForm.NONE)
    currencies: frozenset[str] | None = None
    field_rules: tuple[FieldRule, ...] = ()
    extra_fields: tuple[ExportField, ...] = ()
    withdraw: WithdrawForm = word(WithdrawForm, WithdrawForm.IMPOSSIBLE)
    unlink: UnlinkForm = word(UnlinkForm, UnlinkForm.IMPOSSIBLE)
    landing: LandingState = word(LandingState, LandingState.DRAFT)
    settings: tuple[Setting, ...] = ()
    fidelity: Mapping[str, Fidelity] = attrs.field(factory=dict, converter=_fidelity, hash=False)
    supersedes: frozenset[str] = attrs.field(default=frozenset(), converter=_digests, eq=False)

    @key.validator
    def _key_is_a_word(self, _attribute: object, key: str) -> None:
        if not key or key.strip(_LETTERS):
            msg = f"An adapter key must be lower-case letters and underscores, not {key!r}."
            raise ValueError(msg)

    @cached_property
    def digest(self) -> str:
        """The digest of the declaration, computed once."""
        return digest_of(self)

    def support(self, feature: Feature) -> Support:
        """Return the support of a feature."""
        return self.features.get(feature, Support.UNDECLARED)

    def terms_of(self, kind: str) -> StepTerms:
        """Return the terms of a kind of step; if none are declared, the cautious ones."""
        return self.terms.get(kind, _CAUTIOUS)

    def number_as_written(self, number: str | None) -> str | None:
        """
        Return the invoice number as the ERP will store it: the given one after truncation.

        ``None`` if no visible character of it is left.
        """
        for rule in self.field_rules:
            if number and rule.field == "invoice_number" and rule.truncates:
                number = number[: rule.limit]
        return number if number and canonical_number(number) else None
