"""The check of the prose finds what the glossary avoids, and nothing in code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import prose
from tools.prose import find_flaws

ROOT = Path(__file__).parents[2]


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
        ("a.md", "Two entries claim the slot.\n", [(1, "claim the slot")]),
        ("a.md", "A worker claims an entry whose slot is free.\n", []),
        ("a.md", "The refused attempt is kept.\n", [(1, "refused attempt")]),
        ("a.md", "A refused call is followed by the next attempt.\n", []),
        ("a.md", "Open people's port.\n", [(1, "people's port")]),
        ("a.md", "The verbs of people are recorded.\n", [(1, "verbs of people")]),
        ("a.json", '{\n  "nobody": "x",\n  "b": "Nobody asks."\n}\n', [(3, "Nobody")]),
        ("a.py.txt", "told = 1  # nobody asks\n", [(1, "nobody")]),
        ("pyproject.toml.txt", "# nobody asks\n", [(1, "nobody")]),
    ],
)
def test_prose_is_checked_and_code_is_not(
    tmp_path: Path, name: str, text: str, found: list[tuple[int, str]]
) -> None:
    """A flaw names the line and the words; quoted code and exempt lines have none."""
    path = tmp_path / name
    path.write_text(text)

    assert found == [(flaw.line, flaw.text) for flaw in find_flaws(path)]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.py", "def moved() -> None: ...\n", [(1, "moved")]),
        ("a.py", "async def _looking() -> None: ...\n", [(1, "_looking")]),
        ("a.py", "class A:\n    def _told(self) -> None: ...\n", [(2, "_told")]),
        ("a.py", "def f() -> None:\n    def shown() -> None: ...\n", [(2, "shown")]),
        ("a.py", "def move() -> None: ...\n", []),
        ("a.py", "def read_settings() -> None: ...\n", []),
        ("a.py", "def feed() -> None: ...\n", []),
        ("a.py", "class A:\n    @property\n    def paid(self) -> bool: ...\n", []),
        ("a.py", "class A:\n    @derived\n    def living(self) -> bool: ...\n", []),
        ("a.py", "@pytest.fixture(scope='module')\ndef loaded() -> None: ...\n", []),
        ("a.py", "moved = told = 1\n", []),
        ("looking.py", "x = 1\n", [(1, "looking")]),
        ("known.py.txt", "x = 1\n", [(1, "known")]),
        ("shutdown.py", "x = 1\n", []),
        ("telling/__init__.py", "x = 1\n", [(1, "telling")]),
        ("testing/__init__.py", "x = 1\n", []),
    ],
)
def test_names_say_what_a_module_holds_and_a_function_does(
    tmp_path: Path, name: str, text: str, found: list[tuple[int, str]]
) -> None:
    """A bare participle or gerund names no module and no function, except for attributes."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)

    assert found == [(flaw.line, flaw.text) for flaw in find_flaws(path)]


@pytest.mark.parametrize(
    ("path", "words", "is_flawed"),
    [("src/a.py", 14, False), ("src/a.py", 15, True), ("tests/a.py", 15, False)],
)
def test_first_lines_of_modules_are_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, words: int, *, is_flawed: bool
) -> None:
    """The docstring of a module of the package begins with at most 14 words."""
    monkeypatch.setattr(prose, "_ROOT", tmp_path)
    text = f'"""{" ".join(["Word"] * words)}.\n\n{"word " * 20}\n"""\n'

    assert is_flawed == bool(list(prose.find_names(tmp_path / path, text)))


def test_every_text_of_the_project_is_checked() -> None:
    """Benchmarks, the configuration of pytest, data of pages and templates are among the files."""
    found = {path.relative_to(ROOT).as_posix() for path in prose.list_files(prose.CHECKED)}

    assert found >= {
        "SECURITY.md",
        "benchmarks/run.py",
        "conftest.py",
        "docs/generating/known_bugs.json",
        "src/erp_invoice_core/scaffold/shared/adapter.py.txt",
        "tests/conftest.py",
    }
    assert not found & {"CHANGELOG.md", "docs/glossary.md", "tools/prose.py"}


def test_every_allowed_name_is_used() -> None:
    """A name without a use would let the next participle through."""
    names = set()
    for path in prose.list_files(prose.CHECKED):
        names |= {*path.relative_to(ROOT).with_suffix("").parts}
        if path.suffix == ".py":
            names |= set(re.findall(r"def (\w+)", path.read_text("utf-8")))

    assert set() == set(prose.ALLOWED_NAMES) - names
