"""Rules: tables of features, permissions, statuses and conditions, and decide."""

from __future__ import annotations

from .case import Case
from .conditions import CONDITIONS, NOTICES, Condition, former_losses, losses
from .decide import RULEBOOK, Rulebook, decide, index
from .erp_check import can_ask_erp
from .features import NEEDS, FeatureNeed
from .grants import GRANTS, AtLeast, Grant, Holds, Need, Right
from .permissions import STRANGER, has_no_level
from .policy import Policy, Reaction
from .state_table import TRANSITIONS, Transition, list_sources, list_targets

__all__ = [
    "CONDITIONS",
    "GRANTS",
    "NEEDS",
    "NOTICES",
    "RULEBOOK",
    "STRANGER",
    "TRANSITIONS",
    "AtLeast",
    "Case",
    "Condition",
    "FeatureNeed",
    "Grant",
    "Holds",
    "Need",
    "Policy",
    "Reaction",
    "Right",
    "Rulebook",
    "Transition",
    "can_ask_erp",
    "decide",
    "former_losses",
    "has_no_level",
    "index",
    "list_sources",
    "list_targets",
    "losses",
]
