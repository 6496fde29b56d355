"""Checks of a declaration: its types, and its agreement with the hooks."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..declaration import (
    Declaration,
    ExportField,
    FieldRule,
    LookUp,
    Setting,
    StepTerms,
    UnlinkForm,
    WithdrawForm,
)
from ..declaration.versions import is_known
from ..vocabulary import Feature, Support
from .hookspecs import CONTRACT, OLDEST_CONTRACT
from .text import is_storable

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping


_LONGEST: Final = 200
_LONGEST_TIME: Final = timedelta(days=1000)


def _is_whole(value: object) -> bool:
    return type(value) is int


def _find_type_problem(declaration: Declaration) -> str | None:
    checks: tuple[Callable[[Declaration], str | None], ...] = (
        _find_name_problem,
        _find_terms_problem,
        _find_rows_problem,
    )
    return next((problem for check in checks if (problem := check(declaration))), None)


def _find_name_problem(declaration: Declaration) -> str | None:
    name: Any = declaration.name
    key: Any = declaration.key
    if type(name) is not str or not name.strip():
        return "It has no name."
    if type(key) is not str or len(key) > _LONGEST or len(name) > _LONGEST or not is_storable(name):
        return f"Its key or its name is longer than {_LONGEST} characters, or cannot be stored."
    return None


def _find_terms_problem(declaration: Declaration) -> str | None:
    if not _has_pairs(declaration.features, Feature, Support):
        return "Its features are not a mapping from Feature to Support."
    if not _has_pairs(declaration.terms, str, StepTerms):
        return "Its terms are not a mapping from the kind of a step to StepTerms."
    if not all(_has_durations(terms) for terms in declaration.terms.values()):
        return "Its terms have a time that is not a timedelta from 0 to 1,000 days."
    return None


def _find_rows_problem(declaration: Declaration) -> str | None:
    rows: tuple[tuple[str, tuple[object, ...], type], ...] = (
        ("settings", declaration.settings, Setting),
        ("field rules", declaration.field_rules, FieldRule),
        ("extra fields", declaration.extra_fields, ExportField),
    )
    for name, given, kind in rows:
        if not all(isinstance(row, kind) for row in given):
            return f"One of its {name} is not a {kind.__name__}."
    # An accepted export is stored with the digest of the declaration, so a digest is required.
    return None if declaration.digest else "It has no digest."


def _has_durations(terms: StepTerms) -> bool:
    times: tuple[Any, ...] = (
        terms.visible_after,
        terms.settles_within,
        terms.replay_for,
        terms.time_limit,
    )
    return all(
        time is None or (isinstance(time, timedelta) and timedelta(0) <= time <= _LONGEST_TIME)
        for time in times
    )


def _has_pairs(mapping: Mapping[Any, Any], key: type, value: type) -> bool:
    return all(isinstance(k, key) and isinstance(v, value) for k, v in mapping.items())


def _find_hooks_problem(declaration: Declaration, hooks: Container[str]) -> str | None:
    looks_up = any(terms.look_up is not LookUp.NONE for terms in declaration.terms.values())
    if looks_up and "erp_find" not in hooks:
        return "It declares a look-up but has no hook erp_find."
    if declaration.withdraw is WithdrawForm.FULL and "erp_withdraw" not in hooks:
        return "It declares that it withdraws documents but has no hook erp_withdraw."
    if declaration.unlink is UnlinkForm.DELETE_FIRST and "erp_read" not in hooks:
        return "It declares that a document must be deleted before it is unlinked, but has no hook erp_read."
    return None


def _find_contract_problem(declaration: Declaration) -> str | None:
    contract = declaration.contract
    if contract > CONTRACT:
        return (
            f"It was written for contract {contract}; this version of erp-invoice-core supports"
            f" contracts up to {CONTRACT}. Upgrade erp-invoice-core."
        )
    if contract < OLDEST_CONTRACT:
        return (
            f"It was written for contract {contract}; the oldest one that this version of"
            f" erp-invoice-core supports is {OLDEST_CONTRACT}. Upgrade the package of the adapter."
        )
    return None


def _find_newer_problem(declaration: Declaration) -> str | None:
    newer = _list_newer(declaration)
    if not newer:
        return None
    return (
        f"It declares contract {declaration.contract}, which does not have {', '.join(newer)}."
        " Declare the contract version that has it, or another value."
    )


def _list_newer(declaration: Declaration) -> tuple[str, ...]:
    """Return the stated values, such as ``tax: derived``, newer than the contract version."""
    words = dict.fromkeys(_find_values(declaration))
    return tuple(word for word in words if not is_known(word, declaration.contract))


def _find_values(declaration: Declaration) -> Iterator[str]:
    """Yield each value that the declaration states, such as ``zero: exported``; no defaults."""
    yield from _find_members("", declaration)
    for kind, terms in declaration.terms.items():
        yield from _find_members(f"terms.{kind}.", terms)
    for rule in declaration.field_rules:
        said = "truncates" if rule.truncates else "refuses"
        yield f"field_rules.{rule.field}.{rule.validator.value}: {said}"
    for setting in declaration.settings:
        yield f"settings.{setting.name}: {setting.kind.value}"
    for field, kept in declaration.fidelity.items():
        yield f"fidelity.{field}: {kept.value}"


def _find_members(prefix: str, stated: attrs.AttrsInstance) -> Iterator[str]:
    """
    Yield ``field: value`` for each enumeration member in ``stated`` that is not the default.

    ``prefix`` precedes the name of the field.
    """
    for field in attrs.fields(type(stated)):
        value = getattr(stated, field.name)
        if isinstance(value, Enum) and value is not field.default:
            yield f"{prefix}{field.name}: {value.value}"


def find_declaration_problem(declaration: object, hooks: Container[str]) -> str | None:
    """Return what is wrong with a declaration, given the hooks of its plugin, or ``None``."""
    if not isinstance(declaration, Declaration):
        return "Its hook erp_declaration does not return a Declaration."
    if not _is_whole(declaration.contract):
        return "Its contract is not a whole number."
    return (
        _find_contract_problem(declaration)
        or _find_type_problem(declaration)
        or _find_newer_problem(declaration)
        or _find_hooks_problem(declaration, hooks)
    )
