"""Tables of fields, which read a JSON object and write it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from .json_text import RepeatedKeys
from .problem_rows import build_problem
from .values import (
    Reader,
    WrongValue,
    dump_value,
    quote_value,
    read_currency_code,
    read_day,
    read_decimal,
    read_figure,
    read_flag,
    read_id,
    read_percentage,
    read_rate,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ...documents import Problem


_SHOWN = 60
#: The last cell of the row of a required field.
REQUIRED = True

#: Kinds of optional fields in which an empty text counts as null, as some exports write it.
_BLANK_IS_NULL = frozenset(
    {
        read_currency_code,
        read_day,
        read_decimal,
        read_figure,
        read_flag,
        read_id,
        read_percentage,
        read_rate,
    }
)


@attrs.frozen
class Field:
    """
    A row of a table of fields.

    It has the name in the JSON object, the attribute of the record, the reader of the value, and
    whether the field is required.
    """

    name: str
    attribute: str
    read: Reader
    is_required: bool = False


def join_path(path: str, name: str) -> str:
    """Return the path of a field in the object at a path, which may begin with a file name."""
    if not name:
        return path.removesuffix(": ")
    return f"{path}{'' if not path or path.endswith(': ') else '.'}{name}"


@attrs.frozen
class LocatedObject:
    """A JSON object from another file than the object around it, with its own path."""

    value: dict[str, Any]
    path: str


@attrs.define
class Report:
    """Collects the problems and warnings of a document during reading."""

    #: True if texts may have NUL characters, as those stored by an earlier version.
    takes_nul: bool = False

    problems: list[Problem] = attrs.field(factory=list)
    warnings: list[Problem] = attrs.field(factory=list)
    ignored: int = 0


class Scope:
    """A JSON object during reading, with its path and the names of the fields read so far."""

    __slots__ = ("_problems_before", "_read", "_repeated", "path", "report", "value")

    def __init__(self, value: dict[str, Any], path: str, report: Report) -> None:
        """Open an object; all of its fields count as ignored until they are read."""
        self.value = value
        self.path = path
        self.report = report
        self._read: set[str] = set()
        self._repeated = value.repeated if isinstance(value, RepeatedKeys) else frozenset()
        self._problems_before = len(report.problems)
        report.ignored += len(value)

    @property
    def has_problems(self) -> bool:
        """True if a problem was reported since the object was opened."""
        return len(self.report.problems) > self._problems_before

    def build_path(self, name: str) -> str:
        """Return the path of a field; if ``name`` is empty, that of the object itself."""
        return join_path(self.path, name)

    def report_problem(self, name: str, code: str, /, **facts: object) -> None:
        """Report a problem of a field, with the sentence that code and facts determine."""
        self.report.problems.append(build_problem(self.build_path(name), code, **facts))

    def report_missing(self, name: str) -> None:
        """Report that a required field is missing."""
        self.report_problem(name, "value.missing", field=name)

    def warn(self, name: str, code: str, /, **facts: object) -> None:
        """Report a warning about a field, with the sentence that code and facts determine."""
        self.report.warnings.append(build_problem(self.build_path(name), code, **facts))

    def look(self, name: str) -> Any:  # noqa: ANN401 - any plain JSON value
        """Return a field's plain value, or ``None``; unlike :meth:`get`, report no repeated key."""
        if name not in self._read and name in self.value:
            self._read.add(name)
            self.report.ignored -= 1
        return self.value.get(name)

    def list_unread(self) -> list[str]:
        """Return the names of the fields that were not read, in the order of the object."""
        return [name for name in self.value if name not in self._read]

    def get(self, name: str) -> Any:  # noqa: ANN401 - any plain JSON value
        """Return a field's plain value, or ``None`` if it is absent; report a repeated key."""
        if name in self._repeated and name not in self._read:
            self.report_problem(name, "key.duplicate", field=ascii(name[:_SHOWN]))
        return self.look(name)

    def read_field(self, field: Field, currency: str = "") -> Any:  # noqa: ANN401 - as the field says
        """Return a field's value, or ``None`` if it is absent or has a (reported) problem."""
        value = self.get(field.name)
        if value is None or (
            value == "" and not field.is_required and field.read in _BLANK_IS_NULL
        ):
            if field.is_required:
                self.report_missing(field.name)
            return None
        try:
            found = field.read(value, currency)
        except WrongValue as wrong:
            self.report_problem(field.name, wrong.code, **wrong.facts)
            return None
        if isinstance(found, str) and "\x00" in found and not self.report.takes_nul:
            self.report_problem(field.name, "text.nul")
            return None
        return found

    def read_fields(self, fields: Iterable[Field], currency: str = "") -> dict[str, Any]:
        """
        Return the values of the fields that are present, by the attribute of the record.

        An item has some fifteen fields with a sound value. They are read here without a further
        call; :meth:`read_field` reports what is wrong with any other field (line 5c).
        """
        found: dict[str, Any] = {}
        present, was_read = self.value, self._read
        for field in fields:
            name = field.name
            if name not in present and not field.is_required:
                continue  # most fields of most records are absent
            value = present.get(name)
            if value is None or value == "" or name in self._repeated:
                value = self.read_field(field, currency)
            else:
                if name not in was_read:
                    was_read.add(name)
                    self.report.ignored -= 1
                try:
                    value = field.read(value, currency)
                except WrongValue:
                    value = self.read_field(field, currency)
                if type(value) is str and "\x00" in value:
                    value = self.read_field(field, currency)
            if value is not None:
                found[field.attribute] = value
        return found

    def read_child(self, name: str) -> Scope | None:
        """Return the object in a field, or ``None`` if it is absent or has a (reported) problem."""
        value = self.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, dict):
            self._report_type(name, "object", value)
            return None
        return Scope(value, self.build_path(name), self.report)

    def _report_type(self, name: str, wanted: str, value: object) -> None:
        self.report_problem(name, "value.type", type=wanted, value=quote_value(value))

    def read_elements(self, name: str, *, one_or_more: bool = False) -> Iterator[tuple[str, Any]]:
        """
        Yield each element of the array in a field, as (``items[0]``, plain value).

        With ``one_or_more`` a single object counts as an array of one.
        """
        value = self.get(name)
        if value is None or value == "":
            return
        if one_or_more and isinstance(value, dict):
            yield name, value
            return
        if not isinstance(value, list):
            self._report_type(name, "array", value)
            return
        for place, element in enumerate(value):
            yield f"{name}[{place}]", element

    def read_objects(
        self, name: str, *, one_or_more: bool = False
    ) -> Iterator[tuple[dict[str, Any], str]]:
        """
        Yield the objects in the array of a field, as (object, path); report other values.

        With ``one_or_more`` a single object counts as an array of one.
        """
        for place, element in self.read_elements(name, one_or_more=one_or_more):
            if isinstance(element, LocatedObject):
                yield element.value, element.path
            elif isinstance(element, dict):
                path = self.build_path(place)
                # An answer of v2.0 wraps its content.
                inner = element.get("data") if "id" not in element else None
                if isinstance(inner, dict):
                    yield inner, f"{path}.data"
                else:
                    yield element, path
            else:
                self._report_type(place, "object", element)

    def read_children(self, name: str, *, one_or_more: bool = False) -> Iterator[Scope]:
        """
        Yield the objects in the array of a field, opened for reading; report other values.

        With ``one_or_more`` a single object counts as an array of one.
        """
        for value, path in self.read_objects(name, one_or_more=one_or_more):
            yield Scope(value, path, self.report)

    def read_values(self, name: str, read: Reader) -> list[Any]:
        """Return the values in the array of a field; report those that are not valid."""
        found = []
        for place, element in self.read_elements(name):
            try:
                found.append(read(element, ""))
            except WrongValue as wrong:
                self.report_problem(place, wrong.code, **wrong.facts)
        return found

    def check_unique(self, seen: set[str], identity: str | None) -> None:
        """Report an id that is in ``seen``, the ids of former records of this kind, and add it."""
        if identity is None:
            return
        if identity in seen:
            self.report_problem("id", "id.duplicate", id=ascii(identity))
        seen.add(identity)


def build_dump(
    kind: type[attrs.AttrsInstance], fields: Sequence[Field]
) -> Callable[[object], dict[str, Any]]:
    """Return a function that returns the plain object of an instance, without default values."""
    defaults = attrs.fields_dict(kind)
    rows = [(field.name, defaults[field.attribute].default) for field in fields]
    read = attrgetter(*(field.attribute for field in fields))

    def dump(instance: object) -> dict[str, Any]:
        return {
            name: dump_value(value)
            for (name, default), value in zip(rows, read(instance), strict=True)
            if value is not default and value != default
        }

    return dump


def dump_fields(instance: attrs.AttrsInstance, fields: Sequence[Field]) -> dict[str, Any]:
    """Return the plain object of an instance, without the fields that have their default."""
    defaults = attrs.fields_dict(type(instance))
    plain = {}
    for field in fields:
        value = getattr(instance, field.attribute)
        if value != defaults[field.attribute].default:
            plain[field.name] = dump_value(value)
    return plain
