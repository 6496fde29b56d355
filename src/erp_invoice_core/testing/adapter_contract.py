"""What every adapter must keep: a suite to subclass, against the ERP itself or its sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..adapters import Adapter, Feature, LookUp, Support, UnlinkForm, WithdrawForm
from .adapter_files import FilesContract
from .adapter_keeping import KeepingContract
from .adapter_writing import WritingContract

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["AdapterContract"]


class AdapterContract(WritingContract, KeepingContract, FilesContract):
    """
    Subclass it, name the ``plugin``, and give the settings that it needs.

    Each test takes a connection of its own (``settings``) and a document of its own
    (``document``), so that a suite may run against an ERP that keeps what it was sent.
    """

    def test_every_feature_is_declared(self) -> None:
        """Each feature is supported, impossible or missing: none is left undeclared."""
        declaration = Adapter(self.plugin).declaration
        left = [f.value for f in Feature if declaration.support(f) is Support.UNDECLARED]
        assert left == []

    def test_absent_hooks_are_declared_absent(self) -> None:
        """A capability is declared if and only if its hook is there."""
        adapter = Adapter(self.plugin)
        declaration = adapter.declaration
        looks_up = any(terms.look_up is not LookUp.NONE for terms in declaration.terms.values())
        assert looks_up == adapter.has_find
        removes = declaration.withdraw is WithdrawForm.FULL
        assert not removes or adapter.has_withdraw
        possible = declaration.withdraw is not WithdrawForm.IMPOSSIBLE
        assert possible == (declaration.support(Feature.WITHDRAW) is Support.FULL)
        unlinks = declaration.unlink is not UnlinkForm.IMPOSSIBLE
        assert unlinks == (declaration.support(Feature.UNLINK) is Support.FULL)
        assert declaration.unlink is not UnlinkForm.DELETE_FIRST or adapter.has_read

    def test_no_secret_is_shown(self, tmp_path: Path) -> None:
        """Neither the connection nor the session nor the adapter shows a secret setting."""
        trial = self.trial(tmp_path)
        shown = f"{trial.connection} {trial.session} {trial.session.value!r} {trial.adapter}"
        assert [secret for secret in trial.connection.secrets if secret in shown] == []

    def test_plan_follows_from_the_request(self, tmp_path: Path) -> None:
        """Equal requests give equal plans, each step with terms and a name of its own."""
        trial = self.trial(tmp_path)
        assert trial.steps == trial.steps
        assert {step.name for step in trial.steps} == set(
            dict.fromkeys(s.name for s in trial.steps)
        )
        undeclared = {step.kind for step in trial.steps} - set(trial.adapter.declaration.terms)
        assert set() == undeclared
        assert any(step.role is not None for step in trial.steps)
