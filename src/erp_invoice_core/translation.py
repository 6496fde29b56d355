"""
Translation of messages by the templates from which they were made.

A message is stored as its text, code and facts. The code and the facts choose its template again,
and the facts are put into the translation of the template, so that a stored message can be
translated too. A message whose code has no template, such as that of a vendor's adapter, stays as
it is.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import attrs

from .documents import Problem
from .documents.difference import DIFFERENCES
from .documents.problem_rows import PROBLEMS
from .flow.wait import WAITS, Wait
from .message_template import MessageKind, MessageTemplate, choose_template, fill_places
from .rules import CONDITIONS, NEEDS, NOTICES, state_table
from .rules.remedies import NOT_THE_SENDER
from .rules.remedy_rows import ROLES, TEMPLATES
from .stores.finding_rows import FINDINGS, Finding
from .verdict import Denial, Notice, Remedy
from .wire.procore.problem_rows import LOAD_PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

#: An object with a message, a code and facts.
Message: TypeAlias = Denial | Notice | Remedy | Wait | Problem | Finding

#: The modules that have templates as constants. Functions of the same names hide some of them.
MODULES = (
    "rules.features",
    "rules.permissions",
    "flow.accept",
    "flow.export",
    "flow.late_evidence",
    "flow.next_step",
    "flow.read_back",
    "flow.payments",
    "flow.reconcile",
    "flow.resolve",
    "flow.restore",
    "flow.retry_policy",
    "flow.revalidate",
    "flow.wait",
    "billing.certificates",
    "queue.arguments",
    "queue.callbacks",
    "queue.case",
    "queue.company",
    "records.table",
    "adapters.answers",
    "adapters.beancount",
    "adapters.beancount.accounts",
    "adapters.beancount.entry",
    "adapters.tryton.reasons",
)
_KINDS = {
    Denial: MessageKind.DENIAL,
    Notice: MessageKind.NOTICE,
    Remedy: MessageKind.REMEDY,
    Wait: MessageKind.WAIT,
    Problem: MessageKind.PROBLEM,
    Finding: MessageKind.FINDING,
}
_PART = re.compile(r"<[a-z]+>")


@cache
def message_templates() -> tuple[MessageTemplate, ...]:
    """Return every template of this library and its bundled adapters, each once."""
    return tuple(dict.fromkeys(_list_templates()))


def _list_templates() -> Iterator[MessageTemplate]:
    for condition in CONDITIONS:
        yield from condition.templates
    for condition in NOTICES:
        yield from (attrs.evolve(each, kind=MessageKind.NOTICE) for each in condition.templates)
    for table in (DIFFERENCES, PROBLEMS, LOAD_PROBLEMS, FINDINGS):
        yield from chain.from_iterable(table.values())
    for need in NEEDS:
        yield from need.templates.values()
    yield from state_table.list_templates()
    for name in MODULES:
        yield from _list_constants(vars(import_module(f".{name}", __package__)))
    for remedy in TEMPLATES:
        for text in filter(None, (remedy.message, remedy.fallback)):
            yield MessageTemplate(remedy.code, text, kind=MessageKind.REMEDY)
    for wait in WAITS:
        yield from wait.templates
    yield NOT_THE_SENDER
    yield from (MessageTemplate("who.role", role, kind=MessageKind.WHO) for role in ROLES)


def _list_constants(module: Mapping[str, object]) -> Iterator[MessageTemplate]:
    for constant in module.values():
        if isinstance(constant, MessageTemplate):
            yield constant
        elif isinstance(constant, tuple | dict):
            values = constant.values() if isinstance(constant, dict) else constant
            yield from (each for each in values if isinstance(each, MessageTemplate))


def find_template(message: Message, more: Iterable[MessageTemplate] = ()) -> MessageTemplate | None:
    """
    Return the template from which a message was made; ``None`` if it is not known.

    ``more`` are the templates of adapters that are not bundled.
    """
    kind = _KINDS[type(message)]
    own = [each for each in more if (each.kind, each.code) == (kind, message.code)]
    found = (*own, *_index().get((kind, message.code), ()), *_match(kind, message.code))
    return choose_template(found, message.facts)


@cache
def _index() -> Mapping[tuple[MessageKind, str], tuple[MessageTemplate, ...]]:
    found: dict[tuple[MessageKind, str], tuple[MessageTemplate, ...]] = {}
    for template in message_templates():
        key = (template.kind, template.code)
        found[key] = (*found.get(key, ()), template)
    return found


def _match(kind: MessageKind, code: str) -> Iterator[MessageTemplate]:
    """Yield the templates that fit the code and have a variable part, such as ``<field>``."""
    for pattern, templates in _patterns():
        if pattern.fullmatch(code):
            yield from (each for each in templates if each.kind is kind)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], tuple[MessageTemplate, ...]], ...]:
    return tuple(
        (re.compile(_PART.sub("[a-z_]+", code.replace(".", r"\."))), templates)
        for (_, code), templates in _index().items()
        if "<" in code
    )


def translate(
    message: Message,
    gettext: Callable[[str], str],
    *,
    more: Iterable[MessageTemplate] = (),
) -> str:
    """
    Return a message in another language.

    The message is returned unchanged if its template is not known, or if the translation has a
    place for a fact that the message lacks.

    Args:
        message: A denial, a notice, a remedy, a wait, a problem or a finding, new or stored.
        gettext: Returns the translation of a template, or the template; as ``gettext.gettext``.
        more: The templates of adapters that are not bundled.
    """
    template = find_template(message, more)
    if template is None:
        return message.message
    try:
        return fill_places(gettext(template.text), message.facts)
    except KeyError:
        return message.message


def translate_who(remedy: Remedy, gettext: Callable[[str], str]) -> str:
    """
    Return who can apply a remedy, in another language.

    Names of permissions are not translated: a host that has other names for them replaces them.
    """
    if remedy.who in ROLES:
        return gettext(remedy.who)
    addition = NOT_THE_SENDER.text.partition("{permissions}")[2]
    if remedy.action is None or not remedy.who.endswith(addition):
        return remedy.who
    permissions_ = remedy.who.removesuffix(addition)
    return fill_places(gettext(NOT_THE_SENDER.text), {"permissions": permissions_})
