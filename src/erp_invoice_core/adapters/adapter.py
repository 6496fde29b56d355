"""One loaded adapter: its hooks as typed methods, each answer checked, each exception contained."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

import pluggy

from ..declaration.contradictions import contradictions
from ..documents import Step
from ..exchange import CannotTell, Deferred, Unknown
from ..verdict import ALLOWED, Verdict
from ..vocabulary import Role
from . import hookspecs
from .answers import (
    declaration_problem,
    is_deferred,
    is_outcome,
    is_plan,
    is_reading,
    is_sighting,
)
from .session import FAILURES, Failure, Session, said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..declaration import Declaration
    from ..documents import Receipt
    from ..exchange import Contents, ExportRequest, Gone, Outcome, Sighting
    from .connection import Connection

__all__ = ["Adapter", "InvalidAdapter"]


class InvalidAdapter(Exception):
    """A plugin is no adapter; the text says what is wrong with it."""


_NO_SESSION = Session()


class Adapter:
    """
    A plugin with a plugin manager of its own, so that no call can reach another ERP.

    No method raises for what the plugin does: an exception, or an answer that its hook does not
    promise, becomes the cautious word (:class:`Unknown` for a write, :class:`CannotTell` for a
    look-up, :class:`Deferred` before anything was written).
    """

    def __init__(self, plugin: object) -> None:
        """
        Load the plugin: a module, or an instance whose methods are hooks.

        Raises:
            InvalidAdapter: A required hook is missing, one is misspelt, or the declaration is bad.
        """
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        try:
            self._manager.register(plugin)
            self._manager.check_pending()
            callers = self._manager.get_hookcallers(plugin) or ()
            self._hooks = frozenset(caller.name for caller in callers)
            declaration = self._manager.hook.erp_declaration()
        except FAILURES as error:
            raise InvalidAdapter(said(error)) from error
        missing = [name for name in hookspecs.REQUIRED if name not in self._hooks]
        if missing:
            raise InvalidAdapter(f"It has no {' and no '.join(missing)}.")
        if problem := declaration_problem(declaration, self._hooks):
            raise InvalidAdapter(problem)
        if found := contradictions(declaration):
            raise InvalidAdapter(" ".join(found))
        self.declaration: Declaration = declaration

    def __repr__(self) -> str:
        return f"<Adapter {self.key}>"

    @property
    def key(self) -> str:
        """The key of its declaration."""
        return self.declaration.key

    @property
    def name(self) -> str:
        """The name of its declaration."""
        return self.declaration.name

    def has(self, hook: str) -> bool:
        """Whether the plugin has a hook of that name."""
        return hook in self._hooks

    @property
    def has_find(self) -> bool:
        """Whether it can look up."""
        return self.has("erp_find")

    @property
    def has_read(self) -> bool:
        """Whether it can read a document by its id."""
        return self.has("erp_read")

    @property
    def has_withdraw(self) -> bool:
        """Whether it can remove a document."""
        return self.has("erp_withdraw")

    def _ask(
        self, hook: str, session: Session, accept: Callable[[object], bool], /, **given: object
    ) -> object:
        """Return the hook's answer, or a :class:`Failure` that says what was wrong."""
        try:
            answer = getattr(self._manager.hook, hook)(**given)
            if accept(answer):
                return answer
        except FAILURES as error:
            return Failure(session.shown(f"{self.name}, {hook}: {said(error)}"))
        return Failure(f"{self.name}, {hook}: the answer is not what this hook promises.")

    def _within(
        self, hook: str, session: Session, accept: Callable[[object], bool], /, **given: object
    ) -> object:
        return self._ask(hook, session, accept, session=session.value, **given)

    def steps(self, request: ExportRequest) -> tuple[Step, ...] | Deferred:
        """Return the plan of an export; one step ``bill`` where the adapter plans nothing."""
        if not self.has("erp_steps"):
            role = Role.CREDIT if request.document.due < 0 else Role.BILL
            return (Step("bill", "bill", role),)
        accept = partial(is_plan, files=[each.id for each in request.files])
        answer = self._ask("erp_steps", _NO_SESSION, accept, request=request)
        if isinstance(answer, Failure):
            return Deferred(None, answer.why)
        return tuple(cast("Sequence[Step]", answer))

    def connect(self, connection: Connection) -> Session | Deferred:
        """Return a session for the calling thread."""
        secrets = connection.secrets
        if not self.has("erp_connect"):
            return Session(None, secrets)
        empty = Session(None, secrets)
        answer = self._ask("erp_connect", empty, _session, settings=connection.settings)
        if isinstance(answer, Failure):
            return Deferred(None, answer.why)
        if isinstance(answer, Deferred):
            return answer
        return Session(answer, secrets)

    def check(self, session: Session, request: ExportRequest) -> Verdict | Deferred:
        """Return what the adapter's own check says; nothing is written."""
        if not self.has("erp_check"):
            return ALLOWED
        answer = self._within("erp_check", session, _verdict, request=request)
        if isinstance(answer, Failure):
            return Deferred(None, answer.why)
        return cast("Verdict | Deferred", answer)

    def write(
        self, session: Session, request: ExportRequest, step: Step, receipts: Sequence[Receipt] = ()
    ) -> Outcome:
        """Carry out a step; whatever is no clear answer is :class:`Unknown`."""
        accept = partial(is_outcome, step=step.name)
        asked = {"request": request, "step": step, "receipts": tuple(receipts)}
        answer = self._within("erp_write", session, accept, **asked)
        return Unknown(answer.why) if isinstance(answer, Failure) else cast("Outcome", answer)

    def find(
        self, session: Session, request: ExportRequest, step: Step, keys: Sequence[str]
    ) -> Sighting:
        """Look up a step's document; whatever is no clear answer is :class:`CannotTell`."""
        if not self.has_find:
            return CannotTell(f"{self.name} cannot look documents up.")
        accept = partial(is_sighting, step=step.name)
        asked = {"request": request, "step": step, "keys": tuple(keys)}
        answer = self._within("erp_find", session, accept, **asked)
        return CannotTell(answer.why) if isinstance(answer, Failure) else cast("Sighting", answer)

    def read(self, session: Session, receipt: Receipt) -> Contents | Gone | CannotTell:
        """Read a document by its id."""
        if not self.has_read:
            return CannotTell(f"{self.name} cannot read documents.")
        answer = self._within("erp_read", session, is_reading, receipt=receipt)
        if isinstance(answer, Failure):
            return CannotTell(answer.why)
        return cast("Contents | Gone", answer)

    def withdraw(self, session: Session, receipt: Receipt) -> Outcome:
        """Remove a document; nothing was sent where the adapter has no such hook."""
        if not self.has_withdraw:
            return Deferred(None, f"{self.name} cannot remove documents.")
        accept = partial(is_outcome, step=receipt.step)
        answer = self._within("erp_withdraw", session, accept, receipt=receipt)
        return Unknown(answer.why) if isinstance(answer, Failure) else cast("Outcome", answer)


def _session(answer: object) -> bool:
    return not isinstance(answer, Deferred) or is_deferred(answer)


def _verdict(answer: object) -> bool:
    return isinstance(answer, Verdict) or is_deferred(answer)
