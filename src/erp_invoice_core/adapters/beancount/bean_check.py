"""Calls of Beancount's program ``bean-check``, which finds errors in a ledger."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import attrs

from ...values import Value
from .unavailable import Unavailable

if TYPE_CHECKING:
    from pathlib import Path


_LONGEST = 500
_LEAST = 0.1
#: The longest time of one run, in seconds.
LIMIT = 12.0


@attrs.frozen(eq=False, repr=False)
class BeanCheck(Value):
    """
    The program ``bean-check`` at a path.

    It runs without a shell, without input and for a limited time.
    """

    program: str

    def find_errors(self, ledger: Path, seconds: float) -> str:
        """
        Return the errors that bean-check finds in a ledger, shortened; an empty text if none.

        Args:
            ledger: The file.
            seconds: The time limit of the check; at most :data:`LIMIT` seconds.

        Raises:
            Unavailable: The program cannot be run, or takes too long.
        """
        try:
            done = subprocess.run(  # noqa: S603 - the program is the owner's setting
                [self.program, "--no-cache", str(ledger)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=max(_LEAST, min(seconds, LIMIT)),
                check=False,
            )
        except subprocess.TimeoutExpired:
            msg = "bean-check did not finish in time. Nothing was written."
            raise Unavailable(msg) from None
        except OSError as error:
            msg = f"bean-check cannot be run: {error.strerror}. Correct the setting bean_check."
            raise Unavailable(msg, needs_person=True) from error
        if done.returncode == 0:
            return ""
        said = (done.stderr or done.stdout).decode("utf-8", "replace")
        said = " ".join(said.replace(str(ledger), ledger.name).split())
        return said[:_LONGEST] or f"it ended with {done.returncode}"
