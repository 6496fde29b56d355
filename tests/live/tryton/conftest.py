"""A running Tryton for each module of tests, with a copy of the same company."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples.tryton.server import TrytonMissing, TrytonServer, prepare
from tests.live.tryton.company import LiveCompany

if TYPE_CHECKING:
    from collections.abc import Iterator


#: Checks that export several bills each, which takes Tryton most of the time of all checks. The
#: long runs make them, and the report that is published with the adapter has them.
_LONG = frozenset(
    {
        "attachment.contents",
        "attachment.found",
        "combined.alternating",
        "combined.corrected",
        "combined.currencies",
        "combined.days",
        "combined.kinds",
        "combined.later",
        "combined.many",
        "combined.threads",
        "currency.declared",
        "fault.deadline",
        "fault.declined",
        "fault.later_page",
        "fault.look_up",
        "fault.lost_answer",
        "fault.other_status",
        "fault.payments",
        "fault.reading",
        "fault.rejected",
        "fault.removal",
        "fault.removal_status",
        "feature.retainage_release",
        "field.required",
        "large.files",
        "large.lines",
        "look_up.agrees",
        "look_up.among_others",
        "look_up.every_form",
        "look_up.found_after",
        "mapped.cost_code",
        "mapped.tax_code",
        "number.forms",
        "number.scope",
        "payments.none_at_first",
        "prerequisite.not_needed",
        "read.after_loss",
        "read.as_found",
        "removal.every_stage",
        "removal.others",
        "removal.reversed",
        "session.after_declined",
        "tax.alone",
        "tax.codes",
        "write.deadline",
        "write.ids_differ",
        "write.one_bill",
        "write.receipts",
    }
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the long checks of the contract to the long runs."""
    for item in items:
        name = (
            item.callspec.id
            if isinstance(item, pytest.Function) and hasattr(item, "callspec")
            else ""
        )
        if name in _LONG and item.path.parent == Path(__file__).parent:
            item.add_marker("soak")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonServer]:
    """A running Tryton; without its programs the tests are skipped with the reason."""
    try:
        company = prepare()
    except TrytonMissing as missing:
        pytest.skip(str(missing))
    with TrytonServer(company, tmp_path_factory.mktemp("tryton") / "server") as running:
        yield running


@pytest.fixture
def company(server: TrytonServer) -> LiveCompany:
    """A queue of its own in front of the running Tryton."""
    return LiveCompany(server)
