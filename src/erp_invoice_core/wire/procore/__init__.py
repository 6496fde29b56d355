"""Reader of Procore's requisitions and related records from JSON."""

from .answer_kinds import KINDS
from .answers import Source
from .commitment import dump_commitment, read_commitment
from .cost_codes import read_cost_code
from .known_records import Company, Records
from .outcome import LoadedRecord, Reading, compute_digest
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
from .reader import MAX_SIZE, read_file, read_files
from .requisition import dump_requisition, read_requisition

__all__ = [
    "KINDS",
    "MAX_SIZE",
    "Company",
    "LoadedRecord",
    "Reading",
    "Records",
    "Source",
    "compute_digest",
    "dump_actor",
    "dump_commitment",
    "dump_company",
    "dump_project",
    "dump_requisition",
    "dump_vendor",
    "read_actor",
    "read_commitment",
    "read_company",
    "read_cost_code",
    "read_file",
    "read_files",
    "read_project",
    "read_requisition",
    "read_vendor",
]
