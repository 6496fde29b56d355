"""Tryton on PostgreSQL: the contract, and lost answers, killed servers and racing workers."""

from __future__ import annotations

import json
import shutil
import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from examples.tryton.server import (
    TrytonMissing,
    TrytonServer,
    activate_modules,
    read_plan,
    require_environment,
    scratch,
    set_up_company,
    write_configuration,
)
from tests import postgres
from tests.live.tryton import test_contract, test_export, test_faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.soak


def set_up(folder: Path, uri: str, database: str) -> None:
    """Set the company up in an empty database of PostgreSQL; its ids are in the folder."""
    programs = require_environment()
    with scratch(folder) as place:
        configuration = write_configuration(place, uri)
        activate_modules(programs, place, configuration, database)
        set_up_company(programs, place, configuration, json.dumps(read_plan()), uri)
        shutil.copy(place / "ids.json", folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonServer]:
    """A running Tryton whose database is on PostgreSQL."""
    folder = tmp_path_factory.mktemp("tryton-on-postgres")
    name = f"tryton_{uuid.uuid4().hex[:8]}"
    parts = urlsplit(postgres.server())
    uri = urlunsplit(parts._replace(path=f"/{name}"))
    with psycopg.connect(postgres.server(), autocommit=True) as database:
        database.execute(f"CREATE DATABASE {name}")
    try:
        set_up(folder, uri, name)
    except TrytonMissing as missing:
        pytest.skip(str(missing))
    with TrytonServer(folder, folder / "server", uri=uri, database=name) as running:
        yield running
    with psycopg.connect(postgres.server(), autocommit=True) as database:
        database.execute(f"DROP DATABASE {name} WITH (FORCE)")


class TestContract(test_contract.TestContract):
    """The contract of adapters."""


proxy, behind = test_faults.proxy, test_faults.behind
test_retainage = test_export.test_retainage_is_held_three_times_and_released
test_warning = test_export.test_a_warning_is_never_overridden
test_period = test_export.test_a_period_that_is_not_open_is_refused
test_lost_answer = test_faults.test_a_lost_answer_is_resolved_by_look_up
test_race = test_faults.test_four_racing_workers_make_one_bill_each
test_kill = test_faults.test_a_server_killed_while_it_posts
test_key = test_faults.test_a_revoked_key_needs_a_person
