"""The files of a new adapter package."""

from .project import ProjectExists, write_project

__all__ = ["ProjectExists", "write_project"]
