"""The table of the bills, with the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations, models

from ....harbor_point import BILLS

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def _add_bills(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    bill = apps.get_model("billing", "Bill")
    names = ("id", "number", "status", "cents")
    bill.objects.bulk_create(bill(**dict(zip(names, row, strict=True))) for row in BILLS)


class Migration(migrations.Migration):
    """Create, then fill."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Bill",
            fields=[
                ("id", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=50)),
                ("status", models.CharField(max_length=30)),
                ("cents", models.IntegerField()),
                ("sent_by", models.CharField(default="", max_length=50)),
            ],
            options={"db_table": "bills"},
        ),
        migrations.RunPython(_add_bills, migrations.RunPython.noop),
    )
