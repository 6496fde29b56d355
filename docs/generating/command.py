"""The verbs and options of the command, as its own grammar has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from erp_invoice_core.cli.app import VERBS
from erp_invoice_core.cli.options import before_the_verb, with_options

from .markdown import code, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["PARTS"]


def _command() -> Any:  # noqa: ANN401 - typer names no public class for what it makes
    app = typer.Typer(add_completion=False)
    before_the_verb(app, "")
    for name, verb in VERBS.items():
        app.command(name)(with_options(verb))
    return typer.main.get_command(app)


def _is_option(parameter: Any) -> bool:  # noqa: ANN401 - as above
    return bool(parameter.param_type_name == "option")


def _options(parameters: Iterable[Any]) -> str:
    rows = []
    for each in parameters:
        names = " ".join([*each.opts, "" if each.is_flag else (each.metavar or "TEXT")])
        rows.append((code(names.strip()), each.help or ""))
    return table(("Option", "What it says"), rows)


def _verbs() -> str:
    whole = _command()
    shared = [each for each in whole.params if each.rich_help_panel]
    alone = [each for each in whole.params if each not in shared]
    names = {each.name for each in whole.params} | {"help"}
    parts = ["### Without a verb\n", _options(alone)]
    parts += ["### Before or after every verb\n", _options(shared)]
    for name, verb in whole.commands.items():
        own = [each for each in verb.params if each.name not in names]
        arguments = [each.metavar or each.name.upper() for each in own if not _is_option(each)]
        options = [each for each in own if _is_option(each)]
        parts.append(f"### `{' '.join(['erp-invoice', name, *arguments])}`\n\n{verb.help}\n")
        if options:
            parts.append(_options(options))
    return "\n".join(parts)


PARTS: Mapping[str, Callable[[], str]] = {"verbs": _verbs}
