"""
Reader of Procore's ERP metadata document into a declaration.

With this document an integration describes itself to Procore: its labels, the entities that it
exports, and rules about their fields. The tables here say which of these a declaration has a place
for. All others are reported, each with its path. A declaration has more than the document states,
as the handling of retainage; there it has the cautious value.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import attrs

from ...declaration import Declaration, ExportField, FieldRule, UnlinkForm, Validator
from ...declaration.contradictions import find_contradictions
from ...documents import InvalidDocument
from ...vocabulary import Feature, Support
from .fields import Field, Report, Scope
from .json_text import decode, parse
from .problem_rows import build_problem
from .values import (
    WrongValue,
    build_unknown,
    build_wrong_type,
    quote_value,
    read_count,
    read_flag,
    read_id,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...documents import Problem


#: The default largest size of a metadata document, in bytes.
MAX_METADATA_SIZE: Final = 1024 * 1024
#: The most parts that are reported as not expressed.
MOST_REPORTED: Final = 1_000
_MOST_EXTRA_FIELDS = 100
_LONGEST_LABEL = 255
_LONGEST_MESSAGE = 1_000
_SHOWN = 60
#: The most characters that a text field or a number can have.
_LARGEST_LIMIT = 100_000

#: The approver edits the id that the invoice gets in the ERP.
_ERP_NUMBER = "erp_invoice_number"
#: The fields of an entity in Procore's words, by their names in a declaration.
_FIELDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "requisitions": MappingProxyType(
            {
                "invoice_number": "invoice_number",
                "billing_date": "billing_date",
                "number": "number",
                "requisition_start": "period_start",
                "requisition_end": "period_end",
                "origin_code": _ERP_NUMBER,
            }
        ),
        "commitments": MappingProxyType(
            {"number": "commitment_number", "title": "commitment_title"}
        ),
    }
)
_COUNTING: Final = frozenset(
    {
        Validator.MAX_LENGTH,
        Validator.MAX_LENGTH_UNITS,
        Validator.MAX_LENGTH_DECIMAL,
        Validator.MAX_LINE_LENGTH,
    }
)
_SUPPORT: Final = MappingProxyType({True: Support.FULL, False: Support.MISSING})
_VALIDATORS: Final = MappingProxyType({validator.value: validator for validator in Validator})
#: The types of an extra field, and whether it is a date.
_TYPES: Final = MappingProxyType({"date": True, "string": False})


@attrs.frozen(kw_only=True)
class ErpMetadata:
    """
    A metadata document after reading.

    Attributes:
        declaration: The declaration; ``None`` if there is a problem.
        problems: The reasons why the document cannot be read, each with its path.
        not_expressed: The parts for which a declaration has no place, each with its path; at most
            1,000, and a last entry with the number of the others.
    """

    declaration: Declaration | None = None
    problems: tuple[Problem, ...] = ()
    not_expressed: tuple[Problem, ...] = ()


def read_erp_metadata(data: bytes, *, key: str, max_size: int = MAX_METADATA_SIZE) -> ErpMetadata:
    """
    Return the declaration that a metadata document gives, or its problems.

    Args:
        data: The metadata document, JSON in UTF-8.
        key: The key of the declaration.
        max_size: The largest size of the document, in bytes.

    Raises:
        ValueError: The key is malformed.
    """
    Declaration(key=key, name=key)  # checks the key before the document
    try:
        value = parse(decode(data, max_size=max_size))
    except InvalidDocument as invalid:
        return ErpMetadata(problems=invalid.problems)
    if not isinstance(value, dict):
        wrong = build_wrong_type("object", value)
        return ErpMetadata(problems=(build_problem("", wrong.code, **wrong.facts),))
    report = Report()
    declaration = _Reader(report).read(Scope(value, "", report), key)
    not_expressed = tuple(report.warnings[:MOST_REPORTED])
    more = len(report.warnings) - len(not_expressed)
    if more:
        not_expressed += (build_problem("", "metadata.cut", count=more),)
    return ErpMetadata(
        declaration=None if report.problems else declaration,
        problems=tuple(report.problems),
        not_expressed=not_expressed,
    )


def _read_short(value: object, longest: int) -> str:
    text = read_text(value)
    if len(text) > longest:
        raise WrongValue("text.too_long", most=f"{longest:,}")
    return text


def _read_label(value: object, _currency: str = "") -> str:
    label = _read_short(value, _LONGEST_LABEL)
    if not label.strip():
        raise WrongValue("value.blank", type="text")
    return label


def _read_key(value: object, _currency: str = "") -> str:
    return read_id(read_text(value))


def _read_message(value: object, _currency: str = "") -> str:
    return _read_short(value, _LONGEST_MESSAGE)


def _read_limit(value: object, _currency: str = "") -> int:
    limit = read_count(value)
    if limit > _LARGEST_LIMIT:
        raise WrongValue("number.range", value=quote_value(value), most=f"{_LARGEST_LIMIT:,}")
    return limit


_NAME = Field("name", "name", _read_label, is_required=True)
_ID_NAME = Field("id_name", "label", _read_label)
_ENABLED = Field("enabled", "enabled", read_flag)
_KEY = Field("key", "key", _read_key, is_required=True)
_LABEL = Field("label", "label", _read_label, is_required=True)
_TYPE = Field("type", "type", _read_label, is_required=True)
_LENGTH = Field("length", "limit", _read_limit, is_required=True)
_MESSAGE = Field("message", "message", _read_message)


def _shorten(name: str) -> str:
    """Return the name of a field for a path, short and without control characters."""
    is_plain = name.isascii() and name.isidentifier() and len(name) <= _SHOWN
    return name if is_plain else ascii(name)[:_SHOWN]


def _leave(scope: Scope, *names: str) -> None:
    """Warn that a declaration has no place for the named and the unread fields of an object."""
    for name in [*names, *scope.list_unread()]:
        scope.look(name)  # so that it is reported once
        scope.warn(_shorten(name), "metadata.not_expressed")


def _is_enabled(scope: Scope | None) -> bool | None:
    """Return whether a block is enabled, or ``None`` if that is not stated."""
    enabled: bool | None = scope.read_field(_ENABLED) if scope else None
    return enabled


def _read_switch(scope: Scope | None, name: str) -> bool | None:
    """
    Return whether the named block is enabled, or ``None`` if that is not stated.

    No other field of the block is read; each is reported.
    """
    child = scope.read_child(name) if scope else None
    if child is None:
        return None
    enabled = _is_enabled(child)
    _leave(child)
    return enabled


@attrs.frozen
class _Export:
    """
    The settings of the metadata document for the export of an entity, such as requisitions.

    Attributes:
        configs: The block of the entity that has the export.
        block: The block of the export.
        is_exported: True if the entity and its export are enabled, False if one of them is not;
            ``None`` if that is not stated.
    """

    configs: Scope | None
    block: Scope | None
    is_exported: bool | None

    @classmethod
    def read(cls, entity: Scope) -> _Export:
        """Return the export settings of an entity."""
        configs = entity.read_child("configs")
        block = configs.read_child("export") if configs else None
        switches = (_is_enabled(entity), _is_enabled(block))
        is_exported = False if False in switches else None if None in switches else True
        return cls(configs, block, is_exported)

    def leave(self, entity: Scope, *, is_used: bool) -> None:
        """
        Report the unread fields of the entity and its export.

        The flags ``enabled`` are reported too if the declaration does not use them (``is_used`` is
        False).
        """
        for scope in (self.block, entity):
            if scope is not None:
                is_lost = not is_used and scope.look("enabled") is not None
                _leave(scope, *(("enabled",) if is_lost else ()))
        if self.configs is not None:
            _leave(self.configs)


@attrs.define
class _Reader:
    """Reads a metadata document and collects the parts of the declaration."""

    report: Report
    features: dict[Feature, Support] = attrs.field(factory=dict)
    rules: list[FieldRule] = attrs.field(factory=list)
    extra_fields: dict[str, ExportField] = attrs.field(factory=dict)
    unlink: UnlinkForm = UnlinkForm.IMPOSSIBLE
    #: The label of the id in the ERP, and whether a field has it.
    id_label: str = ""
    uses_id_label: bool = False

    def read(self, document: Scope, key: str) -> Declaration | None:
        """Return the declaration, or ``None`` after its problems were reported."""
        settings = self._require(document, "settings")
        if settings is None:
            return None
        labels = self._require(settings, "labels")
        name = labels.read_field(_NAME) if labels else None
        self.id_label = (labels.read_field(_ID_NAME) if labels else None) or ""
        entities = self._require(settings, "entities")
        if entities is not None:
            self._read_requisitions(entities)
            self._read_commitments(entities)
            self._read_change_orders(entities)
            _leave(entities)
        if labels is not None:
            is_lost = self.id_label and not self.uses_id_label
            _leave(labels, *(("id_name",) if is_lost else ()))
        _leave(settings)
        _leave(document)
        if document.has_problems or name is None:
            return None
        declaration = Declaration(
            key=key,
            name=name,
            features=self.features,
            field_rules=tuple(self.rules),
            extra_fields=tuple(self.extra_fields.values()),
            unlink=self.unlink,
        )
        contradictions = find_contradictions(declaration)
        for why in contradictions:
            document.report_problem("settings", "metadata.contradiction", why=why)
        return None if contradictions else declaration

    def _require(self, scope: Scope, name: str) -> Scope | None:
        child, given = scope.read_child(name), scope.look(name)
        if given is None or given == "":
            scope.report_missing(name)
        return child

    def _read_requisitions(self, entities: Scope) -> None:
        entity = entities.read_child("requisitions")
        if entity is None:
            return
        export = _Export.read(entity)
        if export.is_exported is not None:
            self.features[Feature.INVOICES] = _SUPPORT[export.is_exported]
        if export.block is not None:
            self._read_custom_fields(export.block)
        can_unlink = _read_switch(export.configs, "unlink")
        if can_unlink is not None:
            self.features[Feature.UNLINK] = _SUPPORT[can_unlink]
            # The cautious form: the document does not say whether the ERP must delete it first.
            self.unlink = UnlinkForm.DELETE_FIRST if can_unlink else UnlinkForm.IMPOSSIBLE
        self._read_rules(entity, "requisitions")
        export.leave(entity, is_used=export.is_exported is not None)

    def _read_commitments(self, entities: Scope) -> None:
        entity = entities.read_child("commitments")
        if entity is None:
            return
        export = _Export.read(entity)
        kinds = (
            ("export_subcontracts", Feature.SUBCONTRACTS),
            ("export_purchase_orders", Feature.PURCHASE_ORDERS),
        )
        for name, feature in kinds:
            is_kind = _read_switch(export.configs, name)
            if is_kind is None or export.configs is None:
                continue
            if export.is_exported:
                self.features[feature] = _SUPPORT[is_kind]
            else:
                # Without export of commitments it is not stated which invoices are taken.
                _leave(export.configs, name)
        self._read_rules(entity, "commitments")
        export.leave(entity, is_used=export.is_exported is True)

    def _read_change_orders(self, entities: Scope) -> None:
        entity = entities.read_child("commitment_change_orders")
        if entity is None:
            return
        export = _Export.read(entity)
        if export.is_exported:
            self.features[Feature.CHANGE_ORDERS] = Support.FULL
        export.leave(entity, is_used=export.is_exported is True)

    def _read_custom_fields(self, scope: Scope) -> None:
        for place, child in enumerate(scope.read_children("custom_fields")):
            if place >= _MOST_EXTRA_FIELDS:
                most = _MOST_EXTRA_FIELDS
                scope.report_problem("custom_fields", "metadata.too_many", most=most)
                return
            self._read_custom_field(child)

    def _read_custom_field(self, child: Scope) -> None:
        key, label = child.read_field(_KEY), child.read_field(_LABEL)
        kind = child.read_field(_TYPE)
        if isinstance(kind, str) and kind not in _TYPES:
            wrong = build_unknown(_TYPES, kind)
            child.report_problem("type", wrong.code, **wrong.facts)
        rules = child.read_child("rules")
        validation = rules.read_child("validation") if rules else None
        if key is None or label is None or child.has_problems:
            return
        if key in self.extra_fields:
            child.report_problem("key", "id.duplicate", key=quote_value(key))
            return
        is_required = self._read_validation(validation, key, at_export=True, is_extra=True)
        self.extra_fields[key] = ExportField(
            key=key, label=label, required=is_required, is_date=_TYPES.get(kind, False)
        )
        for each in (rules, child):
            if each is not None:
                _leave(each)

    def _read_rules(self, entity: Scope, name: str) -> None:
        rules = entity.read_child("rules")
        if rules is None:
            return
        for section in ("save", "export"):
            block = rules.read_child(section)
            fields = block.read_child("fields") if block else None
            if block is None:
                continue
            for field, declared in _FIELDS[name].items():
                child = fields.read_child(field) if fields else None
                if child is not None:
                    # A commitment is in the ERP before its invoices, which are checked at sending.
                    at_export = section == "export" and name == "requisitions"
                    self._read_field(child, declared, at_export=at_export)
            if fields is not None:
                _leave(fields)
            _leave(block)
        _leave(rules)

    def _read_field(self, child: Scope, field: str, *, at_export: bool) -> None:
        is_enabled = _is_enabled(child)
        validation = child.read_child("validation")
        if is_enabled is False:
            return
        is_number = field == _ERP_NUMBER
        is_required = self._read_validation(
            validation, field, at_export=at_export or is_number, is_extra=is_number
        )
        if is_number and validation is not None:
            known = self.extra_fields.get(field)
            if known is None:
                self.uses_id_label = True
                known = ExportField(key=field, label=self.id_label or "ERP invoice id")
            self.extra_fields[field] = attrs.evolve(known, required=known.required or is_required)
        _leave(child)

    def _read_validation(
        self, validation: Scope | None, field: str, *, at_export: bool, is_extra: bool
    ) -> bool:
        """
        Add the rules of a field to the declaration, and return whether an extra field is required.

        ``at_export`` is True for rules that are checked at the export, and not at sending. For an
        extra field, the rule ``present`` is not added: the field is required instead.
        """
        is_required = False
        if validation is None:
            return is_required
        for validator, rule in self._list_validators(validation):
            limit = rule.read_field(_LENGTH) if validator in _COUNTING else None
            if is_extra and validator is Validator.PRESENT:
                is_required = True  # the sentence of an extra field is ours
            elif not rule.has_problems:
                message = (rule.read_field(_MESSAGE) or "").strip() or None
                given: dict[str, Any] = {"field": field, "limit": limit, "message": message}
                self._add_rule(FieldRule(validator=validator, at_export=at_export, **given), rule)
            _leave(rule)
        _leave(validation)
        return is_required

    def _add_rule(self, rule: FieldRule, scope: Scope) -> None:
        """Add a rule; of two rules of one kind for the same field only the stricter one stays."""
        same = [
            each
            for each in self.rules
            if (each.field, each.validator) == (rule.field, rule.validator)
        ]
        if not same:
            self.rules.append(rule)
            return
        (former,) = same
        if rule.limit is not None and (former.limit or 0) > rule.limit:
            self.rules[self.rules.index(former)] = rule
        kind = rule.validator.value
        scope.warn("", "metadata.not_expressed", validator=kind, field=rule.field)

    @staticmethod
    def _list_validators(validation: Scope) -> Iterator[tuple[Validator, Scope]]:
        """Yield the enabled validators of a field; a validator without the flag is enabled."""
        for name, validator in _VALIDATORS.items():
            rule = validation.read_child(name)
            if rule is not None and _is_enabled(rule) is not False:
                yield validator, rule
