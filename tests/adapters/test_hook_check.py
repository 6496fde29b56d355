"""Functions of a plugin that cannot be hooks are refused when it is loaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core import adapters as erp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class Plain:
    """A plugin with the required hooks."""

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Declare nothing."""
        return erp.Declaration(key="plain", name="Plain", terms={"bill": erp.StepTerms()})

    @erp.hookimpl
    def erp_write(self, request: erp.ExportRequest) -> erp.Outcome:
        """Write nothing."""
        return erp.Unknown(f"{request.connection} was not asked.")


class Coroutine(Plain):
    """Writes with ``async def``."""

    @erp.hookimpl
    async def erp_write(self, request: erp.ExportRequest) -> erp.Outcome:  # type: ignore[override]
        """Write nothing."""
        return erp.Unknown(request.connection)


class AsyncGenerator(Plain):
    """Plans with ``async def`` and ``yield``."""

    @erp.hookimpl
    async def erp_steps(self) -> AsyncIterator[erp.Step]:
        """Yield a step."""
        yield erp.Step("bill", "bill", erp.Role.BILL)


class Generator(Plain):
    """Plans with ``yield``."""

    @erp.hookimpl
    def erp_steps(self) -> Iterator[erp.Step]:
        """Yield a step."""
        yield erp.Step("bill", "bill", erp.Role.BILL)


class ReturnsText(Plain):
    """States that it returns an id."""

    @erp.hookimpl
    def erp_write(self, request: erp.ExportRequest) -> str:  # type: ignore[override]
        """Return an id."""
        return request.connection


class MayReturnNothing(Plain):
    """States that it may return nothing."""

    @erp.hookimpl
    def erp_read(self) -> erp.Contents | None:
        """Return nothing."""


class TakesText(Plain):
    """States that its request is a text."""

    @erp.hookimpl
    def erp_check(self, request: str) -> erp.Verdict:
        """Allow everything."""
        del request
        return erp.ALLOWED


SENTENCES = {
    Coroutine: "Its hook erp_write is written with async def. Write it with def; a worker calls each"
    " adapter in a thread of its own.",
    AsyncGenerator: "Its hook erp_steps is written with async def.",
    Generator: "Its hook erp_steps is a generator. Return the answer instead of yielding it.",
    ReturnsText: "Its hook erp_write states that it returns str. Return one of: Done, Refused,"
    " Deferred, Unknown.",
    MayReturnNothing: "Its hook erp_read states that it returns NoneType. Return one of: Contents,"
    " Gone, CannotTell.",
    TakesText: "Its hook erp_check states that request is str. It is called with ExportRequest.",
}


@pytest.mark.parametrize("plugin", SENTENCES, ids=lambda plugin: plugin.__name__)
def test_wrong_hook_is_refused_with_a_sentence(plugin: type[Plain]) -> None:
    """The sentence names the hook, what is wrong, and what to write."""
    with pytest.raises(erp.InvalidAdapter, match=re.escape(SENTENCES[plugin])):
        erp.Adapter(plugin())


class Loose(Plain):
    """States types that say nothing, or that only a type checker can resolve."""

    @erp.hookimpl
    def erp_connect(self, settings: Any) -> object:  # noqa: ANN401 - a type that says nothing
        """Return the settings."""
        return settings

    @erp.hookimpl
    def erp_find(self, keys: NotThere) -> AlsoNotThere:  # type: ignore[name-defined]  # noqa: F821
        """Find nothing."""
        return erp.CannotTell(f"{keys} are not looked up.")


@pytest.mark.parametrize("plugin", [Plain, Loose])
def test_right_and_unresolvable_types_are_accepted(plugin: type[Plain]) -> None:
    """A type that cannot be resolved when the adapter is loaded is left to a type checker."""
    assert "plain" == erp.Adapter(plugin()).key
