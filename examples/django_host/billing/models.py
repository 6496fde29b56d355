"""The host's model."""

from __future__ import annotations

from django.db import models


class Bill(models.Model):
    """A subcontractor's bill; the amount is in whole cents."""

    id = models.CharField(primary_key=True, max_length=20)
    number = models.CharField(max_length=50)
    status = models.CharField(max_length=30)
    cents = models.IntegerField()
    sent_by = models.CharField(max_length=50, default="")

    class Meta:
        """The name of the table."""

        db_table = "bills"

    def __str__(self) -> str:
        return f"{self.number} ({self.id})"
