"""Typed methods that call the hooks of one adapter and never raise its exceptions."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar, cast

import pluggy

from ..declaration.contradictions import find_contradictions
from ..documents import Step
from ..exchange import CannotTell, Deferred, Unknown
from ..verdict import ALLOWED
from ..vocabulary import Role
from . import hookspecs
from .answers import AnswerReader, InvalidAnswer
from .containment import Raised, call_contained, describe_exception, format_traceback
from .declaration_check import find_declaration_problem
from .hook_check import find_hook_problem
from .session import Failure, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from ..declaration import Declaration
    from ..documents import AccountingPeriod, Receipt
    from ..exchange import Contents, ErpPayment, ExportRequest, Gone, Outcome, Sighting
    from ..verdict import Verdict
    from .connection import Connection
    from .redaction import Redaction


class InvalidAdapter(Exception):
    """A plugin is not a valid adapter; the text says what is wrong with it."""


class _Manager(pluggy.PluginManager):
    """A plugin manager that skips names that cannot be hooks: examining them is half of a load."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        return None if name.startswith("__") else super().parse_hookimpl_opts(plugin, name)

    def parse_hookspec_opts(
        self, module_or_class: ModuleType | type, name: str
    ) -> pluggy.HookspecOpts | None:
        is_hook = name.startswith("erp_")
        return super().parse_hookspec_opts(module_or_class, name) if is_hook else None


_T = TypeVar("_T")
_NO_SESSION = Session()
#: The plans of an adapter without the hook ``erp_steps``.
_BILL = (Step("bill", "bill", Role.BILL),)
_CREDIT = (Step("bill", "bill", Role.CREDIT),)
_LOG = logging.getLogger(__name__)
#: The hooks that say by an exception that something is not known; its reader logs the reason.
_ORDINARY = frozenset({"erp_periods"})


class Adapter:
    """
    The hooks of one plugin as typed methods.

    Each adapter has a pluggy manager of its own, so a call never reaches the adapter of another
    ERP.

    No method raises an exception of the plugin. If a hook raises, or if its answer is not valid,
    the method returns the cautious answer: :class:`Unknown` for a write or a removal,
    :class:`Deferred` for a plan, a session or a check, and :class:`CannotTell` for every other
    question.
    """

    def __init__(self, plugin: object) -> None:
        """
        Load the plugin: a module, or an instance whose methods are hooks.

        Raises:
            InvalidAdapter: A required hook is missing, a hook is misspelt, or the declaration
                is not valid.
        """
        loaded = call_contained(lambda: self._load(plugin))
        if isinstance(loaded, Raised):
            # Not chained, as the plugin's exception may hold a secret, and handlers print chains.
            raise InvalidAdapter(describe_exception(loaded.error)) from None
        if isinstance(loaded, str):
            raise InvalidAdapter(loaded)
        self.declaration: Declaration = loaded
        self.plugin = plugin

    def _load(self, plugin: object) -> Declaration | str:
        """Return the declaration of a plugin, or a sentence that says what is wrong with it."""
        self._manager = _Manager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._manager.register(plugin)
        if unknown := self._find_unknown_hook(plugin):
            return unknown
        self._manager.check_pending()
        if problem := find_hook_problem(self._list_functions(plugin)):
            return problem
        callers = self._manager.get_hookcallers(plugin) or ()
        self._hooks = frozenset(caller.name for caller in callers)
        declaration = self._manager.hook.erp_declaration()
        missing = [name for name in hookspecs.REQUIRED if name not in self._hooks]
        if missing:
            return f"It has no {' and no '.join(missing)}."
        if problem := find_declaration_problem(declaration, self._hooks):
            return problem
        return " ".join(find_contradictions(declaration)) or cast("Declaration", declaration)

    def _list_functions(self, plugin: object) -> list[tuple[str, Callable[..., object]]]:
        """Return the functions of a plugin that are hooks, each with its name."""
        return [
            (caller.name, implementation.function)
            for caller in self._manager.get_hookcallers(plugin) or ()
            for implementation in caller.get_hookimpls()
        ]

    def _find_unknown_hook(self, plugin: object) -> str | None:
        """Return a sentence that names a misspelt hook of the plugin, or ``None``."""
        callers = self._manager.get_hookcallers(plugin) or ()
        unknown = sorted(caller.name for caller in callers if not caller.has_spec())
        if not unknown:
            return None
        from difflib import get_close_matches  # noqa: PLC0415 - needed for a mistake alone

        known = [name for name in vars(hookspecs) if name.startswith("erp_")]
        near = get_close_matches(unknown[0], known, 1)
        advice = f"Did you mean {near[0]}?" if near else f"The hooks are: {', '.join(known)}."
        return f"It has an unknown hook {unknown[0]}. {advice}"

    def __repr__(self) -> str:
        declaration = getattr(self, "declaration", None)  # none while the plugin is loaded
        return f"<Adapter {declaration.key if declaration else 'not loaded'}>"

    @property
    def key(self) -> str:
        """The key in the declaration, such as ``beancount``."""
        return self.declaration.key

    @property
    def name(self) -> str:
        """The name in the declaration, for people, such as ``Tryton``."""
        return self.declaration.name

    def has(self, hook: str) -> bool:
        """Return whether the plugin has a hook of that name."""
        return hook in self._hooks

    @property
    def has_find(self) -> bool:
        """Return whether the adapter can look up the document of a step in the ERP."""
        return self.has("erp_find")

    @property
    def has_read(self) -> bool:
        """Return whether the adapter can read a document in the ERP by its id."""
        return self.has("erp_read")

    @property
    def has_withdraw(self) -> bool:
        """Return whether the adapter can remove a document from the ERP."""
        return self.has("erp_withdraw")

    @property
    def has_payments(self) -> bool:
        """Return whether the adapter can read the payments of a document in the ERP."""
        return self.has("erp_payments")

    @property
    def has_check(self) -> bool:
        """Return whether the adapter checks requests before they are written."""
        return self.has("erp_check")

    @property
    def has_periods(self) -> bool:
        """Return whether the adapter can read the accounting periods of the ERP."""
        return self.has("erp_periods")

    def monitor_hooks(self, keep: Callable[..., None]) -> Callable[[], None]:
        """
        Call ``keep`` after each later call of a hook; return a function that ends the monitoring.

        The contract of adapters uses this to see every answer before it is checked. ``keep`` gets
        the arguments that pluggy passes to an ``after`` function: the result (a value or an
        exception), the name of the hook, the implementations of the hook and the arguments of the
        call.
        """
        return self._manager.add_hookcall_monitoring(lambda *_call: None, keep)

    def _ask(
        self,
        hook: str,
        session: Session,
        read: Callable[[AnswerReader, object], _T],
        /,
        **given: object,
    ) -> _T | Failure:
        """
        Call a hook with the arguments ``given``; return its answer, checked and copied by ``read``.

        If the hook raises, or if ``read`` refuses the answer, return a :class:`Failure` with the
        reason, from which the secrets of the session are removed.
        """
        redaction = session.redaction
        call = getattr(self._manager.hook, hook)
        given_back = call_contained(lambda: (call(**given),))
        if isinstance(given_back, Raised):
            return self._build_failure(hook, redaction, given_back.error)
        answer = call_contained(lambda: read(AnswerReader(redaction), given_back[0]))
        if not isinstance(answer, Raised):
            return answer
        if not isinstance(answer.error, InvalidAnswer):
            return self._build_failure(hook, redaction, answer.error)
        why = f"{self.name}, {hook}: the answer is not an answer of this hook: {answer.error}."
        _LOG.warning("%s", why, extra={"adapter": self.key, "hook": hook})
        return Failure(why)

    def _build_failure(self, hook: str, redaction: Redaction, error: BaseException) -> Failure:
        """Log the exception of a hook and return it as a sentence, both without secrets."""
        why = f"{self.name}, {hook}: {describe_exception(error, redaction)}"
        level = logging.DEBUG if hook in _ORDINARY else logging.WARNING
        if _LOG.isEnabledFor(level):
            text = format_traceback(error, redaction)
            _LOG.log(level, "%s\n%s", why, text, extra={"adapter": self.key, "hook": hook})
        return Failure(why)

    def steps(
        self, request: ExportRequest, session: Session = _NO_SESSION
    ) -> tuple[Step, ...] | Deferred:
        """
        Return the plan of an export; without the hook ``erp_steps`` it is one step ``bill``.

        If the hook raises or its plan is not valid, return :class:`Deferred` with the reason. The
        hook does not get ``session``, whose secrets are only removed from this reason.
        """
        if not self.has("erp_steps"):
            return _CREDIT if request.document.due < 0 else _BILL
        files = [each.id for each in request.files]
        answer = self._ask(
            "erp_steps",
            session,
            lambda answers, given: answers.read_plan(given, files),
            request=request,
        )
        return Deferred(None, answer.why) if isinstance(answer, Failure) else answer

    def connect(self, connection: Connection) -> Session | Deferred:
        """Return a session for the calling thread, or :class:`Deferred` with the reason."""
        secrets = connection.secrets
        if not self.has("erp_connect"):
            return Session(None, secrets)
        empty = Session(None, secrets)
        answer = self._ask(
            "erp_connect", empty, AnswerReader.read_session, settings=connection.settings
        )
        if isinstance(answer, Failure):
            return Deferred(None, answer.why)
        return answer if isinstance(answer, Deferred) else Session(answer, secrets)

    def check(self, session: Session, request: ExportRequest) -> Verdict | Deferred:
        """
        Return the verdict of ``erp_check``: every reason for which the ERP would refuse a request.

        Nothing is written. Without the hook the request is allowed. Return :class:`Deferred` if the
        check cannot be made now.
        """
        if "erp_check" not in self._hooks:  # as usual, and asked for every invoice (benchmark 6)
            return ALLOWED
        answer = self._ask(
            "erp_check", session, AnswerReader.read_verdict, session=session.value, request=request
        )
        return Deferred(None, answer.why) if isinstance(answer, Failure) else answer

    def write(
        self, session: Session, request: ExportRequest, step: Step, receipts: Sequence[Receipt] = ()
    ) -> Outcome:
        """
        Carry out a step in the ERP and return its outcome; ``receipts`` are of the earlier steps.

        If the hook raises or its answer is not valid, the outcome is :class:`Unknown`.
        """
        answer = self._ask(
            "erp_write",
            session,
            lambda answers, given: answers.read_outcome(given, step.name),
            session=session.value,
            request=request,
            step=step,
            receipts=tuple(receipts),
        )
        return Unknown(answer.why) if isinstance(answer, Failure) else answer

    def find(
        self, session: Session, request: ExportRequest, step: Step, keys: Sequence[str]
    ) -> Sighting:
        """
        Ask the ERP whether the document of a step exists under any of the idempotency keys.

        Return :class:`CannotTell` if the adapter has no look-up, raises, or gives an answer that is
        not valid.
        """
        if not self.has_find:
            return CannotTell(f"{self.name} cannot look documents up.")
        answer = self._ask(
            "erp_find",
            session,
            lambda answers, given: answers.read_sighting(given, step.name),
            session=session.value,
            request=request,
            step=step,
            keys=tuple(keys),
        )
        return CannotTell(answer.why) if isinstance(answer, Failure) else answer

    def read(self, session: Session, receipt: Receipt) -> Contents | Gone | CannotTell:
        """
        Return the contents of a receipt's document in the ERP, or :class:`Gone`.

        Return :class:`CannotTell` if the adapter cannot read documents, raises, or gives an answer
        that is not valid.
        """
        if not self.has_read:
            return CannotTell(f"{self.name} cannot read documents.")
        answer = self._ask(
            "erp_read", session, AnswerReader.read_document, session=session.value, receipt=receipt
        )
        return CannotTell(answer.why) if isinstance(answer, Failure) else answer

    def payments(self, session: Session, receipt: Receipt) -> tuple[ErpPayment, ...] | CannotTell:
        """
        Return the payments of a receipt's document in the ERP, without payments of zero.

        Return :class:`CannotTell` if the adapter cannot read payments, raises, or gives an answer
        that is not valid.
        """
        if not self.has_payments:
            return CannotTell(f"{self.name} cannot read payments.")
        answer = self._ask(
            "erp_payments",
            session,
            AnswerReader.read_payments,
            session=session.value,
            receipt=receipt,
        )
        return CannotTell(answer.why) if isinstance(answer, Failure) else answer

    def periods(self, session: Session) -> tuple[AccountingPeriod, ...] | CannotTell:
        """
        Return the accounting periods of the ERP, open and closed.

        Return :class:`CannotTell` if the adapter cannot read periods, raises, or gives an answer
        that is not valid.
        """
        if not self.has_periods:
            return CannotTell(f"{self.name} cannot read accounting periods.")
        answer = self._ask("erp_periods", session, AnswerReader.read_periods, session=session.value)
        return CannotTell(answer.why) if isinstance(answer, Failure) else answer

    def withdraw(self, session: Session, receipt: Receipt) -> Outcome:
        """
        Remove a receipt's document from the ERP and return the outcome.

        Without the hook ``erp_withdraw``, return :class:`Deferred` and send nothing. If the hook
        raises or its answer is not valid, the outcome is :class:`Unknown`.
        """
        if not self.has_withdraw:
            return Deferred(None, f"{self.name} cannot remove documents.")
        answer = self._ask(
            "erp_withdraw",
            session,
            lambda answers, given: answers.read_outcome(given, receipt.step),
            session=session.value,
            receipt=receipt,
        )
        return Unknown(answer.why) if isinstance(answer, Failure) else answer
