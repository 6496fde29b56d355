"""Checks of the arguments of the queue and its verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING
from unicodedata import category

from ..adapters import Adapters, Connections
from ..documents import Actor, Problem, QueueEntry
from ..message_template import MessageKind, MessageTemplate, fill_by_facts
from ..rules import Policy, has_no_level
from ..rules.conditions.fields import LONGEST_LINE, TERMS, find_flaw_of_line
from ..rules.erp_number import ERP_NUMBER
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
    """Return whether the value is a store, by its methods; the class of a store is not one."""
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
    "numbers":     (_is_callable_or_none, "a callable that returns the numbers of a vendor's invoices, or None"),
    "attachments": (_is_callable_or_none, "a callable that opens the content of an attachment, or None"),
})
# fmt: on


def check_parts(**parts: object) -> None:
    """
    Check the arguments of the constructor of the queue, given by parameter name.

    Raises:
        TypeError: An argument has the wrong type.
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
        TypeError: The ids are a single text or not a collection, or one of them is not a text.
    """
    if isinstance(ids, (str, bytes)):
        msg = f"The ids must be a collection, as [{ids[:_SHOWN]!r}], and not one text."
        raise TypeError(msg)
    if not isinstance(ids, Iterable):
        msg = f"The ids must be a collection of texts, and not an object of type {type(ids).__name__}."
        raise TypeError(msg)
    found = list(ids)
    for each in found:
        if not isinstance(each, str):
            msg = (
                f"Each id must be a text; {str(each)[:_SHOWN]!r} is of type {type(each).__name__}."
            )
            raise TypeError(msg)
    return found


_BLANK = MessageTemplate(
    "invoice.id_malformed",
    "The invoice id {id} is blank. Correct the id.",
    when={"flaw": "blank"},
)
_TOO_LONG = MessageTemplate(
    "invoice.id_malformed",
    "The invoice id {id} has {size} characters, and an id has at most {limit}. Correct the id.",
    when={"flaw": "length"},
)
_CONTROLS = MessageTemplate(
    "invoice.id_malformed",
    "The invoice id {id} contains control characters. Correct the id.",
    when={"flaw": "control"},
)


def _find_flaw(entry_id: str) -> MessageTemplate | None:
    if not entry_id.strip():
        return _BLANK
    if len(entry_id) > LONGEST:
        return _TOO_LONG
    if not entry_id.isprintable() and any(category(char) in _CONTROL for char in entry_id):
        return _CONTROLS
    return None


def deny_malformed(entry_id: str) -> Verdict | None:
    """
    Return the denial of an id that no invoice can have, or ``None`` for a valid id.

    Such an id is blank, has more than :data:`LONGEST` characters, or has control characters.
    """
    template = _find_flaw(entry_id)
    if template is None:
        return None
    facts = {"id": ascii(entry_id[:_SHOWN]), **template.when}
    if template is _TOO_LONG:
        facts |= {"size": str(len(entry_id)), "limit": str(LONGEST)}
    return Verdict((template.deny(facts),))


def select_well_formed(ids: Iterable[str]) -> list[str]:
    """Return the ids that :func:`deny_malformed` does not deny, in their order."""
    return [each for each in ids if _find_flaw(each) is None]


def merge_malformed(
    ids: list[str], results: list[Result], actor: Actor, policy: Policy
) -> list[Result]:
    """
    Return the results of all ids in order, with denials for the ids that are not valid.

    ``results`` are those of the valid ids, in the same order. An actor without any permission gets
    the same denial as for any other invoice.
    """
    if len(results) == len(ids):
        return results
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
    Return the expected versions unchanged, after a check of their types.

    Raises:
        TypeError: They are not a whole number, a mapping of ids to whole numbers, or ``None``.
        ValueError: The mapping lacks one of the ids.
    """
    if expect is None:
        return None
    versions: Mapping[str, object] = expect if isinstance(expect, Mapping) else {"": expect}
    for version in versions.values():
        if type(version) is not int:
            kind = type(version).__name__
            msg = f"expect must be a version, or a mapping of ids to versions, and not of type {kind}."
            raise TypeError(msg)
    if isinstance(expect, Mapping):
        lacking = [each[:_SHOWN] for each in dict.fromkeys(ids) if each not in expect]
        if lacking:
            msg = f"expect has no version of {', '.join(lacking)}. Add it, or omit expect."
            raise ValueError(msg)
    return expect


def check_actor(actor: object) -> None:
    """
    Check that the value is an :class:`Actor`.

    Raises:
        TypeError: The value is of another type.
    """
    if not isinstance(actor, Actor):
        msg = f"actor must be an Actor, as Actor(id='sue'), and not of type {type(actor).__name__}."
        raise TypeError(msg)


def check_fields(fields: object) -> dict[str, str]:
    """
    Return the export fields as a dict, empty for ``None``.

    Raises:
        TypeError: They are not a mapping of names to texts.
        ValueError: The terms or the invoice number for the ERP are too long, or have control
            characters.
    """
    if fields is None:
        return {}
    if not isinstance(fields, Mapping):
        msg = (
            f"fields must be a mapping of names to texts, and not of type {type(fields).__name__}."
        )
        raise TypeError(msg)
    given: dict[object, object] = dict(fields)
    found = {}
    for name, text in given.items():
        if not (isinstance(name, str) and isinstance(text, str)):
            kind = type(text if isinstance(name, str) else name).__name__
            msg = f"Each name and value of fields must be a text; {name!r} has one of type {kind}."
            raise TypeError(msg)
        found[name] = text
    _check_lines(found)
    return found


#: The export fields that are one line of text.
_LINES = (TERMS, ERP_NUMBER)


_LINE_TOO_LONG = MessageTemplate(
    "usage.invalid",
    "The export field {field} has {size} characters. Write at most {limit}.",
    kind=MessageKind.PROBLEM,
)
_LINE_WITH_CONTROLS = MessageTemplate(
    "usage.invalid",
    "The export field {field} has control characters. Write it without them.",
    kind=MessageKind.PROBLEM,
)


def find_line_problem(fields: Mapping[str, str]) -> Problem | None:
    """
    Return the problem of an export field that is not one short line, or ``None``.

    It checks the terms of payment and the invoice number for the ERP.
    """
    for name in _LINES:
        text = fields.get(name, "")
        flaw = find_flaw_of_line(text)
        if flaw == "length":
            facts = {"field": name, "size": str(len(text)), "limit": str(LONGEST_LINE)}
            return _build_problem(_LINE_TOO_LONG, facts)
        if flaw == "control":
            return _build_problem(_LINE_WITH_CONTROLS, {"field": name})
    return None


def _build_problem(template: MessageTemplate, facts: Mapping[str, str]) -> Problem:
    return Problem(facts["field"], template.code, *fill_by_facts([template], facts))


def _check_lines(fields: Mapping[str, str]) -> None:
    problem = find_line_problem(fields)
    if problem is not None:
        raise ValueError(problem.message)


def add_terms(fields: dict[str, str], due_date: object, terms: object) -> dict[str, str]:
    """
    Return the export fields with the due date and the terms of payment, if these are given.

    Raises:
        TypeError: The due date is not a date, or the terms are not a text.
        ValueError: A given value is already among the fields, or the terms are too long or have
            control characters.
    """
    if due_date is not None and (not isinstance(due_date, date) or isinstance(due_date, datetime)):
        msg = f"due_date must be a date, and not of type {type(due_date).__name__}."
        raise TypeError(msg)
    if terms is not None and not isinstance(terms, str):
        msg = f"terms must be a text, and not of type {type(terms).__name__}."
        raise TypeError(msg)
    given = {"due_date": due_date.isoformat() if due_date else None, "terms": terms}
    added = {name: text for name, text in given.items() if text is not None}
    for name in added:
        if name in fields:
            msg = f"{name} is given as an argument and among the fields. Give it once."
            raise ValueError(msg)
    _check_lines(added)
    return fields | added


def add_number(fields: dict[str, str], number: object) -> dict[str, str]:
    """
    Return the export fields with another invoice number for the ERP, if one is given.

    Raises:
        TypeError: The number is not a text.
        ValueError: The number is blank or too long, has control characters, or is already among the
            fields.
    """
    if number is None:
        return fields
    if not isinstance(number, str):
        msg = f"number must be a text, and not of type {type(number).__name__}."
        raise TypeError(msg)
    if not number.strip():
        msg = "number is blank. Leave it out to keep the number of the invoice."
        raise ValueError(msg)
    if ERP_NUMBER in fields:
        msg = f"{ERP_NUMBER} is given as an argument and among the fields. Give it once."
        raise ValueError(msg)
    _check_lines({ERP_NUMBER: number})
    return {**fields, ERP_NUMBER: number}


def check_command(command: str | None) -> str | None:
    """
    Return the command id unchanged.

    Raises:
        TypeError: It is not a text.
        ValueError: It is blank, or longer than :data:`LONGEST` characters.
    """
    if command is not None and not isinstance(command, str):
        msg = f"command must be a text, and not of type {type(command).__name__}."
        raise TypeError(msg)
    if command is not None and not command.strip():
        msg = "command is blank. Give an id of your own for this command, or omit command."
        raise ValueError(msg)
    if command is not None and len(command) > LONGEST:
        msg = f"command must have at most {LONGEST} characters, and has {len(command)}."
        raise ValueError(msg)
    return command
