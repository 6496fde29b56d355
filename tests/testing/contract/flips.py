"""Flips: an honest adapter's declaration with one word changed, and who notices it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import adapters as erp
from erp_invoice_core.declaration.fidelity import LINE_FIELDS, list_compared_fields
from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.decisive_checks import list_decisive_checks
from erp_invoice_core.testing.contract.report import ConformanceReport
from erp_invoice_core.testing.contract.result import CheckResult
from erp_invoice_core.testing.contract.run import make_check
from erp_invoice_core.testing.contract.words import list_words
from erp_invoice_core.vocabulary import Privilege

from .honest import build_target
from .odd import KeepsTax, Strict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from erp_invoice_core.testing.contract.check import CheckFinding
    from erp_invoice_core.testing.contract.words import Word

HONEST = Strict().declare()
_SINGLE = (
    "zero", "negative", "release_only", "number_scope", "retainage", "tax", "attachments",
    "withdraw", "unlink", "landing",
)  # fmt: skip
_SOON, _LATER = timedelta(seconds=0.05), timedelta(hours=1)
#: The other values of the terms of a step.
_TERMS: dict[str, tuple[object, ...]] = {
    "look_up": tuple(erp.LookUp),
    "visible_after": (_LATER,),
    "settles_within": (None, timedelta(0)),
    "replay": tuple(erp.Replay),
    "replay_for": (_LATER,),
    "compares_body": (True, False),
    "enforces_key": (True, False),
    "time_limit": (_SOON,),
}
_ROUNDING = erp.Rounding(digits=0, mode=erp.RoundingMode.HALF_UP)


class Flipped(Strict):
    """Behaves as the honest adapter, and declares one word otherwise."""

    declared = HONEST

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the declaration with the other word."""
        return self.declared


class StrictWithTax(Strict, KeepsTax):
    """Refuses what it declares as impossible, and keeps tax."""


WITH_TAX = StrictWithTax().declare()
#: The fields whose fidelity says something only of an ERP that takes tax.
_TAXES = frozenset({"tax", "line_tax", "line_tax_code"})


class FlippedWithTax(StrictWithTax):
    """Behaves as the honest adapter that keeps tax, and declares one word otherwise."""

    declared = WITH_TAX

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the declaration with the other word."""
        return self.declared


@attrs.frozen
class Flip:
    """A declaration that differs from that of an honest adapter, *kind*, in one word."""

    name: str
    declared: erp.Declaration
    kind: type[Flipped | FlippedWithTax] = Flipped

    @property
    def honest(self) -> erp.Declaration:
        """The declaration without the flip."""
        return self.kind.declared

    def list_changed(self) -> list[Word]:
        """Return the words that the honest declaration does not have."""
        known = set(list_words(self.honest))
        return [word for word in list_words(self.declared) if word not in known]


def list_flips() -> Iterator[Flip]:
    """
    Yield each word of the honest declaration with each other value that makes it false.

    That successes are repeated is true where every answer is.
    """
    for feature in erp.Feature:
        for how in (erp.Support.IMPOSSIBLE, erp.Support.MISSING, erp.Support.UNDECLARED):
            features = {**HONEST.features, feature: how}
            yield _flip(f"features.{feature.value}: {how.value}", features=features)
    for name in _SINGLE:
        now = getattr(HONEST, name)
        for other in type(now):
            if other is not now:
                yield _flip(f"{name}: {other.value}", **{name: other})
    yield from _flip_sets()
    for kind, terms in HONEST.terms.items():
        for name, values in _TERMS.items():
            for value in values:
                is_weaker = value is erp.Replay.SUCCESSES and terms.replay is erp.Replay.EVERYTHING
                if value != getattr(terms, name) and not is_weaker:
                    changed = {**HONEST.terms, kind: attrs.evolve(terms, **{name: value})}  # type: ignore[arg-type] # of any field
                    yield _flip(f"terms.{kind}.{name}: {value}", terms=changed)
    yield from _flip_rows()
    yield from _flip_fidelity()


def _flip(name: str, **changes: Any) -> Flip:  # noqa: ANN401 - the declaration's own fields
    return Flip(name, attrs.evolve(HONEST, **changes))


def _flip_with_tax(name: str, **changes: Any) -> Flip:  # noqa: ANN401 - the declaration's own fields
    return Flip(name, attrs.evolve(WITH_TAX, **changes), FlippedWithTax)


def _flip_sets() -> Iterator[Flip]:
    for form in (erp.TaxForm.IMPOSSIBLE, erp.TaxForm.DERIVED):
        yield _flip_with_tax(f"tax: {form.value}, of an ERP that keeps it", tax=form)
    for prerequisite in erp.Prerequisite:
        changed = HONEST.prerequisites ^ {prerequisite}
        yield _flip(f"prerequisites.{prerequisite.value}", prerequisites=changed)
    for privilege in Privilege:
        yield _flip(f"privileges.{privilege.value}", privileges={privilege})
    yield _flip("commitment_statuses: listed", commitment_statuses=frozenset({"Approved"}))
    for name, currencies in (
        ("any", None),
        ("KWD", frozenset({"USD", "EUR", "JPY", "KWD"})),
        ("without JPY", frozenset({"USD", "EUR"})),
    ):
        yield _flip(f"currencies: {name}", currencies=currencies)


def _flip_rows() -> Iterator[Flip]:
    (rule,), (setting,) = HONEST.field_rules, HONEST.settings
    for changes in ({"limit": 10}, {"limit": 20}, {"truncates": False}):
        yield _flip(f"field_rules: {changes}", field_rules=(attrs.evolve(rule, **changes),))
    yield _flip("field_rules: none", field_rules=())
    for place, field in enumerate(HONEST.extra_fields):
        fields = list(HONEST.extra_fields)
        fields[place] = attrs.evolve(field, required=True)
        yield _flip(f"extra_fields.{field.key}: required", extra_fields=tuple(fields))
    for kind in erp.SettingKind:
        if kind is not setting.kind:
            changed = attrs.evolve(setting, kind=kind)
            yield _flip(f"settings.token: {kind.value}", settings=(changed,))


def _flip_fidelity() -> Iterator[Flip]:
    for name in [*(field.name for field in list_compared_fields()), *LINE_FIELDS]:
        for how in erp.Fidelity:
            if how is (WITH_TAX if name in _TAXES else HONEST).find_fidelity(name):
                continue
            more: dict[str, Any] = {}
            if how is erp.Fidelity.ROUNDED:
                more = {"rounding": {name: _ROUNDING}}
            elif how is erp.Fidelity.TRUNCATED:
                more = {"lengths": {name: 1}}
            flip = _flip_with_tax if name in _TAXES else _flip
            yield flip(f"fidelity.{name}: {how.value}", fidelity={name: how}, **more)


def find_notice(flip: Flip, folder: Path, *, every_check: bool = False) -> str:
    """
    Return who notices a flip; empty if none does.

    A contradiction is noticed as the adapter is loaded. Else a check refutes the word, or it is not
    proved any more: the ERP does more than declared, or nothing of it can be seen.
    """
    flipped = flip.kind()
    flipped.declared = flip.declared
    try:
        erp.Adapter(flipped)
    except erp.InvalidAdapter as invalid:
        return f"contradiction: {invalid}"
    words, target = flip.list_changed(), build_target(flipped)
    findings = []
    for check in CHECKS.values():
        if not every_check and check.name not in _list_names(words, flip):
            continue
        finding = make_check(check, target, folder)
        if finding.result is CheckResult.REFUTED:
            return f"refuted: {check.name}"
        findings.append(finding)
    report = ConformanceReport(declaration=flip.declared, findings=tuple(findings))
    left = [word for word in words if report.judge(word) is not CheckResult.PROVED]
    left += [word for each in findings for word in each.left if word in each.words and not words]
    if not left:
        return ""
    shown = [
        word
        for word in left
        if is_proved_of_honest(flip, word.path, folder)
        or any(is_left_of_flip_alone(flip, each, word, folder) for each in findings)
    ]
    return f"not proved: {shown[0]}" if shown else f"{UNSEEN}: {left[0]}"


#: The beginning of a notice that says nothing: the honest word is not proved either.
UNSEEN = "not proved of the honest adapter either"
_OF_HONEST: dict[tuple[object, str], CheckFinding] = {}


def _find_of_honest(flip: Flip, name: str, folder: Path) -> CheckFinding:
    """Return the result of a check of the honest adapter."""
    if (flip.kind, name) not in _OF_HONEST:
        _OF_HONEST[flip.kind, name] = make_check(CHECKS[name], build_target(flip.kind()), folder)
    return _OF_HONEST[flip.kind, name]


def is_proved_of_honest(flip: Flip, path: str, folder: Path) -> bool:
    """
    Return whether the honest adapter proves its own word at a path of the declaration.

    A path that the honest declaration does not have counts as proved: nothing of it was declared.
    """
    words = [word for word in list_words(flip.honest) if word.path == path]
    if not words:
        return True
    names = sorted({name for word in words for name in list_decisive_checks(word)})
    findings = tuple(_find_of_honest(flip, name, folder) for name in names)
    report = ConformanceReport(declaration=flip.honest, findings=findings)
    return any(report.judge(word) is CheckResult.PROVED for word in words)


def is_left_of_flip_alone(flip: Flip, finding: CheckFinding, word: Word, folder: Path) -> bool:
    """Return whether a check leaves the word with a reason, and leaves none of the honest one."""
    if word not in finding.left:
        return False
    of_honest = _find_of_honest(flip, finding.check.name, folder)
    return word.path not in {each.path for each in of_honest.left}


def _list_names(words: list[Word], flip: Flip) -> set[str]:
    """Return the checks that are about a flip: those of its words, or of a figure."""
    names = {name for word in words for name in list_decisive_checks(word)}
    names |= {check.name for check in CHECKS.values() if words and check.list_proved(words)}
    figures = [checks for part, checks in _FIGURES.items() if part in flip.name]
    return names.union(*figures)


#: The checks of figures, which are no words themselves.
_FIGURES: dict[str, tuple[str, ...]] = {
    "settles_within": ("fault.late_write",),
    "time_limit": ("fault.time_limit",),
    "field_rules": ("number.limit", "number.long"),
    "currencies": ("currency.other", "currency.declared"),
}
