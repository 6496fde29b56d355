"""A session with an ERP, and what a hook's failure may say of it: never a secret."""

from __future__ import annotations

import attrs

__all__ = ["FAILURES", "Failure", "Session", "said"]

#: What ends a hook without ending us. A plugin that calls ``sys.exit`` ends itself only.
FAILURES = (Exception, SystemExit)


@attrs.frozen
class Session:
    """What ``erp_connect`` returned, for one thread; ``secrets`` are kept out of every sentence."""

    value: object = attrs.field(default=None, repr=False)
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)

    def shown(self, text: str) -> str:
        """Return the text with every secret blotted out."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "…") if secret else text
        return text


@attrs.frozen
class Failure:
    """A hook failed, or answered what it does not promise; ``why`` is a sentence."""

    why: str


def said(error: BaseException) -> str:
    """Return an exception as a sentence begins: its kind and its words."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
