"""The settings of connections have their declared kinds, and hide secrets."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import adapters as erp

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = (
    erp.Setting(name="url", required=True),
    erp.Setting(name="token", kind=erp.SettingKind.SECRET, required=True),
    erp.Setting(name="retries", kind=erp.SettingKind.NUMBER, default="3"),
    erp.Setting(name="mode", kind=erp.SettingKind.CHOICE, choices=("draft", "hold")),
    erp.Setting(name="accounts", kind=erp.SettingKind.MAPPING),
)


class Acme:
    """A plug-in with a setting of each kind."""

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Declare the settings."""
        return erp.Declaration(key="acme", name="Acme ERP", settings=SETTINGS)

    @erp.hookimpl
    def erp_write(self) -> erp.Outcome:
        """Write nothing."""
        return erp.Unknown("no answer")


ADAPTERS = erp.Adapters(Acme())
TABLE = {"adapter": "acme", "url": "https://erp", "token": "s3cret-token"}


def problems(table: Mapping[str, object], environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return path and code of each problem."""
    with pytest.raises(erp.InvalidSettings) as caught:
        erp.build_connection("main", table, environ, ADAPTERS)
    assert "s3cret-token" not in str(caught.value)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_settings_come_in_their_kinds() -> None:
    """Text, secret, number, choice and mapping have their types; a default is filled in."""
    table = {**TABLE, "mode": "hold", "accounts": {"S": "5000"}}
    connection = erp.build_connection("main", table, {}, ADAPTERS)
    assert ("main", "acme") == (connection.name, connection.adapter)
    assert {
        "url": "https://erp",
        "token": erp.Secret("s3cret-token"),
        "retries": Decimal(3),
        "mode": "hold",
        "accounts": {"S": "5000"},
    } == dict(connection.settings)


def test_environment_wins_over_the_table_and_the_table_over_defaults() -> None:
    """ERP_<CONNECTION>_<SETTING> comes first; an undeclared variable is ignored."""
    environ = {
        "ERP_MAIN_OFFICE_URL": "https://env",
        "ERP_MAIN_OFFICE_ACCOUNTS": "S=5000, M=5100",
        "ERP_MAIN_OFFICE_OTHER": "x",
    }
    connection = erp.build_connection(
        "main-office", TABLE, environ, ADAPTERS, {"url": "d", "retries": 5, "path": "x"}
    )
    assert "https://env" == connection.settings["url"]
    assert Decimal(5) == connection.settings["retries"]
    assert {"S": "5000", "M": "5100"} == connection.settings["accounts"]


def test_default_connection_is_named_after_its_adapter() -> None:
    """Without an adapter in the table, the connection's name is its key."""
    connection = erp.build_connection("acme", {"url": "u", "token": "t-123456"}, {}, ADAPTERS)
    assert "acme" == connection.adapter


def test_every_problem_is_reported() -> None:
    """Unknown names, missing values and wrong kinds are reported together, without values."""
    table = {
        "adapter": "acme",
        "tokn": "s3cret-token",
        "token": 7,
        "retries": 1.5,
        "mode": "s3cret-token",
    }
    assert [
        ("connections.main.tokn", "setting.unknown"),
        ("connections.main.url", "setting.required"),
        ("connections.main.token", "setting.kind"),
        ("connections.main.retries", "setting.kind"),
        ("connections.main.mode", "setting.kind"),
        ("connections.main.accounts", "setting.kind"),
    ] == problems({**table, "accounts": {"S": 5000}}, {})
    assert ("connections.main.accounts", "setting.kind") in problems(
        TABLE, {"ERP_MAIN_ACCOUNTS": "S:5000"}
    )
    assert [("connections.main.adapter", "setting.kind")] == problems({"adapter": 1}, {})


@pytest.mark.parametrize(
    ("table", "environ", "sentences"),
    [
        (
            {"url": "u"},
            {},
            ["The setting is missing. Set ERP_MAIN_TOKEN in the environment."],
        ),
        (
            {"token": "s3cret-token", "url": ""},
            {},
            ["The value is blank. Give it a value, or set ERP_MAIN_URL in the environment."],
        ),
        (
            {"url": "u", "token": {"env": "X"}},
            {},
            [
                (
                    "The value is a table. Write a text of 8 characters or more in quotes, or set"
                    " ERP_MAIN_TOKEN in the environment."
                )
            ],
        ),
        (
            {"url": "u", "token": 12345678},
            {},
            [
                (
                    "The value is not a text. Write a text of 8 characters or more in quotes, or set"
                    " ERP_MAIN_TOKEN in the environment."
                )
            ],
        ),
        (
            {"url": "u"},
            {"ERP_MAIN_TOKEN": "short", "ERP_MAIN_RETRIES": "soon", "ERP_MAIN_MODE": "c"},
            [
                (
                    "The value of ERP_MAIN_TOKEN in the environment is shorter than 8 characters."
                    " Give a text of 8 characters or more."
                ),
                (
                    "The value of ERP_MAIN_RETRIES in the environment is not a decimal. Give a whole"
                    " number or a decimal, with at most 18 digits before and 10 after the point."
                ),
                (
                    "The value of ERP_MAIN_MODE in the environment is not a choice of this setting."
                    " Give one of: draft, hold."
                ),
            ],
        ),
        (
            {"url": "u"},
            {"ERP_MAIN_TOKEN": ""},
            ["The value is blank. Set ERP_MAIN_TOKEN in the environment."],
        ),
        (
            {"url": "u", "token": "s3cret-token", "retrys": 3},
            {},
            [
                (
                    "There is no setting of this name. Did you mean retries? The settings here are:"
                    " url, token, retries, mode, accounts."
                )
            ],
        ),
    ],
)
def test_problem_names_the_variable(
    table: dict[str, object], environ: dict[str, str], sentences: list[str]
) -> None:
    """A problem names the environment variable that gave the value, or that may give it."""
    with pytest.raises(erp.InvalidSettings) as caught:
        erp.build_connection("main", {"adapter": "acme", **table}, environ, ADAPTERS)
    assert sentences == [problem.message for problem in caught.value.problems]


def test_problems_of_settings_and_limits_are_reported_together() -> None:
    """The settings, the limits and the retry policy are all read before a connection is refused."""
    table = {**TABLE, "url": 7, "pace": {"at_once": 0}, "patience": {"deferrals": 0}}
    assert [
        ("connections.main.url", "setting.kind"),
        ("connections.main.pace.at_once", "setting.kind"),
        ("connections.main.patience.deferrals", "setting.kind"),
    ] == problems(table, {})


def test_unknown_adapter_is_reported() -> None:
    """The error of a connection to a missing adapter lists the installed ones."""
    with pytest.raises(erp.UnknownAdapter, match="Adapters: acme"):
        erp.build_connection("sage", {}, {}, ADAPTERS)


def test_secret_is_never_shown() -> None:
    """No repr of a connection or a secret shows its text."""
    connection = erp.build_connection("main", TABLE, {}, ADAPTERS)
    secret = connection.settings["token"]
    shown = f"{connection} {connection!r} {secret} {secret!r} {[secret]} {secret!s:>20}"
    assert "s3cret-token" not in shown
    assert ("s3cret-token",) == connection.secrets
    assert isinstance(secret, erp.Secret)
    assert "s3cret-token" == secret.reveal()
    assert secret != "s3cret-token"
    with pytest.raises(TypeError):
        copy.copy(secret)


def test_connections_resolve_by_name() -> None:
    """A name gives the adapter and the connection; for an unknown one the error lists the names."""
    connection = erp.build_connection("main", TABLE, {}, ADAPTERS)
    connections = erp.Connections(ADAPTERS, [connection])
    assert (ADAPTERS["acme"], connection) == connections.resolve("main")
    assert ["main"] == [each.name for each in connections]
    assert "main" in connections
    with pytest.raises(erp.UnknownConnection, match=r"no connection 'other'\. Connections: main"):
        connections.resolve("other")
    with pytest.raises(ValueError, match="two connections 'main'"):
        erp.Connections(ADAPTERS, [connection, connection])
