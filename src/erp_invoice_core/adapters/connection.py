"""ERP connections: an adapter with the settings of one company's ERP."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from ..values import Value
from .redaction import SHORTEST_SECRET
from .settings import Secret, SettingValue

if TYPE_CHECKING:
    from ..flow import RetryPolicy
    from .limits import Limits
    from .mappings import Mappings


def _freeze(settings: Mapping[str, SettingValue]) -> Mapping[str, SettingValue]:
    return MappingProxyType(dict(settings))


@attrs.frozen(eq=False, repr=False)
class Connection(Value):
    """
    An ERP connection: its name, the key of its adapter, and the settings of one company.

    The settings have the types that the adapter declares. Queue entries store the name of the
    connection. ``repr`` shows no secret. A connection without ``limits`` or ``retry_policy`` has
    those of the worker. ``mappings`` returns the ids in the ERP for codes of the source.

    Raises:
        ValueError: A secret is shorter than 8 characters, too short to redact.
    """

    name: str
    adapter: str
    settings: Mapping[str, SettingValue] = attrs.field(factory=dict, converter=_freeze, hash=False)
    limits: Limits | None = attrs.field(default=None, kw_only=True)
    retry_policy: RetryPolicy | None = attrs.field(default=None, kw_only=True)
    mappings: Mappings | None = attrs.field(default=None, kw_only=True, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        for setting, value in self.settings.items():
            if isinstance(value, Secret) and len(value.reveal()) < SHORTEST_SECRET:
                msg = (
                    f"The secret {setting} of connection {self.name} is shorter than"
                    f" {SHORTEST_SECRET} characters."
                )
                raise ValueError(msg)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets among the settings, as texts."""
        values = self.settings.values()
        return tuple(value.reveal() for value in values if isinstance(value, Secret))
