"""Procore's requisitions and what they stand on: one JSON document in, checked values out."""

from .commitment import dump_commitment, read_commitment
from .file import MAX_SIZE, read_file
from .known import Company, Records
from .party import (
    dump_actor,
    dump_company,
    dump_project,
    dump_vendor,
    read_actor,
    read_company,
    read_project,
    read_vendor,
)
from .reading import Loaded, Reading
from .requisition import dump_requisition, read_requisition

__all__ = [
    "MAX_SIZE",
    "Company",
    "Loaded",
    "Reading",
    "Records",
    "dump_actor",
    "dump_commitment",
    "dump_company",
    "dump_project",
    "dump_requisition",
    "dump_vendor",
    "read_actor",
    "read_commitment",
    "read_company",
    "read_file",
    "read_project",
    "read_requisition",
    "read_vendor",
]
