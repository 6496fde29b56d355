"""The base class of adapters whose hooks a type checker checks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from . import hookspecs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..declaration import Declaration
    from ..documents import AccountingPeriod, Receipt, Step
    from ..exchange import (
        CannotTell,
        Contents,
        Deferred,
        ErpPayment,
        ExportRequest,
        Gone,
        Outcome,
        Sighting,
    )
    from ..verdict import Verdict
    from .settings import SettingValue

_PREFIX = "erp_"
_Session = TypeVar("_Session")


class ErpAdapter(ABC, Generic[_Session]):
    """
    A base class for adapters: mypy and pyright check the names, arguments and results of hooks.

    Its type parameter is the class of the session. Every method of a subclass whose name begins
    with ``erp_`` is a hook, without a decorator. ``erp_declaration`` and ``erp_write`` are
    required. Each of the others is a capability, which the ERP lacks if the method is left out. Do
    not call the optional hooks with ``super()``, as the base class has them for type checkers only.

    Raises:
        TypeError: The class has a method ``erp_…`` that is not a hook.
    """

    def __init_subclass__(cls, **keywords: object) -> None:
        """Mark the methods ``erp_…`` as hooks, and refuse names that are not hooks."""
        super().__init_subclass__(**keywords)
        known = {name for name in vars(hookspecs) if name.startswith(_PREFIX)}
        for name, value in tuple(vars(cls).items()):
            if not name.startswith(_PREFIX) or not callable(value):
                continue
            if name not in known:
                there = ", ".join(sorted(known))
                msg = f"{cls.__name__} has a method {name}, which is not a hook. The hooks are: {there}."
                raise TypeError(msg)
            setattr(cls, name, hookspecs.hookimpl(value))

    @abstractmethod
    def erp_declaration(self) -> Declaration:
        """Return the declaration of what the ERP supports and guarantees."""

    @abstractmethod
    def erp_write(
        self,
        session: _Session,
        request: ExportRequest,
        step: Step,
        receipts: tuple[Receipt, ...],
    ) -> Outcome:
        """Carry out one step under the key ``request.key(step)`` and return the outcome."""

    if TYPE_CHECKING:

        def erp_steps(self, request: ExportRequest) -> tuple[Step, ...]:
            """Return the steps of this export in order, computed from the request alone."""

        def erp_connect(self, settings: Mapping[str, SettingValue]) -> _Session | Deferred:
            """Return a session, an object that the other hooks get in the same thread."""

        def erp_check(self, session: _Session, request: ExportRequest) -> Verdict | Deferred:
            """Return every reason for which the ERP would refuse the request; write nothing."""

        def erp_find(
            self, session: _Session, request: ExportRequest, step: Step, keys: tuple[str, ...]
        ) -> Sighting:
            """Look up whether the step's document exists in the ERP under any of these keys."""

        def erp_read(self, session: _Session, receipt: Receipt) -> Contents | Gone | CannotTell:
            """Return the contents of the receipt's document in the ERP, or :class:`Gone`."""

        def erp_withdraw(self, session: _Session, receipt: Receipt) -> Outcome:
            """Remove the receipt's document from the ERP and return the outcome."""

        def erp_payments(
            self, session: _Session, receipt: Receipt
        ) -> tuple[ErpPayment, ...] | CannotTell:
            """Return the payments that the ERP has applied to the receipt's document."""

        def erp_periods(self, session: _Session) -> tuple[AccountingPeriod, ...] | CannotTell:
            """Return the accounting periods of the ERP, open and closed."""
