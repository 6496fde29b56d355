"""
Words and patterns that the prose of this project avoids, with what to write instead.

``python -m tools.prose [PATH …]`` checks docstrings, comments and string literals of Python files,
and the text of Markdown pages outside of code. It prints each finding and ends with 1 if there is
any. A line is exempt if it, or the line before it, has a comment ``prose: REASON``.
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ROOT = Path(__file__).parents[1]
#: The files that are checked if none are named.
CHECKED = ("src", "tests", "docs", "examples", "tools", "README.md", "CONTRIBUTING.md")
#: The pages of terms list what to avoid, and a changelog keeps the words of its time.
EXEMPT = ("docs/glossary.md", "CHANGELOG.md", "tools/prose.py", "tests/tools")


@attrs.frozen
class Avoided:
    """A pattern to avoid, and what to write instead."""

    pattern: re.Pattern[str]
    instead: str


def _words(text: str, instead: str) -> Avoided:
    return Avoided(re.compile(rf"(?<![\w.`/-])(?:{text})(?![\w`/(-])", re.IGNORECASE), instead)


#: A sentence begins after a full stop, at the start of a text, or after the mark of a comment.
_START = r"(?:\A\s*|(?<=[.!?:])\s+|\n\s*\n\s*)"

# fmt: off
AVOIDED: tuple[Avoided, ...] = (
    #      words to avoid                                       what to write
    _words(r"tells?|told|telling",                              "log, record, report, format, return, show"),
    _words(r"over there",                                       "in the ERP"),
    _words(r"so many",                                          "the number: n seconds"),
    _words(r"whoever|somebody|nobody",                          "the agent: the worker, the host, another process"),
    _words(r"(?<!there )(?:is|are) none",                       "is not a"),
    _words(r"as (?:it|they) stands?",                           "current"),
    _words(r"houses?|rooms?|floors?|doors?|desks?|shelf|shelves", "package, layer, public module, queue, table"),
    _words(r"museum|story|stories|scenes?|gangs?|crowds?",      "known bugs, history, case, processes"),
    _words(r"testimony|testified",                              "late evidence"),
    _words(r"in (?:our|its|their) (?:own )?words",              "as: translated to"),
    _words(r"by chance",                                        "at random"),
    _words(r"on the way to",                                    "pending for"),
    _words(r"fates?",                                           "network fault"),
    _words(r"come(?:s)? of|came of",                            "result"),
    Avoided(re.compile(_START + r"(?:What|Whose|Whether|Whoever|Whatever)\b(?![^.?!]*\?)"),
            "subject, verb, object: no free relative clause first"),
)
# fmt: on


@attrs.frozen
class Finding:
    """A place where the prose uses a pattern to avoid."""

    path: Path
    line: int
    text: str
    instead: str

    def __str__(self) -> str:
        """Show where it is, and what to write instead."""
        path = self.path.relative_to(_ROOT) if self.path.is_relative_to(_ROOT) else self.path
        return f"{path}:{self.line}: {self.text!r}: write {self.instead}"


def _read_python(text: str) -> Iterator[tuple[int, str]]:
    """Yield the first line and the text of each comment and each string of more than one word."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            if not token.string.startswith(("# noqa", "# type:", "# fmt:")):
                yield token.start[0], token.string.lstrip("#: ")
        elif token.type == tokenize.STRING and " " in token.string:
            quoted = re.sub(r"^[a-zA-Z]*(\"\"\"|'''|\"|')|(\"\"\"|'''|\"|')$", "", token.string)
            yield token.start[0], re.sub(r"``.*?``|`[^`\n]*`", "``", quoted, flags=re.DOTALL)


def _read_markdown(text: str) -> Iterator[tuple[int, str]]:
    """Yield the first line and the text of each paragraph outside of code."""
    blank = re.sub(r"(?ms)^ *```.*?^ *```|^ *~~~.*?^ *~~~", lambda m: "\n" * m[0].count("\n"), text)
    blank = re.sub(r"`[^`\n]*`|\]\([^)]*\)", "``", blank)
    line = 1
    for paragraph in re.split(r"(\n)", blank):
        if paragraph == "\n":
            line += 1
        elif paragraph.strip():
            yield line, paragraph.strip().lstrip("#>*-|0123456789. ")


def findings(path: Path) -> Iterator[Finding]:
    """Yield what a file has to be changed for."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for start, prose in (_read_python if path.suffix == ".py" else _read_markdown)(text):
        for avoided in AVOIDED:
            for match in avoided.pattern.finditer(prose):
                line = start + prose[: match.start()].count("\n")
                near = "\n".join(lines[max(0, line - 2) : line])
                if "prose: " not in near:
                    yield Finding(path, line, match[0].strip(), avoided.instead)


def files(named: Iterable[str]) -> Iterator[Path]:
    """Yield the Python files and Markdown pages below the named paths that are not exempt."""
    for name in named:
        where = _ROOT / name
        for path in sorted(where.rglob("*")) if where.is_dir() else [where]:
            relative = path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else ""
            if path.suffix in {".py", ".md"} and not relative.startswith(EXEMPT):
                yield path


def main(arguments: list[str]) -> int:
    """Print the findings; return 1 if there are any, else 0."""
    found = [finding for path in files(arguments or CHECKED) for finding in findings(path)]
    for finding in found:
        sys.stdout.write(f"{finding}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
