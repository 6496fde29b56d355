"""The tables do what the scenarios say, and nothing that they do not say."""

from __future__ import annotations

from .scenarios import bend_cases, differences, people


def test_tables_agree_with_the_scenarios() -> None:
    """Every action, status, person and bent case gets the answer that was written by hand."""
    assert [] == list(differences())


def test_scenarios_name_every_kind_of_person() -> None:
    """The people range from strangers over every level and privilege to the worker."""
    assert 16 == len(people())


def test_every_bend_is_tried_with_every_action() -> None:
    """A bend that a row names is tried with all 27 actions, not only with the ones it names."""
    assert 0 == len(bend_cases("Bent cases")) % 27
