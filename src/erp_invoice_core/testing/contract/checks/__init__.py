"""
The checks of the contract, in the order in which they are made.

Each module has the checks of one subject. The docstring of a ``check_`` function is the sentence of
the check in reports: the behaviour that must hold, and the damage to a payment if it does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import (
    agreement,
    amounts,
    attachments,
    combination,
    contents,
    declaration,
    doubt,
    faults,
    large_invoices,
    look_up,
    look_up_forms,
    mapped_ids,
    memory,
    missing_answers,
    numbers,
    payments,
    periods,
    plan,
    prerequisites,
    removal,
    secrets,
    sessions,
    statuses,
    tax,
    threads,
    times,
    unasked_writes,
    writes,
)

if TYPE_CHECKING:
    from ..check import Check

#: Every check, by its name.
CHECKS: dict[str, Check] = {
    check.name: check
    for module in (
        declaration,
        doubt,
        plan,
        prerequisites,
        writes,
        unasked_writes,
        contents,
        mapped_ids,
        amounts,
        large_invoices,
        combination,
        threads,
        tax,
        numbers,
        attachments,
        look_up,
        look_up_forms,
        agreement,
        memory,
        removal,
        payments,
        periods,
        secrets,
        sessions,
        faults,
        statuses,
        missing_answers,
        times,
    )
    for check in module.CHECKS
}
