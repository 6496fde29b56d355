"""The matrix of features by ERP: the installed adapters, and the profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...contrib.profiles import PROFILES, load_profile
from ...rules.features import find_support
from ...vocabulary import Feature
from ..text import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...adapters import Adapters
    from ...declaration import Declaration
    from ..text import Screen

#: The most ERPs of one table, so that it fits in 80 columns.
_ABREAST = 4
#: The rows below the features.
_FORMS = (
    "zero",
    "negative",
    "release_only",
    "retainage",
    "tax",
    "attachments",
    "withdraw",
    "unlink",
    "landing",
)


def build_matrix(installed: Adapters) -> list[dict[str, Any]]:
    """
    Return a JSON object for each installed adapter, then for each profile.

    Each object has the support of each feature, the declared fidelity by field, and further
    declared values, such as those of ``zero`` and ``retainage``.
    """
    declared = {each.key: each.declaration for each in installed}
    for key in PROFILES:
        declared.setdefault(key, load_profile(key))
    return [_describe(each) for each in declared.values()]


def _describe(declaration: Declaration) -> dict[str, Any]:
    return {
        "key": declaration.key,
        "name": declaration.name,
        "is_profile": declaration.is_profile,
        "features": {each.value: find_support(declaration, each).value for each in Feature},
        "fidelity": {field: kept.value for field, kept in declaration.fidelity.items()},
        **{form: getattr(declaration, form).value for form in _FORMS},
    }


def print_matrix(screen: Screen, rows: Sequence[dict[str, Any]]) -> None:
    """Write two tables for every four ERPs: supported features, and further declared values."""
    for start in range(0, len(rows), _ABREAST):
        erps = rows[start : start + _ABREAST]
        names = [Column(each["name"]) for each in erps]
        features = (
            (feature.value, *(_show_support(each, feature.value) for each in erps))
            for feature in Feature
        )
        forms = ((form, *(each[form] for each in erps)) for form in _FORMS)
        for heading, cells in (("Feature", features), ("Declared", forms)):
            screen.print_table((Column(heading), *names), _replace_underscores(cells))
            screen.print_line()


def _replace_underscores(rows: Iterable[Iterable[str]]) -> list[list[str]]:
    return [[cell.replace("_", " ") for cell in row] for row in rows]


def _show_support(row: dict[str, Any], feature: str) -> str:
    support, fidelity = row["features"][feature], row["fidelity"].get(feature)
    return support if fidelity is None else f"{support}, {fidelity}"
