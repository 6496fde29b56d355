"""Company, projects, vendors, people, holds and attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...documents import Actor, Attachment, Hold, Project, Vendor
from ...vocabulary import Blocks, Privilege
from .fields import REQUIRED, Field, Scope, dump_fields
from .known_records import Company
from .outcome import read_back, whole
from .values import WrongValue, currency_code, dumped, identity, level, origin, text, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _filled(value: object, currency: str = "") -> str:
    found = text(value, currency)
    if not found.strip():
        raise WrongValue("value.blank", "Give a value that is not blank.")
    return found


def _person_id(value: object, currency: str = "") -> str:
    found = identity(value, currency)
    if found.startswith("system:"):
        raise WrongValue("id.reserved", "Give another id: system: is reserved.")
    return found


# fmt: off
COMPANY = (
    # name in the file  attribute        kind, required
    Field("id",             "id",            identity, REQUIRED),
    Field("name",           "name",          text),
    Field("currency",       "currency",      currency_code, REQUIRED),
)
PROJECT = (
    Field("id",             "id",            identity, REQUIRED),
    Field("name",           "name",          text),
    Field("origin_id",      "origin_id",     origin),
)
VENDOR = PROJECT
USER = (
    Field("id",             "id",            _person_id, REQUIRED),
    Field("name",           "name",          text),
)
ERP_LEVEL = Field("erp_integrations", "erp_integrations", level)
HOLD = (
    Field("code",           "code",          _filled, REQUIRED),
    Field("message",        "message",       _filled, REQUIRED),
    Field("blocks",         "blocks",        word(Blocks), REQUIRED),
    Field("released_by",    "released_by",   _filled, REQUIRED),
)
ATTACHMENT = (
    Field("id",             "id",            identity, REQUIRED),
    Field("filename",       "filename",      _filled, REQUIRED),
    Field("content_type",   "content_type",  text),
    Field("url",            "url",           text),
    Field("sha256",         "digest",        text),
)
# fmt: on


def company(scope: Scope) -> Company | None:
    """Read the company."""
    return whole(scope, Company, {"name": "", **scope.all(COMPANY)}, COMPANY)


def project(scope: Scope) -> Project | None:
    """Read a project."""
    return whole(scope, Project, {"name": "", **scope.all(PROJECT)}, PROJECT)


def vendor(scope: Scope) -> Vendor | None:
    """Read a vendor."""
    found = {"name": "", **scope.all(VENDOR), "holds": holds(scope)}
    return whole(scope, Vendor, found, VENDOR)


def user(scope: Scope) -> Actor | None:
    """Read a person with levels, privileges and rights."""
    found = scope.all(USER)
    permissions = scope.child("permissions")
    if permissions:
        found |= permissions.all([ERP_LEVEL])
        projects = permissions.child("commitments")
        if projects:
            fields = [Field(name, name, level) for name in projects.value]
            found["commitments"] = projects.all(fields)
    found["privileges"] = frozenset(scope.values("privileges", word(Privilege)))
    found["rights"] = frozenset(scope.values("rights", text))
    return whole(scope, Actor, found, USER)


def holds(scope: Scope) -> tuple[Hold, ...]:
    """Read the holds on a record, without the wrong ones (reported)."""
    read = [whole(child, Hold, child.all(HOLD), HOLD) for child in scope.children("holds")]
    return tuple(hold for hold in read if hold)


def attachments(scope: Scope) -> tuple[Attachment, ...]:
    """Read the attachments of a requisition, without the wrong ones (reported)."""
    seen: set[str] = set()
    read = []
    for child in scope.children("attachments", one_or_more=True):
        found = child.all(ATTACHMENT)
        child.unique(seen, found.get("id"))
        read.append(whole(child, Attachment, found, ATTACHMENT))
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
                name: dumped(held) for name, held in sorted(record.commitments.items())
            },
            "erp_integrations": dumped(record.erp_integrations),
        },
        "privileges": sorted(privilege.value for privilege in record.privileges),
        "rights": sorted(record.rights),
    }


def dump_holds(records: Sequence[Hold]) -> dict[str, Any]:
    """Return the plain field of holds; empty without holds."""
    return {"holds": [dump_fields(record, HOLD) for record in records]} if records else {}


def dump_attachments(records: Sequence[Attachment]) -> dict[str, Any]:
    """Return the plain field of attachments; empty without attachments."""
    plain = [dump_fields(record, ATTACHMENT) for record in records]
    return {"attachments": plain} if plain else {}


def read_company(data: Mapping[str, Any]) -> Company:
    """Read back what :func:`dump_company` wrote; raises ``InvalidDocument``."""
    return read_back(data, company)


def read_project(data: Mapping[str, Any]) -> Project:
    """Read back what :func:`dump_project` wrote; raises ``InvalidDocument``."""
    return read_back(data, project)


def read_vendor(data: Mapping[str, Any]) -> Vendor:
    """Read back what :func:`dump_vendor` wrote; raises ``InvalidDocument``."""
    return read_back(data, vendor)


def read_actor(data: Mapping[str, Any]) -> Actor:
    """Read back what :func:`dump_actor` wrote; raises ``InvalidDocument``."""
    return read_back(data, user)
