"""Conditions of actions, and groups of actions."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ...values import Value
from ...verdict import Denial, Notice, Source
from ...vocabulary import Action
from ..remedies import Alternatives, fill

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


#: Code, sentence, facts and remedies of one finding. In the sentence ``{name}`` is a fact, and
#: every value is written so.
Finding: TypeAlias = "tuple[str, str, Mapping[str, str], Alternatives]"

#: Functions of a case: whether a condition is met, the facts of its sentence, its findings.
Predicate: TypeAlias = "Callable[[Case], bool]"
Facts: TypeAlias = "Callable[[Case], Mapping[str, str]]"
Findings: TypeAlias = "Callable[[Case], Iterable[Finding]]"

_NO_FACTS: Mapping[str, str] = MappingProxyType({})


def word(text: str) -> str:
    """Return the text as a part of a reason code: ``lien-waiver`` becomes ``lien_waiver``."""
    return re.sub("[^a-z_]+", "_", text.lower()) or "_"


def erp_name(case: Case) -> dict[str, str]:
    """Return the name of the ERP integration as a fact."""
    return {"erp": case.erp.name if case.erp else "the ERP"}


def _nothing(_case: Case) -> Mapping[str, str]:
    return _NO_FACTS


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Condition(Value):
    """
    A condition that must be met for some actions.

    Attributes:
        code: The code of the denial or notice; ``<name>`` is a part that depends on the case.
        is_met: Returns whether a case meets it.
        sentence: The template of the message if it is not met; ``{name}`` is a fact.
        remedies: Alternatives that make it met, each a tuple of templates that are all needed.
        facts: Returns the facts of the sentence.
        each: Returns the findings, in place of sentence and facts, if there can be several.
        usual: A fact of the case and a value with which the condition is always met. It is compared
            first, for all rows at once.
    """

    code: str
    acts: frozenset[Action]
    is_met: Predicate
    sentence: str = ""
    remedies: Alternatives = ()
    facts: Facts = _nothing
    each: Findings | None = None
    usual: tuple[str, object] | None = None
    source: Source = Source.CONDITION

    def findings(self, case: Case) -> Iterable[Finding]:
        """Return the findings about a case that does not meet the condition."""
        if self.each is not None:
            return self.each(case)
        return ((self.code, self.sentence, self.facts(case), self.remedies),)

    def denials(self, case: Case) -> tuple[Denial, ...]:
        """Return the findings as denials."""
        return tuple(
            Denial(code, text.format_map(facts), self.source, facts, fill(remedies, case, facts))
            for code, text, facts, remedies in self.findings(case)
        )

    def notices(self, case: Case) -> tuple[Notice, ...]:
        """Return the findings as notices."""
        return tuple(
            Notice(code, text.format_map(facts), self.source, facts)
            for code, text, facts, _ in self.findings(case)
        )
