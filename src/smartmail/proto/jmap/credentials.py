"""Shapes of our own Credential, Session and LoginAttempt (AR-8): what opens an account, which browsers
are signed in, who came to its doors.
"""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

from smartmail.proto.jmap.core import UTCDate


class CredentialObject(Struct, frozen=True, rename="camel", kw_only=True):
    """One credential. Empty `doors` or `networks`: no bound. The secret is told once, in the answer that made it."""

    id: str
    kind: str
    label: str
    doors: Sequence[str]
    scopes: Sequence[str]
    networks: Sequence[str]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    last_used_door: str
    last_used_address: str
    last_used_country: str


class CredentialWish(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A credential to be made. `doors` are an app password's, `scopes` a token's, `certificate` (PEM) a certificate's."""

    kind: Literal["app", "token", "certificate"] = "app"
    label: str
    doors: list[str] = []
    scopes: list[str] = []
    networks: list[str] = []
    expires_at: UTCDate | None = None
    certificate: str | UnsetType = UNSET


class SessionObject(Struct, frozen=True, rename="camel", kw_only=True):
    """One signed-in browser."""

    id: str
    created_at: str
    last_seen_at: str
    expires_at: str
    address: str
    device: str
    is_current: bool


class AttemptObject(Struct, frozen=True, rename="camel", kw_only=True):
    """One knock on a door. `result` is "ok" or why not; `credentialId` is what was shown, if it was any of the account's;
    `country` where the address lay, null where no table says.
    """

    id: str
    at: str
    door: str
    address: str
    country: str | None
    result: str
    credential_id: str | None


class AttemptFilter(Struct, frozen=True, rename="camel"):
    """Which attempts are wanted."""

    door: str | UnsetType = UNSET
    result: str | UnsetType = UNSET
    failed: bool | UnsetType = UNSET
    after: UTCDate | UnsetType = UNSET
    before: UTCDate | UnsetType = UNSET


ATTEMPT_PROPERTIES: Final = AttemptObject.__struct_encode_fields__
ATTEMPT_SORTS: Final = frozenset({"at"})
