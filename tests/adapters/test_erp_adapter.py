"""Adapters that inherit the typed base class."""

from __future__ import annotations

import pytest

from erp_invoice_core import adapters as erp


class Typed(erp.ErpAdapter[str]):
    """An adapter whose session is a text."""

    def erp_declaration(self) -> erp.Declaration:
        """Declare nothing."""
        return erp.Declaration(key="typed", name="Typed", terms={"bill": erp.StepTerms()})

    def erp_write(
        self,
        session: str,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        """Write nothing."""
        return erp.Unknown(f"{session}, {request.connection}, {step.name}, {len(receipts)}")

    def help(self) -> str:
        """Return a text, as any method may."""
        return "help"


def test_methods_are_hooks_without_a_decorator() -> None:
    """The adapter has the hooks of the class, and no hook that it leaves out."""
    adapter = erp.Adapter(Typed())

    assert "typed" == adapter.key
    assert adapter.has("erp_write")
    assert (adapter.has_find, adapter.has_read, adapter.has_withdraw) == (False, False, False)


class Reading(Typed):
    """Adds a hook to another adapter."""

    def erp_read(self, session: str, receipt: erp.Receipt) -> erp.Contents | erp.Gone:
        """Read nothing."""
        raise NotImplementedError


def test_inherited_hooks_are_hooks() -> None:
    """A subclass has its own hooks and those that it inherits."""
    adapter = erp.Adapter(Reading())

    assert adapter.has_read
    assert adapter.has("erp_write")


def test_name_that_is_no_hook_is_refused() -> None:
    """A misspelt hook is refused when the class is made, with the names of the hooks."""
    with pytest.raises(
        TypeError, match=r"Misspelt has a method erp_fnd, which is not a hook\..*erp_find"
    ):

        class Misspelt(Typed):
            def erp_fnd(self) -> None:
                """Do nothing."""


def test_required_hooks_are_required() -> None:
    """A class without a required hook has no instances."""

    class Silent(erp.ErpAdapter[None]):
        def erp_declaration(self) -> erp.Declaration:
            """Declare nothing."""
            raise NotImplementedError

    with pytest.raises(TypeError, match="erp_write"):
        Silent()  # type: ignore[abstract]
