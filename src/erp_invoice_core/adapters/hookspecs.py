"""The hooks of an ERP adapter, version 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pluggy

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


#: The project name of pluggy's markers.
PROJECT: Final = "erp_invoice_core"
#: The version of this contract.
CONTRACT: Final = 1
#: The oldest version of the contract whose adapters load.
OLDEST_CONTRACT: Final = 1
#: The hooks that every adapter has.
REQUIRED: Final = ("erp_declaration", "erp_write")

hookspec = pluggy.HookspecMarker(PROJECT)
#: The decorator that marks a function of an adapter as the implementation of a hook.
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec(firstresult=True)
def erp_declaration() -> Declaration:
    """
    Return the declaration of what the ERP supports and guarantees. Required.

    The hook is called once, when the adapter is loaded. It must not read a file, the network or the
    clock. The default of an omitted field is the cautious value: a feature counts as undeclared,
    and a step without terms cannot be looked up.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_steps(request: ExportRequest) -> tuple[Step, ...]:
    """
    Return the steps of this export in order, computed from the request alone.

    Equal requests must give equal plans, because the plan is stored when the first step of an
    attempt starts. Step names are unique. The declaration has the terms of each step's ``kind``. A
    step that creates a document has the document's role. A step that sends a file has its
    ``attachment``, the id of one of ``request.files``. Without this hook, the plan is one step
    ``bill`` of kind ``bill``, with the role of a credit if the amount due is below zero.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_connect(settings: Mapping[str, SettingValue]) -> object:
    """
    Return a session, an object that the other hooks get in the same thread.

    ``settings`` are validated against the declaration. An exception means that the ERP cannot be
    reached now; the export is deferred, as nothing was written. To give the reason, return
    :class:`Deferred`, with ``needs_person=True`` if only a person can repair it (a wrong token).
    Without this hook, the session is ``None``.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_check(session: object, request: ExportRequest) -> Verdict | Deferred:
    """
    Return a verdict with every reason for which the ERP would refuse the request.

    The hook writes nothing in the ERP. It is called when a person accepts an invoice or retries its
    export, and by the worker before the first write. The verdict is allowed if there is no reason.
    The codes of reasons begin with the adapter's key. After an exception or :class:`Deferred`, an
    acceptance is decided without the check and has a notice, and an export is deferred. Without
    this hook, the request is allowed.

    A person waits during an acceptance. Opening a session and the call of this hook therefore take
    at most 10 seconds each, or the declared time limit if it is shorter, and all checks of one
    command at most 30 seconds together. The request is the one that the acceptance would lead to; a
    required export field may still be missing from it. The hook is not called at an acceptance in a
    transaction of the host (``on=``), when a host only asks which actions are possible, or for
    direct export.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_write(
    session: object, request: ExportRequest, step: Step, receipts: tuple[Receipt, ...]
) -> Outcome:
    """
    Carry out one step under the key ``request.key(step)`` and return the outcome. Required.

    ``receipts`` are those of the earlier steps. Check ``request.deadline`` right before the request
    is sent; after the deadline, return :class:`Deferred`. Return :class:`Done` only with an id from
    the ERP's own answer of success, :class:`Refused` only if the call left nothing in the ERP,
    :class:`Deferred` only if nothing was sent, and otherwise :class:`Unknown`. An exception counts
    as :class:`Unknown`.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_find(
    session: object, request: ExportRequest, step: Step, keys: tuple[str, ...]
) -> Sighting:
    """
    Look up whether the step's document exists in the ERP under any of these keys.

    ``keys`` are the texts of every key of the step in this generation. If the ERP stores no keys,
    look for vendor and number, compared by ``normalize_number``, and for nothing else.
    :class:`Absent` means that the ERP was asked at ``as_of`` and had no such document. A step is
    found only if it was carried out itself: for the step that posts a bill, a draft is absent. If
    more than one document matches, return :class:`Several`; in any doubt return
    :class:`CannotTell`, and an exception counts as that. A document with the same vendor and number
    but another amount or date is found, never absent: the library compares the contents. Give the
    contents that the ERP shows, never those of the request; a field that is left out is not
    compared. The worker calls the hook only for kinds of step with a declared look-up. Without this
    hook, the declaration must not declare a look-up.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_read(session: object, receipt: Receipt) -> Contents | Gone | CannotTell:
    """
    Read the receipt's document by its id; return its contents, or :class:`Gone`.

    The contents are what the ERP has now, never what was sent. A field that the ERP does not show
    is left out, and then counts as ``NOT_SAID``; an empty field is ``None``. Amounts have the sign
    and the currency of the invoice. The lines are those of the document, in any order.
    A document is gone if it was deleted, reversed or voided in the ERP. If its state cannot be
    read, return :class:`CannotTell` with a sentence for people; an exception counts as that.
    Without this hook, documents cannot be read.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_withdraw(session: object, receipt: Receipt) -> Outcome:
    """
    Remove the receipt's document in the ERP; :class:`Done` with the receipt means removed.

    A document that is gone already counts as removed. The outcomes are those of ``erp_write``.
    Without this hook, the integration removes nothing.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_payments(session: object, receipt: Receipt) -> tuple[ErpPayment, ...] | CannotTell:
    """
    Return the payments that the ERP has applied to the receipt's document, in any order.

    Each has the amount that is applied to this document, also if one payment settles several. A
    payment that was voided or reversed is left out. An amount of zero counts as no payment. A field
    that the ERP does not show is left out, and then counts as ``NOT_SAID``; an empty field is
    ``None``. The hook changes nothing in the ERP. If the payments cannot be read, return
    :class:`CannotTell` with a sentence for people; an exception counts as that. Without this hook,
    payments cannot be read.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_periods(session: object) -> tuple[AccountingPeriod, ...] | CannotTell:
    """
    Return the accounting periods of the ERP, open and closed, in any order.

    A day is open if an open period contains it, closed if only closed periods contain it, and not
    known if no period contains it. When an invoice is accepted, an accounting date in a closed
    period is denied, and for an invoice whose own date is in a closed period, the next open day is
    proposed. The hook is called if the declaration has the extra field ``accounting_date``. It
    changes nothing in the ERP. If the periods cannot be read, return :class:`CannotTell` with a
    sentence for people; an exception counts as that. Without this hook, the ERP alone knows which
    periods are open.
    """
    raise NotImplementedError
