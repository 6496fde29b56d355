"""
Catalogue of every message template, as a gettext template file (``.pot``).

``python -m erp_invoice_core.catalogue [PATH]`` writes it to the path, or to standard output. A
template is the msgid; the comment before it names the messages that are made from it.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from .translation import message_templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .message_template import MessageTemplate

_HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: erp_invoice_core {version}\\n"
"PO-Revision-Date: \\n"
"Last-Translator: \\n"
"Language-Team: \\n"
"Language: \\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


def _quote(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def is_translatable(template: MessageTemplate) -> bool:
    """Return whether the template has text besides its placeholders, such as ``{number}``."""
    return template.text.format_map(dict.fromkeys(template.places, "")) != ""


def _list_entries(templates: Iterable[MessageTemplate]) -> Iterator[str]:
    uses: dict[str, list[MessageTemplate]] = {}
    for template in filter(is_translatable, templates):
        uses.setdefault(template.text, []).append(template)
    for text, found in sorted(uses.items()):
        names = dict.fromkeys(f"#. {each.kind.value} {each.code}\n" for each in found)
        flag = "#, python-brace-format\n" if found[0].places else ""
        yield f'{"".join(names)}{flag}msgid {_quote(text)}\nmsgstr ""\n'


def build_catalogue(templates: Iterable[MessageTemplate]) -> str:
    """Return the text of the ``.pot`` file: one entry for each distinct text, sorted by it."""
    header = _HEADER.format(version=version("erp_invoice_core"))
    return "\n".join([header, *_list_entries(templates)])


def main(arguments: list[str]) -> int:
    """Write the catalogue to the path in *arguments*, or to standard output; return exit code 0."""
    text = build_catalogue(message_templates())
    if arguments:
        Path(arguments[0]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
