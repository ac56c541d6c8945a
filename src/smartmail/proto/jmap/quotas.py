"""Quota (RFC 9425)."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType


class Quota(Struct, frozen=True, rename="camel"):
    """RFC 9425 §4. What was not asked for stays UNSET."""

    id: str
    resource_type: Literal["count", "octets"] | UnsetType = UNSET
    used: int | UnsetType = UNSET
    hard_limit: int | UnsetType = UNSET
    scope: Literal["account", "domain", "global"] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    types: Sequence[str] | UnsetType = UNSET
    warn_limit: int | UnsetType | None = UNSET
    soft_limit: int | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET


QUOTA_PROPERTIES: Final = Quota.__struct_encode_fields__
# RFC 9425 §5.2: when nothing but what is used has changed.
QUOTA_COUNTS: Final = ("used",)


class QuotaFilter(Struct, frozen=True, rename="camel"):
    """RFC 9425 §5.4."""

    name: str | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    resource_type: str | UnsetType = UNSET
    type: str | UnsetType = UNSET


QUOTA_SORTS: Final = frozenset({"name", "used"})
