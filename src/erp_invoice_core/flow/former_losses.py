"""
Digests of losses that versions 0.1 to 0.4 stored with an acceptance.

The digests of versions 0.1 and 0.2 include the sentences of the losses. These sentences have
changed since, so this module keeps the former ones. An acceptance of such a version stays valid as
long as the ERP would lose the same values.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from ..canonical import compute_digest
from ..documents import compute_former_digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..verdict import Notice

# fmt: off
_FIELDS: Mapping[str, str] = MappingProxyType({
    "rounded":   "{erp} rounds the {label}",
    "truncated": "{erp} cuts the {label}",
    "derived":   "{erp} computes the {label} anew",
    "dropped":   "{erp} does not keep the {label}",
})
_ATTACHMENTS: Mapping[str, str] = MappingProxyType({
    "attachments.linked":
        "{erp} gets links instead of the files of these attachments ({count}): {names}. ",
    "attachments.not_sent":
        "These attachments do not reach {erp} ({count}): {names}. ",
})
# fmt: on
_FILES = "A file is sent if its content is supplied and its digest is known, {limit} files at most."
#: The names that a sentence about attachments listed before it counted the others.
_LISTED = 10


def digest_former_losses(losses: Sequence[Notice]) -> tuple[str, ...]:
    """Return three digests of these losses: of versions 0.1 and 0.2, of 0.3, and of 0.4."""
    rows = tuple((loss.code, loss.facts) for loss in losses)
    return (
        compute_former_digest(tuple(map(_restore, losses))),
        compute_former_digest(rows),
        compute_digest(rows),
    )


def _restore(loss: Notice) -> Notice:
    facts = dict(loss.facts)
    if loss.code in _ATTACHMENTS:
        others = int(facts["count"]) - _LISTED
        if others > 0:
            facts["names"] = f"{facts['names'].removesuffix(', …')} and {others} more"
        text = _ATTACHMENTS[loss.code] + _FILES
    else:
        text = _FIELDS[facts["fidelity"]] + (": {value}." if facts["value"] else ".")
    return attrs.evolve(loss, message=text.format_map(facts), facts=facts)
