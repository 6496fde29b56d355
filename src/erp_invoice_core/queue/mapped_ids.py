"""
The ids in the ERP to which connections map codes of invoices.

A connection may map codes of the source, such as that of a vendor, to ids in its ERP. The host's
mappings are asked once for all invoices of a command, and not for each.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from ..adapters.containment import Raised, call_contained, format_traceback, read_class_name
from ..documents import MappedId, MappingKind
from ..rules.mapped_codes import list_codes
from ..stores import StoreError
from ..vocabulary import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..adapters import Mappings
    from ..rules import Case
    from .connections import ErpConnections

_LOG = logging.getLogger(__name__)
#: The actions that need the ids.
ASKS_MAPPINGS = frozenset({Action.SEND, Action.RESEND, Action.ACCEPT, Action.RETRY})


#: The ids of each kind that a connection maps, by code.
_Ids: TypeAlias = "Mapping[MappingKind, Mapping[str, str]]"


def find_mapped_ids(
    action: Action, wanted: Iterable[tuple[str | None, Case]], connections: ErpConnections
) -> MappedIds:
    """
    Ask the mappings of each connection once for the codes of all invoices.

    Args:
        action: The action on the invoices.
        wanted: The connection of each invoice, and its case.
        connections: The ERP connections.

    Raises:
        StoreError: A mapping used a store that is busy or unavailable.
    """
    codes: dict[str, dict[MappingKind, dict[str, None]]] = {}
    if action in ASKS_MAPPINGS:
        for name, case in wanted:
            if name is not None and connections.find_mappings(name) is not None:
                of_name = codes.setdefault(name, {})
                for kind, found in list_codes(case).items():
                    of_name.setdefault(kind, {}).update(dict.fromkeys(each.code for each in found))
    return MappedIds({name: _ask(name, asked, connections) for name, asked in codes.items()})


class MappedIds:
    """
    The ids in the ERP to which the connections map codes, read once for one command.

    :meth:`find` returns those for the codes of one invoice.
    """

    def __init__(self, answers: Mapping[str, _Ids | None]) -> None:
        """Store the ids by connection, kind and code; ``None`` if the mappings failed."""
        self._answers = answers

    def find(self, name: str | None, case: Case | None) -> tuple[MappedId, ...] | None:
        """
        Return the mapped ids of an invoice.

        The result is empty if the connection maps nothing, and ``None`` if its mappings failed.
        """
        if name is None or name not in self._answers or case is None:
            return ()
        answer = self._answers[name]
        if answer is None:
            return None
        return tuple(
            MappedId(kind=kind, code=code, erp_id=answer[kind][code])
            for kind, codes in list_codes(case).items()
            for code in dict.fromkeys(each.code for each in codes)
            if code in answer.get(kind, {})
        )

    def list_missing(self, name: str | None, case: Case | None) -> tuple[str, ...]:
        """
        Return the codes of an invoice that have no id in the ERP, such as ``vendor V-7``.

        It leaves out tax codes, codes of kinds that the connection does not map, and codes of
        records that have an origin id.
        """
        answer = self._answers.get(name or "")
        if answer is None or case is None:
            return ()
        return tuple(
            f"{kind.value} {each.code}"
            for kind, codes in list_codes(case).items()
            if kind in answer and kind is not MappingKind.TAX_CODE
            for each in codes
            if not each.has_id and each.code not in answer[kind]
        )


def _ask(
    name: str, codes: Mapping[MappingKind, Mapping[str, None]], connections: ErpConnections
) -> _Ids | None:
    """Return the ids of a connection by kind and code, or ``None`` if they cannot be used."""
    mappings = connections.find_mappings(name)
    assert mappings is not None
    answers = {}
    for kind, of_kind in codes.items():
        answer = call_contained(partial(_ask_kind, mappings, kind, tuple(of_kind)))
        if isinstance(answer, Raised):
            if isinstance(answer.error, StoreError):
                raise answer.error
            why, redaction = read_class_name(answer.error), connections.redaction
            text = format_traceback(answer.error, redaction)
            _LOG.error("The mappings of connection %s raised %s.\n%s", name, why, text)
            return None
        if answer is not None:
            answers[kind] = answer
    return answers


def _ask_kind(
    mappings: Mappings, kind: MappingKind, codes: tuple[str, ...]
) -> dict[str, str] | None:
    """
    Return the ids that are not blank; ``None`` if the kind is not mapped.

    Raises:
        TypeError: The answer is not a mapping of texts to texts.
    """
    given: object = mappings(kind, codes) if codes else {}
    if given is None:
        return None
    if not isinstance(given, Mapping):
        msg = f"The ids of {kind.value} must be a mapping of texts to texts."
        raise TypeError(msg)
    for code, erp_id in given.items():
        if not (isinstance(code, str) and isinstance(erp_id, str)):
            msg = f"The ids of {kind.value} must be a mapping of texts to texts."
            raise TypeError(msg)
    return {code: erp_id for code, erp_id in given.items() if erp_id.strip()}
