"""Features that an action needs of the ERP: one row per feature."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from ..declaration import UnlinkForm, WithdrawForm
from ..message_template import ANY, MessageTemplate
from ..values import Value
from ..verdict import Source
from ..vocabulary import Action, Feature, Support
from .remedies import CORRECT_BY_HAND, fill, one_of
from .remedy_rows import BOOK_BY_HAND, BUILD, DECLARE, INSTALL, NAME_CONNECTION, SUPPLY_FACTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..declaration import Declaration
    from ..verdict import Denial
    from .case import Case
    from .remedies import Alternatives


@attrs.frozen(kw_only=True, eq=False, repr=False)
class FeatureNeed(Value):
    """
    A feature that actions need.

    Attributes:
        acts: The actions that need it.
        templates: The template of the denial, by the support that the ERP declares.
        always: True if it is needed even if the document does not use it.
    """

    feature: Feature
    acts: frozenset[Action]
    templates: Mapping[Support, MessageTemplate] = attrs.field(hash=False)
    always: bool = False


_TAKING = frozenset({Action.SEND, Action.RESEND, Action.ACCEPT, Action.RETRY, Action.START})
_WITHDRAWING = frozenset({Action.WITHDRAW})
_UNLINKING = frozenset({Action.UNLINK})
_BY_FORM = _WITHDRAWING | _UNLINKING
_INVOICES = Feature.INVOICES


def _row(
    feature: Feature,
    acts: frozenset[Action],
    *,
    impossible: str,
    missing: str,
    undeclared: str,
    always: bool = False,
) -> FeatureNeed:
    texts = {
        Support.IMPOSSIBLE: impossible,
        Support.MISSING: missing,
        Support.UNDECLARED: undeclared,
    }
    templates = {
        support: MessageTemplate(
            f"feature.{feature.value}.{support.value}", text, source=Source.FEATURE
        )
        for support, text in texts.items()
    }
    return FeatureNeed(feature=feature, acts=acts, templates=templates, always=always)


# fmt: off
#: Domain 4: each ERP has its own set.
NEEDS: tuple[FeatureNeed, ...] = (
    _row(
        Feature.INVOICES, _TAKING, always=True,
        impossible="{erp} takes no subcontractor invoices. Enter this invoice in {erp} by hand.",
        missing="The integration of {erp} does not take subcontractor invoices yet."
        " Ask its vendor to add this.",
        undeclared="The integration of {erp} does not declare that it can"
        " take subcontractor invoices. Ask its vendor to declare this.",
    ),
    _row(
        Feature.SUBCONTRACTS, _TAKING,
        impossible="{erp} takes no invoices of subcontracts. Enter this invoice in {erp} by hand.",
        missing="The integration of {erp} does not take invoices of subcontracts yet."
        " Ask its vendor to add this.",
        undeclared="The integration of {erp} does not declare that it can"
        " take invoices of subcontracts. Ask its vendor to declare this.",
    ),
    _row(
        Feature.PURCHASE_ORDERS, _TAKING,
        impossible="{erp} takes no invoices of purchase orders. Enter this invoice in {erp} by hand.",
        missing="The integration of {erp} does not take invoices of purchase orders"
        " yet. Ask its vendor to add this.",
        undeclared="The integration of {erp} does not declare that it can"
        " take invoices of purchase orders. Ask its vendor to declare this.",
    ),
    _row(
        Feature.AMOUNT_BASED, _TAKING,
        impossible="{erp} takes no items that are billed by amount. Enter this invoice in"
        " {erp} by hand.",
        missing="The integration of {erp} does not take items that are billed by"
        " amount yet. Ask its vendor to add this.",
        undeclared="The integration of {erp} does not declare that it can"
        " take items that are billed by amount. Ask its vendor to declare this.",
    ),
    _row(
        Feature.UNIT_BASED, _TAKING,
        impossible="{erp} takes no items that are billed by quantity and price. Enter"
        " this invoice in {erp} by hand.",
        missing="The integration of {erp} does not take items that are billed by"
        " quantity and price yet. Ask its vendor to add this.",
        undeclared="The integration of {erp} does not declare that it can"
        " take items that are billed by quantity and price. Ask its vendor to declare this.",
    ),
    _row(
        Feature.CHANGE_ORDERS, _TAKING,
        impossible="{erp} takes no items of change orders. Enter this invoice in {erp} by hand.",
        missing="The integration of {erp} does not take items of change orders yet."
        " Ask its vendor to add this.",
        undeclared="The integration of {erp} does not declare that it can"
        " take items of change orders. Ask its vendor to declare this.",
    ),
    _row(
        Feature.STORED_MATERIALS, _TAKING,
        impossible="{erp} takes no stored materials. Enter this invoice in {erp} by hand.",
        missing="The integration of {erp} does not take stored materials yet. Ask its"
        " vendor to add this.",
        undeclared="The integration of {erp} does not declare that it can"
        " take stored materials. Ask its vendor to declare this.",
    ),
    _row(
        Feature.RETAINAGE, _TAKING,
        impossible="{erp} holds no retainage. Enter this invoice in {erp} by hand.",
        missing="The integration of {erp} does not hold retainage yet. Ask its vendor to add this.",
        undeclared="The integration of {erp} does not declare that it can"
        " hold retainage. Ask its vendor to declare this.",
    ),
    _row(
        Feature.RETAINAGE_RELEASE, _TAKING,
        impossible="{erp} releases no retainage. Enter this invoice in {erp} by hand.",
        missing="The integration of {erp} does not release retainage yet. Ask its vendor to add this.",
        undeclared="The integration of {erp} does not declare that it can"
        " release retainage. Ask its vendor to declare this.",
    ),
    _row(
        Feature.WITHDRAW, _WITHDRAWING, always=True,
        impossible="{erp} cannot remove a document that was written. Correct the document in {erp} by hand.",
        missing="The integration of {erp} does not yet remove a document that was written. Ask its"
        " vendor to add this.",
        undeclared="The integration of {erp} does not declare that it can"
        " remove a document that was written. Ask its vendor to declare this.",
    ),
    _row(
        Feature.UNLINK, _UNLINKING, always=True,
        impossible="{erp} cannot unlink a synced invoice. Correct the document of the invoice in"
        " {erp} by hand.",
        missing="The integration of {erp} does not unlink a synced invoice yet. Ask"
        " its vendor to add this.",
        undeclared="The integration of {erp} does not declare that it can"
        " unlink a synced invoice. Ask its vendor to declare this.",
    ),
)
# fmt: on
_NO_CONNECTION = MessageTemplate(
    "feature.invoices.undeclared",
    "The connection of this invoice, or the integration of its ERP, is not known. Name a connection"
    " whose integration is installed.",
    source=Source.FEATURE,
)
_NO_SUCH_CONNECTION = MessageTemplate(
    "feature.invoices.undeclared",
    "There is no connection {connection} with an installed integration. Name one of: {connections}.",
    source=Source.FEATURE,
    when={"connection": ANY},
)
_NO_FEATURES = MessageTemplate(
    "feature.invoices.undeclared",
    "It is not known which features this invoice needs of the ERP. Have the host application supply"
    " the facts of the invoice.",
    source=Source.FEATURE,
    when={"fact": "uses"},
)
#: The templates of denials that no row has.
TEMPLATES = (_NO_CONNECTION, _NO_SUCH_CONNECTION, _NO_FEATURES)
#: The most connections that a message names.
_MOST_NAMES = 20
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


def find_support(erp: Declaration, feature: Feature) -> Support:
    """
    Return the ERP's support of the feature.

    For withdrawing and unlinking the declaration also states a form, such as *by hand*. If the
    support of these is not declared, any form but *impossible* means full support. If the form is
    *impossible*, declared full support counts as impossible.
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


def matter_in_any_status(action: Action, case: Case) -> bool:
    """
    Return whether missing features are denied even if the status does not allow the action.

    They are, unless the ERP is not known or the action is to withdraw or unlink. A status that is
    not known counts as one that may allow the action.
    """
    return case.export_status is None or (case.erp is not None and action not in _BY_FORM)


def denials(action: Action, needs: tuple[FeatureNeed, ...], case: Case) -> tuple[Denial, ...]:
    """Return a denial for each feature that is needed and that the ERP does not fully support."""
    if not needs:
        return ()
    erp, uses = case.erp, case.uses
    if erp is None:
        # Without an adapter a person acts by hand, with evidence.
        return () if action in _BY_FORM else (_deny_without_erp(case),)
    supported = erp.supported
    has_all = uses is not None and uses <= supported and _INVOICES in supported
    if has_all and action not in _BY_FORM:  # as usual
        return ()
    # Once something is written the export is finished, and its document is not checked again.
    finishes = action is Action.RETRY and case.left is True
    found: tuple[Denial, ...] = ()
    for need in needs:
        feature = need.feature
        if not need.always and (finishes or uses is None or feature not in uses):
            continue
        support = find_support(erp, feature)
        if support is not Support.FULL:
            found += (_deny(need, support, erp, case),)
    if uses is None and action in _TAKING and not finishes:
        found += (_deny_without_features(case),)
    return found


def _deny(need: FeatureNeed, support: Support, erp: Declaration, case: Case) -> Denial:
    facts = {"erp": erp.name, "feature": need.feature.value, "support": support.value}
    remedies = _WHERE_IT_IS if need.acts <= _BY_FORM else _REMEDIES
    return need.templates[support].deny(facts, fill(remedies[support], case, facts))


def _deny_without_erp(case: Case) -> Denial:
    remedies = fill(one_of(NAME_CONNECTION, INSTALL), case)
    if not (case.connection and case.connections):
        return _NO_CONNECTION.deny(remedies=remedies)
    names, more = case.connections[:_MOST_NAMES], len(case.connections) > _MOST_NAMES
    facts = {"connection": case.connection, "connections": ", ".join((*names, *("…",) * more))}
    return _NO_SUCH_CONNECTION.deny(facts, remedies)


def _deny_without_features(case: Case) -> Denial:
    return _NO_FEATURES.deny({"fact": "uses"}, fill(one_of(SUPPLY_FACTS), case))
