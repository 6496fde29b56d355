"""The tables of the queue, made by opening its store; a newer version updates them so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations

from ..erp import store

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def _open(_apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    store()


class Migration(migrations.Migration):
    """Open the store once, with the rights that a migration has."""

    atomic = False  # the store has a connection of its own, which would wait for this one
    dependencies = (("billing", "0001_initial"),)
    operations = (migrations.RunPython(_open, migrations.RunPython.noop),)
