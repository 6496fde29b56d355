"""One row of the conditions, and the groups of actions that rows concern."""

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


#: An invoice is handed to the ERP tool.
SUBMITTING = frozenset({Action.SEND, Action.RESEND})
#: The invoice must be fit for the ERP: at the sending, and again before the first write.
SENDING = SUBMITTING | {Action.START}
#: Somebody consents to the export.
CONSENTING = frozenset({Action.ACCEPT, Action.RETRY})
#: From consent to the first write.
EXPORTING = CONSENTING | {Action.START}
#: What people do with an entry.
ENTRY_VERBS = SUBMITTING | {
    Action.RETRIEVE,
    Action.ACCEPT,
    Action.REJECT,
    Action.RETRY,
    Action.WITHDRAW,
    Action.RULE,
    Action.UNLINK,
}


#: Code, sentence, facts and remedies of one thing that a row has to say; in the sentence
#: ``{name}`` stands for a fact, and nothing else stands for a value.
Finding: TypeAlias = "tuple[str, str, Mapping[str, str], Alternatives]"

#: True if something is true of a case, its facts for a sentence, and all that there is to say.
Predicate: TypeAlias = "Callable[[Case], bool]"
Facts: TypeAlias = "Callable[[Case], Mapping[str, str]]"
Findings: TypeAlias = "Callable[[Case], Iterable[Finding]]"

_NO_FACTS: Mapping[str, str] = MappingProxyType({})


def word(text: str) -> str:
    """Return the text as a part of a reason code: ``lien-waiver`` becomes ``lien_waiver``."""
    return re.sub("[^a-z_]+", "_", text.lower()) or "_"


def erp_name(case: Case) -> dict[str, str]:
    """Return the name of the ERP integration, as a fact for sentences."""
    return {"erp": case.erp.name if case.erp else "the ERP"}


def _nothing(_case: Case) -> Mapping[str, str]:
    return _NO_FACTS


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Condition(Value):
    """
    What must be true for some acts.

    Attributes:
        code: Of what it says; ``<name>`` stands for a part that the case fills in.
        is_met: True if it is true of a case.
        sentence: What to do where it is not; ``{name}`` stands for a fact.
        remedies: What makes it true: alternatives, each of them templates that are all needed.
        facts: The facts of the sentence.
        each: In place of sentence and facts, where a row may have several things to say.
        usual: A fact of the case and the value with which the row is always met: asked first, of
            all rows at once.
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
        """Return what the row has to say of a case that does not meet it."""
        if self.each is not None:
            return self.each(case)
        return ((self.code, self.sentence, self.facts(case), self.remedies),)

    def denials(self, case: Case) -> tuple[Denial, ...]:
        """Return the row's reasons why not."""
        return tuple(
            Denial(code, text.format_map(facts), self.source, facts, fill(remedies, case, facts))
            for code, text, facts, remedies in self.findings(case)
        )

    def notices(self, case: Case) -> tuple[Notice, ...]:
        """Return what the row has to say as notices, which deny nothing."""
        return tuple(
            Notice(code, text.format_map(facts), self.source, facts)
            for code, text, facts, _ in self.findings(case)
        )
