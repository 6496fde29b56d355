"""The options that may stand before or after the verb."""

from __future__ import annotations

import functools
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import attrs
import typer

import erp_invoice_core

from .log import log_to_stderr
from .output import Answer, bad_input

if TYPE_CHECKING:
    from collections.abc import Callable


_PANEL = "Before or after the verb"


def _option(*names: str, metavar: str | None, text: str, **more: Any) -> Any:  # noqa: ANN401 - as typer's own
    return typer.Option(*names, metavar=metavar, help=text, rich_help_panel=_PANEL, **more)


Ids: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="ID...", help="Requisition ids.", show_default=False)
]
_DB = Annotated[
    str | None,
    _option(
        "--db",
        metavar="DB",
        text="The database: a file (SQLite), or postgresql://... Default: erp.db.",
    ),
]
_AS = Annotated[str | None, _option("--as", metavar="PERSON", text="The id of who acts.")]
_TO = Annotated[
    str | None, _option("--to", metavar="CONNECTION", text="Where to send. Default: beancount.")
]
_EXPECT = Annotated[
    int | None, _option("--expect", metavar="VERSION", text="The version that you saw.", min=0)
]
_SETTINGS = Annotated[
    Path | None, _option("--settings", metavar="FILE", text="A TOML file: policy and connections.")
]
_LEASE = Annotated[
    float | None,
    _option("--lease", metavar="SECONDS", text="How long a worker holds an entry. Default: 60."),
]
_LOG_LEVEL = Annotated[
    str | None,
    _option(
        "--log-level",
        metavar="LEVEL",
        text="Log to standard error: critical, error, warning, info, debug. Default: error.",
    ),
]
_JSON = Annotated[bool, _option("--json", metavar=None, text="Answer with one JSON document.")]


def _told_version(*, asked: bool) -> None:
    if asked:
        sys.stdout.write(f"erp-invoice {erp_invoice_core.__version__}\n")
        raise typer.Exit


_VERSION = Annotated[
    bool,
    typer.Option(
        "--version",
        help="Print the version, and do nothing.",
        is_eager=True,
        callback=lambda asked: _told_version(asked=asked),
    ),
]


@attrs.frozen(kw_only=True)
class Options:
    """What was given before the verb, after it, or not at all (``None``)."""

    db: str | None = None
    person: str | None = None
    to: str | None = None
    expect: int | None = None
    settings: Path | None = None
    lease: float | None = None
    log_level: str | None = None
    json: bool = False

    def merged(self, later: Options) -> Options:
        """Return these options with those that were given after the verb laid over them."""
        given = {
            field.name: getattr(later, field.name)
            for field in attrs.fields(Options)
            if getattr(later, field.name) is not None and getattr(later, field.name) is not False
        }
        return attrs.evolve(self, **given)

    @property
    def actor_id(self) -> str:
        """
        The person who acts.

        Raises:
            BadInput: Nobody was named.
        """
        if self.person is None:
            raise bad_input("--as", "usage.missing", "Say who acts: --as PERSON.")
        return self.person


#: Parameter name, annotation, default: of the callback and of every verb.
_SHARED: tuple[tuple[str, Any, Any], ...] = (
    ("db", _DB, None),
    ("person", _AS, None),
    ("to", _TO, None),
    ("expect", _EXPECT, None),
    ("settings", _SETTINGS, None),
    ("lease", _LEASE, None),
    ("log_level", _LOG_LEVEL, None),
    ("json", _JSON, False),
)


def _parameters() -> list[inspect.Parameter]:
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, kind, default in _SHARED
    ]


def _declare(function: Callable[..., object], own: list[inspect.Parameter]) -> None:
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [context, *own, *_parameters()]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # PEP 362
    function.__annotations__ = {}


def before_the_verb(app: typer.Typer, text: str) -> None:
    """Register the callback that reads the options before the verb."""

    def callback(*, context: typer.Context, version: bool, **given: Any) -> None:  # noqa: ANN401 - options differ
        del version  # told by now
        context.obj = Options(**given)

    kind = inspect.Parameter.KEYWORD_ONLY
    _declare(callback, [inspect.Parameter("version", kind, default=False, annotation=_VERSION)])
    app.callback(help=text)(callback)


def with_options(verb: Callable[..., Answer]) -> Callable[..., Answer]:
    """Return the verb as typer sees it: its own parameters, and those that all verbs share."""

    @functools.wraps(verb)
    def command(*, context: typer.Context, **given: Any) -> Answer:  # noqa: ANN401 - options differ
        shared = {name: given.pop(name) for name, _, _ in _SHARED}
        options = context.find_root().obj.merged(Options(**shared))
        with log_to_stderr(options.log_level):
            return verb(options, **given)

    own = list(inspect.signature(verb, eval_str=True).parameters.values())[1:]
    _declare(command, [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own])
    return command
