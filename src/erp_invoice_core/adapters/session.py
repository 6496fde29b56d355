"""A session with an ERP, and the failure of a hook."""

from __future__ import annotations

import attrs

from ..values import Value
from .redaction import Redaction


@attrs.frozen(eq=False, repr=False)
class Session(Value):
    """The value that ``erp_connect`` returned in one thread, and the secrets to redact."""

    value: object = attrs.field(default=None, repr=False)
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)

    @property
    def redaction(self) -> Redaction:
        """The redaction of the secrets."""
        return Redaction(self.secrets)

    def redact(self, text: str) -> str:
        """Return the text without secrets, shortened to 2,000 characters."""
        return self.redaction.redact(text)


@attrs.frozen(eq=False, repr=False)
class Failure(Value):
    """A hook raised, or gave an answer that is not valid; ``why`` is a sentence."""

    why: str
