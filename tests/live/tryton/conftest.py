"""A running Tryton for each module of tests, with a copy of the same company."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from examples.tryton.server import TrytonMissing, TrytonServer, prepare
from tests.live.tryton.company import LiveCompany

if TYPE_CHECKING:
    from collections.abc import Iterator


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
