"""The company's settings for the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from types import MappingProxyType

import attrs

from ..documents.field_types import refuse_wrong_types
from ..values import Value
from ..vocabulary import Action
from .grants import GRANTS, Grant, Right


def _copy_rows(grants: Mapping[Action, Grant]) -> Mapping[Action, Grant]:
    if not isinstance(grants, Mapping):
        msg = f"grants is of the type {type(grants).__name__}. Give a mapping of Action to Grant."
        raise TypeError(msg)
    for action, grant in grants.items():
        if not isinstance(grant, Grant):  # the rights of the rows are read before other checks
            msg = f"The row {action} of grants is of the type {type(grant).__name__}. Give a Grant."
            raise TypeError(msg)
    return MappingProxyType(dict(grants))


def _read_texts(texts: Iterable[str]) -> frozenset[str]:
    if isinstance(texts, str):
        raise TypeError("Statuses must be a collection of texts, not one text.")
    if not isinstance(texts, Iterable):
        msg = f"Statuses must be a collection of texts, not of the type {type(texts).__name__}."
        raise TypeError(msg)
    return frozenset(texts)


def _check_switch(_policy: object, field: attrs.Attribute[bool], value: object) -> None:
    if not isinstance(value, bool):  # any text would switch it on, "no" too
        msg = f"{field.name} must be True or False, not {value!r}."
        raise TypeError(msg)


class Reaction(Enum):
    """The reaction of the policy to an amount that is unusual and may be right."""

    DENY = "deny"  #: It cannot be sent.
    NOTICE = "notice"  #: The sender and the approver get a notice.


def _read_reaction(word: object) -> Reaction:
    try:
        return Reaction(word)
    except ValueError:
        words = " or ".join(f"Reaction.{each.name}" for each in Reaction)
        msg = f"A reaction must be {words}, not {word!r}."
        raise ValueError(msg) from None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Policy(Value):
    """
    The company's settings for the rules.

    Attributes:
        grants: The host's own rows, in place of those of :data:`GRANTS`.
        separation_of_duties: The last sender may not accept, retry or resolve.
        direct_export: The policy itself accepts an invoice when it is sent.
        reason_required: A rejection needs a reason.
        over_billing: An item may be billed beyond its scheduled value.
        read_back: After the last step the documents are read from the ERP and compared, where the
            adapter can read; an export whose documents differ is not synced.
        attachments_after_sync: Attachments may change once the invoice is in the ERP.
        renumber: The approver may give an invoice another number in the ERP, where the ERP asks for
            the export field ``erp_invoice_number``.
        previous_may_differ: The amount due may differ from line 8, as a certificate may be reduced.
        free_erp_statuses: The values of ``erp_status`` with which an invoice is free to be sent.
            The default is a guess, as Procore's texts do not list the values of that field.
        refused_commitment_statuses: The statuses of a commitment whose invoices cannot be sent.
        summary_difference: The reaction if line 8 of the invoice's own summary differs from the
            computed one.
        over_release: The reaction if an item releases more retainage than is held.
        earliest_billing_date: An earlier billing date is not plausible.
        billing_date_years: A billing date more than this number of years after today is not
            plausible.
        rights: The host's rights that the rows of ``grants`` need in a project; derived.
        company_rights: The host's rights that the rows of ``grants`` need for the company; derived.

    Raises:
        TypeError: A field is not of its type, or one text is given in place of several.
        ValueError: Separation of duties and direct export are both on, a row has no needs or
            belongs to the system, a reaction is not a ``Reaction``, or the years are negative.
    """

    grants: Mapping[Action, Grant] = attrs.field(factory=dict, converter=_copy_rows, hash=False)
    separation_of_duties: bool = attrs.field(default=False, validator=_check_switch)
    direct_export: bool = attrs.field(default=False, validator=_check_switch)
    reason_required: bool = attrs.field(default=True, validator=_check_switch)
    over_billing: bool = attrs.field(default=True, validator=_check_switch)
    attachments_after_sync: bool = attrs.field(default=True, validator=_check_switch)
    read_back: bool = attrs.field(default=False, validator=_check_switch)
    previous_may_differ: bool = attrs.field(default=False, validator=_check_switch)
    renumber: bool = attrs.field(default=False, validator=_check_switch)
    free_erp_statuses: frozenset[str] = attrs.field(
        default=frozenset({"not_synced", "not_sent"}), converter=_read_texts
    )
    refused_commitment_statuses: frozenset[str] = attrs.field(
        default=frozenset({"Void", "Terminated"}), converter=_read_texts
    )
    summary_difference: Reaction = attrs.field(default=Reaction.DENY, converter=_read_reaction)
    over_release: Reaction = attrs.field(default=Reaction.NOTICE, converter=_read_reaction)
    earliest_billing_date: date = date(2000, 1, 1)
    billing_date_years: int = 2
    rights: frozenset[str] = attrs.field(init=False, eq=False, repr=False)
    company_rights: frozenset[str] = attrs.field(init=False, eq=False, repr=False)

    @rights.default
    def _list_rights(self) -> frozenset[str]:
        return self._list_names(for_company=False)

    @company_rights.default
    def _list_company_rights(self) -> frozenset[str]:
        return self._list_names(for_company=True)

    def _list_names(self, *, for_company: bool) -> frozenset[str]:
        needs = (need for grant in self.grants.values() for need in grant.needs)
        rights = (need for need in needs if isinstance(need, Right))
        return frozenset(need.name for need in rights if need.for_company is for_company)

    def __attrs_post_init__(self) -> None:
        refuse_wrong_types(self)
        if self.separation_of_duties and self.direct_export:
            raise ValueError("A policy cannot have both separation of duties and direct export.")
        if self.billing_date_years < 0:
            msg = f"billing_date_years is {self.billing_date_years}. Give 0 or more."
            raise ValueError(msg)
        for action, grant in self.grants.items():
            if GRANTS[action].system or grant.system:
                raise ValueError(f"The grant of {action.value} belongs to the system.")
            if not grant.needs:
                raise ValueError(f"The grant of {action.value} must have at least one need.")
