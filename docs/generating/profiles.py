"""The matrix of features by ERP, and the facts behind each profile."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from erp_invoice_core.adapters import ExportField, FieldRule
from erp_invoice_core.adapters.beancount.declaration import DECLARATION
from erp_invoice_core.adapters.tryton import TRYTON
from erp_invoice_core.contrib.profiles import PROFILES, get_facts, load_profile
from erp_invoice_core.rules.features import find_support
from erp_invoice_core.vocabulary import Feature, Support

from .markdown import code, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from erp_invoice_core.adapters import Declaration
    from erp_invoice_core.contrib.profiles import Fact

__all__ = ["PARTS"]

_WORDS = {
    Support.FULL: "yes",
    Support.IMPOSSIBLE: "no",
    Support.MISSING: "not yet",
    Support.UNDECLARED: "?",
}
#: The declarations of the adapters in this package.
_BUNDLED = (DECLARATION, TRYTON.erp_declaration())
_FORMS = ("zero", "negative", "release_only", "retainage", "tax", "attachments", "landing")


def _list_declarations() -> tuple[Declaration, ...]:
    return (*_BUNDLED, *map(load_profile, PROFILES))


def _show_support(erp: Declaration, feature: Feature) -> str:
    fidelity = erp.fidelity.get(feature.value)
    support = _WORDS[find_support(erp, feature)]
    return support if fidelity is None else f"{support}, {fidelity.value}"


def _matrix() -> str:
    heads = ("ERP", *(feature.value.replace("_", " ") for feature in Feature))
    return table(
        heads,
        (
            (erp.name, *(_show_support(erp, each) for each in Feature))
            for erp in _list_declarations()
        ),
    )


def _list_words(declaration: Declaration, stated: Iterable[str]) -> Iterable[str]:
    for form in _FORMS:
        word: Enum = getattr(declaration, form)
        yield str(word.value).replace("_", " ") if form in stated else "?"


def _forms() -> str:
    heads = ("ERP", *(form.replace("_", " ") for form in _FORMS))
    rows = [
        (
            load_profile(key).name,
            *_list_words(load_profile(key), {fact.field for fact in get_facts(key)}),
        )
        for key in PROFILES
    ]
    bundled = [(erp.name, *_list_words(erp, _FORMS)) for erp in _BUNDLED]
    return table(heads, [*bundled, *rows])


def _show_rule(rule: FieldRule) -> str:
    limit = "" if rule.limit is None else f" {rule.limit}"
    return f"{rule.validator.value}{limit}{', cut' if rule.truncates else ''}"


def _show(fact: Fact) -> str:
    """Return the value of a fact as a word."""
    value = fact.value
    if isinstance(value, FieldRule):
        return _show_rule(value)
    if isinstance(value, ExportField):
        return (
            f"{'required' if value.required else 'optional'}{', a date' if value.is_date else ''}"
        )
    if isinstance(value, Enum):
        return str(value.value).replace("_", " ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(sorted(value or ()))


def _describe(key: str) -> str:
    heads = ("Field of the declaration", "Value", "Confidence", "Source", "Note")
    rows = (
        (code(fact.field), _show(fact), fact.confidence.value, fact.source, fact.note)
        for fact in get_facts(key)
    )
    name = load_profile(key).name.removesuffix(" (profile)")
    return f"### {name}\n\n`{key}`\n\n{table(heads, rows)}"


def _facts() -> str:
    return "\n".join(map(_describe, PROFILES))


PARTS: Mapping[str, Callable[[], str]] = {
    "profiles-matrix": _matrix,
    "profiles-forms": _forms,
    "profiles-facts": _facts,
}
