"""The result of a run of the command, and files for tests to load."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import attrs

__all__ = ["Erp", "Run", "requisition", "write_document"]


@attrs.frozen
class Run:
    """The result of a run of the command."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - any JSON
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def results(self) -> dict[str, Any]:
        """The results by id."""
        return {each["id"]: each for each in self.document["results"]}

    @property
    def codes(self) -> list[str]:
        """The codes of the problems, or of all denials."""
        document = self.document
        if document.get("problems"):
            return [each["code"] for each in document["problems"]]
        return [each["code"] for result in document["results"] for each in result["denials"]]


Erp: TypeAlias = Callable[..., Run]


def write_document(document: object, name: str = "given.json") -> str:
    """Write a document into the working folder and return its name."""
    Path(name).write_text(json.dumps(document), encoding="utf-8")
    return name


def requisition(project: dict[str, Any], id_: str) -> dict[str, Any]:
    """Return a requisition of a project, which the test then changes."""
    found: dict[str, Any] = next(each for each in project["requisitions"] if each["id"] == id_)
    return found
