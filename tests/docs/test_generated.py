"""The generated parts of the docs are those of the code."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from docs.generating.source import PACKAGE, members
from docs.generating.values import list_values
from erp_invoice_core.adapters import hookspecs

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


@pytest.mark.parametrize("value", [*list_values()], ids=lambda value: value.__name__)
def test_every_field_of_a_hooks_value_has_a_meaning(value: type) -> None:
    """The page about the values says what each field is, in its row or in the sentence above."""
    page = (ROOT / "docs/reference/values.md").read_text("utf-8")
    section = page.partition(f"## {value.__name__}\n")[2].partition("\n## ")[0]
    has_meanings = "| Meaning |" in section
    sentence = (value.__doc__ or "").partition("Raises:")[0]

    for name in attrs.fields_dict(value):
        cells = re.search(rf"^\| `{name}` \|(?P<cells>.*)\|$", section, re.MULTILINE)
        assert cells, name
        meaning = cells["cells"].rpartition("|")[2].strip() if has_meanings else sentence
        assert meaning, name


def test_the_values_are_those_of_the_hooks() -> None:
    """The page has each class of this library that a hook takes or returns."""
    shown = {value.__name__ for value in list_values()}
    named = {
        name
        for hook in (hook for name, hook in vars(hookspecs).items() if name.startswith("erp_"))
        for text in inspect.get_annotations(hook).values()
        for name in re.findall(r"[A-Z]\w+", str(text))
    }

    assert set() == named - shown - {"Outcome", "Sighting", "Mapping", "Sequence", "SettingValue"}
