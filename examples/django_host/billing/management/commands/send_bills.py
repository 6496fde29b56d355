"""``manage send_bills B-1 B-2``: send bills, and print why not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand

from .....harbor_point import PM
from ...retry import run_with_retry
from ...send import send

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Send bills to the books."""

    help = "Send bills to the books."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the ids of the bills."""
        parser.add_argument("bill", nargs="+")

    def handle(self, *, bill: list[str], **_options: object) -> None:
        """Send them and print a line for each."""
        for answer in run_with_retry(partial(send, bill, PM)):
            why = "; ".join(denial.message for denial in answer.verdict.denials)
            self.stdout.write(f"{answer.id} {answer.entry.status.value} {why}".strip())
