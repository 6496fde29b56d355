"""
The writer of a new adapter package, from templates in this folder.

The templates describe an ERP named Acme and contain a fake of it, so that the tests of a new
package pass before its author has changed anything.
"""

from __future__ import annotations

import re
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

#: The longest name of a package.
_LONGEST: Final = 40
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
#: The names of classes in the templates that contain the name of the ERP.
_CLASSES: Final = ("AcmeAdapter", "AcmeClient", "FakeAcme", "TestAcme")
_ANY_NAME: Final = re.compile("|".join([*_CLASSES, "erp-invoice-acme", "ACME", "acme", "Acme"]))
# fmt: off
#: Each file of the package: its place, and its template in the folder of templates.
_COMMON: Final = {
    "pyproject.toml":                   "shared/pyproject.toml.txt",
    "README.md":                        "shared/README.md.txt",
    ".github/workflows/test.yml":       "shared/test.yml.txt",
    "src/erp_invoice_acme/__init__.py": "shared/__init__.py.txt",
    "src/erp_invoice_acme/adapter.py":  "shared/adapter.py.txt",
    "src/erp_invoice_acme/py.typed":    "",
}
_HTTP: Final = {
    "src/erp_invoice_acme/client.py":   "http/client.py.txt",
    "tests/fake_acme.py":               "http/fake_acme.py.txt",
    "tests/test_contract.py":           "http/test_contract.py.txt",
}
_PLAIN: Final = {
    "src/erp_invoice_acme/client.py":   "plain/client.py.txt",
    "tests/test_contract.py":           "plain/test_contract.py.txt",
}
# fmt: on


class ProjectExists(Exception):
    """The folder for the new package is a file, or has files already; the text names it."""


def write_project(name: str, folder: Path, *, http: bool = False) -> tuple[Path, ...]:
    """
    Write the package of an adapter, and return its files.

    Args:
        name: The key of the adapter: ``[a-z][a-z0-9_]*``, at most 40 characters.
        folder: The folder of the package; it does not exist yet, or is empty.
        http: True if the ERP is reached over HTTP.

    Raises:
        ValueError: The name is malformed.
        ProjectExists: The folder is a file, or has files.
    """
    if len(name) > _LONGEST or not _NAME.match(name):
        msg = (
            f"The name of an adapter is {_LONGEST} lower-case letters, digits and underscores at"
            f" most, and begins with a letter; {name!a} is not."
        )
        raise ValueError(msg)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder} exists. Name another folder, or empty it."
        raise ProjectExists(msg)
    written = []
    for place, template in {**_COMMON, **(_HTTP if http else _PLAIN)}.items():
        path = folder / _rename(place, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_fill(template, name, http=http) if template else "", encoding="utf-8")
        written.append(path)
    return tuple(written)


def _fill(template: str, name: str, *, http: bool) -> str:
    """Read a template, and return its text with its placeholders and the name filled in."""
    text = files(__package__).joinpath(template).read_text(encoding="utf-8")
    if template.endswith((".toml.txt", ".md.txt", "adapter.py.txt")):
        text = Template(text).substitute(
            dependencies=', "httpx2"' if http else "",
            fake=" over HTTP (`tests/fake_acme.py`)" if http else " that is a folder of files",
            place="base_url" if http else "folder",
        )
    return _rename(text, name)


def _rename(text: str, name: str) -> str:
    """Return the text with each form of the name Acme replaced, such as ``AcmeClient``."""
    words = name.replace("_", " ").title()
    names = {
        "erp-invoice-acme": f"erp-invoice-{name.replace('_', '-')}",
        "ACME": name.upper(),
        "acme": name,
        "Acme": words,
        **{known: known.replace("Acme", words.replace(" ", "")) for known in _CLASSES},
    }
    return _ANY_NAME.sub(lambda found: names[found[0]], text)
