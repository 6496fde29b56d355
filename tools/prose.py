"""
Words, patterns and names that this project avoids, with what to write instead.

``python -m tools.prose [PATH …]`` checks the names of modules and functions, and the docstrings,
comments and string literals of Python files, the strings of JSON files, and the text of Markdown
pages outside of code. It prints each finding and ends with 1 if there is any. A line is exempt if
it, or the line before it, has a comment ``prose: REASON``.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_ROOT = Path(__file__).parents[1]
#: The files that are checked if none are named.
CHECKED = (
    *("src", "tests", "docs", "examples", "tools", "benchmarks", "conftest.py"),
    *("README.md", "CONTRIBUTING.md", "SECURITY.md"),
)
#: The pages of terms list what to avoid, and a changelog keeps the words of its time.
EXEMPT = ("docs/glossary.md", "CHANGELOG.md", "tools/prose.py", "tests/tools")
#: The JSON files whose texts a page shows, and the templates of an adapter package.
_TEXTS = re.compile(r"docs/generating/\w+\.json|src/erp_invoice_core/scaffold/.*\.txt")
#: The most words of the first line of a module's docstring, in the package and its tools.
_MOST_WORDS = 14
_SHORT_DOCSTRINGS = ("src/", "tools/")
#: The packages whose first lines may be longer, and why.
_LONG = (
    "src/erp_invoice_core/adapters/tryton/",  # they are rewritten with the sentences of the package
)


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
    _words(r"claim\w* (?:an? |the |its |that |this )?(?:number )?slots?", "reserve the slot; an entry is claimed"),
    _words(r"(?:refused|denied) attempts?|person's attempts?",  "a refused action; an attempt is one try of an export"),
    _words(r"people's (?:verbs?|ports?)|verbs of people",       "people's actions"),
    Avoided(re.compile(_START + r"(?:What|Whose|Whether|Whoever|Whatever)\b(?![^.?!]*\?)"),
            "subject, verb, object: no free relative clause first"),
)
# fmt: on


#: A name that is one participle or gerund, which does not say what a function does.
_PARTICIPLE = re.compile(
    r"_*(?:[a-z]+(?:ed|ing)|known|shown|drawn|grown|told|said|made|met|sent|held|lost|found|kept|paid|left|gone|begun|"
    r"broken|beaten|chosen|taken|given|hidden|written|done|driven|forgotten)"
)
# fmt: off
#: The names that may look like a participle, and why.
ALLOWED_NAMES: Mapping[str, str] = {
    # name          reason
    "feed":         "a noun: the change feed, and to feed",
    "installed":    "the public constructor of design section 6: Adapters.installed()",
    "mapping":      "a noun of the glossary: the ids in the ERP for codes of the source",
    "rounding":     "a noun: how an ERP rounds",
    "billing":      "a noun: the domain of the project",
    "shared":       "the templates that both kinds of a new adapter package have",
    "generating":   "the programs that write pages; the folder of the published pages names it",
    "testing":      "the public module of design section 1",
    "typing":       "the tests of what a type checker says of the package",
}
# fmt: on
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
#: Decorators of attributes and of values of a test, which are named for what they are.
_ATTRIBUTES = ("property", "derived", "fixture", "cached_property")


@attrs.frozen
class Flaw:
    """A place where the prose uses a pattern to avoid, or a name that says nothing."""

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


def _read_json(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each string of more than one word."""
    for number, line in enumerate(text.splitlines(), 1):
        for quoted in re.findall(r'"(?:[^"\\]|\\.)*"', line):
            if " " in quoted:
                yield number, str(json.loads(quoted))


_READERS: Mapping[str, Callable[[str], Iterator[tuple[int, str]]]] = {
    ".py": _read_python,
    ".json": _read_json,
    ".md": _read_markdown,
}


def _find_suffix(path: Path) -> str:
    """Return the suffix of a file; a template has that of the file that it becomes."""
    return Path(path.stem).suffix if path.suffix == ".txt" else path.suffix


def _is_participle(name: str) -> bool:
    return _PARTICIPLE.fullmatch(name) is not None and name.strip("_") not in ALLOWED_NAMES


def _is_attribute(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    decorators = [ast.unparse(each).partition("(")[0] for each in function.decorator_list]
    return any(each.endswith(_ATTRIBUTES) for each in decorators)


def find_names(path: Path, text: str) -> Iterator[Flaw]:
    """Yield the names of a module and its functions that say nothing, and a long first line."""
    module = path.name.partition(".")[0]
    for part in (module, path.parent.name) if module == "__init__" else (module,):
        if _is_participle(part):
            yield Flaw(path, 1, part, "a noun, or a verb in the base form")
    tree = ast.parse(text)
    first = (ast.get_docstring(tree) or "").partition("\n")[0]
    relative = path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.name
    is_limited = relative.startswith(_SHORT_DOCSTRINGS) and not relative.startswith(_LONG)
    if is_limited and len(first.split()) > _MOST_WORDS:
        yield Flaw(path, 1, first, f"the one responsibility, in at most {_MOST_WORDS} words")
    functions = (each for each in ast.walk(tree) if isinstance(each, _FUNCTIONS))
    for function in functions:
        if _is_participle(function.name) and not _is_attribute(function):
            yield Flaw(path, function.lineno, function.name, "a verb in the base form")


def find_flaws(path: Path) -> Iterator[Flaw]:
    """Yield what a file has to be changed for."""
    text = path.read_text(encoding="utf-8")
    lines, suffix = text.splitlines(), _find_suffix(path)
    if suffix == ".py":
        yield from find_names(path, text)
    for start, prose in _READERS.get(suffix, _read_markdown)(text):
        for avoided in AVOIDED:
            for match in avoided.pattern.finditer(prose):
                line = start + prose[: match.start()].count("\n")
                near = "\n".join(lines[max(0, line - 2) : line])
                if "prose: " not in near:
                    yield Flaw(path, line, match[0].strip(), avoided.instead)


def list_files(named: Iterable[str]) -> Iterator[Path]:
    """Yield the files below the named paths that have prose and are not exempt."""
    for name in named:
        where = _ROOT / name
        for path in sorted(where.rglob("*")) if where.is_dir() else [where]:
            relative = path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else ""
            is_text = path.suffix in {".py", ".md"} or _TEXTS.fullmatch(relative)
            if is_text and not relative.startswith(EXEMPT):
                yield path


def main(arguments: list[str]) -> int:
    """Print the findings; return 1 if there are any, else 0."""
    found = [flaw for path in list_files(arguments or CHECKED) for flaw in find_flaws(path)]
    for flaw in found:
        sys.stdout.write(f"{flaw}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
