"""The grammar of ``erp-invoice``: its verbs, and the options around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import typer

from .adapting import adapters
from .approving import accept, reject, retry, unlink, withdraw
from .demo import demo_by
from .ledgers import moved
from .loading import load
from .looking import history, list_all, show
from .options import before_the_verb, with_options
from .restore import restored
from .ruling import rule
from .sending import resend, retrieve, send, why_not
from .summing import summary
from .verifying import verify
from .working import work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .answer import Answer

__all__ = ["USAGE_FAULTS", "VERBS", "command"]

#: What is raised for arguments that cannot be read: of typer's classes only an heir is public.
USAGE_FAULTS: Final[tuple[type[Any], ...]] = tuple(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)
_HELP = (
    "Subcontractor invoices on their way to an ERP. Exit status: 0 done, 1 refused, 2 bad input."
)


def command(arguments: Sequence[str]) -> Answer | int:
    """
    Read the arguments and do the verb; a status where help was printed instead.

    Raises:
        BadInput: Nothing was done.
        USAGE_FAULTS: The arguments cannot be read.
    """
    answer: Answer | int = typer.main.get_command(_app()).main(
        args=list(arguments), prog_name="erp-invoice", standalone_mode=False
    )
    return answer


#: The verbs, in the order in which an invoice meets them.
VERBS: Final[Mapping[str, Callable[..., Answer]]] = {
    "load": load,
    "list": list_all,
    "show": show,
    "summary": summary,
    "why-not": why_not,
    "send": send,
    "resend": resend,
    "retrieve": retrieve,
    "accept": accept,
    "reject": reject,
    "retry": retry,
    "withdraw": withdraw,
    "rule": rule,
    "unlink": unlink,
    "work": work,
    "history": history,
    "verify": verify,
    "restored": restored,
    "moved": moved,
    "adapters": adapters,
    "demo": demo_by(command),
}


def _app() -> typer.Typer:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=False)
    before_the_verb(app, _HELP)
    for name, verb in VERBS.items():
        app.command(name)(with_options(verb))
    return app
