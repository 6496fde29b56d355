"""A session with an ERP, and what a hook's failure may say of it: never a secret."""

from __future__ import annotations

import attrs

from .redaction import Redaction


@attrs.frozen
class Session:
    """What ``erp_connect`` returned, for one thread; ``secrets`` are kept out of every sentence."""

    value: object = attrs.field(default=None, repr=False)
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)

    @property
    def redaction(self) -> Redaction:
        """What removes the secrets from text."""
        return Redaction(self.secrets)

    def shown(self, text: str) -> str:
        """Return the text with every secret removed, as bounded as any text of an adapter."""
        return self.redaction.text(text)


@attrs.frozen
class Failure:
    """A hook failed, or answered what it does not promise; ``why`` is a sentence."""

    why: str
