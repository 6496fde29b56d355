"""
Profiles: documented rules of ERPs, for which this package has no adapter.

A profile is a :class:`~erp_invoice_core.adapters.Declaration` that is made from facts, each with
its source and confidence. Profiles are illustrative. The facts are read from public pages and not
checked in an ERP. Nothing can be sent to a profile. A profile shows which invoices such an ERP
would refuse, and which values it would lose.
"""

from __future__ import annotations

from .fact import Confidence, Fact
from .profile import PROFILES, ProfilePlugin, get_facts, is_profile, load_profile

__all__ = [
    "PROFILES",
    "Confidence",
    "Fact",
    "ProfilePlugin",
    "get_facts",
    "is_profile",
    "load_profile",
]
