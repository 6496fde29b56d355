"""The four tables of the rules, and the notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.rules import CONDITIONS, GRANTS, NEEDS, NOTICES, TRANSITIONS, Case, Condition
from erp_invoice_core.rules.alternatives import find_alternative
from erp_invoice_core.rules.remedies import fill
from erp_invoice_core.vocabulary import Action, ExportStatus, Support

from .markdown import code, format_remedies, table, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from erp_invoice_core.message_template import MessageTemplate
    from erp_invoice_core.rules.remedies import Alternatives
    from erp_invoice_core.verdict import Remedy

__all__ = ["PARTS", "list_texts", "show_remedies", "sort_actions"]


def list_texts(templates: Iterable[MessageTemplate]) -> str:
    """Return the texts of templates, each once."""
    return " / ".join(dict.fromkeys(template.text for template in templates))


def sort_actions(acts: Iterable[Action]) -> list[str]:
    """Return the actions' words in the order in which the vocabulary lists them."""
    wanted = set(acts)
    return [action.value for action in Action if action in wanted]


class _Places(dict[str, str]):
    """Leaves a place of a sentence open."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"

    def get(self, name: str, _default: object = None) -> str:
        """Return the place; no fact is absent."""
        return self[name]


def show_remedies(remedies: Alternatives) -> tuple[tuple[Remedy, ...], ...]:
    """Return the remedies of a row under the default policy; the facts stay open."""
    return fill(remedies, Case(), _Places())


def _features() -> str:
    return table(
        ("Feature", "If the ERP cannot do it", "Asked when", "Asked of"),
        (
            (
                code(need.feature.value),
                need.templates[Support.IMPOSSIBLE].text,
                words(sort_actions(need.acts)),
                "every invoice" if need.always else "invoices that use it",
            )
            for need in NEEDS
        ),
    )


def _permissions() -> str:
    rows = []
    for action in Action:
        grant = GRANTS[action]
        needs = [need.label for need in grant.needs]
        if grant.asks_erp:
            needs.append("the privileges that the declaration of the ERP asks for")
        rows.append((code(action.value), "the system" if grant.system else "; ".join(needs)))
    return table(("Action", "Needs"), rows)


def _statuses() -> str:
    rows = []
    for row in TRANSITIONS:
        sources = [status.value for status in ExportStatus if status in row.sources]
        targets = [status.value for status in row.targets]
        rows.append((code(row.action.value), words(sources), words(targets) or "stays"))
    return table(("Action", "From", "To"), rows)


def _describe(action: Action, status: ExportStatus) -> tuple[str, str]:
    alternative = find_alternative(action, status)
    return alternative.sentence, format_remedies(show_remedies(alternative.remedies))


def _alternatives() -> str:
    rows = (
        (code(status.value), *_describe(Action.EDIT, status), *_describe(Action.ACCEPT, status))
        for status in ExportStatus
    )
    heads = ("Status", "Message for `edit`", "Remedies", "Message for `accept`", "Remedies")
    return table(heads, rows)


def _rows(conditions: Iterable[Condition]) -> str:
    return table(
        ("Code", "Asked when", "Sentence", "Remedies, and who can apply them"),
        (
            (
                code(row.code),
                words(sort_actions(row.acts)),
                list_texts(row.templates),
                format_remedies(show_remedies(row.remedies)),
            )
            for row in conditions
        ),
    )


def _conditions() -> str:
    return _rows(CONDITIONS)


def _notices() -> str:
    return table(
        ("Code", "Shown when", "Sentence"),
        (
            (code(row.code), words(sort_actions(row.acts)), list_texts(row.templates))
            for row in NOTICES
        ),
    )


PARTS: Mapping[str, Callable[[], str]] = {
    "features": _features,
    "permissions": _permissions,
    "statuses": _statuses,
    "alternatives": _alternatives,
    "conditions": _conditions,
    "notices": _notices,
}
