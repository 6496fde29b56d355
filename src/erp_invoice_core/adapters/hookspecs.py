"""The hooks of an ERP adapter, version 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pluggy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..declaration import Declaration
    from ..documents import Receipt, Step
    from ..exchange import Contents, Deferred, ExportRequest, Gone, Outcome, Sighting
    from ..verdict import Verdict
    from .settings import SettingValue


#: The name under which hooks are marked.
PROJECT: Final = "erp_invoice_core"
#: The version of this contract.
CONTRACT: Final = 1
#: Without these hooks a plugin is no adapter.
REQUIRED: Final = ("erp_declaration", "erp_write")

hookspec = pluggy.HookspecMarker(PROJECT)
#: The decorator that marks a function of an adapter as the implementation of a hook.
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec(firstresult=True)
def erp_declaration() -> Declaration:
    """
    Return what the ERP supports, keeps, loses and promises. Required.

    Called once, when the adapter is loaded. It reads no file, no network, no clock. A fact that it
    omits counts as the cautious answer: a feature as undeclared, absence as inconclusive.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_steps(request: ExportRequest) -> tuple[Step, ...]:
    """
    Return the calls of this export in order, from the request alone.

    Equal requests give equal plans, since the plan is frozen at the first start of a try. Names are
    unique; each step's ``kind`` has its terms in the declaration. A step that creates a document
    says which role it has. A step that sends a file names its ``attachment``, one of
    ``request.files``. Absent: one step ``bill`` of kind ``bill``, a credit where due is below
    zero.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_connect(settings: Mapping[str, SettingValue]) -> object:
    """
    Return a session: whatever the other hooks need, for one thread.

    ``settings`` are validated against the declaration. An exception means that the ERP cannot be
    reached now; nothing was written, so the export is deferred. Return :class:`Deferred` to say
    why yourself, with ``needs_person=True`` where only a person can repair it (a wrong token).
    Absent: the session is ``None``.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_check(session: object, request: ExportRequest) -> Verdict | Deferred:
    """
    Return why the ERP would refuse the request, without writing anything.

    Called before the first write, never by a verb of a person. Codes begin with the adapter's key.
    An exception, or :class:`Deferred`, puts the export off. Absent: the request is allowed.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_write(
    session: object, request: ExportRequest, step: Step, receipts: tuple[Receipt, ...]
) -> Outcome:
    """
    Carry out one step under the key ``request.key(step)`` and return the outcome. Required.

    ``receipts`` are those of the steps before it. Check ``request.deadline`` right before handing
    the request over; later than that, return :class:`Deferred`. Return :class:`Done` only with an
    id that the ERP itself gave to a success, :class:`Refused` only where nothing of the call lives
    there, :class:`Deferred` only where nothing was sent, else :class:`Unknown`. An exception counts
    as :class:`Unknown`.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_find(
    session: object, request: ExportRequest, step: Step, keys: tuple[str, ...]
) -> Sighting:
    """
    Look up whether the step's document is there, under any of these keys.

    ``keys`` are the texts of every key of the step in this generation; an ERP that keeps no keys
    looks by vendor and number, compared by ``normalize_number``. A match that disagrees anywhere is
    :class:`CannotTell`, as is any doubt: :class:`Absent` means that the ERP was asked at ``as_of``
    and had nothing. An exception counts as :class:`CannotTell`. It is asked about those kinds of
    step only for which a look-up is declared. Absent: the declaration says that there is no
    look-up.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_read(session: object, receipt: Receipt) -> Contents | Gone:
    """
    Read the receipt's document by its id; return its contents, or :class:`Gone`.

    A document is gone if the ERP deleted, reversed or voided it. An exception means that the state
    is not known. Absent: documents cannot be read.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def erp_withdraw(session: object, receipt: Receipt) -> Outcome:
    """
    Remove the receipt's document in the ERP; :class:`Done` with the receipt means removed.

    A document that is gone already is removed. Outcomes are those of ``erp_write``. Absent: the
    integration removes nothing.
    """
    raise NotImplementedError
