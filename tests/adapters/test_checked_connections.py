"""The settings of a connection are checked when the host binds them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erp_invoice_core import Adapters, Connection, Connections
from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import InvalidSettings, Secret, beancount
from tests.worker.scripted_erp import ScriptedErp, build_declaration

DECLARATION = build_declaration(
    settings=(
        erp.Setting(name="url", required=True),
        erp.Setting(name="token", kind=erp.SettingKind.SECRET),
        erp.Setting(name="pause", kind=erp.SettingKind.NUMBER, default="2"),
        erp.Setting(name="mode", kind=erp.SettingKind.CHOICE, choices=("a", "b")),
    )
)


def _bound(settings: Any, adapter: str = "scripted") -> Connections:  # noqa: ANN401 - anything
    return Connections(Adapters(ScriptedErp(DECLARATION)), [Connection("books", adapter, settings)])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"url": "x", "pth": "y"},
            "connections.books.pth: There is no setting of this name. Remove it; the settings here are: url, token",
        ),
        ({}, "connections.books.url: The setting is missing. Give it a value."),
        ({"url": ""}, "connections.books.url: The value is blank. Give it a value."),
        ({"url": 7}, "connections.books.url: The value is not a text. Write it in quotes."),
        ({"url": "x", "pause": "soon"}, "connections.books.pause: The value is not a decimal."),
        (
            {"url": "x", "mode": "c"},
            "connections.books.mode: The value is not a choice of this setting. Write one of: a, b.",
        ),
    ],
)
def test_settings_are_checked_where_they_are_bound(settings: object, message: str) -> None:
    """A misspelt, missing or impossible setting is reported before any export."""
    with pytest.raises(InvalidSettings, match=message):
        _bound(settings)


def test_every_problem_of_every_connection_is_reported() -> None:
    """One error lists them all."""
    with pytest.raises(InvalidSettings) as raised:
        Connections(
            Adapters(ScriptedErp(DECLARATION)),
            [Connection("one", "scripted", {"pth": "x"}), Connection("two", "sage")],
        )

    assert ["connections.one.pth", "connections.one.url", "connections.two.adapter"] == [
        problem.path for problem in raised.value.problems
    ]
    assert "The adapter 'sage' is not loaded. Name one of: scripted." in str(raised.value)


def test_settings_are_bound_in_their_kinds() -> None:
    """A secret, a decimal, a default: each has its type; bound again, it is the same."""
    bound = _bound({"url": "x", "token": "a long secret"})
    (connection,) = bound
    again = Connections(bound.adapters, [connection])

    assert {"url": "x", "token": Secret("a long secret"), "pause": Decimal(2)} == dict(
        connection.settings
    )
    assert [connection] == list(again)


def test_a_misspelt_path_of_the_ledger_is_reported() -> None:
    """The setting of the ledger is called ``path``."""
    with pytest.raises(InvalidSettings, match=r"connections\.books\.pth"):
        Connections(Adapters(beancount), [Connection("books", "beancount", {"pth": "x"})])


@pytest.mark.parametrize(
    "plugins", [[ScriptedErp()], (ScriptedErp(),), {"a": ScriptedErp()}, "beancount"]
)
def test_a_collection_of_plugins_is_no_plugin(plugins: object) -> None:
    """It would be skipped like one plug-in that does not load."""
    with pytest.raises(TypeError, match="Each plugin must be an argument"):
        Adapters(plugins)


def test_a_declaration_that_contradicts_itself_is_skipped_and_reported() -> None:
    """The adapter does not load, and the problem names the contradicting terms."""
    full = {erp.Feature.WITHDRAW: erp.Support.FULL}
    declaration = build_declaration(features=full, withdraw=erp.WithdrawForm.IMPOSSIBLE)
    adapters = Adapters(ScriptedErp(declaration))

    assert 0 == len(adapters)
    (problem,) = adapters.problems
    assert (
        "It declares the feature withdraw as full and the form of withdraw as impossible."
        " Correct one of them." == problem.message
    )
