"""
Profiles by key: declarations built from facts, and their plugins.

With the plugin of a profile, a host can configure a connection to it. The rules then show what such
an ERP would refuse, but nothing can be sent.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from ...adapters import (
    Declaration,
    Denial,
    Feature,
    Prerequisite,
    Privilege,
    Refused,
    Source,
    UnknownAdapter,
    deny,
    hookimpl,
)
from .table import NAMES, list_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...adapters import Outcome
    from .fact import Fact


#: The keys of the profiles.
PROFILES: tuple[str, ...] = tuple(NAMES)
_REFUSED = "Nothing can be written to a profile. Name a connection whose adapter writes."
#: The fields of a declaration whose value is a row of a tuple.
_TUPLES = frozenset({"field_rules", "extra_fields"})


def is_profile(key: str) -> bool:
    """Return whether there is a profile of that key."""
    return key in NAMES


@cache
def get_facts(key: str) -> tuple[Fact, ...]:
    """
    Return the facts of a profile, also those for which a declaration has no field.

    Raises:
        UnknownAdapter: There is no profile of that key.
    """
    if not is_profile(key):
        raise UnknownAdapter(f"There is no profile {key!r}. Profiles: {', '.join(PROFILES)}.")
    return list_rows(key)


@cache
def load_profile(key: str) -> Declaration:
    """
    Return the declaration that is built from the facts of a profile.

    A field that no fact states has its default, the cautious value: the rules then refuse more than
    the ERP does.

    Raises:
        UnknownAdapter: There is no profile of that key.
    """
    return _build(key, f"{NAMES.get(key)} (profile)", get_facts(key))


def _build(key: str, name: str, facts: Iterable[Fact]) -> Declaration:
    features: dict[Feature, Any] = {}
    fidelity: dict[str, Any] = {}
    prerequisites = set(Declaration(key=key, name=name).prerequisites)
    privileges: set[Privilege] = set()
    values: dict[str, Any] = {}
    for fact in facts:
        field, _, part = fact.field.partition(".")
        if field == "features":
            features[Feature(part)] = fact.value
        elif field == "fidelity":
            fidelity[part] = fact.value
        elif field == "prerequisites":
            (prerequisites.add if fact.value else prerequisites.discard)(Prerequisite(part))
        elif field == "privileges":
            privileges.add(Privilege(part))
        elif field in _TUPLES:
            values[field] = (*values.get(field, ()), fact.value)
        elif field:
            values[field] = fact.value
    return Declaration(
        key=key,
        name=name,
        features=features,
        fidelity=fidelity,
        prerequisites=frozenset(prerequisites),
        privileges=frozenset(privileges),
        is_profile=True,
        **values,
    )


class ProfilePlugin:
    """
    The plugin of a profile, for :class:`~erp_invoice_core.adapters.Adapters`.

    The rules refuse to send an invoice to a profile. If a host nevertheless calls the hook for
    writing, that hook refuses, too, and writes nothing.
    """

    def __init__(self, key: str) -> None:
        """
        Load the profile of that key.

        Raises:
            UnknownAdapter: There is no profile of that key.
        """
        self._declaration = load_profile(key)
        #: The name by which a host can disable it.
        self.__name__ = key

    @hookimpl
    def erp_declaration(self) -> Declaration:
        """Return the declaration of the profile."""
        return self._declaration

    @hookimpl
    def erp_write(self) -> Outcome:
        """Refuse, as a profile has no ERP."""
        return Refused(deny(Denial(f"{self._declaration.key}.profile", _REFUSED, Source.ADAPTER)))

    @hookimpl
    def erp_read(self) -> NoReturn:
        """
        Raise an error, as a profile has no documents.

        The hook exists because the declaration of a profile may require it.

        Raises:
            LookupError: Always.
        """
        raise LookupError(f"{self._declaration.name} is a profile, which has no documents.")
