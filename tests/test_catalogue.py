"""Tests of the catalogue of messages."""

from __future__ import annotations

import io
import re
import struct
import subprocess
from gettext import GNUTranslations
from shutil import which
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import MessageTemplate, __version__, message_templates
from erp_invoice_core.catalogue import build_catalogue, is_translatable, main

if TYPE_CHECKING:
    from pathlib import Path

_ENTRY = re.compile(r'^msgid "(.*)"\nmsgstr ""$', re.MULTILINE)
_ESCAPED = {"\\": "\\", '"': '"', "n": "\n", "t": "\t"}


def _read(text: str) -> list[str]:
    """Return the msgids of a catalogue, read by the rules of the format."""
    quoted = _ENTRY.findall(text)[1:]
    return [re.sub(r"\\(.)", lambda escape: _ESCAPED[escape[1]], each) for each in quoted]


def _compile(translations: dict[str, str]) -> GNUTranslations:
    """Return a compiled catalogue, in the binary form that ``gettext`` reads."""
    texts = {"": "Content-Type: text/plain; charset=UTF-8\n", **translations}
    pairs = [(key.encode(), value.encode()) for key, value in sorted(texts.items())]
    start = 28 + 16 * len(pairs)
    keys, values, data = b"", b"", b""
    for place in (0, 1):
        for pair in pairs:
            entry = struct.pack("<II", len(pair[place]), start + len(data))
            data += pair[place] + b"\0"
            if place:
                values += entry
            else:
                keys += entry
    head = struct.pack("<IIIIIII", 0x950412DE, 0, len(pairs), 28, 28 + len(keys), 0, start)
    return GNUTranslations(io.BytesIO(head + keys + values + data))


def test_catalogue_has_every_template_once() -> None:
    """The msgids are the templates, without those that are a fact alone."""
    expected = {each.text for each in message_templates() if is_translatable(each)}
    msgids = _read(build_catalogue(message_templates()))

    assert sorted(expected) == msgids


def test_catalogue_compiles_and_translates() -> None:
    """The standard library reads a translation of every msgid."""
    msgids = _read(build_catalogue(message_templates()))
    catalogue = _compile({msgid: f"\u00bb{msgid}\u00ab" for msgid in msgids})

    assert [f"\u00bb{msgid}\u00ab" for msgid in msgids] == list(map(catalogue.gettext, msgids))


@pytest.mark.parametrize("text", ['A "quoted" one.', "A \\ backslash.", "Two\nlines.", "A\ttab."])
def test_characters_are_escaped(text: str) -> None:
    """Quotes, backslashes, tabs and ends of lines survive."""
    assert [text] == _read(build_catalogue([MessageTemplate("a.b", text)]))


def test_entries_name_their_messages() -> None:
    """A translator reads where a sentence is used, and that its places are braces."""
    text = build_catalogue([MessageTemplate("a.b", "Is {x}."), MessageTemplate("a.c", "Is {x}.")])

    assert (
        '#. denial a.b\n#. denial a.c\n#, python-brace-format\nmsgid "Is {x}."\nmsgstr ""\n' in text
    )


@pytest.mark.skipif(which("msgfmt") is None, reason="the tools of gettext are not installed")
def test_tools_of_gettext_have_no_warning(tmp_path: Path) -> None:
    """The header is complete: ``msgfmt`` compiles a catalogue of a language without a warning."""
    path = tmp_path / "de.po"
    text = build_catalogue(message_templates()).replace("Language: ", "Language: de", 1)
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["msgfmt", "--check", str(path), "--output-file", str(tmp_path / "de.mo")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr)


def test_header_names_the_project_and_its_version() -> None:
    """The header names project and version, which the tools of gettext copy into each language."""
    assert f"Project-Id-Version: erp_invoice_core {__version__}\\n" in build_catalogue([])


def test_a_fact_alone_is_not_translated() -> None:
    """The sentence of a hold is the host's."""
    assert not is_translatable(MessageTemplate("hold.<code>", "{message}"))


def test_command_writes_the_catalogue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is written to the named file, or printed."""
    path = tmp_path / "messages.pot"

    assert 0 == main([str(path)])
    assert 0 == main([])
    assert path.read_text(encoding="utf-8") == capsys.readouterr().out
