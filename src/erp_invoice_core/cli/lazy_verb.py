"""A verb whose module is imported when the verb is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click


class VerbNotImported(ImportError):
    """The module of a verb, or a module that it needs, is missing."""


class LazyVerb(click.Command):
    """
    A placeholder for a verb, with its name and its short help.

    It makes the command start faster: the module of a verb, and the modules that it needs, are
    imported only if the verb is used, and not for the help or the completion of names.
    """

    def __init__(self, name: str, source: str, short_help: str) -> None:
        """
        Describe the verb.

        Args:
            name: The name of the verb.
            source: Its module in the package ``commands``, and its function: ``module:function``.
            short_help: The first sentence of its help.
        """
        super().__init__(name, help=short_help)
        self._source = source

    def load(self) -> click.Command:
        """
        Import the verb and return it.

        Raises:
            VerbNotImported: A module is missing.
        """
        module, _, function = self._source.partition(":")
        try:
            loaded = import_module(f".commands.{module}", __package__)
        except ImportError as missing:
            raise VerbNotImported(str(missing), name=missing.name) from missing
        verb: click.Command = getattr(loaded, function)
        return verb

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - as the method that it overrides
    ) -> click.Context:
        """Import the verb and return its context, so that click invokes the verb itself."""
        return self.load().make_context(info_name, args, parent, **extra)
