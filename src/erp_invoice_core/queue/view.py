"""What can be seen of the queue: verdicts, entries, history, the feed, the check of the chains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..documents import QueueEntry
from ..rules import Case, Policy
from ..stores import Verification, verify
from ..vocabulary import Action
from .asking import verdicts
from .attachments import checked_content
from .callbacks import observed
from .company import StoredCompany
from .ids import checked_actor, listed, well_formed, with_malformed
from .ports import checked
from .sessions import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from ..adapters import Adapters, Connections
    from ..documents import Actor
    from ..events import AuditEvent
    from ..stores import Store, Stored
    from .attachments import Attachments
    from .ports import Facts, Result

__all__ = ["QueueView"]

_POLICY = Policy()


#: The facts that a case has.
_FACTS = frozenset(attrs.fields_dict(Case))


def _check_question(actor: Actor, action: object, given: Mapping[str, object]) -> None:
    checked_actor(actor)
    if not isinstance(action, Action):
        msg = f"Give an Action, as in Action.SEND: {action!r} is none."
        raise TypeError(msg)
    for name in given:
        if name not in _FACTS:
            msg = f"why_not knows no {name!r}: it takes connection, and the facts of a Case."
            raise TypeError(msg)


class QueueView:
    """The queue as it is read; nothing here moves an entry."""

    def __init__(
        self,
        store: Store,
        adapters: Adapters | Connections,
        facts: Facts,
        policy: Policy = _POLICY,
        clock: Callable[[], datetime] | None = None,
        *,
        observe: Callable[[AuditEvent], None] | None = None,
        attachments: Attachments | None = None,
    ) -> None:
        """
        Bind the queue to its store, connections and host.

        Args:
            store: Where entries and events are kept.
            adapters: The company's connections, or adapters that need no settings.
            facts: The host's port: ids to cases.
            policy: What the company decided for itself.
            clock: Returns the moment (UTC), with its offset; by default it is the store's own.
            attachments: The host's port to the content of attachments; without it no file is sent.
            observe: Called with each event once it is committed (on a host's connection: written).
                What it raises is logged, and changes nothing.
        """
        self.store = store
        self.company = StoredCompany(lambda limit: store.entries(limit=limit))
        self.lines = Lines(adapters)
        self.facts = facts
        self.policy = policy
        self.clock = store.clock if clock is None else checked(clock)
        self.content = None if attachments is None else checked_content(attachments)
        self.observe = observed(observe, lambda: self.lines.redaction)

    def why_not(
        self,
        ids: Sequence[str],
        actor: Actor,
        action: Action = Action.SEND,
        *,
        connection: str | None = None,
        **given: Any,  # noqa: ANN401 - facts of the case, checked when it is built
    ) -> list[Result]:
        """
        Return for each id whether the action is allowed, and every reason why not.

        Nothing is recorded and the ERP is not asked; what a person is prompted for at the act
        counts as given. It takes two queries, one more where numbers are in use twice, and one
        call of ``facts``, however many the ids. Of the entries it reads what is committed: not
        what an open transaction of the host's did.

        Raises:
            TypeError: Something is asked with that is no fact of a case, or the ids, the actor or
                the action are of another type.
        """
        named = listed(ids)
        _check_question(actor, action, given)
        Case(**given)  # a fact that cannot be is refused whatever the host says
        found = verdicts(
            well_formed(named),
            action,
            store=self.store,
            facts=self.facts,
            lines=self.lines,
            policy=self.policy,
            at=self.clock(),
            actor=actor,
            connection=connection,
            given={"has_content": self.content is not None, **given},
        )
        return with_malformed(named, found, actor, self.policy)

    def guard(self, connection: object, ids: Sequence[str]) -> list[QueueEntry]:
        """
        Lock entries in the host's transaction, as sending does, and return them as they stand.

        A host calls it in the transaction of every edit, status change and delete.
        """
        named = listed(ids)
        with self.store.people(connection) as transaction:
            entries = transaction.entries(well_formed(named))
        return [entries.get(key) or QueueEntry(id=key) for key in named]

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """Return entries by id: the named ones in their order, or a page of all, by id."""
        named = None if ids is None else listed(ids)
        return self.store.entries(named, after=after, limit=limit)

    def history(self, entry_id: str) -> Sequence[AuditEvent]:
        """Return every attempt on an entry, oldest first."""
        return self.store.events(entry_id)

    def changes(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """Return committed events after a place in the feed: nothing is skipped."""
        return self.store.feed(after, limit)

    def verify(self) -> Verification:
        """Check the chains of all events against the entries."""
        return verify(self.store.chains())
