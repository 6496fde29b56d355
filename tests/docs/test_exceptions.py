"""The exceptions of the reference are those that the verbs raise."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

import erp_invoice_core
from erp_invoice_core import (
    Actor,
    Adapters,
    ExportQueue,
    MemoryStore,
    Resolution,
    StoreFault,
    Worker,
    adapters,
)
from erp_invoice_core.testing import TwoStepErp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from erp_invoice_core import Case

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "exceptions.md"
ANA = Actor(id="ana")
#: The arguments of each verb, apart from ids and actor.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "send": {"connection": "two_step_fake"},
    "rule": {"resolution": Resolution(absent=True), "evidence": "seen"},
    "import_synced": {"connection": "two_step_fake"},
}


class FactsRaised(Exception):
    """The error of the host's facts."""


class NoStore:
    """A store whose database fails at every call."""

    clock = MemoryStore().clock

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        """Return a call that fails."""

        def fail(*_: object, **__: object) -> NoReturn:
            raise StoreFault(name)

        return fail


def facts(_ids: Sequence[str]) -> dict[str, Case]:
    """Fail as the host's database does."""
    raise FactsRaised


def rows(section: str) -> dict[str, set[str]]:
    """Return the exceptions of each row of a section's table."""
    text = PAGE.read_text("utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.MULTILINE)
    return {
        name: set(re.findall(r"`([A-Z]\w+)`", cell)) | ({"facts"} if "`facts`" in cell else set())
        for name, cell in found
    }


VERBS = rows("By verb")


def call(
    queue: ExportQueue,
    verb: str,
    ids: Any = ("1",),  # noqa: ANN401 - wrong types are what is tried
    **more: Any,  # noqa: ANN401 - as above
) -> object:
    """Call a verb with valid arguments."""
    if verb == "import_synced":
        ids = {"1": "E-1"} if ids == ("1",) else ids
        return queue.import_synced(ids, **ARGUMENTS[verb], **more)
    if verb == "guard":
        parameters = list(inspect.signature(queue.guard).parameters)
        arguments = {"ids": ids, next(each for each in parameters if each != "ids"): object()}
        return queue.guard(**arguments)
    if verb in {"history", "changes", "verify"}:
        return getattr(queue, verb)(*{"history": ("1",)}.get(verb, ()), **more)
    if verb == "reconcile":  # the store is read when an invoice is asked for
        return list(queue.reconcile(ids, more.pop("actor", ANA)))
    if verb == "entries":
        return queue.entries(ids, **more)
    return getattr(queue, verb)(ids, more.pop("actor", ANA), **ARGUMENTS.get(verb, {}), **more)


#: The methods that return a page.
_PAGED = ("entries", "history", "changes")


def test_every_verb_is_listed() -> None:
    """The page has a row for each public method of the queue."""
    assert {name for name in dir(ExportQueue) if not name.startswith("_")} == set(VERBS)


def test_every_worker_call_is_listed() -> None:
    """The page has a row for the worker and each of its methods that work."""
    calls = {name for name, value in vars(Worker).items() if inspect.isfunction(value)}
    assert {"Worker", *(name for name in calls if not name.startswith("_"))} == set(
        rows("By worker call")
    )


def test_every_exception_is_public() -> None:
    """Each exception that the page names is public or built in, and each public one is named."""
    named = set(re.findall(r"`([A-Z]\w+)`", PAGE.read_text("utf-8")))
    public = {
        name
        for module in (erp_invoice_core, adapters)
        for name in module.__all__
        if isinstance(getattr(module, name), type)
        and issubclass(getattr(module, name), BaseException)
    }
    assert set() == public - named


@pytest.mark.parametrize(
    "verb", sorted(verb for verb, raised in VERBS.items() if "StoreError" in raised)
)
def test_store_errors_are_raised(verb: str) -> None:
    """The error of a store leaves every verb that uses the store unchanged."""
    queue = ExportQueue(NoStore(), Adapters(TwoStepErp()), lambda _ids: {})
    with pytest.raises(StoreFault):
        call(queue, verb)


@pytest.mark.parametrize(
    "verb", sorted(verb for verb, raised in VERBS.items() if "TypeError" in raised)
)
def test_a_wrong_argument_is_a_type_error(verb: str) -> None:
    """One text in place of ids, of versions or of a limit is a wrong call."""
    queue = ExportQueue(MemoryStore(), Adapters(TwoStepErp()), lambda _ids: {})
    others = {"import_synced": "expect", **dict.fromkeys(_PAGED, "limit")}
    with pytest.raises(TypeError):
        call(queue, verb, **{others.get(verb, "ids"): "1"})


@pytest.mark.parametrize(
    "verb", sorted(verb for verb, raised in VERBS.items() if "ValueError" in raised)
)
def test_a_value_out_of_its_range_is_a_value_error(verb: str) -> None:
    """A command id that is too long, or a limit below 0, is a wrong call."""
    queue = ExportQueue(MemoryStore(), Adapters(TwoStepErp()), lambda _ids: {})
    wrong: dict[str, Any] = {"limit": -1} if verb in _PAGED else {"command": "x" * 300}
    with pytest.raises(ValueError, match=r"must (have at most|be at least)"):
        call(queue, verb, **wrong)


@pytest.mark.parametrize(
    "verb", sorted(verb for verb, raised in VERBS.items() if "facts" in raised)
)
def test_the_error_of_facts_is_raised(verb: str) -> None:
    """The host's own error leaves a verb, if the facts fail for every id."""
    queue = ExportQueue(MemoryStore(), Adapters(TwoStepErp()), facts)
    with pytest.raises(FactsRaised):
        call(queue, verb)
