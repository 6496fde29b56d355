"""
Message templates: the sentences of denials, notices, remedies, waits and problems.

A message is never joined from parts. Its code and its facts choose a template, and each place of
the template, as ``{number}``, takes the fact of that name. So a translation of the template is a
translation of every message that is made from it.

A code can have several templates. ``when`` has the facts that choose between them; a template is
left out as well if a fact of one of its places is absent or empty. Facts are values, which no
language changes: amounts, ids, names, and lists of these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from .values import Value
from .verdict import Denial, Notice, Remedy, Source

if TYPE_CHECKING:
    from collections.abc import Iterable


_PLACES = re.compile(r"\{([a-z_0-9]+)\}")
_NO_FACTS: Mapping[str, str] = MappingProxyType({})

#: In ``when``: any value that is not empty.
ANY = "*"
#: In a message: a value that is empty.
_EMPTY = "-"


class MessageKind(Enum):
    """The kind of object that has a message."""

    DENIAL = "denial"  #: A reason against an action.
    NOTICE = "notice"  #: A remark that does not block.
    REMEDY = "remedy"  #: Something that removes a denial.
    WAIT = "wait"  #: The wait of an entry.
    WHO = "who"  #: A role, or the permissions, of who can apply a remedy.
    PROBLEM = "problem"  #: A problem or a warning of a document, a file or a record.
    FINDING = "finding"  #: A row that was edited, found by the verification of a store.


def list_places(text: str) -> tuple[str, ...]:
    """Return the names of the facts that a template has places for, without repetition."""
    return tuple(dict.fromkeys(_PLACES.findall(text)))


def fill_places(text: str, facts: Mapping[str, str]) -> str:
    """
    Return a template with its facts in its places.

    Only plain names in braces are places, so a translation cannot read attributes or indexes of a
    fact, as ``str.format`` would allow.

    Raises:
        KeyError: The template has a place for a fact that is not there.
    """
    return _PLACES.sub(lambda place: facts[place[1]], text)


def _freeze(facts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(facts))


@attrs.frozen(eq=False, repr=False)
class MessageTemplate(Value):
    """
    One sentence, or a few, with a place for each fact.

    Attributes:
        code: The code of the message; ``<name>`` stands for a part that depends on the case.
        text: The template; ``{name}`` is the place of a fact. It is the msgid of translations.
        kind: The kind of object that has the message.
        source: The source of a denial or a notice.
        when: The values of facts with which this template is chosen among those of its code.
        places: The names of the facts in the text; derived.
    """

    code: str
    text: str
    kind: MessageKind = attrs.field(default=MessageKind.DENIAL, kw_only=True)
    source: Source = attrs.field(default=Source.CONDITION, kw_only=True)
    when: Mapping[str, str] = attrs.field(factory=dict, converter=_freeze, hash=False, kw_only=True)
    places: tuple[str, ...] = attrs.field(init=False, eq=False, repr=False)

    @places.default
    def _list_places(self) -> tuple[str, ...]:
        return list_places(self.text)

    def fits(self, facts: Mapping[str, str]) -> bool:
        """Return whether a message with these facts can be made from this template."""
        for name, value in self.when.items():
            if not (facts.get(name) if value == ANY else facts.get(name) == value):
                return False
        return all(map(facts.get, self.places))

    def fill(self, facts: Mapping[str, str]) -> str:
        """Return the message with these facts."""
        return self.text.format_map(facts)

    def deny(
        self,
        facts: Mapping[str, str] = _NO_FACTS,
        remedies: tuple[tuple[Remedy, ...], ...] = (),
    ) -> Denial:
        """Return the denial with these facts."""
        return Denial(self.code, self.fill(facts), self.source, facts, remedies)

    def note(self, facts: Mapping[str, str] = _NO_FACTS) -> Notice:
        """Return the notice with these facts."""
        return Notice(self.code, self.fill(facts), self.source, facts)


def choose_template(
    templates: Iterable[MessageTemplate], facts: Mapping[str, str]
) -> MessageTemplate | None:
    """
    Return the template that fits the facts best; ``None`` if none fits.

    It is the one with the most conditions in ``when``, and then with the most places.
    """
    found = [template for template in templates if template.fits(facts)]
    return max(found, key=_count_facts, default=None)


def group_by_code(
    templates: Iterable[MessageTemplate],
) -> Mapping[str, tuple[MessageTemplate, ...]]:
    """Return the templates of a table by their code."""
    found: dict[str, list[MessageTemplate]] = {}
    for template in templates:
        found.setdefault(template.code, []).append(template)
    return MappingProxyType({code: tuple(rows) for code, rows in found.items()})


def fill_by_facts(
    templates: Iterable[MessageTemplate], facts: Mapping[str, object]
) -> tuple[str, Mapping[str, str]]:
    """
    Return the message that the facts determine, and the facts as text; empty text becomes ``-``.

    Raises:
        ValueError: No template fits the facts.
    """
    shown = {name: str(value) or _EMPTY for name, value in facts.items()}
    template = choose_template(templates, shown)
    if template is None:
        msg = f"No template fits the facts {', '.join(facts) or '-'}."
        raise ValueError(msg)
    return template.fill(shown), shown


def _count_facts(template: MessageTemplate) -> tuple[int, int]:
    return len(template.when), len(template.places)
