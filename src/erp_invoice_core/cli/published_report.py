"""The conformance report that an adapter package publishes beside its module."""

from __future__ import annotations

import json
import logging
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..adapters import Adapter

#: The name of the file in the package of the adapter.
FILE: Final = "conformance.json"
_LARGEST = 1024 * 1024
_LOG = logging.getLogger(__name__)


def read_published_report(adapter: Adapter) -> dict[str, Any] | None:
    """
    Return what the published report of an adapter says; ``None`` if no valid one is there.

    ``is_current`` is false if the report is about another declaration than the one that is loaded.
    """
    try:
        place = files(_find_package(adapter.plugin)).joinpath(FILE)
        with place.open("rb") as opened:
            text = opened.read(_LARGEST + 1)
        found: Any = json.loads(text) if len(text) <= _LARGEST else None
        results = [str(word["result"]) for word in found["words"]]
        return {
            "conformant": found["conformant"] is True,
            "is_current": found["declaration"] == adapter.declaration.digest,
            "proved": results.count("proved"),
            "refuted": results.count("refuted"),
            "not_proved": results.count("not_proved"),
            "versions": {str(name): str(value) for name, value in found["versions"].items()},
        }
    except FileNotFoundError:
        return None
    except Exception as error:  # noqa: BLE001 - a file of a stranger, which only informs
        kind = type(error).__name__
        _LOG.warning("The %s of adapter %s is not a report (%s).", FILE, adapter.key, kind)
        return None


def _find_package(plugin: object) -> str:
    """Return the name of the package that has the plugin, which is a module or an object."""
    name = getattr(plugin, "__name__", None)
    known = name if isinstance(name, str) and name in sys.modules else type(plugin).__module__
    module = sys.modules[known]
    return known if hasattr(module, "__path__") else known.rpartition(".")[0]


def describe_report(report: dict[str, Any] | None) -> str:
    """Return a phrase about a published report; for ``None`` it says that there is no report."""
    if report is None:
        return "no report is published"
    if not report["is_current"]:
        return "the published report is about another declaration"
    result = "conformant" if report["conformant"] else "not conformant"
    words = report["proved"] + report["refuted"] + report["not_proved"]
    version = report["versions"].get("erp_invoice_core", "unknown")
    return f"{result}, {report['proved']} of {words} words proved (erp_invoice_core {version})"
