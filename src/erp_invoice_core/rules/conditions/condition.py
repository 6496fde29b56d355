"""Conditions of actions, and groups of actions."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ...message_template import MessageTemplate, choose_template
from ...values import Value
from ...verdict import Denial, Notice, Source, build_denial
from ...vocabulary import Action
from ..remedies import Alternatives, fill
from ..remedy_rows import supply_fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..case import Case


#: The actions that send an invoice to the ERP tool.
SUBMITTING = frozenset({Action.SEND, Action.RESEND})
#: The actions that need an invoice that the ERP takes: sending, and the start of a call.
SENDING = SUBMITTING | {Action.START}
#: The actions by which a person consents to the export.
CONSENTING = frozenset({Action.ACCEPT, Action.RETRY})
#: The actions from the consent to the start of a call.
EXPORTING = CONSENTING | {Action.START}
#: The actions of people on an entry.
ENTRY_VERBS = SUBMITTING | {
    Action.RETRIEVE,
    Action.ACCEPT,
    Action.REJECT,
    Action.RETRY,
    Action.WITHDRAW,
    Action.RULE,
    Action.UNLINK,
}


#: Code, template, facts and remedies of one reason.
Reason: TypeAlias = "tuple[str, MessageTemplate, Mapping[str, str], Alternatives]"

#: Functions of a case: whether a condition is met, the facts of its sentence, its reasons.
Predicate: TypeAlias = "Callable[[Case], bool]"
Facts: TypeAlias = "Callable[[Case], Mapping[str, str]]"
FindReasons: TypeAlias = "Callable[[Case], Iterable[Reason]]"

_NO_FACTS: Mapping[str, str] = MappingProxyType({})

#: A value that is not known, and a value that is absent, in every language.
UNKNOWN = "?"
ABSENT = "-"


def word(text: str) -> str:
    """Return the text as a part of a reason code: ``lien-waiver`` becomes ``lien_waiver``."""
    return re.sub("[^a-z_]+", "_", text.lower()) or "_"


def join_values(values: Iterable[str], limit: int | None = None) -> str:
    """Return values as one fact: ``a, b``, with ``…`` after the first ones if there are more."""
    found = list(values)
    return ", ".join(found if limit is None or len(found) <= limit else [*found[:limit], "…"])


def find_erp_name(case: Case) -> dict[str, str]:
    """Return the name of the ERP integration as a fact."""
    return {"erp": case.erp.name if case.erp else "ERP"}


def _find_no_facts(_case: Case) -> Mapping[str, str]:
    return _NO_FACTS


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Condition(Value):
    """
    A condition that must be met for some actions.

    Attributes:
        code: The code of the denial or notice; ``<name>`` is a part that depends on the case.
        usual: A fact of the case and a value with which the condition is always met. It is compared
            first, for all rows at once.
        is_met: Returns whether a case meets it. Without it, the condition is met if the fact of
            ``usual`` has its value, and only then.
        sentence: The text of its template; ``{name}`` is a fact.
        fallback: The text if a fact of the sentence is not known.
        unknown_if: The facts of the case without which it is not known whether it is met.
        unknown: The text if one of them is absent; the host then has to supply it, or a person
            does one of ``unknown_remedies``.
        when: Facts that every finding of the condition has; by them its template is chosen among
            those with the same code.
        remedies: Alternatives that make it met, each a tuple of templates that are all needed.
        facts: Returns the facts of the sentence.
        each: Returns the findings, in place of sentence and facts, if there can be several.
        templates: The templates that the findings use.
        steady: True if the predicate reads no facts but those of the host and ``STEADY_FACTS``. For
            the same facts it is evaluated once, however many actions are decided.
    """

    code: str
    acts: frozenset[Action]
    usual: tuple[str, object] | None = None
    is_met: Predicate = attrs.field()
    sentence: str = ""
    fallback: str = ""
    unknown_if: tuple[str, ...] = ()
    unknown: str = ""
    unknown_remedies: Alternatives = ()
    when: Mapping[str, str] = attrs.field(default=_NO_FACTS, hash=False)
    remedies: Alternatives = ()
    facts: Facts = _find_no_facts
    each: FindReasons | None = None
    steady: bool = False
    source: Source = Source.CONDITION
    templates: tuple[MessageTemplate, ...] = attrs.field()

    @is_met.default
    def _build_is_met(self) -> Predicate:
        if self.usual is None:
            msg = f"The row of {self.code} needs is_met, or usual if one value of a fact decides."
            raise TypeError(msg)
        name, value = self.usual
        return lambda case: getattr(case, name) is value

    @templates.default
    def _build_templates(self) -> tuple[MessageTemplate, ...]:
        unknown = (
            MessageTemplate(
                self.code, self.unknown, source=self.source, when={**self.when, "unknown": name}
            )
            for name in self.unknown_if
        )
        texts = filter(None, (self.sentence, self.fallback))
        known = (
            MessageTemplate(self.code, text, source=self.source, when=self.when) for text in texts
        )
        return (*unknown, *known)

    def findings(self, case: Case) -> Iterable[Reason]:
        """Return the findings about a case that does not meet the condition."""
        if self.each is not None:
            return self.each(case)
        facts = self.facts(case)
        if self.when:
            facts = {**self.when, **facts}
        remedies = self.remedies
        for name in self.unknown_if:
            if getattr(case, name) is None:
                facts = {**facts, "unknown": name}
                remedies = (*supply_fact(name), *self.unknown_remedies)
                break
        template = self.templates[-1]
        is_sole = not self.fallback and self.sentence and remedies is self.remedies
        if len(self.templates) > 1 and not is_sole:
            template = choose_template(self.templates, facts) or template
        return ((self.code, template, facts, remedies),)

    def denials(self, case: Case) -> tuple[Denial, ...]:
        """Return the findings as denials."""
        return tuple(
            build_denial(
                code, template.fill(facts), self.source, facts, fill(remedies, case, facts)
            )
            for code, template, facts, remedies in self.findings(case)
        )

    def notices(self, case: Case) -> tuple[Notice, ...]:
        """Return the findings as notices."""
        return tuple(
            Notice(code, template.fill(facts), self.source, facts)
            for code, template, facts, _ in self.findings(case)
        )
