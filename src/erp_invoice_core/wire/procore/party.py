"""Company, projects, vendors, people, holds and attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...documents import Actor, Attachment, Hold, Project, Vendor
from ...vocabulary import Blocks, Privilege
from .fields import REQUIRED, Field, Scope, dump_fields
from .known_records import Company
from .outcome import build_record, read_back
from .values import (
    WrongValue,
    dump_value,
    one_of,
    quote_value,
    read_currency_code,
    read_id,
    read_level,
    read_origin,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_RESERVED = "system:"


def _read_filled(value: object, currency: str = "") -> str:
    found = read_text(value, currency)
    if not found.strip():
        raise WrongValue("value.blank")
    return found


def _read_person_id(value: object, currency: str = "") -> str:
    found = read_id(value, currency)
    if found.startswith(_RESERVED):
        raise WrongValue("id.reserved", id=quote_value(found), prefix=ascii(_RESERVED))
    return found


# fmt: off
COMPANY = (
    # name in the file  attribute        kind, required
    Field("id",             "id",            read_id, REQUIRED),
    Field("name",           "name",          read_text),
    Field("currency",       "currency",      read_currency_code, REQUIRED),
)
PROJECT = (
    Field("id",             "id",            read_id, REQUIRED),
    Field("name",           "name",          read_text),
    Field("origin_id",      "origin_id",     read_origin),
)
VENDOR = PROJECT
USER = (
    Field("id",             "id",            _read_person_id, REQUIRED),
    Field("name",           "name",          read_text),
)
ERP_LEVEL = Field("erp_integrations", "erp_integrations", read_level)
HOLD = (
    Field("code",           "code",          _read_filled, REQUIRED),
    Field("message",        "message",       _read_filled, REQUIRED),
    Field("blocks",         "blocks",        one_of(Blocks), REQUIRED),
    Field("released_by",    "released_by",   _read_filled, REQUIRED),
)
ATTACHMENT = (
    Field("id",             "id",            read_id, REQUIRED),
    Field("filename",       "filename",      _read_filled, REQUIRED),
    Field("content_type",   "content_type",  read_text),
    Field("url",            "url",           read_text),
    Field("sha256",         "digest",        read_text),
)
# fmt: on


def parse_company(scope: Scope) -> Company | None:
    """Read the company; ``None`` if a problem was reported."""
    return build_record(scope, Company, {"name": "", **scope.read_fields(COMPANY)}, COMPANY)


def parse_project(scope: Scope) -> Project | None:
    """Read a project; ``None`` if a problem was reported."""
    return build_record(scope, Project, {"name": "", **scope.read_fields(PROJECT)}, PROJECT)


def parse_vendor(scope: Scope) -> Vendor | None:
    """Read a vendor with its holds; ``None`` if a problem was reported."""
    found = {"name": "", **scope.read_fields(VENDOR), "holds": parse_holds(scope)}
    return build_record(scope, Vendor, found, VENDOR)


def parse_user(scope: Scope) -> Actor | None:
    """Read a person with permissions, privileges and rights; ``None`` if a problem was reported."""
    found = scope.read_fields(USER)
    permissions = scope.read_child("permissions")
    if permissions:
        found |= permissions.read_fields([ERP_LEVEL])
        projects = permissions.read_child("commitments")
        if projects:
            fields = [Field(name, name, read_level) for name in projects.value]
            found["commitments"] = projects.read_fields(fields)
    found["privileges"] = frozenset(scope.read_values("privileges", one_of(Privilege)))
    found["rights"] = frozenset(scope.read_values("rights", read_text))
    return build_record(scope, Actor, found, USER)


def parse_holds(scope: Scope) -> tuple[Hold, ...]:
    """Read the payment holds of a record; report those that are not valid."""
    read = [
        build_record(child, Hold, child.read_fields(HOLD), HOLD)
        for child in scope.read_children("holds")
    ]
    return tuple(hold for hold in read if hold)


def parse_attachments(scope: Scope) -> tuple[Attachment, ...]:
    """Read the attachments of a requisition; report those that are not valid."""
    seen: set[str] = set()
    read = []
    for child in scope.read_children("attachments", one_or_more=True):
        found = child.read_fields(ATTACHMENT)
        child.check_unique(seen, found.get("id"))
        read.append(build_record(child, Attachment, found, ATTACHMENT))
    return tuple(attachment for attachment in read if attachment)


def dump_company(record: Company) -> dict[str, Any]:
    """Return the plain object of a company."""
    return dump_fields(record, COMPANY)


def dump_project(record: Project) -> dict[str, Any]:
    """Return the plain object of a project."""
    return dump_fields(record, PROJECT)


def dump_vendor(record: Vendor) -> dict[str, Any]:
    """Return the plain object of a vendor."""
    return dump_fields(record, VENDOR) | dump_holds(record.holds)


def dump_actor(record: Actor) -> dict[str, Any]:
    """Return the plain object of a person."""
    return {
        **dump_fields(record, USER),
        "permissions": {
            "commitments": {
                name: dump_value(held) for name, held in sorted(record.commitments.items())
            },
            "erp_integrations": dump_value(record.erp_integrations),
        },
        "privileges": sorted(privilege.value for privilege in record.privileges),
        "rights": sorted(record.rights),
    }


def dump_holds(records: Sequence[Hold]) -> dict[str, Any]:
    """Return the field ``holds`` as plain data; an empty dict without holds."""
    return {"holds": [dump_fields(record, HOLD) for record in records]} if records else {}


def dump_attachments(records: Sequence[Attachment]) -> dict[str, Any]:
    """Return the field ``attachments`` as plain data; an empty dict without attachments."""
    plain = [dump_fields(record, ATTACHMENT) for record in records]
    return {"attachments": plain} if plain else {}


def read_company(data: Mapping[str, Any]) -> Company:
    """Read an object of :func:`dump_company`; raise ``InvalidDocument`` if it is not valid."""
    return read_back(data, parse_company)


def read_project(data: Mapping[str, Any]) -> Project:
    """Read an object of :func:`dump_project`; raise ``InvalidDocument`` if it is not valid."""
    return read_back(data, parse_project)


def read_vendor(data: Mapping[str, Any]) -> Vendor:
    """Read an object of :func:`dump_vendor`; raise ``InvalidDocument`` if it is not valid."""
    return read_back(data, parse_vendor)


def read_actor(data: Mapping[str, Any]) -> Actor:
    """Read an object of :func:`dump_actor`; raise ``InvalidDocument`` if it is not valid."""
    return read_back(data, parse_user)
