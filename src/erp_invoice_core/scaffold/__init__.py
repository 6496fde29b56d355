"""The generator of a new adapter package, for ``erp-invoice adapters new``."""

from .project import ProjectExists, write_project

__all__ = ["ProjectExists", "write_project"]
