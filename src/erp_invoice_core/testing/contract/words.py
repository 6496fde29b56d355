"""Words of a declaration: each of its statements as a path and a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...declaration import (
    AttachmentForm,
    Declaration,
    Handling,
    LandingState,
    LookUp,
    NumberScope,
    Prerequisite,
    Replay,
    RetainageForm,
    SettingKind,
    StepTerms,
    TaxForm,
    UnlinkForm,
    Validator,
    WithdrawForm,
)
from ...declaration.fidelity import LINE_FIELDS, UNITS, Unit, list_compared_fields
from ...declaration.versions import is_known
from ...vocabulary import Feature, Privilege, Support

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import Enum


class Word(NamedTuple):
    """
    One statement of a declaration.

    Attributes:
        path: Its place in the declaration, such as ``features.retainage`` or
            ``terms.bill.look_up``.
        value: Its value, such as ``full`` or ``key``.
    """

    path: str
    value: str

    def __str__(self) -> str:
        return f"{self.path}: {self.value}"

    @property
    def pattern(self) -> str:
        """The word with ``*`` for a name that an adapter chooses: ``terms.*.look_up: key``."""
        first, *rest = self.path.split(".")
        if first not in _NAMED:
            return str(self)
        return f"{'.'.join([first, '*', *rest[1:]])}: {self.value}"


#: The parts of a declaration whose rows have names of the adapter's choice.
_NAMED = frozenset({"terms", "field_rules", "extra_fields", "settings", "fidelity", "currencies"})
#: The fields of a declaration that are one member of an enumeration.
_SINGLE: dict[str, type[Enum]] = {
    "zero": Handling,
    "negative": Handling,
    "release_only": Handling,
    "number_scope": NumberScope,
    "retainage": RetainageForm,
    "tax": TaxForm,
    "attachments": AttachmentForm,
    "withdraw": WithdrawForm,
    "unlink": UnlinkForm,
    "landing": LandingState,
}
_TRUTH = {True: "true", False: "false"}
#: The terms of a step by name, each with the values that it can have.
_TERMS: dict[str, tuple[str, ...]] = {
    "look_up": tuple(each.value for each in LookUp),
    "visible_after": ("at_once", "later"),
    "settles_within": ("bounded", "unbounded"),
    "replay": tuple(each.value for each in Replay),
    "replay_for": ("limited", "unlimited"),
    "compares_body": ("true", "false"),
    "enforces_key": ("true", "false"),
    "time_limit": ("given",),
}


def list_words(declaration: Declaration) -> tuple[Word, ...]:
    """
    Return every word of a declaration, also those that it leaves at their default.

    A word that the contract version of the declaration does not have is left out.
    """
    contract = declaration.contract
    return tuple(word for word in _find_words(declaration) if is_known(str(word), contract))


def _find_words(declaration: Declaration) -> Iterator[Word]:
    yield from _find_capabilities(declaration)
    yield from _find_rows(declaration)


def _find_capabilities(declaration: Declaration) -> Iterator[Word]:
    for feature in Feature:
        yield Word(f"features.{feature.value}", declaration.support(feature).value)
    for name in _SINGLE:
        yield Word(name, getattr(declaration, name).value)
    for prerequisite in Prerequisite:
        needed = prerequisite in declaration.prerequisites
        yield Word(f"prerequisites.{prerequisite.value}", "needed" if needed else "not_needed")
    for privilege in Privilege:
        needed = privilege in declaration.privileges
        yield Word(f"privileges.{privilege.value}", "needed" if needed else "not_needed")
    yield Word(
        "commitment_statuses", "any" if declaration.commitment_statuses is None else "listed"
    )
    if declaration.currencies is None:
        yield Word("currencies.any", "accepted")
    for currency in sorted(declaration.currencies or ()):
        yield Word(f"currencies.{currency}", "accepted")


def _find_rows(declaration: Declaration) -> Iterator[Word]:
    """Yield the words of the rows that an adapter names itself, such as steps and settings."""
    for kind, terms in declaration.terms.items():
        for name, value in _describe_terms(terms).items():
            yield Word(f"terms.{kind}.{name}", value)
    for rule in declaration.field_rules:
        said = "truncates" if rule.truncates else "refuses"
        yield Word(f"field_rules.{rule.field}.{rule.validator.value}", said)
    for field in declaration.extra_fields:
        yield Word(f"extra_fields.{field.key}", "required" if field.required else "optional")
    for setting in declaration.settings:
        yield Word(f"settings.{setting.name}", setting.kind.value)
    shown = [*(field.name for field in list_compared_fields()), *LINE_FIELDS]
    for name in dict.fromkeys([*shown, *declaration.fidelity]):
        yield Word(f"fidelity.{name}", declaration.find_fidelity(name).value)


def list_assumed(declaration: Declaration) -> tuple[str, ...]:
    """Return the fields that count as kept although the declaration has no word about them."""
    shown = {field.name for field in list_compared_fields()} | LINE_FIELDS.keys()
    return tuple(
        name
        for name, unit in UNITS.items()
        if unit is not Unit.USE
        and name not in shown
        and name not in declaration.fidelity
        and is_known(f"fidelity.{name}: kept", declaration.contract)
    )


def _describe_terms(terms: StepTerms) -> dict[str, str]:
    return {
        "look_up": terms.look_up.value,
        "visible_after": "later" if terms.visible_after else "at_once",
        "settles_within": "unbounded" if terms.settles_within is None else "bounded",
        "replay": terms.replay.value,
        "replay_for": "unlimited" if terms.replay_for is None else "limited",
        "compares_body": _TRUTH[terms.compares_body],
        "enforces_key": _TRUTH[terms.enforces_key],
        "time_limit": "given",
    }


def list_patterns() -> tuple[str, ...]:
    """Return the pattern of every word that a declaration can have."""
    from ...declaration import Fidelity  # noqa: PLC0415 - only this list needs it

    words = [Word(f"features.{each.value}", how.value) for each in Feature for how in Support]
    words += [Word(name, each.value) for name, kind in _SINGLE.items() for each in kind]
    for name, kind in (("prerequisites", Prerequisite), ("privileges", Privilege)):
        words += [
            Word(f"{name}.{each.value}", how) for each in kind for how in ("needed", "not_needed")
        ]
    words += [Word("commitment_statuses", how) for how in ("any", "listed")]
    words.append(Word("currencies.*", "accepted"))
    words += [Word(f"terms.*.{name}", value) for name, values in _TERMS.items() for value in values]
    words += [
        Word(f"field_rules.*.{each.value}", how)
        for each in Validator
        for how in ("refuses", "truncates")
    ]
    words += [Word("extra_fields.*", how) for how in ("required", "optional")]
    words += [Word("settings.*", each.value) for each in SettingKind]
    words += [Word("fidelity.*", each.value) for each in Fidelity]
    return tuple(map(str, words))
