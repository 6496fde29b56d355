"""What a company decided for itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from ..values import Value
from ..vocabulary import Action
from .grants import GRANTS, Grant, Right

__all__ = ["Policy"]


def _rows(grants: Mapping[Action, Grant]) -> Mapping[Action, Grant]:
    return MappingProxyType(dict(grants))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Policy(Value):
    """
    What the company decided for itself; the defaults follow domain 6.

    Attributes:
        grants: A host's own rows, in place of those of :data:`GRANTS`.
        separation_of_duties: Whoever last sent does not accept, retry or rule.
        direct_export: The policy itself accepts, at the sending.
        reason_required: A rejection needs a reason.
        over_billing: An item may be billed beyond its scheduled value.
        attachments_after_sync: Attachments may change once the invoice is in the ERP.
        previous_may_differ: The period's due may differ from line 8: a certificate may be cut.
        rights: The host's rights that its rows name; derived.

    Raises:
        ValueError: Separation and direct export are both on, or a row would drop a need: it is
            empty, is no row of ours, or belongs to the system.
    """

    grants: Mapping[Action, Grant] = attrs.field(factory=dict, converter=_rows, hash=False)
    separation_of_duties: bool = False
    direct_export: bool = False
    reason_required: bool = True
    over_billing: bool = True
    attachments_after_sync: bool = True
    previous_may_differ: bool = False
    rights: frozenset[str] = attrs.field(init=False, eq=False, repr=False)

    @rights.default
    def _named_rights(self) -> frozenset[str]:
        needs = (need for grant in self.grants.values() for need in grant.needs)
        return frozenset(need.name for need in needs if isinstance(need, Right))

    def __attrs_post_init__(self) -> None:
        if self.separation_of_duties and self.direct_export:
            raise ValueError("Choose separation of duties or direct export, not both.")
        for action, grant in self.grants.items():
            if action not in GRANTS:
                raise ValueError(f"{action!r} is no action: replace a row of GRANTS.")
            if GRANTS[action].system or grant.system:
                raise ValueError(f"Only the system does {action.value}: leave its row as it is.")
            if not grant.needs:
                raise ValueError(f"Name at least one need for {action.value}: no row is dropped.")
