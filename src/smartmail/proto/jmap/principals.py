"""Principal and ShareNotification (RFC 9670), and our own Delegation: rights on a whole account."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from msgspec import UNSET, Struct, UnsetType

from smartmail.proto.jmap.core import Id, UTCDate

PrincipalType = Literal["individual", "group", "resource", "location", "other"]


class Principal(Struct, frozen=True, rename="camel"):
    """RFC 9670 §2.1; `department`, `title`, `absence` and `photo` (where a photograph lies) are ours."""

    id: str
    type: PrincipalType | UnsetType = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    time_zone: str | UnsetType | None = UNSET
    capabilities: Mapping[str, Any] | UnsetType = UNSET
    accounts: Mapping[str, Any] | UnsetType | None = UNSET
    department: str | UnsetType | None = UNSET
    title: str | UnsetType | None = UNSET
    absence: "PrincipalAbsence | UnsetType | None" = UNSET
    photo: str | UnsetType | None = UNSET


class PrincipalAbsence(Struct, frozen=True, rename="camel"):
    """Ours: somebody is away. `kind`: leave or secondment; `until` null: nobody knows yet."""

    kind: str
    until: str | None


PRINCIPAL_PROPERTIES: Final = ("id", "type", "name", "description", "email", "timeZone", "capabilities", "accounts")
OWN_PRINCIPAL_PROPERTIES: Final = ("department", "title", "absence", "photo")
"""Only for who names our own capability."""


class PrincipalFilter(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 9670 §2.5.1; `department` and `title` are ours."""

    account_ids: list[Id] | UnsetType = UNSET
    email: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    department: str | UnsetType = UNSET
    title: str | UnsetType = UNSET


PRINCIPAL_SORTS: Final = frozenset({"name", "email"})


class Entity(Struct, frozen=True, rename="camel"):
    """RFC 9670 §3.2: who made a change."""

    name: str
    email: str | None
    principal_id: str | None


class ShareNotification(Struct, frozen=True, rename="camel"):
    """RFC 9670 §3.2."""

    id: str
    created: str | UnsetType = UNSET
    changed_by: Entity | UnsetType = UNSET
    object_type: str | UnsetType = UNSET
    object_account_id: str | UnsetType = UNSET
    object_id: str | UnsetType = UNSET
    old_rights: Mapping[str, bool] | UnsetType | None = UNSET
    new_rights: Mapping[str, bool] | UnsetType | None = UNSET
    name: str | UnsetType = UNSET


NOTIFICATION_PROPERTIES: Final = ShareNotification.__struct_encode_fields__


class NotificationFilter(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 9670 §3.6.1."""

    after: UTCDate | UnsetType | None = UNSET
    before: UTCDate | UnsetType | None = UNSET
    object_type: str | UnsetType = UNSET
    object_account_id: Id | UnsetType = UNSET


NOTIFICATION_SORTS: Final = frozenset({"created"})


class Delegation(Struct, frozen=True, rename="camel"):
    """Rights of one principal on the whole account. `rights`: letters of RFC 4314, sendAs, sendOnBehalf; `role`: the word
    for the letters, `custom` for any other set; `ends`: when they end by themselves.
    """

    id: str
    principal_id: str | UnsetType = UNSET
    rights: Sequence[str] | UnsetType = UNSET
    role: str | UnsetType = UNSET
    ends: str | UnsetType | None = UNSET


class DelegationCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """`role` stands for its letters; `rights` come on top, or alone."""

    principal_id: Id
    role: str | None = None
    rights: list[str] = []
    ends: UTCDate | None = None


class DelegationPatch(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The new whole of the rights. Without `ends` they end when the former did."""

    role: str | None = None
    rights: list[str] = []
    ends: UTCDate | UnsetType | None = UNSET
