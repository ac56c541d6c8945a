"""PushSubscription and what is sent to its address (RFC 8620 §7.2): of a person's device, not of an account."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from smartmail.proto.jmap.core import Id, Object, UTCDate
from smartmail.proto.jmap.errors import SetError


class PushKeys(Struct, frozen=True):
    """RFC 8620 §7.2: both in base64url."""

    p256dh: str
    auth: str


class PushSubscription(Struct, frozen=True, rename="camel"):
    """RFC 8620 §7.2, without address and keys: those are never told again."""

    id: str
    device_client_id: str | UnsetType = UNSET
    verification_code: str | UnsetType | None = UNSET
    expires: str | UnsetType | None = UNSET
    types: Sequence[str] | UnsetType | None = UNSET


PUSH_PROPERTIES: Final = ("id", "deviceClientId", "verificationCode", "expires", "types")
PUSH_SECRETS: Final = frozenset({"url", "keys"})
PUSH_UPDATABLE: Final = frozenset({"verificationCode", "expires", "types"})


class PushCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8620 §7.2.2."""

    device_client_id: str
    url: str
    keys: PushKeys | None = None
    expires: UTCDate | None = None
    types: list[str] | None = None


class PushGetArguments(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8620 §7.2.1: no account."""

    ids: list[Id] | None = None
    properties: list[str] | None = None


class PushGetAnswer(Struct, frozen=True, rename="camel"):
    """RFC 8620 §7.2.1: no account, no state."""

    list: Sequence[Any]
    not_found: Sequence[str]


class PushSetArguments(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8620 §7.2.2: no account, no state."""

    create: dict[Id, Object] | None = None
    update: dict[str, Object] | None = None
    destroy: list[str] | None = None


class PushSetAnswer(Struct, frozen=True, rename="camel"):
    """RFC 8620 §7.2.2."""

    created: Mapping[str, Any] | None = None
    updated: Mapping[str, Any] | None = None
    destroyed: Sequence[str] | None = None
    not_created: Mapping[str, SetError] | None = None
    not_updated: Mapping[str, SetError] | None = None
    not_destroyed: Mapping[str, SetError] | None = None


def verification(subscription_id: str, code: str) -> bytes:
    """Return the PushVerification object (RFC 8620 §7.2.2)."""
    return msgspec.json.encode(
        {"@type": "PushVerification", "pushSubscriptionId": subscription_id, "verificationCode": code}
    )
