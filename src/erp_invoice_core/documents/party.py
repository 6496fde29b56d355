"""Projects, vendors, payment holds and attachments."""

from __future__ import annotations

import attrs

from ..values import Value
from ..vocabulary import Blocks
from .field_types import find_type_problems
from .problem import find_blanks, refuse_if_any


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Hold(Value):
    """A reason outside the ERP that stops payment, as a missing lien waiver or a dispute."""

    code: str
    message: str
    blocks: Blocks
    released_by: str

    def __attrs_post_init__(self) -> None:
        refuse_if_any(
            find_type_problems(self) or find_blanks(self, ("code", "message", "released_by"))
        )


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Project(Value):
    """A project; ``origin_id`` is its job's id in the ERP, ``None`` while it is not synced."""

    id: str
    name: str
    origin_id: str | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self) or find_blanks(self, ("id",)))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Vendor(Value):
    """The contract company; ``origin_id`` is its id in the ERP, ``None`` while it is not linked."""

    id: str
    name: str
    origin_id: str | None = None
    holds: tuple[Hold, ...] = ()

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self) or find_blanks(self, ("id",)))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Attachment(Value):
    """A file of an invoice; ``digest`` is the SHA-256 of its content, if it is known."""

    id: str
    filename: str
    content_type: str | None = None
    url: str | None = None
    digest: str | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self) or find_blanks(self, ("id", "filename")))
