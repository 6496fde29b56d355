"""The four tables of the rules, and the notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.rules import CONDITIONS, GRANTS, NEEDS, NOTICES, TRANSITIONS, Case, Condition
from erp_invoice_core.rules.instead import NOW, instead
from erp_invoice_core.rules.remedies import fill
from erp_invoice_core.vocabulary import Action, ExportStatus

from .markdown import code, remedied, table, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from erp_invoice_core.rules.remedies import Alternatives
    from erp_invoice_core.verdict import Remedy

__all__ = ["OWN_WORDS", "PARTS", "in_order", "shown"]

#: What rows say that have a sentence per finding.
OWN_WORDS: Mapping[str, str] = {
    "field.<name>.<validator>": "The field does not keep to the ERP's rule; the sentence says how.",
    "field.<name>.range": "The billing date is not plausible: enter one between two dates.",
    "invoice.paid": "This invoice is paid already. Do not export it: it would be booked again.",
    "commitment.not_active": "The commitment is void, terminated or deleted: send no invoice of it.",
    "document.differs": "The export document and the invoice's facts say different values for"
    " a field; the sentence names both.",
    "field.<name>.refused": "Leave the field out: the ERP refuses it.",
    "hold.<code>": "The hold's own sentence.",
    "loss.<field>": "The ERP rounds, cuts, computes anew or drops the field; the amount is said.",
    "attachments.linked": "The ERP takes files and gets links; the attachments are named.",
    "attachments.not_sent": "The ERP takes files and gets nothing of these; the attachments are named.",
}


def in_order(acts: Iterable[Action]) -> list[str]:
    """Return the actions' words in the order in which the vocabulary lists them."""
    wanted = set(acts)
    return [action.value for action in Action if action in wanted]


class _Places(dict[str, str]):
    """Leaves a place of a sentence open."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def shown(remedies: Alternatives) -> tuple[tuple[Remedy, ...], ...]:
    """Return the remedies of a row under the default policy; the facts stay open."""
    return fill(remedies, Case(), _Places())


def _features() -> str:
    return table(
        ("Feature", "The ERP must", "Asked when", "Asked of"),
        (
            (
                code(need.feature.value),
                need.deed,
                words(in_order(need.acts)),
                "every invoice" if need.always else "invoices that use it",
            )
            for need in NEEDS
        ),
    )


def _permissions() -> str:
    rows = []
    for action in Action:
        grant = GRANTS[action]
        needs = [need.words for need in grant.needs]
        if grant.asks_erp:
            needs.append("whatever privileges the ERP asks for")
        rows.append((code(action.value), "the system" if grant.system else "; ".join(needs)))
    return table(("Action", "Needs"), rows)


def _statuses() -> str:
    rows = []
    for row in TRANSITIONS:
        sources = [status.value for status in ExportStatus if status in row.sources]
        targets = [status.value for status in row.targets]
        rows.append((code(row.action.value), words(sources), words(targets) or "stays"))
    return table(("Action", "From", "To"), rows)


def _instead() -> str:
    rows = (
        (
            code(status.value),
            f"{NOW[status]}.",
            remedied(shown(instead(Action.EDIT, status))),
            remedied(shown(instead(Action.ACCEPT, status))),
        )
        for status in ExportStatus
    )
    return table(("Status", "What is said", "For the project", "For accounting"), rows)


def _rows(conditions: Iterable[Condition]) -> str:
    return table(
        ("Code", "Asked when", "Sentence", "What removes it, and who"),
        (
            (
                code(row.code),
                words(in_order(row.acts)),
                row.sentence or OWN_WORDS[row.code],
                remedied(shown(row.remedies)),
            )
            for row in conditions
        ),
    )


def _conditions() -> str:
    return _rows(CONDITIONS)


def _notices() -> str:
    return table(
        ("Code", "Told when", "Sentence"),
        (
            (code(row.code), words(in_order(row.acts)), row.sentence or OWN_WORDS[row.code])
            for row in NOTICES
        ),
    )


PARTS: Mapping[str, Callable[[], str]] = {
    "features": _features,
    "permissions": _permissions,
    "statuses": _statuses,
    "instead": _instead,
    "conditions": _conditions,
    "notices": _notices,
}
