"""``manage export_bills``: one run of a worker, for a scheduler to call."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from erp_invoice_core import Worker

from ...erp import queue


class Command(BaseCommand):
    """Export accepted bills."""

    help = "Export what was accepted, until nothing is due."

    def handle(self, **_options: object) -> None:
        """Work, and print a line for each bill that changed."""
        for result in Worker(queue()).run_once():
            self.stdout.write(f"{result.id} {result.entry.status.value}")
