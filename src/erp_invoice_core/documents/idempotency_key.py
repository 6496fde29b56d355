"""
The idempotency key of a write to the ERP.

A repeated call of one attempt has the key of the first, so that an ERP that remembers keys makes
one document. A new attempt and a new generation have keys of their own.
"""

from __future__ import annotations

import attrs

from ..values import Value


@attrs.frozen(eq=False, repr=False)
class Key(Value):
    """
    The idempotency key of a write. Two writes under the same key mean one document.

    It is made from the entry alone. ``sent_as`` is its text as stored when its first call started;
    that text is never computed again. It is ``None`` if no call was started, or if version 0.1
    started it.

    Attributes:
        entry_id: The id of the queue entry.
        generation: The generation of the documents, from 1.
        attempt: The attempt within the generation, from 1.
        step: The name of the step.
        sent_as: The stored text, which the ERP gets.
    """

    entry_id: str
    generation: int
    attempt: int
    step: str
    sent_as: str | None = attrs.field(default=None, eq=False)

    @property
    def text(self) -> str:
        """One line of text, different for different keys: ``5000/1/1/bill``."""
        if self.sent_as is not None:
            return self.sent_as
        entry = self.entry_id.replace("%", "%25").replace("/", "%2F")
        return f"{entry}/{self.generation}/{self.attempt}/{self.step}"
