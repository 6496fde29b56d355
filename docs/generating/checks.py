"""The reference of the checks of the adapter contract, one section for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.testing.contract.checks import CHECKS

from .markdown import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from erp_invoice_core.testing.contract.check import Check

__all__ = ["PARTS"]


def _describe(check: Check) -> str:
    some = "at least one of " if len(check.words) > 1 else ""
    made = f"Made if the declaration has {some}{words(check.words)}."
    made = made if check.words else "Always made."
    made += f" Not proved without {words(check.needs)} of the contract." if check.needs else ""
    faults = " It injects faults into the requests of the adapter." if check.has_faults else ""
    return f"### {check.name}\n\n{check.sentence}\n\n*Refutes:* {check.lie}\n\n{made}{faults}\n"


def _list_checks() -> str:
    return "\n".join(map(_describe, CHECKS.values()))


PARTS: Mapping[str, Callable[[], str]] = {"checks": _list_checks}
