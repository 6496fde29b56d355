"""Adapters are found by key; a plug-in that fails to load is reported and skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import adapters as erp

if TYPE_CHECKING:
    from pathlib import Path


@attrs.frozen
class Acme:
    """A plug-in with a given key."""

    key: str = "acme"
    contract: int = 1
    look_up: erp.LookUp = erp.LookUp.NONE
    withdraw: erp.WithdrawForm = erp.WithdrawForm.IMPOSSIBLE
    unlink: erp.UnlinkForm = erp.UnlinkForm.IMPOSSIBLE

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Declare it."""
        return erp.Declaration(
            key=self.key,
            name="Acme ERP",
            contract=self.contract,
            terms={"bill": erp.StepTerms(look_up=self.look_up)},
            withdraw=self.withdraw,
            unlink=self.unlink,
        )

    @erp.hookimpl
    def erp_write(self) -> erp.Outcome:
        """Write nothing."""
        return erp.Unknown("no answer")


class NoWrite:
    """Lacks a required hook."""

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Declare it."""
        return erp.Declaration(key="nowrite", name="No write")


class Misspelt(Acme):
    """Has a hook with a misspelt name."""

    @erp.hookimpl
    def erp_wriet(self) -> None:
        """Do nothing."""


class Unheard(Acme):
    """Has a hook with a name that is like no other."""

    @erp.hookimpl
    def erp_zzz(self) -> None:
        """Do nothing."""


class WrongArgument(Acme):
    """Has an argument that its hook does not have."""

    @erp.hookimpl
    def erp_find(self, sesion: object) -> None:
        """Do nothing."""


class NoDeclaration(Acme):
    """Declares a dictionary."""

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Declare something else."""
        return {"key": "acme"}  # type: ignore[return-value]  # on purpose


class Leaves(Acme):
    """Ends the process when it is asked."""

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Leave."""
        raise SystemExit(1)


BAD = {
    "no erp_write": NoWrite(),
    "unknown hook erp_wriet. Did you mean erp_write?": Misspelt(),
    "unknown hook erp_zzz. The hooks are: erp_declaration, ": Unheard(),
    "sesion": WrongArgument(),
    "not return a Declaration": NoDeclaration(),
    "SystemExit": Leaves(),
    "contract 2": Acme(contract=2),
    "An adapter key must be lower-case letters, digits and underscores": Acme(key="Acme!"),
    "no hook erp_find": Acme(look_up=erp.LookUp.KEY),
    "no hook erp_withdraw": Acme(withdraw=erp.WithdrawForm.FULL),
    "no hook erp_read": Acme(unlink=erp.UnlinkForm.DELETE_FIRST),
    "no erp_declaration": object(),
}


@pytest.mark.parametrize("said", BAD)
def test_bad_plugin_is_reported_and_skipped(said: str) -> None:
    """A plug-in that is not an adapter is reported with its fault, and the others are loaded."""
    adapters = erp.Adapters(BAD[said], Acme(key="good"))
    assert ["good"] == [adapter.key for adapter in adapters]
    assert 1 == len(adapters.problems)
    assert said in adapters.problems[0].message


def test_second_of_a_key_is_skipped() -> None:
    """A plug-in cannot replace another with the same key."""
    first = Acme()
    adapters = erp.Adapters(first, Acme())
    assert 1 == len(adapters)
    assert ["Its key 'acme' is that of another adapter. Disable one of the two."] == [
        problem.message for problem in adapters.problems
    ]


def test_plugins_are_added_later() -> None:
    """A plug-in that is added is loaded and checked like the first ones."""
    adapters = erp.Adapters(Acme(), disabled={"off"})
    adapters.add(Acme(key="later"), Acme(key="off"), Acme())
    assert ["acme", "later"] == [adapter.key for adapter in adapters]
    assert 1 == len(adapters.problems)
    with pytest.raises(TypeError, match="Each plugin must be an argument"):
        adapters.add([Acme(key="more")])
    assert "more" not in adapters


def test_unknown_key_lists_the_known_keys() -> None:
    """An unknown key raises an error with the known keys."""
    adapters = erp.Adapters(Acme())
    with pytest.raises(erp.UnknownAdapter, match=r"no adapter 'sage'\. Adapters: acme"):
        adapters["sage"]
    assert adapters.get("sage") is None
    assert "acme" in adapters
    assert "acme" == adapters["acme"].key


def test_disabled_plugin_is_left_out() -> None:
    """A plug-in can be disabled by its key or its name."""
    assert [] == list(erp.Adapters(Acme(), disabled={"acme"}))
    assert [] == list(erp.Adapters(Acme(), disabled={"Acme"}))


def test_calls_reach_one_adapter_only() -> None:
    """Two adapters never answer for each other."""
    adapters = erp.Adapters(Acme(key="one"), Acme(key="two"))
    assert ["one", "two"] == [adapter.declaration.key for adapter in adapters]


def _install(folder: Path, module: str, code: str) -> None:
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{erp.GROUP}]\n{module} = {module}\n")


GOOD = """
from erp_invoice_core import adapters as erp

@erp.hookimpl
def erp_declaration():
    return erp.Declaration(key="{key}", name="Installed")

@erp.hookimpl
def erp_write():
    return erp.Unknown("no answer")
"""


def test_installed_adapters_are_found_by_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Adapters of installed packages are loaded; one that fails to load is reported and skipped."""
    _install(tmp_path, "h_good_adapter", GOOD.format(key="installed"))
    _install(tmp_path, "h_off_adapter", GOOD.format(key="off"))
    _install(tmp_path, "h_exit_adapter", "raise SystemExit('no licence')\n")
    _install(tmp_path, "h_lost_adapter", "import no_such_module_at_all\n")
    monkeypatch.syspath_prepend(tmp_path)
    adapters = erp.Adapters.installed(disabled={"off"})
    assert "installed" in adapters
    assert "off" not in adapters
    problems = {problem.name: problem.message for problem in adapters.problems}
    assert "It does not load: SystemExit: no licence" == problems["h_exit_adapter"]
    assert "It does not load: ModuleNotFoundError" in problems["h_lost_adapter"]


class _Broken:
    """A plug-in whose declaration fails."""

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Fail."""
        raise RuntimeError


def test_a_connection_of_a_skipped_adapter_is_kept() -> None:
    """A connection whose adapter was disabled, or did not load, stays, and waits for it."""
    bound = [erp.Connection("books", "two_step_fake"), erp.Connection("other", "beancount")]
    for adapters in (
        erp.Adapters(Acme("two_step_fake"), disabled={"two_step_fake", "beancount"}),
        erp.Adapters(disabled=("two_step_fake", "beancount")),
    ):
        assert ["books", "other"] == [each.name for each in erp.Connections(adapters, bound)]
    broken = erp.Adapters(_Broken())
    (problem,) = broken.problems
    assert broken.is_skipped(problem.name)
    assert not broken.is_skipped("ledgerly")
    with pytest.raises(erp.InvalidSettings, match="ledgerly"):
        erp.Connections(broken, [erp.Connection("books", "ledgerly")])
