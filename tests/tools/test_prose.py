"""The check of the prose finds what the glossary avoids, and nothing in code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.prose import findings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.py", '"""Whether it is there."""\n', [(1, "Whether")]),
        ("a.py", '"""Return whether it is there."""\n', []),
        ("a.py", "x = 1  # nobody asks\n", [(1, "nobody")]),
        ("a.py", "x = 1  # nobody asks; prose: quoted from the ERP\n", []),
        ("a.py", 'x = "The lock is told."\n', [(1, "told")]),
        ("a.py", "told = 1\n", []),
        ("a.py", 'x = "A hold is none."\n', [(1, "is none")]),
        ("a.py", 'x = "It is empty if there is none."\n', []),
        ("a.py", '"""Call ``tell``, as `told` was."""\n', []),
        ("a.py", '"""What is the number? It is 1."""\n', []),
        ("a.md", "One.\n\nWhat is there is kept.\n", [(3, "What")]),
        ("a.md", "```python\n# nobody\n```\n\nSee [it](over there.md) and `nobody`.\n", []),
        ("a.md", "It is kept over there.\n", [(1, "over there")]),
    ],
)
def test_prose_is_checked_and_code_is_not(
    tmp_path: Path, name: str, text: str, found: list[tuple[int, str]]
) -> None:
    """A finding names the line and the words; quoted code and exempt lines have none."""
    path = tmp_path / name
    path.write_text(text)

    assert found == [(finding.line, finding.text) for finding in findings(path)]
