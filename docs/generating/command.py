"""The verbs and options of the command, from its own grammar."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from erp_invoice_core.cli.app import VERBS, program
from erp_invoice_core.cli.options import SHARED

from .markdown import code, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["PARTS"]


def _options(parameters: Iterable[click.Parameter]) -> str:
    rows = []
    for each in parameters:
        if isinstance(each, click.Option):
            names = [*each.opts, *([] if each.is_flag else [each.metavar or "TEXT"])]
            rows.append((code(" ".join(names)), each.help or ""))
    return table(("Option", "Meaning"), rows)


def _verbs() -> str:
    alone = [each for each in program.params if each not in SHARED]
    parts = ["### Without a verb\n", _options(alone)]
    parts += ["### Before or after every verb\n", _options(SHARED)]
    for name, lazy in VERBS.items():
        verb = lazy.load()
        arguments = [
            each.metavar or str(each.name).upper()
            for each in verb.params
            if isinstance(each, click.Argument)
        ]
        head = " ".join(["erp-invoice", name, *arguments])
        parts.append(f"### `{head}`\n\n{inspect.cleandoc(verb.help or '')}\n")
        if len(arguments) < len(verb.params):
            parts.append(_options(verb.params))
    return "\n".join(parts)


PARTS: Mapping[str, Callable[[], str]] = {"verbs": _verbs}
