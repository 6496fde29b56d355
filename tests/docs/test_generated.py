"""The generated parts of the docs are those of the code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from docs.generating.source import PACKAGE, members

ROOT = Path(__file__).parents[2]


def test_generated_parts_equal_the_code() -> None:
    """Generating the pages again would change nothing, and every part has its page."""
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ("", 0) == (done.stdout + done.stderr, done.returncode)


def test_meaning_is_that_of_its_own_member(tmp_path: Path) -> None:
    """The sentence is in a line of the member or above it, and never behind the member before."""
    module = tmp_path / "words.py"
    module.write_text(
        """
class Word(Enum):
    ONE = "one"  #: The first.
    TWO = (
        "two"  #: The second.
    )
    #: The third.
    THREE = "three"  # noqa: X
    FOUR = "four"
""",
        "utf-8",
    )

    assert {"ONE": "The first.", "TWO": "The second.", "THREE": "The third.", "FOUR": ""} == (
        members(module)["Word"]
    )


@pytest.mark.parametrize("name", ["faults/fault.py", "fake_erp/quirks.py"])
def test_every_fault_and_quirk_has_a_meaning_of_its_own(name: str) -> None:
    """No row of the two tables is without a meaning, or has that of another row."""
    for sentences in members(PACKAGE / "testing" / name).values():
        assert "" not in sentences.values()
        assert len(sentences) == len({*sentences.values()})
