"""The invoice as programs with transitions and with python-statemachine have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statemachine import State, StateMachine
from transitions import Machine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["InvoiceMachine", "MachineInvoice", "machine_of"]

_ADMIN = 3
_SENDABLE = frozenset({"approved", "approved_as_noted", "pending_owner_approval"})
_SUPPORTED = frozenset({"invoices", "subcontracts", "amount_based", "retainage"})


class MachineInvoice:
    """An approved invoice that a machine moves; ``record`` is the audit record of six fields."""

    state: str
    may_send: Any
    send: Any

    def __init__(self, key: str) -> None:
        self.id = key
        self.project_id = "10"
        self.approval = "approved"
        self.uses = frozenset({"invoices", "subcontracts", "amount_based"})
        self.record: dict[str, object] = {}

    def is_sendable(self, **_: object) -> bool:
        """Return whether its approval allows it to be sent."""
        return self.approval in _SENDABLE

    def is_permitted(self, levels: dict[str, int], **_: object) -> bool:
        """Return whether the person's level is enough."""
        return levels.get(self.project_id, 0) >= _ADMIN

    def erp_takes_it(self, **_: object) -> bool:
        """Return whether the ERP has every feature that it uses."""
        return self.uses <= _SUPPORTED

    def note(self, at: datetime, actor: str, **_: object) -> None:
        """Write the audit record."""
        self.record = {
            "invoice_id": self.id,
            "at": at,
            "actor": actor,
            "action": "send",
            "before": "not_sent",
            "after": "ready",
        }


_GUARDS = ["erp_takes_it", "is_permitted", "is_sendable"]


def machine_of(invoices: Sequence[MachineInvoice]) -> Machine:
    """Return one machine of transitions that moves all of the invoices."""
    return Machine(
        model=list(invoices),
        states=["not_sent", "retrieved", "ready"],
        transitions=[
            {
                "trigger": "send",
                "source": ["not_sent", "retrieved"],
                "dest": "ready",
                "conditions": _GUARDS,
                "after": "note",
            }
        ],
        initial="not_sent",
        auto_transitions=False,
    )


class InvoiceMachine(StateMachine):
    """A machine of python-statemachine, one for each invoice."""

    not_sent = State(initial=True)
    retrieved = State()
    ready = State(final=True)

    send = not_sent.to(ready, cond=_GUARDS, on="note") | retrieved.to(
        ready, cond=_GUARDS, on="note"
    )
    retrieve = not_sent.to(retrieved)
