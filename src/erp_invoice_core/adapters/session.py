"""A session with an ERP, and the failure of a hook."""

from __future__ import annotations

import attrs

from .redaction import Redaction


@attrs.frozen
class Session:
    """The value that ``erp_connect`` returned, for one thread, and the secrets to redact."""

    value: object = attrs.field(default=None, repr=False)
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)

    @property
    def redaction(self) -> Redaction:
        """The redaction of the secrets."""
        return Redaction(self.secrets)

    def redact(self, text: str) -> str:
        """Return the text with every secret removed, as bounded as any text of an adapter."""
        return self.redaction.redact(text)


@attrs.frozen
class Failure:
    """A hook failed, or answered what it does not promise; ``why`` is a sentence."""

    why: str
