"""Features that an action needs of the ERP: one row per feature."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from ..declaration import UnlinkForm, WithdrawForm
from ..values import Value
from ..verdict import Denial, Source
from ..vocabulary import Action, Feature, Support
from .remedies import CORRECT_BY_HAND, fill, one_of
from .remedy_rows import BOOK_BY_HAND, BUILD, DECLARE, INSTALL, NAME_CONNECTION, SUPPLY_FACTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..declaration import Declaration
    from .case import Case
    from .remedies import Alternatives


@attrs.frozen(kw_only=True, eq=False, repr=False)
class FeatureNeed(Value):
    """
    A feature that actions need.

    Attributes:
        acts: The actions that need it.
        deed: The ability of the ERP, as the words after *can*.
        always: True if it is needed even if the document does not use it.
    """

    feature: Feature
    acts: frozenset[Action]
    deed: str
    always: bool = False


_TAKING = frozenset({Action.SEND, Action.RESEND, Action.ACCEPT, Action.RETRY, Action.START})
_WITHDRAWING = frozenset({Action.WITHDRAW})
_UNLINKING = frozenset({Action.UNLINK})
_FULLY = frozenset({Support.FULL})
_BY_FORM = _WITHDRAWING | _UNLINKING


def _row(
    feature: Feature, acts: frozenset[Action], deed: str, *, always: bool = False
) -> FeatureNeed:
    return FeatureNeed(feature=feature, acts=acts, deed=deed, always=always)


# fmt: off
#: Domain 4: each ERP has its own set.
NEEDS: tuple[FeatureNeed, ...] = (
    #    feature                    acts          deed
    _row(Feature.INVOICES,          _TAKING,      "take subcontractor invoices", always=True),
    _row(Feature.SUBCONTRACTS,      _TAKING,      "take invoices of subcontracts"),
    _row(Feature.PURCHASE_ORDERS,   _TAKING,      "take invoices of purchase orders"),
    _row(Feature.AMOUNT_BASED,      _TAKING,      "take items billed by amount"),
    _row(Feature.UNIT_BASED,        _TAKING,      "take items billed by quantity and price"),
    _row(Feature.CHANGE_ORDERS,     _TAKING,      "take items of change orders"),
    _row(Feature.STORED_MATERIALS,  _TAKING,      "take stored materials"),
    _row(Feature.RETAINAGE,         _TAKING,      "hold retainage"),
    _row(Feature.RETAINAGE_RELEASE, _TAKING,      "release retainage"),
    _row(Feature.WITHDRAW,          _WITHDRAWING, "remove again what was written", always=True),
    _row(Feature.UNLINK,            _UNLINKING,   "unlink synced invoices", always=True),
)
# fmt: on

_SENTENCES: Mapping[Support, str] = MappingProxyType(
    {
        Support.IMPOSSIBLE: "{erp} cannot {deed}.",
        Support.MISSING: "The {erp} integration does not {deed} yet.",
        Support.UNDECLARED: "The {erp} integration has not declared whether it can {deed}.",
    }
)
_REMEDIES: Mapping[Support, Alternatives] = MappingProxyType(
    {
        Support.IMPOSSIBLE: one_of(BOOK_BY_HAND),
        Support.MISSING: one_of(BUILD),
        Support.UNDECLARED: one_of(DECLARE),
    }
)
# An invoice to unlink or withdraw is in the ERP, and entering it there would book it twice.
_WHERE_IT_IS: Mapping[Support, Alternatives] = MappingProxyType(
    {**_REMEDIES, Support.IMPOSSIBLE: one_of(CORRECT_BY_HAND)}
)


def support_of(erp: Declaration, feature: Feature) -> Support:
    """
    Return the ERP's support of the feature.

    For withdrawing and unlinking the declaration also has a form. A declaration with a form
    supports the feature; one whose form is *impossible* does not.
    """
    stated = erp.support(feature)
    if feature is Feature.WITHDRAW:
        possible = erp.withdraw is not WithdrawForm.IMPOSSIBLE
    elif feature is Feature.UNLINK:
        possible = erp.unlink is not UnlinkForm.IMPOSSIBLE
    else:
        return stated
    if possible:
        return Support.FULL if stated is Support.UNDECLARED else stated
    return Support.IMPOSSIBLE if stated is Support.FULL else stated


def denials(action: Action, needs: tuple[FeatureNeed, ...], case: Case) -> tuple[Denial, ...]:
    """Return one denial per feature that the document uses and the ERP does not fully support."""
    if not needs:
        return ()
    erp, uses = case.erp, case.uses
    if erp is None:
        # Without an adapter a person acts by hand, with evidence.
        return () if action in _BY_FORM else (_unnamed(case),)
    if uses is not None and action not in _BY_FORM and _takes_all(erp, uses):
        return ()
    # Once something is written the export is finished, and its document is not checked again.
    finishes = action is Action.RETRY and case.left is True
    found: tuple[Denial, ...] = ()
    for need in needs:
        feature = need.feature
        if not need.always and (finishes or uses is None or feature not in uses):
            continue
        support = support_of(erp, feature)
        if support is not Support.FULL:
            found += (_denial(need, support, erp, case),)
    if uses is None and action in _TAKING and not finishes:
        found += (_untold(case),)
    return found


def _takes_all(erp: Declaration, uses: frozenset[Feature]) -> bool:
    """Return whether every feature that any row could need is fully supported, as is usual."""
    support = erp.features.get
    return support(Feature.INVOICES) is Support.FULL and _FULLY.issuperset(map(support, uses))


def _denial(need: FeatureNeed, support: Support, erp: Declaration, case: Case) -> Denial:
    facts = {"erp": erp.name, "feature": need.feature.value, "support": support.value}
    remedies = _WHERE_IT_IS if need.acts <= _BY_FORM else _REMEDIES
    return Denial(
        f"feature.{need.feature.value}.{support.value}",
        _SENTENCES[support].format(erp=erp.name, deed=need.deed),
        Source.FEATURE,
        facts,
        fill(remedies[support], case, facts),
    )


def _unnamed(case: Case) -> Denial:
    return Denial(
        "feature.invoices.undeclared",
        "Name a connection whose ERP integration is installed.",
        Source.FEATURE,
        remedies=fill(one_of(NAME_CONNECTION, INSTALL), case),
    )


def _untold(case: Case) -> Denial:
    return Denial(
        "feature.invoices.undeclared",
        "Tell which features this invoice uses, so that it can be checked whether the ERP takes"
        " them.",
        Source.FEATURE,
        {"fact": "uses"},
        fill(one_of(SUPPLY_FACTS), case),
    )
