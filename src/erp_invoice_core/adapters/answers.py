"""Whether what an adapter answered is what its hook promises; never taken on trust."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..declaration import Declaration, LookUp, Setting, StepTerms, UnlinkForm, WithdrawForm
from ..documents import Receipt, Step
from ..exchange import (
    Absent,
    CannotTell,
    Contents,
    Deferred,
    Done,
    Found,
    Gone,
    Refused,
    Several,
    Unknown,
)
from ..verdict import Verdict
from ..vocabulary import Feature, Role, Support
from .hookspecs import CONTRACT

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping
    from types import UnionType

    from ..exchange import Outcome, Sighting

__all__ = [
    "declaration_problem",
    "is_contents",
    "is_deferred",
    "is_outcome",
    "is_plan",
    "is_reading",
    "is_sighting",
]


def _is_moment(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _has(value: object, **types: type | UnionType) -> bool:
    return all(isinstance(getattr(value, name), kind) for name, kind in types.items())


def _is_receipt(value: object, step: str) -> bool:
    return (
        isinstance(value, Receipt)
        and value.step == step
        and _has(
            value, erp_id=str, role=Role | None, number=str | None, state=str | None, digest=str
        )
    )


def is_contents(value: object) -> bool:
    """Whether it is contents whose every part has its type: a finite decimal, a day, texts."""
    return (
        isinstance(value, Contents)
        and _has(value, vendor=str | None, number=str | None, key=str | None, digest=str | None)
        and _has(value, amount=Decimal | None, date=date | None)
        and (value.amount is None or value.amount.is_finite())
        and not isinstance(value.date, datetime)
    )


def is_reading(value: object) -> bool:
    """Whether it is contents, or the word that the document is gone, with its moment."""
    return is_contents(value) or (isinstance(value, Gone) and _is_moment(value.as_of))


def is_deferred(value: object) -> bool:
    """Whether it says in words why nothing was sent, with a moment or none."""
    return (
        isinstance(value, Deferred)
        and _has(value, why=str, needs_person=bool)
        and (value.until is None or _is_moment(value.until))
    )


def is_outcome(value: Outcome | object, step: str) -> bool:
    """Whether it is an outcome of that step: a receipt of its own, with an id that is text."""
    match value:
        case Done():
            return _is_receipt(value.receipt, step)
        case Refused():
            return _has(value, verdict=Verdict)
        case Deferred():
            return is_deferred(value)
        case Unknown():
            return _has(value, why=str)
    return False


def is_sighting(value: Sighting | object, step: str) -> bool:
    """Whether it is a sighting of that step's document."""
    match value:
        case Found():
            return _is_receipt(value.receipt, step) and is_contents(value.contents)
        case Absent():
            return _is_moment(value.as_of)
        case Several() | CannotTell():
            return _has(value, why=str)
    return False


def is_plan(value: object, files: Collection[str] = ()) -> bool:
    """
    Whether it is a plan: at least one step, each with a name of its own.

    A step that names an attachment must name one of those ``files``, by id.
    """
    if not isinstance(value, tuple | list) or not value:
        return False
    if not all(isinstance(step, Step) for step in value):
        return False
    if any(step.attachment is not None and step.attachment not in files for step in value):
        return False
    return len({step.name for step in value}) == len(value)


def _types_problem(declaration: Declaration) -> str | None:
    if not (_has(declaration, name=str) and declaration.name.strip()):
        return "It has no name."
    if not _pairs(declaration.features, Feature, Support):
        return "Its features are no Support by Feature."
    if not _pairs(declaration.terms, str, StepTerms):
        return "Its terms are no StepTerms by kind of step."
    if not all(isinstance(setting, Setting) for setting in declaration.settings):
        return "Its settings are no Setting."
    return None


def _pairs(mapping: Mapping[Any, Any], key: type, value: type) -> bool:
    return all(isinstance(k, key) and isinstance(v, value) for k, v in mapping.items())


def _hooks_problem(declaration: Declaration, hooks: Container[str]) -> str | None:
    looks_up = any(terms.look_up is not LookUp.NONE for terms in declaration.terms.values())
    if looks_up and "erp_find" not in hooks:
        return "It declares a look-up and has no erp_find."
    if declaration.withdraw is WithdrawForm.FULL and "erp_withdraw" not in hooks:
        return "It declares that it withdraws and has no erp_withdraw."
    if declaration.unlink is UnlinkForm.DELETE_FIRST and "erp_read" not in hooks:
        return "It declares that unlinking needs the document gone and has no erp_read."
    return None


def declaration_problem(declaration: object, hooks: Container[str]) -> str | None:
    """Return what is wrong with a declaration, given the hooks there are; ``None``: nothing."""
    if not isinstance(declaration, Declaration):
        return "Its erp_declaration returns no Declaration."
    if declaration.contract != CONTRACT:
        return f"It was written for contract {declaration.contract}; this is contract {CONTRACT}."
    return _types_problem(declaration) or _hooks_problem(declaration, hooks)
