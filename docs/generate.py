"""Write the generated parts of the docs from the code, or with ``--check`` fail on a difference."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

# The simulation is beside the package, in the tests.
sys.path.insert(0, str(Path(__file__).parents[1]))

from generating import (
    api,
    benchmarks,
    checks,
    codes,
    command,
    faults,
    hooks,
    known_bugs,
    layers,
    lifecycle,
    profiles,
    reliability,
    rules,
    signatures,
    values,
    vocabulary,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DOCS = Path(__file__).parent
#: The functions that write the generated parts of a page, by the name in its marks.
PARTS: Mapping[str, Callable[[], str]] = {
    **rules.PARTS,
    **codes.PARTS,
    **vocabulary.PARTS,
    **api.PARTS,
    **signatures.PARTS,
    **hooks.PARTS,
    **values.PARTS,
    **command.PARTS,
    **lifecycle.PARTS,
    **layers.PARTS,
    **profiles.PARTS,
    **known_bugs.PARTS,
    **reliability.PARTS,
    **benchmarks.PARTS,
    **faults.PARTS,
    **checks.PARTS,
}
_PART = re.compile(
    r"(?P<open><!-- generated: (?P<name>[a-z-]+) -->\n).*?(?P<close><!-- end of (?P=name) -->)",
    re.DOTALL,
)


def generate_page(text: str) -> str:
    """Return the page with every part generated again."""

    def regenerate(part: re.Match[str]) -> str:
        return f"{part['open']}\n{PARTS[part['name']]()}\n{part['close']}"

    return _PART.sub(regenerate, text)


def names(text: str) -> list[str]:
    """Return the names of the parts of a page."""
    return [part["name"] for part in _PART.finditer(text)]


def main() -> int:
    """Return 0, or 1 if a page is out of step with the code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, show differences")
    check = parser.parse_args().check
    missing = set(PARTS)
    stale = False
    for page in sorted(DOCS.rglob("*.md")):
        before = page.read_text(encoding="utf-8")
        missing -= set(names(before))
        after = generate_page(before)
        if after == before:
            continue
        stale = True
        if check:
            lines = (before.splitlines(keepends=True), after.splitlines(keepends=True))
            name = page.relative_to(DOCS.parent).as_posix()
            sys.stdout.writelines(difflib.unified_diff(*lines, name, f"{name} from the code"))
        else:
            page.write_text(after, encoding="utf-8")
    for name in sorted(missing):
        print(f"No page has the part {name}.")
    if check and stale:
        print("Run: make pages")
    return 1 if missing or (check and stale) else 0


if __name__ == "__main__":
    sys.exit(main())
