"""Every reason code: what it says, when, and who can remove it; and the codes of bad input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core import MessageKind, message_templates
from erp_invoice_core.declaration import Declaration, Validator
from erp_invoice_core.documents import Actor
from erp_invoice_core.flow.wait import WAITS
from erp_invoice_core.rules import CONDITIONS, GRANTS, NEEDS, NOTICES, Case, features, permissions
from erp_invoice_core.rules.remedies import describe_who
from erp_invoice_core.rules.remedy_rows import REFUSALS, TEMPLATES
from erp_invoice_core.vocabulary import Action, Level, Support

from .codes_without_rule import CODES_WITHOUT_RULE
from .markdown import code, format_remedies, table, words
from .rules import list_texts, show_remedies, sort_actions
from .source import PACKAGE, list_messages, list_raised, list_renamed_codes, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from erp_invoice_core.rules.remedies import RemedyTemplate
    from erp_invoice_core.verdict import Denial

__all__ = ["PARTS", "problem_codes", "reason_codes"]

_REMEDIES = frozenset({"refusals.py", "remedies.py", "remedy_rows.py", "translation.py"})
#: The packages whose texts are no codes, also in the form of one.
_WITHOUT_CODES = frozenset({"contrib", "testing"})
_HEADS = ("Code", "Sentence", "Remedies, and who can apply them")
_SOMEBODY = Actor(id="somebody", commitments={"10": Level.READ_ONLY})
_PROBLEM_CALLS = frozenset(
    {"Problem", "WrongSetting", "build_bad_input", "build_problem", "tuple", "value_hook"}
)
_PROBLEM_KINDS = frozenset({MessageKind.PROBLEM, MessageKind.FINDING})
#: The modules of the classes that are read from the settings.
_IN_SETTINGS = [PACKAGE / "rules/policy.py", PACKAGE / "flow/retry_policy.py"]
_IN_SETTINGS += [PACKAGE / "adapters/limits.py"]


def _row(denial: Denial) -> tuple[str, str, str]:
    return code(denial.code), denial.message, format_remedies(denial.remedies)


def _list_features() -> Iterable[tuple[str, str, str]]:
    for need in NEEDS:
        for support in (Support.IMPOSSIBLE, Support.MISSING, Support.UNDECLARED):
            erp = Declaration(key="erp", name="{erp}", features={need.feature: support})
            case = Case(erp=erp, uses=frozenset({need.feature}))
            action = next(act for act in Action if act in need.acts)
            for denial in features.denials(action, (need,), case):
                if denial.code == f"feature.{need.feature.value}.{support.value}":
                    yield _row(denial)


def _list_permissions() -> Iterable[tuple[str, str, str]]:
    yield _row(permissions.STRANGER)
    for action in Action:
        for denial in permissions.denials(action, GRANTS[action], Case(actor=_SOMEBODY)):
            yield _row(denial)


def _list_conditions() -> Iterable[tuple[str, str, str]]:
    for row in CONDITIONS:
        if row.code != "field.<name>.<validator>":
            yield (
                code(row.code),
                list_texts(row.templates),
                format_remedies(show_remedies(row.remedies)),
            )
    templates = tuple(template for row in CONDITIONS for template in row.templates)
    for word in (*(each.value for each in Validator), "date", "line"):
        who = "Correct the field, or give it with the acceptance. (The editor or the approver)"
        name = f"field.<name>.{word}"
        texts = [template for template in templates if template.code == name]
        yield code(name), list_texts(dict.fromkeys(texts)), who


def _join(rows: Iterable[tuple[str, str, str]]) -> str:
    """Return one row per code: several sentences stand in one cell."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for name, sentence, who in rows:
        sentences, people = found.setdefault(name, ([], []))
        if sentence not in sentences:
            sentences.append(sentence)
        if who and who not in people:
            people.append(who)
    return table(
        _HEADS,
        ((name, " / ".join(texts), " / ".join(people)) for name, (texts, people) in found.items()),
    )


def _list_statuses() -> str:
    rows = (
        (code(f"status.{each.value}"), f"From this status {each.value} is not lawful.")
        for each in Action
    )
    return table(("Code", "Meaning"), rows)


def _list_notices() -> str:
    return table(
        ("Code", "Sentence", "Shown when"),
        (
            (code(row.code), list_texts(row.templates), words(sort_actions(row.acts)))
            for row in NOTICES
        ),
    )


def _list_waits() -> str:
    return table(
        ("Code", "Waits for", "Sentence"),
        ((code(row.code), row.waits_for.value, list_texts(row.templates)) for row in WAITS),
    )


def _who(row: RemedyTemplate) -> str:
    if row.action is not None and not row.who:
        return describe_who(row.action, Case(), by_admin=row.by_admin)
    return row.who.replace("{released_by}", "whom the hold names")


def _list_remedies() -> str:
    rows = (
        (
            code(row.code),
            row.message,
            code(row.action.value) if row.action else "",
            code(row.fact or ""),
            _who(row),
        )
        for row in TEMPLATES
    )
    return table(("Code", "Sentence", "Action", "Fact", "Who, by default"), rows)


def _texts_of(name: str) -> str:
    found = (each for each in message_templates() if each.kind is MessageKind.DENIAL)
    return list_texts(each for each in found if each.code == name)


def _list_codes_without_rule() -> str:
    return table(
        ("Code", "Sentence", "Made by", "Remedies, and who can apply them"),
        (
            (
                code(name),
                _texts_of(name),
                by,
                format_remedies(show_remedies(REFUSALS.get(name, ()))) or helps,
            )
            for name, (by, helps) in CODES_WITHOUT_RULE.items()
        ),
    )


def _list_modules() -> Iterable[Path]:
    """Return the modules that say why not: no words for tests, no facts of ERPs, no remedies."""
    return (
        path
        for path in sources()
        if not _WITHOUT_CODES & {*path.relative_to(PACKAGE).parts} and path.name not in _REMEDIES
    )


def problem_codes() -> dict[str, list[str]]:
    """Return the codes of bad input and of findings, with the sentences that they come with."""
    found: dict[str, list[str]] = {}
    renamed: list[tuple[str, str]] = []
    for template in message_templates():
        if template.kind in _PROBLEM_KINDS:
            found.setdefault(template.code, []).append(template.text)
    for path in _list_modules():
        for caller, name, sentence in list_messages(path):
            # A field and its value, or a row with a template, are tuples too.
            if caller in _PROBLEM_CALLS and (sentence or caller != "tuple"):
                found.setdefault(name, []).append(sentence)
        renamed += list_renamed_codes(path)
    for old, new in renamed:
        found.setdefault(new, []).extend(found.get(old, ()))
    found["database.busy"] += list_raised(("StoreBusy", "HostMustRetry"))
    found["settings.conflict"] += list_raised(("ValueError",), _IN_SETTINGS)
    return {name: list(dict.fromkeys(filter(None, found[name]))) for name in sorted(found)}


#: The codes of the bundled adapters begin with their keys; the pages of the adapters explain them.
_OF_ADAPTERS = ("beancount.", "tryton.")


def reason_codes() -> set[str]:
    """Return the codes of every denial and notice, without those of bundled adapters."""
    kinds = {MessageKind.DENIAL, MessageKind.NOTICE}
    return {
        template.code
        for template in message_templates()
        if template.kind in kinds and not template.code.startswith(_OF_ADAPTERS)
    } - {"field.<name>.<validator>", "permission.<action>", "status.<action>"}


def _problems() -> str:
    rows = ((code(name), " / ".join(sentences)) for name, sentences in problem_codes().items())
    return table(("Code", "Sentence"), rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "feature-codes": lambda: _join(_list_features()),
    "permission-codes": lambda: _join(_list_permissions()),
    "status-codes": _list_statuses,
    "condition-codes": lambda: _join(_list_conditions()),
    "codes-without-rule": _list_codes_without_rule,
    "notice-codes": _list_notices,
    "wait-codes": _list_waits,
    "remedy-codes": _list_remedies,
    "problem-codes": _problems,
}
