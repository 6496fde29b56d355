"""Checks of the arguments that a host gives to the queue and to its verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING
from unicodedata import category

from ..adapters import Adapters, Connections
from ..documents import Actor, QueueEntry
from ..message_template import MessageTemplate
from ..rules import Policy, has_no_level
from ..verdict import Verdict
from .case import STRANGER_VERDICT
from .types import Result

if TYPE_CHECKING:
    from .batch import Expected


#: The longest id, and the longest command id, in characters.
LONGEST = 255
_SHOWN = 40
#: Unicode's categories of control characters and of lone surrogates.
_CONTROL = frozenset({"Cc", "Cs"})


def _is_store(value: object) -> bool:
    """Return whether the value has the methods of a store; a class of one is not a store."""
    return not isinstance(value, type) and hasattr(value, "people") and hasattr(value, "entries")


def _is_callable_or_none(value: object) -> bool:
    return value is None or callable(value)


# fmt: off
_PARTS: Mapping[str, tuple[Callable[[object], bool], str]] = MappingProxyType({
    # argument:   is valid, what it must be
    "store":       (_is_store, "a Store, as SqliteStore('queue.db')"),
    "adapters":    (lambda value: isinstance(value, Adapters | Connections), "Adapters or Connections"),
    "facts":       (callable, "a callable that returns cases by id"),
    "policy":      (lambda value: isinstance(value, Policy), "a Policy"),
    "clock":       (_is_callable_or_none, "a callable that returns the current time, or None"),
    "observe":     (_is_callable_or_none, "a callable that takes an event, or None"),
    "attachments": (_is_callable_or_none, "a callable that opens the content of an attachment, or None"),
})
# fmt: on


def check_parts(**parts: object) -> None:
    """
    Check the arguments of the constructor of the queue.

    Raises:
        TypeError: One of them is of another type.
    """
    for name, value in parts.items():
        is_valid, expected = _PARTS[name]
        if not is_valid(value):
            found = f"the class {value.__name__}" if isinstance(value, type) else _kind(value)
            msg = f"{name} must be {expected}, not {found}."
            raise TypeError(msg)


def _kind(value: object) -> str:
    return "None" if value is None else f"an object of the type {type(value).__name__}"


def check_ids(ids: object) -> list[str]:
    """
    Return the ids as a list.

    Raises:
        TypeError: It is one text, no collection, or one of them is no text.
    """
    if isinstance(ids, (str, bytes)):
        msg = f"Give the ids as a collection, as in [{ids[:_SHOWN]!r}]: one text is not one."
        raise TypeError(msg)
    if not isinstance(ids, Iterable):
        msg = f"Give the ids as a collection of texts: {type(ids).__name__} is not one."
        raise TypeError(msg)
    found = list(ids)
    for each in found:
        if not isinstance(each, str):
            msg = f"Ids are text: write {str(each)[:_SHOWN]!r} as a text, it is {type(each).__name__}."
            raise TypeError(msg)
    return found


_BLANK = MessageTemplate(
    "invoice.id_malformed",
    "The id {id} is blank. Correct it.",
    when={"flaw": "blank"},
)
_TOO_LONG = MessageTemplate(
    "invoice.id_malformed",
    "The id {id} has {size} characters, and an id has at most {limit}. Correct it.",
    when={"flaw": "length"},
)
_CONTROLS = MessageTemplate(
    "invoice.id_malformed",
    "The id {id} contains control characters. Correct it.",
    when={"flaw": "control"},
)


def _find_flaw(entry_id: str) -> MessageTemplate | None:
    if not entry_id.strip():
        return _BLANK
    if len(entry_id) > LONGEST:
        return _TOO_LONG
    if any(category(char) in _CONTROL for char in entry_id):
        return _CONTROLS
    return None


def deny_malformed(entry_id: str) -> Verdict | None:
    """Return the refusal of an id that no invoice can have; ``None``: it may be one."""
    template = _find_flaw(entry_id)
    if template is None:
        return None
    facts = {"id": ascii(entry_id[:_SHOWN]), **template.when}
    if template is _TOO_LONG:
        facts |= {"size": str(len(entry_id)), "limit": str(LONGEST)}
    return Verdict((template.deny(facts),))


def select_well_formed(ids: Iterable[str]) -> list[str]:
    """Return the ids that an invoice can have, in their order."""
    return [each for each in ids if _find_flaw(each) is None]


def merge_malformed(
    ids: Iterable[str], results: Iterable[Result], actor: Actor, policy: Policy
) -> list[Result]:
    """Return the results of the well-formed ids among those of all ids, in the order of the ids."""
    others = iter(results)
    answers = []
    for each in ids:
        flawed = deny_malformed(each)
        if flawed is None:
            answers.append(next(others))
        else:
            verdict = STRANGER_VERDICT if has_no_level(actor, policy) else flawed
            answers.append(Result(each, verdict, QueueEntry(id=each)))
    return answers


def check_expect(expect: Expected, ids: Iterable[str]) -> Expected:
    """
    Return the versions seen as they were given.

    Raises:
        TypeError: They are neither a whole number nor a mapping of ids to whole numbers.
        ValueError: The mapping lacks one of the ids.
    """
    if expect is None:
        return None
    versions: Mapping[str, object] = expect if isinstance(expect, Mapping) else {"": expect}
    for version in versions.values():
        if type(version) is not int:
            kind = type(version).__name__
            msg = f"expect is a version, or a mapping of ids to versions: {kind} is neither."
            raise TypeError(msg)
    if isinstance(expect, Mapping):
        lacking = [each[:_SHOWN] for each in dict.fromkeys(ids) if each not in expect]
        if lacking:
            msg = f"Say in expect which version of {', '.join(lacking)} you saw, or leave it out."
            raise ValueError(msg)
    return expect


def check_actor(actor: object) -> None:
    """
    Refuse what is no actor.

    Raises:
        TypeError: It is no actor.
    """
    if not isinstance(actor, Actor):
        msg = f"Say who acts, as in Actor(id='sue'): {type(actor).__name__} is no Actor."
        raise TypeError(msg)


def check_fields(fields: object) -> dict[str, str]:
    """
    Return the export fields as they were given; none are an empty mapping.

    Raises:
        TypeError: They are no mapping of names to texts.
    """
    if fields is None:
        return {}
    if not isinstance(fields, Mapping):
        msg = f"Give fields as a mapping of names to texts, not a {type(fields).__name__}."
        raise TypeError(msg)
    given: dict[object, object] = dict(fields)
    found = {}
    for name, text in given.items():
        if not (isinstance(name, str) and isinstance(text, str)):
            kind = type(text if isinstance(name, str) else name).__name__
            msg = f"Give each of fields as a text, name and value: {name!r} has {kind}."
            raise TypeError(msg)
        found[name] = text
    return found


def check_command(command: str | None) -> str | None:
    """
    Return the command id as it was given.

    Raises:
        TypeError: It is no text.
        ValueError: It is longer than :data:`LONGEST` characters.
    """
    if command is not None and not isinstance(command, str):
        msg = f"A command id is text: {type(command).__name__} is not."
        raise TypeError(msg)
    if command is not None and len(command) > LONGEST:
        msg = f"A command id has at most {LONGEST} characters: this one has {len(command)}."
        raise ValueError(msg)
    return command
