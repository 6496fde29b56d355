"""Console blocks of a page: output that differs, and commands that were called wrongly."""

from __future__ import annotations

import pytest

from tests.docs.console import find_difference


@pytest.mark.parametrize(
    "block",
    [
        "$ echo one\none\n",
        "$ echo one\n$ echo two\ntwo\n",
        "$ seq 3\n1\n...\n3\n",
        "$ false\n$ echo $?\n1\n",
        "$ echo 'wrong option'; (exit 2)\nwrong option\n",
    ],
)
def test_block_as_shown(block: str) -> None:
    """Output as shown, output that is not shown, and a shown error are no difference."""
    assert find_difference(block) is None


@pytest.mark.parametrize("shown", ["", "...\n"])
def test_wrong_call_that_is_not_shown(shown: str) -> None:
    """A command that ends with a usage error is a difference if the page does not show it."""
    found = find_difference(f"$ (exit 2)\n{shown}")

    assert found is not None
    assert "exit status: 2" in found


@pytest.mark.parametrize("block", ["$ echo one\ntwo\n", "$ exit 0\n", "$ if\n$ echo one\n"])
def test_block_that_differs(block: str) -> None:
    """Output that is not as shown, and a command after which no other runs, are differences."""
    assert find_difference(block) is not None
