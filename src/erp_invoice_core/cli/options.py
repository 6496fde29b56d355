"""The options that may stand before or after the verb."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from .log import LEVELS, log_to_stderr
from .output import build_bad_input

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from .output import Answer

    _Function = TypeVar("_Function", bound=Callable[..., Any])

#: The name of the program in help, usage and completion.
PROGRAM: Final = "erp-invoice"


@attrs.frozen(kw_only=True)
class Options:
    """The values of the options of :data:`SHARED`; ``None`` for one that was not given."""

    db: str | None = None
    person: str | None = None
    to: str | None = None
    expect: int | None = None
    settings: Path | None = None
    lease: float | None = None
    log_level: str | None = None
    json: bool = False

    @property
    def actor_id(self) -> str:
        """
        The id of the person who acts.

        Raises:
            BadInput: The option ``--as`` is missing.
        """
        if self.person is None:
            raise build_bad_input(
                "--as",
                "usage.missing",
                "This verb needs the person who acts: add --as PERSON, with an id of erp-invoice people.",
            )
        return self.person


#: The options of every verb, before or after it; named as the fields of Options.
SHARED: Final = (
    click.Option(
        ["--db"],
        metavar="DB",
        help="The database: a SQLite file, or the URL of a PostgreSQL server (postgresql://...). "
        "Default: erp.db.",
    ),
    click.Option(["--as", "person"], metavar="PERSON", help="The id of the person who acts."),
    click.Option(
        ["--to"],
        metavar="CONNECTION",
        help="The ERP connection that invoices are sent to, or a profile, as profile_xero, "
        "to which nothing can be sent. Default: beancount.",
    ),
    click.Option(
        ["--expect"],
        metavar="VERSION",
        type=click.IntRange(min=0),
        help="The version of the queue entry that you have seen; another version is refused.",
    ),
    click.Option(
        ["--settings"],
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="A TOML file with the company's policy and its ERP connections.",
    ),
    click.Option(
        ["--lease"],
        metavar="SECONDS",
        type=float,
        help="The time for which a worker claims an entry. Default: 60.",
    ),
    click.Option(
        ["--log-level"],
        metavar="LEVEL",
        type=click.Choice(LEVELS, case_sensitive=False),
        help=f"The lowest level that is logged to standard error: {', '.join(LEVELS)}. "
        "Default: error.",
    ),
    click.Option(["--json"], is_flag=True, help="Print one JSON document."),
)


@click.pass_context
def pass_to_verb(context: click.Context, /, **given: Any) -> None:  # noqa: ANN401 - the options differ
    """Use the options before the verb as defaults of those after it."""
    values = {name: value for name, value in given.items() if value is not None}
    context.default_map = {str(context.invoked_subcommand): values}


class Verb(click.Command):
    """
    A command with options of its own and the options of :data:`SHARED`.

    Its function gets the values of the shared options as :class:`Options` (``click.pass_obj``).
    """

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters, then the shared options."""
        return [*super().get_params(ctx), *SHARED]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help of the options in two sections."""
        sections: tuple[tuple[str, Sequence[click.Parameter]], ...] = (
            ("Options", super().get_params(ctx)),
            ("Options before or after the verb", SHARED),
        )
        for title, parameters in sections:
            options = [each for each in parameters if isinstance(each, click.Option)]
            records = [record for each in options if (record := each.get_help_record(ctx))]
            with formatter.section(title):
                formatter.write_dl(records)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as the method that it overrides
        """Run the verb, and log to standard error during it."""
        names = [field.name for field in attrs.fields(Options)]
        ctx.obj = Options(**{name: ctx.params.pop(name) for name in names})
        with log_to_stderr(ctx.obj.log_level):
            return super().invoke(ctx)


def parse_and_run(program: click.Command, arguments: Sequence[str]) -> Answer | int:
    """
    Parse the arguments and run the verb.

    Return the answer of the verb, or an exit status if help or the version was printed.

    Raises:
        BadInput: The usage or the input is not valid; nothing was done.
        click.ClickException: The arguments cannot be parsed.
    """
    try:
        with program.make_context(PROGRAM, list(arguments)) as context:
            answer: Answer = program.invoke(context)
            return answer
    except click.exceptions.Exit as end:
        return end.exit_code


def ids_argument(function: _Function) -> _Function:
    """Add the argument of one or more invoices."""
    return click.argument("ids", metavar="ID...", nargs=-1, required=True)(function)


def id_argument(function: _Function) -> _Function:
    """Add the argument of one invoice."""
    return click.argument("id_", metavar="ID")(function)
