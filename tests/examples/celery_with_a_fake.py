"""The Celery app of the examples, with fake ERPs: a program of its own for ``celery -A``."""

from __future__ import annotations

from datetime import timedelta

from erp_invoice_core.adapters import Adapters, Connection, Connections
from erp_invoice_core.testing import TwoStepErp
from examples.celery_worker import app, erp, tasks

__all__ = ["app"]

_FAKES = [
    Connection(name, "two_step_fake", {"path": str(erp.FOLDER / f"{name}.json")})
    for name in erp.CONNECTIONS
]


def _connections() -> Connections:
    return Connections(Adapters(TwoStepErp()), _FAKES)


setattr(erp, "connections", _connections)  # noqa: B010 - a double in the place of a function
tasks.LEASE = timedelta(seconds=5)
app.conf.task_time_limit = 2
