"""Configuration of every test run: coverage, order, and the counts in the summary."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from erp_invoice_core.message_template import MessageTemplate
from erp_invoice_core.translation import find_template, message_templates

from . import edge_coverage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _pytest.terminal import TerminalReporter

_HERE = Path(__file__).parent
#: The coverage of the core counts its own tests and the tables: other tests reach it incidentally.
_CORE = ("billing", "declaration", "documents", "flow", "rules", "spec")
#: The coverage of the edge counts the tests that mirror it and run it in their own process.
_EDGE = edge_coverage.PACKAGES
#: Tests of many examples, whose lines other tests cover: measured, they take twice as long.
_UNMEASURED = (
    "cli/commands/test_adapter_check.py",
    "records/test_own_facts.py",
    "rules/test_absent_facts.py",
    "stores/test_agreement.py",
    "testing/contract/test_flips.py",
    "testing/contract/test_honest.py",
    "testing/test_host_finds_a_mistake.py",
    "testing/test_strategies.py",
    "wire/procore/test_erp_metadata.py",
    "wire/test_procore_answers_fuzz.py",
    "wire/test_procore_fuzz.py",
    "worker/test_odd_answers.py",
    "worker/test_secrets.py",
)
assert all((_HERE / name).exists() for name in _UNMEASURED)
#: The folders whose tests start processes and wait for them.
_SLOW = ("crash", "examples", "live")

#: Counts that tests record, each by the name of what is counted.
_COUNTED = ("worlds", "moves")
_FOLLOWED = ("denied states", "remedies", "ends allowed", "ends without remedy")


# How long an example takes on this machine decides nothing.
settings.register_profile("any speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any speed")


def _check(make: Callable[..., Any], known: frozenset[str]) -> Callable[..., Any]:
    """Return the method, with a check that the message can be translated."""

    def check(template: MessageTemplate, *given: Any, **more: Any) -> Any:  # noqa: ANN401 - passed on
        message = make(template, *given, **more)
        if template.code in known:
            found = find_template(message)
            assert found is not None, message
            assert found.fill(message.facts) == message.message
        return message

    return check


@pytest.fixture(autouse=True, scope="session")
def translatable_messages() -> Iterator[None]:
    """Check every message that a template makes in any test: code and facts give it back."""
    known = frozenset(template.code for template in message_templates())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MessageTemplate, "deny", _check(MessageTemplate.deny, known))
        patch.setattr(MessageTemplate, "note", _check(MessageTemplate.note, known))
        yield


def pytest_configure() -> None:
    """Listen to Ctrl-C: processes that a shell starts in the background ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure the coverage by tests of core and edge; mark slow tests and run them last."""
    for item in items:
        is_measured = _is_core(item.path) or _is_in(item.path, _EDGE)
        if not is_measured or _is_in(item.path, _UNMEASURED):
            item.add_marker("no_cover")
        if _is_in(item.path, _SLOW):
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


def _is_in(path: Path, folders: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(_HERE / name) for name in folders)


def _is_core(path: Path) -> bool:
    return path.parent == _HERE or _is_in(path, _CORE)


_CONTEXTS = edge_coverage.Contexts()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Count coverage for the part that the test is about, its fixtures included."""
    part = edge_coverage.CORE if _is_core(item.path) else edge_coverage.EDGE
    _CONTEXTS.switch(item, part)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print the sums of the counts of all tests, and the coverage of the edge."""
    edge_coverage.write_summary(terminalreporter)
    for names, what in (
        (_COUNTED, "searches over the moves"),
        (_FOLLOWED, "following of remedies"),
    ):
        sums: Counter[str] = Counter()
        counted = 0
        for report in terminalreporter.getreports("passed"):
            counts = {name: number for name, number in report.user_properties if name in names}
            sums.update({name: int(str(number)) for name, number in counts.items()})
            counted += bool(counts)
        if counted:
            counts_text = ", ".join(f"{sums[name]:,} {name}" for name in names)
            terminalreporter.write_line(f"{counted} {what}: {counts_text}")
