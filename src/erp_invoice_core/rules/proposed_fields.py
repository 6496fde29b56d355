"""Export fields of an acceptance: those that a person gives, and those that the source states."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..declaration import Declaration
    from .case import Case


def complete_fields(
    case: Case, erp: Declaration | None, given: Mapping[str, str]
) -> Mapping[str, str]:
    """
    Return the given export fields, with the proposed values of others that the ERP asks for.

    A blank given value takes the proposal away.
    """
    keys = {field.key for field in erp.extra_fields} if erp and case.proposed else ()
    proposed = {key: text for key, text in (case.proposed or {}).items() if key in keys}
    if not proposed:
        return given
    taken = {key: text for key, text in given.items() if key not in proposed or text.strip()}
    return {**{key: text for key, text in proposed.items() if key not in given}, **taken}
